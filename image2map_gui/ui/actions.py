"""ACTIONS: the one table of everything a person can do; menus, toolbar and help come from it."""

from __future__ import annotations

import dataclasses
import html
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6 import __version__ as qt_version
from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QWidget

from image2map_gui import __version__
from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.export import write_matches
from image2map_gui.core.images.samples import SAMPLES
from image2map_gui.core.project import SUFFIX
from image2map_gui.ui.dialogs import CANCEL, SAVE, Dialogs
from image2map_gui.ui.icons import icon
from image2map_gui.ui.mime import picture_paths
from image2map_gui.ui.session import Session
from image2map_gui.ui.settings import Settings

_ZOOM = 1.25


class Stage(Protocol):
    """What the actions need of the window itself."""

    def fit(self) -> None:
        """Show the whole map."""

    def zoom(self, factor: float) -> None:
        """Enlarge or reduce the map."""

    def close_window(self) -> None:
        """Close the window."""

    def reset_layout(self) -> None:
        """Put all parts of the window back in their places."""

    def toggle_full_screen(self) -> None:
        """Fill the screen, or stop doing so."""


@dataclasses.dataclass(frozen=True)
class Context:
    """What an action works on."""

    session: Session
    dialogs: Dialogs
    settings: Settings
    stage: Stage


@dataclasses.dataclass(frozen=True)
class Action:
    """One thing a person can do."""

    name: str
    menu: str
    text: str
    run: Callable[[Context], None]
    shortcut: str | QKeySequence.StandardKey = ""
    icon: str = ""
    tip: str = ""
    enabled: Callable[[Session], bool] = lambda session: True
    separated: bool = False


# --- what the actions do ------------------------------------------------------------------------


def may_leave(context: Context) -> bool:
    """Ask about unsaved changes; returns whether what is open may be closed."""
    session = context.session
    if not session.modified and not session.training:
        return True
    if not session.modified and session.map is None:
        return True
    answer = context.dialogs.save_first(title_of(session), session.activity)
    if answer == SAVE:
        return _save(context)
    return answer != CANCEL


def title_of(session: Session) -> str:
    """Return the name of what is open."""
    return session.path.name if session.path is not None else "Untitled"


def open_path(context: Context, path: Path) -> None:
    """Open a project or a folder that a person named, after asking about unsaved changes."""
    if not may_leave(context):
        return
    context.settings.add_recent(str(path))
    if path.suffix.lower() == SUFFIX:
        context.session.open_project(path)
    else:
        context.session.open_pictures([path])


def _new(context: Context) -> None:
    if may_leave(context):
        context.session.new()


def _open_folder(context: Context) -> None:
    folder = context.dialogs.folder(_start(context))
    if folder is not None:
        context.settings.set_text("folder", str(folder))
        open_path(context, folder)


def _open_project(context: Context) -> None:
    path = context.dialogs.project(_start(context))
    if path is not None:
        context.settings.set_text("folder", str(path.parent))
        open_path(context, path)


def _add(context: Context) -> None:
    paths = context.dialogs.pictures("Add pictures to the collection", _start(context))
    if paths:
        context.settings.set_text("folder", str(paths[0].parent))
        context.session.add_pictures(paths)


def _add_folder(context: Context) -> None:
    folder = context.dialogs.folder(_start(context))
    if folder is not None:
        context.settings.set_text("folder", str(folder))
        context.session.add_pictures([folder])


def _save(context: Context) -> bool:
    path = context.session.path
    return _save_as(context) if path is None else context.session.save(path)


def _save_now(context: Context) -> None:
    _save(context)


def _save_as_now(context: Context) -> None:
    _save_as(context)


def _save_as(context: Context) -> bool:
    name = context.session.path or Path(_start(context)) / f"map{SUFFIX}"
    path = context.dialogs.project_to_save(str(name))
    if path is None or not context.session.save(path):
        return False
    context.settings.add_recent(str(path))
    return True


def _classify(context: Context) -> None:
    paths = context.dialogs.pictures("Classify pictures on this map", _start(context))
    if paths:
        context.settings.set_text("folder", str(paths[0].parent))
        context.session.classify(paths)


def _paste_to_classify(context: Context) -> None:
    paths = picture_paths(QGuiApplication.clipboard().mimeData())
    if not paths:
        context.session.noticed.emit("There is no picture and no file in the clipboard.")
    elif context.session.map is None:
        context.session.add_pictures(paths)
    else:
        context.session.classify(paths)


def _paste_to_collection(context: Context) -> None:
    paths = picture_paths(QGuiApplication.clipboard().mimeData())
    if paths:
        context.session.add_pictures(paths)
    else:
        context.session.noticed.emit("There is no picture and no file in the clipboard.")


def export_matches(context: Context) -> None:
    """Save the classified pictures as a table."""
    path = context.dialogs.table_to_save(str(Path(_start(context)) / "classified.csv"))
    if path is None:
        return
    try:
        write_matches(path, context.session.matches)
    except Image2MapError as error:
        context.session.failed.emit(str(error))
    else:
        context.session.noticed.emit(f"Saved as {path}")


def _train_or_pause(context: Context) -> None:
    session = context.session
    if session.paused:
        session.resume()
    elif session.training:
        session.pause()
    else:
        session.train()


def _show_skipped(context: Context) -> None:
    context.dialogs.skipped(context.session.skipped)


def _show_keys(context: Context) -> None:
    lines = []
    for action in ACTIONS:
        keys = QKeySequence(action.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        if keys:
            lines.append(f"{keys:<18}{action.text.rstrip('…')}")
    lines.append(f"{'Arrow keys':<18}Go from unit to unit, while the map has the focus")
    context.dialogs.text("Keyboard shortcuts", "\n".join(lines))


def _about(context: Context) -> None:
    context.dialogs.about(
        f"<h3>Image2Map {html.escape(__version__)}</h3>"
        "<p>Self-organizing maps of picture collections.</p>"
        f"<p>Python {sys.version.split()[0]}, Qt for Python {html.escape(qt_version)}.<br>"
        "MIT licence. Everything stays on this computer.</p>"
    )


def _start(context: Context) -> str:
    return context.settings.text("folder") or str(Path.home())


def _sample(name: str) -> Callable[[Context], None]:
    def run(context: Context) -> None:
        if may_leave(context):
            context.session.open_sample(name)

    return run


# --- when they can be done ----------------------------------------------------------------------


def _has_pictures(session: Session) -> bool:
    return bool(session.sources)


def _can_train(session: Session) -> bool:
    return bool(session.sources) and session.activity in ("", "training")


def _can_step(session: Session) -> bool:
    return _can_train(session) and (not session.training or session.paused)


def _can_save(session: Session) -> bool:
    return bool(session.sources) and session.activity in ("", "training")


def _is_busy(session: Session) -> bool:
    return bool(session.activity)


def _has_map(session: Session) -> bool:
    return session.map is not None


# --- the table ----------------------------------------------------------------------------------

Keys = QKeySequence.StandardKey
ACTIONS: tuple[Action, ...] = (
    Action("new", "&File", "&New", _new, Keys.New, "new", "Close what is open, start empty"),
    Action(
        "open-folder", "&File", "Open picture &folder…", _open_folder, "Ctrl+Shift+O",
        "open-folder", "Open a folder with all its sub-folders; sub-folders become labels",
    ),
    Action(
        "open-project", "&File", "&Open project…", _open_project, Keys.Open, "open-project",
        "Open a saved map",
    ),
    Action(
        "add", "&File", "&Add pictures…", _add, "Ctrl+I", "add",
        "Add picture files to the collection; a map that is there stays as it is",
        enabled=_has_pictures, separated=True,
    ),
    Action(
        "add-folder", "&File", "Add a folder…", _add_folder, "Ctrl+Shift+I", "open-folder",
        "Add a folder of pictures to the collection", enabled=_has_pictures,
    ),
    *(
        Action(
            f"sample-{name}", "&File/Open &sample", text, _sample(name), icon="sample",
            tip="Drawn by the program", separated=False,
        )
        for name, (text, _) in SAMPLES.items()
    ),
    Action(
        "save", "&File", "&Save", _save_now, Keys.Save,
        "save", "Save pictures, settings and map as a project", enabled=_can_save, separated=True,
    ),
    Action(
        "save-as", "&File", "Save &as…", _save_as_now,
        "Ctrl+Shift+S", "save", "Save under another name", enabled=_can_save,
    ),
    Action(
        "quit", "&File", "&Quit", lambda context: context.stage.close_window(), Keys.Quit,
        tip="Leave the program", separated=True,
    ),
    Action(
        "paste", "&Edit", "&Paste and classify", _paste_to_classify, Keys.Paste, "paste",
        "Find out where the picture or the files in the clipboard belong",
    ),
    Action(
        "paste-add", "&Edit", "Paste into the &collection", _paste_to_collection, "Ctrl+Shift+V",
        "paste", "Add the picture or the files in the clipboard to the collection",
    ),
    Action(
        "clear-matches", "&Edit", "Clear classified pictures",
        lambda context: context.session.clear_matches(), icon="clear",
        tip="Remove all pins; files are not touched",
        enabled=lambda session: bool(session.matches), separated=True,
    ),
    Action(
        "train", "&Map", "&Train", _train_or_pause, "F5", "train",
        "Train a new map; while it forms, pause and go on", enabled=_can_train,
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
        "classify", "&Map", "&Classify pictures…", _classify, "Ctrl+D", "classify",
        "Find out where pictures belong on this map", enabled=_has_map, separated=True,
    ),
    Action(
        "export-matches", "&Map", "Save classified pictures as table…", export_matches,
        icon="save", tip="Write path, unit, distance and label to a CSV file",
        enabled=lambda session: bool(session.matches),
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
    Action(
        "reset-layout", "&View", "&Reset layout", lambda context: context.stage.reset_layout(),
        icon="reset", tip="Put all parts of the window back in their places", separated=True,
    ),
    Action(
        "full-screen", "&View", "F&ull screen",
        lambda context: context.stage.toggle_full_screen(), "F11", tip="Fill the screen",
    ),
    Action(
        "skipped", "&Help", "Skipped &files…", _show_skipped, icon="warning",
        tip="List the files that could not be read, with the reason",
        enabled=lambda session: bool(session.skipped),
    ),
    Action("keys", "&Help", "&Keyboard shortcuts", _show_keys, "F1", "info", "List all keys"),
    Action("about", "&Help", "&About Image2Map", _about, icon="info", tip="Versions and licence"),
)  # fmt: skip


class ActionSet(QObject):
    """The table as Qt's actions, enabled as the session allows."""

    def __init__(self, context: Context, owner: QWidget) -> None:
        super().__init__(owner)
        self._context = context
        self._owner = owner
        self._made: dict[str, QAction] = {}
        for action in ACTIONS:
            self._made[action.name] = self._make(action)
        session = context.session
        for signal in (
            session.activity_changed,
            session.collection_changed,
            session.matches_changed,
        ):
            signal.connect(self.refresh)
        session.map_changed.connect(self._map_changed)
        self.refresh()

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    @Slot()
    def _map_changed(self) -> None:
        if self._had_map != _has_map(self._context.session):  # not 30 times a second
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done now, and name the action that trains or pauses."""
        session = self._context.session
        self._had_map = _has_map(session)
        for action in ACTIONS:
            self._made[action.name].setEnabled(action.enabled(session))
        text, name = "&Train", "train"
        if session.training:
            text, name = ("&Resume", "train") if session.paused else ("&Pause", "pause")
        train = self._made["train"]
        if train.text() != text:
            train.setText(text)
            train.setIconText(text.replace("&", ""))
            train.setIcon(icon(name, self._owner.palette()))

    def retint(self) -> None:
        """Draw all icons in the colours of the palette."""
        for action in ACTIONS:
            if action.icon:
                self._made[action.name].setIcon(icon(action.icon, self._owner.palette()))
        self._made["train"].setText("")
        self.refresh()

    def _make(self, action: Action) -> QAction:
        made = QAction(action.text, self._owner)
        made.setObjectName(action.name)
        made.setIconText(action.text.replace("&", "").rstrip("…"))
        if action.shortcut:
            made.setShortcut(QKeySequence(action.shortcut))
            made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        keys = made.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        made.setToolTip(f"{action.tip} ({keys})" if keys else action.tip)
        made.setStatusTip(action.tip)
        if action.icon:
            made.setIcon(icon(action.icon, self._owner.palette()))
        made.triggered.connect(lambda: action.run(self._context))
        return made
