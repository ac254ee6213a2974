"""The U-matrix and the topographic error against brute force, on lattices of every kind."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from data import noise

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality.topography import topographic_error
from image2map_gui.core.som.quality.u_matrix import u_matrix

STATISTICS = {"mean": np.mean, "median": np.median, "min": np.min, "max": np.max, "sum": np.sum}
HEXAGONS = [
    *((rows, columns, "grid") for rows, columns in ((4, 5), (5, 4), (5, 5), (1, 4), (7, 1))),
    *((rows, columns, "cylinder") for rows, columns in ((5, 4), (4, 5), (3, 3))),
    *((rows, columns, "mesh") for rows, columns in ((4, 5), (6, 3), (4, 10))),
]
SQUARES = [
    (rows, columns, topology)
    for (rows, columns), topology in itertools.product(
        ((4, 5), (3, 3), (1, 6)), ("grid", "cylinder", "mesh")
    )
]


def near(grid: Grid, reach: float) -> np.ndarray:
    """Which units' centres are within ``reach``, over all copies of a map that wraps around."""
    rise = math.sqrt(3) / 2 if grid.hexagonal else 1.0
    places = [
        (column + (0.5 * (row % 2) if grid.hexagonal else 0.0), row * rise)
        for row, column in itertools.product(range(grid.rows), range(grid.columns))
    ]
    across = (-1, 0, 1) if grid.topology in ("mesh", "cylinder") else (0,)
    down = (-1, 0, 1) if grid.topology == "mesh" else (0,)
    found = np.zeros((len(places), len(places)), bool)
    for (one, here), (two, there) in itertools.product(enumerate(places), repeat=2):
        for right, below in itertools.product(across, down):
            x = there[0] - here[0] + right * grid.columns
            y = there[1] - here[1] + below * grid.rows * rise
            found[one, two] |= one != two and math.hypot(x, y) <= reach
    return found


def lattices() -> list[tuple[Grid, int, float]]:
    """Every lattice with an adjacency and how far its neighbours' centres may be apart."""
    hexagons = [(Grid(*shape, "hexagonal"), 6, 1.001) for shape in HEXAGONS]
    squares = [
        (Grid(*shape), adjacency, reach)
        for shape in SQUARES
        for adjacency, reach in ((8, 1.42), (4, 1.001))
    ]
    return hexagons + squares


every_lattice = pytest.mark.parametrize(("grid", "adjacency", "reach"), lattices())


@every_lattice
@pytest.mark.parametrize("statistic", STATISTICS)
def test_the_u_matrix_is_that_of_brute_force(
    grid: Grid, adjacency: int, reach: float, statistic: str
) -> None:
    weights = noise(grid.units, 3, 5)
    expected = []
    for unit, beside in enumerate(near(grid, reach)):
        apart = np.sqrt(((weights[beside] - weights[unit]) ** 2).sum(axis=1))
        expected.append(STATISTICS[statistic](apart) if len(apart) else 0.0)
    found = u_matrix(weights, grid, statistic=statistic, adjacency=adjacency)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@every_lattice
def test_the_topographic_error_is_that_of_brute_force(
    grid: Grid, adjacency: int, reach: float
) -> None:
    rng = np.random.default_rng(3)
    first = rng.integers(grid.units, size=300)
    second = (first + rng.integers(1, grid.units, size=300)) % grid.units
    torn = np.mean(~near(grid, reach)[first, second])
    assert topographic_error(first, second, grid, adjacency) == pytest.approx(torn)


def test_one_unit_has_no_neighbours_and_a_statistic_must_be_known() -> None:
    assert u_matrix(np.ones((1, 4)), Grid(1, 1)).tolist() == [0]
    with pytest.raises(ParameterError, match="no statistic 'mode'"):
        u_matrix(np.ones((4, 2)), Grid(2, 2), statistic="mode")
