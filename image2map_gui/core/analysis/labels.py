"""Labels of units, from the labels of the pictures on them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.frequencies import smoothed
from image2map_gui.core.model import MapModel, Tuned
from image2map_gui.core.som.winners import nearest_units


@dataclasses.dataclass(frozen=True)
class UnitLabels:
    """Label and confidence of units; ``label`` is -1 everywhere if no picture has a label."""

    label: NDArray[np.intp]
    confidence: NDArray[np.float64]


def unit_labels(model: MapModel, units: NDArray[np.intp] | None = None) -> UnitLabels:
    """Give each unit the label most of its pictures carry; only some ``units`` ``(m,)`` if given.

    A tie goes to the label whose name comes first. A unit without labelled pictures takes label
    and confidence of the labelled unit nearest to it in the space of the weights. The confidence
    is the label's share of the unit's labelled pictures, smoothed by those of the neighbouring
    units, see :func:`smoothed`, so that a unit with one picture is not certain.

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
    return UnitLabels(label[teachers], shares[teachers, label[teachers]])


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
    """Return the model with other labels of some of its training pictures.

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
