"""The inspector: the selected units, the chosen picture, what they look like and what is near."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSignalBlocker, Qt, Slot
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from image2map_gui.core.images.metadata import Looking, Metadata, looking_up
from image2map_gui.core.images.sources import Source
from image2map_gui.core.som.winners import distances_between
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.jobs.runner import Outcome, Runner
from image2map_gui.ui.session.selection import of_map
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.session.thumbnails import Thumbnails
from image2map_gui.ui.state import MapState
from image2map_gui.ui.theme import SPACE
from image2map_gui.ui.widgets.gallery import (
    ContextMenu,
    Gallery,
    PictureModel,
    select_rows,
    selected_rows,
)
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.widgets.tile import Tile
from image2map_gui.ui.widgets.unit_buttons import UnitButtons
from image2map_gui.ui.wording import bytes_text, plural, visible

_SIDE = 64
_MOST_LABELS = 4
_NOTHING = "Click a unit of the map, or a picture, to read about it here."

Index = QModelIndex | QPersistentModelIndex
Units = NDArray[np.intp]


class Members(PictureModel):
    """The pictures on some units; nothing is written down before it is seen."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__(thumbnails)
        self._state: MapState | None = None
        self.places: Units = np.zeros(0, np.intp)

    def show_members(self, state: MapState | None, places: Units) -> None:
        """List pictures of a map by their places in it; none without a map."""
        self.beginResetModel()
        self._state, self.places = state, places
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many pictures are listed."""
        return 0 if parent.isValid() else len(self.places)

    def source(self, row: int) -> Source:
        """Return the picture of a row."""
        assert self._state is not None
        source: Source = self._state.pictures[int(self.places[row])]
        return source

    def caption(self, row: int) -> str:
        """Return distance and label of the picture of a row."""
        assert self._state is not None
        assert self._state.distances is not None
        far, label = self._state.distances[self.places[row]], self.source(row).label
        return f"{far:.3g}" + (f" · {label}" if label else "")


class Inspector(QWidget):
    """Shows what the session's selection is; follows the map while it is trained."""

    def __init__(
        self, session: Session, menu: Sequence[QAction] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: tuple[object, ...] = ()
        self._told_of: Source | None = None
        self._marked: tuple[object, ...] = ()
        self._looked: Looking | None = None
        self._filling = False
        self._lookup = Runner(self)
        self._lookup.ended.connect(self._found)
        self._title = plain_label(bold=True)
        self._picture = Tile("picture", 96)
        self._prototype = Tile("prototype", 96)
        self._facts = plain_label()
        self._details = plain_label()
        self._details.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._details.setAccessibleName("About the picture")
        self._near_title = plain_label()
        self.neighbours = UnitButtons(session)
        self._members_title = plain_label()
        self.members = Members(session.thumbnails)
        self.gallery = Gallery(
            session.thumbnails, "Pictures of the unit", _SIDE, model=self.members
        )
        self.members.setParent(self.gallery)
        self._lay_out()
        ContextMenu(self.gallery, menu)
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._picture)
        top.addWidget(self._prototype)
        top.addWidget(self._facts, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, 0)
        layout.addWidget(self._title)
        layout.addLayout(top)
        layout.addWidget(self._details)
        layout.addWidget(self._near_title)
        layout.addWidget(self.neighbours)
        layout.addWidget(self._members_title)
        layout.addWidget(self.gallery, 1)
        layout.addStretch(0)

    def _connect(self) -> None:
        session = self._session
        self.gallery.chosen_changed.connect(self._choose)
        self._session.collection_changed.connect(self._ink)
        self.gallery.picked.connect(self._picked)
        session.chosen_changed.connect(self._refresh)
        session.selection.units_changed.connect(self._refresh)
        session.map_changed.connect(self._refresh)
        session.thumbnails.ready.connect(self._show_thumbnail)

    @property
    def title(self) -> str:
        """What the selection is, in a line."""
        return self._title.text()

    @property
    def facts(self) -> str:
        """What is said about the units, or about the place of the picture."""
        return self._facts.text()

    @property
    def details(self) -> str:
        """What is said about the picture itself."""
        return self._details.text()

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """Look up what was chosen while this was out of sight."""
        super().showEvent(event)
        self._show_picture(self._source())

    def halt(self) -> None:
        """End looking things up; to be called before the window goes."""
        self._lookup.halt()

    # --- choosing here ----------------------------------------------------------------------

    @Slot()
    def _choose(self) -> None:
        """Choose what was selected here, among the pictures of the units that stay selected."""
        if not self._filling:
            rows = selected_rows(self.gallery.selectionModel())
            self._filling = True
            self._session.selection.narrow_to([self.members.source(row).address for row in rows])
            self._filling = False

    @Slot(object)
    def _picked(self, source: Source) -> None:
        selection = self._session.selection
        if not self._filling and (row := selection.row_of(source.address)) >= 0:
            self._filling = True
            selection.lead_with(row)
            self._filling = False

    # --- what is shown ----------------------------------------------------------------------

    @Slot()
    def _refresh(self) -> None:
        state, source = self._session.map, self._source()
        units = np.zeros(0, np.intp)
        if state is not None:
            units = of_map(self._session.selection.units, state)
        lead = self._session.unit
        if state is None or lead is None or lead not in units:
            lead = None
        self._title.setText(_title(state, units, lead, source))
        self._show_prototype(state, lead if source is not None or len(units) == 1 else None)
        self._show_picture(source)
        key = (units.tobytes(), lead, state and state.units, state and state.pictures)
        if not _same(key, self._shown):
            self._show_neighbours(state, lead if len(units) == 1 else None)
            self._show_members(state, units)
        if not _same((*key, source), (*self._shown, self._told_of)):
            told = _place_of(state, source, self._place(source)) if source else _facts(state, units)
            self._facts.setText("\n".join(told))
            self._facts.setVisible(bool(told))
        self._shown, self._told_of = key, source
        if not self._filling and not _same(marked := (*key, self._session.chosen), self._marked):
            self._marked = marked
            self._show_chosen()

    def _source(self) -> Source | None:
        """Return the picture to tell about, if it is one."""
        return self._session.selection.picture

    def _place(self, source: Source) -> int:
        """Return the place of a picture among those of the map, -1 if it is not there."""
        selection = self._session.selection
        return int(selection.places_of_rows[selection.row_of(source.address)])

    def _show_prototype(self, state: MapState | None, unit: int | None) -> None:
        self._prototype.setVisible(unit is not None)
        if state is not None and unit is not None:
            self._prototype.set_caption(state.unit_caption)
            self._prototype.show_pixels(state.prototype(unit))

    def _show_neighbours(self, state: MapState | None, unit: int | None) -> None:
        near = state.grid.neighbours(unit) if state is not None and unit is not None else ()
        for widget in (self._near_title, self.neighbours):
            widget.setVisible(len(near) > 0)
        if state is None or unit is None or not len(near):
            return
        ours = np.repeat(state.weights[unit][None], len(near), axis=0)
        apart = distances_between(ours, state.weights[near], state.metric)
        self._near_title.setText(
            f"{plural(len(near), 'neighbour')}, {apart.mean():.4g} away on average"
        )
        order = np.argsort(apart, kind="stable")
        self.neighbours.show_units(state, near[order].tolist(), apart[order].tolist())

    def _show_members(self, state: MapState | None, units: Units) -> None:
        places = np.zeros(0, np.intp) if state is None else state.places_on(units)
        self._members_title.setVisible(len(units) > 0)
        self.gallery.setVisible(len(places) > 0)
        one = len(units) == 1
        text = "Its pictures, nearest first" if one else "Their pictures, nearest first"
        if not len(places):
            text = f"No picture belongs to {'this unit' if one else 'these units'}."
        self._members_title.setText(text)
        with QSignalBlocker(self.gallery):
            self.members.show_members(state, places)

    @Slot()
    def _ink(self) -> None:
        self.members.inks = self._session.curator.inks
        self.gallery.viewport().update()

    @Slot()
    def _show_chosen(self) -> None:
        """Select the chosen pictures here, unless they are all of those that are listed."""
        selection, places = self._session.selection, self.members.places
        rows = selection.rows
        listed: Units = np.zeros(0, np.intp)
        if 0 < len(rows) < len(places):
            chosen = np.zeros(len(self._session.sources) + 1, bool)
            chosen[rows] = True
            listed = np.flatnonzero(chosen[self._rows_of(places)])
        self._filling = True
        select_rows(self.gallery.selectionModel(), listed)
        self._filling = False

    def _rows_of(self, places: Units) -> Units:
        """Return the rows in the collection of pictures of the map."""
        state = self._session.map
        if state is None or state.pictures is self._session.sources:
            return places
        row_of = self._session.selection.row_of
        return np.array([row_of(state.pictures[place].address) for place in places], np.intp)

    # --- the picture ------------------------------------------------------------------------

    def _show_picture(self, source: Source | None) -> None:
        self._picture.setVisible(source is not None)
        self._details.setVisible(source is not None)
        if source is None:
            self._details.setText("")
            return
        self._show_thumbnail()
        looked = self._looked
        if looked is None or looked.source.address != source.address:
            self._details.setText(visible(source.address))
            if not self._lookup.busy and self.isVisible():
                self._lookup.start(looking_up(source))
        else:
            self._details.setText("\n".join([visible(source.address), *_said(looked)]))

    @Slot()
    def _show_thumbnail(self) -> None:
        source = self._source()
        if source is not None:
            self._picture.show_pixmap(self._session.thumbnails.pixmap(source))

    @Slot(object)
    def _found(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        if isinstance(outcome.last, Looking):
            self._looked = outcome.last
        self._show_picture(self._source())  # which may be another one meanwhile


# --- in words -----------------------------------------------------------------------------------


def _title(state: MapState | None, units: Units, lead: int | None, source: Source | None) -> str:
    if source is not None:
        return visible(source.name)
    if state is None or not len(units):
        return _NOTHING
    if len(units) > 1:
        return f"{len(units):,} units"
    row, column = state.grid.cells[units[0]]
    return f"Row {row + 1}, column {column + 1}"


def _facts(state: MapState | None, units: Units) -> list[str]:
    """Say what some units hold."""
    if state is None or not len(units) or state.hits is None or state.errors is None:
        return []
    hits = state.hits[units]
    facts = [plural(int(hits.sum()), "picture")]
    if hits.any():
        level = state.error_level(int(units[0])) if len(units) == 1 else ""
        far = f"mean distance {np.nansum(state.errors[units] * hits) / hits.sum():.4g}"
        facts.append(far + (f" (error {level})" if level else ""))
    labels = state.labels(units)
    if labels:
        shown = [f"{visible(name)} ({count:,})" for name, count in labels[:_MOST_LABELS]]
        more = len(labels) - _MOST_LABELS
        facts.append(", ".join(shown) + (f" and {more} more labels" if more > 0 else ""))
    return facts


def _place_of(state: MapState | None, source: Source, place: int) -> list[str]:
    """Say where a picture lies on the map, and how near to its unit."""
    said = [f"label {visible(source.label)}"] if source.label is not None else ["no label"]
    if state is None or state.units is None or state.distances is None:
        return said
    if place < 0:
        return [*said, "not on the map"]
    unit, far = int(state.units[place]), float(state.distances[place])
    row, column = state.grid.cells[unit]
    said += [f"row {row + 1}, column {column + 1}", f"distance {far:.4g}"]
    others = state.distances[state.units == unit]
    if len(others) > 1:
        nearer = np.count_nonzero(others > far) / (len(others) - 1)
        said.append(f"nearer than {nearer:.0%} of the others on its unit")
    return said


def _said(looked: Looking) -> list[str]:
    if looked.metadata is None:
        return [f"It {looked.reason}."] if looked.reason else []
    facts: Metadata = looked.metadata
    first = [f"{facts.width:,} x {facts.height:,} pixels", facts.format, facts.colours]
    first += [bytes_text(facts.bytes)] if facts.bytes else []
    lines = [" · ".join(first)]
    if facts.modified:
        when = datetime.fromtimestamp(facts.modified).astimezone()
        lines.append(f"file changed {when:%Y-%m-%d %H:%M}")
    camera = [facts.taken and f"taken {facts.taken}", facts.camera, facts.exposure]
    lines += [" · ".join(filter(None, camera))] if any(camera) else []
    return lines


def _same(first: tuple[object, ...], second: tuple[object, ...]) -> bool:
    """Whether two keys are the same; arrays and long tuples are compared by identity."""
    return len(first) == len(second) and all(
        one is other or (isinstance(one, bytes | int) and one == other)
        for one, other in zip(first, second, strict=True)
    )
