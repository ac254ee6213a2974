"""Where the cells of a map are drawn: outlines, middles, and the walls between neighbours."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid

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
        pairs, ends = [], []
        for unit, other, side in self._meetings():
            corners = self.outlines[unit]
            pairs.append((unit, other))
            ends.append((corners[side], corners[(side + 1) % len(corners)]))
        return (
            np.array(pairs, np.intp).reshape(-1, 2),
            np.array(ends, np.float64).reshape(-1, 2, 2),
        )

    def _meetings(self) -> Iterator[tuple[int, int, int]]:
        """Yield unit, neighbour and side of each wall; those within the map once."""
        adjacency = 4 if 4 in self.grid.adjacencies else None
        for side, ((down, across), _) in enumerate(self._sides):
            first, second, seam, open_border = self._beyond(down, across)
            near = self.grid.adjacent(first, second, adjacency) & ~open_border
            once = near & (seam | (first < second))
            for unit, other in zip(first[once].tolist(), second[once].tolist(), strict=True):
                yield unit, other, side

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
