"""The pictures as a list with columns, where labels are written in place."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtGui import QIcon, QKeyEvent, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCompleter,
    QFrame,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from image2map_gui.ui.guard import guarded
from image2map_gui.ui.widgets.badges import SIDE
from image2map_gui.ui.widgets.collection_model import (
    DISTANCE,
    LABEL,
    NAME,
    PART,
    UNIT,
    CollectionModel,
)

Index = QModelIndex | QPersistentModelIndex
_PICTURE = 26
_ROW = 32
_WIDTHS = {NAME: 140, LABEL: 80, PART: 62, UNIT: 48, DISTANCE: 66}


class PictureList(QTableView):
    """Shows a :class:`CollectionModel` as a list; a click on a head sorts it.

    The space bar does what it does in the ``grid`` that shows the same model.
    """

    def __init__(
        self, model: CollectionModel, name: str, grid: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._grid = grid
        self.setModel(model)
        self.setItemDelegate(_Delegate(model, self))
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setDragEnabled(True)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(_ROW)
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand the space bar on."""
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            QApplication.sendEvent(self._grid, event)
        else:
            super().keyPressEvent(event)

    @guarded
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
            pixmap = self._model.picture(index.row())
            option.icon = QIcon(self._blank if pixmap is None or pixmap.isNull() else pixmap)
            option.decorationSize = QSize(_PICTURE, _PICTURE)
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
            option.textElideMode = Qt.TextElideMode.ElideMiddle
        elif index.column() == LABEL:
            option.decorationSize = QSize(SIDE, SIDE)

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
