"""The likelihood of each label for a picture, by each method; what can be prepared is, once."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.examples import Examples
from image2map_gui.core.analysis.frequencies import heat_of, heated, smoothed
from image2map_gui.core.analysis.labels import (
    UnitLabels,
    frequency_labels,
    proximity_labels,
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
from image2map_gui.core.som.quality.parts import Parts
from image2map_gui.core.som.winners import block_rows, nearest_blocks, nearest_units

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
_TRIED = 1000  # training pictures by which the votes of nearest pictures are weighed
_STRENGTHS = np.geomspace(0.001, 10.0, 41)


class Voter(Protocol):
    """Finds the label of pictures and how likely it is."""

    names: tuple[str, ...]
    block: int  # vectors to ask about at once

    def vote(self, vectors: NDArray[np.float32], units: Indices) -> tuple[Indices, Floats]:
        """Return the label, -1 for none, and its likelihood, NaN for none, ``(m,)`` each.

        Parameters
        ----------
        vectors
            ``(m, d)``.
        units
            The nearest units, nearest first, ``(m, at least as many as units_asked)``.
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
            return _OneUnit(examples.names, proximity_labels(model, examples))
        asked = _Pictures(model, rules, examples)
        yield from asked.measuring()
        return asked
    if not model.label_counts.any():
        return _Nobody()
    if rules.method == UNITS:
        return _NearestUnits(model, rules)
    return _OneUnit(model.label_names, _told(model, rules))


def _told(model: MapModel, rules: Rules) -> UnitLabels:
    """Give each unit its label by those counted on it."""
    if rules.method == NEIGHBOURHOOD:
        shares = smoothed(model.label_counts, model.grid).shares[teachers_of(model)]
        return UnitLabels(shares.argmax(axis=1), shares.max(axis=1))
    return frequency_labels(model) if rules.labelling == FREQUENCY else unit_labels(model)


class _Nobody:
    """A map without labels has no answer."""

    names: tuple[str, ...] = ()
    block = 4096

    def vote(self, vectors: NDArray[np.float32], units: Indices) -> tuple[Indices, Floats]:
        return np.full(len(vectors), -1), np.full(len(vectors), np.nan)


class _OneUnit:
    """Asks the nearest unit, however it came to its label."""

    block = 4096

    def __init__(self, names: tuple[str, ...], told: UnitLabels) -> None:
        self.names = names
        self._told = told

    def vote(self, vectors: NDArray[np.float32], units: Indices) -> tuple[Indices, Floats]:
        return self._told.label[units[:, 0]], self._told.confidence[units[:, 0]]


class _NearestUnits:
    """Asks the k nearest units, each as loud as the others.

    The mean of several shares is less sure than it may be; how far it is sharpened is measured on
    the units themselves: the k units nearest to each have to predict the labels counted on it.
    """

    block = 4096

    def __init__(self, model: MapModel, rules: Rules) -> None:
        self.names = model.label_names
        self._k = rules.k
        self._shares = smoothed(model.label_counts, model.grid).shares[teachers_of(model)]
        near, _ = nearest_units(model.weights, model.weights, model.metric, rules.k)
        self._heat = heat_of(self._shares[near].mean(axis=1), model.label_counts)

    def vote(self, vectors: NDArray[np.float32], units: Indices) -> tuple[Indices, Floats]:
        mean = self._shares[units[:, : self._k]].mean(axis=1)
        label = mean.argmax(axis=1)
        return label, heated(mean, self._heat)[np.arange(len(label)), label]


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
        self._overall = (counts + 1) / (counts.sum() + len(counts))
        self._strength = 1.0
        count, features = examples.vectors.shape
        self.block = block_rows(count, features, model.metric)

    def vote(self, vectors: NDArray[np.float32], units: Indices) -> tuple[Indices, Floats]:
        near = self._nearest(vectors, self._k)
        votes, label = self._counted(near)
        shares = self._smoothed(votes, self._strength)
        return label, shares[np.arange(len(label)), label]

    def _nearest(self, vectors: NDArray[np.float32], count: int) -> Indices:
        return nearest_units(vectors, self._examples.vectors, self._metric, count)[0]

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
            mine = near == tried[rows, None]
            mine[~mine.any(axis=1), -1] = True  # hidden behind more copies of it than are asked
            votes[rows], _ = self._counted(near[~mine].reshape(len(near), self._k))
            yield rows.stop / len(tried)
        places = np.arange(len(tried))
        likelihoods = [
            float(np.log(self._smoothed(votes, strength)[places, labels[tried]]).sum())
            for strength in _STRENGTHS
        ]
        self._strength = float(_STRENGTHS[int(np.argmax(likelihoods))])
