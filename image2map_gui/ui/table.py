"""A table of texts, numbers and shares that is sorted by a click on a head, however long it is."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from natsort import natsort_keygen, ns
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from image2map_gui.ui.wording import visible

Index = QModelIndex | QPersistentModelIndex
Row = tuple[str | int | float, ...]
_NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TEXTS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_TEXT_ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
_ROW_HEIGHT = 24

_natural = natsort_keygen(alg=ns.IGNORECASE)


class RowModel(QAbstractTableModel):
    """Rows of texts, whole numbers, and shares between 0 and 1."""

    def __init__(self, heads: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._heads = heads
        self.rows: list[Row] = []
        self._sorted: tuple[int, bool] | None = None

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace what is listed, in the order that was chosen last."""
        self.beginResetModel()
        self.rows = list(rows)
        self._put_in_order()
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._heads)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text and place of a cell."""
        value = self.rows[index.row()][index.column()]
        if role in _TEXT_ROLES:
            return _text(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _TEXTS if isinstance(value, str) else _NUMBERS
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(value, str):
            return f"<p style='white-space:pre'>{html.escape(visible(value))}</p>"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the head of a column."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        if role != Qt.ItemDataRole.TextAlignmentRole:
            return None
        return _NUMBERS if self.rows and not isinstance(self.rows[0][section], str) else _TEXTS

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the rows in order by a column: 2 before 10, also in texts."""
        self._sorted = (column, order == Qt.SortOrder.DescendingOrder) if column >= 0 else None
        self.layoutAboutToBeChanged.emit()
        self._put_in_order()
        self.layoutChanged.emit()

    def _put_in_order(self) -> None:
        if self._sorted is None:
            return
        column, descending = self._sorted
        keys: dict[str | float, Any] = {}  # reasons are many times the same
        for row in self.rows:
            if (value := row[column]) not in keys:
                keys[value] = _natural(value) if isinstance(value, str) else value
        self.rows.sort(key=lambda row: keys[row[column]], reverse=descending)


def _text(value: str | float) -> str:
    if isinstance(value, str):
        return visible(value)
    return f"{value:.1%}" if isinstance(value, float) else f"{value:,}"


class Table(QTableView):
    """Shows a :class:`RowModel`; rows are chosen whole."""

    def __init__(self, heads: Sequence[str], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = RowModel(heads, self)
        self.setModel(self.content)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setAcceptDrops(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSortIndicatorClearable(False)
        self.setSortingEnabled(True)

    def chosen(self) -> list[Row]:
        """Return the rows that are selected, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.content.rows[row] for row in rows]

    def height_of(self, rows: int) -> int:
        """Return how high it is with so many rows."""
        head = self.horizontalHeader().sizeHint().height()
        return head + rows * _ROW_HEIGHT + 2 * self.frameWidth()
