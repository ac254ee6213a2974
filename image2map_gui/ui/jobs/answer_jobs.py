"""The jobs that answer pictures, as generators made of core's; nothing here knows Qt."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np

from image2map_gui.core.analysis.classify import Classifying, Match, classify_many, matching
from image2map_gui.core.analysis.examples import Examples, examples_of
from image2map_gui.core.analysis.methods import PICTURES, Rules
from image2map_gui.core.analysis.voting import Voter, preparing
from image2map_gui.core.errors import SourceError
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.sources import Found, Skipped, Source, finding
from image2map_gui.core.model import MapModel
from image2map_gui.core.progress import Breath

Value = TypeVar("Value")
Steps: TypeAlias = Generator[Classifying, None, Value]


@dataclasses.dataclass(frozen=True, eq=False)
class Ground:
    """What answers stand on: the map, made in the worker, and the pictures that lie on it.

    ``held`` returns those as the map sees them if they are in memory.
    """

    model: Callable[[], MapModel]
    pictures: tuple[Source, ...]
    held: Callable[[MapModel], Dataset | None]


@dataclasses.dataclass(eq=False)
class Memory:
    """What was prepared for the last answers, so that the next ones need not wait for it again.

    It goes with the map, its pictures with their labels, and what of the rules it depends on. Only
    one job at a time may use it.
    """

    model: MapModel | None = None
    pictures: tuple[Source, ...] = ()
    way: tuple[object, ...] = ()
    voter: Voter | None = None

    def voter_for(self, ground: Ground, model: MapModel, rules: Rules) -> Steps[Voter]:
        """Return what finds the labels, as it was prepared before if nothing has changed."""
        way = rules.method, rules.k, rules.labelling
        same = self.pictures is ground.pictures and self.way == way
        if self.voter is None or not same or not self._holds_for(model, rules):
            self.voter = None  # the old one may be large
            examples = yield from examples_for(ground, model, rules)
            parts = preparing(model, rules, examples)
            while True:
                try:
                    yield Classifying(0, 1, (), (), 0.5 * next(parts))
                except StopIteration as end:
                    self.voter = end.value
                    break
            self.model, self.pictures, self.way = model, ground.pictures, way
        assert self.voter is not None
        return self.voter

    def _holds_for(self, model: MapModel, rules: Rules) -> bool:
        """Whether it is the same map; to the nearest pictures it is the same while it forms."""
        before = self.model
        if before is None or before is model or rules.method != PICTURES:
            return before is model
        same = before.spec == model.spec and before.projection is model.projection
        return same and before.metric == model.metric


def answer(
    ground: Ground,
    rules: Rules,
    paths: Sequence[str | Path],
    pages: str = "first",
    memory: Memory | None = None,
) -> Iterator[Classifying]:
    """Classify the pictures at some paths; of several, those that are gone are skipped.

    Raises
    ------
    SourceError
        None of them is there, or holds a picture.
    """
    yield Classifying(0, 1, (), ())
    there, gone = yield from _sorted_out(paths)
    found = Found((), ())
    for step in finding(there, part="t10k", pages=pages):
        yield Classifying(0, 1, (), ())
        found = step.found or found
    found = Found(found.sources, (*gone, *found.skipped))
    model = ground.model()
    voter = yield from (memory or Memory()).voter_for(ground, model, rules)
    yield from classify_many(model, found, rules, voter=voter)


def answer_again(
    ground: Ground, rules: Rules, matches: Sequence[Match], memory: Memory | None = None
) -> Iterator[Classifying]:
    """Answer pictures that were answered before, by other rules or on a map that has changed."""
    yield Classifying(0, 1, (), ())
    model = ground.model()
    voter = yield from (memory or Memory()).voter_for(ground, model, rules)
    parts = matching(model, as_read(model, matches), rules, voter=voter)
    while True:
        try:
            yield Classifying(0, 1, (), (), next(parts))
        except StopIteration as end:
            yield Classifying(1, 1, end.value, ())
            return


def _sorted_out(
    paths: Sequence[str | Path],
) -> Generator[Classifying, None, tuple[list[str | Path], tuple[Skipped, ...]]]:
    """Tell paths from such that lead nowhere."""
    there: list[str | Path] = []
    gone: list[Skipped] = []
    breath = Breath()
    for path in paths:
        if os.path.lexists(path):
            there.append(path)
        else:
            gone.append(Skipped(str(path), "is not there any more"))
        if breath.due():
            yield Classifying(0, 1, (), ())
    if gone and not there:
        more = f" (and {len(gone) - 1:,} more)" if len(gone) > 1 else ""
        raise SourceError(f"{gone[0].path}: there is no such file or folder{more}.")
    return there, tuple(gone)


def as_read(model: MapModel, matches: Sequence[Match]) -> Dataset:
    """Return answered pictures as they were read for a map of the same kind."""
    vectors = np.stack([match.vector for match in matches])
    thumbs = [match.thumb for match in matches if match.thumb is not None]
    sources = tuple(match.source for match in matches)
    return Dataset(model.spec, vectors, sources, thumbs=np.stack(thumbs) if thumbs else None)


def examples_for(ground: Ground, model: MapModel, rules: Rules) -> Steps[Examples | None]:
    """Return the labelled training pictures if the rules ask for them, read once more if need be.

    Raises
    ------
    ParameterError
        None of them has a label.
    """
    if not rules.needs_pictures:
        return None
    dataset = ground.held(model)
    if dataset is None:
        for reading in read_dataset(Found(ground.pictures, ()), model.spec):
            yield Classifying(0, 1, (), (), 0.5 * reading.fraction)
            dataset = reading.dataset
        dataset = None if dataset is None else dataset.projected(model.projection)
    assert dataset is not None  # there is no map without pictures
    return examples_of(dataset)
