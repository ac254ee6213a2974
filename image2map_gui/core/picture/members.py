"""Real pictures in the cells of a map: the nearest of each unit, or several of them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.dataset import Dataset, Reading, read_dataset
from image2map_gui.core.images.sources import Found, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.winners import distances_between

_LEAST, _MOST = 64, 128  # pixels on the longer side of a cell
_MOST_MEMBERS = 1000
_EMPTY = 225  # grey of a place without a picture
NO_DIFFERENCES = (
    "The units of this map are features, not pictures, so there is nothing to subtract."
)


@dataclasses.dataclass(frozen=True)
class Filling:
    """How far the cells are filled; the last step holds their pictures.

    ``pictures`` is ``(k, height, width, 3)``; units without pictures are grey.
    """

    fraction: float
    milestone: bool
    pictures: NDArray[np.uint8] | None = None


def nearest_members(
    units: NDArray[np.integer[Any]],
    distances: NDArray[np.floating[Any]],
    of_units: int,
    count: int,
) -> NDArray[np.intp]:
    """Return up to ``count`` pictures of each unit, nearest first, ``(of_units, count)``.

    ``units`` and ``distances`` ``(n,)`` say where each picture lies; unit -1 is none, and so is -1
    in the result.
    """
    placed = np.flatnonzero(units >= 0)
    order = placed[np.lexsort((distances[placed], units[placed]))]
    return _first_of_each(units[order], order, of_units, count)


def _first_of_each(
    units: NDArray[np.integer[Any]], rows: NDArray[np.intp], of_units: int, count: int
) -> NDArray[np.intp]:
    """Put the first rows of each unit, of rows sorted by unit, into a table."""
    chosen = np.full((of_units, count), -1, np.intp)
    place = np.arange(len(rows)) - np.searchsorted(units, units)
    few = place < count
    chosen[units[few], place[few]] = rows[few]
    return chosen


def medoids(
    vectors: NDArray[np.float32],
    units: NDArray[np.integer[Any]],
    of_units: int,
    metric: Metric,
) -> NDArray[np.intp]:
    """Return the picture of each unit that is nearest to all its others, ``(of_units, 1)``.

    Of a unit with more than a thousand pictures, a thousand evenly spaced ones are looked at.
    """
    chosen = np.full((of_units, 1), -1, np.intp)
    for unit in np.unique(units[units >= 0]).tolist():
        rows = np.flatnonzero(units == unit)
        rows = rows[:: -(-len(rows) // _MOST_MEMBERS)]
        sums = [
            distances_between(np.broadcast_to(vectors[row], (len(rows), vectors.shape[1])),
                              vectors[rows], metric).sum()
            for row in rows
        ]  # fmt: skip
        chosen[unit, 0] = rows[int(np.argmin(sums))]
    return chosen


def mean_pictures(
    dataset: Dataset, units: NDArray[np.integer[Any]], of_units: int
) -> NDArray[np.uint8]:
    """Return the mean of each unit's pictures as the map sees them; empty ones are grey."""
    height, width, channels = dataset.spec.shape
    made = np.full((of_units, height, width, channels), _EMPTY, np.uint8)
    for unit in np.unique(units[units >= 0]).tolist():
        rows = np.flatnonzero(units == unit)
        if dataset.thumbs is None:
            mean = dataset.vectors[rows].mean(axis=0, dtype=np.float64).astype(np.float32)
            made[unit] = dataset.spec.pictures(mean[None], dataset.projection)[0]
        else:
            made[unit] = np.rint(dataset.thumbs[rows].mean(axis=0))
    return made


def fill_cells(
    sources: Sequence[Source], members: NDArray[np.intp], spec: ImageSpec
) -> Iterator[Filling]:
    """Read pictures and lay them into cells, in as many rows as columns.

    Pictures that cannot be read any more leave their place empty.

    Parameters
    ----------
    members
        Which of the ``sources`` lie in each cell, ``(k, 1, 4, 9 ...)``; -1 is none.
    spec
        How the map saw them; they are framed so, but larger and in colour.
    """
    across = math.isqrt(members.shape[1])
    rows = np.unique(members[members >= 0])
    larger = _larger(spec, across)
    wanted = tuple(sources[row] for row in rows.tolist())
    reading: Reading | None = None
    for reading in read_dataset(Found(wanted, ()), larger):
        if not reading.milestone:
            yield Filling(reading.fraction, False)
    assert reading is not None
    read = reading.dataset
    known = {source.address: place for place, source in enumerate(read.sources)}
    places = np.full(len(sources) + 1, len(read), np.intp)  # the last stands for none
    for row, source in zip(rows.tolist(), wanted, strict=True):
        places[row] = known.get(source.address, len(read))
    blank = np.full((1, *larger.shape), _EMPTY, np.uint8)
    tiles = np.concatenate([read.pictures(np.arange(len(read))), blank])
    yield Filling(1.0, True, _laid(tiles[places[members]], across))


def show_differences(
    sources: Sequence[Source],
    members: NDArray[np.intp],
    spec: ImageSpec,
    prototypes: NDArray[np.uint8],
) -> Iterator[Filling]:
    """Show how the nearest picture of each unit differs from the unit.

    Mid-grey where both are equal; lighter where the picture is lighter, darker where it is darker,
    by half the difference. Units without a picture are as grey as other empty cells.

    Parameters
    ----------
    members
        Which of the ``sources`` is the nearest of each unit, ``(k,)``; -1 is none.
    prototypes
        The units as pictures, ``(k, height, width, channels)``.

    Raises
    ------
    ParameterError
        The units are no pictures, but features of some.
    """
    if not spec.plain:
        raise ParameterError(NO_DIFFERENCES)
    used = np.flatnonzero(members >= 0)
    wanted = tuple(sources[row] for row in members[used].tolist())
    reading: Reading | None = None
    for reading in read_dataset(Found(wanted, ()), spec):
        if not reading.milestone:
            yield Filling(reading.fraction, False)
    assert reading is not None
    read = reading.dataset
    place = {source.address: row for row, source in enumerate(read.sources)}
    rows = np.array([place.get(source.address, -1) for source in wanted], np.intp)
    there = used[rows >= 0]
    pictures = read.pictures(rows[rows >= 0]).astype(np.int16)
    made = np.full(prototypes.shape, _EMPTY, np.uint8)
    made[there] = (pictures - prototypes[there]) // 2 + 128
    yield Filling(1.0, True, np.broadcast_to(made, (*made.shape[:3], 3)))


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
