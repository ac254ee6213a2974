"""The jobs that judge answers: to held-out pictures, by folds, and which labels would help."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from image2map_gui.core.analysis.classify import Match, matching
from image2map_gui.core.analysis.folds import Folds, folding
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.analysis.scores import Scores, scores_of
from image2map_gui.core.analysis.suggest import Suggestion
from image2map_gui.core.analysis.suggest import suggesting as suggestions
from image2map_gui.core.errors import ParameterError, SourceError
from image2map_gui.core.images.collection import rows_of
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.sources import Found, Source, finding
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel
from image2map_gui.core.som.quality.labelling import (
    adjusted_rand_index,
    label_counts,
    normalized_mutual_information,
    purity,
)
from image2map_gui.ui.jobs.answer_jobs import Ground, examples_for
from image2map_gui.ui.jobs.jobs import sparing, suits
from image2map_gui.ui.state import MapState

TEST, TRAINING, FOLDER = "test", "training", "folder"  # pictures to judge by
_READING = 0.6  # share of a judgement
Step = TypeVar("Step")
Value = TypeVar("Value")
Steps = Generator["Judging", None, Dataset]


@dataclasses.dataclass(frozen=True, eq=False)
class About:
    """What figures are about: a map, how it answers, and the pictures it is judged by."""

    what: str = TRAINING
    model: MapModel | None = None
    rules: Rules | None = None
    sources: tuple[Source, ...] = ()
    on_map: tuple[Source, ...] = ()

    def same(self, other: About) -> bool:
        """Whether figures of the one are those of the other, too."""
        mine, its = (self.model, self.rules), (other.model, other.rules)
        return mine[0] is its[0] and mine[1] == its[1] and self.sources == other.sources


@dataclasses.dataclass(frozen=True, eq=False)
class Judged:
    """Figures of answers to labelled pictures, the answers, and the map that gave them."""

    model: MapModel
    scores: Scores
    matches: tuple[Match, ...]
    purity: float
    nmi: float
    ari: float
    trained: int = 0  # how many of the labelled ones lie on the map, which knows their labels


@dataclasses.dataclass(frozen=True)
class Judging:
    """How far it has come; the last step holds what was asked for."""

    fraction: float
    doing: str
    judged: Judged | None = None
    folds: Folds | None = None
    suggested: tuple[tuple[Source, Suggestion], ...] | None = None

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return any(one is not None for one in (self.judged, self.folds, self.suggested))


@dataclasses.dataclass(frozen=True, eq=False)
class Pictures:
    """Labelled pictures to judge by: some of the collection, or all in a folder."""

    sources: tuple[Source, ...] = ()
    folder: Path | None = None
    dataset: Dataset | None = None  # pictures that were read already


def judging(ground: Ground, rules: Rules, pictures: Pictures) -> Iterator[Judging]:
    """Answer pictures and compare the answers with their labels.

    Raises
    ------
    SourceError
        None of them can be read.
    ParameterError
        None of them has a label, or the map has none.
    """
    yield from sparing(_judging(ground, rules, pictures))


def _judging(ground: Ground, rules: Rules, pictures: Pictures) -> Iterator[Judging]:
    yield Judging(0.0, "Looking for pictures")
    model = ground.model()
    dataset = yield from _read(model, pictures)
    examples = yield from _passed(
        examples_for(ground, model, rules), lambda step: Judging(_READING, "Reading pictures")
    )
    parts = matching(model, dataset, rules, examples, judging=True)
    share = 1 - _READING
    matches = yield from _passed(
        parts, lambda part: Judging(_READING + share * part, "Classifying pictures")
    )
    scores = scores_of(matches, model.label_names)
    if scores is None:
        raise ParameterError(
            "There is nothing to compare: the pictures, or those that the map was trained on, "
            "have no labels."
        )
    yield Judging(1.0, "", judged=_judged(ground, model, scores, matches))


def _read(model: MapModel, pictures: Pictures) -> Steps:
    sources = pictures.sources
    if pictures.folder is not None:
        found = Found((), ())
        for step in finding([pictures.folder], part="t10k"):
            yield Judging(0.0, f"Looking for pictures: {step.count:,} found")
            found = step.found or found
        sources = found.sources
    held = pictures.dataset
    if held is not None and pictures.folder is None and suits(held, model):
        return held.take(rows_of(held.sources, {one.address for one in sources}))
    dataset = yield from _all_read(Found(sources, ()), model.spec)
    return dataset.projected(model.projection)


def _all_read(found: Found, spec: ImageSpec) -> Steps:
    dataset = None
    for reading in read_dataset(found, spec):
        doing = f"Reading pictures: {reading.done:,} of {reading.total:,}"
        yield Judging(_READING * reading.fraction, doing)
        dataset = reading.dataset
    if dataset is None or not len(dataset):
        raise SourceError("None of the pictures can be read.")
    return dataset


def _passed(
    steps: Generator[Step, None, Value], told: Callable[[Step], Judging]
) -> Generator[Judging, None, Value]:
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            value: Value = end.value
            return value
        yield told(step)


def _judged(ground: Ground, model: MapModel, scores: Scores, matches: tuple[Match, ...]) -> Judged:
    there = {source.address for source in ground.pictures}
    known = [match for match in matches if match.source.label is not None]
    units = np.array([match.unit for match in known], np.intp)
    names, labels = np.unique([str(one.source.label) for one in known], return_inverse=True)
    return Judged(
        model=model,
        scores=scores,
        matches=matches,
        purity=purity(label_counts(units, labels, (model.grid.units, len(names)))),
        nmi=normalized_mutual_information(units, labels),
        ari=adjusted_rand_index(units, labels),
        trained=sum(match.source.address in there for match in known),
    )


def cross_validating(
    sources: tuple[Source, ...], dataset: Dataset | None, model: MapModel, rules: Rules, folds: int
) -> Iterator[Judging]:
    """Train once per fold with the settings of a map; each answers what it has not seen.

    ``dataset`` holds the pictures if they were read already, for the map.
    """
    yield Judging(0.0, "Reading pictures")
    if dataset is not None and dataset.spec == model.spec and dataset.projection is None:
        read = dataset.take(rows_of(dataset.sources, {one.address for one in sources}))
    else:
        read = yield from _all_read(Found(sources, ()), model.spec)
    for step in sparing(folding(read, model.params, rules, folds)):
        doing = f"Training map {step.fold + 1} of {folds}"
        yield Judging(step.fraction, doing, folds=step.folds)


def suggesting(model: MapModel, state: MapState, count: int) -> Iterator[Judging]:
    """Find the pictures whose labels would help most.

    Raises
    ------
    ParameterError
        All pictures on the map have a label.
    """
    yield Judging(0.0, "Looking for pictures to label")
    if state.units is None or state.distances is None:
        return
    labels = [source.label for source in state.pictures]
    parts = suggestions(model, state.units, state.distances, labels, count)
    found = yield from _passed(parts, lambda part: Judging(part, "Looking for pictures to label"))
    if not found:
        if None not in labels:
            raise ParameterError("All pictures on the map have a label already.")
        raise ParameterError("No more labels would help; there is only one, on every unit.")
    pairs = tuple((state.pictures[one.row], one) for one in found)
    yield Judging(1.0, "", suggested=pairs)
