"""What can be said of each unit of a map in one number or one kind, with its colours and words."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.clusters import cluster_units
from image2map_gui.core.analysis.labels import unit_labels
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.model import MapModel
from image2map_gui.core.picture.ramps import NOTHING, coloured, kind_colours
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.quality.labelling import class_entropies
from image2map_gui.core.som.quality.u_matrix import u_matrix
from image2map_gui.core.som.winners import distances_between

Values = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Plane:
    """One number per unit, or one kind.

    Attributes
    ----------
    values
        ``(k,)``; NaN where there is nothing to say. Of kinds: their place in ``kinds``.
    low, high
        What the ends of the ramp stand for.
    unit
        What the numbers are, for a legend.
    """

    title: str
    values: Values
    unit: str = ""
    ramp: str = "cividis"
    low: float = 0.0
    high: float = 1.0
    kinds: tuple[str, ...] = ()

    @property
    def colours(self) -> NDArray[np.uint8]:
        """The colour of each unit, ``(k, 3)``."""
        if not self.kinds:
            return coloured(self.values, self.ramp, self.low, self.high)
        known = np.isfinite(self.values)
        table = np.vstack([kind_colours(len(self.kinds)), NOTHING]).astype(np.uint8)
        return table[np.where(known, self.values, len(self.kinds)).astype(np.intp)]

    def told(self, unit: int) -> str:
        """Say what is known of a unit."""
        value = float(self.values[unit])
        if math.isnan(value):
            return "nothing"
        if self.kinds:
            return self.kinds[int(value)]
        return f"{value:.4g} {self.unit}".strip()


def _between_its_ends(title: str, values: Values, unit: str, ramp: str = "cividis") -> Plane:
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    return Plane(title, values, unit, ramp, low, high)


def u_matrix_plane(model: MapModel, statistic: str = "mean") -> Plane:
    """Distance of each unit to its neighbours, see :func:`u_matrix`."""
    heights = u_matrix(model.weights, model.grid, model.metric, statistic)
    return _between_its_ends("U-matrix", heights, f"{statistic} distance to the neighbours")


def hits_plane(hits: NDArray[np.integer[Any]]) -> Plane:
    """Pictures per unit, ``(k,)``."""
    counts = hits.astype(np.float64)
    return Plane("Hits", counts, "pictures", high=max(1.0, float(counts.max(initial=0))))


def empty_plane(hits: NDArray[np.integer[Any]]) -> Plane:
    """Which units no picture belongs to."""
    return Plane("Empty units", (hits == 0).astype(np.float64), kinds=("with pictures", "empty"))


def error_plane(
    units: NDArray[np.integer[Any]], distances: NDArray[np.floating[Any]], count: int
) -> Plane:
    """Mean distance of each unit's pictures, of pictures ``(n,)`` with unit and distance."""
    sums = np.bincount(units, distances, minlength=count)
    hits = np.bincount(units, minlength=count)
    means = np.divide(sums, hits, out=np.full(count, np.nan), where=hits > 0)
    return _between_its_ends("Quantization error", means, "mean distance of the pictures")


def topographic_error_plane(
    units: NDArray[np.integer[Any]], seconds: NDArray[np.integer[Any]], model: MapModel
) -> Plane:
    """Share of each unit's pictures whose second-best unit is no neighbour of it."""
    torn = ~model.grid.adjacent(units.astype(np.intp), seconds.astype(np.intp))
    sums = np.bincount(units, torn.astype(np.float64), minlength=model.grid.units)
    hits = np.bincount(units, minlength=model.grid.units)
    shares = np.divide(sums, hits, out=np.full(len(hits), np.nan), where=hits > 0)
    return Plane("Topographic error", shares, "of the pictures")


def classes_plane(model: MapModel) -> Plane:
    """Return the label of each unit; one without labelled pictures has none here."""
    values = unit_labels(model).label.astype(np.float64)
    values[model.label_counts.sum(axis=1) == 0] = np.nan
    return Plane("Labels", values, kinds=_labels_of(model))


def confidence_plane(model: MapModel) -> Plane:
    """How sure the label of each unit is, see :func:`unit_labels`."""
    _labels_of(model)
    values = unit_labels(model).confidence.astype(np.float64)
    values[model.label_counts.sum(axis=1) == 0] = np.nan
    return Plane("Confidence of the labels", values, "sure")


def entropy_plane(model: MapModel) -> Plane:
    """How mixed the labels of each unit are."""
    highest = math.log(max(2, len(_labels_of(model))))
    entropies = class_entropies(model.label_counts)
    return Plane("Entropy of the labels", entropies, "nats", high=highest)


def distinct_plane(model: MapModel) -> Plane:
    """How many different labels each unit has."""
    _labels_of(model)
    counts = (model.label_counts > 0).sum(axis=1).astype(np.float64)
    return Plane("Different labels", counts, "labels", high=max(1.0, float(counts.max())))


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


def component_plane(model: MapModel, index: int) -> Plane:
    """One number of all weights: a pixel or a channel of it, a feature, a principal component.

    Raises
    ------
    ParameterError
        The weights are not that long.
    """
    length = model.weights.shape[1]
    if not 0 <= index < length:
        raise ParameterError(f"There is no component {index}: there are {length:,}, 0 the first.")
    values = model.weights[:, index].astype(np.float64)
    return _between_its_ends(component_name(model, index), values, "", "viridis")


def component_name(model: MapModel, index: int) -> str:
    """Say which pixel, or else which number, a component is."""
    if not model.spec.plain or model.spec.reduction != "none":
        return f"Component {index}"
    _, width, channels = model.spec.shape
    place, channel = divmod(index, channels)
    row, column = divmod(place, width)
    names = {"rgb": ("red", "green", "blue"), "lab": ("L", "a", "b")}.get(model.spec.colour)
    colour = f", {names[channel]}" if names else f", channel {channel + 1}" if channels > 1 else ""
    return f"Pixel in row {row + 1}, column {column + 1}{colour}"


def principal_plane(model: MapModel, index: int = 0) -> Plane:
    """Where the weights lie along one of the axes on which they differ most, 0 the first.

    Raises
    ------
    ParameterError
        There are not as many axes.
    """
    centred = model.weights.astype(np.float64) - model.weights.mean(axis=0, dtype=np.float64)
    axes = min(centred.shape)
    if not 0 <= index < axes:
        raise ParameterError(f"There is no axis {index}: there are {axes:,}, 0 the first.")
    turned, spreads, _ = np.linalg.svd(centred, full_matrices=False)
    values = turned[:, index] * spreads[index]
    shares = np.square(spreads) / max(float(np.square(spreads).sum()), 1e-30)
    top = max(float(np.abs(values).max()), 1e-12)
    words = f"along axis {index + 1} ({shares[index]:.0%} of the differences)"
    return Plane("Principal component", values, words, "two-sided", -top, top)


def distance_plane(
    weights: NDArray[np.floating], metric: Metric, vector: NDArray[np.floating]
) -> Plane:
    """Distance of a picture ``(d,)``, as the map sees it, to every unit ``(k, d)``."""
    values = distances_between(np.broadcast_to(vector, weights.shape), weights, metric)
    return _between_its_ends("Distance", values, "", "viridis")


def clusters_plane(model: MapModel, method: str = "ward", count: int | None = None) -> Plane:
    """Which units belong together, see :func:`cluster_units`."""
    found = cluster_units(model.weights, model.grid, method, count, model.params.seed)
    kinds = tuple(f"cluster {number + 1}" for number in range(found.count))
    return Plane(f"Clusters ({method})", found.of_units.astype(np.float64), kinds=kinds)


def _labels_of(model: MapModel) -> tuple[str, ...]:
    if not model.label_names:
        raise ParameterError("The map has no labels: its training pictures had none.")
    return model.label_names


def _listed(names: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
