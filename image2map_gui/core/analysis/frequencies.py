"""How likely each label is on each unit: counts, smoothed as far as they predict each other."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality.edges import edges
from image2map_gui.core.som.quality.parts import Parts, whole

Floats = NDArray[np.float64]
_STRENGTHS = np.geomspace(0.05, 200.0, 40)  # pictures that the surroundings weigh as much as
_USUAL = 0.7  # the strength of which few labels say nothing, and how far others are from usual
_WIDTH = 0.7
_PATIENCE = 4.0  # labels that must speak against confidence before it is flattened much
_HEATS = np.geomspace(0.1, 10.0, 61)
_TINY = 1e-12


@dataclasses.dataclass(frozen=True, eq=False)
class Frequencies:
    """Shares of the labels on each unit, smoothed.

    Attributes
    ----------
    shares
        ``(k, labels)``, each row adding up to 1; to less where there is one label alone, since a
        picture may have another one that was not given yet.
    strength
        How many pictures the surroundings of a unit weigh as much as.
    """

    shares: Floats
    strength: float


@dataclasses.dataclass(frozen=True, eq=False)
class Sole:
    """Pictures of one unit and one label each, and what the unit says of one without it.

    Attributes
    ----------
    units, labels, pictures
        ``(m,)``: where they lie, their label, and how many they are.
    shares
        ``(m, labels)``.
    """

    units: NDArray[np.intp]
    labels: NDArray[np.intp]
    pictures: Floats
    shares: Floats


def smoothed(counts: NDArray[np.integer], grid: Grid) -> Frequencies:
    """Smooth the label counts ``(k, labels)`` of units by those of their neighbours on the map.

    A unit with few pictures says little: two of two are no certainty. To its counts come those
    of its neighbours, scaled to ``s`` pictures: ``p = (n + s a) / (N + s)``, with ``a`` the shares
    of the labels on the adjoining units after adding one picture with the shares of the whole
    collection, and those after adding one picture of each label (Laplace). The strength ``s`` is
    the one under which each picture's label is predicted best, by likelihood, with itself left out
    (as in Stone, *Cross-validatory choice and assessment of statistical predictions*, 1974). Only
    counts are needed for that, no pictures. Units with one labelled picture say nothing about the
    strength; where there are few others it stays near that which suits few labels.
    """
    table = counts.astype(np.float64)
    around = _around(table, grid)
    strength = _best_strength(table, around)
    totals = table.sum(axis=1, keepdims=True)
    return Frequencies((table + strength * around) / (totals + strength), strength)


def _around(table: Floats, grid: Grid) -> Floats:
    overall = overall_shares(table)
    first, second = edges(grid)
    near = np.zeros_like(table)
    if len(first):
        units, starts = np.unique(first, return_index=True)
        near[units] = np.add.reduceat(table[second], starts, axis=0)
    return np.asarray((near + overall) / (near.sum(axis=1, keepdims=True) + 1))


def overall_shares(counts: NDArray[np.number]) -> Floats:
    """Return the shares of labels in all counts ``(m, labels)``, after one more picture of each.

    One label alone leaves something to others that were not given yet.
    """
    return np.asarray((counts.sum(axis=0) + 1) / (counts.sum() + max(counts.shape[1], 2)))


def unusual(strength: float) -> float:
    """Return how much more likely labels must be to make a strength likelier than the usual one."""
    return float(np.log(strength / _USUAL) ** 2 / (2 * _WIDTH**2))


def _best_strength(table: Floats, around: Floats) -> float:
    unit, label = np.nonzero(table)
    count, share = table[unit, label], around[unit, label]
    others = table.sum(axis=1)[unit] - 1
    likelihoods = [
        float(count @ np.log((count - 1 + s * share) / (others + s))) - unusual(s)
        for s in _STRENGTHS
    ]
    return float(_STRENGTHS[int(np.argmax(likelihoods))])


def without_one(counts: NDArray[np.integer], grid: Grid, strength: float) -> Sole:
    """Return what :func:`smoothed` says of the unit of each picture when that is left out."""
    table = counts.astype(np.float64)
    around = _around(table, grid)
    unit, label = np.nonzero(table)
    left = table[unit]
    left[np.arange(len(unit)), label] -= 1
    shares = (left + strength * around[unit]) / (left.sum(axis=1, keepdims=True) + strength)
    return Sole(unit, label, table[unit, label], shares)


def heat_of(shares: Floats, counts: NDArray[np.number]) -> float:
    """Find :func:`heating` at once."""
    return whole(heating(shares, counts))


def heating(shares: Floats, counts: NDArray[np.number]) -> Parts[float]:
    """How far shares ``(m, labels)`` must be flattened to be as sure of labels as they are right.

    The shares are raised to one over the heat and made to add up to 1 again: above 1 they were too
    sure, below 1 not sure enough (temperature scaling: Guo and others, *On calibration of modern
    neural networks*, 2017; here by the mean of the highest shares, which is to be the part of the
    counted labels ``(m, labels)`` that are told rightly: likelihood asks most of the few that are
    wrong, and leaves all others unsure). Few labels change the shares little, one alone does not.
    """
    if not counts.sum() or shares.shape[1] < 2:
        return 1.0
    wanted = float(counts[np.arange(len(shares)), shares.argmax(axis=1)].sum())
    weight, apart = counts.sum(axis=1), []
    for heat in _HEATS:
        sure = float(weight @ heated(shares, heat).max(axis=1))
        apart.append(abs(sure - wanted) + _PATIENCE * abs(np.log(heat)))
        yield len(apart) / len(_HEATS)
    return float(_HEATS[int(np.argmin(apart))])


def heated(shares: Floats, heat: float) -> Floats:
    """Flatten shares ``(m, labels)``, or sharpen them where ``heat`` is below 1."""
    if shares.shape[1] < 2:
        return shares
    logs = np.log(np.maximum(shares, _TINY)) / heat
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
