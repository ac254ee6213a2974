"""The one table of where units are, how far apart they lie and which are neighbours."""

from __future__ import annotations

import dataclasses
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.params import SomParams

Units = NDArray[np.intp]


@dataclasses.dataclass(frozen=True)
class Axis:
    """One direction of the lattice: how many units lie along it and whether its ends meet."""

    length: int
    closed: bool

    @cached_property
    def steps(self) -> NDArray[np.intp]:
        """Steps between all places along this axis, ``(length, length)``, wrapped if closed."""
        places = np.arange(self.length)
        return self.between(places[:, None], places[None, :])

    def between(self, first: Units, second: Units) -> Units:
        """Count the steps from ``first`` to ``second``, the shorter way on a closed axis."""
        steps: Units = np.abs(first - second)
        return np.minimum(steps, self.length - steps) if self.closed else steps


@dataclasses.dataclass(frozen=True)
class Grid:
    """Units on a lattice of axes; training, quality figures and drawing all ask here.

    A grid and a mesh have two axes (rows, columns), a line and a ring have one axis of all
    units; on a mesh and a ring the axes are closed.
    """

    rows: int
    columns: int
    topology: str = "grid"

    @classmethod
    def of(cls, params: SomParams) -> Grid:
        """Return the lattice that the parameters describe."""
        return cls(params.rows, params.columns, params.topology)

    @property
    def units(self) -> int:
        """Number of units, ``k``."""
        return self.rows * self.columns

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """The axes of the lattice, the slowest-varying first."""
        closed = self.topology in ("mesh", "ring")
        if self.topology in ("line", "ring"):
            return (Axis(self.units, closed),)
        return (Axis(self.rows, closed), Axis(self.columns, closed))

    @cached_property
    def positions(self) -> NDArray[np.intp]:
        """Lattice coordinates of the units, ``(k, axes)``."""
        shape = tuple(axis.length for axis in self.axes)
        return np.stack(np.unravel_index(np.arange(self.units), shape), axis=1)

    @cached_property
    def cells(self) -> NDArray[np.intp]:
        """Row and column where each unit is drawn, ``(k, 2)``.

        A line and a ring are folded: every second row runs backwards, so that units that follow
        each other are always drawn side by side.
        """
        rows, columns = np.divmod(np.arange(self.units), self.columns)
        if len(self.axes) == 1:
            columns = np.where(rows % 2, self.columns - 1 - columns, columns)
        return np.stack([rows, columns], axis=1)

    @cached_property
    def unit_table(self) -> NDArray[np.intp]:
        """The unit drawn in each cell, ``(rows, columns)``."""
        table = np.empty((self.rows, self.columns), np.intp)
        table[self.cells[:, 0], self.cells[:, 1]] = np.arange(self.units)
        return table

    def unit_at(self, row: int, column: int) -> int | None:
        """Return the unit drawn in a cell, ``None`` outside the map."""
        if 0 <= row < self.rows and 0 <= column < self.columns:
            return int(self.unit_table[row, column])
        return None

    def steps(self, first: Units, second: Units) -> NDArray[np.intp]:
        """Count the steps between units along each axis, ``(..., axes)``, wrapped if closed."""
        ours, theirs = self.positions[first], self.positions[second]
        return np.stack(
            [axis.between(ours[..., a], theirs[..., a]) for a, axis in enumerate(self.axes)],
            axis=-1,
        )

    def distances(self, units: Units | None = None) -> NDArray[np.float64]:
        """Euclidean distances on the lattice from ``units`` (all by default) to all units.

        Returns
        -------
        ndarray
            ``(len(units), k)``, in steps of the lattice.
        """
        chosen = np.arange(self.units) if units is None else np.atleast_1d(units)
        steps = self.steps(chosen[:, None], np.arange(self.units)[None, :])
        return np.asarray(np.sqrt((steps.astype(np.float64) ** 2).sum(axis=-1)))

    @property
    def adjacencies(self) -> tuple[int, ...]:
        """The meanings of "neighbour" on this lattice, by how many a unit inside has.

        The first is the one used where nothing else is said: 8 on a grid or mesh (sides and
        corners; 4 counts sides only), 2 on a line or ring.
        """
        return (8, 4) if len(self.axes) == 2 else (2,)

    def adjacent(
        self, first: Units, second: Units, adjacency: int | None = None
    ) -> NDArray[np.bool_]:
        """Whether units are neighbours; a unit is no neighbour of itself."""
        steps = self.steps(first, second)
        if (adjacency or self.adjacencies[0]) == 8:
            return np.asarray(steps.max(axis=-1) == 1)
        return np.asarray(steps.sum(axis=-1) == 1)

    def neighbours(self, unit: int, adjacency: int | None = None) -> Units:
        """Return the neighbours of one unit, ascending."""
        everyone = np.arange(self.units)
        return np.flatnonzero(self.adjacent(np.asarray(unit), everyone, adjacency))
