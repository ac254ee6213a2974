"""The drawing area of the map: hands mouse and keys to those they are meant for."""

from __future__ import annotations

from typing import Protocol

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from image2map_gui.ui.map_view.gestures import Gestures


class Owner(Protocol):
    """What the drawing area needs of the view it is in."""

    gestures: Gestures

    def travel(self, event: QKeyEvent) -> bool:
        """Do what a key means; returns whether it means something."""

    def offer(self) -> None:
        """Show the menu of the selection."""


class Canvas(pg.GraphicsView):  # type: ignore[misc]
    """Draws the scene; what is no gesture is left to pyqtgraph, which moves and enlarges."""

    def __init__(self, owner: Owner, parent: QWidget) -> None:
        super().__init__(parent)
        self._owner = owner
        self.setAccessibleName("Map")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(False)

    def event(self, event: QEvent) -> bool:
        """Take Escape for the end of a gesture, before it stops a training."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._owner.gestures.active
        ):
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Travel; what means nothing here goes on to the window."""
        event.setAccepted(self._owner.travel(event))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the menu where the key for it is pressed; the mouse has its own way."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self._owner.offer()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to draw, or let the view be moved."""
        if not self._owner.gestures.press(event):
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw on, or move the view."""
        if not self._owner.gestures.move(event):
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End what was begun."""
        if not self._owner.gestures.release(event):
            super().mouseReleaseEvent(event)
