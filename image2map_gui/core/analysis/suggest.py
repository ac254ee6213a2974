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
from image2map_gui.core.som.quality.parts import Parts, whole, within

_MOST = 2500  # units among which all pairs are compared
_MOVES = 20
_AT_ONCE = 256  # units compared with all others in one step


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
    """Find :func:`suggesting` at once."""
    return whole(suggesting(model, units, distances, labels, count))


def suggesting(
    model: MapModel,
    units: NDArray[np.integer[Any]],
    distances: NDArray[np.floating[Any]],
    labels: Sequence[str | None],
    count: int = 20,
) -> Parts[list[Suggestion]]:
    """Suggest pictures to label, the most helpful first, at most one of each unit.

    A label helps most where many unlabelled pictures lie together that are like none with a label.
    Units are chosen so that the squared distances of all units to the nearest one that is labelled
    or chosen become small, each unit weighted by its unlabelled pictures times how unsure the map
    is of it (k-medoids; Kaufman and Rousseeuw, 1990: built up greedily, then moved). The picture
    nearest to the prototype speaks for its unit.

    Parameters
    ----------
    units, distances
        Where the pictures of the collection lie, ``(n,)`` each; the unit -1: nowhere.
    labels
        Those they have already, ``(n,)``.
    """
    yield 0.0
    bare = np.array([label is None for label in labels], bool)
    rows = np.flatnonzero(bare & (np.asarray(units) >= 0))
    if not len(rows):
        return []
    waiting = np.bincount(units[rows], minlength=len(model.weights)).astype(np.float64)
    told = np.bincount(units[~bare & (np.asarray(units) >= 0)], minlength=len(waiting)) > 0
    sure = _sureness(model, units, labels)
    yield 0.05
    need = waiting * (1 - np.nan_to_num(sure))
    if not need.any():
        return []
    nearest = _nearest_rows(units, distances, rows)
    parts = _cover(model, need, told, min(count, len(nearest)))
    chosen = yield from within(0.1, 1.0, parts)
    return [
        Suggestion(nearest[unit], unit, int(waiting[unit]), float(sure[unit])) for unit in chosen
    ]


def _cover(
    model: MapModel, need: NDArray[np.float64], told: NDArray[np.bool_], count: int
) -> Parts[list[int]]:
    """Choose units that others are near to, by their needs, the most helpful first."""
    units = np.flatnonzero(need > 0)
    if (
        len(units) > _MOST
    ):  # all pairs of units are compared: of large maps some units stand for all
        lot = np.random.default_rng(0)
        some = max(_MOST, count)
        units = np.sort(lot.choice(units, some, replace=False, p=need[units] / need.sum()))
    far = np.empty((len(units), len(units)), np.float32)
    weight = need[units]
    known = np.full(len(units), np.inf)
    waiting, labelled = model.weights[units].astype(np.float64), model.weights[told]
    yield 0.05
    labelled = labelled.astype(np.float64)
    for start in range(0, len(units), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        far[rows] = _squares(waiting[rows], waiting)
        yield 0.4 * start / len(units)
        if len(labelled):
            known[rows] = _squares(waiting[rows], labelled).min(axis=1)
        yield 0.4 * start / len(units)
    built = _built_up(far, weight, known, min(count, len(units)))
    chosen = yield from within(0.4, 0.8, built)
    for turn in range(_MOVES):
        moving = _moved(far, weight, known, chosen)
        moved = yield from within(
            0.8 + 0.2 * turn / _MOVES, 0.8 + 0.2 * (turn + 1) / _MOVES, moving
        )
        if moved == chosen:
            break
        chosen = moved
    owner = _owners(far, known, chosen)
    spoken = [float(weight[owner == place].sum()) for place in range(len(chosen))]
    chosen = [chosen[place] for place in np.argsort(spoken, kind="stable")[::-1]]
    return [int(unit) for unit in units[chosen]]


def _built_up(
    far: NDArray[np.float32], weight: NDArray[np.float64], known: NDArray[np.float64], count: int
) -> Parts[list[int]]:
    """Take one after the other the unit that brings all others nearest."""
    chosen: list[int] = []
    best = np.where(np.isfinite(known), known, far.max(initial=0.0) + 1)
    for _ in range(count):
        gain = np.zeros(len(weight))
        for start in range(0, len(weight), _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            gain += weight[rows] @ np.maximum(best[rows, None] - far[rows], 0)
            yield len(chosen) / count
        gain[chosen] = -1
        chosen.append(int(gain.argmax()))
        best = np.minimum(best, far[:, chosen[-1]])
    return chosen


def _moved(
    far: NDArray[np.float32], weight: NDArray[np.float64], known: NDArray[np.float64],
    chosen: list[int],
) -> Parts[list[int]]:  # fmt: skip
    """Move each chosen unit to the middle of those it is the nearest one of."""
    owner = _owners(far, known, chosen)
    moved = list(chosen)
    for place in range(len(chosen)):
        yield place / len(chosen)
        mine = np.flatnonzero(owner == place)
        if len(mine):
            moved[place] = int(mine[(weight[mine] @ far[np.ix_(mine, mine)]).argmin()])
    return moved


def _owners(
    far: NDArray[np.float32], known: NDArray[np.float64], chosen: list[int]
) -> NDArray[np.intp]:
    """Return which chosen unit each is nearest to, -1 where a labelled one is nearer, ``(m,)``."""
    near = far[:, chosen]
    return np.where(near.min(axis=1) <= known, near.argmin(axis=1), -1)


def _squares(
    first: NDArray[np.floating[Any]], second: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """Squared distances of all pairs, ``(m, n)``."""
    ones, others = np.asarray(first, np.float64), np.asarray(second, np.float64)
    squares = (ones**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * ones @ others.T
    return np.asarray(np.maximum(squares, 0))


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
