"""A finished map with all that is needed to classify a picture."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import TrainingError
from image2map_gui.core.exemplars import unit_pictures
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.projection import Projection
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.memory import require
from image2map_gui.core.som.course import Change, course_of
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.room import training_bytes
from image2map_gui.core.som.train import Snapshot, settle, train


@dataclasses.dataclass(frozen=True)
class ClusterName:
    """What a person calls a cluster of the map, as long as it has just these units, ascending."""

    units: tuple[int, ...]
    name: str


@dataclasses.dataclass(frozen=True, eq=False)
class UnitDistances:
    """Distances of training pictures to their units, unit by unit.

    Attributes
    ----------
    distances
        Those of the first unit, ascending, then those of the second, and so on, ``(n,)``.
    starts
        Where those of each unit start, and the end, ``(k + 1,)``.
    """

    distances: NDArray[np.float64]
    starts: NDArray[np.intp]

    def of(self, unit: int) -> NDArray[np.float64]:
        """Return those of one unit, ascending."""
        return self.distances[self.starts[unit] : self.starts[unit + 1]]


def distances_at_units(
    units: NDArray[np.integer[Any]], distances: NDArray[np.floating[Any]], count: int
) -> UnitDistances:
    """Sort the distances ``(n,)`` of pictures to their units ``(n,)`` by unit, of ``count``."""
    order = np.lexsort((distances, units))
    starts = np.searchsorted(units[order], np.arange(count + 1))
    return UnitDistances(distances[order].astype(np.float64), starts)


@dataclasses.dataclass(frozen=True)
class Tuned:
    """How the units of a map were moved by the labels of pictures after its training.

    Attributes
    ----------
    method, epochs, rate, seed
        Of the tuning.
    pictures, held_out
        How many labelled pictures moved the units, and how many only judged the result.
    before, after
        Accuracy on those that were held out; on those that moved the units if there are none.
    labels
        The label that each unit was to stand for, ``(k,)``.
    """

    method: str
    epochs: int
    rate: float
    seed: int
    pictures: int
    held_out: int
    before: float
    after: float
    labels: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class MapModel:
    """How pictures become vectors, the units, and what the training pictures were like.

    Attributes
    ----------
    weights
        ``(k, d)`` float32, in the scale of ``spec``.
    hits
        Training pictures per unit, ``(k,)``.
    label_names, label_counts
        The labels of the pictures on the map, also of those added later, and how many of each
        unit's pictures carry which, ``(k, labels)``.
    distances
        Distances of the training pictures to their units, ascending, ``(n,)``.
    quantization_error, topographic_errors
        Of the training pictures; the second by adjacency, see :class:`Grid`.
    projection
        What vectors go through between reading and map; ``None``: nothing.
    exemplars
        Pictures that stand for units that are none, ``(k, height, width, 3)``.
    unit_distances
        Distances of the training pictures unit by unit, where it is known which lie on which.
    tuned
        How the units were moved by labels after the training; ``None``: they were not.
    """

    spec: ImageSpec
    params: SomParams
    weights: NDArray[np.float32]
    hits: NDArray[np.int64]
    label_names: tuple[str, ...]
    label_counts: NDArray[np.int64]
    distances: NDArray[np.float64]
    quantization_error: float
    topographic_errors: tuple[tuple[int, float], ...]
    projection: Projection | None = None
    exemplars: NDArray[np.uint8] | None = None
    unit_distances: UnitDistances | None = None
    tuned: Tuned | None = None

    @cached_property
    def metric(self) -> Metric:
        """How far a picture is from a unit."""
        return Metric(self.params.measure, self.spec.mask)

    @cached_property
    def grid(self) -> Grid:
        """The lattice of the units."""
        return Grid.of(self.params)

    @cached_property
    def prototypes(self) -> NDArray[np.uint8]:
        """The units as pictures, or those that stand for them, ``(k, height, width, channels)``."""
        if self.exemplars is not None:
            return self.exemplars
        return self.spec.pictures(self.weights, self.projection)


def train_map(
    dataset: Dataset,
    params: SomParams,
    start: NDArray[np.floating] | None = None,
    sample_weights: NDArray[np.floating] | None = None,
) -> Generator[Snapshot, Change | None, None]:
    """Train a map on pictures, see :func:`train`; what counts is said by spec, params and weights.

    ``sample_weights`` ``(n,)`` say how much each picture counts, beside the balance of labels.

    Raises
    ------
    TrainingError
        The spec wants something measured on the whole collection, see :meth:`Dataset.fitted`,
        and that was not done.
    MemoryNeededError
        It cannot fit into the memory that is free.
    """
    if dataset.spec.fitted and dataset.projection is None:
        raise TrainingError("The pictures were not fitted to their spec before the training.")
    check_room(dataset, params)
    if params.balance == "labels":
        even = even_weights(dataset.labels)
        sample_weights = even if sample_weights is None else even * sample_weights
    return train(
        dataset.vectors, params, start, mask=dataset.spec.mask, sample_weights=sample_weights
    )


def check_room(dataset: Dataset, params: SomParams, more: int = 0) -> None:
    """Refuse a training that cannot fit into the memory that is free.

    Parameters
    ----------
    more
        Bytes that are wanted beside it, as for the map after its epochs.

    Raises
    ------
    MemoryNeededError
        It cannot; the message has the figures.
    """
    count, features = dataset.vectors.shape
    epochs = course_of(params).epochs
    kept = min(more, (epochs + 1) * (4 * params.units * features + 8 * count))
    needed = training_bytes(count, features, params, dataset.vectors.itemsize) + kept
    doing = f"Training {params.rows} x {params.columns} units on {count:,} pictures"
    require(needed, doing, "Try fewer units, smaller pictures, or close other programs.")


def settle_map(dataset: Dataset, params: SomParams, snapshot: Snapshot) -> Iterator[Snapshot]:
    """Finish the newest snapshot of a training that was stopped, see :func:`settle`."""
    return settle(dataset.vectors, params, snapshot, dataset.spec.mask)


def even_weights(labels: Sequence[str | None]) -> NDArray[np.float64]:
    """Return weights ``(n,)`` that give all labels the same sum; no label counts as one."""
    counts = Counter(labels)
    return np.array([len(labels) / (len(counts) * counts[label]) for label in labels])


def model_of(dataset: Dataset, params: SomParams, snapshot: Snapshot) -> MapModel:
    """Put together the model of a map, also of one that is still being trained.

    Raises
    ------
    TrainingError
        Not even one epoch has ended, so that no picture has a unit yet.
    """
    if snapshot.winners is None or snapshot.distances is None:
        raise TrainingError("The map has not seen all pictures once yet.")
    names, counts = labels_of_units(dataset.labels, snapshot.winners, params.units)
    return MapModel(
        spec=dataset.spec,
        params=params,
        weights=snapshot.weights.astype(np.float32, copy=False),
        hits=np.bincount(snapshot.winners, minlength=params.units),
        label_names=names,
        label_counts=counts,
        distances=np.sort(snapshot.distances.astype(np.float64)),
        quantization_error=snapshot.quantization_error,
        topographic_errors=snapshot.topographic_errors,
        projection=dataset.projection,
        exemplars=None if dataset.spec.plain else _exemplars(dataset, params, snapshot),
        unit_distances=distances_at_units(snapshot.winners, snapshot.distances, params.units),
    )


def labels_of_units(
    labels: Sequence[str | None], units: NDArray[np.integer[Any]], count: int
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the labels there are, and how many pictures of each unit carry which.

    Of pictures ``(n,)`` with label and unit; the unit -1 is none. The counts are ``(count,
    labels)``.
    """
    names = tuple(sorted({label for label in labels if label is not None}))
    place = {name: index for index, name in enumerate(names)}
    counts = np.zeros((count, len(names)), np.int64)
    marked = [
        (unit, place[label])
        for unit, label in zip(units.tolist(), labels, strict=True)
        if label is not None and unit >= 0
    ]
    if marked:
        np.add.at(counts, tuple(np.array(marked).T), 1)
    return names, counts


def labelled_anew(
    model: MapModel, units: NDArray[np.integer[Any]], labels: Sequence[str | None]
) -> MapModel:
    """Return the model with the labels ``(n,)`` of all pictures on it, and of no others.

    Pictures that came after the training count like all others; only hits and distances stay those
    of the training. ``units`` ``(n,)`` say where the pictures lie; the unit -1 is none.
    """
    names, counts = labels_of_units(labels, units, len(model.weights))
    return dataclasses.replace(model, label_names=names, label_counts=counts)


def _exemplars(dataset: Dataset, params: SomParams, snapshot: Snapshot) -> NDArray[np.uint8]:
    metric = Metric(params.measure, dataset.spec.mask)
    where = snapshot.winners, snapshot.distances
    return unit_pictures(dataset, snapshot.weights, metric, *where, thorough=True)
