"""ACTIONS: the one table of everything a person can do; menus, toolbar and help come from it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeySequence

from image2map_gui.core.export.folders import CLUSTER, LABEL, UNIT
from image2map_gui.core.images.samples import SAMPLES
from image2map_gui.ui import export_handlers, handlers, selection_handlers
from image2map_gui.ui.action import Action
from image2map_gui.ui.answer_actions import CLASSIFYING, COPYING, JUDGING, LABELLING
from image2map_gui.ui.handlers import Context
from image2map_gui.ui.layers import LAYERS
from image2map_gui.ui.past import TimeTravel
from image2map_gui.ui.session import Session

_ZOOM = 1.25
_SELECT = "&Edit/&Select"


_ON_THE_MAP = (
    ("Arrow keys", "Go from unit to unit, while the map has the focus"),
    ("Home, End", "Go to the ends of a row; with Ctrl to the first and the last unit"),
    ("Page Up, Down", "Go five rows up or down"),
    ("Shift+arrows", "Select all units from where it began"),
    ("Ctrl+click", "Select a unit too, or no longer"),
    ("Shift+click", "Select the rectangle of units as far as this one"),
    ("Shift+drag", "Select the units in a rectangle; with Ctrl too"),
    ("1 to 9, 0", "Give the selected pictures one of the first labels, or take it off"),
    ("Alt+drag", "Select the units in a lasso; with Ctrl too"),
)


def _show_keys(context: Context) -> None:
    lines = []
    for action in ACTIONS:
        keys = QKeySequence(action.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        if keys:
            lines.append(f"{keys:<18}{action.text.rstrip('…')}")
    lines += [f"{keys:<18}{what}" for keys, what in _ON_THE_MAP]
    keys = ", ".join(f"{key} {title}" for _, title, key in LAYERS if key)
    lines.append(f"{'Letters':<18}Layers, while the map has the focus: {keys}")
    lines.append(f"{'Space':<18}Show a picture large, while a list of pictures has the focus")
    context.dialogs.text("Keyboard shortcuts", "\n".join(lines))


def _layer(name: str) -> Callable[[Context], None]:
    return lambda context: context.session.layers.choose(context.session.layers.wished(name))


# --- when they can be done ----------------------------------------------------------------------


def _has_pictures(session: Session) -> bool:
    return bool(session.sources)


def _has_pictures_at_rest(session: Session) -> bool:
    return bool(session.sources) and not session.activity


def _can_train(session: Session) -> bool:
    return bool(session.sources) and session.activity in ("", "training")


def _can_go_on(session: Session) -> bool:
    return session.model is not None and not session.activity


def _has_labelled_map(session: Session) -> bool:
    return _can_go_on(session) and bool(session.layers.labels)


def _can_step(session: Session) -> bool:
    return _can_train(session) and (not session.training or session.paused)


def _can_save(session: Session) -> bool:
    return bool(session.sources) and session.activity in ("", "training", "measuring")


def _is_busy(session: Session) -> bool:
    return bool(session.activity)


def _has_map(session: Session) -> bool:
    return session.map is not None


def _has_past(session: Session) -> bool:
    return len(session.times.epochs) > 1


def _is_other_run(session: Session) -> bool:
    return session.runs.chosen_run is not None and session.runs.chosen != session.runs.shown


def _to_now(times: TimeTravel) -> None:
    times.stop()
    times.now()


def _has_chosen(session: Session) -> bool:
    return bool(session.chosen)


def _has_units(session: Session) -> bool:
    return session.map is not None and bool(len(session.selection.units))


def _has_selection(session: Session) -> bool:
    return _has_units(session) or _has_chosen(session)


def _has_excluded(session: Session) -> bool:
    return not session.parts.excluded.isdisjoint(session.chosen)


def _may_exclude(session: Session) -> bool:
    return bool(session.chosen) and not session.parts.excluded.issuperset(session.chosen)


def _undo_title(session: Session) -> str:
    return f"&Undo {_plain(session.curator.undo_text)}".rstrip()


def _redo_title(session: Session) -> str:
    return f"&Redo {_plain(session.curator.redo_text)}".rstrip()


def _plain(text: str) -> str:
    """Return a text for a menu that holds a label, which may hold anything."""
    return " ".join(text.replace("&", "&&").split())


# --- the table ----------------------------------------------------------------------------------

Keys = QKeySequence.StandardKey
ACTIONS: tuple[Action, ...] = (
    Action(
        "new", "&File", "&New", handlers.new, Keys.New, "new", "Close what is open, start empty"
    ),
    Action(
        "open-folder", "&File", "Open picture &folder…", handlers.open_folder, "Ctrl+Shift+O",
        "open-folder", "Open a folder with all its sub-folders; sub-folders become labels",
    ),
    Action(
        "open-project", "&File", "&Open project…", handlers.open_project, Keys.Open, "open-project",
        "Open a saved map",
    ),
    Action(
        "add", "&File", "&Add pictures…", handlers.add, "Ctrl+I", "add",
        "Add picture files to the collection; a map that is there stays as it is",
        enabled=_has_pictures, separated=True,
    ),
    Action(
        "add-folder", "&File", "Add a folder…", handlers.add_folder, "Ctrl+Alt+I", "open-folder",
        "Add a folder of pictures to the collection", enabled=_has_pictures,
    ),
    Action(
        "locate", "&File", "&Locate pictures…", handlers.locate,
        tip="Find pictures again whose folder was moved or renamed", enabled=_has_pictures_at_rest,
    ),
    *(
        Action(
            f"sample-{name}", "&File/Open &sample", text, handlers.sample(name), icon="sample",
            tip="Drawn by the program", separated=False,
        )
        for name, (text, _) in SAMPLES.items()
    ),
    Action(
        "save", "&File", "&Save", handlers.save_now, Keys.Save,
        "save", "Save pictures, settings and map as a project", enabled=_can_save, separated=True,
    ),
    Action(
        "save-as", "&File", "Save &as…", handlers.save_as_now,
        "Ctrl+Shift+S", "save", "Save under another name", enabled=_can_save,
    ),
    Action(
        "export-view", "&File/&Export", "&Map as picture…", export_handlers.export_view,
        tip="Save the map with the layer over it as PNG, SVG or PDF", enabled=_can_go_on,
    ),
    Action(
        "export-animation", "&File/&Export", "&Animation…", export_handlers.export_animation,
        tip="Save the learning as GIF, animated PNG or WebP: the map with its layer, epoch by "
        "epoch", enabled=_has_past,
    ),
    Action(
        "export-report", "&File/&Export", "&Report…", export_handlers.export_report,
        tip="Save settings, figures, views and curves as one page for any browser",
        enabled=_can_go_on,
    ),
    *(
        Action(
            f"export-folders-{by}", "&File/&Export", f"Pictures into folders by {key}…",
            export_handlers.export_folders(by), separated=by == UNIT,
            tip=f"Copy the pictures into folders by {by}; they stay where they are",
            enabled=_has_labelled_map if by == LABEL else _can_go_on,
        )
        for by, key in ((UNIT, "&unit"), (CLUSTER, "&cluster"), (LABEL, "&label"))
    ),
    *COPYING,
    Action(
        "export-assignments", "&File/&Export", "Units of the pictures as &table…",
        export_handlers.export_assignments, separated=True,
        tip="Write path, unit, distance and label of every picture to a CSV file",
        enabled=_can_go_on,
    ),
    Action(
        "export-weights", "&File/&Export", "&Weights as arrays…", export_handlers.export_weights,
        tip="Write the weights of the units to an NPZ file", enabled=_can_go_on,
    ),
    Action(
        "copy-command", "&File/&Export", "Copy as c&ommand", export_handlers.copy_command,
        tip="Copy the command that trains this map again", enabled=_can_go_on, separated=True,
    ),
    Action(
        "copy-python", "&File/&Export", "Copy as &Python", export_handlers.copy_python,
        tip="Copy the Python program that trains this map again", enabled=_can_go_on,
    ),
    Action(
        "quit", "&File", "&Quit", lambda context: context.stage.close_window(), Keys.Quit,
        tip="Leave the program", separated=True,
    ),
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
        "Copy the whole map with its layer as a picture", enabled=_has_map, separated=True,
    ),
    Action(
        "paste", "&Edit", "&Paste and classify", handlers.paste_to_classify, Keys.Paste, "paste",
        "Find out where the picture or the files in the clipboard belong", separated=True,
    ),
    Action(
        "paste-add", "&Edit", "Paste into the &collection", handlers.paste_to_collection,
        "Ctrl+Shift+V",
        "paste", "Add the picture or the files in the clipboard to the collection",
    ),
    Action(
        "find", "&Edit", "&Find pictures", lambda context: context.stage.find_pictures(), Keys.Find,
        "find", "Look for pictures by name or label", enabled=_has_pictures, separated=True,
    ),
    Action(
        "select-all", _SELECT, "Select &all", selection_handlers.select_all, Keys.SelectAll,
        tip="Select all units, or all pictures of the list with the focus", enabled=_has_pictures,
    ),
    Action(
        "select-none", _SELECT, "Select &none", selection_handlers.select_none, "Ctrl+Shift+A",
        tip="Select nothing", enabled=_has_pictures,
    ),
    Action(
        "select-invert", _SELECT, "&Invert selection", selection_handlers.invert, "Ctrl+Shift+I",
        tip="Select the other units, or the other pictures of the list with the focus",
        enabled=_has_pictures,
    ),
    Action(
        "select-similar", _SELECT, "&Grow to similar units", selection_handlers.grow,
        "Ctrl+G", tip="Select the neighbours too whose prototypes are like those selected",
        enabled=_has_units, separated=True,
    ),
    Action(
        "lasso", _SELECT, "Draw a la&sso", selection_handlers.draw_lasso, "Ctrl+L",
        tip="Draw around the units to select, as a drag with Alt does", enabled=_has_map,
    ),
    Action(
        "select-label", _SELECT, "Select by &label…", selection_handlers.by_label,
        tip="Select the pictures with some labels", enabled=_has_pictures, separated=True,
    ),
    Action(
        "select-text", _SELECT, "Select by &text…", selection_handlers.by_text, "Ctrl+Shift+F",
        tip="Select the pictures whose names contain a text", enabled=_has_pictures,
    ),
    Action(
        "select-list", _SELECT, "Select by l&ist…", selection_handlers.by_list,
        tip="Select the pictures that a list names", enabled=_has_pictures,
    ),
    Action(
        "save-selection", _SELECT, "Sa&ve selection…", selection_handlers.save_selection,
        tip="Keep the selected pictures under a name, in the project", enabled=_has_chosen,
        separated=True,
    ),
    Action(
        "selections", _SELECT, "Save&d selections…",
        lambda context: context.stage.show_tool("selections"),
        tip="Select, combine, rename and delete saved selections", enabled=_has_pictures,
    ),
    Action(
        "find-similar", "&Edit", "Find si&milar pictures", selection_handlers.find_similar,
        "Ctrl+M", "find", "Look for pictures like the selected picture or unit",
        enabled=_has_selection,
    ),
    Action(
        "label", "&Edit", "&Label pictures…", handlers.label, "F2", "label",
        "Give the selected pictures a label", enabled=_has_chosen,
    ),
    Action(
        "exclude", "&Edit", "&Exclude from training", handlers.exclude, "Ctrl+E", "exclude",
        "Leave the selected pictures out of the next trainings", enabled=_may_exclude,
    ),
    Action(
        "include", "&Edit", "&Include in training", handlers.include, "Ctrl+Shift+E", "include",
        "Take the selected pictures into the next trainings again", enabled=_has_excluded,
    ),
    Action(
        "remove", "&Edit", "&Remove from the collection", handlers.remove, Keys.Delete, "remove",
        "Take the selected pictures out of the collection; files are not touched",
        enabled=_has_chosen,
    ),
    Action(
        "show-in-folder", "&Edit", "Open the &folder of the picture", handlers.show_in_folder,
        icon="open-folder", tip="Show where the selected picture lies", enabled=_has_chosen,
        separated=True,
    ),
    Action(
        "copy-names", "&Edit", "Copy na&mes", selection_handlers.copy_names, icon="paste",
        tip="Copy the names of the selected pictures", enabled=_has_chosen,
    ),
    Action(
        "copy-paths", "&Edit", "Co&py path", handlers.copy_paths, "Ctrl+Shift+C", "paste",
        "Copy where the selected pictures are", enabled=_has_chosen,
    ),
    Action(
        "clear-matches", "&Edit", "Clear classified pictures",
        lambda context: context.session.clear_matches(), icon="clear",
        tip="Remove all pins; files are not touched",
        enabled=lambda session: bool(session.matches), separated=True,
    ),
    Action(
        "preferences", "&Edit", "P&references…", handlers.preferences, "Ctrl+,",
        tip="Change the limits beyond which files are skipped", separated=True,
    ),
    Action(
        "statistics", "&Collection", "&Statistics…",
        lambda context: context.stage.show_tool("statistics"), icon="info",
        tip="Sizes, formats, colours and labels of the pictures", enabled=_has_pictures,
    ),
    Action(
        "duplicates", "&Collection", "&Duplicates…",
        lambda context: context.stage.show_tool("duplicates"),
        tip="Find pictures that are there more than once, or nearly so", enabled=_has_pictures,
    ),
    *LABELLING,
    Action(
        "split", "&Collection", "&Training and test pictures…", handlers.split, icon="split",
        tip="Keep a share of the pictures for testing", enabled=_has_pictures, separated=True,
    ),
    Action(
        "watch", "&Collection", "&Watch folder for new pictures",
        lambda context: context.session.watch(on=not context.session.watching),
        tip="Add pictures that come into the opened folders; a map that is there places them",
        enabled=_has_pictures, separated=True, checked=lambda session: session.watching,
    ),
    Action(
        "all-pages", "&Collection", "All pages of &TIFF files", handlers.all_pages,
        tip="Take every page of a TIFF file as a picture of its own, not only the first",
        checked=lambda session: session.pages == "all",
    ),
    Action(
        "train", "&Map", "&Train", handlers.train_or_pause, "F5", "train",
        "Train a new map; while it forms, pause and go on", enabled=_can_train,
    ),
    Action(
        "go-on", "&Map", "&Go on training", lambda context: context.session.go_on(), "F7", "train",
        "Train this map for as many epochs again, from its last radius and rate",
        enabled=_can_go_on,
    ),
    Action(
        "step", "&Map", "One &epoch", lambda context: context.session.step(), "F6", "step",
        "Train for one epoch, then wait", enabled=_can_step,
    ),
    Action(
        "stop", "&Map", "&Stop", lambda context: context.session.stop(), "Esc", "stop",
        "Stop; the map reached so far is kept", enabled=_is_busy,
    ),
    Action(
        "roll-again", "&Map", "&Roll the dice again", lambda context: context.session.roll_again(),
        "Ctrl+Shift+R", "dice", "Train a new map with the same settings and another seed",
        enabled=_has_pictures_at_rest,
    ),
    *(
        Action(
            name, "&Map/T&ime", text, lambda context, go=go: go(context.session.times),  # type: ignore[misc]
            keys, icon, tip, enabled=_has_past, separated=name == "time-now",
        )
        for name, text, keys, icon, tip, go in (
            ("time-start", "To the &start", "Alt+Home", "first",
             "Show how the training began", TimeTravel.start),
            ("time-back", "Epoch &before", "Alt+Left", "chevron-left",
             "Show the map as it was one epoch before", lambda times: times.step(-1)),
            ("time-on", "Epoch &after", "Alt+Right", "chevron-right",
             "Show the map as it was one epoch later", lambda times: times.step(1)),
            ("time-now", "&Newest map", "Alt+End", "step",
             "Show the map as it is now", _to_now),
        )
    ),
    Action(
        "time-play", "&Map/T&ime", "&Play", lambda context: context.session.times.play(1),
        "Ctrl+Space", "train", "Play the learning, epoch by epoch; again to stop",
        enabled=_has_past, checked=lambda session: session.times.direction > 0, separated=True,
    ),
    Action(
        "time-play-back", "&Map/T&ime", "Play bac&kwards",
        lambda context: context.session.times.play(-1),
        "Ctrl+Shift+Space", "play-back", "Play the learning backwards; again to stop",
        enabled=_has_past, checked=lambda session: session.times.direction < 0,
    ),
    Action(
        "train-from", "&Map/T&ime", "Train on from &here",
        lambda context: context.session.go_on_from_here(),
        tip="Train on from the epoch that is shown; the map there is now stays among the runs",
        enabled=lambda session: session.past and _can_go_on(session), separated=True,
    ),
    Action(
        "run-restore", "&Map/R&uns", "&Restore", handlers.restore_run,
        tip="Open the map of the chosen run again; the one that is open stays in the list",
        enabled=lambda session: _is_other_run(session) and not session.activity,
    ),
    Action(
        "run-rename", "&Map/R&uns", "Re&name…", handlers.rename_run,
        tip="Call the chosen run something else",
        enabled=lambda session: session.runs.chosen_run is not None,
    ),
    Action(
        "run-delete", "&Map/R&uns", "&Delete…", handlers.delete_run,
        tip="Take the chosen run off the list", enabled=_is_other_run,
    ),
    Action(
        "measure", "&Map", "&Measure quality", handlers.measure, "F8", "measure",
        "Work out how closely and in what order this map shows its pictures",
        enabled=_can_go_on, separated=True,
    ),
    *JUDGING,
    *CLASSIFYING,
    Action(
        "quantize", "&Tools", "&Colour quantization…",
        lambda context: context.stage.show_tool("quantize"), icon="picture",
        tip="Paint a photo in the few colours that a map of its pixels learns",
    ),
    Action(
        "fit", "&View", "&Fit map", lambda context: context.stage.fit(), "Ctrl+0", "fit",
        "Show the whole map", enabled=_has_map,
    ),
    Action(
        "zoom-in", "&View", "Zoom &in", lambda context: context.stage.zoom(_ZOOM), Keys.ZoomIn,
        "zoom-in", "Enlarge the map", enabled=_has_map,
    ),
    Action(
        "zoom-out", "&View", "Zoom &out", lambda context: context.stage.zoom(1 / _ZOOM),
        Keys.ZoomOut, "zoom-out", "Reduce the map", enabled=_has_map,
    ),
    *(
        Action(
            f"layer-{name}", "&View/&Layer", f"{title}\t{key}" if key else title, _layer(name),
            tip=f"Show over the map: {title}", enabled=_has_map,
            checked=lambda session, name=name: session.layers.wish.name == name,  # type: ignore[misc]
        )
        for name, title, key in LAYERS
    ),
    Action(
        "preview", "&View", "&Preview picture", lambda context: context.stage.preview(),
        icon="picture", enabled=_has_pictures, separated=True,
        tip="Show the current picture of a list large; Space does so in the list",
    ),
    Action(
        "reset-layout", "&View", "&Reset layout", lambda context: context.stage.reset_layout(),
        icon="reset", tip="Put all parts of the window back in their places", separated=True,
    ),
    Action(
        "full-screen", "&View", "F&ull screen",
        lambda context: context.stage.toggle_full_screen(), "F11", tip="Fill the screen",
    ),
    Action(
        "skipped", "&Help", "Skipped &files…", handlers.show_skipped, icon="warning",
        tip="List the files that could not be read, with the reason",
        enabled=lambda session: bool(session.skipped),
    ),
    Action("keys", "&Help", "&Keyboard shortcuts", _show_keys, "F1", "info", "List all keys"),
    Action(
        "about", "&Help", "&About Image2Map", handlers.about, icon="info",
        tip="Versions and licence",
    ),
)  # fmt: skip
