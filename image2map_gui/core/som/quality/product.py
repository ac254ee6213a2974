"""Whether the map has as many dimensions as the data it was laid on."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.quality.ordering import (
    Pairs,
    blocks,
    order_others,
    tie_keys,
)
from image2map_gui.core.som.quality.parts import Parts, whole

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]
_SMALLEST = 1e-6  # of the row's longest distance: what two equal weights count as being apart


def topographic_product(
    weights: Floats, grid: Grid, metric: str | Metric = "euclidean", units: Indices | None = None
) -> float:
    """Topographic product of Bauer and Pawelzik (IEEE Transactions on Neural Networks 3, 1992).

    For each unit ``j`` the others are sorted by distance on the map (``a_1, a_2, ...``) and by
    distance of the weights (``v_1, v_2, ...``). With ``d_A`` on the map and ``d_V`` between
    weights

    ``ln P3(j, K) = 1/(2K) sum_{l <= K} ln [d_V(j, a_l) d_A(j, a_l) / (d_V(j, v_l) d_A(j, v_l))]``

    and the result is its mean over all ``j`` and all ``K = 1 ... k-1``. Near 0: the map fits the
    dimension of the data. Below 0: it has too few dimensions and is folded. Above 0: too many.

    Ties share the mean of their logarithms, as if they were broken by lot, so that mirrored or
    turned maps have the same product. Equal weights count as 1e-6 of the unit's longest distance
    apart. ``d_A`` is the distance of :meth:`Grid.distances`, ``d_V`` is in ``metric``.

    Parameters
    ----------
    weights
        ``(k, d)``.
    units
        The units ``j`` to take the mean over, all by default; the work is ``len(units) k log k``.

    Returns
    -------
    float
        NaN for a map of one unit and where all weights are equal.
    """
    return whole(topographic_product_parts(weights, grid, metric, units))


def topographic_product_parts(
    weights: Floats, grid: Grid, metric: str | Metric = "euclidean", units: Indices | None = None
) -> Parts[float]:
    """Work out :func:`topographic_product` part by part."""
    rows = np.arange(grid.units) if units is None else units
    if grid.units == 1 or not len(rows):
        return math.nan
    pairs = Pairs(weights, metric)
    counts = 2.0 * np.arange(1, grid.units)
    total, done, apart = 0.0, 0, False
    for part in blocks(rows, grid.units, pairs.effort):
        on_map, in_data = grid.distances(part), pairs.rows(part)
        apart = apart or bool(in_data.any())
        far_map, far_data = _logarithms(on_map), _logarithms(in_data)
        both = far_map + far_data
        by_map, map_ties = order_others(tie_keys(on_map, part))
        by_data, data_ties = order_others(tie_keys(in_data, part))
        ours = map_ties.share(np.take_along_axis(both, by_map, axis=1))
        theirs = data_ties.share(np.take_along_axis(both, by_data, axis=1))
        total += float((np.cumsum(ours - theirs, axis=1) / counts).mean(axis=1).sum())
        done += len(part)
        yield done / len(rows)
    return total / len(rows) if apart else math.nan


def _logarithms(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    longest = distances.max(axis=1, keepdims=True)
    floor = np.where(longest > 0, longest * _SMALLEST, 1.0)
    return np.log(np.maximum(distances, floor))
