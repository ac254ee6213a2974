"""Where keys lead on the map: from cell to cell, to the ends of rows, and round closed sides."""

from __future__ import annotations

from PySide6.QtCore import Qt

from image2map_gui.core.som.grid import Grid

_PAGE = 5  # rows
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_LEAPS = {
    Qt.Key.Key_Home: (0, -1),
    Qt.Key.Key_End: (0, 1),
    Qt.Key.Key_PageUp: (-1, 0),
    Qt.Key.Key_PageDown: (1, 0),
}
KEYS = frozenset({*_STEPS, *_LEAPS})


def led_to(grid: Grid, unit: int | None, key: Qt.Key, *, far: bool = False) -> int:
    """Return the unit that a key leads to; without a unit to start from, the first one.

    Arrow keys lead to the next cell, round the sides of the map that are closed; Home and End to
    the ends of the row, and if they lead ``far`` to the first and the last cell; Page Up and Page
    Down five rows on.
    """
    if unit is None or unit >= grid.units:
        return int(grid.unit_table[0, 0])
    row, column = (int(place) for place in grid.cells[unit])
    if key in _STEPS:
        down, across = _STEPS[key]
        return _cell(grid, row + down, column + across)
    down, across = _LEAPS[key]
    if across:
        column = 0 if across < 0 else grid.columns - 1
        row = (0 if across < 0 else grid.rows - 1) if far else row
    row = min(max(row + _PAGE * down, 0), grid.rows - 1)
    return int(grid.unit_table[row, column])


def _cell(grid: Grid, row: int, column: int) -> int:
    """Return the unit of a cell; beyond a side that is not closed, that at the side."""
    sheet = len(grid.axes) == 2
    if sheet and grid.axes[0].closed:
        row %= grid.rows
    if sheet and grid.axes[1].closed:
        column %= grid.columns
    row, column = min(max(row, 0), grid.rows - 1), min(max(column, 0), grid.columns - 1)
    return int(grid.unit_table[row, column])
