"""What is selected: units of the map and pictures of the collection, each following the other."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QObject, Signal

from image2map_gui.core.images.collection import Rows
from image2map_gui.core.images.sources import Source
from image2map_gui.ui.session.document import Document
from image2map_gui.ui.state import MapState, places_of


@dataclasses.dataclass(frozen=True)
class Question:
    """What similar pictures are looked for: those like a picture, or like a unit."""

    source: Source | None = None
    unit: int | None = None


class Selection(QObject):
    """The selected units and pictures of a document.

    Who selects units selects the pictures on them; who chooses pictures selects the units they
    lie on. All is settled before a signal comes, and a signal comes only for what has changed, so
    that parts of the window may follow each other without going in circles.
    """

    units_changed = Signal()
    unit_selected = Signal(object)
    chosen_changed = Signal()
    asked = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._anchor: int | None = None  # where ranges begin
        self._by_units = False  # the pictures were chosen by their units
        self.question = Question()
        self._where: tuple[object, object] = (None, None)  # units and pictures, seen last
        self._index: tuple[Sequence[Source], dict[str, int]] = ((), {})
        self._rows: tuple[object, object, Rows] = (None, None, np.zeros(0, np.intp))
        self._places: tuple[object, object, Rows] = (None, None, np.zeros(0, np.intp))
        self._units_of: tuple[object, object, Rows] = (None, None, np.zeros(0, np.intp))

    # --- what is selected -------------------------------------------------------------------

    @property
    def units(self) -> NDArray[np.intp]:
        """The selected units, ascending; to be read only."""
        return self._document.units

    @property
    def unit(self) -> int | None:
        """The one of them that leads: the last that was clicked."""
        return self._document.unit

    @property
    def anchor(self) -> int | None:
        """The unit that ranges begin at."""
        known = self._anchor is not None and self._anchor in self.units
        return self._anchor if known else self.unit

    @property
    def rows(self) -> Rows:
        """The rows of the chosen pictures in the collection, ascending; to be read only."""
        chosen, sources = self._document.chosen, self._document.sources
        if self._rows[0] is not chosen or self._rows[1] is not sources:
            index = self._index_of(sources)
            found = [index[address] for address in chosen if address in index]
            self._rows = (chosen, sources, np.unique(np.array(found, np.intp)))
        return self._rows[2]

    def row_of(self, address: str) -> int:
        """Return the row of a picture in the collection, -1 if it is not there."""
        return self._index_of(self._document.sources).get(address, -1)

    @property
    def picture(self) -> Source | None:
        """The chosen picture, if it is one and was not chosen by its unit."""
        rows = self.rows
        one = len(rows) == 1 and len(self._document.chosen) == 1 and not self._by_units
        return self._document.sources[rows[0]] if one else None

    @property
    def places_of_rows(self) -> Rows:
        """The place of each picture of the collection among those of the map, or -1."""
        sources, state = self._document.sources, self._document.shown
        pictures = () if state is None else state.pictures
        if self._places[0] is not sources or self._places[1] is not pictures:
            self._places = (sources, pictures, places_of(sources, pictures))
        return self._places[2]

    @property
    def units_of_rows(self) -> Rows:
        """The unit of each picture of the collection, -1 for one that is not on the map."""
        state, places = self._document.shown, self.places_of_rows
        if state is None or state.units is None:
            return np.full(len(places), -1)
        if self._units_of[0] is not places or self._units_of[1] is not state.units:
            units = np.append(state.units, -1)[places].astype(np.intp)  # the last: not there
            self._units_of = (places, state.units, units)
        return self._units_of[2]

    def ask(self) -> None:
        """Ask for what is like the chosen picture, or else like the unit that leads."""
        source = self.picture
        if source is None and self.unit is None and len(self.rows):
            source = self._document.sources[self.rows[0]]
        self.question = Question(source, None if source is not None else self.unit)
        self.asked.emit()

    def refresh(self) -> None:
        """Follow the map that is shown now: pictures lie elsewhere on it than before.

        Selected units hold the pictures that are on them now, chosen pictures the units they are
        on now.
        """
        state = self._document.shown
        where = (None, None) if state is None else (state.units, state.pictures)
        if all(old is new for old, new in zip(self._where, where, strict=True)):
            return
        self._where = where
        if state is None or not self._by_units:
            self._follow_pictures(-1, told=False)
            return
        units = of_map(self.units, state)
        lead = self.unit if self.unit in units else _first(units)
        self._take(units, lead, self._rows_on(units))

    def let_go(self) -> None:
        """Keep the chosen pictures whatever becomes of the units; there is another map now."""
        self._by_units = False
        self._where = (None, None)
        self.units_changed.emit()
        self.unit_selected.emit(None)

    # --- selecting units --------------------------------------------------------------------

    def select_units(self, units: ArrayLike, lead: int | None = None) -> None:
        """Select units and with them their pictures; without a ``lead`` the first one leads."""
        found = np.unique(np.asarray(units, np.intp))
        if lead is None or lead not in found:
            lead = self.unit if self.unit in found else _first(found)
        if self._anchor not in found or len(found) == 1:
            self._anchor = lead
        self._take(found, lead, self._rows_on(found))

    def toggle(self, unit: int) -> None:
        """Select a unit too, or no longer."""
        if unit in self.units:
            self.select_units(self.units[self.units != unit])
        else:
            self.select_units(np.append(self.units, unit), unit)
            self._anchor = unit

    def extend_to(self, unit: int, *, adding: bool = False) -> None:
        """Select all cells of the rectangle between the anchor and a unit, which leads then."""
        state, anchor = self._document.shown, self.anchor
        if state is None or anchor is None or anchor >= state.grid.units:
            self.select_units([unit])
            return
        (top, left), (bottom, right) = np.sort(state.grid.cells[[anchor, unit]], axis=0)
        between = state.grid.unit_table[top : bottom + 1, left : right + 1].ravel()
        self.select_units(np.append(self.units, between) if adding else between, unit)
        self._anchor = anchor

    def select_within(self, units: NDArray[np.intp], *, adding: bool = False) -> None:
        """Select what lies in an outline that was drawn."""
        self.select_units(np.append(self.units, units) if adding else units)

    def select_all_units(self) -> None:
        """Select every unit."""
        state = self._document.shown
        if state is not None:
            self.select_units(np.arange(state.grid.units))

    def invert_units(self) -> None:
        """Select the other units."""
        state = self._document.shown
        if state is not None:
            self.select_units(np.setdiff1d(np.arange(state.grid.units), self.units))

    def clear(self) -> None:
        """Select nothing."""
        self.select_units(())

    # --- choosing pictures ------------------------------------------------------------------

    def choose(self, addresses: Collection[str], lead: str = "") -> None:
        """Choose pictures and select their units; that of the picture ``lead`` leads."""
        chosen = tuple(addresses)
        if chosen == self._document.chosen:
            return
        self._document.chosen, self._by_units = chosen, False
        self._follow_pictures(self.row_of(lead) if lead else -1)

    def choose_rows(self, rows: Rows, lead: int = -1) -> None:
        """Choose the pictures in some rows of the collection, like :meth:`choose`."""
        by_units, self._by_units = self._by_units, False
        if self._put_rows(rows):
            self._follow_pictures(lead)
        elif by_units:
            self.chosen_changed.emit()

    def lead_with(self, row: int) -> None:
        """Let the unit of a picture lead, if it is selected."""
        unit = int(self.units_of_rows[row])
        if unit in self.units:
            self._anchor = unit
            self._set_units(self.units, unit)

    def narrow(self, rows: Rows) -> None:
        """Choose some pictures of the selected units; the units stay selected."""
        if self._put_rows(rows):
            self._by_units = False
            self.chosen_changed.emit()

    def narrow_to(self, addresses: Collection[str]) -> None:
        """Choose some pictures of the selected units by their addresses, like :meth:`narrow`."""
        if tuple(addresses) != self._document.chosen or self._by_units:
            self._document.chosen, self._by_units = tuple(addresses), False
            self.chosen_changed.emit()

    def drop_missing(self) -> None:
        """Choose only those of the chosen pictures that are still there."""
        chosen = self._document.chosen
        if chosen:
            index = self._index_of(self._document.sources)
            left = tuple(address for address in chosen if address in index)
            if len(left) < len(chosen):
                self._document.chosen = left
                self.chosen_changed.emit()

    def combine(self, addresses: Collection[str], how: str) -> None:
        """Choose pictures, ``add`` them to the chosen ones, ``intersect`` or ``subtract``."""
        index = self._index_of(self._document.sources)
        theirs = np.array([index[one] for one in addresses if one in index], np.intp)
        if how == "add":
            rows = np.union1d(self.rows, theirs)
        elif how == "intersect":
            rows = np.intersect1d(self.rows, theirs)
        elif how == "subtract":
            rows = np.setdiff1d(self.rows, theirs)
        else:
            rows = np.unique(theirs)
        self.choose_rows(rows)

    # --- helpers ----------------------------------------------------------------------------

    def _rows_on(self, units: NDArray[np.intp]) -> Rows:
        """Return the rows of the pictures on some units."""
        state = self._document.shown
        if state is None:
            return np.zeros(0, np.intp)
        wanted = np.zeros(state.grid.units + 1, bool)  # the last one: not on the map
        wanted[units[units < state.grid.units]] = True
        return np.flatnonzero(wanted[self.units_of_rows])

    def _follow_pictures(self, lead: int, *, told: bool = True) -> None:
        """Select the units of the chosen pictures; unless it is ``told``, these are as before."""
        where = self.units_of_rows
        units = np.unique(where[self.rows])
        units = units[units >= 0]
        unit = int(where[lead]) if lead >= 0 else -1
        if unit not in units:
            unit = -1 if self.unit is None else self.unit
        lead_unit = unit if unit in units else _first(units)
        if len(units) < 2 or self._anchor not in units:
            self._anchor = lead_unit
        self._set_units(units, lead_unit)
        if told:
            self.chosen_changed.emit()

    def _take(self, units: NDArray[np.intp], lead: int | None, rows: Rows) -> None:
        changed = self._put_rows(rows) or not self._by_units
        self._by_units = True
        self._set_units(units, lead)
        if changed:
            self.chosen_changed.emit()

    def _put_rows(self, rows: Rows) -> bool:
        """Take over chosen rows; returns whether they are others than before."""
        ascending = np.sort(rows)
        if len(rows) == len(self._document.chosen) and np.array_equal(ascending, self.rows):
            return False
        sources = self._document.sources
        chosen = tuple([sources[row].address for row in rows.tolist()])
        self._document.chosen = chosen
        self._rows = (chosen, sources, ascending)
        return True

    def _set_units(self, units: NDArray[np.intp], lead: int | None) -> None:
        document = self._document
        others = not np.array_equal(units, document.units)
        another = lead != document.unit
        units.setflags(write=False)
        document.units, document.unit = units, lead
        if others or another:
            self.units_changed.emit()
        if another:
            self.unit_selected.emit(lead)

    def _index_of(self, sources: Sequence[Source]) -> dict[str, int]:
        if self._index[0] is not sources:
            index = {source.address: row for row, source in enumerate(sources)}
            self._index = (sources, index)
        return self._index[1]


def _first(units: NDArray[np.intp]) -> int | None:
    return int(units[0]) if len(units) else None


def of_map(units: NDArray[np.intp], state: MapState) -> NDArray[np.intp]:
    """Return the units that a map has: a selection may be older than it."""
    return units[units < state.grid.units]
