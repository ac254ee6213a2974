"""Hexagons, cylinders and the norms of the lattice: one table for distances and neighbours."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.schedule import influence

SHEETS = ("grid", "mesh", "cylinder")
NORMS = ("l2", "l1", "chebyshev", "steps")


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    topology = draw(st.sampled_from(SHEETS))
    tiling = draw(st.sampled_from(("square", "hexagonal")))
    norm = draw(st.sampled_from(NORMS if tiling == "square" else ("l2", "steps")))
    rows, columns = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    assume(not (tiling == "hexagonal" and topology == "mesh" and rows % 2))
    return Grid(rows, columns, topology, tiling, norm)


@given(grid=grids())
def test_distances_are_a_metric(grid: Grid) -> None:
    far = grid.distances()
    np.testing.assert_allclose(far, far.T, atol=1e-12)
    assert (np.diagonal(far) == 0).all()
    detours = (far[:, :, None] + far[None, :, :]).min(axis=1)
    assert (far <= detours + 1e-9).all()


def walked(grid: Grid, start: int) -> list[int]:
    """Count moves by walking from neighbour to neighbour."""
    moves = {start: 0}
    todo = deque([start])
    while todo:
        here = todo.popleft()
        for near in grid.neighbours(here).tolist():
            if near not in moves:
                moves[near] = moves[here] + 1
                todo.append(near)
    return [moves[unit] for unit in range(grid.units)]


@given(grid=grids())
def test_steps_are_what_a_walk_from_neighbour_to_neighbour_takes(grid: Grid) -> None:
    stepped = Grid(grid.rows, grid.columns, grid.topology, grid.tiling, "steps")
    for start in {0, grid.units // 2, grid.units - 1}:
        assert stepped.distances(np.asarray([start]))[0].tolist() == walked(grid, start)


def test_a_hexagon_has_six_neighbours_one_apart_by_hand() -> None:
    # Row 1 is shifted to the right: unit 6 (row 1, column 1) of 4 x 5.
    grid = Grid(4, 5, "grid", "hexagonal")
    assert grid.neighbours(6).tolist() == [1, 2, 5, 7, 11, 12]
    assert grid.neighbours(0).tolist() == [1, 5]
    far = grid.distances(np.asarray([6]))[0]
    np.testing.assert_allclose(far[[1, 2, 5, 7, 11, 12]], 1)
    assert far[8] == pytest.approx(2)
    assert far[3] == pytest.approx(math.sqrt(3))
    assert grid.adjacencies == (6,)


@pytest.mark.parametrize(("rows", "columns"), [(4, 3), (6, 5), (4, 10), (10, 4)])
def test_wrapped_hexagons_are_all_alike(rows: int, columns: int) -> None:
    grid = Grid(rows, columns, "mesh", "hexagonal")
    far = np.sort(grid.distances(), axis=1)
    np.testing.assert_allclose(far, np.broadcast_to(far[0], far.shape), atol=1e-9)
    assert all(len(grid.neighbours(unit)) == 6 for unit in range(grid.units))
    np.testing.assert_allclose(far[:, 1:7], 1)
    assert (far[:, 7:] > 1.5).all()


def test_an_odd_mesh_of_hexagons_is_refused_with_the_nearest_sizes() -> None:
    with pytest.raises(ParameterError, match="even number of rows: 6 or 8, not 7"):
        SomParams(rows=7, topology="mesh", tiling="hexagonal")
    SomParams(rows=7, topology="cylinder", tiling="hexagonal")


def test_norms_that_hexagons_do_not_have_are_refused() -> None:
    with pytest.raises(ParameterError, match="goes only with tiling square"):
        SomParams(tiling="hexagonal", unit_distance="l1")
    SomParams(topology="line", tiling="hexagonal", unit_distance="l1")  # a line has no tiling


def test_a_cylinder_wraps_left_and_right_only() -> None:
    grid = Grid(4, 10, "cylinder")
    assert grid.neighbours(10, 4).tolist() == [0, 11, 19, 20]
    assert grid.neighbours(0, 4).tolist() == [1, 9, 10]
    assert grid.distances(np.asarray([0]))[0][9] == 1
    assert grid.distances(np.asarray([0]))[0][30] == 3


def test_norms_by_hand() -> None:
    units = np.asarray([0])
    for norm, far in (("l2", 5), ("l1", 7), ("chebyshev", 4), ("steps", 4)):
        assert Grid(9, 9, "grid", "square", norm).distances(units)[0][3 * 9 + 4] == far
    for norm, far in (("l2", math.sqrt(8)), ("l1", 4), ("chebyshev", 2)):
        assert Grid(9, 9, "mesh", "square", norm).distances(units)[0][7 * 9 + 7] == pytest.approx(
            far
        )


@pytest.mark.parametrize("name", ["gaussian", "bubble"])
@given(grid=grids(), radius=st.floats(0.3, 5))
def test_smoothing_is_the_full_product(name: str, grid: Grid, radius: float) -> None:
    sums = np.random.default_rng(0).random((grid.units, 3))
    table = influence(name, grid.distances(), radius)
    np.testing.assert_allclose(Kernel(grid, name, radius).smooth(sums), table @ sums, atol=1e-9)


def test_odd_rows_of_hexagons_are_drawn_shifted() -> None:
    grid = Grid(3, 4, "grid", "hexagonal")
    assert [grid.shift(row) for row in range(3)] == [0, 0.5, 0]
    assert grid.width == 4.5
    assert Grid(3, 4).width == 4
