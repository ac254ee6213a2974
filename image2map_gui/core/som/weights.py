"""Where the units start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import TrainingError
from image2map_gui.core.som.grid import Axis, Grid
from image2map_gui.core.som.params import SomParams

Floats = NDArray[np.floating]
_WIDE = 1000
_PCA_ROWS = 2000
_PCA_ROWS_WIDE = 800  # so that even large pictures of pure noise take well under a second
_NO_SIZE = 1e-7
_JITTER = 1e-3


def initial_weights(vectors: Floats, params: SomParams, rng: np.random.Generator) -> Floats:
    """Return starting weights ``(k, d)`` for data ``(n, d)``, in the data's dtype.

    ``pca`` spreads the units over the plane of the two largest principal components, one standard
    deviation to each side, the longer side of the map along the first (Kohonen, 2001, 3.7);
    ``sample`` takes different pictures; ``kmeans++`` takes pictures far from each other (Arthur
    and Vassilvitskii, 2007), from a sample where there are very many; ``uniform`` draws each
    feature within its range, ``normal`` with its mean and deviation, ``original`` within -1 to 1.
    """
    grid = Grid.of(params)
    start = start_name(params)
    if start == "pca" and len(vectors) > 1:
        weights = _along_components(vectors, grid, rng)
    elif start == "uniform":
        low, high = vectors.min(axis=0), vectors.max(axis=0)
        weights = rng.uniform(low, high, (grid.units, vectors.shape[1]))
    elif start == "normal":
        spread = vectors.std(axis=0, dtype=np.float64)
        weights = vectors.mean(axis=0, dtype=np.float64) + spread * rng.standard_normal(
            (grid.units, vectors.shape[1])
        )
    elif start == "original":
        weights = rng.uniform(-1, 1, (grid.units, vectors.shape[1]))
    elif start == "kmeans++" and len(vectors) >= grid.units:
        weights = _far_apart(vectors, grid.units, rng)
    else:
        weights = _samples(vectors, grid.units, rng)
    return np.ascontiguousarray(weights, dtype=vectors.dtype)


def start_name(params: SomParams) -> str:
    """Return the start that ``auto`` stands for: PCA for open maps, sample for wrapped ones."""
    if params.init != "auto":
        return params.init
    closed = any(axis.closed for axis in Grid.of(params).axes)
    return "sample" if closed else "pca"  # a plane laid over a torus would have a seam


def resized(weights: Floats, old: Grid, new: Grid) -> Floats:
    """Return the weights of a map as the start of one of another size, by interpolation.

    Along each axis the places of the new units lie evenly between those of the old ones, on closed
    axes all the way round.

    Raises
    ------
    TrainingError
        One map is a sheet, the other a line.
    """
    if len(old.axes) != len(new.axes):
        raise TrainingError(
            "A map of rows and columns cannot start from a line, nor a line from it."
        )
    values = weights.reshape(*(axis.length for axis in old.axes), -1)
    for place, (before, after) in enumerate(zip(old.axes, new.axes, strict=True)):
        values = _stretched(values, place, before, after.length)
    return np.ascontiguousarray(values.reshape(new.units, -1), weights.dtype)


def _stretched(values: Floats, place: int, before: Axis, length: int) -> Floats:
    if length == before.length:
        return values
    if before.closed:
        where = np.arange(length) * before.length / length
    else:
        where = np.linspace(0, before.length - 1, length)
    low = np.floor(where).astype(np.intp)
    high = (low + 1) % before.length if before.closed else np.minimum(low + 1, before.length - 1)
    share = (where - low).reshape(-1, *(1,) * (values.ndim - place - 1))
    return np.take(values, low, place) * (1 - share) + np.take(values, high, place) * share


def principal_components(
    vectors: Floats, count: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Return the mean ``(d,)``, components ``(count, d)`` and standard deviations ``(count,)``.

    Taken from at most 2,000 of the vectors (800 if they have more than 1,000 features), drawn by
    ``rng``; largest first, each with its largest entry positive. Components beyond the rank of
    the data are zero.
    """
    most = _PCA_ROWS if vectors.shape[1] <= _WIDE else _PCA_ROWS_WIDE
    rows = np.sort(rng.choice(len(vectors), min(most, len(vectors)), replace=False))
    sample = vectors[rows].astype(np.float64)
    mean = sample.mean(axis=0)
    sample -= mean
    components = np.zeros((count, vectors.shape[1]))
    spreads = np.zeros(count)
    largest = float(np.abs(sample).max())
    if largest == 0:  # all alike: there is no direction
        return mean, components, spreads
    found = min(count, *sample.shape)
    sizes, directions = _leading(sample / largest, found)
    signs = np.sign(directions[np.arange(found), np.abs(directions).argmax(axis=1)])
    components[:found] = directions * np.where(signs == 0, 1.0, signs)[:, None]
    spreads[:found] = largest * sizes / np.sqrt(max(1, len(rows) - 1))
    return mean, components, spreads


def _leading(sample: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the largest singular values ``(count,)`` with their directions ``(count, d)``.

    By the eigenvectors of the smaller of ``X X'`` and ``X' X``: unlike with an iterative search,
    the time does not depend on how much structure the data have.
    """
    from scipy.linalg import eigh

    wide = sample.shape[1] > sample.shape[0]
    product = sample @ sample.T if wide else sample.T @ sample
    last = len(product) - 1
    values, found = eigh(product, subset_by_index=[last - count + 1, last])
    sizes = np.sqrt(np.maximum(values[::-1], 0))
    directions = found.T[::-1] @ sample if wide else found.T[::-1].copy()
    real = sizes > _NO_SIZE * sizes[0]
    sizes[~real], directions[~real] = 0.0, 0.0
    if wide:
        directions[real] /= sizes[real, None]
    return sizes, directions


def _along_components(vectors: Floats, grid: Grid, rng: np.random.Generator) -> Floats:
    mean, components, spreads = principal_components(vectors, len(grid.axes), rng)
    longest_first = np.argsort([-axis.length for axis in grid.axes], kind="stable")
    weights = np.tile(mean, (grid.units, 1))
    for component, axis in enumerate(longest_first):
        length = grid.axes[axis].length
        along = np.linspace(-1, 1, length) if length > 1 else np.zeros(1)
        reach = along[grid.positions[:, axis]] * spreads[component]
        weights += reach[:, None] * components[component]
    return weights


def _far_apart(vectors: Floats, units: int, rng: np.random.Generator) -> Floats:
    from sklearn.cluster import kmeans_plusplus

    count = min(len(vectors), max(_PCA_ROWS, 4 * units))
    sample = vectors[rng.choice(len(vectors), count, replace=False)]
    chosen, _ = kmeans_plusplus(sample, units, random_state=int(rng.integers(2**31)))
    return np.asarray(chosen)


def _samples(vectors: Floats, units: int, rng: np.random.Generator) -> Floats:
    """Draw samples, each once if there are enough; a trace of noise tells equal pictures apart."""
    chosen = vectors[rng.choice(len(vectors), units, replace=len(vectors) < units)]
    spread = float(vectors[:: max(1, len(vectors) // 1000)].std()) or 1.0
    return chosen + rng.normal(0, _JITTER * spread, chosen.shape)
