"""The table of actions as Qt's own, for menus, toolbar and keys."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from image2map_gui.ui.actions.action import Action
from image2map_gui.ui.actions.table import ACTIONS
from image2map_gui.ui.handlers.context import Context
from image2map_gui.ui.icons import icon


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
            session.watching_changed,
            session.chosen_changed,
            session.selection.units_changed,
            session.layers.changed,
            session.curator.changed,
        ):
            signal.connect(self.refresh)
        session.runs.changed.connect(self.refresh)
        session.map_changed.connect(self._map_changed)
        session.times.changed.connect(self._time_changed)
        self.refresh()

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    @Slot()
    def _map_changed(self) -> None:
        if self._had_map != (self._context.session.map is not None):  # not 30 times a second
            self.refresh()

    @Slot()
    def _time_changed(self) -> None:
        if self._time != self._time_now():  # not at every epoch of a training
            self.refresh()

    def _time_now(self) -> tuple[bool, bool, int]:
        session = self._context.session
        return len(session.times.epochs) > 1, session.past, session.times.direction

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done now, and name the action that trains or pauses."""
        session = self._context.session
        self._had_map = session.map is not None
        self._time = self._time_now()
        for action in ACTIONS:
            made = self._made[action.name]
            made.setEnabled(action.enabled(session))
            if action.title is not None:
                made.setText(action.title(session))
            if action.checked is not None:
                made.setChecked(action.checked(session))
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
        made.setCheckable(action.checked is not None)
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
