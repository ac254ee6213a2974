"""How closely the units follow the vectors: by hand, and against loops over everything."""

from __future__ import annotations

import math

import numpy as np
import pytest
from data import noise
from hypothesis import given, settings
from hypothesis import strategies as st

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.quality.fit import (
    distortion,
    euclidean_error,
    explained_variance,
    quantization_error,
)
from image2map_gui.core.som.schedule import influence
from image2map_gui.core.som.winners import nearest_units


def test_the_quantization_error_is_the_mean_distance() -> None:
    assert quantization_error(np.array([1.0, 2.0, 6.0])) == 3
    assert math.isnan(quantization_error(np.zeros(0)))


def test_the_euclidean_error_is_that_of_the_winners_of_another_metric() -> None:
    vectors, weights = np.array([[3.0, 4.0], [0.0, 1.0]]), np.array([[6.0, 8.0], [0.0, 3.0]])
    winners, distances = nearest_units(vectors, weights, "cosine")
    assert winners[:, 0].tolist() == [0, 1]
    assert quantization_error(distances[:, 0]) == pytest.approx(0, abs=1e-12)
    assert euclidean_error(vectors, weights, winners[:, 0]) == pytest.approx((5 + 2) / 2)


def test_explained_variance_by_hand() -> None:
    vectors = np.array([[0.0], [2.0], [10.0], [12.0]])  # around 6: 36 + 16 + 16 + 36 = 104
    weights = np.array([[1.0], [11.0]])  # what is left: 4
    winners = np.array([0, 0, 1, 1])
    assert explained_variance(vectors, weights, winners) == pytest.approx(1 - 4 / 104)
    assert explained_variance(vectors, vectors, np.arange(4)) == 1
    assert explained_variance(vectors, np.array([[6.0]]), np.zeros(4, int)) == 0


def test_equal_pictures_have_no_variance_to_explain() -> None:
    assert math.isnan(explained_variance(np.ones((5, 2)), np.ones((1, 2)), np.zeros(5, int)))


def test_explained_variance_of_many_vectors_far_from_the_origin() -> None:
    steps = np.arange(10_000) % 2
    vectors = (1000 + steps[:, None]).astype(np.float32)
    weights = np.array([[1000.25], [1000.75]], np.float32)
    assert explained_variance(vectors, weights, steps) == pytest.approx(0.75)


def test_distortion_by_hand() -> None:
    vectors, weights = np.array([[1.0], [9.0]]), np.array([[0.0], [4.0], [10.0]])
    winners = np.array([0, 2])
    # A triangle of radius 2 on a line: 1 for the winner, 1/2 beside it, 0 two steps away.
    kernel = Kernel(Grid(1, 3), "triangle", 2)
    assert distortion(vectors, weights, winners, kernel) == pytest.approx(
        ((1 + 9 / 2) + (1 + 25 / 2)) / 2
    )


def test_at_radius_0_distortion_is_the_mean_squared_error() -> None:
    vectors, weights = noise(50, 3), noise(6, 3, seed=1)
    winners, distances = nearest_units(vectors, weights, "euclidean")
    kernel = Kernel(Grid(2, 3), "gaussian", 0)
    assert distortion(vectors, weights, winners[:, 0], kernel) == pytest.approx(
        np.mean(distances**2)
    )


@settings(max_examples=30, deadline=None)
@given(
    topology=st.sampled_from(["grid", "mesh", "cylinder", "line", "ring"]),
    name=st.sampled_from(["gaussian", "bubble", "mexican-hat"]),
    radius=st.floats(0.3, 4),
    shape=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    count=st.integers(1, 12),
    seed=st.integers(0, 99),
)
def test_distortion_is_the_sum_over_all_vectors_and_units(
    topology: str, name: str, radius: float, shape: tuple[int, int], count: int, seed: int
) -> None:
    grid = Grid(*shape, topology)
    vectors, weights = 100 + noise(count, 3, seed), 100 + noise(grid.units, 3, seed + 100)
    winners = nearest_units(vectors, weights, "euclidean")[0][:, 0]
    strength = influence(name, grid.distances(), radius)
    total = sum(
        strength[winners[i], j] * sum((vectors[i] - weights[j]) ** 2)
        for i in range(count)
        for j in range(grid.units)
    )
    found = distortion(vectors, weights, winners, Kernel(grid, name, radius))
    assert found == pytest.approx(total / count, rel=1e-8, abs=1e-10)


def test_without_vectors_nothing_is_known() -> None:
    nothing, nobody = np.zeros((0, 3)), np.zeros(0, np.intp)
    assert math.isnan(euclidean_error(nothing, np.ones((2, 3)), nobody))
    assert math.isnan(explained_variance(nothing, np.ones((2, 3)), nobody))
    kernel = Kernel(Grid(1, 2), "gaussian", 1)
    assert math.isnan(distortion(nothing, np.ones((2, 3)), nobody, kernel))
