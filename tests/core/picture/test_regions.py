"""Outlines and names of regions, against a look at every wall."""

from __future__ import annotations

import numpy as np
import pytest

from image2map_gui.core.picture.cells import Cells
from image2map_gui.core.picture.regions import name_places, outlines
from image2map_gui.core.som.grid import Grid


@pytest.mark.parametrize("topology", ["grid", "mesh", "cylinder"])
@pytest.mark.parametrize("tiling", ["square", "hexagonal"])
def test_lines_stand_where_regions_meet_and_nowhere_else(topology: str, tiling: str) -> None:
    grid = Grid(4, 6, topology, tiling)
    cells = Cells(grid)
    of_units = (np.arange(24) // 5).astype(float)
    drawn = {tuple(np.round(ends.mean(axis=0), 6)) for ends in outlines(cells, of_units)}
    for (first, second), ends in zip(*cells.walls, strict=True):
        middle = tuple(np.round(ends.mean(axis=0), 6))
        if of_units[first] != of_units[second]:
            assert middle in drawn
        else:
            assert middle not in drawn


@pytest.mark.parametrize("topology", ["line", "ring"])
def test_folded_lines_have_outlines_wherever_cells_of_two_regions_touch(topology: str) -> None:
    grid = Grid(3, 4, topology)
    of_units = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2], float)
    table, expected = of_units[grid.unit_table], set()
    for row, column in np.ndindex(3, 4):
        if column < 3 and table[row, column] != table[row, column + 1]:
            expected.add((column + 1.0, row + 0.5))
        if row < 2 and table[row, column] != table[row + 1, column]:
            expected.add((column + 0.5, row + 1.0))
    drawn = [tuple(ends.mean(axis=0).tolist()) for ends in outlines(Cells(grid), of_units)]
    assert sorted(drawn) == sorted(expected)


def test_names_lie_deep_inside_their_regions() -> None:
    grid = Grid(5, 9)
    of_units = np.zeros(45)
    of_units[grid.cells[:, 1] >= 4] = 1  # 5 columns by 5 rows: its middle is row 2, column 6
    of_units[0] = 2
    places = name_places(Cells(grid), of_units, 4)
    assert places[1] == 2 * 9 + 6
    assert of_units[places[0]] == 0
    assert places[2:] == [0, None]
