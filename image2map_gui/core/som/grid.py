"""The one table of where units are, how far apart they lie and which are neighbours."""

from __future__ import annotations

import dataclasses
import itertools
import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.params import SomParams

Units = NDArray[np.intp]
_ROW_HEIGHT = math.sqrt(3) / 2  # between rows of hexagons whose centres are 1 apart


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

    Grid, mesh and cylinder have two axes (rows, columns), a line and a ring have one axis of all
    units. On a mesh and a ring the axes are closed, on a cylinder the columns are. Hexagonal
    sheets have every second row shifted by half a cell (row 1, 3, ... to the right).
    """

    rows: int
    columns: int
    topology: str = "grid"
    tiling: str = "square"
    unit_distance: str = "l2"

    @classmethod
    def of(cls, params: SomParams) -> Grid:
        """Return the lattice that the parameters describe."""
        if params.topology in ("line", "ring"):
            return cls(params.rows, params.columns, params.topology)
        return cls(
            params.rows, params.columns, params.topology, params.tiling, params.unit_distance
        )

    @property
    def units(self) -> int:
        """Number of units, ``k``."""
        return self.rows * self.columns

    @property
    def hexagonal(self) -> bool:
        """Whether the units are hexagons."""
        return self.tiling == "hexagonal"

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """The axes of the lattice, the slowest-varying first."""
        if self.topology in ("line", "ring"):
            return (Axis(self.units, self.topology == "ring"),)
        return (
            Axis(self.rows, self.topology == "mesh"),
            Axis(self.columns, self.topology in ("mesh", "cylinder")),
        )

    @property
    def separable(self) -> bool:
        """Whether squared distances are sums of one part per axis."""
        return len(self.axes) == 1 or (not self.hexagonal and self.unit_distance == "l2")

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

    def shift(self, row: int) -> float:
        """How far a row is drawn to the right, in cells: half a cell for odd rows of hexagons."""
        return 0.5 if self.hexagonal and row % 2 else 0.0

    @property
    def width(self) -> float:
        """Width of the drawn map, in cells."""
        return self.columns + (0.5 if self.hexagonal and self.rows > 1 else 0.0)

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

    def moves(self, first: Units, second: Units) -> NDArray[np.intp]:
        """Count the moves from neighbour to neighbour between units (8 or 6 of them, or 2)."""
        if not self.hexagonal:
            return np.asarray(self.steps(first, second).max(axis=-1))
        # In cube coordinates (q, r, -q-r) the moves are the largest of the three differences.
        ours, theirs = self._cube[first], self._cube[second]
        fewest = None
        for row_turns, column_turns in self._images:
            r = ours[..., 0] - theirs[..., 0] + row_turns * self.rows
            q = ours[..., 1] - theirs[..., 1] + column_turns * self.columns
            q = q - row_turns * self.rows // 2
            far = np.maximum(np.maximum(np.abs(q), np.abs(r)), np.abs(q + r))
            fewest = far if fewest is None else np.minimum(fewest, far)
        return np.asarray(fewest)

    def distances(self, units: Units | None = None) -> NDArray[np.float64]:
        """Distances from ``units`` (all by default) to all units, in steps of the lattice.

        In the norm of ``unit_distance``: Euclidean between centres (``l2``; neighbouring hexagons
        are 1 apart), ``l1``, ``chebyshev``, or ``steps`` from neighbour to neighbour. On closed
        axes the shorter way round counts.

        Returns
        -------
        ndarray
            ``(len(units), k)``.
        """
        chosen = (np.arange(self.units) if units is None else np.atleast_1d(units))[:, None]
        everyone = np.arange(self.units)[None, :]
        if self.unit_distance == "steps":
            return self.moves(chosen, everyone).astype(np.float64)
        if self.hexagonal:
            return self._between_centres(chosen, everyone)
        steps = self.steps(chosen, everyone).astype(np.float64)
        if self.unit_distance == "l1":
            return np.asarray(steps.sum(axis=-1))
        if self.unit_distance == "chebyshev":
            return np.asarray(steps.max(axis=-1))
        return np.asarray(np.sqrt((steps**2).sum(axis=-1)))

    @property
    def adjacencies(self) -> tuple[int, ...]:
        """The meanings of "neighbour" on this lattice, by how many a unit inside has.

        The first is the one used where nothing else is said: 8 on squares (sides and corners; 4
        counts sides only), 6 on hexagons, 2 on a line or ring.
        """
        if self.hexagonal:
            return (6,)
        return (8, 4) if len(self.axes) == 2 else (2,)

    def adjacent(
        self, first: Units, second: Units, adjacency: int | None = None
    ) -> NDArray[np.bool_]:
        """Whether units are neighbours; a unit is no neighbour of itself."""
        if (adjacency or self.adjacencies[0]) == 4:
            return np.asarray(self.steps(first, second).sum(axis=-1) == 1)
        return np.asarray(self.moves(first, second) == 1)

    def neighbours(self, unit: int, adjacency: int | None = None) -> Units:
        """Return the neighbours of one unit, ascending."""
        everyone = np.arange(self.units)
        return np.flatnonzero(self.adjacent(np.asarray(unit), everyone, adjacency))

    @cached_property
    def centres(self) -> NDArray[np.float64]:
        """Where the units lie in the plane, ``(k, 2)`` as x to the right and y downwards.

        Of a line and a ring: where they are along it, and 0.
        """
        if len(self.axes) == 1:
            return np.stack([np.arange(self.units), np.zeros(self.units)], axis=1)
        rows, columns = self.positions[:, 0], self.positions[:, 1].astype(np.float64)
        if not self.hexagonal:
            return np.stack([columns, rows], axis=1)
        return np.stack([columns + 0.5 * (rows % 2), rows * _ROW_HEIGHT], axis=1)

    @cached_property
    def _cube(self) -> NDArray[np.intp]:
        rows, columns = self.positions[:, 0], self.positions[:, 1]
        return np.stack([rows, columns - (rows - rows % 2) // 2], axis=1)

    @cached_property
    def _images(self) -> tuple[tuple[int, int], ...]:
        """How often one may go round each axis on the shortest way."""
        rows, columns = ((-1, 0, 1) if axis.closed else (0,) for axis in self.axes)
        return tuple(itertools.product(rows, columns))

    def _between_centres(self, first: Units, second: Units) -> NDArray[np.float64]:
        across = self.centres[first] - self.centres[second]
        nearest = np.full(across.shape[:-1], np.inf)
        for row_turns, column_turns in self._images:
            x = across[..., 0] + column_turns * self.columns
            y = across[..., 1] + row_turns * self.rows * _ROW_HEIGHT
            np.minimum(nearest, x * x + y * y, out=nearest)
        return np.asarray(np.sqrt(nearest))
