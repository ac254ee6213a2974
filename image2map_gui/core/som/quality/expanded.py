"""The expanded U-matrix: cells for the units, and cells between them for their distances."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.winners import distances_between

Floats = NDArray[np.floating]


def expanded_u_matrix(
    weights: Floats, grid: Grid, metric: str | Metric = "euclidean"
) -> NDArray[np.float64]:
    """Draw the distances between neighbouring units into cells between those of the units.

    As in SOM Toolbox: between two units of a row or a column stands their distance; where four
    units meet, the mean of the two diagonal distances divided by the square root of 2; in the cell
    of a unit the median of the distances round it. Across the seam of a wrapped map one more row
    or column follows. Units that are no neighbours on a line or ring leave NaN between them.

    On hexagons a row between two rows of units holds the distances to the two units below each
    unit, so every second cell is a unit and none is a diagonal; rows of units shifted to the
    right begin one cell later.

    Returns
    -------
    ndarray
        ``(2 rows - 1, 2 columns - 1)``, one more where the axis is closed; of hexagons ``(..., 2
        columns)``. NaN where nothing is.
    """
    if grid.hexagonal:
        return _hexagonal(weights, grid, metric)
    return _square(weights, grid, metric)


def _square(weights: Floats, grid: Grid, metric: str | Metric) -> NDArray[np.float64]:
    down_closed, across_closed = _closed(grid)
    table = grid.unit_table
    rows, columns = grid.rows, grid.columns
    height, width = 2 * rows - 1 + down_closed, 2 * columns - 1 + across_closed
    drawn = np.full((height, width), np.nan)
    downs, acrosses = rows - 1 + down_closed, columns - 1 + across_closed
    below, right = np.roll(table, -1, 0), np.roll(table, -1, 1)
    corner = np.roll(below, -1, 1)

    def between(first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.float64]:
        """Distances of units in equal tables; NaN where they are no neighbours."""
        ours, theirs = first.reshape(-1), second.reshape(-1)
        lengths = distances_between(weights[ours], weights[theirs], metric)
        near = grid.adjacent(ours, theirs)
        return np.where(near, lengths, np.nan).reshape(first.shape)

    drawn[::2, 1::2] = between(table[:, :acrosses], right[:, :acrosses])
    drawn[1::2, ::2] = between(table[:downs], below[:downs])
    if downs and acrosses and len(grid.axes) == 2:
        falling = between(table[:downs, :acrosses], corner[:downs, :acrosses])
        rising = between(below[:downs, :acrosses], right[:downs, :acrosses])
        drawn[1::2, 1::2] = (falling + rising) / 2 / math.sqrt(2)
    _fill_units(drawn, (down_closed, across_closed))
    return drawn


def _closed(grid: Grid) -> tuple[int, int]:
    if len(grid.axes) == 1:
        return 0, 0
    return int(grid.axes[0].closed), int(grid.axes[1].closed)


def _fill_units(drawn: NDArray[np.float64], closed: tuple[int, int]) -> None:
    """Put into the cell of each unit the median of the cells at its four sides."""
    height, width = drawn.shape
    for row in range(0, height, 2):
        for column in range(0, width, 2):
            round_it = []
            for down, across in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                y, x = row + down, column + across
                y = y % height if closed[0] else y
                x = x % width if closed[1] else x
                if 0 <= y < height and 0 <= x < width:
                    round_it.append(drawn[y, x])
            known = [one for one in round_it if not math.isnan(one)]
            drawn[row, column] = np.median(known) if known else 0.0


def _hexagonal(weights: Floats, grid: Grid, metric: str | Metric) -> NDArray[np.float64]:
    down_closed, across_closed = _closed(grid)
    rows, columns = np.divmod(np.arange(grid.units), grid.columns)
    places = 2 * columns + rows % 2
    drawn = np.full((2 * grid.rows - 1 + down_closed, 2 * grid.columns), np.nan)
    # To the right, below to the left, below to the right: rows and columns to go (odd rows are
    # drawn half a cell to the right), and the cell between, from that of the unit.
    ways = ((0, 1 + 0 * rows, 1), (1, rows % 2 - 1, -1), (1, rows % 2, 0))
    for down, across, between in ways:
        far_rows, far_columns = rows + down, columns + across
        here = (far_rows < grid.rows) | bool(down_closed)
        here &= ((far_columns >= 0) & (far_columns < grid.columns)) | bool(across_closed)
        ours = np.flatnonzero(here)
        theirs = (far_rows % grid.rows * grid.columns + far_columns % grid.columns)[ours]
        lengths = distances_between(weights[ours], weights[theirs], metric)
        cells = (places[ours] + between) % drawn.shape[1]
        drawn[2 * rows[ours] + down, cells] = np.where(ours == theirs, np.nan, lengths)
    for unit in range(grid.units):
        near = grid.neighbours(unit)
        round_it = distances_between(weights[np.repeat(unit, len(near))], weights[near], metric)
        drawn[2 * rows[unit], places[unit]] = np.median(round_it) if len(near) else 0.0
    return drawn
