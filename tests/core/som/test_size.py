"""The size of a map that suits a collection."""

from __future__ import annotations

import numpy as np
import pytest

from image2map_gui.core.som.params import MAX_UNITS
from image2map_gui.core.som.size import SIZES, proposed_size


def cloud(count: int, *spreads: float) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, len(spreads))) * np.array(spreads)


@pytest.mark.parametrize(("size", "units"), [("small", 40), ("normal", 159), ("big", 636)])
def test_units_follow_the_root_of_the_pictures(size: str, units: int) -> None:
    rows, columns = proposed_size(cloud(1000, 1, 1, 1), size)
    assert rows * columns == pytest.approx(units, rel=0.1)


def test_sides_follow_the_two_largest_spreads() -> None:
    rows, columns = proposed_size(cloud(3000, 4, 2, 0.1))
    assert columns / rows == pytest.approx(2, rel=0.15)
    rows, columns = proposed_size(cloud(3000, 2, 2, 0.1))
    assert columns / rows == pytest.approx(1, rel=0.15)


def test_hexagons_get_an_even_number_of_closer_rows() -> None:
    rows, columns = proposed_size(cloud(3000, 1, 1, 1), hexagonal=True)
    assert rows % 2 == 0
    assert rows * np.sqrt(3) / 2 == pytest.approx(columns, rel=0.15)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "vectors",
    [
        np.zeros((1, 5)),
        np.zeros((9, 5)),
        np.ones((40, 1)),
        cloud(50, 1000, 1e-9, 1e-9),
        np.zeros((1, 1)),
    ],
)
def test_odd_data_get_a_possible_map(size: str, vectors: np.ndarray) -> None:
    rows, columns = proposed_size(vectors, size)
    assert rows >= 1
    assert columns >= 1
    assert rows * columns <= MAX_UNITS


def test_the_same_seed_gives_the_same_size() -> None:
    data = cloud(2000, 3, 1, 1)
    assert proposed_size(data, seed=4) == proposed_size(data, seed=4)
