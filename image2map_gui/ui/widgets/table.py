"""Tables that are sorted by a click on a head, however long they are; one of texts and numbers."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
from natsort import natsort_keygen, ns
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from image2map_gui.core.picture.label_inks import LabelInks
from image2map_gui.ui.widgets.badges import SIDE, badge_icon
from image2map_gui.ui.wording import visible

Index = QModelIndex | QPersistentModelIndex
Row = tuple[str | int | float | None, ...]
NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
TEXTS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
TEXT_ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
ROW_HEIGHT = 24

natural = natsort_keygen(alg=ns.IGNORECASE)


class SortedModel(QAbstractTableModel):
    """Rows in the order of a column that a person chose, else as they came.

    What a row is, its texts and its keys are for others to say.
    """

    def __init__(self, heads: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._heads = heads
        self._came: list[Any] = []
        self.rows: list[Any] = []
        self._sorted: tuple[int, bool] | None = None

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Replace what is listed, in the order that was chosen last."""
        self.beginResetModel()
        self._came = list(rows)
        self.rows = [self._came[place] for place in self._order()]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._heads)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the head of a column."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        return self._placed(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the rows in order by a column: 2 before 10, also in texts; below 0 as they came.

        What was selected stays selected, wherever it goes.
        """
        before = self._order()
        self._sorted = (column, order == Qt.SortOrder.DescendingOrder) if column >= 0 else None
        after = self._order()
        self.layoutAboutToBeChanged.emit()
        self.rows = [self._came[place] for place in after]
        rank = np.empty(len(after), np.intp)
        rank[after] = np.arange(len(after))
        held = self.persistentIndexList()
        moved = [self.index(int(rank[before[one.row()]]), one.column()) for one in held]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def _order(self) -> list[int]:
        places = list(range(len(self._came)))
        if self._sorted is not None:
            column, descending = self._sorted
            keys = self._keys(column)
            places.sort(key=lambda place: keys[place], reverse=descending)
        return places

    def _keys(self, column: int) -> list[Any]:
        """Return what each row, as they came, is sorted by."""
        raise NotImplementedError

    def _placed(self, column: int) -> Qt.AlignmentFlag:
        """Return at which side the texts of a column stand."""
        raise NotImplementedError


class RowModel(SortedModel):
    """Rows of texts, whole numbers, shares between 0 and 1, and nothing.

    A text of the column ``inked`` has the colour of the label it is beside it.
    """

    def __init__(self, heads: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(heads, parent)
        self.inks = LabelInks()
        self.inked = -1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text and place of a cell."""
        value = self.rows[index.row()][index.column()]
        if role in TEXT_ROLES:
            return _text(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return TEXTS if isinstance(value, str) else NUMBERS
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(value, str):
            return f"<p style='white-space:pre'>{html.escape(visible(value))}</p>"
        if role == Qt.ItemDataRole.DecorationRole and index.column() == self.inked:
            return self._badge(str(value))
        return None

    def _badge(self, label: str) -> QIcon | None:
        view = self.parent()
        if label not in self.inks.colours or not isinstance(view, QWidget):
            return None
        return badge_icon(self.inks.of(label), view.palette())

    def _placed(self, column: int) -> Qt.AlignmentFlag:
        return NUMBERS if self.rows and not isinstance(self.rows[0][column], str) else TEXTS

    def _keys(self, column: int) -> list[Any]:
        found: dict[str | float | None, Any] = {None: -np.inf}  # reasons are many times the same
        for row in self._came:
            if (value := row[column]) not in found:
                found[value] = natural(value) if isinstance(value, str) else value
        return [found[row[column]] for row in self._came]


def _text(value: str | float | None) -> str:
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, str):
        return visible(value)
    return f"{value:.1%}" if isinstance(value, float) else f"{value:,}"


class RowView(QTableView):
    """Shows a :class:`SortedModel`; rows are chosen whole."""

    def __init__(
        self, model: SortedModel, name: str, height: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        model.setParent(self)
        self.setModel(model)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setAcceptDrops(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(height)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    @property
    def chosen_rows(self) -> list[int]:
        """The rows that are selected, from top to bottom."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def go_to(self, row: int) -> None:
        """Select a row alone, in sight."""
        flags = QItemSelectionModel.SelectionFlag
        index = self.model().index(row, 0)
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.scrollTo(index)


class Table(RowView):
    """Shows a :class:`RowModel`."""

    def __init__(self, heads: Sequence[str], name: str, parent: QWidget | None = None) -> None:
        self.content = RowModel(heads)
        super().__init__(self.content, name, ROW_HEIGHT, parent)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAlternatingRowColors(True)
        self.horizontalHeader().setSortIndicatorClearable(False)

    def chosen(self) -> list[Row]:
        """Return the rows that are selected, from top to bottom."""
        return [self.content.rows[row] for row in self.chosen_rows]

    def height_of(self, rows: int) -> int:
        """Return how high it is with so many rows."""
        head = self.horizontalHeader().sizeHint().height()
        return head + rows * ROW_HEIGHT + 2 * self.frameWidth()
