"""Where a picture belongs on a map."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.labels import unit_labels
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.sources import Found, Skipped, Source
from image2map_gui.core.model import MapModel
from image2map_gui.core.progress import Progress
from image2map_gui.core.som.winners import nearest_units

NOVEL = 0.99
NEAREST = 5


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
        Whether more than 99 % of the training pictures were nearer to their unit.
    label, confidence
        Of the nearest unit; ``None`` and NaN if the map has no labels.
    thumb
        The prepared picture, ``(height, width, 3)``, where the vector is none.
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
    """How far a classification has come, with the matches so far."""

    matches: tuple[Match, ...]
    skipped: tuple[Skipped, ...]


def classify_many(model: MapModel, found: Found) -> Iterator[Classifying]:
    """Classify pictures, prepared as the model's training pictures were.

    Files that cannot be read are skipped and listed. The last value yielded holds all matches.
    """
    reading = None
    for reading in read_dataset(found, model.spec):
        if not reading.milestone:
            yield Classifying(reading.done, reading.total, (), ())
    if reading is None:
        return
    matches = tuple(match_vectors(model, reading.dataset.projected(model.projection)))
    yield Classifying(reading.done, reading.total, matches, reading.dataset.skipped)


def classify(model: MapModel, source: Source) -> Match:
    """Classify one picture.

    Raises
    ------
    PictureError
        It cannot be read.
    """
    vector, thumb = model.spec.read(source)
    thumbs = None if model.spec.plain else thumb[None]
    read = Dataset(model.spec, vector[None], (source,), thumbs=thumbs)
    return match_vectors(model, read.projected(model.projection))[0]


def match_vectors(model: MapModel, dataset: Dataset) -> Sequence[Match]:
    """Match pictures that were read, and projected, already."""
    if not len(dataset):
        return []
    units, distances = nearest_units(
        dataset.vectors, model.weights, model.metric, min(NEAREST, len(model.weights))
    )
    nearer = np.searchsorted(model.distances, distances[:, 0], side="left")
    percentiles = nearer / max(1, len(model.distances))
    labels = unit_labels(model, units[:, 0])
    cells = model.grid.cells

    def match(index: int) -> Match:
        best = int(units[index, 0])
        label = int(labels.label[index])
        return Match(
            source=dataset.sources[index],
            vector=dataset.vectors[index],
            units=tuple(units[index].tolist()),
            unit_distances=tuple(distances[index].tolist()),
            row=int(cells[best, 0]),
            column=int(cells[best, 1]),
            percentile=float(percentiles[index]),
            novel=bool(percentiles[index] > NOVEL),
            label=model.label_names[label] if label >= 0 else None,
            confidence=float(labels.confidence[index]) if label >= 0 else math.nan,
            thumb=None if dataset.thumbs is None else dataset.thumbs[index],
        )

    return [match(index) for index in range(len(dataset))]
