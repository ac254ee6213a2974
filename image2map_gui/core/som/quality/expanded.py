"""The expanded U-matrix: cells for the units, and cells between them for their distances."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.quality.edges import edge_lengths
from image2map_gui.core.som.quality.u_matrix import u_matrix

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


def expanded_shape(grid: Grid) -> tuple[int, int]:
    """Return how many rows and columns the expanded U-matrix of a grid has."""
    down_closed, across_closed = _closed(grid)
    columns = 2 * grid.columns if grid.hexagonal else 2 * grid.columns - 1 + across_closed
    return 2 * grid.rows - 1 + down_closed, columns


def _square(weights: Floats, grid: Grid, metric: str | Metric) -> NDArray[np.float64]:
    down_closed, across_closed = _closed(grid)
    table = grid.unit_table
    rows, columns = grid.rows, grid.columns
    drawn = np.full(expanded_shape(grid), np.nan)
    downs, acrosses = rows - 1 + down_closed, columns - 1 + across_closed
    below, right = np.roll(table, -1, 0), np.roll(table, -1, 1)
    corner = np.roll(below, -1, 1)

    def between(first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.float64]:
        """Distances of units in equal tables; NaN where they are no neighbours."""
        ours, theirs = first.reshape(-1), second.reshape(-1)
        lengths = edge_lengths(weights, ours, theirs, metric)
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
    # One more row and column on each side: those of the other side where the map is wrapped.
    framed = np.pad(drawn, 1, constant_values=np.nan)
    if closed[0]:
        framed[0, 1:-1], framed[-1, 1:-1] = drawn[-1], drawn[0]
    if closed[1]:
        framed[1:-1, 0], framed[1:-1, -1] = drawn[:, -1], drawn[:, 0]
    sides = (framed[:-2, 1:-1], framed[2:, 1:-1], framed[1:-1, :-2], framed[1:-1, 2:])
    drawn[::2, ::2] = _medians(np.stack([side[::2, ::2] for side in sides], axis=-1))


def _medians(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of what is known in each row ``(..., few)``, 0 where nothing is."""
    ordered = np.sort(table, axis=-1)  # NaN comes last
    known = np.isfinite(table).sum(axis=-1)
    places = np.stack([(np.maximum(known, 1) - 1) // 2, known // 2], axis=-1)
    places[known == 0] = 0
    middles = np.take_along_axis(ordered, places, axis=-1).mean(axis=-1)
    return np.where(known > 0, middles, 0.0)


def _hexagonal(weights: Floats, grid: Grid, metric: str | Metric) -> NDArray[np.float64]:
    down_closed, across_closed = _closed(grid)
    rows, columns = np.divmod(np.arange(grid.units), grid.columns)
    places = 2 * columns + rows % 2
    drawn = np.full(expanded_shape(grid), np.nan)
    # To the right, below to the left, below to the right: rows and columns to go (odd rows are
    # drawn half a cell to the right), and the cell between, from that of the unit.
    ways = ((0, 1 + 0 * rows, 1), (1, rows % 2 - 1, -1), (1, rows % 2, 0))
    for down, across, between in ways:
        far_rows, far_columns = rows + down, columns + across
        here = (far_rows < grid.rows) | bool(down_closed)
        here &= ((far_columns >= 0) & (far_columns < grid.columns)) | bool(across_closed)
        ours = np.flatnonzero(here)
        theirs = (far_rows % grid.rows * grid.columns + far_columns % grid.columns)[ours]
        lengths = edge_lengths(weights, ours, theirs, metric)
        cells = (places[ours] + between) % drawn.shape[1]
        drawn[2 * rows[ours] + down, cells] = np.where(ours == theirs, np.nan, lengths)
    drawn[2 * rows, places] = u_matrix(weights, grid, metric, "median")
    return drawn
