"""The expanded U-matrix against a loop and an example by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from data import noise

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality.expanded import expanded_u_matrix


def test_two_by_two_by_hand() -> None:
    weights = np.array([[0.0], [1], [3], [7]])
    drawn = expanded_u_matrix(weights, Grid(2, 2))
    diagonals = (7 + 2) / 2 / math.sqrt(2)
    expected = [[2, 1, 3.5], [3, diagonals, 6], [3.5, 4, 5]]
    np.testing.assert_allclose(drawn, expected)


@pytest.mark.parametrize("topology", ["grid", "mesh", "cylinder"])
def test_squares_against_a_loop(topology: str) -> None:
    grid, weights = Grid(4, 5, topology), noise(20, 3)
    drawn = expanded_u_matrix(weights, grid)
    down, across = (int(axis.closed) for axis in grid.axes)
    assert drawn.shape == (7 + down, 9 + across)

    def apart(a: tuple[int, int], b: tuple[int, int]) -> float:
        first, second = a[0] % 4 * 5 + a[1] % 5, b[0] % 4 * 5 + b[1] % 5
        return math.dist(weights[first], weights[second])

    for row in range(drawn.shape[0]):
        for column in range(drawn.shape[1]):
            r, c = row // 2, column // 2
            if row % 2 and column % 2:
                both = apart((r, c), (r + 1, c + 1)) + apart((r + 1, c), (r, c + 1))
                assert drawn[row, column] == pytest.approx(both / 2 / math.sqrt(2))
            elif row % 2 or column % 2:
                assert drawn[row, column] == pytest.approx(
                    apart((r, c), (r + row % 2, c + column % 2))
                )
            else:
                steps = [(-1, 0), (1, 0), (0, -1), (0, 1)]
                near = [
                    (r + y, c + x)
                    for y, x in steps
                    if (down or 0 <= r + y < 4) and (across or 0 <= c + x < 5)
                ]
                expected = np.median([apart((r, c), other) for other in near])
                assert drawn[row, column] == pytest.approx(expected)


@pytest.mark.parametrize("topology", ["grid", "mesh", "cylinder"])
def test_every_pair_of_neighbouring_hexagons_stands_once_between_them(topology: str) -> None:
    grid, weights = Grid(4, 5, topology, "hexagonal"), noise(20, 3)
    drawn = expanded_u_matrix(weights, grid)
    units = {(2 * r, 2 * c + r % 2) for r in range(4) for c in range(5)}
    between = [
        drawn[place] for place in np.ndindex(*drawn.shape)
        if place not in units and not math.isnan(drawn[place])
    ]  # fmt: skip
    expected = [
        math.dist(weights[unit], weights[near])
        for unit in range(20)
        for near in grid.neighbours(unit)
        if unit < near
    ]
    assert sorted(between) == pytest.approx(sorted(expected))
    for unit in range(20):
        row, column = divmod(unit, 5)
        lengths = [math.dist(weights[unit], weights[near]) for near in grid.neighbours(unit)]
        assert drawn[2 * row, 2 * column + row % 2] == pytest.approx(np.median(lengths))


def test_a_distance_lies_between_its_hexagons() -> None:
    """Units 0 and 3 (row 1, shifted right) of a 2 x 3 map: below to the right of unit 0."""
    weights = np.zeros((6, 1))
    weights[0] = 5.0
    drawn = expanded_u_matrix(weights, Grid(2, 3, "grid", "hexagonal"))
    assert drawn[0, 1] == 5  # to the right, unit 1
    assert drawn[1, 0] == 5  # below to the right, unit 3
    assert drawn[2, 2] == 0  # between units 3 and 4
    assert math.isnan(drawn[0, 5])  # beyond unit 2


@pytest.mark.parametrize("topology", ["line", "ring"])
def test_units_of_a_line_that_are_no_neighbours_leave_nothing_between_them(topology: str) -> None:
    grid, weights = Grid(2, 3, topology), noise(6, 2)
    drawn = expanded_u_matrix(weights, grid)
    assert drawn[0, 1] == pytest.approx(math.dist(weights[0], weights[1]))
    assert drawn[1, 4] == pytest.approx(math.dist(weights[2], weights[3]))
    assert np.isnan(drawn[1, 2])
    assert math.isnan(drawn[1, 0]) == (topology == "line")
