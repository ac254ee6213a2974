"""How unlike the training pictures a picture is: of the map, and of its unit."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.model import MapModel, UnitDistances

ENOUGH = 20  # training pictures on a unit, for percentiles of their own


@dataclasses.dataclass(frozen=True, eq=False)
class Percentiles:
    """Shares of training pictures that were nearer, ``(m,)`` each: of the map, and of the unit."""

    of_map: NDArray[np.float64]
    of_unit: NDArray[np.float64]


class Nearer:
    """Tells how many training pictures were nearer to their unit; see :func:`percentiles_of`."""

    def __init__(self, distances: NDArray[np.float64], at_units: UnitDistances | None) -> None:
        self._all = distances
        self._at_units = at_units

    def of(self, units: NDArray[np.integer[Any]], distances: NDArray[np.float64]) -> Percentiles:
        """Return the shares for pictures by their nearest units and distances, ``(m,)`` each."""
        of_map = np.searchsorted(self._all, distances, side="left") / max(1, len(self._all))
        of_unit = of_map.copy()
        if self._at_units is not None:
            for place, (unit, far) in enumerate(zip(units.tolist(), distances, strict=True)):
                own = self._at_units.of(unit)
                if len(own) >= ENOUGH:
                    of_unit[place] = np.searchsorted(own, far, side="left") / len(own)
        return Percentiles(of_map, of_unit)


def percentiles_of(model: MapModel) -> Nearer:
    """Return what tells how unlike the training pictures of a map others are.

    A unit with fewer than 20 training pictures, whose distances say little, answers with all
    training pictures of the map.
    """
    return Nearer(model.distances, model.unit_distances)
