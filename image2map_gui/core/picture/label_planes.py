"""Layers that tell of the labels on each unit, and of the clusters that units form."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from image2map_gui.core.analysis.clusters import cluster_names, cluster_parts
from image2map_gui.core.analysis.labels import unit_labels
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.model import MapModel
from image2map_gui.core.picture.plane import PIES, REGIONS, Plane
from image2map_gui.core.som.quality.labelling import class_entropies
from image2map_gui.core.som.quality.parts import Parts


def classes_plane(model: MapModel) -> Plane:
    """Return the label of each unit; one without labelled pictures has none here.

    A tie goes to the label whose name comes first, see :func:`unit_labels`.
    """
    names, counts = _labels_of(model), model.label_counts
    values = np.where(counts.any(axis=1), counts.argmax(axis=1).astype(np.float64), np.nan)
    return Plane("Labels", values, kinds=names)


def confidence_plane(model: MapModel) -> Plane:
    """How sure the label of each unit is, see :func:`unit_labels`; none without pictures."""
    _labels_of(model)
    values = np.where(model.label_counts.any(axis=1), unit_labels(model).confidence, np.nan)
    return Plane("Confidence of the labels", values, "sure")


def pies_plane(model: MapModel) -> Plane:
    """How many pictures of each label lie on each unit, drawn as a pie."""
    names, counts = _labels_of(model), model.label_counts
    totals = counts.sum(axis=1).astype(np.float64)
    return Plane("Labels of the pictures", totals, kinds=names, form=PIES, details=counts)


def entropy_plane(model: MapModel) -> Plane:
    """How mixed the labels of each unit are."""
    highest = math.log(max(2, len(_labels_of(model))))
    entropies = class_entropies(model.label_counts)
    return Plane("Entropy of the labels", entropies, "nats", high=highest)


def distinct_plane(model: MapModel) -> Plane:
    """How many different labels each unit has."""
    _labels_of(model)
    counts = (model.label_counts > 0).sum(axis=1).astype(np.float64)
    high = max(1.0, float(counts.max()))
    return Plane("Different labels", counts, "labels", high=high, counted=True)


def activation_plane(model: MapModel, label: str | None) -> Plane:
    """How many pictures of one label lie on each unit.

    Raises
    ------
    ParameterError
        The map has no such label, or none was named.
    """
    names = _labels_of(model)
    if label is None:
        raise ParameterError(f"Name a label (--label): {_listed(names)}.")
    if label not in names:
        raise ParameterError(f"The map has no label '{label}'; it has {_listed(names)}.")
    counts = model.label_counts[:, names.index(label)].astype(np.float64)
    return Plane(f"Pictures of '{label}'", counts, "pictures", high=max(1.0, float(counts.max())))


def activation_planes(model: MapModel, order: Sequence[str] = ()) -> tuple[Plane, ...]:
    """How many pictures of each label lie on each unit, all in the same colours.

    The labels come in this ``order``; others follow.
    """
    known = _labels_of(model)
    labels = [name for name in dict.fromkeys((*order, *known)) if name in known]
    planes = [activation_plane(model, label) for label in labels]
    high = max(plane.high for plane in planes)
    return tuple(
        dataclasses.replace(plane, title=label, high=high)
        for label, plane in zip(labels, planes, strict=True)
    )


def clusters_parts(model: MapModel, method: str = "ward", count: int | None = None) -> Parts[Plane]:
    """Find which units belong together, see :func:`cluster_units`."""
    found = yield from cluster_parts(model.weights, model.grid, method, count)
    title = f"Clusters ({'Ward' if method == 'ward' else method})"
    told = f"Davies-Bouldin index {found.index:.2f}" if math.isfinite(found.index) else ""
    kinds = cluster_names(model, found.of_units)
    return Plane(title, found.of_units.astype(np.float64), told, kinds=kinds, form=REGIONS)


def _labels_of(model: MapModel) -> tuple[str, ...]:
    if not model.label_names:
        why = "its training pictures had none" if model.hits.any() else "no picture is on it yet"
        raise ParameterError(f"The map has no labels: {why}.")
    return model.label_names


def _listed(names: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
