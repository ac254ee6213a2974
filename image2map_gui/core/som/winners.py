"""Best-matching units: a fast search for training, an exact one for what is reported."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.metric import Metric, metric_of
from image2map_gui.core.som.pruning import SAMPLE, Pruning

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]

_PRODUCTS = 600_000_000  # multiply-adds of one block: some 10-20 ms of work
_BLOCK_BYTES = 32 << 20
_PAIR_BYTES = 32 << 20
_CANCELLATION = 16.0  # how far off centre data may lie, in spreads, before float32 must be centred
_ROUNDING = 64 * float(np.finfo(np.float32).eps)
_FINE_ROUNDING = 8 * float(np.finfo(np.float32).eps)
_SLOWER = 12  # how much longer one comparison takes that is no product


def block_rows(units: int, features: int, metric: str | Metric = "euclidean") -> int:
    """How many vectors to compare with all units at once: short work, little memory."""
    speed = 1 if metric_of(metric).by_products else _SLOWER
    rows = min(_PRODUCTS // max(1, speed * units * features), _BLOCK_BYTES // (4 * max(1, units)))
    return int(min(max(rows, 16), 2048))


class Scores:
    """Scores of vectors against fixed weights; the best-matching unit has the highest score.

    Euclidean: ``x.w - |w|^2/2``, which orders units as ``|x - w|`` does. Cosine: ``x.w / |w|``
    (a zero weight scores 0, a zero vector scores 0 everywhere). Correlation: the cosine of vectors
    that had their own mean taken away. Others: minus the distance. Where the data lie far from the
    origin, both sides are centred first, since float32 would drown the differences. A mask of the
    metric is applied to both sides as well.

    Attributes
    ----------
    units, offsets
        ``(k, d)`` and ``(k,)``: a product's score is ``x.unit - offset``.
    """

    def __init__(self, weights: Floats, metric: str | Metric, centre: Floats | None = None) -> None:
        self.metric = metric = metric_of(metric)
        self.units = moved = np.ascontiguousarray(metric.placed(weights, centre))
        self.offsets: Floats = np.zeros(len(weights), weights.dtype)
        self._largest = 0.0
        if not metric.by_products:
            return
        norms = np.einsum("ij,ij->i", moved, moved, dtype=np.float64)
        if not metric.by_angle:
            self.offsets = (norms / 2).astype(weights.dtype)
        else:
            lengths = np.sqrt(norms)
            scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
            moved = moved * scale[:, None].astype(weights.dtype)
        self.units = np.ascontiguousarray(moved)
        self._largest = float(norms.max(initial=0.0))

    def of(self, vectors: Floats, out: Floats | None = None) -> Floats:
        """Score vectors ``(m, d)``, placed as the weights are, against all units ``(m, k)``."""
        if not self.metric.by_products:
            return -_all_distances(vectors, self.units, self.metric.order)
        scores = np.asarray(np.matmul(vectors, self.units.T, out=out))
        if not self.metric.by_angle:
            scores -= self.offsets
        return scores

    def slack(self, squares: Floats) -> Floats:
        """How much rounding may have moved the scores of vectors of these squared lengths."""
        if not self.metric.by_products:
            return np.asarray(_FINE_ROUNDING * np.sqrt(squares))[:, None]
        if self.metric.by_angle:
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

    def __init__(self, vectors: Floats, metric: str | Metric) -> None:
        self.vectors = vectors
        self.metric = metric = metric_of(metric)
        self.centre = centre_of(vectors) if metric.name == "euclidean" else None
        self.squares = np.empty(len(vectors), vectors.dtype)
        step = 4096
        for start in range(0, len(vectors), step):
            block = self.block(slice(start, start + step))
            self.squares[start : start + step] = np.einsum("ij,ij->i", block, block)

    @cached_property
    def pruning(self) -> Pruning:
        """What the pruned searches of a training share; for metrics by products only."""
        count = len(self.vectors)
        return Pruning(self.block(slice(None, None, max(1, count // SAMPLE))), count)

    @cached_property
    def spread(self) -> float:
        """Root mean square distance of the vectors from their mean, from about 1,000 of them."""
        sample = self.vectors[:: max(1, len(self.vectors) // 1000)].astype(np.float64)
        return float(np.sqrt(sample.var(axis=0).sum()))

    @cached_property
    def low(self) -> Floats:
        """The smallest value of each feature."""
        return np.asarray(self.vectors.min(axis=0))

    @cached_property
    def high(self) -> Floats:
        """The largest value of each feature."""
        return np.asarray(self.vectors.max(axis=0))

    def block(self, rows: slice | Indices) -> Floats:
        """Vectors as they enter a score: centred where that is needed, and masked."""
        return self.metric.placed(self.vectors[rows], self.centre)

    def distances(self, rows: slice | Indices, best: Floats) -> Floats:
        """Distances in the metric that belong to the best scores of these rows, ``(m,)``."""
        squares = self.squares[rows]
        if not self.metric.by_products:
            return -best
        if not self.metric.by_angle:
            return np.asarray(np.sqrt(np.maximum(squares - 2 * best, 0)))
        lengths = np.sqrt(squares)
        cosine = np.divide(best, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return np.asarray(1 - np.clip(cosine, -1, 1))


def nearest_blocks(
    vectors: Floats, weights: Floats, metric: str | Metric, count: int = 1
) -> Iterator[tuple[slice, Indices, NDArray[np.float64]]]:
    """Find the ``count`` nearest units of each vector, block by block, exactly.

    Float32 scores pick candidates; the distances of all candidates within rounding of each other
    are then computed in float64, and equal distances go to the lower unit. The answer for a
    vector therefore does not depend on which other vectors stand beside it.

    Yields
    ------
    rows, units, distances
        The rows of the block, their units ``(m, count)``, nearest first, and distances in the
        metric; those of cosine and correlation are one minus it.
    """
    count = min(count, len(weights))
    if not len(vectors):
        return
    metric = metric_of(metric)
    data = Prepared(vectors, metric)
    scores = Scores(weights, metric, data.centre)
    step = block_rows(len(weights), weights.shape[1], metric)
    for start in range(0, len(vectors), step):
        rows = slice(start, min(start + step, len(vectors)))
        found = scores.of(data.block(rows))
        slack = scores.slack(data.squares[rows])
        yield rows, *_settle(vectors[rows], found, slack, weights, metric, count)


def nearest_units(
    vectors: Floats, weights: Floats, metric: str | Metric, count: int = 1
) -> tuple[Indices, NDArray[np.float64]]:
    """Find the ``count`` nearest units of each vector, see :func:`nearest_blocks`.

    Parameters
    ----------
    vectors
        ``(n, d)``.
    weights
        ``(k, d)``.
    metric
        A :class:`Metric`, or the name of one.

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


def distances_between(first: Floats, second: Floats, metric: str | Metric) -> NDArray[np.float64]:
    """Distances of paired rows of ``first`` and ``second``, ``(m, d)`` each, in float64."""
    metric = metric_of(metric)
    ours = metric.placed(first.astype(np.float64))
    theirs = metric.placed(second.astype(np.float64))
    if metric.by_angle:
        lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
        products = np.einsum("ij,ij->i", ours, theirs)
        cosine = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
        return np.asarray(1 - np.clip(cosine, -1, 1))
    ours -= theirs
    if metric.by_products:
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", ours, ours)))
    return np.asarray(np.linalg.norm(ours, ord=metric.order, axis=1))


def _all_distances(vectors: Floats, weights: Floats, order: float) -> Floats:
    from scipy.spatial.distance import cdist

    name = {1.0: "cityblock", np.inf: "chebyshev"}.get(order, "minkowski")
    more = {"p": order} if name == "minkowski" else {}
    return np.asarray(cdist(vectors, weights, name, **more), weights.dtype)


def _settle(
    block: Floats, scores: Floats, slack: Floats, weights: Floats, metric: Metric, count: int
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
