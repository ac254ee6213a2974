"""The neighbourhood of all units, against a double loop."""

from __future__ import annotations

import math

import numpy as np
import pytest
from data import noise
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.kernel import Kernel

NAMES = ("gaussian", "bubble", "epanechnikov", "triangle")
TOPOLOGIES = ("line", "ring", "grid", "mesh", "cylinder")
SHAPES = ((3, 4), (1, 7), (7, 1), (2, 5), (1, 1))


def naive_influence(name: str, far: float, radius: float) -> float:
    if far == 0:
        return 1.0
    if radius == 0:
        return 0.0
    if name == "gaussian":
        return math.exp(-(far**2) / (2 * radius**2))
    if name == "bubble":
        return 1.0 if far <= radius else 0.0
    share = far / radius
    return max(0.0, 1 - (share if name == "triangle" else share**2))


def naive_table(grid: Grid, name: str, radius: float) -> NDArray[np.float64]:
    distances = grid.distances().tolist()
    return np.array([[naive_influence(name, far, radius) for far in row] for row in distances])


@pytest.mark.parametrize("radius", [0.0, 0.3, 0.85, 1.0, 2.5, 40.0])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.slow
def test_rows_and_smoothing_are_those_of_a_double_loop(
    topology: str, name: str, radius: float
) -> None:
    for rows, columns in SHAPES:
        grid = Grid(rows, columns, topology)
        kernel = Kernel(grid, name, radius)
        expected = naive_table(grid, name, radius)
        everyone = np.arange(grid.units)
        assert kernel.rows(everyone) == pytest.approx(expected, abs=1e-12)
        assert kernel.rows(everyone[::-2]) == pytest.approx(expected[::-2], abs=1e-12)
        for unit in (0, grid.units // 2, grid.units - 1):
            assert kernel.row(unit) == pytest.approx(expected[unit], abs=1e-6)
        sums = noise(grid.units, 3, seed=1) - 0.5
        naive = np.array([[float(row @ column) for column in sums.T] for row in expected])
        assert kernel.smooth(sums) == pytest.approx(naive, abs=1e-12)


@pytest.mark.parametrize("name", ["gaussian", "triangle"])
def test_maps_of_several_parts_are_smoothed_whole(name: str) -> None:
    grid = Grid(24, 25, "mesh")  # 600 units
    sums = noise(grid.units, 2)
    table = Kernel(grid, name, 3.0).rows(np.arange(grid.units))
    assert Kernel(grid, name, 3.0).smooth(sums) == pytest.approx(table @ sums)


@pytest.mark.parametrize("name", NAMES)
def test_a_large_map_computes_single_rows(name: str) -> None:
    grid = Grid(65, 64)
    row = Kernel(grid, name, 2.0).row(70)
    expected = [naive_influence(name, far, 2.0) for far in grid.distances(np.intp(70))[0].tolist()]
    assert row == pytest.approx(np.array(expected), abs=1e-9)
