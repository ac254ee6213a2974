"""Where a picture belongs on a map."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.examples import Examples
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.analysis.novelty import nearer_of, unlikeness
from image2map_gui.core.analysis.voting import Voter, preparing, units_asked
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.sources import Found, Skipped, Source
from image2map_gui.core.model import MapModel
from image2map_gui.core.progress import Progress
from image2map_gui.core.som.quality.parts import Parts, whole, within
from image2map_gui.core.som.winners import nearest_blocks

NEAREST = 5
_MADE = 500  # answers put together between two steps
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
    unlike
        Ranks pictures from like the training pictures, 0, to unlike them, see :func:`unlikeness`.
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
    unlike: float = math.nan

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


def farther_than(match: Match) -> str:
    """Say how many of the training pictures a picture is farther from its unit than."""
    if match.percentile >= 1:
        return "farther than all training pictures"
    share = math.floor(1000 * match.percentile + 1e-9) / 10  # never more than it is
    return f"farther than {share:.1f} % of the training pictures"


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
    model: MapModel,
    found: Found,
    rules: Rules = _USUAL,
    examples: Examples | None = None,
    voter: Voter | None = None,
) -> Iterator[Classifying]:
    """Classify pictures, prepared as the model's training pictures were.

    Files that cannot be read are skipped and listed. The last value yielded holds all matches.

    Parameters
    ----------
    rules
        How they are answered.
    examples
        The labelled training pictures, for methods that need them.
    voter
        What was prepared of these rules before.

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
    parts = matching(model, dataset, rules, examples, voter)
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
    model: MapModel,
    dataset: Dataset,
    rules: Rules = _USUAL,
    examples: Examples | None = None,
    voter: Voter | None = None,
    *,
    judging: bool = False,
) -> Parts[tuple[Match, ...]]:
    """Match pictures as :func:`match_vectors` does, in short steps.

    ``voter`` was prepared of these rules before; else it is now. Where answers are to be judged,
    no example is asked about itself, known by its address.
    """
    if voter is None:
        voter = yield from within(0.0, 0.2, preparing(model, rules, examples))
    asked = min(max(NEAREST, units_asked(rules)), len(model.weights))
    where = yield from within(0.2, 0.5, _places(model, dataset.vectors, asked))
    own = None
    if judging and examples is not None:
        own = examples.places_of([source.address for source in dataset.sources])
    votes = voter.votes(dataset.vectors, where.units, own)
    labels, sure = yield from within(0.5, 0.9, votes)
    far = nearer_of(model).of(where.units[:, 0], where.distances[:, 0])
    unlike = unlikeness(model, dataset.vectors, where.distances[:, 0])
    found: list[Match] = []
    for index in range(len(dataset)):
        guess = voter.names[labels[index]] if labels[index] >= 0 else None
        novel = bool(far.of_map[index] > rules.novel)
        rejected = _why_rejected(guess, sure[index], rules, novel=novel)
        row, column = model.grid.cells[where.units[index, 0]].tolist()
        found.append(
            Match(
                source=dataset.sources[index],
                vector=dataset.vectors[index],
                units=tuple(where.units[index, :NEAREST].tolist()),
                unit_distances=tuple(where.distances[index, :NEAREST].tolist()),
                row=row,
                column=column,
                percentile=float(far.of_map[index]),
                novel=novel,
                label=None if rejected else guess,
                confidence=float(sure[index]),
                thumb=None if dataset.thumbs is None else dataset.thumbs[index],
                guess=guess,
                rejected=rejected,
                unit_percentile=float(far.of_unit[index]),
                unlike=float(unlike[index]),
            )
        )
        if index % _MADE == 0:
            yield 0.9 + 0.1 * index / len(dataset)
    yield 1.0
    return tuple(found)


@dataclasses.dataclass(frozen=True, eq=False)
class _Places:
    """The nearest units of pictures and the distances to them, ``(n, count)`` each."""

    units: NDArray[np.intp]
    distances: NDArray[np.float64]


def _places(model: MapModel, vectors: NDArray[np.float32], count: int) -> Parts[_Places]:
    units = np.empty((len(vectors), count), np.intp)
    distances = np.empty((len(vectors), count))
    for rows, found, far in nearest_blocks(vectors, model.weights, model.metric, count):
        units[rows], distances[rows] = found, far
        yield rows.stop / len(vectors)
    return _Places(units, distances)


def _why_rejected(guess: str | None, sure: float, rules: Rules, *, novel: bool) -> str:
    if guess is None:
        return ""
    if novel and rules.reject_novel:
        return UNLIKE
    return UNSURE if sure < rules.reject else ""
