"""Kohonen's sequential rule against a loop that takes one picture after the other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from data import finish, noise
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.online import online_epoch
from image2map_gui.core.som.schedule import influence
from image2map_gui.core.som.tally import Tally
from image2map_gui.core.som.winners import Prepared

Floats = NDArray[np.floating]
GRIDS = tuple(
    Grid(rows, columns, topology)
    for (rows, columns), topology in itertools.product(
        ((3, 4), (1, 6)), ("line", "ring", "grid", "mesh")
    )
)


def naive_score(vector: Floats, unit: Floats, metric: str) -> float:
    if metric == "euclidean":
        return -float(((unit - vector) ** 2).sum())
    length = float(np.sqrt((unit**2).sum()))
    return float(unit @ vector) / length if length > 0 else 0.0


def naive_epoch(
    vectors: Floats, weights: Floats, shares: Floats, rate: float, metric: str
) -> tuple[Floats, list[int]]:
    """``w_j += rate h(d(b, j)) (x - w_j)`` after every picture, with the weights of that moment."""
    weights, winners = weights.astype(np.float64), []
    for vector in vectors.astype(np.float64):
        winner = int(np.argmax([naive_score(vector, unit, metric) for unit in weights]))
        winners.append(winner)
        for unit in range(len(weights)):
            weights[unit] += rate * shares[winner, unit] * (vector - weights[unit])
    return weights, winners


def run_online(
    vectors: Floats, weights: Floats, kernel: Kernel, grid: Grid, rate: float, metric: str
) -> tuple[Floats, Tally]:
    moved, tally = weights.copy(), Tally(len(vectors), grid, None)
    order = np.arange(len(vectors))
    finish(online_epoch(Prepared(vectors, metric), moved, kernel, rate, order, tally))
    return moved, tally


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("name", ["gaussian", "bubble", "epanechnikov", "triangle"])
@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: f"{grid.topology}{grid.rows}")
def test_an_epoch_is_that_of_the_step_by_step_rule(grid: Grid, name: str, metric: str) -> None:
    vectors, weights = noise(140, 4) - 0.3, noise(grid.units, 4, seed=1) - 0.3
    for radius, rate in ((0.0, 0.5), (1.5, 0.2)):
        shares = influence(name, grid.distances(), radius)
        expected, winners = naive_epoch(vectors, weights, shares, rate, metric)
        found, tally = run_online(vectors, weights, Kernel(grid, name, radius), grid, rate, metric)
        assert tally.winners.tolist() == winners
        assert found == pytest.approx(expected, abs=1e-6)  # the table of influences is float32


@pytest.mark.parametrize("offset", [0.0, 255.0])
def test_an_epoch_in_float32_stays_close_to_the_rule(offset: float) -> None:
    grid = Grid(4, 4)
    vectors = (noise(500, 20) + offset).astype(np.float32)
    weights = (noise(16, 20, seed=1) + offset).astype(np.float32)
    shares = influence("gaussian", grid.distances(), 1.0)
    expected, winners = naive_epoch(vectors, weights, shares, 0.1, "euclidean")
    found, tally = run_online(
        vectors, weights, Kernel(grid, "gaussian", 1.0), grid, 0.1, "euclidean"
    )
    assert found.dtype == np.float32
    # A picture halfway between two units may go to the other one, which moves both a little.
    assert np.mean(tally.winners == winners) > 0.99
    assert np.abs(found - expected).mean() < 1e-3


def test_pictures_are_taken_in_the_order_given() -> None:
    grid, vectors, weights = Grid(2, 3), noise(90, 4), noise(6, 4, seed=1)
    kernel, order = Kernel(grid, "gaussian", 1.0), np.random.default_rng(7).permutation(90)
    tally, moved = Tally(90, grid, None), weights.copy()
    finish(online_epoch(Prepared(vectors, "euclidean"), moved, kernel, 0.3, order, tally))
    expected, in_order = run_online(vectors[order], weights, kernel, grid, 0.3, "euclidean")
    assert np.array_equal(tally.winners[order], in_order.winners)
    assert moved == pytest.approx(expected, abs=1e-12)


def test_at_full_rate_and_radius_zero_the_winner_becomes_the_picture() -> None:
    grid, weights = Grid(1, 3), np.array([[0.0, 0.0], [5.0, 5.0], [9.0, 9.0]])
    found, _ = run_online(
        np.array([[6.0, 5.0]]), weights, Kernel(grid, "gaussian", 0.0), grid, 1.0, "euclidean"
    )
    assert found.tolist() == [[0, 0], [6, 5], [9, 9]]


def test_the_border_of_a_bubble_learns_and_what_lies_beyond_does_not() -> None:
    grid, weights = Grid(1, 4), np.array([[0.0], [10.0], [20.0], [30.0]])
    found, _ = run_online(
        np.array([[-4.0]]), weights, Kernel(grid, "bubble", 1.0), grid, 0.5, "euclidean"
    )
    assert found.tolist() == [[-2], [3], [20], [30]]


def test_a_black_picture_belongs_to_the_first_unit_under_cosine() -> None:
    grid, weights = Grid(1, 3), noise(3, 4)
    vectors = np.zeros((70, 4))
    _, tally = run_online(vectors, weights, Kernel(grid, "gaussian", 0.5), grid, 0.1, "cosine")
    assert (tally.winners == 0).all()
    assert (tally.distances == 1).all()


def test_equal_units_give_way_to_the_first() -> None:
    grid, weights = Grid(1, 5), np.full((5, 3), 0.5)
    _, tally = run_online(
        np.full((1, 3), 0.25), weights, Kernel(grid, "bubble", 9.0), grid, 0.1, "euclidean"
    )
    assert tally.winners.tolist() == [0]


def test_an_epoch_notes_distances_and_torn_pictures_and_counts_pictures() -> None:
    grid = Grid(1, 4, "line")
    weights = np.array([[0.0], [10.0], [1.0], [20.0]])
    vectors = np.array([[0.2], [0.9], [9.0], [19.0]])
    tally = Tally(4, grid, None)
    kernel = Kernel(grid, "gaussian", 0.0)
    steps = online_epoch(
        Prepared(vectors, "euclidean"), weights, kernel, 0.0001, np.arange(4), tally
    )
    assert list(steps) == [4]
    assert tally.winners.tolist() == [0, 2, 1, 3]
    assert tally.distances == pytest.approx([0.2, 0.1, 1, 1], abs=1e-3)
    assert tally.topographic_error == 0.75


def test_one_unit_is_everybodys_winner() -> None:
    grid, vectors = Grid(1, 1), noise(70, 3)
    found, tally = run_online(
        vectors, noise(1, 3, seed=1), Kernel(grid, "gaussian", 1.0), grid, 1.0, "euclidean"
    )
    assert (tally.winners == 0).all()
    assert np.isnan(tally.topographic_error)
    assert found == pytest.approx(vectors[-1:])
