"""How labels and units go together; labels are integers, arrays count them by unit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]
Counts = NDArray[np.integer]


def label_counts(units: Indices, labels: Indices, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Count the labels ``(n,)`` of the vectors of each unit ``(n,)``: ``(k, labels)``."""
    table = np.zeros(shape, np.int64)
    np.add.at(table, (units, labels), 1)
    return table


def purity(counts: Counts) -> float:
    """Share of vectors that carry the most frequent label of their unit, ``(k, labels)`` counts.

    It goes to 1 as the units become as many as the vectors, on an untrained map too; NaN without
    vectors.
    """
    total = int(counts.sum())
    return float(counts.max(axis=1, initial=0).sum() / total) if total else math.nan


def class_entropies(counts: Counts) -> NDArray[np.float64]:
    """Entropy of the labels on each unit, ``-sum p ln p`` in nats, ``(k,)``; NaN on empty units."""
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    logs = np.log(shares, out=np.zeros(counts.shape), where=shares > 0)
    entropies = np.abs((shares * logs).sum(axis=1))
    return np.where(totals[:, 0] > 0, entropies, math.nan)


def class_entropy(counts: Counts) -> float:
    """Mean of :func:`class_entropies` weighted by hits: the entropy of labels given units, nats.

    0 where each unit has one label only; at most the entropy of all labels; NaN without vectors.
    """
    hits = counts.sum(axis=1)
    if not hits.any():
        return math.nan
    used = hits > 0
    return float(class_entropies(counts)[used] @ hits[used] / hits.sum())


def single_label_units(counts: Counts) -> int:
    """How many units have vectors of exactly one label.

    It says how separable labels are, and how few vectors a unit has, not how ordered the map is:
    as many random exemplars score higher than a trained map. Always to be told together with the
    numbers of vectors, units and empty units and the topographic error.
    """
    return int(np.count_nonzero((counts > 0).sum(axis=1) == 1))


def normalized_mutual_information(units: Indices, labels: Indices) -> float:
    """Mutual information of units and labels over the arithmetic mean of their entropies.

    Both ``(n,)``. 1 if each tells the other, and by convention also where there is but one of
    each; 0 if they are independent; NaN without vectors (Strehl and Ghosh, 2002).
    """
    if not len(labels):
        return math.nan
    from sklearn.metrics import normalized_mutual_info_score

    return float(normalized_mutual_info_score(labels, units, average_method="arithmetic"))


def adjusted_rand_index(units: Indices, labels: Indices) -> float:
    """Agreement of units and labels about which pairs of vectors go together, corrected for chance.

    Both ``(n,)``. 1 if they agree on all pairs, about 0 for chance, possibly below; small where
    there are many more units than labels; NaN without vectors (Hubert and Arabie, 1985).
    """
    if not len(labels):
        return math.nan
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(labels, units))
