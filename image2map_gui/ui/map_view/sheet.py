"""The sheet of pictures that is the map."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter


class SheetItem(pg.ImageItem):  # type: ignore[misc]
    """The mosaic: smooth when reduced, with square pixels when enlarged."""

    def __init__(self) -> None:
        super().__init__(axisOrder="row-major")
        self.sheet: np.ndarray | None = None  # what is shown; pyqtgraph keeps a view of it

    def show_sheet(self, sheet: np.ndarray, area: QRectF) -> None:
        """Show a picture ``(h, w, c)`` of the whole map in an area."""
        if sheet is not self.sheet:
            self.sheet = sheet
            self.setImage(sheet, autoLevels=False)  # bytes as they are: no levels to apply
            self.setRect(area)

    def paint(self, painter: QPainter, *arguments: object) -> None:
        """Paint; Qt asks for it."""
        pixel = painter.deviceTransform().m11()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, 0 < pixel < 1)
        super().paint(painter, *arguments)
