"""The neighbourhood of every unit at one radius: rows of it, and smoothing by it."""

from __future__ import annotations

from functools import cached_property, reduce

import numpy as np
from numpy.typing import DTypeLike, NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.schedule import influence

_ROWS = 512
_TABLE_BYTES = 64 << 20  # larger maps compute their rows one by one


class Kernel:
    """Influences ``h(d(i, j); radius)`` between all units of a grid.

    A Gaussian of a Euclidean distance between squares is the product of one Gaussian per axis,
    also where axes are closed, so smoothing costs two small products instead of one of all pairs.
    """

    def __init__(
        self, grid: Grid, neighbourhood: str, radius: float, dtype: DTypeLike = np.float64
    ) -> None:
        self._grid = grid
        self._name = neighbourhood
        self._radius = radius
        self._dtype = np.dtype(dtype)

    @cached_property
    def _factors(self) -> list[NDArray[np.float64]] | None:
        if self._name != "gaussian" or not self._grid.separable:
            return None
        return [
            influence(self._name, axis.steps.astype(np.float64), self._radius)
            for axis in self._grid.axes
        ]

    @cached_property
    def _table(self) -> NDArray[np.floating] | None:
        if self._grid.units**2 * self._dtype.itemsize > _TABLE_BYTES:
            return None
        return np.concatenate(
            [self.rows(part).astype(self._dtype) for part in _parts(self._grid.units)]
        )

    @property
    def signed(self) -> bool:
        """Whether some units learn backwards, as those around a Mexican hat do."""
        return self._name == "mexican-hat"

    def row(self, unit: int) -> NDArray[np.floating]:
        """Influence of one winner on all units, ``(k,)``."""
        if self._table is not None:
            return np.asarray(self._table[unit])
        return np.asarray(self.rows(np.asarray([unit]))[0])

    def rows(self, units: NDArray[np.intp]) -> NDArray[np.float64]:
        """Influence of some winners on all units, ``(len(units), k)``."""
        if self._factors is None:
            return influence(self._name, self._grid.distances(units), self._radius)
        places = self._grid.positions[units]
        rows = [factor[places[:, axis]] for axis, factor in enumerate(self._factors)]
        return reduce(
            lambda ours, theirs: (ours[:, :, None] * theirs[:, None, :]).reshape(len(units), -1),
            rows,
        )

    def smooth(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``H @ sums`` for ``sums`` of shape ``(k, d)``."""
        if self._factors is None and self._table is not None:
            return np.asarray(self._table @ sums)
        if self._factors is None:
            return np.concatenate([self.rows(part) @ sums for part in _parts(self._grid.units)])
        smooth, before = sums, 1
        for factor in self._factors:
            smooth = np.matmul(factor, smooth.reshape(before, len(factor), -1))
            before *= len(factor)
        return smooth.reshape(sums.shape)


def _parts(units: int) -> list[NDArray[np.intp]]:
    return np.split(np.arange(units), range(_ROWS, units, _ROWS))
