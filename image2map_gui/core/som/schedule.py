"""How rate and radius shrink over the epochs, and how learning fades with distance on the map."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_STEPS = 5
_AGES = 1e9  # epochs that nobody will wait for
_SMALLEST = 1e-3  # an exponential decay cannot reach 0; it goes to this share of the start instead


def decay(name: str, start: float, end: float, epoch: int, epochs: int) -> float:
    """Return the value at ``epoch`` (0, 1, ...) of ``epochs``, from ``start`` to ``end``.

    With ``t = epoch / (epochs - 1)``, so that both ends are really used (a training of one epoch
    runs at ``start``):

    - ``exponential``: ``start (end/start)^t``
    - ``linear``: ``start + (end - start) t``
    - ``inverse``: ``start / (1 + t (start/end - 1))``
    - ``power``: ``end + (start - end) (1 - t)^2``
    - ``stepwise``: five even steps of the exponential one
    - ``constant``: ``start``

    The two of the program's forerunner never reach their end and run the first two epochs alike;
    with ``t = max(0, epoch - 1) / epochs``: ``original-exponential`` is
    ``(start - end) (1 - t) e^-t + end``, ``original-linear`` is ``(start - end) (1 - t) + end``.
    """
    if name.startswith("original"):
        t = max(0, epoch - 1) / epochs
        fade = math.exp(-t) if name == "original-exponential" else 1.0
        return (start - end) * (1 - t) * fade + end
    t = epoch / (epochs - 1) if epochs > 1 else 0.0
    if t <= 0 or start <= 0 or name == "constant":
        return start
    if t >= 1:
        return end
    return _DECAYS[name](start, end, t)


@dataclasses.dataclass(frozen=True)
class Fade:
    """How one value goes from ``start`` to ``end``: see :func:`decay` and :func:`paced`.

    With a ``pace`` it shrinks by that rate per epoch, however many epochs there are; without, it
    reaches its end in the last one.
    """

    name: str
    start: float
    end: float
    pace: float | None = None

    def at(self, epoch: int, epochs: int) -> float:
        """Return the value at ``epoch`` (0, 1, ...) of ``epochs``."""
        if self.pace is None:
            return decay(self.name, self.start, self.end, epoch, epochs)
        return paced(self.name, self.start, self.end, epoch, self.pace)

    def onwards(self, start: float) -> Fade:
        """Return the same from another start on; what is below the end already stays there."""
        return dataclasses.replace(self, start=start, end=min(start, self.end))

    @property
    def length(self) -> int:
        """After how many epochs a value with a pace has come to its end; 1 for a constant."""
        if self.pace is None or self.start <= self.end:
            return 1
        kind = self.name.removeprefix("original-")
        late = 1 if self.name != kind else 0
        share = self.end / self.start
        whole = {
            "exponential": lambda: -math.log(share),
            "linear": lambda: 1 - share,
            "inverse": lambda: 1 / share - 1,
        }[kind]() / self.pace
        return late + max(1, math.ceil(min(whole, _AGES) * (1 - 1e-12)))


def paced(name: str, start: float, end: float, epoch: int, pace: float) -> float:
    """Return the value at ``epoch`` (0, 1, ...) that shrinks by ``pace`` per epoch down to ``end``.

    ``exponential`` is ``start e^(-pace epoch)``, ``linear`` is ``start (1 - pace epoch)``,
    ``inverse`` is ``start / (1 + pace epoch)``. Those of the program's forerunner, which come one
    epoch late, are ``original-exponential`` and ``original-linear``.
    """
    kind = name.removeprefix("original-")
    passed = pace * (epoch if name == kind else max(0, epoch - 1))
    left = {
        "exponential": math.exp(-passed),
        "linear": 1 - passed,
        "inverse": 1 / (1 + passed),
    }[kind]
    return max(start * left, min(start, end))


def _ratio(start: float, end: float) -> float:
    return end / start if end > 0 else _SMALLEST


def _exponential(start: float, end: float, t: float) -> float:
    return start * math.pow(_ratio(start, end), t)


def _linear(start: float, end: float, t: float) -> float:
    return start + (end - start) * t


def _inverse(start: float, end: float, t: float) -> float:
    return start / (1 + t * (1 / _ratio(start, end) - 1))


def _power(start: float, end: float, t: float) -> float:
    return end + (start - end) * (1 - t) ** 2


def _stepwise(start: float, end: float, t: float) -> float:
    step = min(_STEPS - 1, int(t * _STEPS)) / (_STEPS - 1)
    return end if step == 1 else _exponential(start, end, step)


_DECAYS: dict[str, Callable[[float, float, float], float]] = {
    "exponential": _exponential,
    "linear": _linear,
    "inverse": _inverse,
    "power": _power,
    "stepwise": _stepwise,
}


def _gaussian(distance: Array, radius: float) -> Array:
    return np.exp(-(distance**2) / (2 * radius**2))


def _bubble(distance: Array, radius: float) -> Array:
    return (distance <= radius).astype(np.float64)


def _epanechnikov(distance: Array, radius: float) -> Array:
    return np.maximum(0.0, 1 - (distance / radius) ** 2)


def _triangle(distance: Array, radius: float) -> Array:
    return np.maximum(0.0, 1 - distance / radius)


def _cut_gaussian(distance: Array, radius: float) -> Array:
    return _gaussian(distance, radius) * (distance <= radius)


def _mexican_hat(distance: Array, radius: float) -> Array:
    share = (distance / radius) ** 2
    return (1 - share) * np.exp(-share / 2)


def _lap(distance: Array, radius: float) -> Array:
    return np.exp(-(distance**2) / (2 * math.sqrt(radius))) * (distance <= radius)


def _exp(distance: Array, radius: float) -> Array:
    return np.exp(-(distance**2) / radius) * (distance <= radius)


_FUNCTIONS: dict[str, Callable[[Array, float], Array]] = {
    "gaussian": _gaussian,
    "bubble": _bubble,
    "epanechnikov": _epanechnikov,
    "triangle": _triangle,
    "cut-gaussian": _cut_gaussian,
    "mexican-hat": _mexican_hat,
    "lap": _lap,
    "exp": _exp,
}
_TINIEST_RADIUS = 1e-6


def influence(name: str, distance: Array, radius: float) -> Array:
    """Return how strongly units at ``distance`` (lattice steps) learn with the winner, 1 at 0.

    ``gaussian`` is ``exp(-d^2 / 2r^2)``, ``bubble`` is 1 up to and including ``r``,
    ``cut-gaussian`` is the Gaussian where ``d <= r`` and 0 elsewhere,
    ``epanechnikov`` is ``max(0, 1 - d^2/r^2)``, ``triangle`` is ``max(0, 1 - d/r)``
    (Vesanto et al., SOM Toolbox for Matlab 5, 2000), ``mexican-hat`` is
    ``(1 - d^2/r^2) exp(-d^2 / 2r^2)``, below 0 beyond ``r``. Those of the program's forerunner, 0
    beyond ``r``: ``lap`` is ``exp(-d^2 / (2 sqrt(r)))``, ``exp`` is ``exp(-d^2 / r)``; its other
    two are the same as ``epanechnikov`` and ``triangle``. With a radius of 0 only the winner
    learns.
    """
    if radius <= _TINIEST_RADIUS:
        return np.asarray(distance == 0, np.float64)
    return _FUNCTIONS[name](distance, radius)
