"""A picture with a caption, sharp when enlarged: for prototypes, pictures and their differences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from image2map_gui.ui.guard import guarded
from image2map_gui.ui.theme import faint_text

_CAPTION = 20


class Tile(QWidget):
    """Draws one picture as large as its place allows, with square pixels."""

    def __init__(self, caption: str, side: int = 96, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = caption
        self._side = side
        self._pixmap = QPixmap()
        self.setAccessibleName(caption)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._line = _CAPTION if caption else 0
        self.setMinimumSize(min(side, 48), side + self._line)

    def sizeHint(self) -> QSize:
        """Return a square and room for the caption."""
        return QSize(self._side, self._side + self._line)

    def show_pixels(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show a picture ``(height, width, 1 or 3)``, or nothing."""
        if pixels is None:
            self._pixmap = QPixmap()
        else:
            height, width = pixels.shape[:2]
            colour = np.ascontiguousarray(np.broadcast_to(pixels, (height, width, 3)))
            image = QImage(colour.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
            self._pixmap = QPixmap.fromImage(image.copy())
        self.update()

    def show_pixmap(self, pixmap: QPixmap | None) -> None:
        """Show a picture that was drawn already, or nothing."""
        self._pixmap = pixmap or QPixmap()
        self.update()

    def set_caption(self, caption: str) -> None:
        """Write something else under the picture."""
        self._caption = caption
        self.setAccessibleName(caption)
        self.update()

    @property
    def caption(self) -> str:
        """What is written under the picture."""
        return self._caption

    @property
    def empty(self) -> bool:
        """Whether nothing is shown."""
        return self._pixmap.isNull()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw picture and caption."""
        painter = QPainter(self)
        room = self.rect().adjusted(0, 0, 0, -self._line)
        if self._pixmap.isNull():
            painter.fillRect(self._square(room, QSize(1, 1)), self.palette().alternateBase())
        else:
            spot = self._square(room, self._pixmap.size())
            shrinks = spot.width() < self._pixmap.width()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
            painter.drawPixmap(spot, self._pixmap)
        self._draw_caption(painter, room)
        painter.end()

    def _draw_caption(self, painter: QPainter, room: QRect) -> None:
        painter.setPen(faint_text(self.palette()))
        line = QRect(0, room.bottom() + 1, self.width(), self._line)
        text = painter.fontMetrics().elidedText(
            self._caption, Qt.TextElideMode.ElideRight, self.width()
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)

    def _square(self, room: QRect, shape: QSize) -> QRect:
        size = shape.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        spot = QRect(0, 0, size.width(), size.height())
        spot.moveCenter(room.center())
        return spot
