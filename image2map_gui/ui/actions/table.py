"""ACTIONS: the one table of everything a person can do; menus, toolbar and help come from it."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

from image2map_gui.ui.actions.action import Action
from image2map_gui.ui.actions.collection import COLLECTION
from image2map_gui.ui.actions.edit import EDIT
from image2map_gui.ui.actions.file import FILE
from image2map_gui.ui.actions.map import MAP
from image2map_gui.ui.actions.view import VIEW
from image2map_gui.ui.handlers import handlers
from image2map_gui.ui.handlers.context import Context
from image2map_gui.ui.session.layers import LAYERS

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


TOOLS: tuple[Action, ...] = (
    Action(
        "quantize", "&Tools", "&Colour quantization…",
        lambda context: context.stage.show_tool("quantize"), icon="picture",
        tip="Paint a photo in the few colours that a map of its pixels learns",
    ),
)  # fmt: skip

HELP: tuple[Action, ...] = (
    Action(
        "skipped", "&Help", "Skipped &files…", handlers.show_skipped, icon="warning",
        tip="List the files that could not be read, with the reason",
        enabled=lambda session: bool(session.skipped),
    ),
    Action(
        "messages", "&Help", "&Messages…", lambda context: context.stage.show_tool("messages"),
        icon="list", tip="Read again what was said and what went wrong",
    ),
    Action(
        "log-folder", "&Help", "Show &log folder", handlers.show_log_folder, icon="open-folder",
        tip="Open the folder with the files that the program writes about itself",
    ),
    Action(
        "copy-versions", "&Help", "Copy &versions", handlers.copy_versions,
        tip="Copy the versions of the program and of all that it is made of",
    ),
    Action("keys", "&Help", "&Keyboard shortcuts", _show_keys, "F1", "info", "List all keys"),
    Action(
        "about", "&Help", "&About Image2Map", handlers.about, icon="info",
        tip="Versions and licence",
    ),
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (*FILE, *EDIT, *COLLECTION, *MAP, *TOOLS, *VIEW, *HELP)
