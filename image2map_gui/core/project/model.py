"""The map in a project file: its facts and its arrays, and the model made of them again."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.images.projection import Projection
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel, Tuned
from image2map_gui.core.project.checks import number, plain_list, require, texts, whole
from image2map_gui.core.som.lvq import TuningSettings
from image2map_gui.core.som.params import SomParams


def model_facts(model: MapModel) -> dict[str, Any]:
    """Return what is known of a map beside its arrays."""
    facts = {
        "label_names": list(model.label_names),
        "quantization_error": model.quantization_error,
        "topographic_errors": [list(pair) for pair in model.topographic_errors],
    }
    if model.tuned is not None:  # versions before it knew of none, and go on reading the others
        facts["tuned"] = dataclasses.asdict(model.tuned)
    return facts


def model_arrays(
    model: MapModel, units: NDArray[np.int64], distances: NDArray[np.float64]
) -> dict[str, NDArray[Any]]:
    """Return the arrays of a map by name, and with them where each picture lies on it."""
    return {
        "weights": model.weights,
        "hits": model.hits,
        "label_counts": model.label_counts,
        "distances": model.distances,
        "picture_units": units,
        "picture_distances": distances,
        **preparation_arrays(model),
    }


def preparation_arrays(model: MapModel) -> dict[str, NDArray[Any]]:
    """Return what was measured on the collection and what stands for the units, where it is."""
    found = {} if model.projection is None else vars(model.projection)
    arrays = {f"projection_{name}": array for name, array in found.items() if array is not None}
    if model.exemplars is not None:
        arrays["exemplars"] = model.exemplars.reshape(len(model.exemplars), -1)
    return arrays


def stored_model(
    facts: dict[str, Any], spec: ImageSpec, params: SomParams, arrays: dict[str, NDArray[Any]]
) -> MapModel:
    """Rebuild a map from its facts and arrays, which have to fit each other."""
    names = texts(facts["label_names"])
    projection = stored_projection(spec, arrays)
    length = spec.length if projection is None else projection.length
    require(arrays["weights"].shape == (params.units, length))
    require(arrays["hits"].shape == (params.units,))
    require(arrays["label_counts"].shape == (params.units, len(names)))
    require(arrays["distances"].ndim == 1)
    require(all((arrays[name] >= 0).all() for name in ("hits", "label_counts", "distances")))
    require(bool((np.diff(arrays["distances"]) >= 0).all()))
    return MapModel(
        spec=spec,
        params=params,
        weights=arrays["weights"],
        hits=arrays["hits"],
        label_names=names,
        label_counts=arrays["label_counts"],
        distances=arrays["distances"],
        quantization_error=number(facts["quantization_error"]),
        topographic_errors=topographic_errors_of(facts["topographic_errors"]),
        projection=projection,
        exemplars=stored_exemplars(spec, params, arrays),
        tuned=None if facts.get("tuned") is None else _tuned(facts["tuned"], params),
    )


def _tuned(facts: dict[str, Any], params: SomParams) -> Tuned:
    labels = texts(facts["labels"], params.units)
    settings = TuningSettings(
        facts["method"], whole(facts["epochs"]), number(facts["rate"]), whole(facts["seed"])
    )
    counts = whole(facts["pictures"]), whole(facts["held_out"])
    require(min(counts) >= 0)
    before, after = number(facts["before"]), number(facts["after"])
    return Tuned(**dataclasses.asdict(settings), pictures=counts[0], held_out=counts[1],
        before=before, after=after, labels=labels)  # fmt: skip


def topographic_errors_of(pairs: Any) -> tuple[tuple[int, float], ...]:
    """Rebuild the topographic errors by adjacency."""
    return tuple((whole(adjacency), number(share)) for adjacency, share in plain_list(pairs))


def stored_projection(spec: ImageSpec, arrays: dict[str, NDArray[Any]]) -> Projection | None:
    """Rebuild what was measured on the collection, if the spec wants it."""
    require(spec.fitted == ("projection_mean" in arrays))
    if not spec.fitted:
        return None
    mean, gain = arrays["projection_mean"], arrays["projection_gain"]
    axes, spread = arrays.get("projection_axes"), arrays.get("projection_spread")
    require(mean.shape == gain.shape == (spec.length,) and bool((gain >= 0).all()))
    require((axes is None) == (spec.reduction == "none"))
    require((spread is None) == (spec.reduction != "whitened-pca"))
    if axes is not None:
        require(axes.ndim == 2 and axes.shape[1] == spec.length and len(axes) > 0)
    if axes is not None and spread is not None:
        require(spread.shape == axes.shape[:1] and bool((spread > 0).all()))
    return Projection(mean, gain, axes, spread)


def stored_exemplars(
    spec: ImageSpec, params: SomParams, arrays: dict[str, NDArray[Any]]
) -> NDArray[np.uint8] | None:
    """Rebuild the pictures that stand for units which are none."""
    require(spec.plain == ("exemplars" not in arrays))
    if spec.plain:
        return None
    require(arrays["exemplars"].shape == (params.units, math.prod(spec.shape)))
    return arrays["exemplars"].reshape(params.units, *spec.shape)
