"""Real pictures in the cells of a map: the nearest of each unit, or several of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.images.dataset import Reading, read_dataset
from image2map_gui.core.images.sources import Found
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project.project import Project

_LEAST, _MOST = 64, 128  # pixels on the longer side of a cell


@dataclasses.dataclass(frozen=True)
class Filling:
    """How far the cells are filled; the last step holds their pictures.

    ``pictures`` is ``(k, height, width, 3)``; units without pictures are grey.
    """

    fraction: float
    milestone: bool
    pictures: NDArray[np.uint8] | None = None


def nearest_members(project: Project, count: int) -> NDArray[np.intp]:
    """Return up to ``count`` pictures of each unit, nearest first, ``(k, count)``; -1 is none."""
    units, distances = project.picture_units, project.picture_distances
    chosen = np.full((project.params.units, count), -1, np.intp)
    placed = np.flatnonzero(units >= 0)
    order = placed[np.lexsort((distances[placed], units[placed]))]
    ranked = units[order]
    place = np.arange(len(order)) - np.searchsorted(ranked, ranked)
    few = place < count
    chosen[ranked[few], place[few]] = order[few]
    return chosen


def fill_cells(project: Project, across: int = 1) -> Iterator[Filling]:
    """Read the nearest ``across`` x ``across`` pictures of each unit and lay them into its cell.

    Pictures that cannot be read any more leave their place empty.
    """
    members = nearest_members(project, across * across)
    rows = np.unique(members[members >= 0])
    spec = _larger(project.spec, across)
    sources = tuple(project.sources[row] for row in rows.tolist())
    reading: Reading | None = None
    for reading in read_dataset(Found(sources, ()), spec):
        if not reading.milestone:
            yield Filling(reading.fraction, False)
    height, width, _ = spec.shape
    shown = np.full((len(project.sources) + 1, 1), -1, np.intp)  # the last stands for none
    read = np.zeros((0, height, width, 3), np.uint8)
    if reading is not None:
        read = reading.dataset.pictures(np.arange(reading.read))
        known = {source: place for place, source in enumerate(reading.dataset.sources)}
        for row, source in zip(rows.tolist(), sources, strict=True):
            shown[row] = known.get(source, -1)
    blank = np.full((1, height, width, 3), 225, np.uint8)
    tiles = np.concatenate([read, blank])[shown[members, 0]]
    yield Filling(1.0, True, _laid(tiles, across))


def _larger(spec: ImageSpec, across: int) -> ImageSpec:
    """Return a spec for pictures to look at: framed like those the map saw, but in colour."""
    width, height = spec.size
    side = min(_MOST, max(_LEAST, width, height)) // across
    scale = side / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return ImageSpec(size=size, fit=spec.fit, ground=spec.ground, colour="rgb")


def _laid(tiles: NDArray[np.uint8], across: int) -> NDArray[np.uint8]:
    """Lay ``(k, across^2, h, w, 3)`` side by side: ``(k, across h, across w, 3)``."""
    count, _, height, width, _ = tiles.shape
    square = tiles.reshape(count, across, across, height, width, 3)
    return np.ascontiguousarray(
        square.transpose(0, 1, 3, 2, 4, 5).reshape(count, across * height, across * width, 3)
    )
