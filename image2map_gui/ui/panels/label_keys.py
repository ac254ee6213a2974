"""The keys 1 to 9 and 0, which label what is selected while a list or the map has the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from image2map_gui.ui.guard import guarded
from image2map_gui.ui.session.session import Session

_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class LabelKeys(QObject):
    """Gives the chosen pictures the label of a number, as the label editor shows them."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session

    def watch(self, *widgets: QWidget | None) -> None:
        """Take the keys while one of these has the focus."""
        for widget in widgets:
            if widget is not None:
                widget.installEventFilter(self)

    @guarded
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the numbers out of what is typed."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            number = event.key() - Qt.Key.Key_0
            if 0 <= number <= 9 and event.modifiers() in _PLAIN and self._session.chosen:
                self._give(number)
                return True
        return super().eventFilter(watched, event)

    def _give(self, number: int) -> None:
        curator, chosen = self._session.curator, self._session.chosen
        names = [name for name, _ in curator.labels]
        if number == 0:
            curator.label(chosen, None)
        elif number <= len(names):
            curator.label(chosen, names[number - 1])
        else:
            said = f"There is no label {number} yet; F2 gives the selected pictures a new one."
            self._session.noticed.emit(said)
