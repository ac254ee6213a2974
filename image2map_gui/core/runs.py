"""Runs: what each training of a project made, its figures for good and its map for a while."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.images.projection import Projection
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel, Tuned, distances_at_units, labels_of_units
from image2map_gui.core.options import options_of, to_plain
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import EpochFigures


@dataclasses.dataclass(frozen=True, eq=False)
class Kept:
    """The map of a run and how it came about: all that is needed to have it back exactly.

    Attributes
    ----------
    weights
        ``(k, d)`` float32.
    sources, units, distances
        The pictures on the map with the unit of each and the distance to it, ``(n,)``; the last
        ``added`` of them came after it was trained.
    """

    weights: NDArray[np.float32]
    sources: tuple[Source, ...]
    units: NDArray[np.int64]
    distances: NDArray[np.float64]
    added: int = 0
    quantization_error: float = math.nan
    topographic_errors: tuple[tuple[int, float], ...] = ()
    history: tuple[EpochFigures, ...] = ()
    projection: Projection | None = None
    exemplars: NDArray[np.uint8] | None = None
    tuned: Tuned | None = None

    @property
    def size(self) -> int:
        """Bytes in memory and in a file, about."""
        found = {} if self.projection is None else vars(self.projection)
        arrays = (self.weights, self.units, self.distances, self.exemplars, *found.values())
        return sum(array.nbytes for array in arrays if array is not None)


@dataclasses.dataclass(frozen=True, eq=False)
class Run:
    """One training: its settings and figures, a small picture, and its map as long as it is kept.

    Attributes
    ----------
    number
        Counted from 1 in a project, never used twice.
    when
        When it ended, ISO 8601 in UTC; empty if that is not known.
    note
        A person's name for it, may be empty.
    epochs, seconds
        How long it took, with the trainings that it went on from.
    thumb
        The map, ``(height, width, 3)``.
    kept
        ``None``: gone, or that of the map that is open.
    """

    number: int
    spec: ImageSpec
    params: SomParams
    epochs: int
    seconds: float
    pictures: int
    quantization_error: float
    topographic_error: float
    thumb: NDArray[np.uint8]
    when: str = ""
    note: str = ""
    kept: Kept | None = None

    @property
    def title(self) -> str:
        """What it is called."""
        return self.note or f"Run {self.number}"


def kept_of(
    model: MapModel,
    sources: tuple[Source, ...],
    units: NDArray[np.integer],
    distances: NDArray[np.floating],
    added: int,
    history: Sequence[EpochFigures],
) -> Kept:
    """Return what a map is to be kept by, with the pictures on it."""
    return Kept(
        weights=model.weights,
        sources=sources,
        units=np.asarray(units, np.int64),
        distances=np.asarray(distances, np.float64),
        added=added,
        quantization_error=model.quantization_error,
        topographic_errors=model.topographic_errors,
        history=tuple(history),
        projection=model.projection,
        exemplars=model.exemplars,
        tuned=model.tuned,
    )


@dataclasses.dataclass(frozen=True, eq=False)
class Restored:
    """A map that is there again, with the pictures on it; the last ``added`` came later."""

    model: MapModel
    sources: tuple[Source, ...]
    units: NDArray[np.int64]
    distances: NDArray[np.float64]
    added: int


def restored(run: Run, kept: Kept, sources: tuple[Source, ...]) -> Restored:
    """Return the map that is kept of a run for the pictures there are now.

    Pictures that were removed since are no longer on it, those that were added since are not on
    it either, and labels are those of today.
    """
    today = {source.address: source for source in sources}
    there = np.array([source.address in today for source in kept.sources], bool)
    pictures = tuple(
        today[one.address] for one, known in zip(kept.sources, there.tolist(), strict=True) if known
    )
    if pictures == sources:
        pictures = sources  # one list for both
    trained = there[: len(there) - kept.added]
    count = int(np.count_nonzero(trained))
    units, distances = kept.units[there], kept.distances[there]
    names, counts = labels_of_units([source.label for source in pictures], units, run.params.units)
    model = MapModel(
        spec=run.spec,
        params=run.params,
        weights=kept.weights,
        hits=np.bincount(units[:count], minlength=run.params.units),
        label_names=names,
        label_counts=counts,
        distances=np.sort(distances[:count]),
        quantization_error=kept.quantization_error,
        topographic_errors=kept.topographic_errors,
        projection=kept.projection,
        exemplars=kept.exemplars,
        unit_distances=distances_at_units(units[:count], distances[:count], run.params.units),
        tuned=kept.tuned,
    )
    return Restored(model, pictures, units, distances, len(units) - count)


def within(runs: Sequence[Run], limit: int, first: int | None = None) -> tuple[Run, ...]:
    """Return all runs, the newest with their maps as long as these fit into so many bytes.

    The map of run number ``first`` takes its room before all others, and stays if any room is
    wanted for maps at all.
    """
    sizes = {run.number: run.kept.size for run in runs if run.kept is not None}
    left, stay = limit, {first} if limit else set()
    if first in stay and first in sizes:
        left -= sizes.pop(first)
    for number in sorted(sizes, reverse=True):
        left -= sizes[number]
        if left >= 0:
            stay.add(number)
    return tuple(
        run if run.kept is None or run.number in stay else dataclasses.replace(run, kept=None)
        for run in runs
    )


def differences(run: Run, spec: ImageSpec, params: SomParams) -> list[tuple[str, str, str]]:
    """Return the settings in which a run differs from others: name, its value, the other one."""
    found = []
    for mine, other in ((run.params, params), (run.spec, spec)):
        before, after = to_plain(mine), to_plain(other)
        found += [
            (one.label, one.text(getattr(mine, one.name)), one.text(getattr(other, one.name)))
            for one in options_of(type(mine))
            if before.get(one.name) != after.get(one.name)
        ]
    return found
