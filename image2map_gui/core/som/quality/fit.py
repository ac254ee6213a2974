"""How closely the units follow the vectors."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.quality.parts import Parts, whole, within
from image2map_gui.core.som.winners import distances_between

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]
_CELLS = 800_000  # of vectors looked at once: some 10 ms of work
_PRODUCTS = 200_000_000  # multiply-adds at once: some 20-40 ms of work
_INFLUENCE = 100  # as long as this many of them takes one influence
_NOTHING = 1e-20  # influences below this share of the winner's do not change a sum


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
    return whole(euclidean_error_parts(vectors, weights, winners))


def euclidean_error_parts(vectors: Floats, weights: Floats, winners: Indices) -> Parts[float]:
    """Work out :func:`euclidean_error` part by part."""
    if not len(vectors):
        return math.nan
    total = 0.0
    for share, part in _slices(vectors):
        total += distances_between(vectors[part], weights[winners[part]], "euclidean").sum()
        yield share
    return float(total / len(vectors))


def explained_variance(vectors: Floats, weights: Floats, winners: Indices) -> float:
    """One minus the share of the variance that the winners leave unexplained, ``(n, d)`` data.

    ``1 - sum |x - w_b|^2 / sum |x - mean|^2``; NaN where all vectors are equal.
    """
    return whole(explained_variance_parts(vectors, weights, winners))


def explained_variance_parts(vectors: Floats, weights: Floats, winners: Indices) -> Parts[float]:
    """Work out :func:`explained_variance` part by part."""
    if not len(vectors):
        return math.nan
    mean = np.zeros(vectors.shape[1])
    for share, part in _slices(vectors):
        mean += vectors[part].sum(axis=0, dtype=np.float64) / len(vectors)
        yield share / 2
    left = total = 0.0
    for share, part in _slices(vectors):
        block = vectors[part].astype(np.float64)
        left += float(((block - weights[winners[part]]) ** 2).sum())
        total += float(((block - mean) ** 2).sum())
        yield (1 + share) / 2
    return 1 - left / total if total > 0 else math.nan


def distortion(vectors: Floats, weights: Floats, winners: Indices, kernel: Kernel) -> float:
    """Mean over the vectors of ``sum_j h(d(b, j)) |x - w_j|^2``, the cost that training lowers.

    Squared Euclidean distances, whatever the metric; the kernel carries the neighbourhood and the
    radius, and counts 1 for the winner itself, so that with a radius of 0 this is the mean squared
    quantization error (Heskes, *Energy functions for self-organizing maps*, 1999).

    The sum over the units is expanded to ``|x|^2 (H 1)_b - 2 x.(H W)_b + (H |w|^2)_b``: sums over
    the neighbours of each unit, and no table of all vectors and units.

    Parameters
    ----------
    vectors, weights, winners
        ``(n, d)``, ``(k, d)`` and ``(n,)``. Without vectors the result is NaN.
    """
    return whole(distortion_parts(vectors, weights, winners, kernel))


def distortion_parts(
    vectors: Floats, weights: Floats, winners: Indices, kernel: Kernel
) -> Parts[float]:
    """Work out :func:`distortion` part by part."""
    if not len(vectors):
        return math.nan
    centre = weights.mean(axis=0, dtype=np.float64)
    moved = weights - centre
    norms = np.einsum("ij,ij->i", moved, moved)
    sums = np.concatenate([np.ones((len(moved), 1)), norms[:, None], moved], axis=1)
    used, place = np.unique(winners, return_inverse=True)
    smooth = yield from within(0.0, 0.7, _smooth(kernel, used, sums))
    reach, squares, pulled = smooth[:, 0], smooth[:, 1], smooth[:, 2:]
    total = 0.0
    for share, part in _slices(vectors):
        block, best = vectors[part] - centre, place[part]
        lengths = np.einsum("ij,ij->i", block, block)
        crossed = np.einsum("ij,ij->i", block, pulled[best])
        total += float((lengths * reach[best] - 2 * crossed + squares[best]).sum())
        yield 0.7 + 0.3 * share
    mean = total / len(vectors)
    return mean if kernel.signed else max(0.0, mean)


def _smooth(
    kernel: Kernel, units: Indices, sums: NDArray[np.float64]
) -> Parts[NDArray[np.float64]]:
    """Sum ``(k, m)`` over all units, weighted by their influence on some: ``(units, m)``."""
    smooth = np.empty((len(units), sums.shape[1]))
    step = max(1, _PRODUCTS // (len(sums) * (sums.shape[1] + _INFLUENCE)))
    for start in range(0, len(units), step):
        part = slice(start, start + step)
        influences = kernel.rows(units[part])
        reached = (np.abs(influences) > _NOTHING).any(axis=0)
        smooth[part] = influences[:, reached] @ sums[reached]
        yield min(1.0, (start + step) / len(units))
    return smooth


def _slices(vectors: Floats) -> Iterator[tuple[float, slice]]:
    """Cut the rows into short parts, and say how much of them is done after each."""
    step = max(1, _CELLS // max(1, vectors.shape[1]))
    for start in range(0, len(vectors), step):
        yield min(1.0, (start + step) / len(vectors)), slice(start, start + step)
