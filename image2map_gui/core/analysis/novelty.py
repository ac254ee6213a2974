"""How unlike the training pictures a picture is: of the map, and of its unit."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.methods import NOVEL
from image2map_gui.core.model import MapModel, UnitDistances
from image2map_gui.core.som.winners import distances_between

_AT_ONCE = 1024
ENOUGH = 20  # training pictures on a unit, for percentiles of their own


@dataclasses.dataclass(frozen=True, eq=False)
class Percentiles:
    """Shares of training pictures that were nearer, ``(m,)`` each: of the map, and of the unit."""

    of_map: NDArray[np.float64]
    of_unit: NDArray[np.float64]


class Nearer:
    """Tells how many training pictures were nearer to their unit; see :func:`nearer_of`."""

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


def nearer_of(model: MapModel) -> Nearer:
    """Return what tells how unlike the training pictures of a map others are.

    A unit with fewer than 20 training pictures, whose distances say little, answers with all
    training pictures of the map.
    """
    return Nearer(model.distances, model.unit_distances)


def unlikeness(
    model: MapModel, vectors: NDArray[np.float32], distances: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Rank pictures from like the training pictures to unlike them, ``(m,)``.

    Up to 1: the distance to the unit over the distance to the mean picture of the map. Near 0 the
    unit shows the picture, near 1 it tells no more of it than the mean does. The plain distance
    grows with the ink of a picture, so that faint strange pictures lie nearer to their units than
    bold familiar ones; this share does not. Above 1: farther from its unit than 99 % of the
    training pictures, and how many times as far as that.

    Parameters
    ----------
    vectors, distances
        ``(m, d)``, and how far each is from its unit, ``(m,)``.
    """
    hits = model.hits if model.hits.any() else np.ones(len(model.weights))
    centre = np.average(model.weights, axis=0, weights=hits).astype(np.float32)
    whole = np.empty(len(vectors))
    for start in range(0, len(vectors), _AT_ONCE):
        some = vectors[start : start + _AT_ONCE]
        around = np.broadcast_to(centre, some.shape)
        whole[start : start + len(some)] = distances_between(some, around, model.metric)
    share = np.divide(distances, whole, out=(distances > 0).astype(np.float64), where=whole > 0)
    edge = float(np.quantile(model.distances, NOVEL)) if len(model.distances) else 0.0
    beyond = distances / edge if edge > 0 else np.zeros_like(distances)
    return np.where(beyond > 1, beyond, np.minimum(share, 1))
