"""Where a picture belongs on a map."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.examples import Examples
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.analysis.novelty import Percentiles, percentiles_of
from image2map_gui.core.analysis.voting import Voter, preparing, units_asked
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.sources import Found, Skipped, Source
from image2map_gui.core.model import MapModel
from image2map_gui.core.progress import Progress
from image2map_gui.core.som.quality.parts import Parts, whole, within
from image2map_gui.core.som.winners import nearest_blocks

NEAREST = 5
UNSURE, UNLIKE = "unsure", "unlike"
_USUAL = Rules()


@dataclasses.dataclass(frozen=True)
class Match:
    """Where one picture belongs.

    Attributes
    ----------
    vector
        The picture as the map sees it, ``(d,)``.
    units, unit_distances
        The nearest units, nearest first, and the distances to them.
    row, column
        Where the nearest unit is drawn.
    percentile
        Share of the training pictures that were nearer to their unit, 0 to 1.
    novel
        Whether the percentile is beyond that of the rules, 0.99 if nothing else was asked for.
    label
        As the method of the rules finds it; ``None`` if the map has no labels, or the picture was
        rejected.
    confidence
        How likely ``guess`` is right, 0 to 1; NaN if the map has no labels.
    thumb
        The prepared picture, ``(height, width, 3)``, where the vector is none.
    guess
        The label that was found, also of a picture that was rejected.
    rejected
        Why no label was given: ``unsure``, ``unlike`` the training pictures, or empty.
    unit_percentile
        Share of the training pictures of the same unit that were nearer to it, 0 to 1; of all
        training pictures where the unit has too few.
    """

    source: Source
    vector: NDArray[np.float32]
    units: tuple[int, ...]
    unit_distances: tuple[float, ...]
    row: int
    column: int
    percentile: float
    novel: bool
    label: str | None
    confidence: float
    thumb: NDArray[np.uint8] | None = None
    guess: str | None = None
    rejected: str = ""
    unit_percentile: float = math.nan

    @property
    def unit(self) -> int:
        """The best-matching unit."""
        return self.units[0]

    @property
    def distance(self) -> float:
        """Distance to the best-matching unit, in the metric of the map."""
        return self.unit_distances[0]

    @property
    def second_unit(self) -> int | None:
        """The second-best unit, ``None`` on a map of one unit."""
        return self.units[1] if len(self.units) > 1 else None


@dataclasses.dataclass(frozen=True)
class Classifying(Progress):
    """How far a classification has come: the pictures read, the share of them that was answered."""

    matches: tuple[Match, ...]
    skipped: tuple[Skipped, ...]
    answered: float = 1.0

    @property
    def fraction(self) -> float:
        """Share of the work that is done."""
        return (super().fraction + self.answered) / 2

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return super().milestone and self.answered == 1


def classify_many(
    model: MapModel, found: Found, rules: Rules = _USUAL, examples: Examples | None = None
) -> Iterator[Classifying]:
    """Classify pictures, prepared as the model's training pictures were.

    Files that cannot be read are skipped and listed. The last value yielded holds all matches.

    Parameters
    ----------
    rules
        How they are answered.
    examples
        The labelled training pictures, for methods that need them.

    Raises
    ------
    ParameterError
        The method needs training pictures, and there are none.
    """
    reading = None
    for reading in read_dataset(found, model.spec):
        if not reading.milestone:
            yield Classifying(reading.done, reading.total, (), (), 0.0)
    if reading is None:
        return
    dataset = reading.dataset.projected(model.projection)
    parts = matching(model, dataset, rules, examples)
    while True:
        try:
            yield Classifying(reading.done, reading.total, (), (), min(next(parts), 0.999))
        except StopIteration as end:
            yield Classifying(reading.done, reading.total, end.value, dataset.skipped)
            return


def classify(
    model: MapModel, source: Source, rules: Rules = _USUAL, examples: Examples | None = None
) -> Match:
    """Classify one picture, see :func:`classify_many`.

    Raises
    ------
    PictureError
        It cannot be read.
    ParameterError
        The method needs training pictures, and there are none.
    """
    vector, thumb = model.spec.read(source)
    thumbs = None if model.spec.plain else thumb[None]
    read = Dataset(model.spec, vector[None], (source,), thumbs=thumbs)
    return match_vectors(model, read.projected(model.projection), rules, examples)[0]


def match_vectors(
    model: MapModel, dataset: Dataset, rules: Rules = _USUAL, examples: Examples | None = None
) -> Sequence[Match]:
    """Match pictures that were read, and projected, already, see :func:`classify_many`."""
    return whole(matching(model, dataset, rules, examples))


def matching(
    model: MapModel, dataset: Dataset, rules: Rules = _USUAL, examples: Examples | None = None
) -> Parts[tuple[Match, ...]]:
    """Match pictures as :func:`match_vectors` does, in short steps."""
    asked = min(max(NEAREST, units_asked(rules)), len(model.weights))
    voter = yield from within(0.0, 0.3, preparing(model, rules, examples))
    percentiles = percentiles_of(model)
    found: list[Match] = []
    blocks = nearest_blocks(dataset.vectors, model.weights, model.metric, asked)
    for rows, units, distances in blocks:
        for start in range(0, len(units), voter.block):
            some = slice(start, min(start + voter.block, len(units)))
            part = slice(rows.start + some.start, rows.start + some.stop)
            answers = _Answers(voter, dataset.vectors[part], units[some])
            far = percentiles.of(units[some, 0], distances[some, 0])
            where = units[some], distances[some]
            found += _matches(model, dataset, part, where, far, answers, rules)
            yield 0.3 + 0.7 * part.stop / len(dataset)
    return tuple(found)


class _Answers:
    """What a voter says of some pictures."""

    def __init__(self, voter: Voter, vectors: NDArray[np.float32], units: NDArray[np.intp]) -> None:
        self._names = voter.names
        self._labels, self._sure = voter.vote(vectors, units)

    def of(self, place: int) -> tuple[str | None, float]:
        label = int(self._labels[place])
        return (self._names[label] if label >= 0 else None), float(self._sure[place])


def _matches(
    model: MapModel,
    dataset: Dataset,
    part: slice,
    where: tuple[NDArray[np.intp], NDArray[np.float64]],
    far: Percentiles,
    answers: _Answers,
    rules: Rules,
) -> Iterator[Match]:
    units, distances = where
    cells = model.grid.cells
    for place, index in enumerate(range(part.start, part.stop)):
        guess, sure = answers.of(place)
        novel = bool(far.of_map[place] > rules.novel)
        rejected = _why_rejected(guess, sure, rules, novel=novel)
        row, column = cells[units[place, 0]].tolist()
        yield Match(
            source=dataset.sources[index],
            vector=dataset.vectors[index],
            units=tuple(units[place, :NEAREST].tolist()),
            unit_distances=tuple(distances[place, :NEAREST].tolist()),
            row=row,
            column=column,
            percentile=float(far.of_map[place]),
            novel=novel,
            label=None if rejected else guess,
            confidence=sure,
            thumb=None if dataset.thumbs is None else dataset.thumbs[index],
            guess=guess,
            rejected=rejected,
            unit_percentile=float(far.of_unit[place]),
        )


def _why_rejected(guess: str | None, sure: float, rules: Rules, *, novel: bool) -> str:
    if guess is None:
        return ""
    if novel and rules.reject_novel:
        return UNLIKE
    return UNSURE if sure < rules.reject else ""
