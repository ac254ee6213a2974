"""Whether neighbours in the data are neighbours on the map, and the other way round."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.quality.ordering import (
    Pairs,
    blocks,
    draw,
    order_others,
    tie_keys,
)
from image2map_gui.core.som.quality.parts import Parts, whole

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]
SAMPLE = 2000


@dataclasses.dataclass(frozen=True)
class Preservation:
    """Trustworthiness and continuity for ``neighbours`` neighbours, from ``sampled`` vectors."""

    trustworthiness: float
    continuity: float
    neighbours: int
    sampled: int


def neighbour_preservation(
    vectors: Floats,
    winners: Indices,
    grid: Grid,
    metric: str | Metric = "euclidean",
    neighbours: int = 10,
    sample: int = SAMPLE,
) -> Preservation:
    """Trustworthiness and continuity of the places that vectors have on the map.

    Venna and Kaski, *Neighborhood preservation in nonlinear projection methods*, 2001. With ``K``
    neighbours and ``n`` vectors,

    ``T = 1 - 2 / (n K (2n - 3K - 1)) sum_i sum_{j in U_i} (r_i(j) - K)``,

    where ``U_i`` are those of the ``K`` nearest on the map (by the distance of the best-matching
    units) that are not among the ``K`` nearest in the data, and ``r_i(j)`` is the rank of ``j`` by
    distance from ``i`` in the data, in ``metric``. Continuity exchanges map and data. Both are 1
    at best.

    Vectors with the same unit, and units equally far, are ties; as in that paper every order of
    ties counts as equally likely and the figures are means over all orders. A map with many
    vectors in each unit therefore cannot reach 1: it does not say who in a unit is nearest.

    Parameters
    ----------
    vectors, winners
        ``(n, d)`` and their best-matching units ``(n,)``.
    neighbours
        ``K``; lowered to less than half of the vectors where there are few.
    sample
        How many vectors to take at most, since time grows with their square. They are drawn with a
        fixed seed.

    Returns
    -------
    Preservation
        With NaN for fewer than three vectors.
    """
    return whole(preservation_parts(vectors, winners, grid, metric, neighbours, sample))


def preservation_parts(
    vectors: Floats,
    winners: Indices,
    grid: Grid,
    metric: str | Metric = "euclidean",
    neighbours: int = 10,
    sample: int = SAMPLE,
) -> Parts[Preservation]:
    """Work out :func:`neighbour_preservation` part by part."""
    chosen = draw(len(vectors), sample)
    count = len(chosen)
    near = min(neighbours, (count - 1) // 2)
    if near < 1:
        return Preservation(math.nan, math.nan, max(0, near), count)
    ranks = np.arange(1, count)
    within = (ranks <= near).astype(np.float64)
    excess = np.maximum(0, ranks - near).astype(np.float64)
    pairs = Pairs(vectors[chosen], metric)
    on_units = winners[chosen]
    untrue = torn = 0.0
    for part in blocks(np.arange(count), max(count, grid.units), pairs.effort):
        on_map = _by_rank(grid.distances(on_units[part])[:, on_units], part, within, excess)
        in_data = _by_rank(pairs.rows(part), part, within, excess)
        untrue += float((on_map[0] * in_data[1]).sum())
        torn += float((in_data[0] * on_map[1]).sum())
        yield (int(part[-1]) + 1) / count
    worst = count * near * (2 * count - 3 * near - 1) / 2
    return Preservation(1 - untrue / worst, 1 - torn / worst, near, count)


def _by_rank(
    distances: NDArray[np.float64], own: Indices, *costs: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """Return for each cost of a rank a table of what each column costs, ``(m, n)``."""
    order, ties = order_others(tie_keys(distances, own))
    tables = []
    for cost in costs:
        table = np.zeros(distances.shape)
        np.put_along_axis(table, order, ties.share_ranks(cost), axis=1)
        tables.append(table)
    return tables
