"""A view of many rows as a grid of equal cells: where a row lies is reckoned, never laid out."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import (
    QAbstractItemView,
    QRubberBand,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from image2map_gui.ui.guard import guarded

Index = QModelIndex | QPersistentModelIndex
_GAP = 3  # around what a click hits in a cell: a rubber band starts between the cells
_STEPS = 4  # of the wheel for one row of cells

Action = QAbstractItemView.CursorAction


class GridView(QAbstractItemView):
    """Shows the first column of a model; the cells share the width, a vertical bar scrolls.

    Qt's own icon view asks the model for every row before it shows the last one, which takes
    seconds for 100,000 of them, and again each time it is resized.
    """

    def __init__(self, cell: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell = cell
        self._columns = 1
        self._pressed = QPoint()
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, self.viewport())
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    def set_cell(self, cell: QSize) -> None:
        """Choose how large a cell is; what is seen at the top stays there."""
        self._cell = cell
        self.updateGeometries()
        self.viewport().update()

    @property
    def top_row(self) -> int:
        """The first row that is seen."""
        return self.verticalScrollBar().value() // self._cell.height() * self._columns

    def show_at_top(self, row: int) -> None:
        """Scroll so that a row is the first that is seen, as far as there are rows below."""
        self.updateGeometries()
        self.verticalScrollBar().setValue(row // self._columns * self._cell.height())

    # --- where things are -------------------------------------------------------------------

    def visualRect(self, index: Index) -> QRect:
        """Return the cell of a row, on the viewport."""
        return self._rect(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Return the row whose picture or caption is at a point."""
        row = self._row_at(point)
        if not 0 <= row < self._count:
            return QModelIndex()
        hit = self._rect(row).adjusted(_GAP, _GAP, -_GAP, -_GAP).contains(point)
        return self.model().index(row, 0) if hit else QModelIndex()

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Scroll until a row is seen whole."""
        rect, bar = self.visualRect(index), self.verticalScrollBar()
        if not index.isValid():
            return
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(bar.value() + rect.center().y() - self.viewport().height() // 2)
        elif rect.top() < 0 or hint == QAbstractItemView.ScrollHint.PositionAtTop:
            bar.setValue(bar.value() + rect.top())
        elif rect.bottom() > self.viewport().height():
            bar.setValue(bar.value() + rect.bottom() - self.viewport().height() + 1)

    def horizontalOffset(self) -> int:
        """Return 0: there is nothing to the left."""
        return 0

    def verticalOffset(self) -> int:
        """Return how far it is scrolled."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, _index: Index) -> bool:
        """Return False: all rows are shown."""
        return False

    def updateGeometries(self) -> None:
        """Set the scroll bar's range to the rows and width there are now."""
        top, before = self.top_row, self._columns
        self._columns = max(1, self.viewport().width() // self._cell.width())
        height, seen = self._cell.height(), self.viewport().height()
        lines = -(-self._count // self._columns)
        bar = self.verticalScrollBar()
        bar.setPageStep(seen)
        bar.setSingleStep(max(1, height // _STEPS))
        bar.setRange(0, max(0, lines * height - seen))
        if self._columns != before:
            bar.setValue(top // self._columns * height)
        super().updateGeometries()

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        """Make room for new rows."""
        super().rowsInserted(parent, start, end)
        self.updateGeometries()
        self.viewport().update()

    @property
    def _count(self) -> int:
        model = self.model()
        return 0 if model is None else model.rowCount()

    def _rect(self, row: int) -> QRect:
        line, column = divmod(row, self._columns)
        left = self._left(column)
        top = line * self._cell.height() - self.verticalOffset()
        return QRect(left, top, self._left(column + 1) - left, self._cell.height())

    def _left(self, column: int) -> int:
        return column * self.viewport().width() // self._columns

    def _row_at(self, point: QPoint) -> int:
        """Return the row at a point, also one before the first or after the last."""
        column = point.x() * self._columns // max(1, self.viewport().width())
        line = (point.y() + self.verticalOffset()) // self._cell.height()
        return line * self._columns + min(max(column, 0), self._columns - 1)

    # --- selecting --------------------------------------------------------------------------

    def setSelection(self, rect: QRect, flags: QItemSelectionModel.SelectionFlag) -> None:
        """Select what a rubber band covers, or all rows from one point to another."""
        last = self._count - 1
        model, chosen = self.model(), QItemSelection()
        for start, end in self._covered(rect):
            first, final = max(0, min(start, end)), min(last, max(start, end))
            if first <= final:
                chosen.select(model.index(first, 0), model.index(final, 0))
        self.selectionModel().select(chosen, flags)

    def _covered(self, rect: QRect) -> list[tuple[int, int]]:
        if rect.topLeft() == rect.bottomRight() and not self.indexAt(rect.topLeft()).isValid():
            return []
        if self.state() != QAbstractItemView.State.DragSelectingState:
            return [(self._row_at(rect.topLeft()), self._row_at(rect.bottomRight()))]
        band = rect.normalized()
        start, end = self._row_at(band.topLeft()), self._row_at(band.bottomRight())
        left, right = start % self._columns, end % self._columns
        if left == 0 and right == self._columns - 1:
            return [(start, end)]
        lines = range(start // self._columns, end // self._columns + 1)
        return [(line * self._columns + left, line * self._columns + right) for line in lines]

    def visualRegionForSelection(self, _selection: QItemSelection) -> QRegion:
        """Return all that is seen: what is to be painted anew after a selection."""
        return QRegion(self.viewport().rect())

    def moveCursor(self, action: Action, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Return where a key leads."""
        count = self._count
        if not count:
            return QModelIndex()
        page = max(1, self.viewport().height() // self._cell.height()) * self._columns
        steps = {
            Action.MoveLeft: -1,
            Action.MovePrevious: -1,
            Action.MoveRight: 1,
            Action.MoveNext: 1,
            Action.MoveUp: -self._columns,
            Action.MoveDown: self._columns,
            Action.MovePageUp: -page,
            Action.MovePageDown: page,
            Action.MoveHome: -count,
            Action.MoveEnd: count,
        }
        current = self.currentIndex()
        row = current.row() + steps[action] if current.isValid() else 0
        if action in (Action.MoveUp, Action.MoveDown) and not 0 <= row < count:
            row = current.row()
        return self.model().index(min(max(row, 0), count - 1), 0)

    @guarded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note where a rubber band may start."""
        self._pressed = event.position().toPoint() + QPoint(0, self.verticalOffset())
        super().mousePressEvent(event)

    @guarded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw a rubber band out."""
        super().mouseMoveEvent(event)
        if self.state() == QAbstractItemView.State.DragSelectingState:
            start = self._pressed - QPoint(0, self.verticalOffset())
            self._band.setGeometry(QRect(start, event.position().toPoint()).normalized())
            self._band.show()

    @guarded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the rubber band go."""
        self._band.hide()
        super().mouseReleaseEvent(event)

    # --- painting ---------------------------------------------------------------------------

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows that are seen."""
        painter = QPainter(self.viewport())
        first = self._row_at(event.rect().topLeft())
        last = min(self._count - 1, self._row_at(event.rect().bottomRight()))
        current = self.currentIndex()
        for row in range(max(0, first), last + 1):
            option = QStyleOptionViewItem()
            self.initViewItemOption(option)
            option.rect = self._rect(row)
            index = self.model().index(row, 0)
            if self.selectionModel().isSelected(index):
                option.state |= QStyle.StateFlag.State_Selected
            if index == current and self.hasFocus():
                option.state |= QStyle.StateFlag.State_HasFocus
            self.itemDelegate().paint(painter, option, index)
        painter.end()
