"""Clusters of units against scikit-learn, and against what the definitions say."""

from __future__ import annotations

import numpy as np
import pytest
from data import finish, noise

from image2map_gui.core.analysis.clusters import (
    cluster_units,
    cut,
    davies_bouldin,
    ward_merges,
)
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality.edges import edges

GRIDS = [
    Grid(7, 8), Grid(6, 8, "mesh"), Grid(6, 7, "cylinder", "hexagonal"), Grid(4, 5, "line"),
    Grid(5, 6, "ring"), Grid(6, 6, "mesh", "hexagonal"),
]  # fmt: skip


def name(grid: Grid) -> str:
    return f"{grid.topology}-{grid.tiling}"


def same(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether two divisions are the same, whatever their clusters are called."""
    return bool(np.array_equal(first[:, None] == first, second[:, None] == second))


@pytest.mark.parametrize("grid", GRIDS, ids=name)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_ward_merges_as_scikit_learn_does(grid: Grid, kind: type) -> None:
    from scipy.sparse import csr_array
    from sklearn.cluster import AgglomerativeClustering

    weights = noise(grid.units, 5, 3).astype(kind)
    first, second = edges(grid)
    near = csr_array((np.ones(len(first)), (first, second)), shape=(grid.units, grid.units))
    merges = finish(ward_merges(weights, grid))
    for count in (1, 2, 3, 7, grid.units):
        peer = AgglomerativeClustering(count, connectivity=near).fit(weights).labels_
        assert same(cut(merges, grid.units, count), peer), count


@pytest.mark.parametrize("count", [2, 3, 9])
def test_the_index_is_that_of_scikit_learn(count: int) -> None:
    from sklearn.metrics import davies_bouldin_score

    weights = noise(40, 4)
    found = np.arange(40) % count
    assert davies_bouldin(weights, found) == pytest.approx(davies_bouldin_score(weights, found))


@pytest.mark.parametrize("method", ["ward", "k-means"])
def test_the_number_with_the_lowest_index_is_taken(method: str) -> None:
    weights, grid = noise(36, 3, 5), Grid(6, 6)
    best = cluster_units(weights, grid, method)
    tried = [cluster_units(weights, grid, method, count).index for count in range(2, 7)]
    assert best.index == min(tried)
    assert best.count == 2 + int(np.argmin(tried))


def test_k_means_ends_where_every_unit_is_with_the_nearest_mean() -> None:
    weights, grid = noise(60, 4, 8), Grid(6, 10)
    found = cluster_units(weights, grid, "k-means", 5).of_units
    means = np.stack([weights[found == cluster].mean(axis=0) for cluster in range(5)])
    far = np.linalg.norm(weights[:, None] - means[None], axis=2)
    assert found.tolist() == far.argmin(axis=1).tolist()


def test_k_means_is_as_tight_as_that_of_scikit_learn() -> None:
    from sklearn.cluster import KMeans

    weights, grid = noise(100, 6, 2), Grid(10, 10)
    found = cluster_units(weights, grid, "k-means", 6).of_units
    squares = sum(
        np.square(weights[found == c] - weights[found == c].mean(axis=0)).sum() for c in range(6)
    )
    assert squares <= 1.08 * KMeans(6, n_init=4, random_state=0).fit(weights).inertia_
