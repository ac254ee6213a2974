"""What is drawn with lines, pies and letters over the map, in its coordinates: a cell is 1 wide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
)

from image2map_gui.core.picture.cells import Cells
from image2map_gui.core.picture.plane import Plane
from image2map_gui.core.picture.ramps import coloured
from image2map_gui.core.picture.regions import name_places, outlines
from image2map_gui.core.picture.views import pie_radii, wall_widths

_SHADES = 16  # of walls: each is one call
_THIN = 4  # shades of walls too thin for a line under them
_CASING = 1.6  # width of the dark line under a wall, in widths of the wall
_DARK, _LIGHT = QColor(20, 20, 20), QColor(255, 255, 255, 230)
_OUTLINE_PIXELS = 2.0
_PIE_PIXELS = 18  # of a cell, from which pies are drawn one by one
_TURN = 5760  # sixteenths of a degree
_NAME_POINTS, _HALO_PIXELS = 10, 3.0
_GAP = 4.0  # pixels between names


def visible_part(painter: QPainter) -> QRectF:
    """Return what of the map lies on the paper of a painter, wherever the map was moved to."""
    inverted, possible = painter.worldTransform().inverted()
    if not possible:
        return QRectF()
    return inverted.mapRect(QRectF(painter.viewport())).adjusted(-1, -1, 1, 1)


class Walls:
    """Walls between cells, each as thick and light as its neighbours are apart.

    A dark line under each sets it off from light pictures as from dark ones.
    """

    def __init__(self, plane: Plane, cells: Cells) -> None:
        assert plane.details is not None
        self._ends = cells.walls[1]
        widths = wall_widths(plane)
        span = (plane.high - plane.low) or 1.0
        shares = np.clip((plane.details - plane.low) / span, 0, 1)
        self._shades = np.rint(shares * (_SHADES - 1)).astype(np.intp)
        steps = np.arange(_SHADES) / (_SHADES - 1)
        colours = coloured(steps, plane.ramp, 0.0, 1.0).tolist()
        top = float(widths.max(initial=0.0))
        self._pens = []
        for colour, step in zip(colours, steps, strict=True):
            width = max(float(widths.min(initial=top)), top * float(step))
            self._pens.append((_pen(_DARK, _CASING * width), _pen(QColor(*colour), width)))
        self._all = self._lines(np.arange(len(self._ends)))

    def paint(self, painter: QPainter) -> None:
        """Draw the walls that can be seen."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = _rows_within(self._ends.mean(axis=1), visible_part(painter))
        lines = self._all if len(seen) == len(self._ends) else self._lines(seen)
        for first, layer in ((_THIN, 0), (0, 1)):
            for pens, some in zip(self._pens[first:], lines[first:], strict=True):
                if some:
                    painter.setPen(pens[layer])
                    painter.drawLines(some)

    def _lines(self, rows: NDArray[np.intp]) -> list[list[QLineF]]:
        lines: list[list[QLineF]] = [[] for _ in range(_SHADES)]
        ends, shades = self._ends[rows].reshape(-1, 4).tolist(), self._shades[rows].tolist()
        for (x, y, to_x, to_y), shade in zip(ends, shades, strict=True):
            lines[shade].append(QLineF(x, y, to_x, to_y))
        return lines


class Pies:
    """A pie in each cell: the labels of its pictures, clockwise from the top.

    Large ones are drawn one by one. Small ones are many, and too slow for that: they are a picture
    of all, made once.
    """

    def __init__(self, plane: Plane, cells: Cells) -> None:
        assert plane.details is not None
        self._cells = cells
        self._counts: NDArray[np.integer] = plane.details
        self._radii = pie_radii(plane, cells.shape)
        self._colours = plane.inks
        self._brushes = [QBrush(QColor(*colour)) for colour in self._colours.tolist()]
        self._slices = _slices(plane.details)
        self._small: QImage | None = None

    def paint(self, painter: QPainter) -> None:
        """Draw the pies that can be seen."""
        if painter.worldTransform().m11() < _PIE_PIXELS:
            if self._small is None:
                self._small = _small_pies(self._counts, self._radii, self._colours, self._cells)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            area = QRectF(0, 0, self._cells.width, self._cells.height)
            painter.drawImage(area, self._small)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = _rows_within(self._cells.middles, visible_part(painter))
        for unit in seen[self._radii[seen] > 0].tolist():
            x, y = self._cells.middles[unit].tolist()
            radius = float(self._radii[unit])
            disc = QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
            painter.setPen(Qt.PenStyle.NoPen)
            slices = self._slices[unit]
            for kind, start, span in slices:
                painter.setBrush(self._brushes[kind])
                if len(slices) == 1:
                    painter.drawEllipse(disc)
                else:
                    painter.drawPie(disc, start, span)
            painter.setPen(_RIM)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(disc)


def _small_pies(
    counts: NDArray[np.integer],
    radii: NDArray[np.float64],
    colours: NDArray[np.uint8],
    cells: Cells,
) -> QImage:
    """Paint all pies into one picture of the map, with soft rims."""
    side = _PIE_PIXELS
    width, height = round(cells.width * side), round(cells.height * side)
    away = np.arange(side) - (side - 1) / 2
    turns = np.mod(np.arctan2(away[None, :], -away[:, None]) / (2 * np.pi), 1.0)
    turns = turns.reshape(-1).astype(np.float32)
    far = np.hypot(away[:, None], away[None, :]).reshape(-1).astype(np.float32)
    ends = np.cumsum(counts, axis=1) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ends = ends.astype(np.float32)
    kinds = np.zeros((len(counts), side * side), np.uint16)
    for end in ends[:, :-1].T:  # how many slices have ended before the direction of each pixel
        kinds += end[:, None] <= turns
    cover = np.clip(255 * (side * radii[:, None].astype(np.float32) - far + 0.5), 0, 255)
    table = np.zeros((len(colours), 4), np.uint8)
    table[:, :3] = colours
    tiles = table.view(np.uint32)[:, 0][kinds].view(np.uint8).reshape(len(counts), side, side, 4)
    tiles[..., 3] = cover.astype(np.uint8).reshape(len(counts), side, side)
    # A frame, since tiles are square where cells may be lower.
    sheet = np.zeros((height + 2 * side, width + 2 * side, 4), np.uint8)
    corners = np.rint(cells.middles * side - side / 2).astype(np.intp) + side
    for tile, (x, y) in zip(tiles, corners.tolist(), strict=True):
        place = sheet[y : y + side, x : x + side]
        np.copyto(place, tile, where=tile[..., 3:] > place[..., 3:])
    inner = np.ascontiguousarray(sheet[side:-side, side:-side])
    kind = QImage.Format.Format_RGBA8888
    return QImage(inner.tobytes(), width, height, 4 * width, kind).copy()


class Regions:
    """Outlines of regions, and their names where there is room."""

    def __init__(self, plane: Plane, cells: Cells) -> None:
        self._slanted = cells.grid.hexagonal
        lines = outlines(cells, plane.values).reshape(-1, 4).tolist()
        self._outlines = [QLineF(*ends) for ends in lines]
        font = QFont()
        font.setPointSize(_NAME_POINTS)
        font.setBold(True)
        sizes = [int(np.count_nonzero(plane.values == kind)) for kind in range(len(plane.kinds))]
        places = name_places(cells, plane.values, len(plane.kinds))
        named = [
            (size, name, QPointF(*cells.middles[unit].tolist()))
            for size, name, unit in zip(sizes, plane.kinds, places, strict=True)
            if unit is not None
        ]
        named.sort(key=lambda one: -one[0])  # the largest regions keep their names
        around = QPainterPathStroker(_pen(_LIGHT, _HALO_PIXELS))
        shapes = ((_letters(name, font), middle) for _, name, middle in named)
        self._names = [(shape, around.createStroke(shape), middle) for shape, middle in shapes]

    def paint(self, painter: QPainter) -> None:
        """Draw outlines and names, these as large at any zoom."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._slanted)
        for colour, width in (
            (QColor(255, 255, 255, 170), 2 * _OUTLINE_PIXELS),
            (_DARK, _OUTLINE_PIXELS),
        ):
            pen = _pen(colour, width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawLines(self._outlines)
        to_pixels = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        written: list[QRectF] = []
        for letters, halo, middle in self._names:
            place = to_pixels.map(middle)
            room = letters.boundingRect().translated(place).adjusted(-_GAP, -_GAP, _GAP, _GAP)
            if not any(room.intersects(other) for other in written):
                written.append(room)
                painter.fillPath(halo.translated(place), _LIGHT)
                painter.fillPath(letters.translated(place), _DARK)
        painter.restore()


def _slices(counts: NDArray[np.integer]) -> list[list[tuple[int, int, int]]]:
    """Return kind, start and span of each slice of each unit, in sixteenths of a degree."""
    slices: list[list[tuple[int, int, int]]] = [[] for _ in counts]
    totals = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ends = np.rint(np.cumsum(counts, axis=1) * (_TURN / totals)).astype(np.intp)
    starts = np.hstack([np.zeros((len(counts), 1), np.intp), ends[:, :-1]])
    units, kinds = np.nonzero(counts)
    begin, turn = _TURN // 4 - starts[units, kinds], (starts - ends)[units, kinds]
    columns = (column.tolist() for column in (units, kinds, begin, turn))
    for unit, kind, start, span in zip(*columns, strict=True):
        slices[unit].append((kind, start, span))
    return slices


def _letters(text: str, font: QFont) -> QPainterPath:
    """Return a word as a shape, its middle at the origin."""
    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, 140)
    path = QPainterPath()
    path.addText(
        QPointF(-metrics.horizontalAdvance(shown) / 2, metrics.capHeight() / 2), font, shown
    )
    return path


def _rows_within(points: NDArray[np.float64], part: QRectF) -> NDArray[np.intp]:
    x, y = points[:, 0], points[:, 1]
    inside = (x >= part.left()) & (x <= part.right()) & (y >= part.top()) & (y <= part.bottom())
    return np.flatnonzero(inside)


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


_RIM = QPen(QColor(20, 20, 20, 200), 1.0)
_RIM.setCosmetic(True)
Inks = Sequence[Walls | Pies | Regions]
