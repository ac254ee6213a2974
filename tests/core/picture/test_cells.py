"""Outlines and walls of cells, against the table of neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from data import noise

from image2map_gui.core.picture.cells import Cells, raster, raster_between
from image2map_gui.core.picture.mosaic import mosaic
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality.expanded import expanded_u_matrix

GRIDS = [
    Grid(3, 4), Grid(4, 4, "mesh"), Grid(3, 5, "cylinder"), Grid(2, 5, "line"), Grid(3, 4, "ring"),
    Grid(3, 4, "grid", "hexagonal"), Grid(4, 4, "mesh", "hexagonal"),
    Grid(3, 5, "cylinder", "hexagonal"), Grid(1, 1), Grid(1, 6),
]  # fmt: skip


def name(grid: Grid) -> str:
    return f"{grid.topology}-{grid.tiling}-{grid.rows}x{grid.columns}"


@pytest.mark.parametrize("grid", GRIDS, ids=name)
@pytest.mark.parametrize("shape", [1.0, 1.5])
def test_cells_fill_the_map_without_overlap(grid: Grid, shape: float) -> None:
    cells = Cells(grid, shape)
    assert cells.outlines.min() >= -1e-9
    assert cells.outlines[..., 0].max() == pytest.approx(cells.width)
    assert cells.outlines[..., 1].max() == pytest.approx(cells.height)
    x, y = cells.outlines[..., 0], cells.outlines[..., 1]
    areas = np.abs((x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(axis=1)) / 2
    area = shape * (np.sqrt(3) / 2 if grid.hexagonal else 1)
    assert areas == pytest.approx(np.full(grid.units, area))


@pytest.mark.parametrize("grid", GRIDS, ids=name)
def test_walls_stand_between_all_neighbours_and_no_others(grid: Grid) -> None:
    adjacency = 4 if 4 in grid.adjacencies else None
    expected = {
        (min(unit, int(near)), max(unit, int(near)))
        for unit in range(grid.units)
        for near in grid.neighbours(unit, adjacency)
    }
    if grid.topology == "ring":
        expected.remove((0, grid.units - 1))  # its ends are drawn apart
    pairs, ends = Cells(grid).walls
    assert {(min(pair), max(pair)) for pair in pairs.tolist()} == expected
    lengths = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)
    side = 1 / np.sqrt(3) if grid.hexagonal else 1
    assert lengths == pytest.approx(np.full(len(pairs), side))


def at_the_border(cells: Cells, wall: np.ndarray) -> bool:
    """Whether nothing of the map lies beyond one side of a wall."""
    middle = wall.mean(axis=0)
    across = np.array([wall[0, 1] - wall[1, 1], wall[1, 0] - wall[0, 0]])
    beyond = [cells.unit_at(*(middle + side * 0.05 * across)) for side in (-1, 1)]
    return None in beyond


@pytest.mark.parametrize("grid", GRIDS, ids=name)
def test_a_wall_lies_on_the_outline_of_its_unit(grid: Grid) -> None:
    cells = Cells(grid)
    pairs, ends = cells.walls
    for (unit, other), wall in zip(pairs.tolist(), ends, strict=True):
        corners = {tuple(np.round(corner, 6)) for corner in cells.outlines[unit]}
        assert {tuple(np.round(end, 6)) for end in wall} <= corners
        theirs = {tuple(np.round(corner, 6)) for corner in cells.outlines[other]}
        shared = {tuple(np.round(end, 6)) for end in wall} <= theirs
        assert shared or at_the_border(cells, wall)


def test_the_ends_of_a_ring_of_even_rows_meet_at_both_borders() -> None:
    pairs, ends = Cells(Grid(2, 3, "ring")).walls
    across = [end[:, 1].tolist() for pair, end in zip(pairs, ends, strict=True)
              if sorted(pair.tolist()) == [0, 5]]  # fmt: skip
    assert sorted(across) == [[0, 0], [1, 1], [2, 2]]


def test_two_rows_without_a_seam_have_no_walls_at_the_border() -> None:
    _, ends = Cells(Grid(2, 3)).walls
    assert len(ends) == 7
    assert not ((ends[..., 1] == 0).all(axis=1) | (ends[..., 1] == 2).all(axis=1)).any()


def test_walls_at_the_seam_of_a_mesh_stand_at_both_borders() -> None:
    pairs, ends = Cells(Grid(4, 5, "mesh")).walls
    across = [set(end[:, 0].tolist()) for pair, end in zip(pairs, ends, strict=True)
              if sorted(pair.tolist()) == [0, 4]]  # fmt: skip
    assert sorted(map(min, across)) == [0, 5]


@pytest.mark.parametrize("grid", GRIDS, ids=name)
@pytest.mark.parametrize("shape", [1.0, 0.6])
def test_a_point_is_in_the_cell_it_was_taken_from(grid: Grid, shape: float) -> None:
    cells = Cells(grid, shape)
    for unit in range(grid.units):
        inside = cells.middles[unit] + 0.9 * (cells.outlines[unit] - cells.middles[unit])
        for x, y in (*inside.tolist(), cells.middles[unit].tolist()):
            assert cells.unit_at(x, y) == unit
    assert cells.unit_at(-0.1, 0.2) is None
    assert cells.unit_at(cells.width / 2, cells.height + 0.1) is None


@pytest.mark.parametrize("grid", GRIDS, ids=name)
@pytest.mark.parametrize("shape", [1.0, 1.5])
def test_a_wrapped_map_goes_on_without_gap_or_overlap(grid: Grid, shape: float) -> None:
    cells = Cells(grid, shape)
    across, down = cells.period
    wraps = {"mesh": (True, True), "cylinder": (True, False)}.get(grid.topology, (False, False))
    assert (bool(across), bool(down)) == wraps
    for unit, (x, y) in enumerate(cells.middles.tolist()):
        for turn in (-2, -1, 0, 1, 3):
            assert cells.unit_on_plane(x + turn * across, y - turn * down) == unit
    if all(wraps):
        # All of the plane is map, and each unit has the same share of it.
        near = (np.arange(60) + 0.5) / 60
        found = [cells.unit_on_plane(a * across, b * down) for a in near for b in near]
        assert None not in found
        counts = np.bincount(np.array(found, int), minlength=grid.units)
        assert counts == pytest.approx(np.full(grid.units, 3600 / grid.units), rel=0.12)
    else:
        assert cells.unit_on_plane(cells.width / 2, cells.height + 0.1) is None


def test_neighbours_across_the_seam_lie_side_by_side_on_the_plane() -> None:
    for grid in GRIDS:
        cells = Cells(grid)
        across, down = cells.period
        if not (across and down):
            continue
        for unit in range(grid.units):
            turned = [
                cells.middles + np.array([row * across, column * down])
                for row in (-1, 0, 1)
                for column in (-1, 0, 1)
            ]
            far = np.min([np.linalg.norm(m - cells.middles[unit], axis=1) for m in turned], axis=0)
            near = set(np.flatnonzero((far > 0.1) & (far < 1.1)).tolist())
            assert near == set(grid.neighbours(unit, 4 if 4 in grid.adjacencies else None).tolist())


def test_a_ring_in_one_row_goes_on_to_the_sides() -> None:
    cells = Cells(Grid(1, 6, "ring"))
    assert cells.period == (6.0, 0)
    assert cells.unit_on_plane(6.5, 0.5) == 0
    assert cells.unit_on_plane(-0.5, 0.5) == 5


# --- points and pixels --------------------------------------------------------------------------


@pytest.mark.parametrize("grid", GRIDS, ids=name)
@pytest.mark.parametrize("shape", [1.0, 1.5])
def test_many_points_find_their_units_as_single_ones_do(grid: Grid, shape: float) -> None:
    cells = Cells(grid, shape)
    draws = np.random.default_rng(1)
    x = draws.uniform(-0.4, cells.width + 0.4, 400)
    y = draws.uniform(-0.4, cells.height + 0.4, 400)
    expected = [cells.unit_at(*point) for point in zip(x, y, strict=True)]
    assert cells.units_at(x, y).tolist() == [-1 if one is None else one for one in expected]


@pytest.mark.parametrize("grid", GRIDS, ids=name)
def test_the_picture_of_the_units_has_each_where_it_is_drawn(grid: Grid) -> None:
    cells, places = Cells(grid, 1.25), raster(grid, 1.25, 12)
    height, width = places.shape
    for row, column in np.ndindex(height, width):
        x = (column + 0.5) / width * cells.width
        y = (row + 0.5) / height * cells.height
        unit = cells.unit_at(x, y)
        assert places[row, column] == (-1 if unit is None else unit)


@pytest.mark.parametrize("grid", [grid for grid in GRIDS if grid.units > 1], ids=name)
@pytest.mark.parametrize("shape", [1.0, 1.5])
def test_the_expanded_u_matrix_lies_on_units_and_walls(grid: Grid, shape: float) -> None:
    """In the middle of a cell is its unit, on both sides of a wall the distance of its units."""
    cells, weights = Cells(grid, shape), noise(grid.units, 3)
    values = expanded_u_matrix(weights, grid)
    places = raster_between(grid, shape, 32)
    drawn = values.reshape(-1)[places]
    assert np.isfinite(drawn[places >= 0]).all()
    height, width = drawn.shape

    def at(x: float, y: float) -> float:
        return float(drawn[int(y / cells.height * height), int(x / cells.width * width)])

    rows, columns = grid.cells.T
    shifted = 2 * columns + (rows % 2 if grid.hexagonal else 0)
    for unit, (x, y) in enumerate(cells.middles.tolist()):
        assert at(x, y) == values[2 * rows[unit], shifted[unit]]
    for (first, second), ends in zip(*cells.walls, strict=True):
        middle = ends.mean(axis=0)
        near = min((first, second), key=lambda unit: np.linalg.norm(cells.middles[unit] - middle))
        inside = middle + 0.06 * (cells.middles[near] - middle)
        expected = np.linalg.norm(weights[first] - weights[second])
        assert at(*inside) == pytest.approx(expected)


def test_outside_of_hexagons_nothing_is_painted() -> None:
    grid = Grid(4, 3, "cylinder", "hexagonal")
    assert np.array_equal(raster(grid, 1.0, 16) < 0, raster_between(grid, 1.0, 16) < 0)


@pytest.mark.parametrize("tiling", ["square", "hexagonal"])
def test_a_point_of_a_cell_is_a_place_of_its_picture(tiling: str) -> None:
    """The mosaic shows in each cell what the pictures hold at that place."""
    grid, side = Grid(2, 3, "grid", tiling), 60
    ramp = np.arange(side, dtype=np.uint8)
    pictures = np.zeros((6, side, side, 3), np.uint8)
    pictures[..., 0], pictures[..., 1] = ramp[None, None], ramp[None, :, None]
    sheet, cells = mosaic(pictures, grid), Cells(grid)
    for x, y in np.random.default_rng(2).uniform(0.05, 1.6, (60, 2)):
        unit = cells.unit_at(x, y)
        if unit is None or np.linalg.norm(cells.middles[unit] - (x, y)) > 0.4:
            continue  # pixels at the border may be those of the neighbour
        across, down = cells.within(unit, x, y)
        pixel = sheet[int(y / cells.height * len(sheet)), int(x / cells.width * len(sheet[0]))]
        assert abs(across * side - 0.5 - pixel[0]) < 2.5
        assert abs(down * side - 0.5 - pixel[1]) < 2.5
