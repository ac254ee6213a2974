"""The pictures as a list with columns, where labels are written in place."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtGui import QIcon, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCompleter,
    QFrame,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from image2map_gui.ui.collection_model import DISTANCE, LABEL, NAME, PART, UNIT, CollectionModel

Index = QModelIndex | QPersistentModelIndex
_PICTURE = 26
_ROW = 32
_WIDTHS = {NAME: 140, LABEL: 80, PART: 62, UNIT: 48, DISTANCE: 66}


class PlainTable(QTableView):
    """A table of whole rows without lines, all of one height."""

    def __init__(
        self, model: QAbstractTableModel, name: str, row: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(row)
        self.verticalHeader().setDefaultSectionSize(row)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )


class PictureList(PlainTable):
    """Shows a :class:`CollectionModel` as a list; a click on a head sorts it."""

    def __init__(self, model: CollectionModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(model, name, _ROW, parent)
        self.setItemDelegate(_Delegate(model, self))
        self.setDragEnabled(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        self._model = model

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, with pictures as fine as this screen shows them."""
        self._model.side = round(_PICTURE * self.devicePixelRatioF())
        super().paintEvent(event)


class _Delegate(QStyledItemDelegate):
    """Draws small pictures beside the names, and completes the labels that are written."""

    def __init__(self, model: CollectionModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._blank = QPixmap(_PICTURE, _PICTURE)
        self._blank.fill(Qt.GlobalColor.transparent)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        if index.column() == NAME:
            pixmap = index.data(Qt.ItemDataRole.DecorationRole)
            missing = pixmap is None or pixmap.isNull()
            option.icon = QIcon(self._blank if missing else pixmap)
            option.decorationSize = QSize(_PICTURE, _PICTURE)
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
            option.textElideMode = Qt.TextElideMode.ElideMiddle

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index
    ) -> QLineEdit:
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAccessibleName("Label")
        completer = QCompleter(self._model.catalogue.labels, editor)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        editor.setCompleter(completer)
        return editor
