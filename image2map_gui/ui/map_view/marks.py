"""Marks on cells: frames, the border of a selection, pins, and the trace of what is drawn."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

_PIN_PIXELS = 30


class CellFrame(pg.GraphicsObject):  # type: ignore[misc]
    """A frame around one cell, readable on any ground."""

    def __init__(self) -> None:
        super().__init__()
        self._outline: QPolygonF | None = None
        self._pens: tuple[QPen, QPen] = (QPen(), QPen())

    def show_cell(self, outline: QPolygonF | None) -> None:
        """Frame a cell, or none."""
        self.prepareGeometryChange()
        self._outline = outline
        self.update()

    def set_colours(self, colour: object, width: int) -> None:
        """Choose colour and width of the inner line."""
        self._pens = (pg.mkPen("w", width=width + 2), pg.mkPen(colour, width=width))
        for pen in self._pens:
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        self.update()

    def boundingRect(self) -> QRectF:
        """Tell what may be painted on."""
        if self._outline is None:
            return QRectF()
        return self._outline.boundingRect().adjusted(-0.2, -0.2, 0.2, 0.2)

    def paint(self, painter: QPainter, *_arguments: object) -> None:
        """Paint; Qt asks for it."""
        if self._outline is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._outline.count() > 5)
            for pen in self._pens:
                painter.setPen(_as_wide(pen, painter))
                painter.drawPolygon(self._outline)


class Border(pg.GraphicsObject):  # type: ignore[misc]
    """The border between selected cells and all others, readable on any ground."""

    def __init__(self) -> None:
        super().__init__()
        self.loops: list[QPolygonF] = []
        self._pens: tuple[QPen, QPen] = (QPen(), QPen())

    def show_loops(self, loops: list[NDArray[np.float64]]) -> None:
        """Draw closed lines by their corners ``(m, 2)`` each."""
        self.prepareGeometryChange()
        self.loops = [QPolygonF([QPointF(x, y) for x, y in loop.tolist()]) for loop in loops]
        self.update()

    def set_colours(self, colour: object, width: int) -> None:
        """Choose colour and width of the inner line."""
        self._pens = (pg.mkPen("w", width=width + 3), pg.mkPen(colour, width=width))
        for pen in self._pens:
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        self.update()

    def boundingRect(self) -> QRectF:
        """Tell what may be painted on."""
        area = QRectF()
        for loop in self.loops:
            area = area.united(loop.boundingRect())
        return area.adjusted(-0.2, -0.2, 0.2, 0.2) if self.loops else area

    def paint(self, painter: QPainter, *_arguments: object) -> None:
        """Paint; Qt asks for it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen in self._pens:
            painter.setPen(_as_wide(pen, painter))
            for loop in self.loops:
                painter.drawPolygon(loop)


class Trace(pg.GraphicsObject):  # type: ignore[misc]
    """The rectangle or the lasso that is being drawn."""

    def __init__(self, colour: QColor) -> None:
        super().__init__()
        self._outline: QPolygonF | None = None
        self._colour = colour

    def show_outline(self, outline: QPolygonF | None) -> None:
        """Draw what was drawn so far, or nothing."""
        self.prepareGeometryChange()
        self._outline = outline
        self.update()

    @property
    def drawn(self) -> bool:
        """Whether something is being drawn."""
        return self._outline is not None

    def boundingRect(self) -> QRectF:
        """Tell what may be painted on."""
        if self._outline is None:
            return QRectF()
        return self._outline.boundingRect().adjusted(-0.2, -0.2, 0.2, 0.2)

    def paint(self, painter: QPainter, *_arguments: object) -> None:
        """Paint; Qt asks for it."""
        if self._outline is None:
            return
        ground = QColor(self._colour)
        ground.setAlphaF(0.2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(_as_wide(pg.mkPen("w", width=3), painter))
        painter.setBrush(ground)
        painter.drawPolygon(self._outline)
        painter.setPen(_as_wide(pg.mkPen(self._colour, width=1.5), painter))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(self._outline)


class Pins(pg.GraphicsObject):  # type: ignore[misc]
    """Pins where classified pictures belong: their tips are exact, their size is that of a pin."""

    def __init__(self) -> None:
        super().__init__()
        self._points: list[QPointF] = []
        self._brush, self._pen = pg.mkBrush("w"), pg.mkPen("w", width=1.5)

    def show_points(self, points: list[QPointF]) -> None:
        """Show pins at these places of the map."""
        self.prepareGeometryChange()
        self._points = points
        self.update()

    def set_colour(self, colour: object) -> None:
        """Choose the colour of the pins."""
        self._brush = pg.mkBrush(colour)
        self.update()

    def viewTransformChanged(self) -> None:
        """Keep the size of the pins in pixels, whatever the zoom."""
        self.prepareGeometryChange()

    def boundingRect(self) -> QRectF:
        """Tell what may be painted on."""
        if not self._points:
            return QRectF()
        area = QPolygonF(self._points).boundingRect()
        wide, high = self.pixelWidth() or 0.0, self.pixelHeight() or 0.0
        side = 1.2 * _PIN_PIXELS
        return area.adjusted(-side * wide, -side * high, side * wide, side * high)

    def paint(self, painter: QPainter, *_arguments: object) -> None:
        """Paint; Qt asks for it."""
        to_pixels = painter.worldTransform()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._brush)
        painter.setPen(self._pen)
        # The newest comes first in the list and last here, so that it lies on top.
        for point in reversed(self._points):
            painter.drawPath(_PIN.translated(to_pixels.map(point)))


def _as_wide(pen: QPen, painter: QPainter) -> QPen:
    """Return a pen that is as wide on a fine screen as on others: Qt takes its width for pixels."""
    wider = QPen(pen)
    wider.setWidthF(pen.widthF() * painter.device().devicePixelRatio())
    return wider


def _pin_shape(height: float) -> QPainterPath:
    """Draw a pin whose tip is at the origin."""
    head = QPainterPath()
    head.addEllipse(QPointF(0, -0.68) * height, 0.32 * height, 0.32 * height)
    tip = QPainterPath()
    corners = (QPointF(-0.28, -0.52), QPointF(0.28, -0.52), QPointF(0, 0))
    tip.addPolygon(QPolygonF([corner * height for corner in corners]))
    tip.closeSubpath()
    hole = QPainterPath()
    hole.addEllipse(QPointF(0, -0.68) * height, 0.12 * height, 0.12 * height)
    return head.united(tip).subtracted(hole)


_PIN = _pin_shape(_PIN_PIXELS)
