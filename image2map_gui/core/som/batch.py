"""The batch rule: each unit becomes the weighted mean of the pictures around it."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.tally import Tally
from image2map_gui.core.som.winners import Prepared, Scores, block_rows

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]
_JUDGED = 512
_NOTHING = 1e-30
_GROUP_VALUES = 3_200_000  # of pictures that are added to the sums at once: some 5 ms of work


def batch_epoch(
    data: Prepared,
    weights: Floats,
    kernel: Kernel,
    tally: Tally,
    sample_weights: Floats | None = None,
) -> Generator[int, None, Floats]:
    """Move all units once, from all pictures.

    ``W_j = sum_i h(d(i, j)) S_i / sum_i h(d(i, j)) n_i`` with ``S_i`` the sum and ``n_i`` the
    number of the pictures whose winner is ``i`` (Kohonen, 2001, 3.6), each counted
    ``sample_weights`` ``(n,)`` times if given. Units that no picture reaches stay where they are.

    Yields
    ------
    int
        Pictures seen so far.

    Returns
    -------
    ndarray
        The new weights, ``(k, d)``.
    """
    sums = np.zeros(weights.shape, np.float64)
    counts = np.zeros(len(weights), np.float64)
    search = _Search(data, weights, tally)
    summed, group = 0, _GROUP_VALUES // weights.shape[1]
    yield 0
    for start in range(0, len(data.vectors), search.step):
        rows = slice(start, min(start + search.step, len(data.vectors)))
        search.find(rows)
        if rows.stop - summed >= group or rows.stop == len(data.vectors):
            part = slice(summed, rows.stop)
            share = None if sample_weights is None else sample_weights[part]
            _add_sums(sums, counts, data.vectors[part], tally.winners[part], share)
            summed = rows.stop
        yield rows.stop
    for _ in search.judge():
        yield len(data.vectors)
    return _means(sums, counts, kernel, weights)


def minibatch_epoch(
    data: Prepared,
    weights: Floats,
    kernel: Kernel,
    rate: float,
    order: Indices,
    size: int,
    tally: Tally,
    sample_weights: Floats | None = None,
) -> Generator[int, None, None]:
    """Move the units in place after every ``size`` pictures, by ``rate`` towards their batch means.

    With one batch of all pictures and a rate of 1 this is :func:`batch_epoch`.

    Yields
    ------
    int
        Pictures seen so far.
    """
    step = min(size, block_rows(len(weights), weights.shape[1], data.metric))
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        sums = np.zeros(weights.shape, np.float64)
        counts = np.zeros(len(weights), np.float64)
        scores = Scores(weights, data.metric, data.centre)
        for part in range(0, len(chosen), step):
            rows = chosen[part : part + step]
            winners = find_winners(data, rows, scores, tally)
            share = None if sample_weights is None else sample_weights[rows]
            _add_sums(sums, counts, data.vectors[rows], winners, share)
            yield start + part + len(rows)
        weights += rate * (_means(sums, counts, kernel, weights) - weights)


class _Search:
    """The search for all winners of an epoch, by bounds where that is faster than comparing all."""

    def __init__(self, data: Prepared, weights: Floats, tally: Tally) -> None:
        self._data = data
        self._tally = tally
        self._scores = scores = Scores(weights, data.metric, data.centre)
        self._sieve = None
        if data.metric.by_products:
            self._sieve = data.pruning.sieve(scores.units, scores.offsets)
        self.step = block_rows(len(weights), weights.shape[1], data.metric)
        self._room = None
        if self._sieve is None:
            self._room = np.empty((self.step, len(weights)), weights.dtype)

    def find(self, rows: slice) -> None:
        """Find the best units of some pictures in a row and note them in the tally."""
        if self._sieve is None:
            find_winners(self._data, rows, self._scores, self._tally, self._room)
            return
        winners, best = self._sieve.best(self._data.block(rows), self._data.squares[rows])
        self._tally.add(rows, winners, self._data.distances(rows, best))

    def judge(self) -> Iterator[None]:
        """Tell the tally some second-best units, if that is still to be done; yields at times."""
        if self._sieve is None or len(self._scores.units) < 2:
            return
        judged = np.arange(0, len(self._data.vectors), self._tally.stride)
        for start in range(0, len(judged), _JUDGED):
            rows = judged[start : start + _JUDGED]
            first = self._tally.winners[rows]
            block, squares = self._data.block(rows), self._data.squares[rows]
            second, _ = self._sieve.best(block, squares, without=first)
            self._tally.judge(first, second)
            yield


def find_winners(
    data: Prepared,
    rows: slice | Indices,
    scores: Scores,
    tally: Tally,
    room: Floats | None = None,
) -> Indices:
    """Find the best unit of each of the pictures ``rows`` and note it in the tally.

    ``room`` is reused for the scores if given, ``(rows at least, k)``.
    """
    block = data.block(rows)
    found = scores.of(block, None if room is None else room[: len(block)])
    winners: Indices = found.argmax(axis=1)
    every = np.arange(len(block))
    tally.add(rows, winners, data.distances(rows, found[every, winners]))
    judged = every[:: tally.stride]
    if found.shape[1] > 1:
        some = found[judged]
        some[np.arange(len(judged)), winners[judged]] = -np.inf
        tally.judge(winners[judged], some.argmax(axis=1))
    return winners


def _add_sums(
    sums: NDArray[np.float64],
    counts: NDArray[np.float64],
    block: Floats,
    winners: Indices,
    shares: Floats | None,
) -> None:
    """Add each vector to the sum of its winner, ``shares`` times if given.

    As a sparse product of "who belongs to whom" and the vectors; ``np.add.at`` would take them one
    by one, and a dense product would count everyone against everyone.
    """
    from scipy.sparse import csc_array

    counts += np.bincount(winners, shares, minlength=len(counts))
    present: slice | Indices = slice(None)
    units = len(sums)
    if units > len(winners):  # most units would get nothing
        present, winners = np.unique(winners, return_inverse=True)
        units = len(present)
    times = np.ones(len(winners)) if shares is None else shares
    belongs = csc_array(
        (times.astype(block.dtype), winners, np.arange(len(winners) + 1)),
        shape=(units, len(winners)),
    )
    sums[present] += belongs @ block


def _means(
    sums: NDArray[np.float64], counts: NDArray[np.float64], kernel: Kernel, weights: Floats
) -> Floats:
    shares = kernel.smooth(counts[:, None])
    means = kernel.smooth(sums)
    reached = shares[:, 0] > _NOTHING
    np.divide(means, shares, out=means, where=reached[:, None])
    means[~reached] = weights[~reached]
    return means.astype(weights.dtype)
