"""The card of one classified picture: what it is like, how sure that is, and what is like it."""

from __future__ import annotations

import math
import operator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.analysis.classify import UNLIKE, Match, farther_than
from image2map_gui.core.analysis.novelty import ENOUGH
from image2map_gui.core.analysis.similar import Searching, like_vector
from image2map_gui.core.images.collection import rows_of
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Source
from image2map_gui.core.model import MapModel
from image2map_gui.ui.jobs.jobs import suits
from image2map_gui.ui.jobs.runner import Outcome, Runner
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.state import MapState
from image2map_gui.ui.theme import marker
from image2map_gui.ui.widgets.gallery import Gallery
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.widgets.tile import Tile

_ALIKE = 12
_ROW = 104  # pixels: a row of small pictures with captions


class MatchCard(QScrollArea):
    """One classified picture: itself, the prototype, their difference, and the nearest units."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._match: Match | None = None
        self._asked: tuple[object, ...] = ()
        self._trained: tuple[object, object, NDArray[np.intp] | None] = (None, None, None)
        self._searched: tuple[Source, ...] = ()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tiles = (Tile("picture"), Tile("prototype"), Tile("difference"))
        self.tiles[2].setToolTip("Grey: equal. Lighter or darker: the picture is so.")
        self._name = plain_label(bold=True)
        self._verdict = plain_label()
        self.warning = plain_label(bold=True)
        self._nearest = _NearestUnits(session)
        self._alike_title = plain_label("Most similar training pictures", bold=True)
        self.alike = Gallery(session.thumbnails, "Most similar training pictures", 56)
        self._members_title = plain_label(bold=True)
        self._members = Gallery(session.thumbnails, "Pictures of the same unit", 56)
        self._search = Runner(self)
        self._search.ended.connect(self._found_alike)
        self._lay_out()
        session.map_changed.connect(self._refresh)
        session.collection_changed.connect(self._refresh)

    @property
    def verdict(self) -> str:
        """What is said about the picture."""
        return self._verdict.text()

    def show_match(self, match: Match | None) -> None:
        """Explain where a picture belongs; ``None``: forget the one before."""
        self._match = match
        if match is None:
            self._empty()
        else:
            self._name.setText(match.source.name)
            self._refresh()

    def _empty(self) -> None:
        """Keep nothing that was true of another map."""
        self._search.halt()
        self._asked, self._searched, self._trained = (), (), (None, None, None)
        for words in (self._name, self._verdict, self.warning):
            words.setText("")
        for gallery in (self.alike, self._members):
            gallery.show_pictures((), ())

    def halt(self) -> None:
        """Stop looking for similar pictures."""
        self._search.halt()

    def _lay_out(self) -> None:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        tiles = QHBoxLayout()
        for tile in self.tiles:
            tiles.addWidget(tile)
        layout.addWidget(self._name)
        layout.addLayout(tiles)
        layout.addWidget(self.warning)
        layout.addWidget(self._verdict)
        layout.addWidget(plain_label("Nearest units", bold=True))
        layout.addWidget(self._nearest)
        layout.addWidget(self._alike_title)
        layout.addWidget(self.alike)
        layout.addWidget(self._members_title)
        layout.addWidget(self._members, 1)
        for gallery in (self.alike, self._members):
            gallery.setMinimumHeight(_ROW)
        self.setWidget(inside)

    @Slot()
    def _refresh(self) -> None:
        state, model, match = self._session.newest, self._session.model, self._match
        if state is None or match is None or not _is_of(match, state):
            return
        if (picture := state.picture_of(match)) is None:
            return
        prototype = state.prototype(match.unit)
        self.tiles[0].show_pixels(picture)
        self.tiles[1].set_caption(state.unit_caption)
        self.tiles[1].show_pixels(prototype)
        self.tiles[2].setVisible(state.spec.plain)  # pictures that stand for units are not averages
        difference = (picture.astype(np.int16) - prototype.astype(np.int16)) // 2 + 128
        self.tiles[2].show_pixels(np.clip(difference, 0, 255).astype(np.uint8))
        self._verdict.setText(_verdict(match, model))
        self.warning.setText(_warning(match))
        self.warning.setVisible(match.novel)
        self.warning.setStyleSheet(f"color: {marker(self.palette()).name()}")
        self._nearest.show_match(match, state)
        self._show_inks()
        self._show_members(state, match)
        self._look_for_alike(match, model, state)

    def _show_inks(self) -> None:
        for gallery in (self.alike, self._members):
            gallery.pictures.inks = self._session.curator.inks
            gallery.viewport().update()

    def _show_members(self, state: MapState, match: Match) -> None:
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

    def _look_for_alike(self, match: Match, model: MapModel | None, state: MapState) -> None:
        """Look for the training pictures nearest to this one, if they are in memory."""
        dataset = self._session.dataset
        there = dataset is not None and model is not None and suits(dataset, model)
        for widget in (self._alike_title, self.alike):
            widget.setVisible(there)
        if dataset is None or model is None or not there:
            self._search.halt()
            self._asked = ()
            return
        asked = match.vector, dataset, state.pictures
        if self._asked and all(map(operator.is_, asked, self._asked)):
            return
        self._search.halt()
        self.alike.show_pictures((), ())  # those of another picture would be taken for its own
        self._asked, self._searched = asked, dataset.sources
        among = self._rows_trained_on(dataset, state)
        self._search.start(
            like_vector(dataset.vectors, match.vector, model.metric, _ALIKE + 1, among)
        )

    def _rows_trained_on(self, dataset: Dataset, state: MapState) -> NDArray[np.intp] | None:
        """Return the rows of the pictures that the map was trained on; ``None``: of all."""
        if not state.added and dataset.sources is state.pictures:
            return None
        if self._trained[0] is not dataset or self._trained[1] is not state.pictures:
            count = len(state.pictures) - state.added
            rows = rows_of(dataset.sources, {one.address for one in state.pictures[:count]})
            self._trained = dataset, state.pictures, rows
        return self._trained[2]

    @Slot(object)
    def _found_alike(self, outcome: Outcome) -> None:
        match, last = self._match, outcome.last
        if match is None or not isinstance(last, Searching) or last.found is None:
            return
        pairs = [
            (self._searched[row], far)
            for row, far in zip(
                last.found.rows.tolist(), last.found.distances.tolist(), strict=True
            )
            if self._searched[row].address != match.source.address
        ][:_ALIKE]
        self.alike.show_pictures(
            [source for source, _ in pairs],
            [one.label or f"{far:.3g}" for one, far in pairs],
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


def _is_of(match: Match, state: MapState) -> bool:
    """Whether a map has the units of a match: a new one is shown before the match is forgotten."""
    return max(match.units) < state.grid.units


def _warning(match: Match) -> str:
    return f"Unlike anything trained on: {farther_than(match)}."


def _verdict(match: Match, model: MapModel | None) -> str:
    lines = [f"Row {match.row + 1}, column {match.column + 1} · distance {match.distance:.4g}"]
    if match.guess is not None:
        lines.insert(0, _label(match))
    if model is not None and len(model.distances) and not match.novel:
        closer = f"Closer than {1 - match.percentile:.0%} of the training pictures"
        at = model.unit_distances
        if at is not None and len(at.of(match.unit)) >= ENOUGH:
            closer += f", and than {1 - match.unit_percentile:.0%} of those of its unit"
        lines.append(closer)
    return "\n".join(lines)


def _label(match: Match) -> str:
    sure = "" if math.isnan(match.confidence) else f" ({match.confidence:.0%} sure)"
    if not match.rejected:
        return f"{match.label}{sure}"
    why = "unlike anything trained on" if match.rejected == UNLIKE else "not sure enough"
    return f"No label: {why}; perhaps {match.guess}{sure}"
