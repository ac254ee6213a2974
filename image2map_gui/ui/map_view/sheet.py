"""The sheet of pictures that is the map: reduced copies for far away, sharp pixels for near."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from image2map_gui.ui.map_view.tiles import seen

_FEWEST_PIXELS = 64  # of the smallest copy's longer side
_FORMATS = {
    3: QImage.Format.Format_RGB888,
    4: QImage.Format.Format_RGBA8888_Premultiplied,  # its ground is 0 in all four
}


class SheetItem(pg.GraphicsObject):  # type: ignore[misc]
    """The mosaic. Drawn smaller it is averaged, so that it does not sparkle; larger, it is sharp.

    A copy at half the size is made when a scale asks for it, and from it the next.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sheet: NDArray[np.uint8] | None = None
        self._levels: list[NDArray[np.uint8]] = []  # each is half as large as the one before it
        self._area = QRectF()

    def show_sheet(self, sheet: NDArray[np.uint8], area: QRectF) -> None:
        """Show a picture ``(h, w, c)`` of the whole map in an area."""
        if sheet is self.sheet and area == self._area:
            return
        self.sheet, self._levels = sheet, [np.ascontiguousarray(sheet)]
        if area != self._area:
            self.prepareGeometryChange()
            self._area = area
        self.update()

    def boundingRect(self) -> QRectF:
        """Tell what may be painted on."""
        return self._area

    def paint(self, painter: QPainter, *_arguments: object) -> None:
        """Paint what is seen of the copy that suits the scale."""
        visible = seen(painter).intersected(self._area)
        if self.sheet is None or visible.isEmpty():
            return
        scale = painter.deviceTransform().m11() * self._area.width() / self.sheet.shape[1]
        pixels = self._level(scale)
        height, width, channels = pixels.shape
        across, down = width / self._area.width(), height / self._area.height()
        source = QRectF(
            (visible.x() - self._area.x()) * across,
            (visible.y() - self._area.y()) * down,
            visible.width() * across,
            visible.height() * down,
        )
        image = QImage(pixels.data, width, height, channels * width, _FORMATS[channels])
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
        painter.drawImage(visible, image, source)

    def _level(self, scale: float) -> NDArray[np.uint8]:
        """Return the smallest copy that need not be enlarged at a scale."""
        wanted = 0 if scale >= 1 else math.floor(-math.log2(scale))
        while len(self._levels) <= wanted and max(self._levels[-1].shape) > _FEWEST_PIXELS:
            self._levels.append(np.asarray(Image.fromarray(self._levels[-1]).reduce(2)))
        return self._levels[min(wanted, len(self._levels) - 1)]
