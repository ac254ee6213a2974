"""Which pictures a person had best label, so that the map can label most of the others."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.frequencies import smoothed
from image2map_gui.core.model import MapModel

_FADING = 0.5  # what a labelled or suggested picture leaves of the need around it


@dataclasses.dataclass(frozen=True)
class Suggestion:
    """A picture to label by hand: its place in the collection, its unit, and what it speaks for.

    ``pictures`` are those of the unit that have no label; ``sure`` is how likely the label is that
    the map would give them now, NaN without any label.
    """

    row: int
    unit: int
    pictures: int
    sure: float


def suggest(
    model: MapModel,
    units: NDArray[np.integer[Any]],
    distances: NDArray[np.floating[Any]],
    labels: Sequence[str | None],
    count: int = 20,
) -> list[Suggestion]:
    """Suggest pictures to label, the most helpful first, at most one of each unit.

    A label helps most where many unlabelled pictures lie together and the map does not know yet
    what they are: the need of a unit is the number of its unlabelled pictures times how unsure it
    is, and units like one that was chosen already need it less (a greedy cover, weighted by the
    likeness of the prototypes). The picture nearest to the prototype speaks for its unit.

    Parameters
    ----------
    units, distances
        Where the pictures of the collection lie, ``(n,)`` each; the unit -1: nowhere.
    labels
        Those they have already, ``(n,)``.
    """
    bare = np.array([label is None for label in labels], bool)
    rows = np.flatnonzero(bare & (np.asarray(units) >= 0))
    if not len(rows):
        return []
    waiting = np.bincount(units[rows], minlength=len(model.weights)).astype(np.float64)
    sure = _sureness(model, units, labels)
    need = waiting * (1 - np.nan_to_num(sure))
    nearest = _nearest_rows(units, distances, rows)
    squares = np.einsum("ij,ij->i", model.weights, model.weights)
    reach = _reach(model.weights, squares, waiting)
    chosen: list[Suggestion] = []
    while len(chosen) < count and (need > 0).any():
        unit = int(need.argmax())
        chosen.append(Suggestion(int(nearest[unit]), unit, int(waiting[unit]), float(sure[unit])))
        far = np.maximum(squares + squares[unit] - 2 * model.weights @ model.weights[unit], 0)
        need *= 1 - _FADING * np.exp(-far / (2 * reach))
        need[unit] = 0
    return chosen


def _sureness(
    model: MapModel, units: NDArray[np.integer[Any]], labels: Sequence[str | None]
) -> NDArray[np.float64]:
    """How likely each unit's label is, by the labels that are there, ``(k,)``; NaN without any."""
    told = sorted({label for label in labels if label is not None})
    if not told:
        return np.full(len(model.weights), math.nan)
    place = {name: index for index, name in enumerate(told)}
    counts = np.zeros((len(model.weights), len(told)), np.int64)
    for unit, label in zip(units.tolist(), labels, strict=True):
        if label is not None and unit >= 0:
            counts[unit, place[label]] += 1
    sure = smoothed(counts, model.grid).shares.max(axis=1)
    return np.asarray(sure if len(told) > 1 else np.where(counts[:, 0] > 0, 1.0, 0.5))


def _nearest_rows(
    units: NDArray[np.integer[Any]], distances: NDArray[np.floating[Any]], rows: NDArray[np.intp]
) -> dict[int, int]:
    """Return the picture nearest to the prototype, of each unit that has unlabelled ones."""
    order = rows[np.argsort(-np.asarray(distances)[rows], kind="stable")]
    return dict(zip(units[order].tolist(), order.tolist(), strict=True))


def _reach(
    weights: NDArray[np.float32], squares: NDArray[np.float32], waiting: NDArray[np.float64]
) -> float:
    """How far, squared, units count as alike: the mean spread of the units that have pictures."""
    used = weights[waiting > 0].astype(np.float64)
    return max(float(used.var(axis=0).sum()) / 2, 1e-12)
