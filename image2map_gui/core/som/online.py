"""Kohonen's sequential rule, exact, computed for blocks of pictures."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.tally import Tally
from image2map_gui.core.som.winners import Prepared, Scores, placed

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]
_BLOCK = 64
_DIRECT_BLOCK = 1


def online_epoch(
    data: Prepared, weights: Floats, kernel: Kernel, rate: float, order: Indices, tally: Tally
) -> Generator[int, None, None]:
    """Move the units in place after every picture: ``w_j += rate h(d(b, j)) (x - w_j)``.

    Within a block the weights are never touched: each is a known mixture
    ``c_j W_j + sum_s A_sj x_s`` of its value before the block and the pictures seen since, so
    scores follow from the products of the block with the old weights and with itself. The result is
    that of the step-by-step rule up to rounding.

    Yields
    ------
    int
        Pictures seen so far.
    """
    direct = not data.by_products or kernel.signed
    size = _DIRECT_BLOCK if direct else _BLOCK
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        block = _DirectBlock(data, weights, rows) if direct else _Block(data, weights, rows)
        for place in range(len(rows)):
            winner = block.winner(place)
            block.learn(place, rate * kernel.row(winner))
        block.write(weights, data.vectors[rows])
        if kernel.signed:  # the hat pushes units away, without end if nothing holds them
            np.clip(weights, data.low, data.high, out=weights)
        tally.add(rows, block.winners, data.distances(rows, block.best))
        _judge(block, start, tally)
        yield start + len(rows)


class _Block:
    """The state of all weights within one block, without the weights."""

    def __init__(self, data: Prepared, weights: Floats, rows: Indices) -> None:
        vectors = data.block(rows)
        moved = placed(weights, data.metric, data.centre)
        self._cosine = data.metric != "euclidean"
        self._with_weights = vectors @ moved.T
        self._with_each_other = vectors @ vectors.T
        self._squares = np.diagonal(self._with_each_other)
        self._norms = np.einsum("ij,ij->i", moved, moved)
        self._kept = np.ones(len(weights), weights.dtype)
        self._mixture = np.zeros((len(rows), len(weights)), weights.dtype)
        self._products = self._norms  # of the present picture with all weights
        self.winners = np.zeros(len(rows), np.intp)
        self.best = np.zeros(len(rows), weights.dtype)
        self.scores = np.zeros((len(rows), len(weights)), weights.dtype)

    def winner(self, place: int) -> int:
        products = self._kept * self._with_weights[place]
        if place:
            products += self._with_each_other[place, :place] @ self._mixture[:place]
        self._products = products
        scores = self.scores[place]
        if self._cosine:
            lengths = np.sqrt(np.maximum(self._norms, 0))
            scores[:] = 0
            np.divide(products, lengths, out=scores, where=lengths > 0)
        else:
            np.multiply(self._norms, -0.5, out=scores)
            scores += products
        found = int(scores.argmax())
        self.winners[place] = found
        self.best[place] = scores[found]
        return found

    def learn(self, place: int, step: Floats) -> None:
        step = step.astype(self._kept.dtype, copy=False)
        keep = 1 - step
        self._norms = (
            keep * (keep * self._norms + 2 * step * self._products)
            + step * step * self._squares[place]
        )
        self._mixture[:place] *= keep
        self._mixture[place] = step
        self._kept *= keep

    def write(self, weights: Floats, vectors: Floats) -> None:
        weights *= self._kept[:, None]
        weights += self._mixture.T @ vectors


class _DirectBlock:
    """One step of the rule as it is written, for metrics that are no products of vectors."""

    def __init__(self, data: Prepared, weights: Floats, rows: Indices) -> None:
        self.scores = Scores(weights, data.metric, data.centre).of(data.block(rows))
        self.winners = self.scores.argmax(axis=1)
        self.best = self.scores[np.arange(len(rows)), self.winners]
        self._step: Floats = np.zeros(len(weights), weights.dtype)

    def winner(self, place: int) -> int:
        return int(self.winners[place])

    def learn(self, _place: int, step: Floats) -> None:
        self._step = step.astype(self._step.dtype, copy=False)

    def write(self, weights: Floats, vectors: Floats) -> None:
        weights += self._step[:, None] * (vectors - weights)


def _judge(block: _Block | _DirectBlock, start: int, tally: Tally) -> None:
    if block.scores.shape[1] < 2:
        return
    judged = np.arange(-start % tally.stride, len(block.winners), tally.stride)
    scores = block.scores[judged]
    scores[np.arange(len(judged)), block.winners[judged]] = -np.inf
    tally.judge(block.winners[judged], scores.argmax(axis=1))
