"""The jobs that answer pictures, as generators made of core's; nothing here knows Qt."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

import numpy as np

from image2map_gui.core.analysis.classify import Classifying, Match, classify_many, matching
from image2map_gui.core.analysis.examples import Examples, examples_of
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.sources import Found, Source, finding
from image2map_gui.core.model import MapModel


@dataclasses.dataclass(frozen=True, eq=False)
class Ground:
    """What answers stand on: the map, made in the worker, and the pictures that lie on it.

    ``held`` returns those as the map sees them if they are in memory.
    """

    model: Callable[[], MapModel]
    pictures: tuple[Source, ...]
    held: Callable[[MapModel], Dataset | None]


def answer(
    ground: Ground, rules: Rules, paths: Sequence[str | Path], pages: str = "first"
) -> Iterator[Classifying]:
    """Classify the pictures at some paths."""
    yield Classifying(0, 1, (), ())
    found = Found((), ())
    for step in finding(paths, part="t10k", pages=pages):
        yield Classifying(0, 1, (), ())
        found = step.found or found
    model = ground.model()
    examples = yield from examples_for(ground, model, rules)
    yield from classify_many(model, found, rules, examples)


def answer_again(ground: Ground, rules: Rules, matches: Sequence[Match]) -> Iterator[Classifying]:
    """Answer pictures that were answered before, by other rules or on a map that has changed."""
    yield Classifying(0, 1, (), ())
    model = ground.model()
    examples = yield from examples_for(ground, model, rules)
    parts = matching(model, as_read(model, matches), rules, examples)
    while True:
        try:
            yield Classifying(0, 1, (), (), next(parts))
        except StopIteration as end:
            yield Classifying(1, 1, end.value, ())
            return


def as_read(model: MapModel, matches: Sequence[Match]) -> Dataset:
    """Return answered pictures as they were read for a map of the same kind."""
    vectors = np.stack([match.vector for match in matches])
    thumbs = [match.thumb for match in matches if match.thumb is not None]
    sources = tuple(match.source for match in matches)
    return Dataset(model.spec, vectors, sources, thumbs=np.stack(thumbs) if thumbs else None)


def examples_for(
    ground: Ground, model: MapModel, rules: Rules
) -> Generator[Classifying, None, Examples | None]:
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
