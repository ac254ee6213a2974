"""Counts, during an epoch, what its search for winners tells about the map."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid

Indices = NDArray[np.intp]
_JUDGED = 2000


class Tally:
    """Winners, distances and neighbouring second winners of one epoch.

    The topographic error of an epoch is estimated from about 2,000 pictures spread evenly over the
    data; the one reported for a finished map is exact.
    """

    def __init__(self, pictures: int, grid: Grid, before: Indices | None) -> None:
        self.winners = np.zeros(pictures, np.intp)
        self.distances = np.zeros(pictures, np.float32)
        self._grid = grid
        self._before = before
        self._judged: list[tuple[Indices, Indices]] = []
        self.stride = max(1, pictures // _JUDGED)

    def add(
        self,
        rows: slice | Indices,
        winners: Indices,
        distances: NDArray[np.floating],
    ) -> None:
        """Note the winners ``(m,)`` of some pictures and how far they were."""
        self.winners[rows] = winners
        self.distances[rows] = distances

    def judge(self, first: Indices, second: Indices) -> None:
        """Note best and second-best units ``(m,)`` of some of the pictures."""
        self._judged.append((first, second))

    @property
    def quantization_error(self) -> float:
        """Mean distance of the pictures to their winners."""
        return float(self.distances.mean(dtype=np.float64))

    @property
    def topographic_error(self) -> float:
        """Share of the judged pictures whose two best units are no neighbours."""
        if not self._judged:
            return math.nan
        first, second = map(np.concatenate, zip(*self._judged, strict=True))
        return float(np.mean(~self._grid.adjacent(first, second))) if len(first) else math.nan

    @property
    def changed(self) -> int | None:
        """How many pictures have another winner than one epoch before."""
        if self._before is None:
            return None
        return int(np.count_nonzero(self._before != self.winners))
