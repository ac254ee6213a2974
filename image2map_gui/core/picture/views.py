"""Every view of a map as a drawing with title and legend, ready to be written to a file."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

from image2map_gui.core.model import MapModel
from image2map_gui.core.picture.cells import PITCH, TALL, Cells
from image2map_gui.core.picture.mosaic import mosaic
from image2map_gui.core.picture.planes import Plane
from image2map_gui.core.picture.ramps import coloured, kind_colours, ramp_table
from image2map_gui.core.picture.scene import Colour, Line, Part, Pixels, Polygon, Scene, Text
from image2map_gui.core.som.quality.edges import edge_lengths
from image2map_gui.core.som.quality.expanded import expanded_u_matrix

_MARGIN = 16.0
_TITLE = 15.0
_SMALL = 11.0
_LEGEND = 12.0  # height of the ramp
_LINE = 17.0
_LEAST = 260.0  # width of a drawing, for its legend
_FINE, _WIDEST = 96, 6000  # pixels of a hexagon and of a map of them, about
_THICKEST = 0.14  # wall, in cells
# Of a regular hexagon of width 1 that stands on a corner.
_CORNERS = ((0, -0.577), (0.5, -0.289), (0.5, 0.289), (0, 0.577), (-0.5, 0.289), (-0.5, -0.289))
_FAINT: Colour = (110, 110, 110)
_BETWEEN: Colour = (255, 255, 255)


@dataclasses.dataclass(frozen=True)
class Layout:
    """How large a cell is drawn, in points, and how high for its width."""

    side: float
    shape: float

    @classmethod
    def of(cls, model: MapModel) -> Layout:
        """Return a layout whose cells hold the prototypes, 16 to 64 points wide."""
        height, width, _ = model.spec.shape
        most = max(model.grid.rows * height / width, model.grid.columns)
        return cls(float(np.clip(1000 / most, 16, 64)), height / width)


def plane_view(model: MapModel, plane: Plane) -> Scene:
    """Draw one number or kind per unit, each cell in its colour."""
    cells, layout = _cells(model)
    return framed(plane.title, _filled(cells, layout, plane.colours), legend_of(plane))


def mosaic_view(model: MapModel, title: str = "Map") -> Scene:
    """Draw what each unit looks like."""
    return pictures_view(model, model.prototypes, title)


def pictures_view(model: MapModel, pictures: NDArray[np.uint8], title: str) -> Scene:
    """Draw one picture per unit, ``(k, height, width, channels)``; of hexagons in hexagons."""
    return framed(title, _sheet(model, pictures))


def _sheet(model: MapModel, pictures: NDArray[np.uint8]) -> Scene:
    """Draw all pictures as one; those in hexagons finer, so that their borders are smooth."""
    cells, layout = _cells(model)
    if model.grid.hexagonal:
        finer = max(
            1, min(_FINE // pictures.shape[2], _WIDEST // (model.grid.columns * pictures.shape[2]))
        )
        pictures = pictures.repeat(finer, axis=1).repeat(finer, axis=2)
    size = cells.width * layout.side, cells.height * layout.side
    return Scene(*size, (Pixels(0, 0, *size, mosaic(pictures, model.grid)),))


def walls_view(model: MapModel) -> Scene:
    """Draw the prototypes, and between them walls as dark and thick as they are apart."""
    cells, layout = _cells(model)
    inner = _sheet(model, model.prototypes)
    pairs, ends = cells.walls
    lengths = edge_lengths(model.weights, pairs[:, 0], pairs[:, 1], model.metric)
    top = float(lengths.max(initial=0)) or 1.0
    low = float(lengths.min(initial=top))
    plane = Plane("Walls", lengths, "distance of neighbours", "viridis", low, top)
    walls = [
        Line(
            (a[0] * layout.side, a[1] * layout.side),
            (b[0] * layout.side, b[1] * layout.side),
            _colour(colour),
            max(0.02, _THICKEST * (length - low) / (top - low or 1)) * layout.side,
        )
        for (a, b), colour, length in zip(ends, plane.colours, lengths, strict=True)
    ]
    scene = Scene(inner.width, inner.height, (*inner.parts, *walls))
    return framed("Map with walls", scene, legend_of(plane))


def expanded_view(model: MapModel) -> Scene:
    """Draw the expanded U-matrix, see :func:`expanded_u_matrix`."""
    _, layout = _cells(model)
    values = expanded_u_matrix(model.weights, model.grid, model.metric)
    known = values[np.isfinite(values)]
    low, high = float(known.min()), float(known.max())
    plane = Plane("U-matrix, expanded", values, "distance of neighbours", "cividis", low, high)
    colours = coloured(values, plane.ramp, low, high)
    half = layout.side / 2
    if model.grid.hexagonal:
        parts = _hexagons_between(values, colours, half)
        size = (values.shape[1] / 2 + 0.5) * layout.side, (values.shape[0] * PITCH + 0.4) * half
        scene = Scene(*size, tuple(parts))
    else:
        size = values.shape[1] * half, values.shape[0] * half * layout.shape
        scene = Scene(*size, (Pixels(0, 0, *size, colours),))
    return framed(plane.title, scene, legend_of(plane))


def _hexagons_between(
    values: NDArray[np.float64], colours: NDArray[np.uint8], side: float
) -> list[Part]:
    """Draw hexagons half as wide as those of the units, the rows shifted as their units are."""
    parts: list[Part] = []
    for row, column in zip(*np.nonzero(np.isfinite(values)), strict=True):
        # Rows of units come every second row; those between lie half a small cell to the side.
        x = (column + 0.5 + (0.5 if row % 2 else 0)) * side
        y = (row * PITCH + TALL / 2) * side
        points = tuple((x + a * side, y + b * side) for a, b in _CORNERS)
        parts.append(Polygon(points, _colour(colours[row, column])))
    return parts


def pies_view(model: MapModel) -> Scene:
    """Draw the labels of each unit's pictures as a pie, its area by the number of pictures."""
    cells, layout = _cells(model)
    colours = kind_colours(len(model.label_names))
    totals = model.label_counts.sum(axis=1)
    top = max(1, int(totals.max(initial=0)))
    parts: list[Part] = []
    outlines = cells.outlines * layout.side
    for unit, counts in enumerate(model.label_counts):
        corners = tuple((float(x), float(y)) for x, y in outlines[unit])
        parts.append(Polygon(corners, (246, 246, 246), (222, 222, 222), 0.5))
        if totals[unit]:
            radius = 0.46 * layout.side * min(1, layout.shape) * math.sqrt(totals[unit] / top)
            parts += _pie(cells.middles[unit] * layout.side, radius, counts, colours)
    kinds = Plane("Labels", np.zeros(0), kinds=model.label_names)
    return framed("Labels", _map_scene(cells, layout, parts), legend_of(kinds))


def _pie(
    middle: NDArray[np.float64],
    radius: float,
    counts: NDArray[np.int64],
    colours: NDArray[np.uint8],
) -> list[Part]:
    """Return the slices of a pie, clockwise from the top, as polygons."""
    x, y = float(middle[0]), float(middle[1])
    slices: list[Part] = []
    begin = 0.0
    for label in np.flatnonzero(counts).tolist():
        end = begin + counts[label] / counts.sum()
        turns = np.linspace(begin, end, max(2, math.ceil((end - begin) * 48) + 1)) * 2 * math.pi
        rim = [(x + radius * math.sin(turn), y - radius * math.cos(turn)) for turn in turns]
        whole = counts[label] == counts.sum()
        points = tuple(rim) if whole else ((x, y), *rim)
        slices.append(Polygon(points, _colour(colours[label])))
        begin = end
    return slices


# --- parts of all views -----------------------------------------------------------------------


def framed(title: str, inner: Scene, legend: Scene | None = None) -> Scene:
    """Put a title over a drawing and its legend under it."""
    wide = max(inner.width, _LEAST, legend.width if legend else 0)
    parts: list[Part] = [Text(_MARGIN, _MARGIN + _TITLE, title, _TITLE, bold=True)]
    top = _MARGIN + _TITLE + 10
    parts += inner.moved(_MARGIN, top)
    bottom = top + inner.height
    if legend is not None:
        parts += legend.moved(_MARGIN, bottom + 10)
        bottom += 10 + legend.height
    return Scene(wide + 2 * _MARGIN, bottom + _MARGIN, tuple(parts))


def legend_of(plane: Plane) -> Scene:
    """Draw what the colours of a plane mean."""
    if plane.kinds:
        return _legend_of_kinds(plane)
    ramp = Pixels(0, 0, _LEAST, _LEGEND, ramp_table(plane.ramp)[None])
    y = _LEGEND + _SMALL + 3
    words: list[Part] = [
        Text(0, y, f"{plane.low:.4g}", _SMALL, _FAINT),
        Text(_LEAST, y, f"{plane.high:.4g}", _SMALL, _FAINT, "right"),
        Text(_LEAST / 2, y, plane.unit, _SMALL, _FAINT, "middle"),
    ]
    return Scene(_LEAST, y + 4, (ramp, *words))


def _legend_of_kinds(plane: Plane) -> Scene:
    """Draw boxes with names, in columns as wide as the longest name."""
    names = [_shortened(name) for name in plane.kinds]
    wide = max((_text_width(name) for name in names), default=0) + _LINE + 10
    columns = max(1, int(max(_LEAST, 520) // wide))
    parts: list[Part] = []
    for place, (name, colour) in enumerate(zip(names, kind_colours(len(names)), strict=True)):
        row, column = divmod(place, columns)
        x, y = column * wide, row * _LINE
        corners = ((x, y), (x + 11, y), (x + 11, y + 11), (x, y + 11))
        parts.append(Polygon(corners, _colour(colour)))
        parts.append(Text(x + _LINE, y + 10, name, _SMALL, _FAINT))
    rows = -(-len(names) // columns)
    return Scene(min(columns, len(names)) * wide, rows * _LINE, tuple(parts))


def _shortened(name: str, most: int = 28) -> str:
    return name if len(name) <= most else f"{name[: most // 2 - 1]}…{name[-most // 2 :]}"


def _text_width(text: str) -> float:
    return float(ImageFont.load_default(_SMALL).getlength(text))


def _cells(model: MapModel) -> tuple[Cells, Layout]:
    layout = Layout.of(model)
    return Cells(model.grid, layout.shape), layout


def _map_scene(cells: Cells, layout: Layout, parts: Sequence[Part]) -> Scene:
    return Scene(cells.width * layout.side, cells.height * layout.side, tuple(parts))


def _filled(cells: Cells, layout: Layout, colours: NDArray[np.uint8]) -> Scene:
    line = _BETWEEN if layout.side >= 18 else None
    outlines = cells.outlines * layout.side
    parts = [
        Polygon(tuple((float(x), float(y)) for x, y in corners), _colour(colour), line, 0.6)
        for corners, colour in zip(outlines, colours, strict=True)
    ]
    return _map_scene(cells, layout, parts)


def _colour(values: NDArray[np.uint8]) -> Colour:
    return int(values[0]), int(values[1]), int(values[2])


View = Callable[[MapModel], Scene]
PLAIN_VIEWS: dict[str, View] = {
    "mosaic": mosaic_view,
    "walls": walls_view,
    "u-matrix-expanded": expanded_view,
    "pies": pies_view,
}
