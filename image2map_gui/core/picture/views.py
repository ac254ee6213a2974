"""Every view of a map as a drawing with title and legend, ready to be written to a file."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

from image2map_gui.core.model import MapModel
from image2map_gui.core.picture.cells import PITCH, TALL, Cells, cells_of
from image2map_gui.core.picture.mosaic import mosaic
from image2map_gui.core.picture.plane import BETWEEN, CELLS, PIES, REGIONS, WALLS, Plane
from image2map_gui.core.picture.ramps import coloured, ramp_table
from image2map_gui.core.picture.regions import name_places, outlines
from image2map_gui.core.picture.scene import Colour, Line, Part, Pixels, Polygon, Scene, Text

_MARGIN = 16.0
_TITLE = 15.0
_SMALL = 11.0
_LEGEND = 12.0  # height of the ramp
_LINE = 17.0
_PANEL = 240.0  # width of one of several drawings side by side, at most
_LEAST = 260.0  # width of a drawing, for its legend
_FINE, _WIDEST = 96, 6000  # pixels of a hexagon and of a map of them, about
_THICKEST, _THINNEST = 0.14, 0.02  # walls, in cells
# Of a regular hexagon of width 1 that stands on a corner.
_CORNERS = ((0, -0.577), (0.5, -0.289), (0.5, 0.289), (0, 0.577), (-0.5, 0.289), (-0.5, -0.289))
_FAINTEST = 0.1  # area of a pie, as a share of the largest
_FAINT: Colour = (110, 110, 110)
_BETWEEN: Colour = (255, 255, 255)
_DARK: Colour = (25, 25, 25)


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


def plane_view(model: MapModel, plane: Plane, note: str = "") -> Scene:
    """Draw what a layer says of each unit, in the form it asks for."""
    return framed(plane.title, _FORMS[plane.form](model, plane), legend_of(plane), note)


def planes_view(model: MapModel, title: str, planes: Sequence[Plane], note: str = "") -> Scene:
    """Draw layers of one map side by side, each under its own title, with one legend for all."""
    across = math.ceil(math.sqrt(2 * len(planes)))
    parts: list[Part] = []
    wide = high = 0.0
    for place, plane in enumerate(planes):
        whole = _FORMS[plane.form](model, plane)
        inner = whole.scaled(min(1.0, _PANEL / whole.width))
        wide, high = inner.width + _LINE, inner.height + 2 * _LINE
        row, column = divmod(place, across)
        x, y = column * wide, row * high
        parts.append(Text(x, y + _SMALL, plane.title, _SMALL, _FAINT))
        parts += inner.moved(x, y + _LINE)
    rows = -(-len(planes) // across)
    inner = Scene(across * wide - _LINE, rows * high - _LINE, tuple(parts))
    return framed(title, inner, legend_of(planes[0]), note)


def _cells_drawn(model: MapModel, plane: Plane) -> Scene:
    return _filled(*_cells(model), plane.colours)


def mosaic_view(model: MapModel, title: str = "Map", note: str = "") -> Scene:
    """Draw what each unit looks like."""
    return pictures_view(model, model.prototypes, title, note)


def pictures_view(
    model: MapModel, pictures: NDArray[np.uint8], title: str, note: str = ""
) -> Scene:
    """Draw one picture per unit, ``(k, height, width, channels)``; of hexagons in hexagons."""
    return framed(title, _sheet(model, pictures), note=note)


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


def _walls_drawn(model: MapModel, plane: Plane) -> Scene:
    """Draw the prototypes, and between them walls as thick and light as they are apart."""
    cells, layout = _cells(model)
    inner = _sheet(model, model.prototypes)
    assert plane.details is not None
    widths = wall_widths(plane) * layout.side
    ends = cells.walls[1] * layout.side
    shades = [_colour(colour) for colour in plane.detail_colours]
    # A dark line under each wall sets it off from light pictures as from dark ones.
    under = [_line(pair, _DARK, width * 1.5) for pair, width in zip(ends, widths, strict=True)]
    walls = [_line(*one) for one in zip(ends, shades, widths, strict=True)]
    return Scene(inner.width, inner.height, (*inner.parts, *under, *walls))


def wall_widths(plane: Plane) -> NDArray[np.float64]:
    """Return how thick each wall of a plane is drawn, in widths of a cell."""
    assert plane.details is not None
    shares = (plane.details - plane.low) / ((plane.high - plane.low) or 1.0)
    return np.asarray(np.maximum(_THINNEST, _THICKEST * shares))


def _line(ends: NDArray[np.float64], colour: Colour, width: float) -> Line:
    (x, y), (to_x, to_y) = ends.tolist()
    return Line((x, y), (to_x, to_y), colour, float(width))


def _between_drawn(model: MapModel, plane: Plane) -> Scene:
    """Draw the expanded U-matrix, see :func:`expanded_u_matrix`."""
    _, layout = _cells(model)
    values, colours = plane.details, plane.detail_colours
    assert values is not None
    half = layout.side / 2
    if model.grid.hexagonal:
        parts = _hexagons_between(values, colours, half)
        size = (values.shape[1] / 2 + 0.5) * layout.side, (values.shape[0] * PITCH + 0.4) * half
        return Scene(*size, tuple(parts))
    size = values.shape[1] * half, values.shape[0] * half * layout.shape
    return Scene(*size, (Pixels(0, 0, *size, colours),))


def _regions_drawn(model: MapModel, plane: Plane) -> Scene:
    """Draw cells in the colours of their regions, with outlines and names."""
    cells, layout = _cells(model)
    filled = _filled(cells, layout, plane.colours)
    lines = [
        _line(ends, _DARK, 0.08 * layout.side)
        for ends in outlines(cells, plane.values) * layout.side
    ]
    names: list[Part] = []
    for name, unit in zip(
        plane.kinds, name_places(cells, plane.values, len(plane.kinds)), strict=True
    ):
        if unit is not None:
            x, y = (cells.middles[unit] * layout.side).tolist()
            names += _haloed(x, y + _SMALL / 3, _shortened(name, 18))
    return Scene(filled.width, filled.height, (*filled.parts, *lines, *names))


def _haloed(x: float, y: float, text: str) -> list[Part]:
    """Write dark on light, whatever lies below."""
    around = ((-1, 0), (1, 0), (0, -1), (0, 1), (-0.7, -0.7), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7))
    light: list[Part] = [
        Text(x + a, y + b, text, _SMALL, _BETWEEN, "middle", bold=True) for a, b in around
    ]
    return [*light, Text(x, y, text, _SMALL, _DARK, "middle", bold=True)]


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


def _pies_drawn(model: MapModel, plane: Plane) -> Scene:
    """Draw the labels of each unit's pictures as a pie, its area by the number of pictures."""
    cells, layout = _cells(model)
    assert plane.details is not None
    colours, radii = plane.inks, pie_radii(plane, layout.shape)
    parts: list[Part] = []
    corners_of = cells.outlines * layout.side
    for unit, counts in enumerate(plane.details):
        corners = tuple((float(x), float(y)) for x, y in corners_of[unit])
        parts.append(Polygon(corners, (246, 246, 246), (222, 222, 222), 0.5))
        if radii[unit]:
            radius = float(radii[unit]) * layout.side
            parts += _pie(cells.middles[unit] * layout.side, radius, counts, colours)
    return _map_scene(cells, layout, parts)


def pie_radii(plane: Plane, shape: float) -> NDArray[np.float64]:
    """Return the radius of each pie, in widths of a cell ``shape`` times as high; 0 for none.

    The area follows the number of pictures, up to that of the fullest twentieth of the units; none
    becomes too small to be seen.
    """
    used = plane.values[plane.values > 0]
    top = float(np.percentile(used, 95)) if len(used) else 1.0
    shares = np.where(plane.values > 0, np.clip(plane.values / top, _FAINTEST, 1), 0.0)
    return np.asarray(0.46 * min(1.0, shape) * np.sqrt(shares))


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


def framed(title: str, inner: Scene, legend: Scene | None = None, note: str = "") -> Scene:
    """Put a title over a drawing, a note below the title, and its legend under it."""
    wide = max(inner.width, _LEAST, legend.width if legend else 0, _text_width(note))
    parts: list[Part] = [Text(_MARGIN, _MARGIN + _TITLE, title, _TITLE, bold=True)]
    top = _MARGIN + _TITLE + 10
    if note:
        parts.append(Text(_MARGIN, top + _SMALL - 3, note, _SMALL, _FAINT))
        top += _LINE
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
    if plane.counted:
        return _legend_of_counts(plane)
    ramp = Pixels(0, 0, _LEAST, _LEGEND, ramp_table(plane.ramp)[None])
    y = _LEGEND + _SMALL + 3
    words: list[Part] = [
        Text(0, y, f"{plane.low:.4g}", _SMALL, _FAINT),
        Text(_LEAST, y, f"{plane.high:.4g}", _SMALL, _FAINT, "right"),
        Text(_LEAST / 2, y, plane.unit, _SMALL, _FAINT, "middle"),
    ]
    return Scene(_LEAST, y + 4, (ramp, *words))


def _legend_of_counts(plane: Plane) -> Scene:
    """Draw how many units have each number, as bars in its colour."""
    units = plane.frequencies
    colours = coloured(np.arange(len(units), dtype=np.float64), plane.ramp, plane.low, plane.high)
    wide, high = max(36.0, _LEAST / len(units)), 40.0
    parts: list[Part] = []
    for place, (count, colour) in enumerate(zip(units, colours, strict=True)):
        x, top = place * wide, _LINE + high * (1 - count / max(units))
        corners = ((x, top), (x + wide - 3, top), (x + wide - 3, _LINE + high), (x, _LINE + high))
        middle = x + wide / 2 - 1.5
        parts.append(Polygon(corners, _colour(colour), _FAINT, 0.4))
        parts.append(Text(middle, top - 3, f"{count:,}", _SMALL, _FAINT, "middle"))
        parts.append(Text(middle, _LINE + high + 13, f"{place}", _SMALL, _FAINT, "middle"))
    words = f"units by their number of different {plane.unit}"
    y = _LINE + high + 28
    parts.append(Text(0, y, words, _SMALL, _FAINT))
    return Scene(max(_LEAST, len(units) * wide), y + 4, tuple(parts))


def _legend_of_kinds(plane: Plane) -> Scene:
    """Draw boxes with names, in columns as wide as the longest name."""
    names = [_shortened(name) for name in plane.kinds]
    wide = max((_text_width(name) for name in names), default=0) + _LINE + 10
    columns = max(1, int(max(_LEAST, 520) // wide))
    parts: list[Part] = []
    for place, (name, colour) in enumerate(zip(names, plane.inks, strict=True)):
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
    return cells_of(model.grid, layout.shape), layout


def _map_scene(cells: Cells, layout: Layout, parts: Sequence[Part]) -> Scene:
    return Scene(cells.width * layout.side, cells.height * layout.side, tuple(parts))


def _filled(cells: Cells, layout: Layout, colours: NDArray[np.uint8]) -> Scene:
    line = _BETWEEN if layout.side >= 18 else None
    corners_of = cells.outlines * layout.side
    parts = [
        Polygon(tuple((float(x), float(y)) for x, y in corners), _colour(colour), line, 0.6)
        for corners, colour in zip(corners_of, colours, strict=True)
    ]
    return _map_scene(cells, layout, parts)


def _colour(values: NDArray[np.uint8]) -> Colour:
    return int(values[0]), int(values[1]), int(values[2])


_FORMS: dict[str, Callable[[MapModel, Plane], Scene]] = {
    CELLS: _cells_drawn,
    WALLS: _walls_drawn,
    BETWEEN: _between_drawn,
    PIES: _pies_drawn,
    REGIONS: _regions_drawn,
}
