"""The menu File: open, save, export, leave."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

from image2map_gui.core.export.folders import CLUSTER, LABEL, UNIT
from image2map_gui.core.images.samples import SAMPLES
from image2map_gui.ui.actions.action import Action
from image2map_gui.ui.actions.when import (
    can_go_on,
    can_save,
    has_labelled_map,
    has_matches,
    has_past,
    has_pictures,
    has_pictures_at_rest,
)
from image2map_gui.ui.handlers import answer_handlers, export_handlers, handlers, save_handlers

Keys = QKeySequence.StandardKey


FILE: tuple[Action, ...] = (
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
        "add", "&File", "Add p&ictures…", handlers.add, "Ctrl+I", "add",
        "Add picture files to the collection; a map that is there stays as it is",
        enabled=has_pictures, separated=True,
    ),
    Action(
        "add-folder", "&File", "A&dd a folder…", handlers.add_folder, "Ctrl+Alt+I", "open-folder",
        "Add a folder of pictures to the collection", enabled=has_pictures,
    ),
    Action(
        "locate", "&File", "&Locate pictures…", handlers.locate,
        tip="Find pictures again whose folder was moved or renamed", enabled=has_pictures_at_rest,
    ),
    *(
        Action(
            f"sample-{name}", "&File/Open sa&mple", f"&{text}", handlers.sample(name),
            icon="sample", tip="Drawn by the program",
        )
        for name, (text, _) in SAMPLES.items()
    ),
    Action(
        "save", "&File", "&Save", save_handlers.save, Keys.Save,
        "save", "Save pictures, settings and map as a project", enabled=can_save, separated=True,
    ),
    Action(
        "save-as", "&File", "Save &as…", save_handlers.save_as,
        "Ctrl+Shift+S", "save", "Save under another name", enabled=can_save,
    ),
    Action(
        "keep-pictures", "&File", "&Keep the pictures in the project",
        lambda context: context.session.keep_pictures(on=context.session.embed == "no"),
        tip="Save the pictures as the map sees them with the project: it opens anywhere, without "
        "their files, and is larger", enabled=has_pictures,
        checked=lambda session: session.embed != "no",
    ),
    Action(
        "export-view", "&File/&Export", "&Map as picture…", export_handlers.export_view,
        tip="Save the map with the layer over it as PNG, SVG or PDF", enabled=can_go_on,
    ),
    Action(
        "export-animation", "&File/&Export", "&Animation…", export_handlers.export_animation,
        tip="Save the learning as GIF, animated PNG or WebP: the map with its layer, epoch by "
        "epoch", enabled=has_past,
    ),
    Action(
        "export-report", "&File/&Export", "&Report…", export_handlers.export_report,
        tip="Save settings, figures, views and curves as one page for any browser",
        enabled=can_go_on,
    ),
    *(
        Action(
            f"export-folders-{by}", "&File/&Export", f"Pictures into folders by {key}…",
            export_handlers.export_folders(by), separated=by == UNIT,
            tip=f"Copy the pictures into folders by {by}; they stay where they are",
            enabled=has_labelled_map if by == LABEL else can_go_on,
        )
        for by, key in ((UNIT, "&unit"), (CLUSTER, "&cluster"), (LABEL, "&label"))
    ),
    Action(
        "export-folders-answer", "&File/&Export", "Classified pictures into folders by label…",
        answer_handlers.copy_answers,
        tip="Copy the classified pictures into folders by the labels they were given",
        enabled=lambda session: has_matches(session) and not session.activity,
    ),
    Action(
        "export-assignments", "&File/&Export", "Units of the pictures as &table…",
        export_handlers.export_assignments, separated=True,
        tip="Write path, unit, distance and label of every picture to a CSV file",
        enabled=can_go_on,
    ),
    Action(
        "export-weights", "&File/&Export", "&Weights as arrays…", export_handlers.export_weights,
        tip="Write the weights of the units to an NPZ file", enabled=can_go_on,
    ),
    Action(
        "copy-command", "&File/&Export", "Copy as c&ommand", export_handlers.copy_command,
        tip="Copy the command that trains this map again", enabled=can_go_on, separated=True,
    ),
    Action(
        "copy-python", "&File/&Export", "Copy as &Python", export_handlers.copy_python,
        tip="Copy the Python program that trains this map again", enabled=can_go_on,
    ),
    Action(
        "quit", "&File", "&Quit", lambda context: context.stage.close_window(), Keys.Quit,
        tip="Leave the program", separated=True,
    ),
)  # fmt: skip
