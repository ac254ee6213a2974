"""The menu Edit: undo, clipboard, selection, pictures."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

from image2map_gui.ui.actions.action import Action
from image2map_gui.ui.actions.when import (
    has_chosen,
    has_excluded,
    has_map,
    has_pictures,
    has_selection,
    has_units,
    may_exclude,
)
from image2map_gui.ui.handlers import handlers, label_handlers, selection_handlers
from image2map_gui.ui.session.session import Session

Keys = QKeySequence.StandardKey
_SELECT = "&Edit/&Select"


def _undo_title(session: Session) -> str:
    return f"&Undo {_plain(session.curator.undo_text)}".rstrip()


def _redo_title(session: Session) -> str:
    return f"&Redo {_plain(session.curator.redo_text)}".rstrip()


def _plain(text: str) -> str:
    """Return a text for a menu that holds a label, which may hold anything."""
    return " ".join(text.replace("&", "&&").split())


EDIT: tuple[Action, ...] = (
    Action(
        "undo", "&Edit", "&Undo", lambda context: context.session.curator.undo(), Keys.Undo, "undo",
        "Take back the last change of the collection",
        enabled=lambda session: bool(session.curator.undo_text), title=_undo_title,
    ),
    Action(
        "redo", "&Edit", "&Redo", lambda context: context.session.curator.redo(),
        "Ctrl+Shift+Z", "redo",
        "Do again what was taken back",
        enabled=lambda session: bool(session.curator.redo_text), title=_redo_title,
    ),
    Action(
        "copy-map", "&Edit", "&Copy map picture", handlers.copy_map, Keys.Copy, "picture",
        "Copy the whole map with its layer as a picture", enabled=has_map, separated=True,
    ),
    Action(
        "paste", "&Edit", "&Paste and classify", handlers.paste_to_classify, Keys.Paste, "paste",
        "Find out where the picture or the files in the clipboard belong", separated=True,
    ),
    Action(
        "paste-add", "&Edit", "Paste in&to the collection", handlers.paste_to_collection,
        "Ctrl+Shift+V",
        "paste", "Add the picture or the files in the clipboard to the collection",
    ),
    Action(
        "find", "&Edit", "&Find pictures", lambda context: context.stage.find_pictures(), Keys.Find,
        "find", "Look for pictures by name or label", enabled=has_pictures, separated=True,
    ),
    Action(
        "select-all", _SELECT, "Select &all", selection_handlers.select_all, Keys.SelectAll,
        tip="Select all units, or all pictures of the list with the focus", enabled=has_pictures,
    ),
    Action(
        "select-none", _SELECT, "Select &none", selection_handlers.select_none, "Ctrl+Shift+A",
        tip="Select nothing", enabled=has_pictures,
    ),
    Action(
        "select-invert", _SELECT, "&Invert selection", selection_handlers.invert, "Ctrl+Shift+I",
        tip="Select the other units, or the other pictures of the list with the focus",
        enabled=has_pictures,
    ),
    Action(
        "select-similar", _SELECT, "&Grow to similar units", selection_handlers.grow,
        "Ctrl+G", tip="Select the neighbours too whose prototypes are like those selected",
        enabled=has_units, separated=True,
    ),
    Action(
        "lasso", _SELECT, "Draw a la&sso", selection_handlers.draw_lasso, "Ctrl+L",
        tip="Draw around the units to select, as a drag with Alt does", enabled=has_map,
    ),
    Action(
        "select-label", _SELECT, "Select by &label…", selection_handlers.by_label,
        tip="Select the pictures with some labels", enabled=has_pictures, separated=True,
    ),
    Action(
        "select-text", _SELECT, "Select by &text…", selection_handlers.by_text, "Ctrl+Shift+F",
        tip="Select the pictures whose names contain a text", enabled=has_pictures,
    ),
    Action(
        "select-list", _SELECT, "Select &by list…", selection_handlers.by_list,
        tip="Select the pictures that a list names", enabled=has_pictures,
    ),
    Action(
        "save-selection", _SELECT, "Sa&ve selection…", selection_handlers.save_selection,
        tip="Keep the selected pictures under a name, in the project", enabled=has_chosen,
        separated=True,
    ),
    Action(
        "selections", _SELECT, "Save&d selections…",
        lambda context: context.stage.show_tool("selections"),
        tip="Select, combine, rename and delete saved selections", enabled=has_pictures,
    ),
    Action(
        "find-similar", "&Edit", "Find si&milar pictures", selection_handlers.find_similar,
        "Ctrl+M", "find", "Look for pictures like the selected picture or unit",
        enabled=has_selection,
    ),
    Action(
        "label", "&Edit", "&Label pictures…", handlers.label, "F2", "label",
        "Give the selected pictures a label", enabled=has_chosen,
    ),
    Action(
        "label-cluster", "&Edit", "La&bel this cluster…", label_handlers.label_cluster,
        "Shift+F2", "label",
        "Give all pictures of the cluster of the selected unit a label", enabled=has_map,
    ),
    Action(
        "name-cluster", "&Edit", "Name t&his cluster…", label_handlers.name_cluster,
        tip="Call the cluster of the selected unit something else; its pictures keep their labels",
        enabled=has_map,
    ),
    Action(
        "exclude", "&Edit", "&Exclude from training", handlers.exclude, "Ctrl+E", "exclude",
        "Leave the selected pictures out of the next trainings", enabled=may_exclude,
    ),
    Action(
        "include", "&Edit", "&Include in training", handlers.include, "Ctrl+Shift+E", "include",
        "Take the selected pictures into the next trainings again", enabled=has_excluded,
    ),
    Action(
        "remove", "&Edit", "Remo&ve from the collection", handlers.remove, Keys.Delete, "remove",
        "Take the selected pictures out of the collection; files are not touched",
        enabled=has_chosen,
    ),
    Action(
        "show-in-folder", "&Edit", "&Open the folder of the picture", handlers.show_in_folder,
        icon="open-folder", tip="Show where the selected picture lies", enabled=has_chosen,
        separated=True,
    ),
    Action(
        "copy-names", "&Edit", "Copy n&ames", selection_handlers.copy_names, icon="paste",
        tip="Copy the names of the selected pictures", enabled=has_chosen,
    ),
    Action(
        "copy-paths", "&Edit", "Cop&y path", handlers.copy_paths, "Ctrl+Shift+C", "paste",
        "Copy where the selected pictures are", enabled=has_chosen,
    ),
    Action(
        "clear-matches", "&Edit", "Clear classifie&d pictures",
        lambda context: context.session.clear_matches(), icon="clear",
        tip="Remove all pins; files are not touched",
        enabled=lambda session: bool(session.matches), separated=True,
    ),
    Action(
        "preferences", "&Edit", "Prefere&nces…", handlers.preferences, "Ctrl+,",
        tip="Change the limits beyond which files are skipped", separated=True,
    ),
)  # fmt: skip
