"""Best-matching units: a fast search for training, an exact one for what is reported."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]

_PRODUCTS = 600_000_000  # multiply-adds of one block: some 10-20 ms of work
_BLOCK_BYTES = 32 << 20
_PAIR_BYTES = 32 << 20
_CANCELLATION = 16.0  # how far off centre data may lie, in spreads, before float32 must be centred
_ROUNDING = 64 * float(np.finfo(np.float32).eps)


def block_rows(units: int, features: int) -> int:
    """How many vectors to compare with all units at once: short work, little memory."""
    rows = min(_PRODUCTS // max(1, units * features), _BLOCK_BYTES // (4 * max(1, units)))
    return int(min(max(rows, 16), 2048))


class Scores:
    """Scores of vectors against fixed weights; the best-matching unit has the highest score.

    Euclidean: ``x.w - |w|^2/2``, which orders units as ``|x - w|`` does. Cosine: ``x.w / |w|``
    (a zero weight scores 0, a zero vector scores 0 everywhere). Where the data lie far from the
    origin, both sides are centred first, since float32 would drown the differences.
    """

    def __init__(self, weights: Floats, metric: str, centre: Floats | None = None) -> None:
        self.metric = metric
        self.centre = None if centre is None or metric == "cosine" else centre
        moved = weights if self.centre is None else weights - self.centre
        norms = np.einsum("ij,ij->i", moved, moved, dtype=np.float64)
        if metric == "cosine":
            lengths = np.sqrt(norms)
            scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
            moved = moved * scale[:, None].astype(weights.dtype)
            self.half_norms: Floats = np.zeros(len(weights), weights.dtype)
        else:
            self.half_norms = (norms / 2).astype(weights.dtype)
        self._across = np.ascontiguousarray(moved).T
        self._largest = float(norms.max(initial=0.0))

    def of(self, centred: Floats, out: Floats | None = None) -> Floats:
        """Score vectors ``(m, d)``, centred as the weights are, against all units ``(m, k)``."""
        scores = np.asarray(np.matmul(centred, self._across, out=out))
        if self.metric != "cosine":
            scores -= self.half_norms
        return scores

    def slack(self, squares: Floats) -> Floats:
        """How much rounding may have moved the scores of vectors of these squared lengths."""
        if self.metric == "cosine":
            return np.asarray(_ROUNDING * np.sqrt(squares))[:, None]
        return np.asarray(_ROUNDING * (squares + self._largest))[:, None]


def centre_of(vectors: Floats) -> Floats | None:
    """Return the mean of the data if float32 scores need it taken away, else ``None``.

    For data near 255 with differences of 0.1 the expanded square loses all its digits; for
    pixels in [0, 1] or [-1, 1] it loses none, and no time is spent.
    """
    sample = vectors[:: max(1, len(vectors) // 1000)].astype(np.float64)
    mean = sample.mean(axis=0)
    spread = float(((sample - mean) ** 2).sum() / len(sample))
    if float(mean @ mean) <= _CANCELLATION**2 * spread:
        return None
    return np.asarray(vectors.mean(axis=0, dtype=np.float64), vectors.dtype)


class Prepared:
    """Training vectors with what the searches need of them, computed once."""

    def __init__(self, vectors: Floats, metric: str) -> None:
        self.vectors = vectors
        self.metric = metric
        self.centre = centre_of(vectors) if metric == "euclidean" else None
        self.squares = np.empty(len(vectors), vectors.dtype)
        step = 4096
        for start in range(0, len(vectors), step):
            block = self.block(slice(start, start + step))
            self.squares[start : start + step] = np.einsum("ij,ij->i", block, block)

    def block(self, rows: slice | Indices) -> Floats:
        """Vectors as they enter a score: centred where that is needed."""
        block = self.vectors[rows]
        return block if self.centre is None else block - self.centre

    def distances(self, rows: slice | Indices, best: Floats) -> Floats:
        """Distances in the metric that belong to the best scores of these rows, ``(m,)``."""
        squares = self.squares[rows]
        if self.metric == "euclidean":
            return np.asarray(np.sqrt(np.maximum(squares - 2 * best, 0)))
        lengths = np.sqrt(squares)
        cosine = np.divide(best, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return np.asarray(1 - np.clip(cosine, -1, 1))


def nearest_blocks(
    vectors: Floats, weights: Floats, metric: str, count: int = 1
) -> Iterator[tuple[slice, Indices, NDArray[np.float64]]]:
    """Find the ``count`` nearest units of each vector, block by block, exactly.

    Float32 scores pick candidates; the distances of all candidates within rounding of each other
    are then computed in float64, and equal distances go to the lower unit. The answer for a
    vector therefore does not depend on which other vectors stand beside it.

    Yields
    ------
    rows, units, distances
        The rows of the block, their units ``(m, count)``, nearest first, and distances in the
        metric: Euclidean, or one minus the cosine.
    """
    count = min(count, len(weights))
    if not len(vectors):
        return
    data = Prepared(vectors, metric)
    scores = Scores(weights, metric, data.centre)
    step = block_rows(*weights.shape)
    for start in range(0, len(vectors), step):
        rows = slice(start, min(start + step, len(vectors)))
        found = scores.of(data.block(rows))
        slack = scores.slack(data.squares[rows])
        yield rows, *_settle(vectors[rows], found, slack, weights, metric, count)


def nearest_units(
    vectors: Floats, weights: Floats, metric: str, count: int = 1
) -> tuple[Indices, NDArray[np.float64]]:
    """Find the ``count`` nearest units of each vector, see :func:`nearest_blocks`.

    Parameters
    ----------
    vectors
        ``(n, d)``.
    weights
        ``(k, d)``.
    metric
        ``euclidean`` or ``cosine``.

    Returns
    -------
    units, distances
        ``(n, min(count, k))`` each, nearest first.
    """
    count = min(count, len(weights))
    units = np.empty((len(vectors), count), np.intp)
    distances = np.empty((len(vectors), count), np.float64)
    for rows, found, how_far in nearest_blocks(vectors, weights, metric, count):
        units[rows], distances[rows] = found, how_far
    return units, distances


def distances_between(first: Floats, second: Floats, metric: str) -> NDArray[np.float64]:
    """Distances of paired rows of ``first`` and ``second``, ``(m, d)`` each, in float64."""
    ours, theirs = first.astype(np.float64), second.astype(np.float64)
    if metric == "euclidean":
        ours -= theirs
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", ours, ours)))
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    products = np.einsum("ij,ij->i", ours, theirs)
    cosine = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return np.asarray(1 - np.clip(cosine, -1, 1))


def _settle(
    block: Floats, scores: Floats, slack: Floats, weights: Floats, metric: str, count: int
) -> tuple[Indices, NDArray[np.float64]]:
    floor = np.partition(scores, -count, axis=1)[:, -count, None]
    row, unit = np.nonzero(scores >= floor - slack)
    far = np.empty(len(row), np.float64)
    step = max(1, _PAIR_BYTES // (8 * max(1, block.shape[1])))
    for start in range(0, len(row), step):
        part = slice(start, start + step)
        far[part] = distances_between(block[row[part]], weights[unit[part]], metric)
    order = np.lexsort((unit, far, row))
    first = np.searchsorted(row[order], np.arange(len(block)))
    chosen = order[first[:, None] + np.arange(count)]
    return unit[chosen], far[chosen]
