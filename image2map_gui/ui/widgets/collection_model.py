"""The collection as a Qt model: thumbnails for the grid, columns for the list."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QFont, QGuiApplication

from image2map_gui.core.images.collection import Rows
from image2map_gui.core.images.sources import Source
from image2map_gui.ui.jobs.catalogue import Catalogue
from image2map_gui.ui.session.thumbnails import Thumbnails
from image2map_gui.ui.theme import faint_text
from image2map_gui.ui.widgets.badges import badge_icon
from image2map_gui.ui.widgets.gallery import EXCLUDED, TEST, PictureModel
from image2map_gui.ui.wording import visible

Index = QModelIndex | QPersistentModelIndex
NAME, LABEL, PART, UNIT, DISTANCE = range(5)
_HEADS = ("Name", "Label", "Part", "Unit", "Distance")
_TIPS = (
    "Name of the file",
    "Label; a double click edits it",
    "What the next training does with it",
    "Row and column of the unit it lies on",
    "Distance to that unit",
)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CollectionModel(PictureModel):
    """Some rows of a catalogue; ``labelled`` tells that one got a label by hand."""

    labelled = Signal(str, str)

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(thumbnails, parent)
        self.catalogue = Catalogue()
        self._rows: Rows = np.zeros(0, np.intp)

    def show_rows(self, catalogue: Catalogue, rows: Rows) -> bool:
        """List these rows; returns whether they are others, so that nothing is selected now."""
        count = len(self._rows)
        follow = np.array_equal(rows[:count], self._rows) and catalogue.goes_on(self.catalogue)
        if not follow:
            self.beginResetModel()
            self.catalogue, self._rows = catalogue, rows
            self.endResetModel()
            return True
        self.catalogue = catalogue
        if count:
            self.dataChanged.emit(self.index(0, 0), self.index(count - 1, DISTANCE))
        if len(rows) > count:
            self.beginInsertRows(QModelIndex(), count, len(rows) - 1)
            self._rows = rows
            self.endInsertRows()
        return False

    @property
    def rows(self) -> Rows:
        """The listed rows of the catalogue, in their order; to be read only."""
        return self._rows

    def source(self, row: int) -> Source:
        """Return the picture of a row."""
        return self.catalogue.sources[int(self._rows[row])]

    def caption(self, row: int) -> str:
        """Return the label of a picture, or its name if it has none."""
        source = self.source(row)
        return source.label or source.name

    def mark(self, row: int) -> str:
        """Return which part of the collection a picture belongs to, empty for the usual one."""
        place = self._rows[row]
        if self.catalogue.excluded[place]:
            return EXCLUDED
        return TEST if self.catalogue.test[place] else ""

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many pictures are listed."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many columns the list has."""
        return 0 if parent.isValid() else len(_HEADS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell, or what a picture model has for the grid."""
        column = index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            text = self._text(index.row(), column)
            return visible(text) if role == Qt.ItemDataRole.DisplayRole else text
        if role in (Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.FontRole):
            return self._faint(role) if self.mark(index.row()) == EXCLUDED else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column in (UNIT, DISTANCE) else None
        if column == LABEL and role == Qt.ItemDataRole.DecorationRole:
            ink = self.ink(index.row())
            return None if ink is None else badge_icon(ink, QGuiApplication.palette())
        if column and role in (Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take a label that was written into the list."""
        if role != Qt.ItemDataRole.EditRole or index.column() != LABEL:
            return False
        self.labelled.emit(self.source(index.row()).address, str(value).strip())
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Labels can be edited."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == LABEL else flags

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the name of a column, or what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section in (UNIT, DISTANCE):
            return _RIGHT
        texts = {Qt.ItemDataRole.DisplayRole: _HEADS, Qt.ItemDataRole.ToolTipRole: _TIPS}
        return texts[Qt.ItemDataRole(role)][section] if role in texts else None

    def _text(self, row: int, column: int) -> str:
        source, place = self.source(row), self._rows[row]
        if column == NAME:
            return source.name
        if column == LABEL:
            return source.label or ""
        if column == PART:
            return self.mark(row) or "training"
        return self._place_on_map(int(self.catalogue.units[place]), place, column)

    def _place_on_map(self, unit: int, place: int, column: int) -> str:
        state = self.catalogue.state
        if state is None or unit < 0:
            return ""
        if column == DISTANCE:
            return f"{self.catalogue.distances[place]:.3g}"
        line, across = state.grid.cells[unit]
        return f"{line + 1}, {across + 1}"

    def _faint(self, role: int) -> QBrush | QFont:
        if role == Qt.ItemDataRole.FontRole:
            font = QGuiApplication.font()
            font.setItalic(True)
            return font
        return QBrush(faint_text(QGuiApplication.palette()))
