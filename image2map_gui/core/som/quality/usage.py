"""How evenly the vectors use the units."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality.parts import Parts, whole
from image2map_gui.core.som.quality.u_matrix import u_matrix_parts

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]


def empty_units(winners: Indices, units: int) -> int:
    """How many units are nobody's best-matching unit."""
    return int(units - len(np.unique(winners)))


def hit_entropy(hits: NDArray[np.integer]) -> float:
    """Entropy of the hits over the units, as a share of the largest possible.

    ``-sum p_j ln p_j / ln k`` with ``p_j`` the share of vectors on unit ``j``: 1 if all units have
    equally many, 0 if one has all.

    Parameters
    ----------
    hits
        Vectors per unit, ``(k,)``. Without any, or with one unit, the result is NaN.
    """
    if len(hits) < 2 or not hits.any():
        return math.nan
    shares = hits[hits > 0] / hits.sum()
    return max(0.0, float(-(shares * np.log(shares)).sum() / math.log(len(hits))))


def magnification(hits: NDArray[np.integer], weights: Floats, grid: Grid) -> float:
    """Slope ``b`` of ``ln n_j`` over ``ln s_j``: do units stand closer where vectors are dense.

    ``n_j`` are the hits of a unit, which is the density of hits over the density of units, and
    ``s_j`` is the local spacing: the mean Euclidean distance of its weight to those of its
    neighbours (the strictest of :attr:`Grid.adjacencies`: sides on squares). A least-squares line
    through the units with hits and a spacing above 0.

    0 means that every unit wins equally often, so that units are as dense as the data; below 0,
    dense regions have fewer units than their share. On an unfolded map of ``q`` dimensions the
    magnification exponent ``a`` of "unit density ~ data density^a" (Ritter and Schulten, 1986)
    follows as ``a = 1 / (1 - b/q)``.

    Parameters
    ----------
    hits, weights
        ``(k,)`` and ``(k, d)``.

    Returns
    -------
    float
        NaN where fewer than three units count, or all of them have the same spacing.
    """
    return whole(magnification_parts(hits, weights, grid))


def magnification_parts(hits: NDArray[np.integer], weights: Floats, grid: Grid) -> Parts[float]:
    """Work out :func:`magnification` part by part."""
    spacing = yield from u_matrix_parts(weights, grid, adjacency=grid.adjacencies[-1])
    used = (hits > 0) & (spacing > 0)
    if np.count_nonzero(used) < 3:
        return math.nan
    across, up = np.log(spacing[used]), np.log(hits[used])
    across = across - across.mean()
    spread = float(across @ across)
    return float(across @ up) / spread if spread > 1e-12 * len(across) else math.nan
