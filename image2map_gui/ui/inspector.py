"""The inspector: the selected unit, what it looks like and which pictures lie on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from image2map_gui.core.som.winners import distances_between
from image2map_gui.ui.gallery import ContextMenu, Gallery, selected_rows
from image2map_gui.ui.labels import plain_label
from image2map_gui.ui.session import Session
from image2map_gui.ui.state import MapState
from image2map_gui.ui.theme import SPACE
from image2map_gui.ui.tile import Tile

_SIDE = 64
_MOST_LABELS = 4
_NOTHING = "Click a unit of the map to see its pictures."


class Inspector(QWidget):
    """Shows the session's selected unit; follows the map while it is trained."""

    def __init__(
        self, session: Session, menu: Sequence[QAction] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: tuple[int, int, int] | None = None
        self._title = plain_label(bold=True)
        self._facts = plain_label()
        self._prototype = Tile("prototype", 112)
        self.gallery = Gallery(session.thumbnails, "Pictures of the unit", _SIDE)
        self._members = plain_label()
        top = QHBoxLayout()
        top.addWidget(self._prototype)
        top.addWidget(self._facts, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, 0)
        layout.addWidget(self._title)
        layout.addLayout(top)
        layout.addWidget(self._members)
        layout.addWidget(self.gallery, 1)
        self._choosing = False
        ContextMenu(self.gallery, menu)
        self.gallery.chosen_changed.connect(self._choose)
        session.chosen_changed.connect(self._chosen)
        session.unit_selected.connect(self._refresh)
        session.map_changed.connect(self._refresh)
        self._refresh()

    @property
    def facts(self) -> str:
        """What is said about the unit."""
        return self._facts.text()

    @Slot()
    def _choose(self) -> None:
        """Choose what was selected here; what is selected elsewhere is not selected here."""
        if self._choosing:
            return
        pictures = self.gallery.pictures
        rows = selected_rows(self.gallery.selectionModel())
        self._choosing = True
        self._session.choose([pictures.source(row).address for row in rows])
        self._choosing = False

    @Slot()
    def _chosen(self) -> None:
        if not self._choosing:
            self._choosing = True
            self.gallery.clearSelection()
            self._choosing = False

    @Slot()
    def _refresh(self) -> None:
        state, unit = self._session.map, self._session.unit
        known = state is not None and unit is not None and unit < state.grid.units
        for widget in (self._prototype, self._facts, self._members, self.gallery):
            widget.setVisible(known)
        if state is None or unit is None or not known:
            self._title.setText(_NOTHING)
            self._shown = None
            return
        row, column = state.grid.cells[unit]
        self._title.setText(f"Row {row + 1}, column {column + 1}")
        self._prototype.set_caption(state.unit_caption)
        self._prototype.show_pixels(state.prototype(unit))
        self._show_members(state, unit)

    def _show_members(self, state: MapState, unit: int) -> None:
        key = (unit, id(state.units), id(state.pictures))
        if key == self._shown:
            return
        self._shown = key
        members = state.members(unit)
        self._facts.setText("\n".join(_facts_of(state, unit, [far for _, far in members])))
        self._members.setText(
            "Its pictures, nearest first" if members else "No picture belongs to this unit."
        )
        self.gallery.show_pictures(
            [source for source, _ in members],
            [
                f"{far:.3g}" + (f" · {source.label}" if source.label else "")
                for source, far in members
            ],
        )


def _facts_of(state: MapState, unit: int, distances: list[float]) -> list[str]:
    facts = []
    if distances:
        count = len(distances)
        facts.append(f"{count:,} picture{'s' if count > 1 else ''}")
        facts.append(f"mean distance {np.mean(distances):.4g}")
    labels = state.labels(unit)
    if labels:
        shown = [f"{name} {count:,}" for name, count in labels[:_MOST_LABELS]]
        more = len(labels) - _MOST_LABELS
        facts.append(", ".join(shown) + (f" and {more} more labels" if more > 0 else ""))
    near = state.grid.neighbours(unit)
    if len(near):
        ours = np.repeat(state.weights[unit][None], len(near), axis=0)
        apart = distances_between(ours, state.weights[near], state.metric)
        facts.append(f"{len(near)} neighbours, {apart.mean():.4g} away on average")
    return facts
