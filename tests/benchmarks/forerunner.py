"""The rule of the program's forerunner as a plain loop: one picture, one unit at a time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def forerunner_epoch(
    vectors: Floats, weights: Floats, columns: int, rate: float, radius: float
) -> None:
    """Move the units in place as the forerunner did: winner by angle, ``lap`` neighbourhood."""
    places = [divmod(unit, columns) for unit in range(len(weights))]
    for vector in vectors:
        best = _closest_by_angle(weights, vector)
        for unit, place in enumerate(places):
            far = math.dist(places[best], place)
            if far <= radius:
                share = math.exp(-(far**2) / (2 * math.sqrt(radius))) if far else 1.0
                weights[unit] += rate * share * (vector - weights[unit])


def _closest_by_angle(weights: Floats, vector: Floats) -> int:
    best, most = 0, -math.inf
    for unit, weight in enumerate(weights):
        scale = math.sqrt(weight @ weight) * math.sqrt(vector @ vector)
        likeness = float(weight @ vector) / (scale or 1.0)
        if likeness > most:
            best, most = unit, likeness
    return best
