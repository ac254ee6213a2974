"""What is like what: units like those of a selection, pictures like one picture or one unit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.progress import Breath
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.winners import distances_between

Rows = NDArray[np.intp]
_BLOCK_BYTES = 8 << 20  # of vectors compared at once


@dataclasses.dataclass(frozen=True, eq=False)
class Alike:
    """Pictures, the most similar first, by their rows, and how far each is away."""

    rows: Rows
    distances: NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Searching:
    """How far a search among vectors is; the last one holds what was found."""

    done: int
    total: int
    found: Alike | None = None

    @property
    def fraction(self) -> float:
        """Share of the vectors that were compared."""
        return self.done / self.total if self.total else 1.0

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return self.found is not None


def grown(
    weights: NDArray[np.floating[Any]], grid: Grid, metric: Metric, chosen: Rows
) -> tuple[Rows, float]:
    """Add to some units those beside them that are like them.

    A neighbour of the chosen units is like them if its prototype is at most as far from that of
    the nearest chosen unit beside it as neighbours are on average, over all pairs of neighbours of
    which one at least is chosen. So a selection grows where prototypes change gently, and stops
    where they change much.

    Parameters
    ----------
    weights
        The prototypes, ``(k, d)``.
    chosen
        The units to start from.

    Returns
    -------
    units
        All of them, ascending; the same as ``chosen`` if no neighbour is like them.
    bound
        The average distance, in the metric; NaN where no unit has a neighbour.
    """
    inside = np.zeros(grid.units, bool)
    inside[chosen] = True
    pairs = [(unit, int(other)) for unit in chosen.tolist() for other in grid.neighbours(unit)]
    if not pairs:
        return np.flatnonzero(inside), float("nan")
    first, second = np.array(pairs, np.intp).T
    far = distances_between(weights[first], weights[second], metric)
    once = ~inside[second] | (first < second)  # pairs of two chosen units are there twice
    bound = float(far[once].mean())
    inside[second[far <= bound]] = True
    return np.flatnonzero(inside), bound


def like_on_map(
    prototypes: NDArray[np.floating[Any]],
    grid: Grid,
    metric: Metric,
    where: tuple[NDArray[np.integer[Any]], NDArray[np.floating[Any]]],
    unit: int,
    count: int,
) -> Alike:
    """Return the pictures on a unit, then those on units ever farther away on the map.

    Units as far away on the map come in the order of their prototypes' distances to that of the
    unit, pictures of a unit in the order of theirs to it.

    Parameters
    ----------
    where
        The unit of each picture and its distance to it, ``(n,)`` each.
    count
        How many pictures at most.

    Returns
    -------
    Alike
        With the distances of the prototypes, 0 for the unit itself.
    """
    units, distances = where
    ours = np.broadcast_to(prototypes[unit], prototypes.shape)
    apart = distances_between(ours, prototypes, metric)
    apart[unit] = 0.0
    steps = grid.distances(np.array([unit]))[0]
    place = np.empty(grid.units, np.intp)
    place[np.lexsort((apart, np.round(steps, 9)))] = np.arange(grid.units)
    order = np.lexsort((distances, place[units]))[:count]
    return Alike(order, apart[units[order]])


def like_vector(
    vectors: NDArray[np.floating[Any]],
    vector: NDArray[np.floating[Any]],
    metric: Metric,
    count: int,
    among: Rows | None = None,
) -> Iterator[Searching]:
    """Find the vectors nearest to one, exactly, of all that are there.

    Yields after some 30 ms at most; the last step holds at most ``count`` rows of ``vectors``
    ``(n, d)``, nearest first, equal ones in their order. Only those ``among`` some rows are looked
    at, if these are given.
    """
    total = len(vectors) if among is None else len(among)
    rows = max(16, _BLOCK_BYTES // (8 * max(1, vectors.shape[1])))
    far = np.empty(total, np.float64)
    breath = Breath()
    yield Searching(0, total)
    for start in range(0, total, rows):
        part = slice(start, start + rows)
        block = vectors[part] if among is None else vectors[among[part]]
        ours = np.broadcast_to(vector, block.shape)
        far[start : start + rows] = distances_between(block, ours, metric)
        if breath.due():
            yield Searching(min(start + rows, total), total)
    order = np.argsort(far, kind="stable")[:count]
    found = order if among is None else among[order]
    yield Searching(total, total, Alike(found, far[order]))
