"""The likelihood of each label for a picture, by each method; what can be prepared is, once."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.examples import Examples
from image2map_gui.core.analysis.frequencies import (
    heated,
    heating,
    overall_shares,
    smoothed,
    unusual,
    without_one,
)
from image2map_gui.core.analysis.labels import (
    UnitLabels,
    frequency_labels,
    proximity_labels,
    taught,
    teachers_of,
    unit_labels,
)
from image2map_gui.core.analysis.methods import (
    FREQUENCY,
    METHODS,
    NEIGHBOURHOOD,
    UNIT,
    UNITS,
    Rules,
)
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.model import MapModel
from image2map_gui.core.som.quality.parts import Parts, within
from image2map_gui.core.som.winners import nearest_blocks, nearest_units

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Votes = tuple[Indices, Floats]
_AT_ONCE = 2048
_TRIED = 1000  # training pictures by which the votes of nearest pictures are weighed
_STRENGTHS = np.geomspace(0.001, 10.0, 41)


class Voter(Protocol):
    """Finds the label of pictures and how likely it is."""

    names: tuple[str, ...]

    def votes(
        self, vectors: NDArray[np.float32], units: Indices, own: Indices | None = None
    ) -> Parts[Votes]:
        """Find the label, -1 for none, and its likelihood, NaN for none, ``(m,)`` each.

        Parameters
        ----------
        vectors
            ``(m, d)``.
        units
            The nearest units, nearest first, ``(m, at least as many as units_asked)``.
        own
            The place of each picture among the examples, ``(m,)``, -1 for none: it is not asked
            about itself.
        """
        ...


def units_asked(rules: Rules) -> int:
    """How many nearest units the method of these rules has to know."""
    return rules.k if rules.method == UNITS else 1


def preparing(model: MapModel, rules: Rules, examples: Examples | None) -> Parts[Voter]:
    """Prepare the method of these rules for a map, part by part.

    Raises
    ------
    ParameterError
        The method asks training pictures, and there are none.
    """
    yield 0.0
    if rules.needs_pictures:
        if examples is None:
            raise ParameterError(
                f"{METHODS[rules.method].title}: this needs the labelled training pictures in "
                "memory; read the pictures of the project once more."
            )
        if rules.method == UNIT:
            return _NearestToUnit(model, examples)
        asked = _Pictures(model, rules, examples)
        yield from asked.measuring()
        return asked
    if not model.label_counts.any():
        return _Nobody()
    if rules.method == UNITS:
        return (yield from _nearest_units(model, rules))
    return _OneUnit(model.label_names, _told(model, rules))


def _told(model: MapModel, rules: Rules) -> UnitLabels:
    """Give each unit its label by those counted on it."""
    if rules.method == NEIGHBOURHOOD:
        teachers = teachers_of(model)
        shares = smoothed(model.label_counts, model.grid).shares[teachers]
        return taught(model, teachers, shares.argmax(axis=1), shares.max(axis=1))
    return frequency_labels(model) if rules.labelling == FREQUENCY else unit_labels(model)


class _Nobody:
    """A map without labels has no answer."""

    names: tuple[str, ...] = ()

    def votes(
        self, vectors: NDArray[np.float32], units: Indices, own: Indices | None = None
    ) -> Parts[Votes]:
        yield 1.0
        return np.full(len(vectors), -1), np.full(len(vectors), np.nan)


class _OneUnit:
    """Asks the nearest unit, however it came to its label."""

    def __init__(self, names: tuple[str, ...], told: UnitLabels) -> None:
        self.names = names
        self._told = told

    def votes(
        self, vectors: NDArray[np.float32], units: Indices, own: Indices | None = None
    ) -> Parts[Votes]:
        yield 1.0
        return self._told.label[units[:, 0]], self._told.confidence[units[:, 0]]


class _NearestToUnit:
    """Asks the picture nearest to the nearest unit; of that picture itself the second nearest."""

    def __init__(self, model: MapModel, examples: Examples) -> None:
        self.names = examples.names
        self._told = proximity_labels(model, examples)
        self._next = proximity_labels(model, examples, 1)
        near, _ = nearest_units(model.weights, examples.vectors, model.metric)
        self._nearest = near[:, 0]

    def votes(
        self, vectors: NDArray[np.float32], units: Indices, own: Indices | None = None
    ) -> Parts[Votes]:
        yield 1.0
        unit = units[:, 0]
        label, sure = self._told.label[unit], self._told.confidence[unit]
        if own is not None:
            mine = (own >= 0) & (self._nearest[unit] == own)
            label = np.where(mine, self._next.label[unit], label)
            sure = np.where(mine, self._next.confidence[unit], sure)
        return label, sure


class _NearestUnits:
    """Asks the k nearest units, each as loud as the others; how sure they are is measured."""

    def __init__(self, names: tuple[str, ...], k: int, shares: Floats, heat: float) -> None:
        self.names = names
        self._k = k
        self._shares = shares
        self._heat = heat

    def votes(
        self, vectors: NDArray[np.float32], units: Indices, own: Indices | None = None
    ) -> Parts[Votes]:
        label, sure = np.empty(len(units), np.intp), np.empty(len(units))
        for start in range(0, len(units), _AT_ONCE):
            rows = slice(start, min(start + _AT_ONCE, len(units)))
            mean = self._shares[units[rows, : self._k]].mean(axis=1)
            label[rows] = mean.argmax(axis=1)
            sure[rows] = heated(mean, self._heat)[np.arange(len(mean)), label[rows]]
            yield rows.stop / len(units)
        return label, sure


def _nearest_units(model: MapModel, rules: Rules) -> Parts[Voter]:
    """Prepare to ask the k nearest units.

    The mean of several shares is less sure than it may be; how far it is sharpened is measured on
    the training pictures: the k units nearest to that of each have to predict its label, while
    their own unit does not count it.
    """
    found = smoothed(model.label_counts, model.grid)
    yield 0.1
    teachers = teachers_of(model)
    shares, units = found.shares[teachers], np.arange(len(model.weights))
    mean, own = np.empty_like(shares), np.empty(len(shares))
    count = min(rules.k, len(units))
    for rows, near, _ in nearest_blocks(model.weights, model.weights, model.metric, count):
        mean[rows] = shares[near].mean(axis=1)
        own[rows] = (teachers[near] == units[rows, None]).mean(axis=1)
        yield 0.1 + 0.5 * rows.stop / len(units)
    left = without_one(model.label_counts, model.grid, found.strength)
    told = own[left.units, None] * (left.shares - found.shares[left.units])
    counts = np.zeros_like(told)
    counts[np.arange(len(told)), left.labels] = left.pictures
    heat = yield from within(0.6, 1.0, heating(mean[left.units] + told, counts))
    return _NearestUnits(model.label_names, count, shares, heat)


class _Pictures:
    """Asks the k nearest training pictures; of labels with as many votes the nearer one wins.

    How sure so many of k votes are is measured on some training pictures, each answered by the
    others.
    """

    def __init__(self, model: MapModel, rules: Rules, examples: Examples) -> None:
        self.names = examples.names
        self._examples, self._metric = examples, model.metric
        self._k = min(rules.k, len(examples.labels))
        counts = np.bincount(examples.labels, minlength=len(self.names))
        self._overall = overall_shares(counts[None])
        self._strength = 1.0

    def votes(
        self, vectors: NDArray[np.float32], units: Indices, own: Indices | None = None
    ) -> Parts[Votes]:
        label, sure = np.empty(len(vectors), np.intp), np.empty(len(vectors))
        more = 0 if own is None else 1
        asked = self._examples.vectors
        for rows, near, _ in nearest_blocks(vectors, asked, self._metric, self._k + more):
            if own is not None:
                near = _others(near, own[rows], self._k)
            votes, label[rows] = self._counted(near)
            shares = self._smoothed(votes, self._strength)
            sure[rows] = shares[np.arange(len(votes)), label[rows]]
            yield rows.stop / len(vectors)
        return label, sure

    def _counted(self, near: Indices) -> tuple[Floats, Indices]:
        told = self._examples.labels[near]
        places = np.arange(len(near))
        votes = np.zeros((len(near), len(self.names)))
        first = np.zeros_like(votes)
        for rank in range(near.shape[1]):
            votes[places, told[:, rank]] += 1
            first[places, told[:, rank]] += 0.5 ** (rank + 2)  # together less than one vote
        return votes, (votes + first).argmax(axis=1)

    def _smoothed(self, votes: Floats, strength: float) -> Floats:
        asked = votes.sum(axis=1, keepdims=True)
        return np.asarray((votes + strength * self._overall) / (asked + strength))

    def measuring(self) -> Parts[None]:
        """Find the strength that predicts labels best, as :func:`smoothed` does for units."""
        vectors, labels = self._examples.vectors, self._examples.labels
        if len(labels) <= self._k:
            return
        tried = np.unique(np.linspace(0, len(labels) - 1, min(len(labels), _TRIED)).astype(np.intp))
        votes = np.zeros((len(tried), len(self.names)))
        found = nearest_blocks(vectors[tried], vectors, self._metric, self._k + 1)
        for rows, near, _ in found:
            votes[rows], _ = self._counted(_others(near, tried[rows], self._k))
            yield rows.stop / len(tried)
        places = np.arange(len(tried))
        likelihoods = [
            float(np.log(self._smoothed(votes, strength)[places, labels[tried]]).sum())
            - unusual(strength)
            for strength in _STRENGTHS
        ]
        self._strength = float(_STRENGTHS[int(np.argmax(likelihoods))])


def _others(near: Indices, own: Indices, k: int) -> Indices:
    """Return ``(m, k)`` of the nearest pictures, one of each row being too many: itself if there.

    It is not there if it is hidden behind more copies of it than are asked.
    """
    if near.shape[1] <= k:
        return near
    mine = near == own[:, None]
    mine[~mine.any(axis=1), -1] = True
    return np.asarray(near[~mine].reshape(len(near), k))
