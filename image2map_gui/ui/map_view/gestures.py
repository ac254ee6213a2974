"""Selecting on the map by drawing: a rectangle with Shift, a lasso with Alt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPolygonF
from PySide6.QtWidgets import QApplication

from image2map_gui.ui.map_view.marks import Trace

Modifier = Qt.KeyboardModifier
_FEWEST_PIXELS = 2  # between the points of a lasso


class Gestures(QObject):
    """Follows the mouse from press to release while Shift or Alt is held.

    ``place_at`` tells where on the map a place of the viewport is. ``drawn`` tells the outline of
    what was drawn, as points of the map ``(m, 2)``, and whether Ctrl was held; ``clicked`` where
    the mouse was only clicked, on the viewport, with the keys that were held.
    """

    drawn = Signal(object, bool)
    clicked = Signal(QPointF, Qt.KeyboardModifier)

    def __init__(
        self, trace: Trace, place_at: Callable[[QPointF], QPointF], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._trace = trace
        self._place_at = place_at
        self._armed = False  # the next drag draws a lasso without a key
        self._held = False
        self._drawing = False
        self._lasso = False
        self._keys = Modifier.NoModifier
        self._points: list[QPointF] = []  # on the viewport

    @property
    def active(self) -> bool:
        """Whether something is being drawn, or will be with the next drag."""
        return self._held or self._armed

    def arm(self) -> None:
        """Draw a lasso with the next drag, whatever keys are held."""
        self._armed = True

    def cancel(self) -> bool:
        """Forget what is being drawn; returns whether there was something."""
        was_active = self.active
        self._held = self._drawing = self._armed = False
        self._points = []
        self._trace.show_outline(None)
        return was_active

    def press(self, event: QMouseEvent) -> bool:
        """Begin if a key is held that means so; returns whether the press is taken."""
        if self._held:
            return True  # another button while drawing
        keys = event.modifiers()
        wanted = self._armed or bool(keys & (Modifier.ShiftModifier | Modifier.AltModifier))
        if event.button() != Qt.MouseButton.LeftButton or not wanted:
            return False
        self._lasso = self._armed or bool(keys & Modifier.AltModifier)
        self._held, self._armed = True, False
        self._keys = keys
        self._points = [event.position()]
        return True

    def move(self, event: QMouseEvent) -> bool:
        """Draw on; returns whether the move is taken."""
        if not self._held:
            return False
        place, start = event.position(), self._points[0]
        if (place - start).manhattanLength() >= QApplication.startDragDistance():
            self._drawing = True
        if (place - self._points[-1]).manhattanLength() >= _FEWEST_PIXELS:
            self._points = [*self._points, place] if self._lasso else [start, place]
        if self._drawing:
            self._trace.show_outline(QPolygonF(self._outline()))
        return True

    def release(self, event: QMouseEvent) -> bool:
        """End with a selection, or a click; returns whether the release is taken."""
        if not self._held or event.button() != Qt.MouseButton.LeftButton:
            return self._held
        self.move(event)
        drawing, start, keys = self._drawing, self._points[0], self._keys
        outline = self._outline() if drawing else []
        self.cancel()
        if drawing:
            points = np.array([(point.x(), point.y()) for point in outline], np.float64)
            self.drawn.emit(points, bool(keys & Modifier.ControlModifier))
        else:
            self.clicked.emit(start, keys)
        return True

    def _outline(self) -> list[QPointF]:
        """Return what was drawn so far, on the map."""
        points = self._points
        if not self._lasso:
            start, end = points[0], points[-1]
            points = [start, QPointF(end.x(), start.y()), end, QPointF(start.x(), end.y())]
        return [self._place_at(point) for point in points]


def inside(points: NDArray[np.float64], outline: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which points ``(k, 2)`` lie inside an outline ``(m, 2)``, which may cross itself.

    A ray to the right crosses the outline of what a point is inside of an odd number of times.
    """
    within = np.zeros(len(points), bool)
    x, y = points.T
    for (x1, y1), (x2, y2) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if y1 == y2:
            continue
        across = (y1 > y) != (y2 > y)
        within ^= across & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return within
