"""How well a map fits a set of pictures, and how well it tells their labels."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Generator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.labels import unit_labels
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.model import MapModel
from image2map_gui.core.som.course import end_radius
from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.quality.fit import (
    distortion_parts,
    euclidean_error_parts,
    explained_variance_parts,
    quantization_error,
)
from image2map_gui.core.som.quality.labelling import (
    adjusted_rand_index,
    class_entropy,
    label_counts,
    normalized_mutual_information,
    purity,
    single_label_units,
)
from image2map_gui.core.som.quality.layout import distance_preservation_parts
from image2map_gui.core.som.quality.ordering import draw
from image2map_gui.core.som.quality.parts import Parts, whole, within
from image2map_gui.core.som.quality.preservation import (
    SAMPLE,
    Preservation,
    preservation_parts,
)
from image2map_gui.core.som.quality.product import topographic_product_parts
from image2map_gui.core.som.quality.topography import combined_error_parts, topographic_error
from image2map_gui.core.som.quality.usage import empty_units, hit_entropy, magnification_parts
from image2map_gui.core.som.winners import nearest_blocks

Value = TypeVar("Value")
Indices = NDArray[np.intp]
Steps = Generator["Evaluating", None, Value]

_LARGE = 2500  # units; on larger maps, figures of all pairs of units are estimated from some
_SLOW = ("manhattan", "chebyshev", "minkowski")  # metrics that are no products of vectors
_LESS = 16  # how many times fewer pairs of vectors are compared in those


@dataclasses.dataclass(frozen=True)
class LabelFigures:
    """How labels and units go together, over the pictures that have a label.

    ``accuracy`` is the share of pictures whose label is that of their unit (given by the training
    pictures); ``purity``, ``nmi`` (arithmetic mean), ``ari`` and ``class_entropy`` (nats, weighted
    by hits) compare labels and units of this set; ``single_label_units`` counts units all of whose
    pictures carry one label. Purity and single labels grow with the number of units and say
    nothing about order on the map.
    """

    pictures: int
    accuracy: float | None
    purity: float
    nmi: float
    ari: float
    class_entropy: float
    single_label_units: int
    names: tuple[str, ...]
    confusion: NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Order:
    """How well the order of the units, and of the pictures on them, keeps that of the pictures.

    The topographic product and the distance preservation quality are means over ``sampled_units``
    units: all, or on maps of more than 2,500 units as many as keep the work the same. Metrics that
    take longer get a sixteenth of the pairs of pictures and of units.
    """

    preservation: Preservation
    topographic_product: float
    distance_preservation_quality: float
    sampled_units: int


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Figures of one map on one set of pictures; errors in the metric of the map.

    ``quantization_error_euclidean`` and ``distortion`` (in the neighbourhood of the last epoch's
    radius ``distortion_radius``) are Euclidean in any case. ``combined_error`` is the mean over
    ``combined_images`` pictures: all, or 2,000 on maps of more than 2,500 units.
    """

    images: int
    units: int
    empty_units: int
    quantization_error: float
    quantization_error_euclidean: float
    topographic_errors: tuple[tuple[int, float], ...]
    combined_error: float
    combined_images: int
    distortion: float
    distortion_radius: float
    explained_variance: float
    order: Order
    hit_entropy: float
    magnification: float
    labels: LabelFigures | None


@dataclasses.dataclass(frozen=True)
class Evaluating:
    """How far an evaluation has come; the last step holds it."""

    fraction: float
    doing: str
    evaluation: Evaluation | None = None

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return self.evaluation is not None


def evaluate(model: MapModel, dataset: Dataset) -> Evaluation:
    """Judge a map on pictures that were read with its own spec."""
    return whole(_evaluation(model, dataset))


def evaluating(model: MapModel, dataset: Dataset) -> Steps[None]:
    """Judge a map as :func:`evaluate` does, in short steps."""
    evaluation = yield from _evaluation(model, dataset)
    yield Evaluating(1.0, "", evaluation)


class _Progress:
    """Tells how far all stages together are, each as long as was guessed beforehand."""

    def __init__(self, works: list[float]) -> None:
        self._ends = np.cumsum(works) / sum(works)
        self._stage = 0

    def of(self, doing: str, parts: Parts[Value]) -> Steps[Value]:
        """Pass on the parts of the next stage."""
        low = float(self._ends[self._stage - 1]) if self._stage else 0.0
        high = float(self._ends[self._stage])
        self._stage += 1
        yield Evaluating(low, doing)
        shares = within(low, high, parts)
        while True:
            try:
                share = next(shares)
            except StopIteration as end:
                value: Value = end.value
                return value
            yield Evaluating(share, doing)


@dataclasses.dataclass(frozen=True)
class _Found:
    """The best two units of each picture and the distance to the first, ``(n,)`` each."""

    winners: Indices
    second: Indices
    far: NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class _Fit:
    euclidean: float
    distortion: float
    radius: float
    explained_variance: float


def _evaluation(model: MapModel, dataset: Dataset) -> Steps[Evaluation]:
    """Work all figures out, stage by stage."""
    judged, sample = _samples(model)
    walked = draw(len(dataset), SAMPLE if model.grid.units > _LARGE else len(dataset))
    progress = _Progress(_works(model, dataset, len(judged), sample, len(walked)))
    found = yield from progress.of("finding the unit of each picture", _search(model, dataset))
    fit = yield from progress.of("how closely the units follow", _fit(model, dataset, found))
    grid, winners = model.grid, found.winners
    ways = combined_error_parts(
        found.far[walked], winners[walked], found.second[walked], model.weights, grid, model.metric
    )
    combined = yield from progress.of("ways along the map", ways)
    order = yield from _order(model, dataset, winners, judged, sample, progress)
    hits = np.bincount(winners, minlength=grid.units)
    spread = magnification_parts(hits, model.weights, grid)
    spacing = yield from progress.of("use of the units", spread)
    labels = yield from progress.of("labels", _label_figures(model, dataset, winners))
    return Evaluation(
        images=len(dataset),
        units=grid.units,
        empty_units=empty_units(winners, grid.units),
        quantization_error=quantization_error(found.far),
        quantization_error_euclidean=fit.euclidean,
        topographic_errors=tuple(
            (adjacency, topographic_error(winners, found.second, grid, adjacency))
            for adjacency in grid.adjacencies
        ),
        combined_error=combined,
        combined_images=len(walked),
        distortion=fit.distortion,
        distortion_radius=fit.radius,
        explained_variance=fit.explained_variance,
        order=order,
        hit_entropy=hit_entropy(hits),
        magnification=spacing,
        labels=labels,
    )


def _samples(model: MapModel) -> tuple[Indices, int]:
    """Return which units are judged and how many pictures at most, in figures of all pairs."""
    less = _LESS if model.params.metric in _SLOW else 1
    units = model.grid.units
    judged = draw(units, max(1, _LARGE**2 // (less * units)))
    return judged, round(SAMPLE / math.sqrt(less))


def _works(model: MapModel, dataset: Dataset, judged: int, sample: int, walked: int) -> list[float]:
    """Guess how long each stage takes, in nanoseconds."""
    (pictures, features), units = dataset.vectors.shape, model.grid.units
    slower = 1 if model.metric.by_products else 12
    chosen = min(sample, pictures)
    return [
        pictures * units * (10 + 0.1 * slower * features),
        (pictures + 4 * units) * features * 20.0,
        min(walked, units) * units * 100.0 + units * features * 30.0,
        chosen * chosen * 500.0,
        judged * units * 600.0,
        judged * units * 500.0,
        units * features * 50.0,
        2e8,
    ]


def _search(model: MapModel, dataset: Dataset) -> Parts[_Found]:
    count = len(dataset)
    winners, second = np.empty(count, np.intp), np.empty(count, np.intp)
    far = np.empty(count, np.float64)
    for rows, units, distances in nearest_blocks(dataset.vectors, model.weights, model.metric, 2):
        winners[rows], second[rows], far[rows] = units[:, 0], units[:, -1], distances[:, 0]
        yield rows.stop / count
    return _Found(winners, second, far)


def _fit(model: MapModel, dataset: Dataset, found: _Found) -> Parts[_Fit]:
    vectors, weights, winners = dataset.vectors, model.weights, found.winners
    radius = end_radius(model.params)
    kernel = Kernel(model.grid, model.params.neighbourhood, radius)
    euclidean = quantization_error(found.far)
    if model.metric.name != "euclidean" or not model.metric.plain:
        parts = euclidean_error_parts(vectors, weights, winners)
        euclidean = yield from within(0.0, 0.2, parts)
    parts = distortion_parts(vectors, weights, winners, kernel)
    cost = yield from within(0.2, 0.7, parts)
    parts = explained_variance_parts(vectors, weights, winners)
    explained = yield from within(0.7, 1.0, parts)
    return _Fit(euclidean, cost, radius, explained)


def _order(
    model: MapModel,
    dataset: Dataset,
    winners: Indices,
    judged: Indices,
    sample: int,
    progress: _Progress,
) -> Steps[Order]:
    weights, grid, metric = model.weights, model.grid, model.metric
    near = preservation_parts(dataset.vectors, winners, grid, metric, sample=sample)
    preservation = yield from progress.of("neighbours on the map and in the pictures", near)
    product = topographic_product_parts(weights, grid, metric, judged)
    fold = yield from progress.of("folds of the map", product)
    layout = distance_preservation_parts(weights, grid, metric, units=judged)
    kept = yield from progress.of("distances on the map", layout)
    return Order(
        preservation=preservation,
        topographic_product=fold,
        distance_preservation_quality=kept,
        sampled_units=len(judged),
    )


def _label_figures(
    model: MapModel, dataset: Dataset, winners: Indices
) -> Parts[LabelFigures | None]:
    marked = np.array([label is not None for label in dataset.labels], bool)
    if not marked.any():
        return None
    true = [label for label in dataset.labels if label is not None]
    names = sorted(set(true) | set(model.label_names))
    place = {name: index for index, name in enumerate(names)}
    truth = np.array([place[label] for label in true])
    on_units = winners[marked]
    table = label_counts(on_units, truth, (model.grid.units, len(names)))
    yield 0.2
    told = unit_labels(model).label
    yield 0.4
    answers = np.array([place[name] for name in model.label_names], np.intp)
    predicted = answers[told[on_units]] if told.max(initial=-1) >= 0 else None
    confusion = np.zeros((len(names), len(names)), np.int64)
    if predicted is not None:
        confusion = label_counts(truth, predicted, confusion.shape)
    shared = normalized_mutual_information(on_units, truth)
    yield 0.9
    return LabelFigures(
        pictures=len(true),
        accuracy=None if predicted is None else float(np.mean(predicted == truth)),
        purity=purity(table),
        nmi=shared,
        ari=adjusted_rand_index(on_units, truth),
        class_entropy=class_entropy(table),
        single_label_units=single_label_units(table),
        names=tuple(names),
        confusion=confusion,
    )
