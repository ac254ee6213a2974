"""The lattice: distances, neighbours, wrapping, and where units are drawn."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.params import SomParams

TOPOLOGIES = ("line", "ring", "grid", "mesh", "cylinder")
SHAPES = ((1, 1), (1, 6), (6, 1), (2, 5), (5, 2), (2, 2), (3, 3), (4, 10), (10, 4))

any_grid = st.builds(Grid, st.integers(1, 8), st.integers(1, 8), st.sampled_from(TOPOLOGIES))


def naive_distance(grid: Grid, first: int, second: int) -> float:
    """The shortest way, written down without the table: the nearest of all repeated copies."""
    if grid.topology in ("line", "ring"):
        far = abs(first - second)
        return min(far, grid.units - far) if grid.topology == "ring" else far
    down = second // grid.columns - first // grid.columns
    right = second % grid.columns - first % grid.columns
    above = (-1, 0, 1) if grid.topology == "mesh" else (0,)
    beside = (-1, 0, 1) if grid.topology in ("mesh", "cylinder") else (0,)
    return min(
        math.hypot(down + a * grid.rows, right + b * grid.columns)
        for a, b in itertools.product(above, beside)
    )


@given(any_grid)
@example(Grid(1, 1, "mesh"))
@example(Grid(1, 7, "ring"))
@example(Grid(7, 1, "mesh"))
@example(Grid(2, 7, "mesh"))
def test_distances_are_a_metric(grid: Grid) -> None:
    table = grid.distances()
    assert table.shape == (grid.units, grid.units)
    assert np.array_equal(table, table.T)
    assert np.array_equal(table == 0, np.eye(grid.units, dtype=bool))
    detours = (table[:, :, None] + table[None, :, :]).min(axis=1)
    assert (table <= detours + 1e-12).all()


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize(("rows", "columns"), SHAPES)
def test_distances_are_those_of_the_nearest_copy(topology: str, rows: int, columns: int) -> None:
    grid = Grid(rows, columns, topology)
    expected = [
        [naive_distance(grid, first, second) for second in range(grid.units)]
        for first in range(grid.units)
    ]
    assert grid.distances() == pytest.approx(np.array(expected))


@given(any_grid)
def test_some_rows_of_the_distances_are_rows_of_all_of_them(grid: Grid) -> None:
    chosen = np.arange(grid.units)[::-2]
    assert np.array_equal(grid.distances(chosen), grid.distances()[chosen])
    assert np.array_equal(grid.distances(np.intp(0)), grid.distances()[:1])


@given(any_grid)
def test_neighbours_are_the_units_one_step_away(grid: Grid) -> None:
    table = grid.distances()
    for unit, adjacency in itertools.product(range(grid.units), grid.adjacencies):
        reach = math.sqrt(2) if adjacency == 8 else 1
        near = np.flatnonzero((table[unit] > 0) & (table[unit] < reach + 0.01))
        assert grid.neighbours(unit, adjacency).tolist() == near.tolist()
        assert unit not in grid.neighbours(unit, adjacency)


@given(st.integers(3, 8), st.integers(3, 8))
def test_all_units_of_a_mesh_are_alike(rows: int, columns: int) -> None:
    grid = Grid(rows, columns, "mesh")
    for adjacency in (8, 4):
        counts = {len(grid.neighbours(unit, adjacency)) for unit in range(grid.units)}
        assert counts == {adjacency}
    seen = {tuple(np.sort(row).round(9)) for row in grid.distances()}
    assert len(seen) == 1


@given(st.integers(1, 6), st.integers(3, 8))
def test_every_unit_of_a_ring_has_two_neighbours(rows: int, columns: int) -> None:
    grid = Grid(rows, columns, "ring")
    last = grid.units - 1
    assert {len(grid.neighbours(unit)) for unit in range(grid.units)} == {2}
    assert grid.neighbours(0).tolist() == [1, last]
    assert grid.distances().max() == grid.units // 2


@pytest.mark.parametrize(
    ("grid", "unit", "adjacency", "expected"),
    [
        (Grid(4, 10, "mesh"), 0, 8, [1, 9, 10, 11, 19, 30, 31, 39]),
        (Grid(4, 10, "mesh"), 0, 4, [1, 9, 10, 30]),
        (Grid(4, 10, "mesh"), 39, 8, [0, 8, 9, 20, 28, 29, 30, 38]),
        (Grid(4, 10, "mesh"), 39, 4, [9, 29, 30, 38]),
        (Grid(4, 10, "mesh"), 19, 8, [0, 8, 9, 10, 18, 20, 28, 29]),
        (Grid(10, 4, "mesh"), 3, 4, [0, 2, 7, 39]),
        (Grid(4, 10, "grid"), 0, 8, [1, 10, 11]),
        (Grid(4, 10, "grid"), 0, 4, [1, 10]),
        (Grid(4, 10, "grid"), 9, 8, [8, 18, 19]),
        (Grid(4, 10, "grid"), 15, 8, [4, 5, 6, 14, 16, 24, 25, 26]),
        (Grid(4, 10, "grid"), 15, 4, [5, 14, 16, 25]),
        (Grid(2, 2, "mesh"), 0, 8, [1, 2, 3]),
        (Grid(2, 2, "mesh"), 0, 4, [1, 2]),
        (Grid(1, 5, "mesh"), 0, 8, [1, 4]),
        (Grid(5, 1, "mesh"), 4, 4, [0, 3]),
        (Grid(1, 1, "mesh"), 0, 8, []),
        (Grid(1, 6, "line"), 0, 2, [1]),
        (Grid(1, 6, "line"), 5, 2, [4]),
        (Grid(2, 3, "line"), 3, 2, [2, 4]),
        (Grid(1, 6, "ring"), 0, 2, [1, 5]),
        (Grid(2, 3, "ring"), 5, 2, [0, 4]),
        (Grid(1, 2, "ring"), 0, 2, [1]),
        (Grid(1, 1, "ring"), 0, 2, []),
    ],
)
def test_neighbours_written_by_hand(
    grid: Grid, unit: int, adjacency: int, expected: list[int]
) -> None:
    assert grid.neighbours(unit, adjacency).tolist() == expected


def test_without_an_adjacency_the_first_one_counts() -> None:
    assert Grid(3, 3).adjacencies == (8, 4)
    assert Grid(3, 3, "mesh").adjacencies == (8, 4)
    assert Grid(3, 3, "line").adjacencies == (2,)
    assert Grid(3, 3, "ring").adjacencies == (2,)
    assert Grid(3, 3).neighbours(4).tolist() == [0, 1, 2, 3, 5, 6, 7, 8]


@given(any_grid)
def test_every_cell_shows_one_unit(grid: Grid) -> None:
    cells = [tuple(cell) for cell in grid.cells.tolist()]
    assert sorted(cells) == list(itertools.product(range(grid.rows), range(grid.columns)))
    for unit, (row, column) in enumerate(cells):
        assert grid.unit_at(row, column) == unit
        assert grid.unit_table[row, column] == unit


@given(any_grid)
def test_outside_the_map_there_is_no_unit(grid: Grid) -> None:
    for row, column in ((-1, 0), (0, -1), (grid.rows, 0), (0, grid.columns)):
        assert grid.unit_at(row, column) is None


@given(st.integers(1, 8), st.integers(1, 8), st.sampled_from(("line", "ring")))
def test_a_folded_line_goes_on_in_the_next_cell(rows: int, columns: int, topology: str) -> None:
    cells = Grid(rows, columns, topology).cells
    assert (np.abs(np.diff(cells, axis=0)).sum(axis=1) == 1).all()


def test_a_line_of_three_rows_is_folded_twice() -> None:
    assert Grid(3, 3, "line").unit_table.tolist() == [[0, 1, 2], [5, 4, 3], [6, 7, 8]]
    assert Grid(3, 3, "grid").unit_table.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


def test_the_grid_of_parameters() -> None:
    assert Grid.of(SomParams(rows=3, columns=7, topology="mesh")) == Grid(3, 7, "mesh")
