"""A plane: what a layer says of each unit of a map, with its colours, its form and its words."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.picture.cells import Cells
from image2map_gui.core.picture.ramps import NOTHING, Colour, coloured, kind_colours
from image2map_gui.core.som.quality.expanded import expanded_shape

Values = NDArray[np.float64]

# How a plane is drawn: each cell in its colour; the walls between cells; the cells of units and
# those between them; a pie in each cell; cells in the colours of their regions, with outlines.
CELLS, WALLS, BETWEEN, PIES, REGIONS = "cells", "walls", "between", "pies", "regions"
_MOST_SLICES = 3  # named of a pie


@dataclasses.dataclass(frozen=True, eq=False)
class Plane:
    """One number per unit, or one kind.

    Attributes
    ----------
    values
        ``(k,)``; NaN where there is nothing to say. Of kinds: their place in ``kinds``.
    low, high
        What the ends of the ramp stand for.
    unit
        What the numbers are, for a legend.
    form, details
        How it is drawn, and what that needs: the lengths of the walls, in the order of
        :attr:`~image2map_gui.core.picture.cells.Cells.walls`; the table of
        :func:`~image2map_gui.core.som.quality.expanded.expanded_u_matrix`; the counts of each
        kind on each unit, ``(k, kinds)``, for pies.
    counted
        Whether the values are small whole numbers, whose frequencies are worth showing.
    chosen
        The colours of the kinds; none: those of the palette, one after the other.
    """

    title: str
    values: Values
    unit: str = ""
    ramp: str = "cividis"
    low: float = 0.0
    high: float = 1.0
    kinds: tuple[str, ...] = ()
    form: str = CELLS
    details: NDArray[Any] | None = None
    counted: bool = False
    chosen: tuple[Colour, ...] = ()

    @property
    def inks(self) -> NDArray[np.uint8]:
        """The colour of each kind, ``(kinds, 3)``."""
        if not self.chosen:
            return kind_colours(len(self.kinds))
        return np.array(self.chosen, np.uint8).reshape(-1, 3)

    @property
    def colours(self) -> NDArray[np.uint8]:
        """The colour of each unit, ``(k, 3)``."""
        if not self.kinds:
            return coloured(self.values, self.ramp, self.low, self.high)
        known = np.isfinite(self.values)
        table = np.vstack([self.inks, NOTHING]).astype(np.uint8)
        return table[np.where(known, self.values, len(self.kinds)).astype(np.intp)]

    @property
    def detail_colours(self) -> NDArray[np.uint8]:
        """The colours of walls or of the cells of an expanded U-matrix, ``(..., 3)``."""
        assert self.details is not None
        return coloured(self.details, self.ramp, self.low, self.high)

    @property
    def frequencies(self) -> tuple[int, ...]:
        """How many units have the value 0, 1, 2, ... of a counted plane."""
        if not self.counted:
            return ()
        return tuple(np.bincount(self.values.astype(np.intp)).tolist())

    def suits(self, cells: Cells) -> bool:
        """Whether this can be drawn on a map of these cells, and is not of another one."""
        if len(self.values) != cells.grid.units:
            return False
        if self.form == WALLS:
            return self.details is not None and len(self.details) == len(cells.walls[0])
        if self.form == BETWEEN:
            return self.details is not None and self.details.shape == expanded_shape(cells.grid)
        return True

    def told(self, unit: int) -> str:
        """Say what is known of a unit."""
        if self.form == PIES:
            return self._slices(unit)
        value = float(self.values[unit])
        if math.isnan(value):
            return "nothing"
        if self.kinds:
            return self.kinds[int(value)]
        return f"{value:.4g} {self.unit}".strip()

    def _slices(self, unit: int) -> str:
        assert self.details is not None
        counts = self.details[unit]
        order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
        named = [f"{self.kinds[kind]} ({counts[kind]:,})" for kind in order[:_MOST_SLICES]]
        if len(order) > _MOST_SLICES:
            named.append(f"others ({counts[order[_MOST_SLICES:]].sum():,})")
        return ", ".join(named) or "nothing"


def between_its_ends(
    title: str, values: Values, unit: str, ramp: str = "cividis", **more: Any
) -> Plane:
    """Return a plane whose ramp goes from the lowest to the highest that is drawn."""
    details = more.get("details")
    drawn = values if details is None else details
    known = drawn[np.isfinite(drawn)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    return Plane(title, values, unit, ramp, low, high, **more)
