"""Selecting units by clicks, outlines and keys, and the marks on those that are selected."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPolygonF

from image2map_gui.core.picture.borders import border_of, loops_of
from image2map_gui.ui.map_view.marks import Border, CellFrame
from image2map_gui.ui.map_view.travel import KEYS, led_to
from image2map_gui.ui.session.selection import of_map
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.state import MapState
from image2map_gui.ui.theme import on_pictures

Modifier = Qt.KeyboardModifier


class Selecting:
    """Turns what a person does on the map into the session's selection, and marks it there."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.frame = CellFrame()
        self.border = Border()
        self.frame.set_colours(on_pictures(), 3)
        self.border.set_colours(on_pictures(), 2)

    # --- what a person does -----------------------------------------------------------------

    def click(self, unit: int | None, keys: Modifier) -> None:
        """Select, toggle, or select as far as a unit; beside the map, select nothing."""
        selection = self._session.selection
        adding = bool(keys & Modifier.ControlModifier)
        if unit is None:
            if not keys:
                selection.clear()
        elif keys & Modifier.ShiftModifier:
            selection.extend_to(unit, adding=adding)
        elif adding:
            selection.toggle(unit)
        else:
            selection.select_units([unit])

    def aim(self, unit: int | None) -> None:
        """Select a unit that a menu is wanted for, unless it is selected with others."""
        selection = self._session.selection
        if unit is not None and unit not in selection.units:
            selection.select_units([unit])

    def travel(self, event: QKeyEvent) -> bool:
        """Move or extend the selection; returns whether the key means so."""
        state, key, keys = self._session.map, Qt.Key(event.key()), event.modifiers()
        if state is None or key not in KEYS:
            return False
        selection = self._session.selection
        far = bool(keys & Modifier.ControlModifier)
        unit = led_to(state.grid, selection.unit, key, far=far)
        if keys & Modifier.ShiftModifier:
            selection.extend_to(unit)
        else:
            selection.select_units([unit])
        return True

    # --- what is seen and said --------------------------------------------------------------

    def show(self) -> str:
        """Mark what is selected, the unit that leads and the border of all; return it in words."""
        state, units, lead = self._present()
        several = len(units) > 1
        if state is None or lead is None:
            self.frame.show_cell(None)
            self.border.show_loops([])
            return "" if state is None else "Nothing is selected"
        self.frame.show_cell(outline_of(state, lead))
        outlines = state.cells.outlines[units if several else units[:0]]
        self.border.show_loops(loops_of(border_of(outlines)))
        told = state.describe(lead)
        return f"{state.describe_all(units)}. {told}" if several else told

    def words(self) -> str:
        """Return what stands below the map of several units, empty otherwise."""
        state, units, _ = self._present()
        return state.describe_all(units) if state is not None and len(units) > 1 else ""

    def _present(self) -> tuple[MapState | None, NDArray[np.intp], int | None]:
        """Return the map, the selected units it has, and the one that leads."""
        state, selection = self._session.map, self._session.selection
        if state is None:
            return None, np.zeros(0, np.intp), None
        units = of_map(selection.units, state)
        lead = selection.unit
        if lead is None or lead not in units:
            lead = int(units[0]) if len(units) else None
        return state, units, lead


def outline_of(state: MapState, unit: int) -> QPolygonF:
    """Return the outline of a cell on the map."""
    return QPolygonF([QPointF(x, y) for x, y in state.cells.outlines[unit].tolist()])
