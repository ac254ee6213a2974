"""Errors of tears in the map: by hand, and against shortest paths by a plain loop."""

from __future__ import annotations

import math

import numpy as np
import pytest
from data import noise
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality.edges import edge_lengths, edges
from image2map_gui.core.som.quality.topography import combined_error, topographic_error
from image2map_gui.core.som.winners import distances_between, nearest_units

GRID = Grid(3, 3)  # 0 1 2 / 3 4 5 / 6 7 8
GRIDS = [
    *(Grid(rows, columns, "grid") for rows, columns in [(1, 1), (1, 5), (5, 1), (2, 4), (3, 4)]),
    *(Grid(rows, columns, "mesh") for rows, columns in [(1, 1), (1, 4), (2, 2), (3, 3), (4, 5)]),
    *(Grid(3, columns, "cylinder") for columns in (1, 2, 3, 5)),
    *(Grid(2, 3, topology) for topology in ("line", "ring")),
    Grid(1, 1, "ring"),
    Grid(1, 2, "ring"),
    Grid(3, 4, "grid", "hexagonal"),
    Grid(4, 4, "mesh", "hexagonal"),
    Grid(2, 3, "mesh", "hexagonal"),
    Grid(5, 3, "cylinder", "hexagonal"),
]


def second_best(
    vectors: NDArray[np.floating], weights: NDArray[np.floating], metric: str = "euclidean"
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    units, distances = nearest_units(vectors, weights, metric, 2)
    return distances[:, 0], units[:, 0], units[:, -1]


def test_corners_count_as_neighbours_with_8_and_not_with_4() -> None:
    first, second = np.array([4, 4, 4, 0]), np.array([1, 0, 4, 2])
    # Side by side; over the corner; the same unit (no neighbour of itself); two apart.
    assert topographic_error(first, second, GRID) == 0.5
    assert topographic_error(first, second, GRID, 8) == 0.5
    assert topographic_error(first, second, GRID, 4) == 0.75


def test_hexagons_have_six_neighbours() -> None:
    first, second = np.array([4] * 8), np.array([0, 1, 2, 3, 5, 6, 7, 8])
    # Row 1 is shifted to the right: unit 4 touches 1, 2, 3, 5, 7, 8.
    assert topographic_error(first, second, Grid(3, 3, "grid", "hexagonal")) == 2 / 8


def test_a_mesh_has_neighbours_across_its_border() -> None:
    first, second = np.array([0, 0]), np.array([8, 6])
    assert topographic_error(first, second, GRID) == 1
    mesh = Grid(3, 3, "mesh")
    assert topographic_error(first, second, mesh, 8) == 0
    assert topographic_error(first, second, mesh, 4) == 0.5


def test_on_a_ring_the_last_unit_is_beside_the_first() -> None:
    first, second = np.array([0, 0, 0]), np.array([8, 1, 3])
    assert topographic_error(first, second, Grid(3, 3, "ring")) == pytest.approx(1 / 3)
    assert topographic_error(first, second, Grid(3, 3, "line")) == pytest.approx(2 / 3)


@pytest.mark.parametrize("tiling", ["square", "hexagonal"])
def test_an_unfolded_sheet_has_no_tears(tiling: str) -> None:
    grid = Grid(5, 7, "grid", tiling)
    turn = np.array([[0.6, 0.8], [-0.8, 0.6]])
    weights = grid.centres @ turn + [3, -2]
    across = (noise(2000, 2) * [6.2, 3.9]) @ turn + [3, -2]
    _, first, second = second_best(across, weights)
    for adjacency in grid.adjacencies:
        assert topographic_error(first, second, grid, adjacency) == 0


def test_without_pictures_or_without_a_second_unit_there_is_no_topographic_error() -> None:
    nobody = np.zeros(0, np.intp)
    assert math.isnan(topographic_error(nobody, nobody, GRID))
    assert math.isnan(combined_error(np.zeros(0), nobody, nobody, np.ones((9, 2)), GRID))
    only = np.zeros(5, np.intp)
    for topology in ("line", "ring", "grid", "mesh", "cylinder"):
        grid = Grid(1, 1, topology)
        assert math.isnan(topographic_error(only, only, grid))
        assert math.isnan(combined_error(np.ones(5), only, only, np.ones((1, 2)), grid))


def test_the_combined_error_by_hand() -> None:
    weights = np.array([[0.0], [10.0], [2.0]])  # a line whose ends lie near each other
    distances, first, second = second_best(np.array([[0.5], [9.0]]), weights)
    assert (first.tolist(), second.tolist()) == ([0, 1], [2, 2])
    line = Grid(1, 3, "line")
    # From 0 to 2 the way leads over 1: 10 + 8; from 1 to 2 it is the step itself.
    expected = ((0.5 + 10 + 8) + (1 + 8)) / 2
    assert combined_error(distances, first, second, weights, line) == pytest.approx(expected)
    ring = Grid(1, 3, "ring")
    assert combined_error(distances, first, second, weights, ring) == pytest.approx(
        ((0.5 + 2) + (1 + 8)) / 2
    )


def test_the_shortest_way_need_not_be_the_direct_step() -> None:
    # One minus the cosine is no distance: two small turns are shorter than one large.
    angles = np.radians([0, 40, 80])
    weights = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    grid = Grid(1, 3, "ring")
    found = combined_error(np.zeros(1), np.array([0]), np.array([2]), weights, grid, "cosine")
    assert found == pytest.approx(2 * (1 - math.cos(angles[1])))


def shortest(grid: Grid, weights: NDArray[np.floating], metric: str) -> NDArray[np.float64]:
    """Lengths of the shortest paths between all units (Floyd and Warshall)."""
    ways = np.full((grid.units, grid.units), np.inf)
    np.fill_diagonal(ways, 0)
    for unit in range(grid.units):
        for other in grid.neighbours(unit):
            step = distances_between(weights[[unit]], weights[[other]], metric)[0]
            ways[unit, other] = step
    for middle in range(grid.units):
        ways = np.minimum(ways, ways[:, [middle]] + ways[[middle]])
    return ways


@settings(max_examples=40, deadline=None)
@given(
    grid=st.sampled_from([grid for grid in GRIDS if grid.units > 1]),
    metric=st.sampled_from(["euclidean", "cosine", "manhattan"]),
    count=st.integers(1, 20),
    levels=st.sampled_from([2, 1000]),
    seed=st.integers(0, 99),
)
def test_the_combined_error_is_that_of_a_plain_loop(
    grid: Grid, metric: str, count: int, levels: int, seed: int
) -> None:
    vectors = noise(count, 2, seed)
    weights = np.rint(noise(grid.units, 2, seed + 100) * levels) / levels + 0.1  # 2: duplicates
    distances, first, second = second_best(vectors, weights, metric)
    ways = shortest(grid, weights, metric)
    expected = sum(distances[i] + ways[first[i], second[i]] for i in range(count)) / count
    found = combined_error(distances, first, second, weights, grid, metric)
    assert found == pytest.approx(expected)


def test_a_map_of_more_units_than_one_search_takes_is_measured_whole() -> None:
    grid = Grid(40, 40)
    weights = np.random.default_rng(0).random((1600, 3))
    distances, first, second = second_best(noise(600, 3), weights)
    whole = combined_error(distances, first, second, weights, grid)
    parts = [
        combined_error(distances[part], first[part], second[part], weights, grid)
        for part in (slice(0, 300), slice(300, 600))
    ]
    assert whole == pytest.approx(np.mean(parts))


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_the_list_of_neighbours_is_that_of_the_grid(grid: Grid) -> None:
    for adjacency in grid.adjacencies:
        first, second = edges(grid, adjacency)
        listed = list(zip(first.tolist(), second.tolist(), strict=True))
        assert listed == [
            (unit, other)
            for unit in range(grid.units)
            for other in grid.neighbours(unit, adjacency).tolist()
        ]


def test_edges_are_as_long_as_their_weights_are_apart() -> None:
    weights = np.array([[0.0, 0.0], [3.0, 4.0]])
    first, second = edges(Grid(1, 2))
    assert edge_lengths(weights, first, second, "euclidean").tolist() == [5, 5]
    assert edge_lengths(weights, first, second, "manhattan").tolist() == [7, 7]
