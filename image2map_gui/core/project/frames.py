"""Key frames in a project file: their facts and arrays, and the frames made of them again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.frames import Frame, Frames
from image2map_gui.core.images.sources import Source
from image2map_gui.core.model import MapModel
from image2map_gui.core.project.checks import plain_list, require, whole

Arrays = dict[str, NDArray[Any]]


def frames_facts(frames: Frames) -> dict[str, Any]:
    """Return what is known of frames beside their arrays."""
    placed = [frame.units is not None for frame in frames.frames]
    return {"epochs": list(frames.epochs), "placed": placed}


def frames_arrays(frames: Frames) -> Arrays:
    """Return the arrays of frames by name, a row for each frame that has such an array."""
    found: Arrays = {}
    for name in ("weights", "units", "distances", "exemplars"):
        rows = [getattr(frame, name) for frame in frames.frames]
        rows = [row.reshape(-1) for row in rows if row is not None]
        if rows:
            found[f"frame_{name}"] = np.stack(rows)
    return found


def stored_frames(
    facts: dict[str, Any],
    arrays: Arrays,
    model: MapModel | None,
    sources: tuple[Source, ...],
    epochs: int,
) -> Frames:
    """Rebuild the frames of a map that was trained for some epochs; all have to fit each other."""
    numbers = [whole(epoch) for epoch in plain_list(facts["epochs"])]
    placed = plain_list(facts["placed"])
    require(all(type(one) is bool for one in placed) and len(placed) == len(numbers))
    require(all(earlier < later for earlier, later in pairwise(numbers)))
    mine = {name: array for name, array in arrays.items() if name.startswith("frame_")}
    if model is None or not numbers:
        require(not numbers and not mine)
        return Frames()
    # A training that was interrupted just after an epoch may have a frame of it and no figures.
    require(numbers[0] >= 0 and numbers[-1] <= epochs + 1)
    _check_arrays(mine, model, len(numbers), sum(placed), len(sources))
    return Frames(tuple(_frames(numbers, placed, mine, model)), sources)


def _check_arrays(arrays: Arrays, model: MapModel, count: int, placed: int, pictures: int) -> None:
    shapes = {"frame_weights": (count, model.weights.size)}
    if not model.spec.plain:
        shapes["frame_exemplars"] = (count, model.params.units * math.prod(model.spec.shape))
    if placed:
        shapes |= dict.fromkeys(("frame_units", "frame_distances"), (placed, pictures))
    require({name: array.shape for name, array in arrays.items()} == shapes)
    if placed and pictures:
        units, distances = arrays["frame_units"], arrays["frame_distances"]
        require(int(units.min()) >= -1 and int(units.max()) < model.params.units)
        require(float(distances.min()) >= 0)


def _frames(
    numbers: Sequence[int], placed: Sequence[bool], arrays: Arrays, model: MapModel
) -> list[Frame]:
    weights = arrays["frame_weights"].reshape(len(numbers), *model.weights.shape)
    exemplars = arrays.get("frame_exemplars")
    if exemplars is not None:
        exemplars = exemplars.reshape(len(numbers), model.params.units, *model.spec.shape)
    rows = np.cumsum(placed) - 1
    return [
        Frame(
            epoch,
            weights[index],
            arrays["frame_units"][rows[index]] if placed[index] else None,
            arrays["frame_distances"][rows[index]] if placed[index] else None,
            None if exemplars is None else exemplars[index],
        )
        for index, epoch in enumerate(numbers)
    ]
