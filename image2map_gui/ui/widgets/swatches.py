"""A picture or a board of colours under a title, drawn as large as there is room."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from image2map_gui.ui.guard import guarded
from image2map_gui.ui.theme import SPACE, axis_line, faint_text
from image2map_gui.ui.wording import plural

_NAMED = 16  # colours that the accessible description lists


class Panel(QWidget):
    """Shows an array of RGB pixels; as a ``board`` each of them is a colour to be looked at."""

    def __init__(self, title: str, empty: str, *, board: bool = False) -> None:
        super().__init__()
        self.title = title
        self._empty = empty
        self._board = board
        self._pixels: NDArray[np.uint8] | None = None
        self._shares: NDArray[np.floating] | None = None
        self._scaled = QPixmap()
        self.setAccessibleName(title)
        self.setMinimumSize(180, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.show_pixels(None)

    @property
    def pixels(self) -> NDArray[np.uint8] | None:
        """What is shown."""
        return self._pixels

    def show_pixels(
        self, pixels: NDArray[np.uint8] | None, shares: NDArray[np.floating] | None = None
    ) -> None:
        """Show pixels ``(height, width, 3)``; ``shares`` tell how much of a photo each colour has.

        ``None`` shows the words for an empty panel.
        """
        self._pixels = None if pixels is None else np.ascontiguousarray(pixels)
        self._shares = shares
        self._scaled = QPixmap()
        self.setAccessibleDescription(self._description())
        self.update()

    def colour_text(self, place: QPoint) -> str:
        """Say which colour of a board lies at a place; empty where there is none."""
        spot = self._spot()
        if self._pixels is None or not self._board or not spot.contains(place):
            return ""
        rows, columns, _ = self._pixels.shape
        row = (place.y() - spot.top()) * rows // spot.height()
        column = (place.x() - spot.left()) * columns // spot.width()
        text = f"row {row + 1}, column {column + 1}: {self._name(row, column)}"
        if self._shares is None:
            return text
        return f"{text}, {100 * self._shares[row * columns + column]:.1f} % of the photo"

    @guarded
    def event(self, event: QEvent) -> bool:
        """Tell the colour under the pointer."""
        if isinstance(event, QHelpEvent) and self._board:
            QToolTip.showText(event.globalPos(), self.colour_text(event.pos()), self)
            return True
        return super().event(event)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw title and picture."""
        painter = QPainter(self)
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(QPoint(0, self.fontMetrics().ascent()), self.title)
        font.setBold(False)
        painter.setFont(font)
        if self._pixels is None:
            painter.fillRect(self._room(), self.palette().base())
            painter.setPen(faint_text(self.palette()))
            how = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self._room().adjusted(SPACE, SPACE, -SPACE, -SPACE), how, self._empty)
        else:
            spot = self._spot()
            painter.drawPixmap(spot, self._picture(spot.size()))
            painter.setPen(axis_line(self.palette()))
            painter.drawRect(QRectF(spot).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _room(self) -> QRect:
        return self.rect().adjusted(0, self.fontMetrics().height() + SPACE // 2, 0, 0)

    def _spot(self) -> QRect:
        """Return where the picture lies: in the room, its own shape kept."""
        room = self._room()
        if self._pixels is None:
            return QRect()
        height, width, _ = self._pixels.shape
        size = QSize(width, height).scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        size = size.expandedTo(QSize(1, 1))
        return QRect(room.left(), room.top(), size.width(), size.height())

    def _picture(self, size: QSize) -> QPixmap:
        """Return the pixels as large as they are drawn, in dots of the screen."""
        wanted = size * self.devicePixelRatio()
        if self._scaled.size() != wanted and self._pixels is not None:
            height, width, _ = self._pixels.shape
            image = QImage(self._pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
            enlarged = width < wanted.width()  # pixels stay squares
            how = Qt.TransformationMode
            mode = how.FastTransformation if enlarged else how.SmoothTransformation
            shape = Qt.AspectRatioMode.IgnoreAspectRatio
            self._scaled = QPixmap.fromImage(image.scaled(wanted, shape, mode))
        return self._scaled

    def _name(self, row: int, column: int) -> str:
        assert self._pixels is not None
        return "#" + bytes(self._pixels[row, column]).hex()

    def _description(self) -> str:
        if self._pixels is None:
            return self._empty
        rows, columns, _ = self._pixels.shape
        if not self._board:
            return ""
        first = [
            self._name(*divmod(place, columns)) for place in range(min(_NAMED, rows * columns))
        ]
        more = rows * columns - len(first)
        return ", ".join([*first, *([f"and {plural(more, 'more colour')}"] if more else [])])
