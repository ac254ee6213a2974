"""Figures of the order of units and vectors: by hand, by naive loops, and what must not matter."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from data import noise
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality.layout import distance_preservation_quality
from image2map_gui.core.som.quality.ordering import Pairs, Ties, blocks, draw, tie_keys
from image2map_gui.core.som.quality.preservation import neighbour_preservation
from image2map_gui.core.som.quality.product import topographic_product
from image2map_gui.core.som.winners import distances_between

Floats = NDArray[np.float64]
UnitFigure = Callable[[Floats, Grid], float]
SHAPES = [(1, 2), (1, 6), (6, 1), (2, 4), (3, 4)]
both_figures = pytest.mark.parametrize(
    "figure", [topographic_product, distance_preservation_quality]
)
METRICS = ("euclidean", "cosine", "correlation", "manhattan", "minkowski:3.0")


# --- Distances, ties and draws ---


@pytest.mark.parametrize("metric", METRICS)
def test_pairs_are_as_far_apart_as_the_search_for_winners_says(metric: str) -> None:
    vectors = 5 + noise(20, 4)
    vectors[7] = vectors[3]
    found = Pairs(vectors, metric).rows(np.array([3, 12]))
    for row, one in zip(found, vectors[[3, 12]], strict=True):
        expected = distances_between(np.tile(one, (20, 1)), vectors, metric)
        assert row == pytest.approx(expected, abs=1e-9)
    assert found[0, 7] == found[0, 3] == 0


def test_a_constant_vector_correlates_with_nothing() -> None:
    vectors = np.array([[0.1, 0.1, 0.1], [0.0, 1.0, 2.0], [5.0, 0.0, 1.0]])
    assert Pairs(vectors, "correlation").rows(np.array([0])).tolist() == [[1, 1, 1]]


def test_ties_share_what_their_places_cost() -> None:
    ties = Ties(np.array([[1.0, 1, 2, 3, 3, 3], [0, 1, 2, 3, 4, 4]]))
    costs = np.array([1.0, 3, 5, 1, 2, 6])
    expected = [[2, 2, 5, 3, 3, 3], [1, 3, 5, 1, 4, 4]]
    assert ties.share_ranks(costs).tolist() == expected
    assert ties.share(np.tile(costs, (2, 1))).tolist() == expected


def test_distances_that_differ_by_rounding_are_ties() -> None:
    keys = tie_keys(np.array([[0.0, 0.3, 0.1 + 0.2, 0.5], [0.0] * 4]), np.array([0, 2]))
    assert keys[0, 1] == keys[0, 2] < keys[0, 3]
    assert keys[1].tolist() == [0, 0, -1, 0]


def test_a_draw_is_always_the_same_and_never_twice_the_same_row() -> None:
    assert draw(5, 5).tolist() == draw(5, 9).tolist() == [0, 1, 2, 3, 4]
    rows = draw(10_000, 2000)
    assert np.array_equal(rows, draw(10_000, 2000))
    assert len(np.unique(rows)) == 2000
    assert np.all(np.diff(rows) > 0)
    assert abs(rows.mean() - 5000) < 250
    assert np.concatenate(list(blocks(rows, 100_000))).tolist() == rows.tolist()


# --- Topographic product ---


def test_the_topographic_product_by_hand() -> None:
    # Units 0, 1, 2 on a line at 0, 3, 1. From 0: the map says 1, 2, the data say 2, 1:
    # K = 1: ln(3/1 * 1/2) / 2, K = 2: 0. From 2: map 1, 0, data 0, 1: K = 1: ln(2/1 * 1/2) / 2.
    # From 1: both neighbours are equally far on the map, 3 and 2 in the data; data say 2, 0:
    # K = 1: the mean of ln 3 and ln 2, less ln 2, halved; K = 2: 0.
    expected = (math.log(1.5) / 2 + 0 + (math.log(3) - math.log(2)) / 4) / 6
    found = topographic_product(np.array([[0.0], [3.0], [1.0]]), Grid(1, 3))
    assert found == pytest.approx(expected)


def mean_over_ties(weights: Floats, grid: Grid, units: list[int] | None = None) -> float:
    """The product averaged over all orders of units that are equally far on the map."""
    logs = []
    for j in units if units is not None else range(grid.units):
        on_map = grid.distances(np.array([j]))[0]
        in_data = np.linalg.norm(weights - weights[j], axis=1)
        others = [i for i in range(grid.units) if i != j]
        by_data = sorted(others, key=lambda i: in_data[i])
        orders = [
            order
            for order in itertools.permutations(others)
            if np.all(np.diff(on_map[list(order)]) >= 0)
        ]
        for big in range(1, grid.units):
            logs += [
                np.mean(
                    [
                        sum(
                            math.log(in_data[a] * on_map[a] / (in_data[v] * on_map[v]))
                            for a, v in zip(order[:big], by_data[:big], strict=True)
                        )
                        / (2 * big)
                        for order in orders
                    ]
                )
            ]
    return float(np.mean(logs))


@pytest.mark.parametrize("topology", ["grid", "mesh", "line", "ring"])
@pytest.mark.parametrize("seed", range(3))
def test_the_topographic_product_is_that_of_a_plain_loop_over_all_orders(
    topology: str, seed: int
) -> None:
    weights, grid = noise(6, 3, seed), Grid(2, 3, topology)
    assert topographic_product(weights, grid) == pytest.approx(mean_over_ties(weights, grid))
    ends = np.array([0, 5])
    found = topographic_product(weights, grid, units=ends)
    assert found == pytest.approx(mean_over_ties(weights, grid, ends.tolist()))


def test_the_topographic_product_tells_the_dimension() -> None:
    sheet = Grid(6, 6)
    assert topographic_product(sheet.centres, sheet) == pytest.approx(0, abs=1e-12)
    folded = np.stack([np.arange(36) % 6, np.arange(36) // 6], axis=1).astype(float)
    folded[:, 0] = np.where(folded[:, 1] % 2, 5 - folded[:, 0], folded[:, 0])
    assert topographic_product(folded, Grid(1, 36, "line")) < -0.02  # a snake in a square
    stretched = np.stack([np.arange(36), np.zeros(36)], axis=1)[:, :1]
    assert topographic_product(stretched, sheet) > 0.02  # a sheet on a line


# --- Distance preservation quality ---


def naive_quality(weights: Floats, grid: Grid, norm: float) -> float:
    k = grid.units
    on_map = grid.distances()
    far = np.array([[np.linalg.norm(a - b) for b in weights] for a in weights])
    mean = far.sum() / (k * (k - 1))
    ours, best = [], []
    for near in range(1, k):
        of_map, of_data = [], []
        for i in range(k):
            others = [j for j in range(k) if j != i]
            by_map = sorted(others, key=lambda j, i=i: (round(on_map[i, j], 6), far[i, j]))
            of_map.append(np.mean([far[i, j] for j in by_map[:near]]))
            of_data.append(np.mean(sorted(far[i, j] for j in others)[:near]))
        ours.append(max(0, (mean - np.mean(of_map)) / mean))
        best.append(max(0, (mean - np.mean(of_data)) / mean))
    return float(np.linalg.norm(ours, norm) / np.linalg.norm(best, norm))


def test_distance_preservation_by_hand() -> None:
    # At 0, 3, 1 on a line: mean distance (3 + 1 + 2) / 3 = 2. Nearest on the map: 0 -> 1 (3),
    # 1 -> 2 (2, the nearer of two), 2 -> 1 (2): mean 7/3, no gain; both: no gain by definition.
    # Turned to 0, 1, 3: 1, 1, 2 is the best there can be.
    assert distance_preservation_quality(np.array([[0.0], [3.0], [1.0]]), Grid(1, 3)) == 0
    assert distance_preservation_quality(np.array([[0.0], [1.0], [3.0]]), Grid(1, 3)) == 1


@settings(max_examples=20, deadline=None)
@given(
    grid=st.sampled_from(
        [Grid(3, 3), Grid(3, 4, "mesh"), Grid(3, 3, "grid", "hexagonal"), Grid(1, 7, "ring")]
    ),
    norm=st.sampled_from([1, 2, 16]),
    levels=st.sampled_from([2, 1000]),
    seed=st.integers(0, 99),
)
def test_distance_preservation_is_that_of_a_plain_loop(
    grid: Grid, norm: float, levels: int, seed: int
) -> None:
    weights = np.rint(noise(grid.units, 2, seed) * levels)
    found = distance_preservation_quality(weights, grid, norm=norm)
    assert found == pytest.approx(naive_quality(weights, grid, norm), abs=1e-9)


def test_a_sorted_map_beats_a_shuffled_one() -> None:
    grid = Grid(8, 8)
    shuffled = np.random.default_rng(0).permutation(64)
    in_space = np.cos(grid.centres @ noise(2, 100) / 4)
    assert distance_preservation_quality(grid.centres, grid) == pytest.approx(1)
    assert distance_preservation_quality(grid.centres[shuffled], grid) < 0.5
    assert distance_preservation_quality(in_space, grid) > 0.9
    assert distance_preservation_quality(in_space[shuffled], grid) < 0.5


# --- Both: what must not matter, and small maps ---


@both_figures
@pytest.mark.parametrize("shape", [(3, 4), (2, 5)])
def test_moving_turning_and_growing_the_data_changes_nothing(
    figure: UnitFigure, shape: tuple[int, int]
) -> None:
    weights, grid = noise(math.prod(shape), 3), Grid(*shape)
    turn = np.linalg.qr(noise(3, 3, seed=5))[0]
    assert figure(7 * weights @ turn + [10, -20, 5], grid) == pytest.approx(figure(weights, grid))


@both_figures
@pytest.mark.parametrize("topology", ["grid", "mesh", "cylinder"])
def test_a_mirrored_map_is_as_good(figure: UnitFigure, topology: str) -> None:
    for weights in (noise(12, 2), np.rint(3 * noise(12, 2))):
        as_rows = weights.reshape(3, 4, 2)
        expected = figure(weights, Grid(3, 4, topology))
        for mirrored in (as_rows[::-1], as_rows[:, ::-1]):
            found = figure(mirrored.reshape(12, 2), Grid(3, 4, topology))
            assert found == pytest.approx(expected)
        if topology == "grid":
            turned = as_rows.transpose(1, 0, 2).reshape(12, 2)
            assert figure(turned, Grid(4, 3)) == pytest.approx(expected)


@both_figures
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("topology", ["grid", "mesh", "line", "ring"])
def test_thin_maps_flat_data_and_duplicates_give_numbers(
    figure: UnitFigure, shape: tuple[int, int], topology: str
) -> None:
    grid = Grid(*shape, topology)
    weights = noise(grid.units, 1)
    known = grid.units > 2 or figure is topographic_product
    assert math.isfinite(figure(weights, grid)) == known
    weights[: grid.units // 2] = 0.5
    assert math.isfinite(figure(weights, grid)) == known
    assert math.isnan(figure(np.full((grid.units, 2), 0.1), grid))


@both_figures
def test_a_map_of_one_unit_has_no_order(figure: UnitFigure) -> None:
    for topology in ("grid", "mesh", "line", "ring"):
        assert math.isnan(figure(np.ones((1, 3)), Grid(1, 1, topology)))


@both_figures
def test_some_units_stand_for_all(figure: Callable[..., float]) -> None:
    grid = Grid(12, 12)
    weights = grid.centres + 2 * noise(144, 2)
    every = np.mean([figure(weights, grid, units=part) for part in np.split(np.arange(144), 4)])
    whole = figure(weights, grid, units=np.arange(144))
    assert whole == figure(weights, grid)
    assert every == pytest.approx(whole, abs=0.01)
    assert figure(weights, grid, units=draw(144, 60)) == pytest.approx(whole, abs=0.03)
    assert math.isnan(figure(weights, grid, units=np.zeros(0, np.intp)))


# --- Trustworthiness and continuity ---


def one_by_one(ranked: Floats, judged: Floats, near: int) -> float:
    """``1 -`` the penalty of those near by ``ranked``, averaged over all orders of all ties."""
    n = len(ranked)
    total = 0.0
    for i in range(n):
        others = [j for j in range(n) if j != i]
        penalties = []
        for order in itertools.permutations(others):
            if np.any(np.diff(ranked[i, list(order)]) < 0):
                continue
            for row in itertools.permutations(others):
                if np.any(np.diff(judged[i, list(row)]) < 0):
                    continue
                chosen = set(order[:near]) - set(row[:near])
                penalties.append(sum(row.index(j) + 1 - near for j in chosen))
        total += float(np.mean(penalties))
    return 1 - 2 / (n * near * (2 * n - 3 * near - 1)) * total


@pytest.mark.parametrize("near", [1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_neighbours_are_counted_as_in_a_plain_loop_over_all_orders(near: int, seed: int) -> None:
    grid = Grid(2, 2)
    vectors = np.rint(3 * noise(6, 2, seed))  # with ties, and with duplicates
    winners = np.random.default_rng(seed).integers(0, 4, 6)
    in_data = np.array([[round(math.dist(a, b), 9) for b in vectors] for a in vectors])
    on_map = grid.distances()[winners][:, winners]
    found = neighbour_preservation(vectors, winners, grid, neighbours=near)
    assert found.trustworthiness == pytest.approx(one_by_one(on_map, in_data, near))
    assert found.continuity == pytest.approx(one_by_one(in_data, on_map, near))
    assert (found.neighbours, found.sampled) == (near, 6)


def test_without_ties_it_is_the_trustworthiness_of_scikit_learn() -> None:
    from sklearn.manifold import trustworthiness

    # Places on a line of which no two pairs are equally far apart (Mian and Chowla).
    places = np.array([0, 1, 3, 7, 12, 20, 30, 44, 65, 80, 96, 122])
    vectors = noise(12, 3) + places[:, None] / 100
    found = neighbour_preservation(vectors, places, Grid(1, 130, "line"), neighbours=3)
    ours, theirs = places[:, None], vectors
    expected = [trustworthiness(*pair, n_neighbors=3) for pair in ((theirs, ours), (ours, theirs))]
    assert [found.trustworthiness, found.continuity] == pytest.approx(expected)
    assert 0.5 < found.trustworthiness < 1


def test_a_map_that_keeps_all_distances_is_trusted() -> None:
    grid = Grid(9, 9)
    found = neighbour_preservation(grid.centres, np.arange(81), grid)
    shuffled = np.random.default_rng(0).permutation(81)
    lost = neighbour_preservation(grid.centres, shuffled, grid)
    assert found.trustworthiness > 0.99
    assert found.continuity > 0.99
    assert lost.trustworthiness < 0.65
    assert lost.continuity < 0.65


def test_units_with_many_pictures_cannot_say_who_is_nearest() -> None:
    vectors = noise(100, 2)
    found = neighbour_preservation(vectors, np.zeros(100, np.intp), Grid(3, 3), neighbours=5)
    # All orders are equally likely: 94/99 of the neighbours are wrong, by 47.5 ranks on average.
    expected = 1 - 2 / (5 * (200 - 15 - 1)) * 5 * (94 / 99) * 47.5
    assert found.trustworthiness == pytest.approx(expected)
    assert found.continuity == pytest.approx(expected)


def test_turning_the_data_and_mirroring_the_map_changes_nothing() -> None:
    vectors, grid = noise(60, 3), Grid(3, 4)
    winners = np.random.default_rng(1).integers(0, 12, 60)
    turn = np.linalg.qr(noise(3, 3, seed=5))[0]
    mirrored = np.arange(12).reshape(3, 4)[:, ::-1].ravel()
    ours = neighbour_preservation(vectors, winners, grid)
    theirs = neighbour_preservation(5 * vectors @ turn - 3, mirrored[winners], grid)
    assert theirs.trustworthiness == pytest.approx(ours.trustworthiness)
    assert theirs.continuity == pytest.approx(ours.continuity)


def test_many_pictures_are_judged_by_some() -> None:
    vectors = noise(500, 2)
    winners = np.arange(500) % 9
    some = neighbour_preservation(vectors, winners, Grid(3, 3), sample=100)
    rows = draw(500, 100)
    assert some == neighbour_preservation(vectors[rows], winners[rows], Grid(3, 3))
    assert some.sampled == 100


@pytest.mark.parametrize("count", range(6))
def test_few_pictures_have_few_neighbours(count: int) -> None:
    vectors, winners = np.ones((count, 2)), np.arange(count)
    found = neighbour_preservation(vectors, winners, Grid(2, 3))
    assert (found.neighbours, found.sampled) == (max(0, (count - 1) // 2), count)
    assert math.isfinite(found.trustworthiness) == math.isfinite(found.continuity) == (count > 2)
