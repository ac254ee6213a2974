"""Clusters of units: which parts of the map belong together."""

from __future__ import annotations

import dataclasses
import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality.edges import edges

METHODS = ("ward", "k-means")
_MOST = 20  # clusters that are tried


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
    if count is not None:
        return _clustered(weights, grid, method, count, seed)
    most = min(_MOST, max(2, math.isqrt(units)), units)
    tried = [_clustered(weights, grid, method, number, seed) for number in range(2, most + 1)]
    known = [found for found in tried if math.isfinite(found.index)]
    return min(known, key=lambda found: found.index) if known else _one(units)


def _one(units: int) -> Clusters:
    return Clusters(np.zeros(units, np.intp), math.nan)


def _clustered(
    weights: NDArray[np.floating], grid: Grid, method: str, count: int, seed: int
) -> Clusters:
    if count == 1 or not np.ptp(weights, axis=0).any():
        return _one(len(weights))
    found = (_by_k_means if method == "k-means" else _by_ward)(weights, grid, count, seed)
    _, first, places = np.unique(found, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    return Clusters(rank[places], _index(weights, found))


def _by_k_means(weights: NDArray[np.floating], _grid: Grid, count: int, seed: int) -> Any:
    from sklearn.cluster import KMeans

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # equal units make fewer clusters than were asked for
        return KMeans(count, n_init=4, random_state=seed).fit(weights).labels_


def _by_ward(weights: NDArray[np.floating], grid: Grid, count: int, _seed: int) -> Any:
    from scipy.sparse import csr_array
    from sklearn.cluster import AgglomerativeClustering

    first, second = edges(grid)
    lattice = csr_array((np.ones(len(first)), (first, second)), shape=(grid.units, grid.units))
    return AgglomerativeClustering(count, connectivity=lattice).fit(weights).labels_


def _index(weights: NDArray[np.floating], found: NDArray[np.intp]) -> float:
    from sklearn.metrics import davies_bouldin_score

    kinds = len(np.unique(found))
    return float(davies_bouldin_score(weights, found)) if 1 < kinds < len(found) else math.nan
