"""How well a map fits a set of pictures, and how well it tells their labels."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.labels import unit_labels
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.model import MapModel
from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.quality.fit import (
    distortion,
    euclidean_error,
    explained_variance,
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
from image2map_gui.core.som.quality.layout import distance_preservation_quality
from image2map_gui.core.som.quality.ordering import draw
from image2map_gui.core.som.quality.preservation import (
    SAMPLE,
    Preservation,
    neighbour_preservation,
)
from image2map_gui.core.som.quality.product import topographic_product
from image2map_gui.core.som.quality.topography import combined_error, topographic_error
from image2map_gui.core.som.quality.usage import empty_units, hit_entropy, magnification
from image2map_gui.core.som.train import radius_at
from image2map_gui.core.som.winners import nearest_units

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


def evaluate(model: MapModel, dataset: Dataset) -> Evaluation:
    """Judge a map on pictures that were read with its own spec."""
    vectors, weights, grid = dataset.vectors, model.weights, model.grid
    metric, radius = model.params.measure, radius_at(model.params, model.params.epochs - 1)
    units, distances = nearest_units(vectors, weights, metric, 2)
    winners, second, far = units[:, 0], units[:, -1], distances[:, 0]
    hits = np.bincount(winners, minlength=grid.units)
    walked = draw(len(vectors), SAMPLE if grid.units > _LARGE else len(vectors))
    return Evaluation(
        images=len(dataset),
        units=grid.units,
        empty_units=empty_units(winners, grid.units),
        quantization_error=quantization_error(far),
        quantization_error_euclidean=(
            quantization_error(far)
            if metric == "euclidean"
            else euclidean_error(vectors, weights, winners)
        ),
        topographic_errors=tuple(
            (adjacency, topographic_error(winners, second, grid, adjacency))
            for adjacency in grid.adjacencies
        ),
        combined_error=combined_error(
            far[walked], winners[walked], second[walked], weights, grid, metric
        ),
        combined_images=len(walked),
        distortion=distortion(
            vectors, weights, winners, Kernel(grid, model.params.neighbourhood, radius)
        ),
        distortion_radius=radius,
        explained_variance=explained_variance(vectors, weights, winners),
        order=_order(model, dataset, winners),
        hit_entropy=hit_entropy(hits),
        magnification=magnification(hits, weights, grid),
        labels=_label_figures(model, dataset, winners),
    )


def _order(model: MapModel, dataset: Dataset, winners: NDArray[np.intp]) -> Order:
    weights, grid, metric = model.weights, model.grid, model.params.measure
    less = _LESS if model.params.metric in _SLOW else 1
    judged = draw(grid.units, max(1, _LARGE**2 // (less * grid.units)))
    sample = round(SAMPLE / math.sqrt(less))
    return Order(
        preservation=neighbour_preservation(dataset.vectors, winners, grid, metric, sample=sample),
        topographic_product=topographic_product(weights, grid, metric, judged),
        distance_preservation_quality=distance_preservation_quality(
            weights, grid, metric, units=judged
        ),
        sampled_units=len(judged),
    )


def _label_figures(
    model: MapModel, dataset: Dataset, winners: NDArray[np.intp]
) -> LabelFigures | None:
    marked = np.array([label is not None for label in dataset.labels], bool)
    if not marked.any():
        return None
    true = [label for label in dataset.labels if label is not None]
    names = sorted(set(true) | set(model.label_names))
    place = {name: index for index, name in enumerate(names)}
    truth = np.array([place[label] for label in true])
    on_units = winners[marked]
    table = label_counts(on_units, truth, (model.grid.units, len(names)))
    told = unit_labels(model).label
    answers = np.array([place[name] for name in model.label_names], np.intp)
    predicted = answers[told[on_units]] if told.max(initial=-1) >= 0 else None
    confusion = np.zeros((len(names), len(names)), np.int64)
    if predicted is not None:
        confusion = label_counts(truth, predicted, confusion.shape)
    return LabelFigures(
        pictures=len(true),
        accuracy=None if predicted is None else float(np.mean(predicted == truth)),
        purity=purity(table),
        nmi=normalized_mutual_information(on_units, truth),
        ari=adjusted_rand_index(on_units, truth),
        class_entropy=class_entropy(table),
        single_label_units=single_label_units(table),
        names=tuple(names),
        confusion=confusion,
    )
