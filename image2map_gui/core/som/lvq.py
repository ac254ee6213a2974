"""Learning vector quantization: units moved so that they tell labels apart."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.winners import Prepared, Scores, block_rows

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.intp]
Coefficients = NDArray[np.float64]

GLVQ, LVQ1, LVQ21 = "glvq", "lvq1", "lvq2.1"
RULES = {
    GLVQ: "Generalized LVQ (Sato and Yamada, 1996): the nearest unit of the right label comes "
    "nearer and that of a wrong one goes away, most where the two are as near.",
    LVQ1: "LVQ1 (Kohonen, 1990): the nearest unit comes nearer if its label is right, and goes "
    "away if it is wrong.",
    LVQ21: "LVQ2.1 (Kohonen, 1990): as the generalized one, but only where a picture lies in a "
    "window between the two.",
}
_STEEPNESS = 10.0  # of the generalized rule: how narrow the border is that it works at
_WINDOW = 0.3
_BATCH = 256  # pictures that are answered before the units move
_FARTHEST = 0.5  # share of the way to its pictures that a unit goes at once


@dataclasses.dataclass(frozen=True)
class TuningSettings:
    """How units are tuned: the rule, how many times through all pictures, how far they go.

    Raises
    ------
    ParameterError
        There is no such rule, or a number is out of its range.
    """

    method: str = GLVQ
    epochs: int = 10
    rate: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        if self.method not in RULES:
            raise ParameterError(f"There is no rule '{self.method}': {', '.join(RULES)}.")
        if not 1 <= self.epochs <= 10_000:
            raise ParameterError(f"Epochs of the tuning: {self.epochs} is not 1 to 10000.")
        if not 0 < self.rate <= 1:
            raise ParameterError(f"Rate of the tuning: {self.rate:g} is not above 0 and up to 1.")


@dataclasses.dataclass(frozen=True)
class Learning:
    """How far a tuning has come; ``right`` is the share of this epoch's pictures told rightly.

    Each was told before the units moved on account of it; ``weights`` are there in the last step.
    """

    epoch: int
    fraction: float
    right: float
    weights: NDArray[np.float32] | None = None


def learn(
    vectors: NDArray[np.float32],
    labels: Indices,
    weights: NDArray[np.float32],
    unit_labels: Indices,
    metric: str | Metric = "euclidean",
    settings: TuningSettings | None = None,
) -> Iterator[Learning]:
    """Move labelled units so that the nearest one to each vector has its label.

    Vectors are taken in a new order in each epoch, a few at a time, the rate falling to 0 in a
    straight line. With the distances (Euclidean: their squares) ``d`` to the nearest unit ``w`` of
    the right label and ``e`` to the nearest of a wrong one ``v``, the generalized rule does
    ``w += r s e/(d+e) (x - w)`` and ``v -= r s d/(d+e) (x - v)``, ``s`` the slope of a sigmoid at
    ``(d-e)/(d+e)``. In other metrics too units move along the straight line.

    Parameters
    ----------
    vectors, labels
        ``(n, d)`` and ``(n,)``.
    weights, unit_labels
        ``(k, d)`` and ``(k,)``; there are at least two labels among them.
    """
    settings = settings or TuningSettings()
    data, moved = Prepared(vectors, metric), np.array(weights, np.float32)
    random = np.random.default_rng(settings.seed)
    size = min(_BATCH, block_rows(len(weights), weights.shape[1], metric))
    steps = -(-len(vectors) // size)
    right = 0.0
    for epoch in range(settings.epochs):
        order, told = random.permutation(len(vectors)), 0
        for step in range(steps):
            done = (epoch * steps + step) / (settings.epochs * steps)
            rows = order[step * size : (step + 1) * size]
            pairs = _nearest_pairs(data, rows, labels[rows], moved, unit_labels)
            told += int(np.count_nonzero(pairs.near < pairs.far))
            _move(moved, vectors[rows], pairs, settings.method, settings.rate * (1 - done))
            right = told / min(len(order), (step + 1) * size)
            yield Learning(epoch + 1, done, right)
    yield Learning(settings.epochs, 1.0, right, moved)


@dataclasses.dataclass(frozen=True, eq=False)
class _Pairs:
    """The nearest units of the right label and of a wrong one, and their distances, ``(m,)``."""

    friend: Indices
    foe: Indices
    near: Coefficients
    far: Coefficients


def _nearest_pairs(
    data: Prepared, rows: Indices, labels: Indices, weights: Floats, unit_labels: Indices
) -> _Pairs:
    scores = Scores(weights, data.metric, data.centre).of(data.block(rows))
    same = labels[:, None] == unit_labels
    friend = np.where(same, scores, -np.inf).argmax(axis=1)
    foe = np.where(same, -np.inf, scores).argmax(axis=1)
    places = np.arange(len(rows))
    found = [
        data.distances(rows, scores[places, units]).astype(np.float64) for units in (friend, foe)
    ]
    if data.metric.name == "euclidean":
        found = [one**2 for one in found]
    near, far = (np.maximum(one, 1e-12) for one in found)
    missing = ~same.any(axis=1)  # no unit stands for this label: nothing can come nearer
    return _Pairs(friend, foe, np.where(missing, np.inf, near), far)


def _move(weights: Floats, vectors: Floats, pairs: _Pairs, method: str, rate: float) -> None:
    """Move units in place; all pictures at once, so that their order does not matter."""
    from scipy.sparse import csr_array

    to, away = _coefficients(pairs, method)
    units = np.concatenate([pairs.friend, pairs.foe])
    moved, rows = np.unique(units, return_inverse=True)
    columns = np.tile(np.arange(len(vectors)), 2)
    pulls = rate * np.concatenate([to, -away])
    table = csr_array((pulls.astype(weights.dtype), (rows, columns)), (len(moved), len(vectors)))
    strength = np.bincount(rows, np.abs(pulls), len(moved))
    table = table.multiply((_FARTHEST / np.maximum(strength, _FARTHEST))[:, None]).tocsr()
    weights[moved] += table @ vectors - np.asarray(table.sum(axis=1))[:, None] * weights[moved]


def _coefficients(pairs: _Pairs, method: str) -> tuple[Coefficients, Coefficients]:
    """How far friends come nearer and foes go away, ``(m,)`` each."""
    near, far, known = pairs.near, pairs.far, np.isfinite(pairs.near)
    if method == LVQ1:
        right = near < far
        return right.astype(np.float64), (~right & known).astype(np.float64)
    whole = np.where(known, near + far, 1.0)
    if method == LVQ21:
        ratio = np.minimum(near / far, far / np.where(known, near, np.inf))
        inside = (known & (ratio > ((1 - _WINDOW) / (1 + _WINDOW)) ** 2)).astype(np.float64)
        return inside, inside
    value = np.where(known, (np.where(known, near, 0) - far) / whole, 0.0)
    sigmoid = 1 / (1 + np.exp(-_STEEPNESS * value))
    slope = np.where(known, 4 * sigmoid * (1 - sigmoid), 0.0)
    return slope * far / whole, slope * np.where(known, near, 0) / whole
