"""Cells that are large enough open: over the prototype, the pictures that lie on the unit."""

from __future__ import annotations

import dataclasses
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QPolygonF

from image2map_gui.core.images.sources import Source
from image2map_gui.core.picture.cells import Cells
from image2map_gui.ui.map_view.tiles import seen
from image2map_gui.ui.state import MapState

_OPENS, _OPEN = 90.0, 130.0  # pixels across a cell: from here on, and wholly
_LEAST = 44.0  # pixels that a picture gets at least
_GAP = 2.0  # pixels between pictures
_STEP = 1.25  # a kept cell is drawn up to this much larger or smaller before it is made anew
_INNER = 0.96  # of a cell's sides: what is hidden of its prototype
_INSCRIBED = 0.72  # of the width of a hexagon, for a square in it
_KEPT_BYTES = 96 << 20
_SECONDS = 0.005  # for making cells, in each painting
_VEIL = 0.8  # how much of a prototype is hidden when its cell is open

Pixmaps = Callable[[Source, int], QPixmap | None]


@dataclasses.dataclass(frozen=True)
class Place:
    """Where in a cell a picture lies, in parts of the cell's box, and which one."""

    box: QRectF
    source: Source | None
    more: int = 0  # pictures for which there is no room, in the last place


@dataclasses.dataclass
class _Opened:
    """A cell as it was painted; not ``whole`` while some of its pictures are being read."""

    pixmap: QPixmap
    side: float
    whole: bool


def places(members: Sequence[Source], pixels: float) -> Iterator[Place]:
    """Yield where the pictures of a unit lie in its opened cell, the nearest first.

    Parameters
    ----------
    members
        Pictures, the nearest first.
    pixels
        The length of the box's side on the screen; it decides how many pictures there is room for.
    """
    across = min(math.ceil(math.sqrt(len(members))), max(1, int(pixels // _LEAST)))
    down = min(across, math.ceil(len(members) / max(1, across)))
    room = across * down
    shown = len(members) if len(members) <= room else room - 1
    for place in range(min(len(members), room)):
        row, column = divmod(place, across)
        box = QRectF(column / across, row / across, 1 / across, 1 / across)
        box.translate(0, (1 - down / across) / 2)
        if place < shown or room == 1:
            yield Place(box, members[place])
        else:
            yield Place(box, None, len(members) - shown)


def box_of(cells: Cells, unit: int) -> QRectF:
    """Return where in its cell the pictures of a unit may lie."""
    share = _INSCRIBED if cells.grid.hexagonal else _INNER
    x, y = cells.middles[unit].tolist()
    size = QSizeF(share, share * cells.shape)
    return QRectF(QPointF(x - size.width() / 2, y - size.height() / 2), size)


class OpenCells(pg.GraphicsObject):  # type: ignore[misc]
    """Paints the pictures of the units into the cells that are seen large enough.

    A few cells are made in each painting and kept; those not made yet follow in the next ones.
    """

    def __init__(self, pixmaps: Pixmaps) -> None:
        super().__init__()
        self._pixmaps = pixmaps
        self._state: MapState | None = None
        self._area = QRectF()
        self._made: OrderedDict[int, _Opened] = OrderedDict()
        self._bytes = 0
        self._veil, self._text = QColor("white"), QColor("black")

    def show_map(self, state: MapState | None, area: QRectF) -> None:
        """Open the cells of this map from now on."""
        before, self._state = self._state, state
        same = before is not None and state is not None and before.units is state.units
        if before is None or state is None or not same or before.pictures is not state.pictures:
            self.forget()
        if area != self._area:
            self.prepareGeometryChange()
            self._area = area

    def set_colours(self, ground: QColor, text: QColor) -> None:
        """Choose what lies between the pictures, and the colour of words."""
        self._veil, self._text = QColor(ground), text
        self._veil.setAlphaF(_VEIL)
        self.forget()

    def forget(self) -> None:
        """Make all cells anew when they are seen next."""
        self._made.clear()
        self._bytes = 0
        self.update()

    def refresh(self) -> None:
        """Make those cells anew whose pictures were not all there."""
        for unit in [unit for unit, cell in self._made.items() if not cell.whole]:
            self._drop(unit)
        self.update()

    def member_at(self, point: QPointF, pixels: float) -> Source | None:
        """Return the picture seen at a point of the map, where a cell is ``pixels`` wide."""
        state = self._state
        unit = None if state is None else state.cells.unit_on_plane(point.x(), point.y())
        if state is None or unit is None or pixels < _OPEN:
            return None
        box = box_of(state.cells, unit)
        x, y = state.cells.turned(unit, point.x(), point.y())
        x, y = (x - box.x()) / box.width(), (y - box.y()) / box.height()
        for place in places(state.ranked(unit), box.width() * pixels):
            if place.box.contains(QPointF(x, y)):
                return place.source
        return None

    def boundingRect(self) -> QRectF:
        """Tell what may be painted on."""
        return self._area

    def paint(self, painter: QPainter, *_arguments: object) -> None:
        """Paint the cells that are seen, if they are large enough."""
        state, pixels = self._state, painter.worldTransform().m11()
        if state is None or state.hits is None or pixels <= _OPENS:
            return
        painter.setOpacity(painter.opacity() * min(1.0, (pixels - _OPENS) / (_OPEN - _OPENS)))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, state.grid.hexagonal)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._veil)
        end = time.perf_counter() + _SECONDS
        waiting = False
        for unit in _seen_units(state.cells, seen(painter)):
            if not state.hits[unit]:
                continue
            box = box_of(state.cells, unit)
            cell = self._cell(state, unit, box, painter, in_time=time.perf_counter() < end)
            if cell is None:
                waiting = True
            else:
                painter.drawPolygon(_outline(state.cells, unit))
                painter.drawPixmap(box, cell.pixmap, QRectF(cell.pixmap.rect()))
        if waiting:
            self.update()

    def _cell(
        self, state: MapState, unit: int, box: QRectF, painter: QPainter, *, in_time: bool
    ) -> _Opened | None:
        """Return a cell as it is kept; made anew, in time, if that would look better."""
        ratio = painter.device().devicePixelRatioF()
        side = box.width() * painter.worldTransform().m11() * ratio
        kept = self._made.get(unit)
        if kept is not None and kept.side / _STEP < side < kept.side * _STEP:
            self._made.move_to_end(unit)
            return kept
        if not in_time:
            return kept
        if kept is not None:
            self._drop(unit)
        made = self._opened(state.ranked(unit), side, box.height() / box.width(), ratio)
        self._made[unit] = made
        self._bytes += _bytes_of(made)
        while self._bytes > _KEPT_BYTES and len(self._made) > 1:
            self._drop(next(iter(self._made)))
        return made

    def _drop(self, unit: int) -> None:
        self._bytes -= _bytes_of(self._made.pop(unit))

    def _opened(
        self, members: Sequence[Source], side: float, shape: float, ratio: float
    ) -> _Opened:
        """Paint the pictures of a unit ``side`` device pixels wide."""
        size = QSize(max(1, round(side)), max(1, round(side * shape)))
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(self._text)
        whole = True
        for place in places(members, side / ratio):
            box = QRectF(
                place.box.x() * size.width(), place.box.y() * size.height(),
                place.box.width() * size.width(), place.box.height() * size.height(),
            ).adjusted(_GAP, _GAP, -_GAP, -_GAP)  # fmt: skip
            if place.source is None:
                _write_more(painter, box, place.more, ratio)
            else:
                whole &= self._draw(painter, box, place.source)
        painter.end()
        return _Opened(pixmap, side, whole)

    def _draw(self, painter: QPainter, box: QRectF, source: Source) -> bool:
        """Draw a picture into a box, its sides in proportion; returns whether it is there."""
        wanted = round(max(box.width(), box.height()))
        pixmap = self._pixmaps(source, wanted)
        if pixmap is None:
            return False
        if pixmap.isNull():
            return True
        size = QSizeF(pixmap.size()).scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(QPointF(), size)
        place.moveCenter(box.center())
        painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
        return True


def _outline(cells: Cells, unit: int) -> QPolygonF:
    """Return the corners of a cell, drawn in a little, so that its prototype frames it."""
    middle = cells.middles[unit]
    corners = middle + (cells.outlines[unit] - middle) * _INNER
    return QPolygonF([QPointF(x, y) for x, y in corners.tolist()])


def _write_more(painter: QPainter, box: QRectF, more: int, ratio: float) -> None:
    font = painter.font()
    font.setPixelSize(max(8, round(11 * ratio)))
    painter.setFont(font)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"+{more:,}")


def _seen_units(cells: Cells, visible: QRectF) -> list[int]:
    """Return the units whose middles lie within half a cell of what is visible."""
    x, y = cells.middles.T
    inside = (x > visible.left() - 0.5) & (x < visible.right() + 0.5)
    inside &= (y > visible.top() - cells.shape) & (y < visible.bottom() + cells.shape)
    found: list[int] = np.flatnonzero(inside).tolist()
    return found


def _bytes_of(cell: _Opened) -> int:
    return 4 * cell.pixmap.width() * cell.pixmap.height()
