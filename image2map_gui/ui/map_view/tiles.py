"""Wrapped maps go on for ever: the same map is painted again beyond each closed border."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

Period = tuple[float, float]  # to the right and down; 0 where the map ends
_FAR = 1e6


def seen(painter: QPainter) -> QRectF:
    """Return what of the coordinates in use lies on the painter's device."""
    device = painter.device()
    whole = QRectF(0, 0, device.width(), device.height())
    return painter.worldTransform().inverted()[0].mapRect(whole)


def turns(visible: QRectF, area: QRectF, period: Period) -> Iterator[QPointF]:
    """Yield by how much the map is to be moved, each time, to fill what is visible of the plane."""
    rows = _times(visible.top(), visible.bottom(), area.top(), area.bottom(), period[1])
    columns = _times(visible.left(), visible.right(), area.left(), area.right(), period[0])
    for row in rows:
        for column in columns:
            yield QPointF(column * period[0], row * period[1])


def _times(low: float, high: float, begin: float, end: float, period: float) -> range:
    """Return which copies of what lies from begin to end touch what lies from low to high."""
    if not period:
        return range(1)
    return range(math.floor((low - end) / period) + 1, math.ceil((high - begin) / period))


class Copies(pg.GraphicsObject):  # type: ignore[misc]
    """Paints an item once more, wherever the map goes on; the item itself paints it once."""

    def __init__(self, item: pg.GraphicsObject) -> None:
        super().__init__()
        self._item = item
        self._area = QRectF()
        self._period: Period = (0.0, 0.0)

    def set_map(self, area: QRectF, period: Period) -> None:
        """Take over where the map lies, and after how much of it it begins again."""
        if (area, period) != (self._area, self._period):
            self.prepareGeometryChange()
            self._area, self._period = area, period

    def boundingRect(self) -> QRectF:
        """Tell what may be painted on: a whole band, or the plane."""
        across, down = (_FAR if length else 0.0 for length in self._period)
        return self._area.adjusted(-across, -down, across, down) if across or down else QRectF()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint the copies that are seen."""
        if not self._item.isVisible():
            return
        for offset in turns(seen(painter), self._area, self._period):
            if not offset.isNull():
                painter.save()
                painter.translate(offset)
                painter.setOpacity(self._item.opacity())
                self._item.paint(painter, option, widget)
                painter.restore()


class Turn(pg.GraphicsObject):  # type: ignore[misc]
    """A dashed line around the part of the plane that is the map itself, once."""

    def __init__(self) -> None:
        super().__init__()
        self._area = QRectF()
        self._pen = QPen()

    def set_map(self, area: QRectF, period: Period) -> None:
        """Take over where the map lies; there is no line around one that ends on all sides."""
        self.prepareGeometryChange()
        size = QSizeF(period[0] or area.width(), period[1] or area.height())
        self._area = QRectF(area.topLeft(), size) if any(period) else QRectF()
        self.update()

    def set_colour(self, colour: QColor) -> None:
        """Choose the colour of the line."""
        self._pen = pg.mkPen(colour, width=1.5, style=Qt.PenStyle.DashLine)
        self.update()

    def boundingRect(self) -> QRectF:
        """Tell what may be painted on."""
        return self._area.adjusted(-0.1, -0.1, 0.1, 0.1) if self._area else QRectF()

    def paint(self, painter: QPainter, *_arguments: object) -> None:
        """Paint the line."""
        painter.setPen(self._pen)
        painter.drawRect(self._area)
