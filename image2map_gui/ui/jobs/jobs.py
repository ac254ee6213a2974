"""The long jobs of the window, as generators made of core's; nothing here knows Qt."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from image2map_gui.core.analysis.evaluate import Evaluation, evaluating
from image2map_gui.core.errors import SourceError
from image2map_gui.core.images.collection import Parts, rows_of
from image2map_gui.core.images.dataset import Dataset, Reading, check_room, read_dataset
from image2map_gui.core.images.projection import Projection
from image2map_gui.core.images.proposal import proposing
from image2map_gui.core.images.sources import Found, Skipped, Source, finding, sample_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel, train_map
from image2map_gui.core.progress import Pace
from image2map_gui.core.som.course import Change
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import Snapshot
from image2map_gui.core.som.winners import nearest_units
from image2map_gui.ui.state import Drawing, drawn

Value = TypeVar("Value")
Placed = tuple[NDArray[np.intp], NDArray[np.float64]]
THREADS = max(1, (os.cpu_count() or 2) - 1)  # of what runs beside the window
_READING = 0.4  # share of a measurement that reading the pictures once more takes


@dataclasses.dataclass(frozen=True)
class Collecting:
    """How far a collection is read, with all of it so far.

    While pictures are looked for, ``total`` is 0 and ``done`` says how many were found. ``again``
    tells that these pictures were open already, ``placed`` holds units and distances of new
    pictures on a map that was there before, ``rate`` is in pictures per second; ``fitted`` is the
    dataset once all of it was read and what its spec wants of the whole was measured.
    """

    fraction: float
    done: int
    total: int
    milestone: bool
    reading: Reading | None
    before: Dataset | None
    again: bool = False
    placed: Placed | None = None
    rate: float = 0.0
    fitted: Dataset | None = None

    @property
    def dataset(self) -> Dataset | None:
        """The pictures that were there before, followed by those read so far."""
        if self.fitted is not None or self.reading is None:
            return self.fitted or self.before
        fresh = self.reading.dataset
        return fresh if self.before is None else self.before.joined(fresh)


def collect(
    paths: Sequence[str | Path],
    before: Dataset | None = None,
    model: MapModel | None = None,
    pages: str = "first",
) -> Iterator[Collecting]:
    """Find and read pictures, adding to those there are; pictures already there are left out.

    New pictures are placed on the map, if there is one.

    Raises
    ------
    SourceError
        There are no pictures, or no new ones.
    """
    found = yield from _found_at(paths, pages, before)
    if before is not None:
        known = {source.address for source in before.sources}
        fresh = tuple(source for source in found.sources if source.address not in known)
        if not fresh:
            raise SourceError("All of these pictures are in the collection already.")
        found = Found(fresh, found.skipped)
    yield from collect_found(found, before, model)


def collect_found(
    found: Found, before: Dataset | None, model: MapModel | None
) -> Iterator[Collecting]:
    """Read pictures that were found, adding to those there are, and place them on the map."""
    step = None
    for step in _read(found, before, before.spec if before is not None else None):
        yield step
    if step is not None and step.reading is not None and model is not None:
        yield dataclasses.replace(step, placed=place(step.reading.dataset, model))


def _found_at(
    paths: Sequence[str | Path], pages: str, before: Dataset | None
) -> Generator[Collecting, None, Found]:
    yield Collecting(0.0, 0, 0, False, None, before)
    found = Found((), ())
    for step in finding(paths, pages=pages):
        yield Collecting(0.0, step.count, 0, False, None, before)
        found = step.found or found
    return found


def place(fresh: Dataset, model: MapModel) -> Placed:
    """Return the unit of each picture, as it was read, on a map and the distance to it."""
    vectors = fresh.projected(model.projection).vectors
    units, distances = nearest_units(vectors, model.weights, model.metric)
    return units[:, 0], distances[:, 0]


def collect_sample(name: str) -> Iterator[Collecting]:
    """Draw a sample collection."""
    yield from _read(sample_sources(name), None, None)


def collect_again(
    sources: tuple[Source, ...],
    skipped: tuple[Skipped, ...],
    spec: ImageSpec,
    projection: Projection | None = None,
    parts: Parts | None = None,
) -> Iterator[Collecting]:
    """Read the pictures of a project, or the same pictures in another size or colour.

    They are projected as those of a map that is there, or measured anew, on those to train on.
    """
    last = None
    for step in _read(Found(sources, skipped), None, spec):
        last = dataclasses.replace(step, again=True)
        yield last
    if last is not None and last.dataset is not None and spec.fitted:
        rows = None if parts is None else parts.rows(last.dataset.sources)
        yield dataclasses.replace(last, fitted=last.dataset.projected(projection).fitted(rows))


def _read(found: Found, before: Dataset | None, spec: ImageSpec | None) -> Iterator[Collecting]:
    chosen = spec or (yield from _proposed(found.sources))
    if before is not None:
        check_room(len(found.sources), chosen, len(before))
    pace = Pace()
    for reading in read_dataset(found, chosen):
        yield Collecting(
            reading.fraction,
            reading.done,
            reading.total,
            reading.milestone,
            reading,
            before,
            rate=pace.rate(reading.done),
        )


def _proposed(sources: tuple[Source, ...]) -> Generator[Collecting, None, ImageSpec]:
    steps = proposing(sources)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            proposed: ImageSpec = end.value
            return proposed
        yield Collecting(0.0, 0, len(sources), False, None, None)


def learn(
    dataset: Dataset,
    params: SomParams,
    start: NDArray[np.float32] | None = None,
    keep: Callable[[Snapshot], None] | None = None,
) -> Generator[Snapshot, Change | None, None]:
    """Train a map, leaving one core to the window; ``keep`` is told each snapshot."""
    with threadpool_limits(limits=THREADS):
        steps = train_map(dataset, params, start)
        change: Change | None = None
        while True:
            try:
                snapshot = steps.send(change)
            except StopIteration:
                return
            if keep is not None:
                keep(snapshot)
            change = yield snapshot


@dataclasses.dataclass(frozen=True)
class Measuring:
    """How far the quality of a map on some pictures is measured; the last step holds it."""

    fraction: float
    doing: str
    model: MapModel
    sources: tuple[Source, ...]
    evaluation: Evaluation | None = None

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return self.evaluation is not None


def measure(
    model: MapModel, sources: tuple[Source, ...], dataset: Dataset | None
) -> Iterator[Measuring]:
    """Measure the quality of a map on the pictures of the dataset that are among the ``sources``.

    They are read first if they are not there as the map needs them.

    Raises
    ------
    SourceError
        Not one of the pictures can be read any more.
    """
    before = 0.0
    if not suits(dataset, model):
        for reading in read_dataset(Found(sources, ()), model.spec):
            doing = f"reading pictures, {reading.done:,} of {reading.total:,}"
            yield Measuring(_READING * reading.fraction, doing, model, sources)
            dataset = reading.dataset
        dataset = None if dataset is None else dataset.projected(model.projection)
        before = _READING
    elif dataset is not None and dataset.sources != sources:
        dataset = dataset.take(rows_of(dataset.sources, {one.address for one in sources}))
    if dataset is None or not len(dataset):
        raise SourceError("None of the pictures can be read any more; nothing was measured.")
    for step in sparing(evaluating(model, dataset)):
        share = before + (1 - before) * step.fraction
        yield Measuring(share, step.doing, model, sources, step.evaluation)


def suits(dataset: Dataset | None, model: MapModel) -> bool:
    """Whether pictures are there as a map sees them."""
    return (
        dataset is not None
        and dataset.spec == model.spec
        and dataset.projection is model.projection
    )


def sparing(steps: Iterable[Value]) -> Generator[Value, None, None]:
    """Run steps with one core fewer than there are, so that the window stays quick."""
    with threadpool_limits(limits=THREADS):
        yield from steps


class Painter:
    """Paints snapshots off the window's thread, and each map only once."""

    def __init__(self, params: SomParams, dataset: Dataset) -> None:
        self._params = params
        self._dataset = dataset
        self._weights: Any = None
        self._drawing: Drawing | None = None

    def __call__(self, snapshot: Snapshot) -> Drawing | None:
        """Return the drawing of a snapshot."""
        if snapshot.weights is not self._weights:
            self._weights = snapshot.weights
            self._drawing = drawn(snapshot, self._params, self._dataset)
        return self._drawing
