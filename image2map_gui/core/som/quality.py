"""How good a map is, in figures whose conventions are stated."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]


def quantization_error(distances: Floats) -> float:
    """Mean distance of the vectors to their best-matching units, in the metric of the training.

    Parameters
    ----------
    distances
        ``(n,)``; an empty array gives NaN.
    """
    return float(np.mean(distances, dtype=np.float64)) if len(distances) else math.nan


def topographic_error(
    first: Indices, second: Indices, grid: Grid, adjacency: int | None = None
) -> float:
    """Share of vectors whose best and second-best units are no neighbours (Kiviluoto, 1996).

    Parameters
    ----------
    first, second
        Best and second-best units, ``(n,)``. Empty arrays give NaN, and so does a map of one unit,
        which has no second.
    adjacency
        What counts as a neighbour, one of :attr:`Grid.adjacencies`; the first by default (8 on
        sheets, 2 on lines and rings). With 4 the error is about twice that with 8.
    """
    if not len(first) or grid.units == 1:
        return math.nan
    return float(np.mean(~grid.adjacent(first, second, adjacency)))


def explained_variance(vectors: Floats, weights: Floats, winners: Indices) -> float:
    """One minus the share of the variance that the winners leave unexplained, ``(n, d)`` data.

    ``1 - sum |x - w_b|^2 / sum |x - mean|^2``; NaN where all vectors are equal.
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    left = total = 0.0
    for start in range(0, len(vectors), 4096):
        block = vectors[start : start + 4096].astype(np.float64)
        left += float(((block - weights[winners[start : start + 4096]]) ** 2).sum())
        total += float(((block - mean) ** 2).sum())
    return 1 - left / total if total > 0 else math.nan


def empty_units(winners: Indices, units: int) -> int:
    """How many units are nobody's best-matching unit."""
    return int(units - len(np.unique(winners)))
