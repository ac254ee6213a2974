"""How well a map fits a set of pictures, and how well it tells their labels."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.labels import unit_labels
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.model import MapModel
from image2map_gui.core.som.quality import (
    empty_units,
    explained_variance,
    quantization_error,
    topographic_error,
)
from image2map_gui.core.som.winners import nearest_units


@dataclasses.dataclass(frozen=True)
class LabelFigures:
    """How labels and units go together, over the pictures that have a label.

    ``accuracy`` is the share of pictures whose label is that of their unit (given by the training
    pictures); ``purity`` and ``nmi`` (arithmetic mean) compare labels and units of this set;
    ``single_label_units`` counts units all of whose pictures carry one label. Purity and single
    labels grow with the number of units and say nothing about order on the map.
    """

    pictures: int
    accuracy: float | None
    purity: float
    nmi: float
    single_label_units: int
    names: tuple[str, ...]
    confusion: NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Figures of one map on one set of pictures; errors in the metric of the map."""

    images: int
    units: int
    empty_units: int
    quantization_error: float
    topographic_errors: tuple[tuple[int, float], ...]
    explained_variance: float
    labels: LabelFigures | None


def evaluate(model: MapModel, dataset: Dataset) -> Evaluation:
    """Judge a map on pictures that were read with its own spec."""
    units, distances = nearest_units(dataset.vectors, model.weights, model.params.metric, 2)
    winners, second = units[:, 0], units[:, -1]
    return Evaluation(
        images=len(dataset),
        units=model.grid.units,
        empty_units=empty_units(winners, model.grid.units),
        quantization_error=quantization_error(distances[:, 0]),
        topographic_errors=tuple(
            (adjacency, topographic_error(winners, second, model.grid, adjacency))
            for adjacency in model.grid.adjacencies
        ),
        explained_variance=explained_variance(dataset.vectors, model.weights, winners),
        labels=_label_figures(model, dataset, winners),
    )


def _label_figures(
    model: MapModel, dataset: Dataset, winners: NDArray[np.intp]
) -> LabelFigures | None:
    marked = np.array([label is not None for label in dataset.labels], bool)
    if not marked.any():
        return None
    from sklearn.metrics import normalized_mutual_info_score

    true = [label for label in dataset.labels if label is not None]
    names = sorted(set(true) | set(model.label_names))
    place = {name: index for index, name in enumerate(names)}
    truth = np.array([place[label] for label in true])
    on_units = winners[marked]
    table = np.zeros((model.grid.units, len(names)), np.int64)
    np.add.at(table, (on_units, truth), 1)
    told = unit_labels(model).label
    answers = np.array([place[name] for name in model.label_names], np.intp)
    predicted = answers[told[on_units]] if told.max(initial=-1) >= 0 else None
    confusion = np.zeros((len(names), len(names)), np.int64)
    if predicted is not None:
        np.add.at(confusion, (truth, predicted), 1)
    return LabelFigures(
        pictures=len(true),
        accuracy=None if predicted is None else float(np.mean(predicted == truth)),
        purity=float(table.max(axis=1).sum() / len(true)),
        nmi=float(normalized_mutual_info_score(truth, on_units)),
        single_label_units=int(np.count_nonzero((table > 0).sum(axis=1) == 1)),
        names=tuple(names),
        confusion=confusion,
    )
