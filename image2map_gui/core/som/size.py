"""How large a map suits a collection, and of what shape."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.params import MAX_SIDE, MAX_UNITS
from image2map_gui.core.som.weights import principal_components

SIZES = ("small", "normal", "big")
_PER_ROOT = 5
_LOOKED_AT = 500


def proposed_size(
    vectors: NDArray[np.floating], size: str = "normal", *, hexagonal: bool = False, seed: int = 0
) -> tuple[int, int]:
    """Return rows and columns of a map that suits data ``(n, d)``.

    ``normal`` is ``5 sqrt(n)`` units, ``small`` a quarter and ``big`` four times as many. The
    sides are in the ratio of the two largest standard deviations of the data, the longer one
    lying; rows of hexagons stand closer, so there are more of them (Vesanto et al., SOM Toolbox
    for Matlab 5, 2000). The deviations are those of at most 500 vectors, drawn with ``seed``.
    """
    units = math.ceil(_PER_ROOT * math.sqrt(max(1, len(vectors))))
    if size == "small":
        units = max(9, math.ceil(units / 4))
    elif size == "big":
        units *= 4
    units = min(units, MAX_UNITS)
    ratio = _ratio(vectors, units, seed)
    height = math.sqrt(units / ratio) * (math.sqrt(4 / 3) ** 0.5 if hexagonal else 1.0)
    rows = min(max(1, round(height)), MAX_SIDE)
    if hexagonal and rows % 2:
        rows += 1
    columns = min(max(1, round(units / rows)), MAX_SIDE, MAX_UNITS // rows)
    return rows, columns


def _ratio(vectors: NDArray[np.floating], units: int, seed: int) -> float:
    """Return how much farther the data reach in one direction than in the next, at least 1."""
    if len(vectors) < 2 or vectors.shape[1] < 2:
        return 1.0
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(vectors), min(_LOOKED_AT, len(vectors)), replace=False)
    _, _, spreads = principal_components(vectors[np.sort(rows)], 2, rng)
    first, second = float(spreads[0]), float(spreads[1])
    if first == 0 or second**2 * units < first**2:
        return 1.0
    return first / second
