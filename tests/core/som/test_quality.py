"""Figures of quality, on examples worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality import (
    empty_units,
    explained_variance,
    quantization_error,
    topographic_error,
)

GRID = Grid(3, 3)  # 0 1 2 / 3 4 5 / 6 7 8


def test_the_quantization_error_is_the_mean_distance() -> None:
    assert quantization_error(np.array([1.0, 2.0, 6.0])) == 3
    assert math.isnan(quantization_error(np.zeros(0)))


def test_corners_count_as_neighbours_with_8_and_not_with_4() -> None:
    first, second = np.array([4, 4, 4, 0]), np.array([1, 0, 4, 2])
    # Side by side; over the corner; the same unit (no neighbour of itself); two apart.
    assert topographic_error(first, second, GRID) == 0.5
    assert topographic_error(first, second, GRID, 8) == 0.5
    assert topographic_error(first, second, GRID, 4) == 0.75


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


def test_without_pictures_or_without_a_second_unit_there_is_no_topographic_error() -> None:
    nobody = np.zeros(0, np.intp)
    assert math.isnan(topographic_error(nobody, nobody, GRID))
    only = np.zeros(5, np.intp)
    for topology in ("line", "ring", "grid", "mesh"):
        assert math.isnan(topographic_error(only, only, Grid(1, 1, topology)))


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
    weights = np.float32([[1000.25], [1000.75]])
    assert explained_variance(vectors, weights, steps) == pytest.approx(0.75)


def test_empty_units_are_nobodys_winner() -> None:
    assert empty_units(np.array([0, 0, 3]), 5) == 3
    assert empty_units(np.zeros(0, np.intp), 5) == 5
