"""What lies over the pictures of the map: the colours of a layer."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from image2map_gui.core.picture.mosaic import mosaic
from image2map_gui.ui.state import MapState

_HEXAGON_PIXELS = 16  # across a cell of a layer


class LayerItem(pg.GraphicsObject):  # type: ignore[misc]
    """One colour per cell, as a small picture of the map."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._area = QRectF()

    def show_colours(
        self, colours: np.ndarray, state: MapState, area: QRectF, opacity: float
    ) -> None:
        """Lay one colour ``(k, 3)`` over each cell."""
        self.prepareGeometryChange()
        self._area = area
        side = _HEXAGON_PIXELS if state.grid.hexagonal else 1
        tiles = np.broadcast_to(colours[:, None, None], (len(colours), side, side, 3))
        sheet = mosaic(np.ascontiguousarray(tiles), state.grid)
        height, width, channels = sheet.shape
        kind = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_RGB888
        image = QImage(sheet.tobytes(), width, height, channels * width, kind)
        self._image = image.copy()
        self.setOpacity(opacity)
        self.update()

    def boundingRect(self) -> QRectF:
        """Tell what may be painted on."""
        return self._area

    def paint(self, painter: QPainter, *_arguments: object) -> None:
        """Paint; Qt asks for it."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(self._area, self._image)
