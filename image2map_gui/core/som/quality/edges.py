"""Which units are neighbours, as one list for the whole map."""

from __future__ import annotations

import itertools
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric, metric_of
from image2map_gui.core.som.quality.parts import Parts, whole
from image2map_gui.core.som.winners import distances_between

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]
_CELLS = 200_000  # of vectors compared at once: some 1 ms of work


@lru_cache(maxsize=8)
def edges(grid: Grid, adjacency: int | None = None) -> tuple[Indices, Indices]:
    """List all pairs of neighbouring units, each both ways round, by first unit then second.

    Neighbours are at most one row and one column apart (modulo the length of closed axes), so the
    work grows with the number of units, not with its square.

    Returns
    -------
    first, second
        ``(pairs,)`` each, not to be written to: they are kept for the next time.
    """
    shape = tuple(axis.length for axis in grid.axes)
    lengths = np.array(shape)
    closed = np.array([axis.closed for axis in grid.axes])
    pairs = []
    for offset in itertools.product((-1, 0, 1), repeat=len(shape)):
        moved = grid.positions + np.array(offset)
        moved = np.where(closed, moved % lengths, moved)
        first = np.flatnonzero(((moved >= 0) & (moved < lengths)).all(axis=1))
        second = np.ravel_multi_index(tuple(moved[first].T), shape)
        near = grid.adjacent(first, second, adjacency)
        pairs.append(first[near] * grid.units + second[near])
    found = np.divmod(np.unique(np.concatenate(pairs)), grid.units)
    first, second = np.asarray(found[0], np.intp), np.asarray(found[1], np.intp)
    for one in (first, second):
        one.setflags(write=False)
    return first, second


def edge_lengths(
    weights: Floats, first: Indices, second: Indices, metric: str | Metric
) -> NDArray[np.float64]:
    """Distances of the weights ``(k, d)`` of paired units ``(pairs,)``, in the metric."""
    return whole(edge_lengths_parts(weights, first, second, metric))


def edge_lengths_parts(
    weights: Floats, first: Indices, second: Indices, metric: str | Metric
) -> Parts[NDArray[np.float64]]:
    """Work out :func:`edge_lengths` part by part.

    A pair that is there both ways round is measured once. Weights of single precision are
    subtracted in it, which is exact where they are alike; the sum is right to some 1e-6 of itself.
    """
    low, high = np.minimum(first, second), np.maximum(first, second)
    pairs, places = np.unique(low * len(weights) + high, return_inverse=True)
    ours, theirs = np.divmod(pairs, len(weights))
    metric = metric_of(metric)
    quick = metric.by_products and not metric.by_angle
    placed = np.ascontiguousarray(metric.placed(weights)) if quick else weights
    lengths = np.empty(len(pairs), np.float64)
    step = max(1, _CELLS // max(1, weights.shape[1]))
    for start in range(0, len(pairs), step):
        part = slice(start, start + step)
        if quick:
            lengths[part] = _euclidean(placed[ours[part]], placed[theirs[part]])
        else:
            lengths[part] = distances_between(weights[ours[part]], weights[theirs[part]], metric)
        yield min(1.0, (start + step) / len(pairs))
    return lengths[places]


def _euclidean(first: Floats, second: Floats) -> Floats:
    first -= second
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", first, first)))
