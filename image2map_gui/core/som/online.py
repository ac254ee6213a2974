"""Kohonen's sequential rule, exact, computed for blocks of pictures."""

from __future__ import annotations

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
    for start in range(0, len(order), _BLOCK):
        rows = order[start : start + _BLOCK]
        block = _Block(data, weights, rows, range(-start % tally.stride, len(rows), tally.stride))
        for place, speed in enumerate(rates[rows].tolist()):
            block.learn(place, speed, steps.of(block.winner(place), speed))
        block.write(weights, data.vectors[rows])
        winners = np.array(block.winners, np.intp)
        tally.add(rows, winners, data.distances(rows, np.array(block.best, weights.dtype)))
        _judge(block.judged, winners, block.judged_scores, tally)
        yield start + len(rows)


class _Steps:
    """How far each unit moves, by winner: ``a``, ``1 - a``, ``(1 - a)^2``, ``a (1 - a)``, ``a^2``.

    ``a`` is the rate times the neighbourhood. Computed once for an epoch with one rate, unless
    the map is too large.
    """

    def __init__(self, kernel: Kernel, rate: float | None, weights: Floats) -> None:
        self._kernel = kernel
        self._dtype = weights.dtype
        self._tables: list[tuple[Floats, ...]] | None = None
        if rate is not None and len(weights) <= _TABLE_UNITS:
            everyone = np.arange(len(weights))
            made = self._made(rate * kernel.rows(everyone))
            self._tables = list(zip(*made, strict=True))

    def of(self, winner: int, rate: float) -> tuple[Floats, ...]:
        """Return the five rows ``(k,)`` of a winner."""
        if self._tables is not None:
            return self._tables[winner]
        return self._made(rate * self._kernel.row(winner))

    def _made(self, step: Floats) -> tuple[Floats, ...]:
        step = step.astype(self._dtype, copy=False)
        keep = 1 - step
        return step, keep, keep * keep, step * keep, step * step


class _Block:
    """The state of all weights within one block, without the weights.

    Unit ``j`` is ``c_j (f_j W_j + sum_s B_sj x_s)`` with ``W`` its weights before the block and
    ``x`` the pictures since. A step ``a`` multiplies ``c`` by ``1 - a`` and adds ``B = a / c``;
    before ``c`` grows too small to divide by, it is multiplied into ``f`` and ``B`` and starts
    again at 1.
    """

    def __init__(self, data: Prepared, weights: Floats, rows: Indices, judged: range) -> None:
        vectors = data.block(rows)
        moved = data.metric.placed(weights, data.centre)
        self._by_angle = data.metric.by_angle
        self._with_weights = vectors @ moved.T
        self._with_each_other = vectors @ vectors.T
        self._half_squares = (0.5 * np.diagonal(self._with_each_other)).tolist()
        self._half_norms = 0.5 * np.einsum("ij,ij->i", moved, moved)
        self._shrunk = np.ones(len(weights), weights.dtype)  # c
        self._kept = np.ones(len(weights), weights.dtype)  # f
        self._smallest = 1.0  # that any c can be by now
        self._mixture = np.zeros((len(rows), len(weights)), weights.dtype)  # B
        self._products = np.empty(len(weights), weights.dtype)
        self._scores = np.empty(len(weights), weights.dtype)
        self._room = np.empty(len(weights), weights.dtype)
        self.winners: list[int] = []
        self.best: list[float] = []
        self.judged = judged
        self.judged_scores: list[Floats] = []

    def winner(self, place: int) -> int:
        """Find the winner of the picture at a place of the block; all places come in turn."""
        products, scores = self._products, self._scores
        if place:
            np.dot(self._with_each_other[place, :place], self._mixture[:place], out=products)
            products += self._with_weights[place]
            products *= self._shrunk
        else:
            products[:] = self._with_weights[0]
        if self._by_angle:
            lengths = np.sqrt(np.maximum(2 * self._half_norms, 0))
            scores[:] = 0
            np.divide(products, lengths, out=scores, where=lengths > 0)
        else:
            np.subtract(products, self._half_norms, out=scores)
        found = int(scores.argmax())
        self.winners.append(found)
        self.best.append(scores[found])
        if place in self.judged:
            self.judged_scores.append(scores.copy())
        return found

    def learn(self, place: int, rate: float, rows: tuple[Floats, ...]) -> None:
        """Move all units towards that picture, by the rows of :class:`_Steps`."""
        step, keep, keep_keep, step_keep, step_step = rows
        norms, room = self._half_norms, self._room
        norms *= keep_keep
        np.multiply(step_keep, self._products, out=room)
        norms += room
        np.multiply(step_step, self._half_squares[place], out=room)
        norms += room
        if self._smallest * (1 - rate) < _FAINTEST:
            self._start_again(place)
        if 1 - rate < _FAINTEST:  # nothing is left of the winner's old weights
            self._mixture[:place] *= keep
            self._with_weights[place + 1 :] *= keep
            self._kept *= keep
            self._mixture[place] = step
            return
        self._smallest *= 1 - rate
        self._shrunk *= keep
        np.divide(step, self._shrunk, out=self._mixture[place])

    def _start_again(self, place: int) -> None:
        self._mixture[:place] *= self._shrunk
        self._with_weights[place + 1 :] *= self._shrunk
        self._kept *= self._shrunk
        self._shrunk[:] = 1
        self._smallest = 1.0

    def write(self, weights: Floats, vectors: Floats) -> None:
        """Bring the weights to where the block has moved them."""
        self._kept *= self._shrunk
        self._mixture *= self._shrunk
        weights *= self._kept[:, None]
        weights += self._mixture.T @ vectors


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
            _judge(range(1), winners, [scores[0]], tally)
        yield start + 1


def _judge(judged: range, winners: Indices, scores: list[Floats], tally: Tally) -> None:
    """Tell the tally the second-best units of some of the pictures."""
    if not scores or len(scores[0]) < 2:
        return
    first = winners[judged]
    table = np.array(scores)
    table[np.arange(len(first)), first] = -np.inf
    tally.judge(first, table.argmax(axis=1))
