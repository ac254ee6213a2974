"""The U-matrix: how far each unit is from its neighbours, ridges between clusters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.quality.edges import edge_lengths_parts, edges
from image2map_gui.core.som.quality.parts import Parts, whole

Floats = NDArray[np.floating]
STATISTICS: dict[str, Callable[..., Any]] = {
    "mean": np.mean,
    "median": np.median,
    "min": np.min,
    "max": np.max,
    "sum": np.sum,
}


def u_matrix(
    weights: Floats,
    grid: Grid,
    metric: str | Metric = "euclidean",
    statistic: str = "mean",
    adjacency: int | None = None,
) -> NDArray[np.float64]:
    """Distances of each unit's weight to those of its neighbours, as one number per unit.

    Neighbours across the seams of a wrapped map count like all others (Ultsch and Siemon, 1990).

    Parameters
    ----------
    weights
        ``(k, d)``.
    statistic
        ``mean``, ``median``, ``min``, ``max`` or ``sum`` of a unit's distances.
    adjacency
        Which units are neighbours, see :attr:`Grid.adjacencies`; the first if not given.

    Returns
    -------
    ndarray
        ``(k,)``, in the units of the metric; 0 for a unit without neighbours.

    Raises
    ------
    ParameterError
        There is no such statistic.
    """
    return whole(u_matrix_parts(weights, grid, metric, statistic, adjacency))


def u_matrix_parts(
    weights: Floats,
    grid: Grid,
    metric: str | Metric = "euclidean",
    statistic: str = "mean",
    adjacency: int | None = None,
) -> Parts[NDArray[np.float64]]:
    """Work out :func:`u_matrix` part by part."""
    if statistic not in STATISTICS:
        raise ParameterError(f"There is no statistic '{statistic}': {', '.join(STATISTICS)}.")
    first, second = edges(grid, adjacency)
    lengths = yield from edge_lengths_parts(weights, first, second, metric)
    heights = np.zeros(grid.units)
    counts = np.bincount(first, minlength=grid.units)
    starts = np.cumsum(counts) - counts
    for count in np.unique(counts[counts > 0]):  # units with as many neighbours, all at once
        units = np.flatnonzero(counts == count)
        table = lengths[starts[units][:, None] + np.arange(count)]
        heights[units] = STATISTICS[statistic](table, axis=1)
    return heights
