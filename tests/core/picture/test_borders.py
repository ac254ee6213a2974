"""Borders of selections: counted by hand, and every line between a chosen cell and another."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.picture.borders import border_of, loops_of
from image2map_gui.core.picture.cells import Cells
from image2map_gui.core.som.grid import Grid


def test_one_cell_has_all_its_sides() -> None:
    assert len(border_of(Cells(Grid(3, 3)).outlines[[4]])) == 4
    assert len(border_of(Cells(Grid(3, 3, "grid", "hexagonal")).outlines[[4]])) == 6
    assert border_of(Cells(Grid(3, 3)).outlines[[]]).shape == (0, 2, 2)


def test_what_lies_between_two_chosen_cells_is_no_border() -> None:
    lines = border_of(Cells(Grid(3, 3)).outlines[[4, 5]])
    assert len(lines) == 6
    assert not ((lines[:, 0, 0] == 2) & (lines[:, 1, 0] == 2)).any()


def test_a_hole_has_a_border_too() -> None:
    ring = [unit for unit in range(9) if unit != 4]
    lines = border_of(Cells(Grid(3, 3)).outlines[ring])
    assert len(lines) == 12 + 4
    assert sorted(len(loop) for loop in loops_of(lines)) == [4, 12]


def test_cells_that_touch_at_a_corner_are_enclosed() -> None:
    lines = border_of(Cells(Grid(2, 2)).outlines[[0, 3]])
    loops = loops_of(lines)
    assert sum(len(loop) for loop in loops) == len(lines) == 8


@given(
    cells=st.sampled_from(
        [
            Cells(Grid(5, 6)),
            Cells(Grid(6, 7, "mesh", "hexagonal"), 1.3),
            Cells(Grid(5, 6, "grid", "hexagonal"), 0.37),
            Cells(Grid(3, 5, "line"), 0.5),
        ]
    ),
    data=st.data(),
)
def test_a_border_line_has_a_chosen_cell_on_one_side(cells: Cells, data: st.DataObject) -> None:
    every = range(cells.grid.units)
    chosen = sorted(data.draw(st.sets(st.sampled_from(every), min_size=1)))
    lines = border_of(cells.outlines[chosen])
    closed = [np.stack([loop, np.roll(loop, -1, axis=0)], axis=1) for loop in loops_of(lines)]
    again = np.round(np.concatenate(closed), 6).reshape(-1, 4).tolist()
    assert sorted(again) == sorted(np.round(lines, 6).reshape(-1, 4).tolist())
    sides = 6 if cells.grid.hexagonal else 4
    for (x1, y1), (x2, y2) in lines:
        middle = np.array([x1 + x2, y1 + y2]) / 2
        across = 0.05 * np.array([y2 - y1, x1 - x2])
        seen = [cells.unit_at(*(middle + way * across)) for way in (1, -1)]
        assert sum(unit in chosen for unit in seen) == 1
    pairs = {
        frozenset((one, other))
        for one in chosen
        for other in chosen
        if one < other and _touch(cells, one, other)
    }
    inner = len(pairs)
    assert len(lines) == sides * len(chosen) - 2 * inner


def _touch(cells: Cells, one: int, other: int) -> bool:
    """Whether two cells have two corners in common."""
    apart = np.abs(cells.outlines[one][:, None] - cells.outlines[other][None]).max(axis=2)
    return int((apart < 1e-6).sum()) >= 2
