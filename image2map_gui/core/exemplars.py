"""The pictures that stand for units which are no pictures themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.winners import nearest_units

_SAMPLE = 1024  # pictures looked at for units without members, while time is short


def unit_pictures(
    dataset: Dataset,
    weights: NDArray[np.floating],
    metric: Metric,
    winners: NDArray[np.integer[Any]] | None = None,
    distances: NDArray[np.floating[Any]] | None = None,
    *,
    thorough: bool = False,
) -> NDArray[np.uint8]:
    """Return what each unit of a map looks like, ``(k, height, width, channels)``.

    Units of pixels are drawn. Of others the nearest picture stands for the unit: among its own
    where it has some by ``winners`` and ``distances``, both ``(n,)``, else among all, or
    unless ``thorough`` among a thousand of them.
    """
    if dataset.spec.plain:
        return dataset.spec.pictures(weights, dataset.projection)
    chosen = np.full(len(weights), -1, np.intp)
    if winners is not None and distances is not None:
        order = np.lexsort((-distances, winners))  # the nearest of a unit comes last, and stays
        chosen[winners[order]] = order
    empty = np.flatnonzero(chosen < 0)
    if len(empty):
        step = 1 if thorough else max(1, len(dataset) // _SAMPLE)
        wanted = np.asarray(weights[empty], np.float32)
        nearest, _ = nearest_units(wanted, dataset.vectors[::step], metric)
        chosen[empty] = nearest[:, 0] * step
    return dataset.pictures(chosen)
