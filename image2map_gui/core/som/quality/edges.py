"""Which units are neighbours, as one list for the whole map."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.quality.parts import Parts, whole
from image2map_gui.core.som.winners import distances_between

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]
_CELLS = 400_000  # of vectors compared at once: some 5 ms of work


def edges(grid: Grid, adjacency: int | None = None) -> tuple[Indices, Indices]:
    """List all pairs of neighbouring units, each both ways round, by first unit then second.

    Neighbours are at most one row and one column apart (modulo the length of closed axes), so the
    work grows with the number of units, not with its square.

    Returns
    -------
    first, second
        ``(pairs,)`` each.
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
    return np.asarray(found[0], np.intp), np.asarray(found[1], np.intp)


def edge_lengths(
    weights: Floats, first: Indices, second: Indices, metric: str | Metric
) -> NDArray[np.float64]:
    """Distances of the weights ``(k, d)`` of paired units ``(pairs,)``, in the metric."""
    return whole(edge_lengths_parts(weights, first, second, metric))


def edge_lengths_parts(
    weights: Floats, first: Indices, second: Indices, metric: str | Metric
) -> Parts[NDArray[np.float64]]:
    """Work out :func:`edge_lengths` part by part."""
    lengths = np.empty(len(first), np.float64)
    step = max(1, _CELLS // max(1, weights.shape[1]))
    for start in range(0, len(first), step):
        part = slice(start, start + step)
        lengths[part] = distances_between(weights[first[part]], weights[second[part]], metric)
        yield min(1.0, (start + step) / len(first))
    return lengths
