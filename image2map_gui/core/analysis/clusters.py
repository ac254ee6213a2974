"""Clusters of units: which parts of the map belong together."""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality.edges import edges

METHODS = ("ward", "k-means")
_MOST = 20  # clusters that are tried

Divide = Callable[[int], NDArray[np.intp]]  # from a number of clusters to that of each unit


@dataclasses.dataclass(frozen=True, eq=False)
class Clusters:
    """The cluster of each unit, ``(k,)``, numbered by first unit; ``index`` is Davies-Bouldin's.

    A lower index means clusters that are tighter and farther apart; NaN of one cluster.
    """

    of_units: NDArray[np.intp]
    index: float

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.of_units.max()) + 1


def cluster_units(
    weights: NDArray[np.floating],
    grid: Grid,
    method: str = "ward",
    count: int | None = None,
    seed: int = 0,
) -> Clusters:
    """Divide the units of a map, ``(k, d)``, into clusters by their weights.

    Parameters
    ----------
    method
        ``ward`` merges neighbours on the lattice, so that each cluster is one region of the map
        (Ward 1963, with contiguity); ``k-means`` knows nothing of the lattice.
    count
        Number of clusters, 1 to k; ``None`` takes that of 2 to sqrt(k), at most 20, with the
        lowest index of Davies and Bouldin (1979), as Vesanto and Alhoniemi (2000) do.

    Raises
    ------
    ParameterError
        There is no such method, or not as many units.
    """
    if method not in METHODS:
        raise ParameterError(f"There is no method '{method}': {', '.join(METHODS)}.")
    units = len(weights)
    if count is not None and not 1 <= count <= units:
        raise ParameterError(f"{count} clusters of {units} units are not possible.")
    if not np.ptp(weights, axis=0).any():
        return _one(units)
    divide = (_by_ward if method == "ward" else _by_k_means)(weights, grid, seed)
    if count is not None:
        return _numbered(weights, divide(count))
    most = min(_MOST, max(2, math.isqrt(units)), units)
    tried = [_numbered(weights, divide(number)) for number in range(2, most + 1)]
    known = [found for found in tried if math.isfinite(found.index)]
    return min(known, key=lambda found: found.index) if known else _one(units)


def _one(units: int) -> Clusters:
    return Clusters(np.zeros(units, np.intp), math.nan)


def _numbered(weights: NDArray[np.floating], found: NDArray[np.intp]) -> Clusters:
    _, first, places = np.unique(found, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    return Clusters(rank[places], _index(weights, found))


def _by_k_means(weights: NDArray[np.floating], _grid: Grid, seed: int) -> Divide:
    from sklearn.cluster import KMeans

    def divide(count: int) -> NDArray[np.intp]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # equal units make fewer clusters than asked for
            found = KMeans(count, n_init=4, random_state=seed).fit(weights).labels_
        return np.asarray(found, np.intp)

    return divide


def _by_ward(weights: NDArray[np.floating], grid: Grid, _seed: int) -> Divide:
    """Merge neighbours once, all the way; fewer clusters are more of the same merges."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components
    from sklearn.cluster import ward_tree

    units = grid.units
    first, second = edges(grid)
    lattice = csr_array((np.ones(len(first)), (first, second)), shape=(units, units))
    merges = np.asarray(ward_tree(weights, connectivity=lattice)[0], np.intp)

    def divide(count: int) -> NDArray[np.intp]:
        done = units - count
        parents = np.repeat(units + np.arange(done), 2)
        links = csr_array(
            (np.ones(2 * done), (merges[:done].reshape(-1), parents)), shape=(units + done,) * 2
        )
        return np.asarray(connected_components(links, directed=False)[1][:units], np.intp)

    return divide


def _index(weights: NDArray[np.floating], found: NDArray[np.intp]) -> float:
    from sklearn.metrics import davies_bouldin_score

    kinds = len(np.unique(found))
    return float(davies_bouldin_score(weights, found)) if 1 < kinds < len(found) else math.nan
