"""Kohonen's sequential rule, exact, computed for blocks of pictures."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.tally import Tally
from image2map_gui.core.som.winners import Prepared, Scores

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]
_BLOCK = 64
_TABLE_UNITS = 1024  # of more units, steps are computed as they are needed
_FAINTEST = 1e-8  # how far a unit's share of its old weights may shrink before it is written out
_SPARE = 1e4  # squares must stay so far below the largest number, divided by that share's square


def online_epoch(
    data: Prepared,
    weights: Floats,
    kernel: Kernel,
    rate: float | Floats,
    order: Indices,
    tally: Tally,
) -> Generator[int, None, None]:
    """Move the units in place after every picture: ``w_j += rate h(d(b, j)) (x - w_j)``.

    ``order`` tells which pictures come, one after the other; ``rate`` may be one for each of all
    pictures, ``(n,)``.

    Within a block the weights are never touched: each is a known mixture of its value before the
    block and the pictures seen since, so scores follow from the products of the block with the old
    weights and with itself. The result is that of the step-by-step rule up to rounding.

    Yields
    ------
    int
        Pictures seen so far.
    """
    rates = np.broadcast_to(np.asarray(rate, np.float64), len(data.vectors))
    if kernel.signed or not data.metric.by_products:
        yield from _one_by_one(data, weights, kernel, rates, order, tally)
        return
    steps = _Steps(kernel, float(rate) if np.ndim(rate) == 0 else None, weights)
    mixture = _Mixture(data, weights)
    for start in range(0, len(order), _BLOCK):
        rows = order[start : start + _BLOCK]
        judged = range(-start % tally.stride, len(rows), tally.stride)
        mixture.begin(rows, judged)
        winners, best = mixture.learn(rates[rows].tolist(), steps)
        mixture.write()
        tally.add(rows, winners, data.distances(rows, best))
        _judge(judged, winners, mixture.judged_scores[: len(judged)], tally)
        yield start + len(rows)


class _Steps:
    """How far each unit moves, by winner: ``a``, the rate times the neighbourhood, and ``1 - a``.

    Computed once for an epoch with one rate, unless the map is too large.
    """

    def __init__(self, kernel: Kernel, rate: float | None, weights: Floats) -> None:
        self._kernel = kernel
        self._dtype = weights.dtype
        self._faintest = math.sqrt(np.finfo(weights.dtype).tiny)
        self._tables: list[tuple[Floats, Floats]] | None = None
        if rate is not None and len(weights) <= _TABLE_UNITS:
            step, keep = self._made(rate * kernel.rows(np.arange(len(weights))))
            self._tables = list(zip(step, keep, strict=True))

    def of(self, winner: int, rate: float) -> tuple[Floats, Floats]:
        """Return the two rows ``(k,)`` of a winner."""
        if self._tables is not None:
            return self._tables[winner]
        return self._made(rate * self._kernel.row(winner))

    def _made(self, step: Floats) -> tuple[Floats, Floats]:
        """Round steps to the type of the weights.

        Those whose square is no normal number any more become 0: processors take many times as
        long for such numbers, and no weight feels them.
        """
        step = step.astype(self._dtype)
        step[step < self._faintest] = 0
        return step, 1 - step


class _Mixture:
    """The state of all weights within a block of pictures, without the weights.

    Unit ``j`` is ``c_j u_j`` with ``u_j = f_j W_j + sum_s B_sj x_s``, where ``W`` are its weights
    before the block and ``x`` the pictures since. A step ``a`` multiplies ``c`` by ``1 - a`` and
    adds ``B = a / c``; before ``c`` grows too small to divide by, it is multiplied into the rest
    and starts again at 1. A row of ``B`` holds the products of its picture with ``f W`` until the
    picture comes, so that one product with ``B`` gives the picture's products with all ``u``;
    half their squared lengths follow from these.

    All room is taken once, and the parts of it that each picture uses are cut out once.
    """

    def __init__(self, data: Prepared, weights: Floats) -> None:
        units, dtype = len(weights), weights.dtype
        self._data = data
        self._weights = weights
        self._by_angle = data.metric.by_angle
        self._limits = np.finfo(dtype)
        self._with_each_other = np.empty((_BLOCK, _BLOCK), dtype)
        self._mixture = np.zeros((_BLOCK, units), dtype)  # B
        self._half_squares = np.empty(_BLOCK, dtype)
        self._places = [
            (
                self._with_each_other[place, : place + 1],
                self._mixture[: place + 1],
                self._mixture[place],
                self._half_squares[place : place + 1].reshape(()),
            )
            for place in range(_BLOCK)
        ]
        self._halves = np.empty(units, dtype)  # of the squared lengths of u
        self._least = np.empty(units, dtype)  # what they are taken for when they are less
        self._shrunk = np.empty(units, dtype)  # c
        self._kept = np.empty(units, dtype)  # f
        self._products = np.empty(units, dtype)
        self._scores = np.empty(units, dtype)
        self._room = np.empty(units, dtype)
        self.judged_scores = np.empty((_BLOCK, units), dtype)

    def begin(self, rows: Indices, judged: range) -> None:
        """Take up the next block: pictures ``rows``; scores are kept of those at ``judged``."""
        data, count = self._data, len(rows)
        self._judged = judged
        self._vectors = vectors = data.vectors[rows]
        placed = data.metric.placed(vectors, data.centre)
        moved = data.metric.placed(self._weights, data.centre)
        across = np.matmul(placed, placed.T, out=self._with_each_other[:count, :count])
        np.multiply(across.diagonal(), 0.5, out=self._half_squares[:count])
        np.fill_diagonal(across, 1)
        np.matmul(placed, moved.T, out=self._mixture[:count])
        np.multiply(np.vecdot(moved, moved), 0.5, out=self._halves)
        np.multiply(self._halves, self._limits.eps, out=self._least)
        self._least += self._limits.tiny
        largest = float(max(self._halves.max(), self._half_squares[:count].max()))
        self._faintest = max(_FAINTEST, math.sqrt(_SPARE * largest / float(self._limits.max)))
        self._shrunk[:] = 1
        self._kept[:] = 1

    def learn(self, rates: list[float], steps: _Steps) -> tuple[Indices, Floats]:
        """Find the winner of each picture in turn and move all units towards the picture.

        Online training spends most of its time here, so it holds on to what it uses and has
        NumPy write where there is room. Returns the winners and their scores, ``(m,)`` each.
        """
        products, halves, shrunk = self._products, self._halves, self._shrunk
        scores, room, judged = self._scores, self._room, self._judged
        add, multiply, divide, dot = np.add, np.multiply, np.divide, np.dot
        winners: list[int] = []
        best: list[float] = []
        smallest = 1.0  # that any c can be by now
        for rate, (others, mixture, mine, half_square) in zip(rates, self._places, strict=False):
            dot(others, mixture, products)
            self._score()
            if len(winners) in judged:
                self.judged_scores[judged.index(len(winners))] = scores
            winner = int(scores.argmax())
            winners.append(winner)
            best.append(scores[winner])
            step, keep = steps.of(winner, rate)
            multiply(shrunk, keep, shrunk)
            smallest *= 1 - rate
            if smallest < self._faintest:
                self._fold()
                smallest = 1.0
            divide(step, shrunk, mine)
            multiply(mine, half_square, room)
            add(room, products, room)
            multiply(room, mine, room)
            add(halves, room, halves)
        found = np.array(best, scores.dtype)
        return np.array(winners, np.intp), found * math.sqrt(0.5) if self._by_angle else found

    def _score(self) -> None:
        """Score all units by the products of ``u`` with a picture, the higher the nearer."""
        scores, room = self._scores, self._room
        if self._by_angle:  # c does not turn a unit
            np.maximum(self._halves, self._least, out=room)
            np.sqrt(room, room)
            np.divide(self._products, room, scores)
        else:
            np.multiply(self._halves, self._shrunk, room)
            np.subtract(self._products, room, scores)
            np.multiply(scores, self._shrunk, scores)

    def _fold(self) -> None:
        """Multiply ``c`` into the rest of the mixture, so that it starts again at 1."""
        self._mixture *= self._shrunk
        self._kept *= self._shrunk
        self._products *= self._shrunk
        self._halves *= self._shrunk**2
        self._shrunk[:] = 1

    def write(self) -> None:
        """Bring the weights to where the block has moved them."""
        self._fold()
        self._weights *= self._kept[:, None]
        self._weights += self._mixture[: len(self._vectors)].T @ self._vectors


def _one_by_one(
    data: Prepared,
    weights: Floats,
    kernel: Kernel,
    rates: Floats,
    order: Indices,
    tally: Tally,
) -> Generator[int, None, None]:
    """Run the rule as it is written, for metrics that are no products of vectors."""
    for start in range(len(order)):
        rows = order[start : start + 1]
        scores = Scores(weights, data.metric, data.centre).of(data.block(rows))
        winners = scores.argmax(axis=1)
        step = float(rates[rows[0]]) * kernel.row(int(winners[0]))
        weights += step.astype(weights.dtype, copy=False)[:, None] * (data.vectors[rows] - weights)
        if kernel.signed:  # the hat pushes units away, without end if nothing holds them
            np.clip(weights, data.low, data.high, out=weights)
        tally.add(rows, winners, data.distances(rows, scores[0, winners]))
        if start % tally.stride == 0:
            _judge(range(1), winners, scores, tally)
        yield start + 1


def _judge(judged: range, winners: Indices, scores: Floats, tally: Tally) -> None:
    """Tell the tally the second-best units of some of the pictures; their scores are used up."""
    if not len(scores) or scores.shape[1] < 2:
        return
    first = winners[judged]
    scores[np.arange(len(first)), first] = -np.inf
    tally.judge(first, scores.argmax(axis=1))
