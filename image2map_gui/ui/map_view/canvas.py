"""The drawing area of the map: hands mouse and keys to those they are meant for."""

from __future__ import annotations

from typing import Protocol, cast

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from image2map_gui.ui.guard import guarded
from image2map_gui.ui.map_view.gestures import Gestures


class Owner(Protocol):
    """What the drawing area needs of the view it is in."""

    gestures: Gestures

    def travel(self, event: QKeyEvent) -> bool:
        """Do what a key means; returns whether it means something."""

    def offer(self) -> None:
        """Show the menu of the selection."""


class Canvas(pg.GraphicsView):  # type: ignore[misc]
    """Draws the scene; what is no gesture is left to pyqtgraph, which moves and enlarges.

    The wheel of a mouse zooms at the pointer. Two fingers on a trackpad move the map, or zoom it
    when they pinch.
    """

    def __init__(self, owner: Owner, box: pg.ViewBox, parent: QWidget) -> None:
        super().__init__(parent)
        self._owner = owner
        self._box = box
        self.setCentralItem(box)
        self.setAccessibleName("Map")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(False)

    @guarded
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

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Travel; what means nothing here goes on to the window."""
        event.setAccepted(self._owner.travel(event))

    @guarded
    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Give up what is being drawn when a person turns to another part of the window."""
        turned = (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.TabFocusReason)
        if event.reason() in (*turned, Qt.FocusReason.BacktabFocusReason):
            self._owner.gestures.cancel()
        super().focusOutEvent(event)

    @guarded
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the menu where the key for it is pressed; the mouse has its own way."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self._owner.offer()
        event.accept()

    @guarded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to draw, or let the view be moved."""
        if not self._owner.gestures.press(event):
            super().mousePressEvent(event)

    @guarded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw on, or move the view."""
        if not self._owner.gestures.move(event):
            super().mouseMoveEvent(event)

    @guarded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End what was begun."""
        if not self._owner.gestures.release(event):
            super().mouseReleaseEvent(event)

    @guarded
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with a wheel; move with two fingers, which come in phases and in pixels."""
        fingers = event.phase() != Qt.ScrollPhase.NoScrollPhase and not event.pixelDelta().isNull()
        if not fingers or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        self._move(QPointF(event.pixelDelta()))
        event.accept()

    @guarded
    def viewportEvent(self, event: QEvent) -> bool:
        """Zoom where fingers pinch."""
        if event.type() != QEvent.Type.NativeGesture:
            return bool(super().viewportEvent(event))
        gesture = cast("QNativeGestureEvent", event)
        if gesture.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            middle = self._box.mapSceneToView(self.mapToScene(gesture.position().toPoint()))
            factor = 1 / max(0.1, 1 + gesture.value())
            self._box.scaleBy((factor, factor), center=middle)
        return True

    def _move(self, pixels: QPointF) -> None:
        """Move what is seen along with the fingers."""
        begin, end = (self._box.mapSceneToView(point) for point in (QPointF(), pixels))
        self._box.translateBy(x=begin.x() - end.x(), y=begin.y() - end.y())
