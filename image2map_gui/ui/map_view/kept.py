"""What takes long to paint is kept as a picture, for as long as it looks right."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QImage, QPainter

from image2map_gui.ui.map_view.tiles import seen

_MOST_PIXELS = 2.5e6  # of a picture; the whole map if that is enough for it
_MOST_PICTURES = 4  # on wrapped maps several parts are seen at once
_MARGIN = 0.3  # of what is seen, to either side, for the next moves
_REST_MS = 80  # without zooming, before it is painted anew
_STRETCH = 2.5  # a picture is shown so much larger or smaller meanwhile


@dataclasses.dataclass(frozen=True)
class _Picture:
    """A part of the map, painted so many pixels to a cell, on a screen of some ratio."""

    image: QImage
    part: QRectF
    scale: float
    ratio: float


class Kept:
    """Paints through ``draw``, or what that painted before; ``item`` is told to paint again.

    Moving shows the same picture elsewhere. While the map is being zoomed a picture is stretched,
    and painted anew once that rests.
    """

    def __init__(self, item: pg.GraphicsObject, draw: Callable[[QPainter], None]) -> None:
        self._item, self._draw = item, draw
        self._pictures: list[_Picture] = []  # the latest used last
        self._fresh = True  # whether only pictures of the right scale will do
        self._rest = QTimer(item)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._rested)

    def forget(self) -> None:
        """Paint all anew: it looks otherwise now."""
        self._pictures.clear()
        self._fresh = True

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Paint what is seen of a map that lies in an area."""
        visible = seen(painter).intersected(area)
        if visible.isEmpty():
            return
        scale, ratio = painter.worldTransform().m11(), painter.device().devicePixelRatioF()
        picture = self._found(visible, scale, ratio)
        if picture is None:
            picture = self._painted(_part(visible, area, scale * ratio), scale, ratio)
        self._pictures.append(picture)
        del self._pictures[:-_MOST_PICTURES]
        if picture.scale == scale:
            _put(painter, picture)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(picture.part, picture.image)
            self._rest.start()

    def _found(self, visible: QRectF, scale: float, ratio: float) -> _Picture | None:
        """Take the best of the pictures that show all that is seen."""
        good = [one for one in self._pictures if one.ratio == ratio and one.part.contains(visible)]
        exact = [one for one in good if one.scale == scale]
        near = [one for one in good if scale / _STRETCH < one.scale < scale * _STRETCH]
        chosen = exact or ([] if self._fresh else near)
        if not chosen:
            return None
        self._pictures.remove(chosen[-1])
        return chosen[-1]

    def _painted(self, part: QRectF, scale: float, ratio: float) -> _Picture:
        self._fresh = False
        size = (part.size() * scale * ratio).toSize()
        image = QImage(size.width() + 1, size.height() + 1, _FORMAT)
        image.fill(Qt.GlobalColor.transparent)
        image.setDevicePixelRatio(ratio)
        painter = QPainter(image)
        painter.scale(scale, scale)
        painter.translate(-part.topLeft())
        self._draw(painter)
        painter.end()
        return _Picture(image, part, scale, ratio)

    @Slot()
    def _rested(self) -> None:
        self._fresh = True
        self._item.update()


def _part(visible: QRectF, area: QRectF, pixels: float) -> QRectF:
    """Return the whole map if it is not too large, else what is seen and some more."""
    if area.width() * area.height() * pixels * pixels <= _MOST_PIXELS:
        return QRectF(area)
    across, down = _MARGIN * visible.width(), _MARGIN * visible.height()
    return visible.adjusted(-across, -down, across, down).intersected(area)


def _put(painter: QPainter, picture: _Picture) -> None:
    """Put a picture onto whole pixels, so that it stays as sharp as it was painted."""
    ratio = picture.ratio
    corner = painter.worldTransform().map(picture.part.topLeft())
    place = QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio)
    painter.save()
    painter.resetTransform()
    painter.drawImage(place, picture.image)
    painter.restore()


_FORMAT = QImage.Format.Format_ARGB32_Premultiplied
