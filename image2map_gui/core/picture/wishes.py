"""The layers a person can ask for by name, and how each is made of a map."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.model import MapModel
from image2map_gui.core.picture import planes
from image2map_gui.core.picture.planes import Plane


@dataclasses.dataclass(frozen=True)
class Wish:
    """One layer, with what it needs to be told."""

    name: str
    label: str | None = None
    component: int = 0
    statistic: str = "mean"
    method: str = "ward"
    clusters: int | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Facts:
    """What layers are made of: a map, and the pictures on it with their distances, ``(n,)``."""

    model: MapModel
    units: NDArray[np.integer[Any]]
    distances: NDArray[np.floating[Any]]


@dataclasses.dataclass(frozen=True)
class Kind:
    """How a layer is called, whether it tells of labels, and how it is made."""

    title: str
    make: Callable[[Facts, Wish], Plane]
    of_labels: bool = False


KINDS: dict[str, Kind] = {
    "u-matrix": Kind("U-matrix", lambda f, w: planes.u_matrix_plane(f.model, w.statistic)),
    "hits": Kind("Hits", lambda f, _: planes.hits_plane(f.model.hits)),
    "empty": Kind("Empty units", lambda f, _: planes.empty_plane(f.model.hits)),
    "errors": Kind(
        "Quantization error",
        lambda f, _: planes.error_plane(f.units, f.distances, f.model.grid.units),
    ),
    "clusters": Kind("Clusters", lambda f, w: planes.clusters_plane(f.model, w.method, w.clusters)),
    "classes": Kind("Labels", lambda f, _: planes.classes_plane(f.model), of_labels=True),
    "confidence": Kind(
        "Confidence of labels", lambda f, _: planes.confidence_plane(f.model), of_labels=True
    ),
    "entropy": Kind(
        "Entropy of labels", lambda f, _: planes.entropy_plane(f.model), of_labels=True
    ),
    "distinct": Kind(
        "Different labels", lambda f, _: planes.distinct_plane(f.model), of_labels=True
    ),
    "activation": Kind(
        "Pictures of one label",
        lambda f, w: planes.activation_plane(f.model, w.label),
        of_labels=True,
    ),
    "principal": Kind(
        "Principal component", lambda f, w: planes.principal_plane(f.model, w.component)
    ),
    "component": Kind("Component", lambda f, w: planes.component_plane(f.model, w.component)),
}


def made(wish: Wish, facts: Facts) -> Plane:
    """Make a layer.

    Raises
    ------
    ParameterError
        The map has no such label, component or labels at all.
    """
    return KINDS[wish.name].make(facts, wish)
