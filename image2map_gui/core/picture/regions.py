"""Where the outlines and the names of regions of a map are drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.picture.cells import Cells, cells_of
from image2map_gui.core.som.grid import Grid

Points = NDArray[np.float64]


def outlines(cells: Cells, of_units: NDArray[np.floating]) -> Points:
    """Return the walls between units of different regions ``(k,)``: their ends, ``(m, 2, 2)``.

    Of a folded line or ring the sides of the drawn cells count, neighbours on the line or not.
    """
    if len(cells.grid.axes) == 1:
        of_units = of_units[cells.grid.unit_table.reshape(-1)]
        cells = cells_of(Grid(cells.grid.rows, cells.grid.columns), cells.shape)
    pairs, ends = cells.walls
    return np.asarray(ends[of_units[pairs[:, 0]] != of_units[pairs[:, 1]]])


def name_places(cells: Cells, of_units: NDArray[np.floating], count: int) -> list[int | None]:
    """Return the unit on which to write the name of each region; ``None`` of an empty one.

    It is the one farthest from all that does not belong to the region, so that the name lies
    inside; of several the one nearest to the middle of the region.
    """
    places: list[int | None] = []
    for region in range(count):
        inside = np.flatnonzero(of_units == region)
        if not len(inside):
            places.append(None)
            continue
        depths = _depths(cells, of_units == region)[inside]
        deep = inside[depths >= depths.max() - 1e-6]
        away = cells.middles[deep] - cells.middles[inside].mean(axis=0)
        places.append(int(deep[np.argmin(np.square(away).sum(axis=1))]))
    return places


def _depths(cells: Cells, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how many cells each unit lies from the nearest one outside or beyond the border."""
    from scipy.ndimage import distance_transform_edt

    table = np.pad(inside[cells.grid.unit_table], 1)
    depths = distance_transform_edt(table)[1:-1, 1:-1]
    rows, columns = cells.grid.cells.T
    return np.asarray(depths[rows, columns])
