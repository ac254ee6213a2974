"""How closely the units follow the vectors."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.winners import distances_between

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]
_ROWS = 4096


def quantization_error(distances: Floats) -> float:
    """Mean distance of the vectors to their best-matching units, in the metric of the training.

    Parameters
    ----------
    distances
        ``(n,)``; an empty array gives NaN.
    """
    return float(np.mean(distances, dtype=np.float64)) if len(distances) else math.nan


def euclidean_error(vectors: Floats, weights: Floats, winners: Indices) -> float:
    """Mean Euclidean distance of the vectors to their best-matching units.

    Whatever metric the winners were found with, so that maps of different metrics can be compared;
    for Euclidean maps the same as :func:`quantization_error`.

    Parameters
    ----------
    vectors, weights, winners
        ``(n, d)``, ``(k, d)`` and ``(n,)``. Without vectors the result is NaN.
    """
    if not len(vectors):
        return math.nan
    total = 0.0
    for start in range(0, len(vectors), _ROWS):
        part = slice(start, start + _ROWS)
        total += distances_between(vectors[part], weights[winners[part]], "euclidean").sum()
    return float(total / len(vectors))


def explained_variance(vectors: Floats, weights: Floats, winners: Indices) -> float:
    """One minus the share of the variance that the winners leave unexplained, ``(n, d)`` data.

    ``1 - sum |x - w_b|^2 / sum |x - mean|^2``; NaN where all vectors are equal.
    """
    if not len(vectors):
        return math.nan
    mean = vectors.mean(axis=0, dtype=np.float64)
    left = total = 0.0
    for start in range(0, len(vectors), _ROWS):
        block = vectors[start : start + _ROWS].astype(np.float64)
        left += float(((block - weights[winners[start : start + _ROWS]]) ** 2).sum())
        total += float(((block - mean) ** 2).sum())
    return 1 - left / total if total > 0 else math.nan


def distortion(vectors: Floats, weights: Floats, winners: Indices, kernel: Kernel) -> float:
    """Mean over the vectors of ``sum_j h(d(b, j)) |x - w_j|^2``, the cost that training lowers.

    Squared Euclidean distances, whatever the metric; the kernel carries the neighbourhood and the
    radius, and counts 1 for the winner itself, so that with a radius of 0 this is the mean squared
    quantization error (Heskes, *Energy functions for self-organizing maps*, 1999).

    The sum over the units is expanded to ``|x|^2 (H 1)_b - 2 x.(H W)_b + (H |w|^2)_b``: three
    smoothings of the map, and no table of all vectors and units.

    Parameters
    ----------
    vectors, weights, winners
        ``(n, d)``, ``(k, d)`` and ``(n,)``. Without vectors the result is NaN.
    """
    if not len(vectors):
        return math.nan
    centre = weights.mean(axis=0, dtype=np.float64)
    moved = weights - centre
    reach = kernel.smooth(np.ones((len(moved), 1)))[:, 0]
    pulled = kernel.smooth(moved)
    norms = kernel.smooth(np.einsum("ij,ij->i", moved, moved)[:, None])[:, 0]
    total = 0.0
    for start in range(0, len(vectors), _ROWS):
        block = vectors[start : start + _ROWS] - centre
        best = winners[start : start + _ROWS]
        squares = np.einsum("ij,ij->i", block, block)
        crossed = np.einsum("ij,ij->i", block, pulled[best])
        total += float((squares * reach[best] - 2 * crossed + norms[best]).sum())
    mean = total / len(vectors)
    return mean if kernel.signed else max(0.0, mean)
