"""The endless map: its items, their copies beyond closed borders, and the way round."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QObject, QRectF, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsView

from image2map_gui.ui.map_view.tiles import Copies, Period, Turn


class Endless(QObject):
    """Puts items into a box, each with its copies, and keeps what is seen near the map itself.

    Items lie one upon the other, the first below.
    """

    def __init__(
        self, canvas: QGraphicsView, box: pg.ViewBox, items: Sequence[pg.GraphicsObject]
    ) -> None:
        super().__init__(canvas)
        self._canvas, self._box = canvas, box
        self._copies = [Copies(item) for item in items]
        self._turn = Turn()
        self._period: Period = (0.0, 0.0)
        for pair in zip(items, self._copies, strict=True):
            for item in pair:
                box.addItem(item, ignoreBounds=True)
        box.addItem(self._turn, ignoreBounds=True)
        box.sigRangeChanged.connect(self._come_round)

    def set_map(self, area: QRectF, period: Period) -> None:
        """Take over where the map lies, and after how much of it it begins again."""
        if period != self._period or any(period):
            self._turn.set_map(area, period)
            for copies in self._copies:
                copies.set_map(area, period)
        self._period = period
        mode = QGraphicsView.ViewportUpdateMode
        wanted = mode.FullViewportUpdate if any(period) else mode.MinimalViewportUpdate
        if self._canvas.viewportUpdateMode() != wanted:
            self._canvas.setViewportUpdateMode(wanted)

    def set_colour(self, colour: QColor) -> None:
        """Choose the colour of the line around one turn."""
        self._turn.set_colour(colour)

    @Slot()
    def _come_round(self) -> None:
        """Move by whole turns, so that the middle of what is seen lies on the map itself."""
        across, down = self._period
        middle = self._box.viewRect().center()
        x = across * math.floor(middle.x() / across) if across else 0.0
        y = down * math.floor(middle.y() / down) if down else 0.0
        if x or y:
            self._box.translateBy(x=-x, y=-y)
