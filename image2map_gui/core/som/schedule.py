"""How rate and radius shrink over the epochs, and how learning fades with distance on the map."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_SMALLEST = 1e-3  # an exponential decay cannot reach 0; it goes to this share of the start instead


def decay(name: str, start: float, end: float, epoch: int, epochs: int) -> float:
    """Return the value at ``epoch`` (0, 1, ...) of ``epochs``, from ``start`` to ``end``.

    ``exponential`` is ``start (end/start)^t``, ``linear`` is ``start + (end - start) t``, both
    with ``t = epoch / (epochs - 1)``, so that both ends are really used. A training of one epoch
    runs at ``start``.
    """
    t = epoch / (epochs - 1) if epochs > 1 else 0.0
    if t <= 0 or start <= 0:
        return start
    if t >= 1:
        return end
    if name == "linear":
        return start + (end - start) * t
    share = end / start if end > 0 else _SMALLEST
    return start * math.pow(share, t)


def _gaussian(distance: Array, radius: float) -> Array:
    return np.exp(-(distance**2) / (2 * radius**2))


def _bubble(distance: Array, radius: float) -> Array:
    return (distance <= radius).astype(np.float64)


def _epanechnikov(distance: Array, radius: float) -> Array:
    return np.maximum(0.0, 1 - (distance / radius) ** 2)


def _triangle(distance: Array, radius: float) -> Array:
    return np.maximum(0.0, 1 - distance / radius)


_FUNCTIONS: dict[str, Callable[[Array, float], Array]] = {
    "gaussian": _gaussian,
    "bubble": _bubble,
    "epanechnikov": _epanechnikov,
    "triangle": _triangle,
}
_TINIEST_RADIUS = 1e-6


def influence(name: str, distance: Array, radius: float) -> Array:
    """Return how strongly units at ``distance`` (lattice steps) learn with the winner, 1 at 0.

    ``gaussian`` is ``exp(-d^2 / 2r^2)``, ``bubble`` is 1 up to and including ``r``,
    ``epanechnikov`` is ``max(0, 1 - d^2/r^2)``, ``triangle`` is ``max(0, 1 - d/r)``
    (Vesanto et al., SOM Toolbox for Matlab 5, 2000). With a radius of 0 only the winner learns.
    """
    if radius <= _TINIEST_RADIUS:
        return np.asarray(distance == 0, np.float64)
    return _FUNCTIONS[name](distance, radius)
