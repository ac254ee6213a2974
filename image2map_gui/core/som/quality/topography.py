"""Whether the map is torn between the two best units of a vector."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.quality.edges import edge_lengths_parts, edges
from image2map_gui.core.som.quality.ordering import blocks
from image2map_gui.core.som.quality.parts import Parts, whole, within

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]
_ROUNDING = 1 + 1e-9


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
        squares, 6 on hexagons, 2 on lines and rings). With 4 the error is about twice that with 8.
    """
    if not len(first) or grid.units == 1:
        return math.nan
    return float(np.mean(~grid.adjacent(first, second, adjacency)))


def combined_error(
    distances: Floats,
    first: Indices,
    second: Indices,
    weights: Floats,
    grid: Grid,
    metric: str | Metric = "euclidean",
) -> float:
    """Mean way from a vector to its best unit and on, along the map, to its second-best.

    ``d(x, w_b1)`` plus the length of the shortest path from ``b1`` to ``b2`` over neighbouring
    units (the first of :attr:`Grid.adjacencies`), each step as long as the distance of the two
    weights; all in ``metric`` (Kaski and Lagus, *Comparing self-organizing maps*, 1996). Where the
    map is torn the way is long, so that the figure weighs fit and order in one unit.

    Parameters
    ----------
    distances, first, second
        Distance of the best unit in ``metric``, best and second-best unit, ``(n,)`` each.
    weights
        ``(k, d)``.

    Returns
    -------
    float
        NaN without vectors and for a map of one unit.
    """
    return whole(combined_error_parts(distances, first, second, weights, grid, metric))


def combined_error_parts(
    distances: Floats,
    first: Indices,
    second: Indices,
    weights: Floats,
    grid: Grid,
    metric: str | Metric = "euclidean",
) -> Parts[float]:
    """Work out :func:`combined_error` part by part."""
    if not len(first) or grid.units == 1:
        return math.nan
    from scipy.sparse import csr_array

    here, there = edges(grid)
    lengths = yield from within(0.0, 0.2, edge_lengths_parts(weights, here, there, metric))
    graph = csr_array((lengths, (here, there)), shape=(grid.units, grid.units))
    # Many vectors share a pair of units. Neighbours are searched separately: their way is at most
    # as long as the step between them, which keeps the search near.
    pairs, times = np.unique(first * grid.units + second, return_counts=True)
    begin, end = np.divmod(pairs, grid.units)
    near = grid.adjacent(begin, end)
    bound = np.full(len(pairs), np.inf)
    steps = edge_lengths_parts(weights, begin[near], end[near], metric)
    bound[near] = _ROUNDING * (yield from within(0.2, 0.3, steps))
    walked, low = 0.0, 0.3
    for part, high in ((near, 0.6), (~near, 1.0)):
        ways = _paths(graph, begin[part], end[part], bound[part])
        walked += float((yield from within(low, high, ways)) @ times[part])
        low = high
    return float(np.mean(distances, dtype=np.float64)) + walked / len(first)


def _paths(
    graph: object, begin: Indices, end: Indices, bound: NDArray[np.float64]
) -> Parts[NDArray[np.float64]]:
    """Lengths of the shortest paths between paired units; ``begin`` ascends."""
    from scipy.sparse.csgraph import dijkstra

    found = np.empty(len(begin), np.float64)
    starts = np.unique(begin)
    for part in blocks(starts, graph.shape[0]):  # type: ignore[attr-defined]
        asked = slice(*np.searchsorted(begin, [part[0], part[-1] + 1]))
        limit = float(bound[asked].max())
        ways = dijkstra(graph, indices=part, limit=limit)
        found[asked] = ways[np.searchsorted(part, begin[asked]), end[asked]]
        yield float(asked.stop / len(begin))
    return found
