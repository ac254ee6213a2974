"""A map with other pictures on it than those it was trained on."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.model import MapModel, labels_of_units
from image2map_gui.core.som.quality.topography import topographic_error
from image2map_gui.core.som.winners import nearest_units


@dataclasses.dataclass(frozen=True, eq=False)
class Placed:
    """The model with hits, labels and errors of some pictures, and where each lies, ``(n,)``."""

    model: MapModel
    units: NDArray[np.intp]
    distances: NDArray[np.float64]


def placed(model: MapModel, dataset: Dataset) -> Placed:
    """Put pictures on a map in place of its own, for views and figures of them.

    ``dataset`` holds one picture or more, prepared and projected as the map needs them.
    """
    count = len(model.weights)
    near, far = nearest_units(dataset.vectors, model.weights, model.metric, min(2, count))
    units, distances = near[:, 0], far[:, 0].astype(np.float64)
    names, counts = labels_of_units(dataset.labels, units, count)
    return Placed(
        dataclasses.replace(
            model,
            hits=np.bincount(units, minlength=count),
            label_names=names,
            label_counts=counts,
            distances=np.sort(distances),
            quantization_error=float(distances.mean()),
            topographic_errors=tuple(
                (adjacency, topographic_error(units, near[:, -1], model.grid, adjacency))
                for adjacency in model.grid.adjacencies
            ),
        ),
        units,
        distances,
    )
