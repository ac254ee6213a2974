"""The classified pictures: a list, and a card for the one that is chosen."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QItemSelectionModel, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.images.sources import Source
from image2map_gui.core.model import MapModel
from image2map_gui.ui.gallery import Gallery
from image2map_gui.ui.labels import plain_label
from image2map_gui.ui.session import Session
from image2map_gui.ui.state import MapState
from image2map_gui.ui.theme import SPACE, marker
from image2map_gui.ui.tile import Tile

_LIST_SIDE = 48
_NOTHING = "Drop pictures on the window, or press Ctrl+D, to see where they belong on the map."


class ClassifyPanel(QWidget):
    """Lists the session's matches, the newest first, and explains one of them."""

    export_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._title = QLabel(_NOTHING)
        self._title.setWordWrap(True)
        self._list = Gallery(session.thumbnails, "Classified pictures", _LIST_SIDE)
        self._list.setSelectionMode(Gallery.SelectionMode.SingleSelection)
        self.card = MatchCard(session)
        self._clear = QPushButton("Clear")
        self._clear.setToolTip("Forget the classified pictures; files are not touched")
        self._export = QPushButton("Save as table…")
        self._export.setToolTip("Write path, unit, distance and label of all of them to a CSV file")
        buttons = QHBoxLayout()
        buttons.addWidget(self._export)
        buttons.addWidget(self._clear)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.addWidget(self._title)
        layout.addWidget(self._list)
        layout.addWidget(self.card, 1)
        layout.addStretch(0)
        layout.addLayout(buttons)
        self._list.picked.connect(self._picked)
        self._clear.clicked.connect(session.clear_matches)
        self._export.clicked.connect(self.export_wanted)
        self._following = False
        session.matches_changed.connect(self._show)
        session.selection.units_changed.connect(self._follow)
        self._show()

    @Slot()
    def _show(self) -> None:
        matches = self._session.matches
        for widget in (self._list, self.card, self._clear, self._export):
            widget.setVisible(bool(matches))
        self._list.setVisible(len(matches) > 1)
        self._list.setFixedHeight(92 if len(matches) < 5 else 172)
        count = len(matches)
        self._title.setText(
            f"{count:,} classified picture{'s' if count > 1 else ''}" if count else _NOTHING
        )
        self._list.show_pictures(
            [match.source for match in matches],
            [match.label or f"{match.row + 1}, {match.column + 1}" for match in matches],
        )
        if matches:
            first = self._list.model().index(0, 0)
            self._list.selectionModel().setCurrentIndex(
                first, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
            self.card.show_match(matches[0])
        self._session.layers.look_at(matches[0] if matches else None)

    @Slot(object)
    def _picked(self, source: Source) -> None:
        for match in self._session.matches:
            if match.source is source:
                self.card.show_match(match)
                self._session.layers.look_at(match)
                if not self._following:
                    self._session.select_unit(match.unit)

    @Slot()
    def _follow(self) -> None:
        """Show a match on the selected units, unless the one that is shown lies there."""
        matches, current = self._session.matches, self._list.currentIndex().row()
        units = frozenset(self._session.selection.units.tolist())
        there = [row for row, match in enumerate(matches) if match.unit in units]
        if there and current not in there:
            self._following = True
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            index = self._list.model().index(there[0], 0)
            self._list.selectionModel().setCurrentIndex(index, flag)
            self._list.scrollTo(index)
            self._following = False


class MatchCard(QScrollArea):
    """One classified picture: itself, the prototype, their difference, and the nearest units."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._match: Match | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tiles = (Tile("picture"), Tile("prototype"), Tile("difference"))
        self.tiles[2].setToolTip("Grey: equal. Lighter or darker: the picture is so.")
        self._name = plain_label(bold=True)
        self._verdict = plain_label()
        self._warning = plain_label()
        self._nearest = _NearestUnits(session)
        self._members_title = plain_label()
        self._members = Gallery(session.thumbnails, "Pictures of the same unit", 56)
        self._lay_out()
        session.map_changed.connect(self._refresh)

    @property
    def verdict(self) -> str:
        """What is said about the picture."""
        return self._verdict.text()

    def show_match(self, match: Match) -> None:
        """Explain where a picture belongs."""
        self._match = match
        self._name.setText(match.source.name)
        self._refresh()

    def _lay_out(self) -> None:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        tiles = QHBoxLayout()
        for tile in self.tiles:
            tiles.addWidget(tile)
        layout.addWidget(self._name)
        layout.addLayout(tiles)
        layout.addWidget(self._verdict)
        layout.addWidget(self._warning)
        layout.addWidget(plain_label("Nearest units", bold=True))
        layout.addWidget(self._nearest)
        layout.addWidget(self._members_title)
        self._members.setMinimumHeight(104)
        layout.addWidget(self._members, 1)
        self.setWidget(inside)

    @Slot()
    def _refresh(self) -> None:
        state, model, match = self._session.newest, self._session.model, self._match
        if state is None or match is None or (picture := state.picture_of(match)) is None:
            return
        prototype = state.prototype(match.unit)
        self.tiles[0].show_pixels(picture)
        self.tiles[1].set_caption(state.unit_caption)
        self.tiles[1].show_pixels(prototype)
        self.tiles[2].setVisible(state.spec.plain)  # pictures that stand for units are not averages
        difference = (picture.astype(np.int16) - prototype.astype(np.int16)) // 2 + 128
        self.tiles[2].show_pixels(np.clip(difference, 0, 255).astype(np.uint8))
        self._verdict.setText(_verdict(match, model))
        self._warning.setText("Unlike the pictures the map was trained on." if match.novel else "")
        self._warning.setVisible(match.novel)
        self._warning.setStyleSheet(f"color: {marker(self.palette()).name()}")
        self._nearest.show_match(match, state)
        members = state.members(match.unit)
        self._members_title.setText(
            "Pictures of its unit, with their distances"
            if members
            else "No other picture belongs to its unit."
        )
        self._members.setVisible(bool(members))
        self._members.show_pictures(
            [source for source, _ in members], [f"{far:.3g}" for _, far in members]
        )


class _NearestUnits(QWidget):
    """Up to five units as small prototypes; a click selects one."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._tiles: list[tuple[Tile, QPushButton]] = []

    def show_match(self, match: Match, state: MapState) -> None:
        while len(self._tiles) < len(match.units):
            self._add()
        for place, (tile, button) in enumerate(self._tiles):
            used = place < len(match.units)
            tile.setVisible(used)
            button.setVisible(used)
            if not used:
                continue
            unit, distance = match.units[place], match.unit_distances[place]
            row, column = state.grid.cells[unit]
            tile.show_pixels(state.prototype(unit))
            button.setText(f"{distance:.3g}")
            button.setProperty("unit", unit)
            where = f"row {row + 1}, column {column + 1}"
            button.setToolTip(f"Select the unit at {where}, {distance:.4g} away")
            button.setAccessibleName(f"Unit at {where}, distance {distance:.3g}")

    def _add(self) -> None:
        tile, button = Tile("", 44), QPushButton()
        button.setFlat(True)
        button.setMinimumWidth(40)
        button.clicked.connect(self._clicked)
        column = len(self._tiles)
        self._grid.addWidget(tile, 0, column)
        self._grid.addWidget(button, 1, column)
        self._tiles.append((tile, button))

    @Slot()
    def _clicked(self) -> None:
        self._session.select_unit(self.sender().property("unit"))


def _verdict(match: Match, model: MapModel | None) -> str:
    lines = [f"Row {match.row + 1}, column {match.column + 1} · distance {match.distance:.4g}"]
    if match.label is not None:
        sure = "" if math.isnan(match.confidence) else f" ({match.confidence:.0%} sure)"
        lines.insert(0, f"{match.label}{sure}")
    if model is not None and len(model.distances):
        farther = 1 - match.percentile
        lines.append(f"Nearer to its unit than {farther:.0%} of the training pictures")
    return "\n".join(lines)
