"""Where the cells of a map are drawn: outlines, middles, and the walls between neighbours."""

from __future__ import annotations

import dataclasses
import math
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality.expanded import expanded_shape, expanded_u_matrix

PITCH = math.sqrt(3) / 2  # rows of regular hexagons one apart
TALL = 2 / math.sqrt(3)  # height of a regular hexagon of width 1
# Sides clockwise from the right one: the cell beyond it, and its two corners (x and y in halves of
# width and height from the middle).
_SQUARE = (
    ((0, 1), ((1, -1), (1, 1))),
    ((1, 0), ((1, 1), (-1, 1))),
    ((0, -1), ((-1, 1), (-1, -1))),
    ((-1, 0), ((-1, -1), (1, -1))),
)
_HEXAGON = (
    ((0, 1), ((1, -0.5), (1, 0.5))),
    ((1, 0), ((1, 0.5), (0, 1))),
    ((1, -1), ((0, 1), (-1, 0.5))),
    ((0, -1), ((-1, 0.5), (-1, -0.5))),
    ((-1, -1), ((-1, -0.5), (0, -1))),
    ((-1, 0), ((0, -1), (1, -0.5))),
)

Points = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Cells:
    """The cells of a grid in the plane; each is 1 wide and ``shape`` high, x right and y down.

    Hexagons stand on a corner; for square pictures they are regular.
    """

    grid: Grid
    shape: float = 1.0

    @property
    def _tall(self) -> float:
        return self.shape * (TALL if self.grid.hexagonal else 1)

    @property
    def _pitch(self) -> float:
        return self.shape * (PITCH if self.grid.hexagonal else 1)

    @property
    def width(self) -> float:
        """Width of the whole map."""
        return self.grid.width

    @property
    def height(self) -> float:
        """Height of the whole map."""
        return self._pitch * (self.grid.rows - 1) + self._tall

    @cached_property
    def middles(self) -> Points:
        """The middle of each unit's cell, ``(k, 2)``."""
        rows, columns = self.grid.cells.T
        shifted = columns + np.array([self.grid.shift(row) for row in range(self.grid.rows)])[rows]
        return np.stack([shifted + 0.5, rows * self._pitch + self._tall / 2], axis=1)

    @cached_property
    def outlines(self) -> Points:
        """The corners of each unit's cell, clockwise, ``(k, 4 or 6, 2)``."""
        corners = np.array([side[1][0] for side in self._sides], np.float64)
        return np.asarray(self.middles[:, None] + corners * [0.5, self._tall / 2])

    def unit_at(self, x: float, y: float) -> int | None:
        """Return the unit whose cell holds a point, ``None`` outside the map."""
        away = np.abs(self.middles - (x, y)) / (1, self._tall)
        inside = (away <= 0.5 + 1e-9).all(axis=1)
        if self.grid.hexagonal:
            inside &= away[:, 1] <= 0.5 - away[:, 0] / 2 + 1e-9
        found = np.flatnonzero(inside)
        return int(found[0]) if len(found) else None

    def places_at(self, x: Points, y: Points) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return row and column of the cell that holds each point, as if the map had no end."""
        rows = np.floor(y / self._pitch).astype(np.intp)
        if not self.grid.hexagonal:
            return rows, np.floor(x).astype(np.intp)
        # The hexagon of a point is the one whose middle is nearest, in one of two rows.
        nearest, found = np.full(np.shape(x), np.inf), (rows, rows)
        for row in (rows - 1, rows):
            shift = 0.5 * (row % 2)
            column = np.floor(x - shift).astype(np.intp)
            down = (y - row * self._pitch - self._tall / 2) / self.shape
            far = np.square(x - shift - column - 0.5) + np.square(down)
            nearer = far < nearest
            nearest = np.where(nearer, far, nearest)
            found = np.where(nearer, row, found[0]), np.where(nearer, column, found[1])
        return found

    def units_at(self, x: Points, y: Points) -> NDArray[np.intp]:
        """Return the unit whose cell holds each point, -1 outside the map."""
        rows, columns = self.places_at(x, y)
        height, width = self.grid.rows, self.grid.columns
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        units = self.grid.unit_table[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
        return np.where(inside, units, -1)

    def within(self, unit: int, x: float, y: float) -> tuple[float, float]:
        """Return which place of the picture in a cell a point shows, 0 to 1 across and down.

        Hexagons show the full height of their picture, and its middle part across.
        """
        middle = self.middles[unit]
        across = (x - float(middle[0])) * (PITCH if self.grid.hexagonal else 1)
        down = (y - float(middle[1])) / self._tall
        return min(max(across + 0.5, 0.0), 1.0), min(max(down + 0.5, 0.0), 1.0)

    @property
    def period(self) -> tuple[float, float]:
        """After how much of the plane the map begins again, right and down; 0 where it ends.

        A ring does so if it is drawn in one row.
        """
        axes = self.grid.axes
        if len(axes) == 1:
            return (float(self.grid.columns) if axes[0].closed and self.grid.rows == 1 else 0.0, 0)
        down, across = axes[0].closed, axes[1].closed
        return (
            float(self.grid.columns) if across else 0.0,
            self._pitch * self.grid.rows if down else 0.0,
        )

    def turned(self, unit: int, x: float, y: float) -> tuple[float, float]:
        """Return a point of the plane moved by whole turns, so that it is near a unit's middle."""
        across, down = self.period
        middle_x, middle_y = self.middles[unit].tolist()
        return (
            x - across * round((x - middle_x) / across) if across else x,
            y - down * round((y - middle_y) / down) if down else y,
        )

    def unit_on_plane(self, x: float, y: float) -> int | None:
        """Return :meth:`unit_at`, with a wrapped map going on beyond its closed borders."""
        across, down = self.period
        for row in range(2 if down else 1):  # rows of hexagons reach into the next turn
            for column in range(2 if across else 1):
                unit = self.unit_at(
                    x % across + column * across if across else x,
                    y % down + row * down if down else y,
                )
                if unit is not None:
                    return unit
        return None

    @property
    def _sides(self) -> tuple[tuple[tuple[int, int], tuple[tuple[float, float], ...]], ...]:
        return _HEXAGON if self.grid.hexagonal else _SQUARE

    @cached_property
    def walls(self) -> tuple[NDArray[np.intp], Points]:
        """The sides where neighbours meet.

        Across the seam of a wrapped map neighbours meet twice, at either border. The ends of a
        ring with an odd number of rows are not drawn side by side and have no wall.

        Returns
        -------
        pairs
            The two units of each wall, ``(m, 2)``.
        ends
            Its two ends, ``(m, 2, 2)``.
        """
        adjacency = 4 if 4 in self.grid.adjacencies else None
        pairs, ends = [], []
        for side, ((down, across), _) in enumerate(self._sides):
            first, second, seam, open_border = self._beyond(down, across)
            near = self.grid.adjacent(first, second, adjacency) & ~open_border
            once = near & (seam | (first < second))  # walls within the map belong to two units
            corners = self.outlines[first[once]]
            pairs.append(np.stack([first[once], second[once]], axis=1))
            ends.append(corners[:, (side, (side + 1) % corners.shape[1])])
        return np.concatenate(pairs), np.concatenate(ends)

    def _beyond(
        self, down: int, across: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_], NDArray[np.bool_]]:
        """Return all units, those drawn beyond one side, if a border lies between, and if open."""
        rows, columns = self.grid.cells.T
        sideways = np.full(len(rows), across)
        if self.grid.hexagonal and down:
            sideways = sideways + rows % 2  # odd rows are drawn half a cell to the right
        far_rows, far_columns = rows + down, columns + sideways
        over_rows = far_rows % self.grid.rows != far_rows
        over_columns = far_columns % self.grid.columns != far_columns
        closed = [axis.closed for axis in self.grid.axes]
        if len(closed) == 2:
            open_border = (over_rows & (not closed[0])) | (over_columns & (not closed[1]))
        else:  # only the two ends of a ring meet beyond a border
            ends = np.isin(np.arange(self.grid.units), (0, self.grid.units - 1)) & closed[0]
            open_border = (over_rows | over_columns) & ~ends
        table = self.grid.unit_table
        units = np.arange(self.grid.units)
        beyond = table[far_rows % self.grid.rows, far_columns % self.grid.columns]
        return units, beyond, over_rows | over_columns, open_border


@lru_cache(maxsize=8)
def cells_of(grid: Grid, shape: float = 1.0) -> Cells:
    """Return the cells of a grid, the same as long as the map has the same form."""
    return Cells(grid, shape)


@lru_cache(maxsize=8)
def raster(grid: Grid, shape: float, pixels: int) -> NDArray[np.intp]:
    """Return which unit each pixel of a picture of the map shows, -1 for none, ``(h, w)``.

    The picture fills the map's width and height exactly. Of hexagons a cell is so many pixels
    wide; squares need one.
    """
    if not grid.hexagonal:
        return grid.unit_table
    cells = cells_of(grid, shape)
    return cells.units_at(*_pixel_middles(cells, pixels))


@lru_cache(maxsize=8)
def raster_between(grid: Grid, shape: float, pixels: int) -> NDArray[np.intp]:
    """Return which cell of the expanded U-matrix each pixel of a picture of the map shows.

    That of a unit is in the middle of the unit's cell and half as wide. What lies between two
    sides of a wrapped map is shown by halves at both; where nothing lies between, as at an open
    border, that of the unit goes on. Hexagons are drawn in so many pixels, squares in four.

    Returns
    -------
    ndarray
        ``(h, w)``: places in the flattened table, see :func:`expanded_u_matrix`; -1 for none.
    """
    rows, columns = expanded_shape(grid)
    closed = [axis.closed for axis in grid.axes] if len(grid.axes) == 2 else [False, False]
    if grid.hexagonal:
        units, places = _hexagons_between(grid, shape, pixels, closed)
    else:
        # A cell is four pixels wide, two of them that of its unit, one of each cell beside it.
        units = grid.unit_table.repeat(4, 0).repeat(4, 1)
        places = np.arange(rows * columns).reshape(rows, columns).repeat(2, 0).repeat(2, 1)
        for axis in (0, 1):
            around = [(1, 1) if axis == one else (0, 0) for one in (0, 1)]
            places = np.roll(places, 1, axis) if closed[axis] else np.pad(places, around, "edge")
    there = np.isfinite(expanded_u_matrix(np.zeros((grid.units, 1)), grid)).reshape(-1)
    across = 2 * grid.cells[:, 1] + (grid.cells[:, 0] % 2 if grid.hexagonal else 0)
    own = 2 * grid.cells[:, 0] * columns + across
    return np.where(units < 0, -1, np.where(there[places], places, own[units]))


def _hexagons_between(
    grid: Grid, shape: float, pixels: int, closed: list[bool]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the unit that each pixel shows, and the place of the small hexagon nearest to it."""
    rows, columns = expanded_shape(grid)
    cells = cells_of(grid, shape)
    x, y = _pixel_middles(cells, pixels)
    small = cells_of(Grid(rows, columns, tiling=grid.tiling), shape)
    # Small cells are half as wide: that of the first unit has its middle where the unit has it.
    left, top = cells.middles[0] - small.middles[0] / 2
    row, column = small.places_at(2 * (x - left), 2 * (y - top))
    row = row % rows if closed[0] else np.clip(row, 0, rows - 1)
    column = column % columns if closed[1] else np.clip(column, 0, columns - 1)
    return raster(grid, shape, pixels), row * columns + column


def _pixel_middles(cells: Cells, pixels: int) -> tuple[Points, Points]:
    """Return where the middles of the pixels of a picture of the map lie, ``(h, w)`` each."""
    size = max(1, round(cells.width * pixels)), max(1, round(cells.height * pixels))
    across = (np.arange(size[0]) + 0.5) * (cells.width / size[0])
    down = (np.arange(size[1]) + 0.5) * (cells.height / size[1])
    x, y = np.meshgrid(across, down)
    return x, y
