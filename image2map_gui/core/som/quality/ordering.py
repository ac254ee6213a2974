"""Sorting by distance with ties, and drawing the few out of the many, for figures that rank."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.metric import Metric, metric_of
from image2map_gui.core.som.winners import Scores

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]

_SEED = 0
_EQUAL = 1e-9  # distances closer than this share of the longest of their row are ties
_NOTHING = 1e-12  # squared distances below this share of the squared lengths are rounding
_CELLS = 60_000  # of a table sorted at once: some 40 ms of work
_SORTED = 500.0  # nanoseconds that a cell of a table takes to sort
_PRODUCT, _DIFFERENCE, _POWER = 0.1, 1.0, 20.0  # nanoseconds that a component takes to compare


def draw(count: int, most: int) -> Indices:
    """Return at most ``most`` of the rows 0, 1, ..., ``count - 1``, ascending.

    Drawn without replacement, always the same for the same two numbers.
    """
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(_SEED).choice(count, most, replace=False))


def blocks(rows: Indices, width: int, effort: float = 1.0) -> Iterator[Indices]:
    """Cut ``rows`` into parts whose tables of ``width`` columns take some 40 ms to sort.

    ``effort`` is how many times longer than that a cell of the table takes.
    """
    step = max(1, int(_CELLS / (effort * max(1, width))))
    for start in range(0, len(rows), step):
        yield rows[start : start + step]


class Pairs:
    """Distances between vectors ``(n, d)`` in a metric, some rows at a time, in float64."""

    def __init__(self, vectors: Floats, metric: str | Metric) -> None:
        self._metric = metric = metric_of(metric)
        exact = vectors.astype(np.float64)
        centre = exact.mean(axis=0) if metric.name == "euclidean" and len(exact) else None
        self._vectors = metric.placed(exact, centre)
        self._squares = np.einsum("ij,ij->i", self._vectors, self._vectors)
        if metric.by_angle:
            lengths = np.sqrt(self._squares)[:, None]
            something = lengths > _NOTHING * np.linalg.norm(exact, axis=1, keepdims=True)
            self._vectors = np.divide(
                self._vectors, lengths, out=np.zeros_like(self._vectors), where=something
            )

    @property
    def effort(self) -> float:
        """How much longer a distance takes than sorting it, in sorted cells."""
        cost = _POWER
        if self._metric.by_products:
            cost = _PRODUCT
        elif self._metric.order in (1, np.inf):
            cost = _DIFFERENCE
        return 1 + cost * float(self._vectors.shape[1]) / _SORTED

    def rows(self, chosen: Indices) -> NDArray[np.float64]:
        """Distances of the chosen vectors to all, ``(len(chosen), n)``; rounding counts as 0."""
        if self._metric.by_angle:
            apart = 1 - np.clip(self._vectors[chosen] @ self._vectors.T, -1, 1)
            return np.where(apart <= _NOTHING, 0.0, apart)
        if not self._metric.by_products:
            plain = Metric(self._metric.name)  # the mask is in these vectors already
            scores = Scores(self._vectors, plain).of(self._vectors[chosen])
            return np.asarray(np.abs(scores), np.float64)
        both = self._squares[chosen][:, None] + self._squares
        squares = both - 2 * (self._vectors[chosen] @ self._vectors.T)
        return np.asarray(np.sqrt(np.where(squares <= _NOTHING * both, 0.0, squares)))


def tie_keys(distances: NDArray[np.float64], own: Indices) -> NDArray[np.float64]:
    """Return keys ``(m, n)`` that sort each row as its distances do and are equal for ties.

    ``own`` ``(m,)`` is the column of the row's own vector, which gets the key -1 and thus comes
    first, also among duplicates.
    """
    longest = distances.max(axis=1, initial=0.0, keepdims=True)
    shares = np.divide(distances, longest, out=np.zeros_like(distances), where=longest > 0)
    keys = np.rint(shares / _EQUAL)
    keys[np.arange(len(keys)), own] = -1
    return np.asarray(keys)


def order_others(keys: NDArray[np.float64]) -> tuple[Indices, Ties]:
    """Sort each row of keys ``(m, n)``, leaving out the row's own vector.

    Returns
    -------
    order, ties
        Columns, nearest first, ``(m, n - 1)``, and which of them are equally far.
    """
    order = np.argsort(keys, axis=1)[:, 1:]
    return order, Ties(np.take_along_axis(keys, order, axis=1))


class Ties:
    """Runs of equal keys in sorted rows ``(m, n)``.

    What stands at the places of a run is replaced by its mean over the run: what each place has on
    average if ties are broken by lot.
    """

    def __init__(self, keys: NDArray[np.float64]) -> None:
        rows, columns = keys.shape
        place = np.arange(1, columns, dtype=np.int32)
        changes = keys[:, 1:] != keys[:, :-1]
        self._first = np.zeros((rows, columns), np.int32)
        self._end = np.full((rows, columns), columns, np.int32)
        self._first[:, 1:] = np.where(changes, place, 0)
        self._end[:, :-1] = np.where(changes, place, columns)
        self._first = np.maximum.accumulate(self._first, axis=1)
        self._end = np.minimum.accumulate(self._end[:, ::-1], axis=1)[:, ::-1]

    def share_ranks(self, costs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share what the ranks of all rows cost, ``(n,)``: ``(m, n)``."""
        sums = np.concatenate([[0.0], np.cumsum(costs)])
        return np.asarray((sums[self._end] - sums[self._first]) / (self._end - self._first))

    def share(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share values of the places, ``(m, n)``."""
        sums = np.zeros((len(values), values.shape[1] + 1))
        np.cumsum(values, axis=1, out=sums[:, 1:])
        total = np.take_along_axis(sums, self._end, axis=1)
        total -= np.take_along_axis(sums, self._first, axis=1)
        return np.asarray(total / (self._end - self._first))
