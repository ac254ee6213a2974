"""What the colours of a layer mean: a ramp between two numbers, bars, or boxes with names."""

from __future__ import annotations

import html

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from image2map_gui.core.picture.plane import Plane
from image2map_gui.core.picture.ramps import coloured, ramp_table
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.theme import SPACE, faint_text

_RAMP = QSize(110, 10)
_LEAST_RAMP = 40
_MOST_KINDS = 40
_BAR = 9  # width of a bar
_WIDEST = 110  # of a name


class Legend(QWidget):
    """Explains a layer in one line; what has no room there is in the tool tip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plane: Plane | None = None
        self._remark = ""
        self._wide = self._tall = 0  # what can be drawn on
        self.setFixedHeight(24)
        self.setContentsMargins(SPACE, 0, SPACE, 2)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)  # the map keeps its size with and without a layer
        self.setSizePolicy(policy)
        self.hide()

    def show_plane(self, plane: Plane | None, remark: str) -> None:
        """Explain a layer, or say something else where there is none."""
        self._plane, self._remark = plane, remark
        self.setVisible(plane is not None or bool(remark))
        words = remark if plane is None else _words(plane)
        self.setAccessibleName(f"Legend: {words}" if words else "Legend")
        self.setToolTip(_plain_tip(remark) if plane is None else _tip(plane))
        self.update()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the legend in one line."""
        painter = QPainter(self)
        room = self.contentsRect()
        painter.translate(room.topLeft())
        self._wide, self._tall = room.width(), room.height()
        painter.setPen(faint_text(self.palette()))
        if self._plane is None:
            self._write(painter, 0, self._remark)
        elif self._plane.kinds:
            self._draw_kinds(painter, self._plane)
        elif self._plane.counted:
            self._draw_bars(painter, self._plane)
        else:
            self._draw_ramp(painter, self._plane)
        painter.end()

    def _draw_ramp(self, painter: QPainter, plane: Plane) -> None:
        """Draw title, low end, ramp, high end and unit; what lacks room is shortened."""
        low, high, unit = f"{plane.low:.3g}", f"{plane.high:.3g}", plane.unit
        wide = painter.fontMetrics().horizontalAdvance
        ends = wide(low) + wide(high) + 12
        room = self._wide - ends
        ramp = _RAMP.width() if wide(f"{plane.title}  {unit} ") + _RAMP.width() <= room else 60
        ramp = max(_LEAST_RAMP, min(ramp, room))
        x = self._write(painter, 0, f"{plane.title}  ", room - ramp)
        x = self._write(painter, x, low) + 6
        table = np.ascontiguousarray(ramp_table(plane.ramp))
        image = QImage(table.tobytes(), 256, 1, 768, QImage.Format.Format_RGB888)
        place = QRect(x, (self._tall - _RAMP.height()) // 2, ramp, _RAMP.height())
        painter.drawImage(place, image)
        x = self._write(painter, place.right() + 7, high)
        self._write(painter, x, f" {unit}")

    def _draw_bars(self, painter: QPainter, plane: Plane) -> None:
        """Draw how many units have each number, as bars in the colour it has on the map."""
        units = plane.frequencies
        x = self._write(painter, 0, f"{plane.title}  0 ", self._wide - _BAR * len(units) - 30)
        high = self._tall - 5
        values = np.arange(len(units), dtype=np.float64)
        colours = coloured(values, plane.ramp, plane.low, plane.high)
        for count, colour in zip(units, colours.tolist(), strict=True):
            tall = max(2 if count else 0, round(high * count / max(units)))
            bar = QRect(x, self._tall - 2 - tall, _BAR - 1, tall)
            painter.fillRect(bar, QColor(*colour))
            x += _BAR
        painter.drawLine(x - _BAR * len(units), self._tall - 2, x - 2, self._tall - 2)
        self._write(painter, x + 5, f"{len(units) - 1} {plane.unit}; height: units")

    def _draw_kinds(self, painter: QPainter, plane: Plane) -> None:
        """Draw as many names as there is room for, at least one, then how many more there are."""
        x, count = 0, len(plane.kinds)
        wide = painter.fontMetrics().horizontalAdvance
        for place, (name, colour) in enumerate(zip(plane.kinds, plane.inks, strict=True)):
            more = f"and {count - place} more" if place < count - 1 else ""
            after = f"and {count - place - 1} more" if place < count - 2 else ""
            room = self._wide - x - 14 - (wide(after) + 12 if after else 0)
            short = _elided(painter, name, min(_WIDEST, room) if not place else _WIDEST)
            if place and wide(short) > room:
                self._write(painter, x, more)
                return
            box = QRect(x, (self._tall - 10) // 2, 10, 10)
            painter.fillRect(box, QColor(*colour.tolist()))
            x = self._write(painter, x + 14, short) + 12

    def _write(self, painter: QPainter, x: int, text: str, most: int | None = None) -> int:
        """Write from ``x`` on, shortened where room ends; returns where the text ends."""
        room = self._wide - x
        shown = _elided(painter, text, room if most is None else min(room, most))
        line = QRect(x, 0, max(0, room), self._tall)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
        return x + painter.fontMetrics().horizontalAdvance(shown)


def _elided(painter: QPainter, text: str, room: int) -> str:
    metrics = painter.fontMetrics()
    if metrics.horizontalAdvance(text.rstrip()) <= room:
        return text
    return metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, max(0, room))


def _words(plane: Plane) -> str:
    if plane.kinds:
        return ", ".join(plane.kinds[:_MOST_KINDS])
    return f"{plane.title}, {plane.low:.4g} to {plane.high:.4g} {plane.unit}".strip()


def _tip(plane: Plane) -> str:
    """List all kinds with their colours, or all numbers with how many units have them."""
    if plane.counted:
        head = f"Units by their number of different {plane.unit}"
        rows = [f"{number}: {count:,}" for number, count in enumerate(plane.frequencies)]
        return _plain_tip("\n".join([head, *rows]))
    if not plane.kinds:
        return _plain_tip(_words(plane))
    head = html.escape(f"{plane.title}. {plane.unit}".rstrip(". "))
    lines = [
        f"<span style='color:rgb({r},{g},{b})'>&#9632;</span> {html.escape(name)}"
        for name, (r, g, b) in list(zip(plane.kinds, plane.inks.tolist(), strict=True))[
            :_MOST_KINDS
        ]
    ]
    return "<p style='white-space:pre'>" + "<br>".join([head, *lines]) + "</p>"


def _plain_tip(text: str) -> str:
    """Return a tool tip that is no rich text, whatever names are in it."""
    return f"<p style='white-space:pre'>{html.escape(text)}</p>" if text else ""
