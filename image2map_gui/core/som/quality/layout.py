"""How well the map is sorted to the eye: what lies together is alike."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.quality.ordering import Pairs, blocks, tie_keys
from image2map_gui.core.som.quality.parts import Parts, whole

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]
_NOTHING = 1e-9


def distance_preservation_quality(
    weights: Floats,
    grid: Grid,
    metric: str | Metric = "euclidean",
    norm: float = 16,
    units: Indices | None = None,
) -> float:
    """Distance preservation quality DPQ of a sorted grid, from 0 to 1 at best.

    Barthel, Hezel, Jung and Schall, *Improved evaluation and generation of grid layouts using
    distance preservation quality and linear assignment sorting*, Computer Graphics Forum 42, 2023.
    Let ``m_l(S)`` be the mean distance of a unit's weight to those of its ``l`` nearest units on
    the map, averaged over the units; ``m_l(D)`` the same with the ``l`` nearest weights, which no
    map can beat; and ``M`` the mean of all distances. The gains over a random order are

    ``g_l(S) = max(0, (M - m_l(S)) / M)`` and ``g_l(D)`` likewise, for ``l = 1 ... k-1``, and

    ``DPQ_p = |g(S)|_p / |g(D)|_p`` with the p-norm over ``l``.

    As in the authors' program, of units equally far on the map the one with the nearer weight
    comes first, and ``p`` is 16, which makes the nearest neighbours count most. The best of four
    neighbours is nearer than the mean, so that a random order reaches 0.3 to 0.5 and not 0. Map
    distances are those of :meth:`Grid.distances`.

    Parameters
    ----------
    weights
        ``(k, d)``: what lies in the cells of the map.
    norm
        ``p``, at least 1.
    units
        The units to take the means over, all by default; the work is ``len(units) k log k``.

    Returns
    -------
    float
        NaN for fewer than three units and where all weights are equally far apart: then every
        order is as good as any other.
    """
    return whole(distance_preservation_parts(weights, grid, metric, norm, units))


def distance_preservation_parts(
    weights: Floats,
    grid: Grid,
    metric: str | Metric = "euclidean",
    norm: float = 16,
    units: Indices | None = None,
) -> Parts[float]:
    """Work out :func:`distance_preservation_quality` part by part."""
    rows = np.arange(grid.units) if units is None else units
    if grid.units < 3 or not len(rows):
        return math.nan
    pairs = Pairs(weights, metric)
    sorted_map, sorted_data = np.zeros(grid.units - 1), np.zeros(grid.units - 1)
    done = 0
    for part in blocks(rows, grid.units, pairs.effort):
        far = pairs.rows(part)
        keys = tie_keys(grid.distances(part), part)
        far[np.arange(len(part)), part] = -1
        by_map = np.lexsort((far, keys), axis=1)[:, 1:]
        sorted_map += np.take_along_axis(far, by_map, axis=1).sum(axis=0)
        sorted_data += np.sort(far, axis=1)[:, 1:].sum(axis=0)
        done += len(part)
        yield done / len(rows)
    most = _gains(sorted_data, norm)
    return _gains(sorted_map, norm) / most if most > _NOTHING else math.nan


def _gains(sums: NDArray[np.float64], norm: float) -> float:
    """Norm of the gains, from sums of the distances to the 1st, 2nd, ... neighbour."""
    if not sums.any():
        return 0.0
    means = np.cumsum(sums) / np.arange(1, len(sums) + 1)
    gains = np.maximum(0.0, 1 - means / means[-1])
    return float(np.linalg.norm(gains, norm))
