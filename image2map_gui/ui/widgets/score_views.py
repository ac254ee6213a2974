"""Drawings of how good answers are: the confusion matrix, and confidence beside accuracy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QToolTip, QWidget

from image2map_gui.core.analysis.scores import Bin, Coverage
from image2map_gui.core.picture.label_inks import NO_INKS, LabelInks
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.theme import accent, axis_line, canvas, faint_text, marker, mixed
from image2map_gui.ui.widgets.badges import ink_on, paint_badge

_NAMES = 88  # pixels for the names at the left
_HEAD = 88  # above: what columns are, and their names
_INK = 9  # pixels: the colour of a label
_SMALL = 22  # pixels: cells as small as this get no number
_LEAST, _MOST = 6, 46
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.AlignmentFlag.AlignCenter


class ConfusionView(QWidget):
    """Pictures by true label (rows) and given label (columns); a click picks a cell."""

    picked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: Sequence[str] = ()
        self._counts: NDArray[np.int64] = np.zeros((0, 0), np.int64)
        self._inks = NO_INKS
        self.cell: tuple[int, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Confusion matrix")
        self.setMinimumSize(_NAMES + 120, _HEAD + 100)

    def show_counts(self, names: Sequence[str], counts: NDArray[np.int64]) -> None:
        """Show a matrix ``(labels, labels)``."""
        self._names, self._counts, self.cell = names, counts, None
        self.update()

    def show_inks(self, inks: LabelInks) -> None:
        """Show the labels with their colours."""
        self._inks = inks
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for cells with numbers."""
        side = len(self._names) * 36
        return QSize(_NAMES + max(side, 160), _HEAD + max(side, 160))

    def cell_rect(self, row: int, column: int) -> QRect:
        """Return where a cell is drawn."""
        side = self._side()
        return QRect(_NAMES + column * side, _HEAD + row * side, side, side)

    def _side(self) -> int:
        count = max(1, len(self._names))
        room = min(self.width() - _NAMES - 2, self.height() - _HEAD - 2)
        return max(_LEAST, min(_MOST, room // count))

    def _cell_at(self, place: QPointF) -> tuple[int, int] | None:
        side, count = self._side(), len(self._names)
        column = math.floor((place.x() - _NAMES) / side)
        row = math.floor((place.y() - _HEAD) / side)
        return (row, column) if 0 <= row < count and 0 <= column < count else None

    def _words(self, cell: tuple[int, int]) -> str:
        row, column = cell
        count, total = int(self._counts[row, column]), int(self._counts[row].sum())
        share = f" ({count / total:.0%})" if total else ""
        told = "told rightly" if row == column else f"told as {self._names[column]}"
        return f"{self._names[row]}: {count:,} of {total:,}{share} {told}"

    @guarded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the cell under the pointer."""
        self._pick(self._cell_at(event.position()))

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from cell to cell with the arrows."""
        steps = {
            Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self._names:
            super().keyPressEvent(event)
            return
        row, column = self.cell or (0, 0)
        last = len(self._names) - 1
        self._pick((min(last, max(0, row + step[0])), min(last, max(0, column + step[1]))))

    def _pick(self, cell: tuple[int, int] | None) -> None:
        if cell is not None:
            self.cell = cell
            self.setAccessibleDescription(self._words(cell))
            self.update()
            self.picked.emit(*cell)

    @guarded
    def event(self, event: QEvent) -> bool:
        """Say what a cell means while the pointer rests on it."""
        if isinstance(event, QHelpEvent):
            cell = self._cell_at(QPointF(event.pos()))
            if cell is not None:
                QToolTip.showText(event.globalPos(), self._words(cell), self)
                return True
        return super().event(event)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw names, cells and numbers."""
        painter = QPainter(self)
        self._draw_names(painter)
        totals = np.maximum(self._counts.sum(axis=1, keepdims=True), 1)
        shares = self._counts / totals
        for row in range(len(self._names)):
            for column in range(len(self._names)):
                self._draw_cell(painter, row, column, float(shares[row, column]))
        if self.cell is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 2))
            painter.drawRect(self.cell_rect(*self.cell).adjusted(0, 0, -1, -1))
        painter.end()

    def _draw_names(self, painter: QPainter) -> None:
        painter.setPen(faint_text(self.palette()))
        side, metrics = self._side(), painter.fontMetrics()
        painter.drawText(QRect(0, _HEAD - 20, _NAMES - 6, 18), _RIGHT, "true \N{DOWNWARDS ARROW}")
        width = max(side * len(self._names), 100)
        painter.drawText(QRect(_NAMES, 2, width, 18), _LEFT, "given \N{RIGHTWARDS ARROW}")
        if side < metrics.height() - 2:
            return
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        for place, name in enumerate(self._names):
            ink, room = self._inks.colours.get(name), _NAMES - 6
            if ink is not None:
                room -= _INK + 4
                middle = side // 2 - _INK // 2
                for x, y in (
                    (room + 4, _HEAD + place * side + middle),
                    (_NAMES + place * side + middle, _HEAD - _INK - 3),
                ):
                    paint_badge(painter, QRectF(x, y, _INK, _INK), QColor(*ink), self.palette())
            left = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room - 4)
            line = QRect(0, _HEAD + place * side, room, side)
            painter.drawText(line, _RIGHT | Qt.TextFlag.TextSingleLine, left)
            bottom = _HEAD if ink is None else _HEAD - _INK - 4
            self._draw_head(painter, name, _NAMES + place * side, bottom)

    def _draw_head(self, painter: QPainter, name: str, left: int, bottom: int) -> None:
        """Write the name of a column upright where it is wider than that."""
        side, metrics, how = self._side(), painter.fontMetrics(), Qt.TextFlag.TextSingleLine
        if metrics.horizontalAdvance(name) <= side - 2:
            painter.drawText(QRect(left, bottom - 22, side, 20), _MIDDLE | how, name)
            return
        room = bottom - 26
        painter.save()
        painter.translate(left, bottom - 4)
        painter.rotate(-90)
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(0, 0, room, side), _LEFT | how, text)
        painter.restore()

    def _draw_cell(self, painter: QPainter, row: int, column: int, share: float) -> None:
        spot = self.cell_rect(row, column).adjusted(0, 0, -1, -1)
        ink = accent if row == column else marker
        colour = QColor(ink(self.palette()))
        count = int(self._counts[row, column])
        strength = 0.0 if not count else 0.12 + 0.88 * math.sqrt(share)
        ground = mixed(canvas(self.palette()), colour, strength)
        painter.fillRect(spot, ground)
        if count and spot.width() >= _SMALL:
            painter.setPen(ink_on(ground))
            painter.drawText(spot, _MIDDLE, f"{count:,}" if count < 10_000 else f"{count // 1000}k")


class ConfidenceView(QWidget):
    """Accuracy over confidence as bars, and accuracy of the surest as a line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bins: Sequence[Bin] = ()
        self._coverage: Sequence[Coverage] = ()
        self.setAccessibleName("Confidence and accuracy")
        self.setMinimumSize(300, 200)

    def show_scores(self, bins: Sequence[Bin], coverage: Sequence[Coverage]) -> None:
        """Show how far confidence can be trusted."""
        self._bins, self._coverage = bins, coverage
        said = "; ".join(
            f"{one.confidence:.0%} sure: {one.accuracy:.0%} right" for one in self._bins
        )
        self.setAccessibleDescription(said)
        self.update()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the two plots beside each other."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        half = self.width() // 2
        self._draw_bins(painter, self._frame(QRect(0, 0, half, self.height())))
        self._draw_coverage(painter, self._frame(QRect(half, 0, half, self.height())))
        painter.end()

    @staticmethod
    def _frame(place: QRect) -> QRectF:
        return QRectF(place.adjusted(44, 26, -16, -42))

    def _axes(self, painter: QPainter, frame: QRectF, title: str, below: str, low: float) -> None:
        painter.fillRect(frame, canvas(self.palette()))
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        head = QRectF(frame.left() - 36, frame.top() - 24, frame.width() + 48, 20)
        painter.drawText(head, _LEFT, title)
        painter.setPen(faint_text(self.palette()))
        for share in (0.0, 0.5, 1.0):
            y = frame.bottom() - share * frame.height()
            text = f"{low + share * (1 - low):.0%}"
            painter.drawText(QRectF(frame.left() - 44, y - 9, 40, 18), _RIGHT, text)
        under = QRectF(frame.left() - 20, frame.bottom() + 20, frame.width() + 40, 18)
        painter.drawText(under, _MIDDLE, below)
        painter.setPen(axis_line(self.palette()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame)

    def _draw_bins(self, painter: QPainter, frame: QRectF) -> None:
        self._axes(painter, frame, "Right, by confidence", "confidence", 0.0)
        self._ends(painter, frame, "0%", "100%")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent(self.palette()))
        for one in self._bins:
            left = frame.left() + one.low * frame.width()
            high = one.accuracy * frame.height()
            width = (one.high - one.low) * frame.width()
            painter.drawRect(QRectF(left + 1, frame.bottom() - high, width - 2, high))
        painter.setPen(QPen(marker(self.palette()), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(frame.bottomLeft(), frame.topRight())

    def _draw_coverage(self, painter: QPainter, frame: QRectF) -> None:
        low = min((one.accuracy for one in self._coverage), default=0.0)
        low = max(0.0, math.floor(10 * low - 1e-9) / 10)
        self._axes(painter, frame, "Right, of the surest", "share that is answered", low)
        self._ends(painter, frame, "50%", "100%")
        points = [
            QPointF(
                frame.left() + (one.share - 0.5) / 0.5 * frame.width(),
                frame.bottom() - (one.accuracy - low) / (1 - low) * frame.height(),
            )
            for one in self._coverage
        ]
        painter.setPen(QPen(accent(self.palette()), 2))
        painter.setBrush(accent(self.palette()))
        painter.drawPolyline(points)
        for point in points:
            painter.drawEllipse(point, 3, 3)

    def _ends(self, painter: QPainter, frame: QRectF, first: str, last: str) -> None:
        painter.setPen(faint_text(self.palette()))
        line = QRectF(frame.left() - 16, frame.bottom() + 3, frame.width() + 32, 18)
        painter.drawText(line, _LEFT, first)
        painter.drawText(line, _RIGHT, last)
