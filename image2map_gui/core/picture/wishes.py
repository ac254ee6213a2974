"""The layers a person can ask for by name, and how each is made of a map."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.model import MapModel
from image2map_gui.core.picture import label_planes, planes
from image2map_gui.core.picture.label_inks import NO_INKS, LabelInks
from image2map_gui.core.picture.plane import Plane
from image2map_gui.core.som.quality.parts import Parts, whole


@dataclasses.dataclass(frozen=True)
class Wish:
    """One layer, with what it needs to be told."""

    name: str
    label: str | None = None
    component: int = 0
    lightness: bool = False
    statistic: str = "mean"
    method: str = "ward"
    clusters: int | None = None


def _no_vectors() -> None:
    return None


@dataclasses.dataclass(frozen=True, eq=False)
class Facts:
    """What layers are made of: a map, and the pictures on it with their distances, ``(n,)``.

    ``vectors`` returns those pictures as the map sees them, ``(n, d)``, or ``None``. ``inks`` are
    the colours of labels, in their order.
    """

    model: MapModel
    units: NDArray[np.integer[Any]]
    distances: NDArray[np.floating[Any]]
    vectors: Callable[[], NDArray[np.float32] | None] = _no_vectors
    inks: LabelInks = NO_INKS


@dataclasses.dataclass(frozen=True)
class Kind:
    """How a layer is called, how it is made, and what of a wish it looks at.

    What takes long is made part by part.
    """

    title: str
    make: Callable[[Facts, Wish], Plane | Parts[Plane]]
    options: tuple[str, ...] = ()
    of_labels: bool = False
    of_vectors: bool = False


KINDS: dict[str, Kind] = {
    "u-matrix": Kind(
        "U-matrix", lambda f, w: planes.u_matrix_plane(f.model, w.statistic), ("statistic",)
    ),
    "u-matrix-expanded": Kind("U-matrix, expanded", lambda f, _: planes.expanded_plane(f.model)),
    "walls": Kind("Walls", lambda f, _: planes.walls_plane(f.model)),
    "hits": Kind("Hits", lambda f, _: planes.hits_plane(f.model.hits)),
    "empty": Kind("Empty units", lambda f, _: planes.empty_plane(f.model.hits)),
    "errors": Kind(
        "Quantization error",
        lambda f, _: planes.error_plane(f.units, f.distances, f.model.grid.units),
    ),
    "topographic": Kind(
        "Topographic error",
        lambda f, _: planes.topographic_parts(f.model, f.vectors()),
        of_vectors=True,
    ),
    "clusters": Kind(
        "Clusters",
        lambda f, w: label_planes.clusters_parts(f.model, w.method, w.clusters),
        ("method", "clusters"),
    ),
    "classes": Kind("Labels", lambda f, _: label_planes.classes_plane(f.model), of_labels=True),
    "pies": Kind("Labels as pies", lambda f, _: label_planes.pies_plane(f.model), of_labels=True),
    "confidence": Kind(
        "Confidence of labels", lambda f, _: label_planes.confidence_plane(f.model), of_labels=True
    ),
    "entropy": Kind(
        "Entropy of labels", lambda f, _: label_planes.entropy_plane(f.model), of_labels=True
    ),
    "distinct": Kind(
        "Different labels", lambda f, _: label_planes.distinct_plane(f.model), of_labels=True
    ),
    "activation": Kind(
        "Pictures of one label",
        lambda f, w: label_planes.activation_plane(f.model, w.label),
        ("label",),
        of_labels=True,
    ),
    "principal": Kind(
        "Principal component",
        lambda f, w: planes.principal_plane(f.model, w.component),
        ("component",),
    ),
    "component": Kind(
        "Component",
        lambda f, w: planes.component_plane(
            f.model.weights, f.model.spec, w.component, lightness=w.lightness
        ),
        ("component", "lightness"),
    ),
}


def making(wish: Wish, facts: Facts) -> Parts[Plane]:
    """Make a layer part by part.

    Raises
    ------
    ParameterError
        The map has no such label, component or labels at all, or its pictures are not there.
    """
    kind = KINDS[wish.name]
    plane = kind.make(facts, wish)
    if not isinstance(plane, Plane):
        plane = yield from plane
    return facts.inks.arranged(plane) if kind.of_labels else plane


def made(wish: Wish, facts: Facts) -> Plane:
    """Make a layer at once, see :func:`making`."""
    return whole(making(wish, facts))
