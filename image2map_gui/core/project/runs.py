"""Runs in a project file: a record and a small picture of each, and the maps that are kept."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.options import from_plain, to_plain
from image2map_gui.core.project.checks import number, plain_list, require, whole
from image2map_gui.core.project.manifest import figures_of
from image2map_gui.core.project.model import (
    preparation_arrays,
    stored_exemplars,
    stored_projection,
    topographic_errors_of,
    tuned_of,
)
from image2map_gui.core.runs import Kept, Run, restored
from image2map_gui.core.som.params import SomParams

Arrays = dict[str, NDArray[Any]]
_THUMB = 512  # pixels at most, on a side
_FLAT = ("weights", "thumbs", "projections", "exemplars")  # of all runs, one after the other
_PARTS = ("projection_mean", "projection_gain", "projection_axes", "projection_spread")


def packed_runs(
    runs: Sequence[Run], sources: tuple[Source, ...]
) -> tuple[list[dict[str, Any]], Arrays]:
    """Return the records of runs and their arrays, of the pictures that are in the project."""
    records = []
    flat: dict[str, list[NDArray[Any]]] = {name: [] for name in _FLAT}
    places = {source.address: row for row, source in enumerate(sources)}
    units, distances = [], []
    for run in runs:
        flat["thumbs"].append(run.thumb)
        if run.kept is None:
            records.append(_record(run, 0))
            continue
        found = restored(run, run.kept, sources)
        records.append(_record(run, found.added))
        rows = np.array([places[source.address] for source in found.sources], np.intp)
        all_units, all_distances = np.full(len(sources), -1, np.int64), np.zeros(len(sources))
        all_units[rows], all_distances[rows] = found.units, found.distances
        units.append(all_units)
        distances.append(all_distances)
        flat["weights"].append(found.model.weights)
        parts = preparation_arrays(found.model)
        flat["projections"] += [parts[name] for name in _PARTS if name in parts]
        flat["exemplars"] += [parts[name] for name in ("exemplars",) if name in parts]
    arrays = {
        f"run_{name}": np.concatenate([one.reshape(-1) for one in found])
        for name, found in flat.items()
        if found
    }
    if units:
        arrays |= {"run_units": np.stack(units), "run_distances": np.stack(distances)}
    return records, arrays


def _record(run: Run, added: int) -> dict[str, Any]:
    kept = run.kept
    return {
        "number": run.number,
        "when": run.when,
        "note": run.note,
        "spec": to_plain(run.spec),
        "params": to_plain(run.params),
        "epochs": run.epochs,
        "seconds": run.seconds,
        "pictures": run.pictures,
        "quantization_error": run.quantization_error,
        "topographic_error": run.topographic_error,
        "thumb": list(run.thumb.shape[:2]),
        "kept": None
        if kept is None
        else {
            "added": added,
            "axes": None
            if kept.projection is None or kept.projection.axes is None
            else len(kept.projection.axes),
            "quantization_error": kept.quantization_error,
            "topographic_errors": [list(pair) for pair in kept.topographic_errors],
            "history": [dataclasses.asdict(figures) for figures in kept.history],
            "tuned": None if kept.tuned is None else dataclasses.asdict(kept.tuned),
        },
    }


def stored_runs(records: Any, arrays: Arrays, sources: tuple[Source, ...]) -> tuple[Run, ...]:
    """Rebuild the runs; their records and arrays have to fit each other, to the last number."""
    mine = {name: array for name, array in arrays.items() if name.startswith("run_")}
    shelf = _Shelf(mine, sources)
    runs = tuple(_run(record, shelf) for record in plain_list(records))
    numbers = [run.number for run in runs]
    require(numbers == sorted(set(numbers)) and (not numbers or numbers[0] >= 1))
    require(shelf.emptied)
    return runs


class _Shelf:
    """The arrays of all runs, from which one run after the other takes its own."""

    def __init__(self, arrays: Arrays, sources: tuple[Source, ...]) -> None:
        self.sources = sources
        self._arrays = arrays
        self._taken = dict.fromkeys(arrays, 0)

    def take(self, name: str, *shape: int) -> NDArray[Any]:
        """Take the next numbers of an array that holds those of all runs in a row."""
        start, count = self._taken[name], math.prod(shape)
        require(self._arrays[name].ndim == 1 and start + count <= len(self._arrays[name]))
        self._taken[name] = start + count
        return self._arrays[name][start : start + count].reshape(shape)

    def take_row(self, name: str) -> NDArray[Any]:
        """Take the next row of an array with one for each picture."""
        row = self._taken[name]
        array: NDArray[Any] = self._arrays[name]
        require(array.ndim == 2 and array.shape[1] == len(self.sources) and row < len(array))
        self._taken[name] = row + 1
        return np.asarray(array[row])

    @property
    def emptied(self) -> bool:
        """Whether nothing is left that belongs to no run."""
        return all(len(array) == self._taken[name] for name, array in self._arrays.items())


def _run(record: dict[str, Any], shelf: _Shelf) -> Run:
    height, width = (whole(side) for side in plain_list(record["thumb"]))
    require(1 <= height <= _THUMB and 1 <= width <= _THUMB)
    when, note = record["when"], record["note"]
    require(isinstance(when, str) and isinstance(note, str))
    require(bool(record["spec"]) and bool(record["params"]))
    spec, params = from_plain(ImageSpec, record["spec"]), from_plain(SomParams, record["params"])
    epochs, pictures = whole(record["epochs"]), whole(record["pictures"])
    require(epochs >= 0 and pictures >= 0)
    thumb = shelf.take("run_thumbs", height, width, 3)
    return Run(
        number=whole(record["number"]),
        spec=spec,
        params=params,
        epochs=epochs,
        seconds=number(record["seconds"]),
        pictures=pictures,
        quantization_error=number(record["quantization_error"]),
        topographic_error=number(record["topographic_error"]),
        thumb=thumb,
        when=when,
        note=note,
        kept=None if record["kept"] is None else _kept(record["kept"], spec, params, shelf),
    )


def _kept(facts: dict[str, Any], spec: ImageSpec, params: SomParams, shelf: _Shelf) -> Kept:
    parts = _preparation(facts, spec, params, shelf)
    projection = stored_projection(spec, parts)
    length = spec.length if projection is None else projection.length
    units, distances = shelf.take_row("run_units"), shelf.take_row("run_distances")
    on_map = units >= 0
    require(not len(units) or (int(units.min()) >= -1 and int(units.max()) < params.units))
    require(bool((distances >= 0).all()) and not distances[~on_map].any())
    added = whole(facts["added"])
    require(0 <= added <= int(np.count_nonzero(on_map)))
    pairs = zip(shelf.sources, on_map.tolist(), strict=True)
    return Kept(
        weights=shelf.take("run_weights", params.units, length),
        sources=shelf.sources if on_map.all() else tuple(one for one, there in pairs if there),
        units=units[on_map],
        distances=distances[on_map],
        added=added,
        quantization_error=number(facts["quantization_error"]),
        topographic_errors=topographic_errors_of(facts["topographic_errors"]),
        history=tuple(figures_of(fields) for fields in plain_list(facts["history"])),
        projection=projection,
        exemplars=stored_exemplars(spec, params, parts),
        tuned=tuned_of(facts, params),
    )


def _preparation(
    facts: dict[str, Any], spec: ImageSpec, params: SomParams, shelf: _Shelf
) -> Arrays:
    """Take what was measured on the collection, and what stands for the units."""
    parts: Arrays = {}
    axes = facts["axes"]
    require(axes is None or (type(axes) is int and axes > 0))
    require((axes is None) == (not spec.fitted or spec.reduction == "none"))
    if spec.fitted:
        for name in ("projection_mean", "projection_gain"):
            parts[name] = shelf.take("run_projections", spec.length)
        if axes is not None:
            parts["projection_axes"] = shelf.take("run_projections", axes, spec.length)
            if spec.reduction == "whitened-pca":
                parts["projection_spread"] = shelf.take("run_projections", axes)
    if not spec.plain:
        size = math.prod(spec.shape)
        parts["exemplars"] = shelf.take("run_exemplars", params.units, size)
    return parts
