"""Labels of units, from the labels of the pictures on them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.examples import Examples
from image2map_gui.core.analysis.frequencies import overall_shares, smoothed
from image2map_gui.core.model import MapModel, Tuned
from image2map_gui.core.som.winners import distances_between, nearest_units

_ASKED = 500  # labelled units by which it is measured how far they lie apart


@dataclasses.dataclass(frozen=True)
class UnitLabels:
    """Label and confidence of units; ``label`` is -1 everywhere if no picture has a label."""

    label: NDArray[np.intp]
    confidence: NDArray[np.float64]


def unit_labels(model: MapModel, units: NDArray[np.intp] | None = None) -> UnitLabels:
    """Give each unit the label most of its pictures carry; only some ``units`` ``(m,)`` if given.

    A tie goes to the label whose name comes first. A unit without labelled pictures takes the label
    of the labelled unit nearest to it in the space of the weights, and is the less sure of it the
    farther that is. The confidence is the label's share of the unit's labelled pictures, smoothed
    by those of the neighbouring units, see :func:`smoothed`, so that a unit with one picture is not
    certain.

    On a map that was tuned on labels, a unit without labelled pictures keeps the label that it was
    tuned to stand for.
    """
    counts = model.label_counts
    wanted = np.arange(len(counts)) if units is None else np.asarray(units)
    if not counts.any():
        return UnitLabels(np.full(len(wanted), -1), np.full(len(wanted), np.nan))
    label, teachers = counts.argmax(axis=1), teachers_of(model, wanted)
    if model.tuned is not None:
        standing = _standing(model, model.tuned)
        bare = (counts[wanted].sum(axis=1) == 0) & (standing[wanted] >= 0)
        label = np.where(counts.any(axis=1), label, standing)
        teachers = np.where(bare, wanted, teachers)
    shares = smoothed(counts, model.grid).shares
    return taught(model, teachers, label[teachers], shares[teachers, label[teachers]], wanted)


def frequency_labels(model: MapModel) -> UnitLabels:
    """Give each unit the label of whose pictures it has the largest share.

    So a unit on which a rare label is at home is not named after a frequent one that strays there.
    Units without labelled pictures, and the confidence, are as in :func:`unit_labels`.
    """
    counts = model.label_counts
    if not counts.any():
        return unit_labels(model)
    label = (counts / np.maximum(counts.sum(axis=0), 1)).argmax(axis=1)
    teachers = teachers_of(model)
    shares = smoothed(counts, model.grid).shares
    return taught(model, teachers, label[teachers], shares[teachers, label[teachers]])


def taught(
    model: MapModel,
    teachers: NDArray[np.intp],
    label: NDArray[np.intp],
    sure: NDArray[np.float64],
    units: NDArray[np.intp] | None = None,
) -> UnitLabels:
    """Return the labels that units ``(m,)`` have of their teachers, each as sure as it may be.

    A unit that learnt its label is less sure than its teacher, by its distance as measured by how
    far labelled units lie apart; nothing is left of what the teacher knows but the share of the
    label on the whole map where that is much farther.
    """
    wanted = np.arange(len(model.weights)) if units is None else units
    learnt = np.flatnonzero(wanted != teachers)
    if not len(learnt):
        return UnitLabels(label, sure)
    usual = _usual_distance(model)
    ours, theirs = model.weights[wanted[learnt]], model.weights[teachers[learnt]]
    far = distances_between(ours, theirs, model.metric)
    kept = 1 / (1 + (far / usual) ** 2 / 2) if usual > 0 else (far <= 0).astype(np.float64)
    least = np.minimum(overall_shares(model.label_counts)[label[learnt]], sure[learnt])
    told = sure.copy()
    told[learnt] = least + kept * (sure[learnt] - least)
    return UnitLabels(label, told)


def _usual_distance(model: MapModel) -> float:
    """How far the nearest other labelled unit is from a labelled one; median over some of them."""
    labelled = np.flatnonzero(model.label_counts.any(axis=1))
    if len(labelled) < 2:
        return math.inf
    some = labelled[np.unique(np.linspace(0, len(labelled) - 1, _ASKED).astype(np.intp))]
    _, far = nearest_units(model.weights[some], model.weights[labelled], model.metric, 2)
    return float(np.median(far[:, 1]))


def proximity_labels(model: MapModel, examples: Examples, place: int = 0) -> UnitLabels:
    """Give each unit the label of the labelled picture nearest to its prototype.

    With ``place`` 1 that of the second nearest, if there is one.

    ``label`` counts in the names of the examples. The confidence is how likely that label is by
    :func:`smoothed`, 0 if the map does not know it.
    """
    near, _ = nearest_units(model.weights, examples.vectors, model.metric, place + 1)
    label = examples.labels[near[:, -1]]
    of_map = {name: index for index, name in enumerate(model.label_names)}
    known = np.array([of_map.get(name, -1) for name in examples.names], np.intp)[label]
    sure = np.zeros(len(label))
    if model.label_counts.any():
        teachers = teachers_of(model)
        shares = smoothed(model.label_counts, model.grid).shares[teachers, known]
        sure = taught(model, teachers, known, shares).confidence
    return UnitLabels(label, np.where(known >= 0, sure, 0.0))


@dataclasses.dataclass(frozen=True, eq=False)
class Spread:
    """Labels of all pictures from those of some.

    Attributes
    ----------
    model
        The map that knows those some alone.
    labels, confidence
        Of every picture, ``(n,)``: its own where it has one (certain), else that of its unit;
        ``None`` and NaN where it is not on the map or nothing is labelled.
    """

    model: MapModel
    labels: tuple[str | None, ...]
    confidence: NDArray[np.float64]


def spread(
    model: MapModel, units: NDArray[np.integer[Any]], labels: Sequence[str | None]
) -> Spread:
    """Label pictures through the map by those that have a label already.

    Each unit speaks for its pictures by :func:`unit_labels`, those without a labelled picture
    through the labelled unit most like them.

    Parameters
    ----------
    units
        Where the pictures lie, ``(n,)``; the unit -1: nowhere.
    labels
        Those that are there, ``(n,)``.
    """
    blank = dataclasses.replace(
        model, label_names=(), label_counts=np.zeros((len(model.weights), 0), np.int64)
    )
    known = [index for index, unit in enumerate(units.tolist()) if unit >= 0]
    told = [labels[index] for index in known]
    taught = recounted(blank, units[known], [None] * len(known), told)
    given = unit_labels(taught)
    names = taught.label_names
    confidence = np.full(len(labels), np.nan)
    answers = list(labels)
    for index in known:
        label = int(given.label[units[index]])
        if labels[index] is None and label >= 0:
            answers[index] = names[label]
            confidence[index] = given.confidence[units[index]]
    confidence[[label is not None for label in labels]] = 1.0
    return Spread(taught, tuple(answers), confidence)


def _standing(model: MapModel, tuned: Tuned) -> NDArray[np.intp]:
    """Return the place of the label that each unit was tuned for, -1 if it is gone."""
    place = {name: index for index, name in enumerate(model.label_names)}
    return np.array([place.get(name, -1) for name in tuned.labels], np.intp)


def teachers_of(model: MapModel, units: NDArray[np.intp] | None = None) -> NDArray[np.intp]:
    """Return for each unit the one whose labels speak for it; only some ``units`` if given.

    That is the unit itself, or for one without labelled pictures the labelled unit nearest to it
    in the space of the weights. There are labels.
    """
    totals = model.label_counts.sum(axis=1)
    wanted = np.arange(len(totals)) if units is None else np.asarray(units)
    labelled = np.flatnonzero(totals)
    bare, places = np.unique(wanted[totals[wanted] == 0], return_inverse=True)
    teachers = wanted.copy()
    if len(bare):
        near, _ = nearest_units(model.weights[bare], model.weights[labelled], model.metric)
        teachers[totals[wanted] == 0] = labelled[near[:, 0]][places]
    return teachers


def recounted(
    model: MapModel,
    units: NDArray[np.integer[Any]],
    before: Sequence[str | None],
    after: Sequence[str | None],
) -> MapModel:
    """Return the model with other labels of some of the pictures on it.

    Parameters
    ----------
    units
        Where those pictures lie, ``(n,)``.
    before, after
        The labels they were counted with, and those to count them with; ``None`` for no label.
    """
    names = sorted({*model.label_names, *(label for label in after if label is not None)})
    place = {name: index for index, name in enumerate(names)}
    counts = np.zeros((len(model.label_counts), len(names)), np.int64)
    counts[:, [place[name] for name in model.label_names]] = model.label_counts
    for unit, old, new in zip(units.tolist(), before, after, strict=True):
        if old is not None and old in place:
            counts[unit, place[old]] -= 1
        if new is not None:
            counts[unit, place[new]] += 1
    counts = np.maximum(counts, 0)
    used = counts.sum(axis=0) > 0
    return dataclasses.replace(
        model,
        label_names=tuple(name for name in names if used[place[name]]),
        label_counts=counts[:, used],
    )
