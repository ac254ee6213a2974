"""The drawing area of the map: keys, wheel, two fingers that pan and pinch."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QNativeGestureEvent, QWheelEvent


class Canvas(pg.GraphicsView):  # type: ignore[misc]
    """Shows a ``ViewBox``; hands keys to ``travel``, which says whether it took them.

    The wheel of a mouse zooms at the pointer. Two fingers on a trackpad move the map, or zoom it
    when they pinch.
    """

    def __init__(self, box: pg.ViewBox, travel: Callable[[QKeyEvent], bool]) -> None:
        super().__init__()
        self._box = box
        self._travel = travel
        self.setCentralItem(box)
        self.setAccessibleName("Map")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand keys to the map."""
        if self._travel(event):
            event.accept()
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with a wheel; move with two fingers, which come in phases and in pixels."""
        fingers = event.phase() != Qt.ScrollPhase.NoScrollPhase and not event.pixelDelta().isNull()
        if not fingers or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        self._move(QPointF(event.pixelDelta()))
        event.accept()

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
