"""A list of pictures as thumbnails; only rows on screen are ever decoded."""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QUrl,
    Signal,
    Slot,
)
from PySide6.QtGui import QPainter, QPalette, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from image2map_gui.core.images.sources import Source
from image2map_gui.ui.theme import faint_text
from image2map_gui.ui.thumbnails import SIDE, Thumbnails

Index = QModelIndex | QPersistentModelIndex
_CAPTION = 18
_MARGIN = 6
SOURCE_ROLE = int(Qt.ItemDataRole.UserRole)


class PictureModel(QAbstractListModel):
    """Pictures with a caption each."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._sources: Sequence[Source] = ()
        self._captions: Sequence[str] = ()

    def show_pictures(self, sources: Sequence[Source], captions: Sequence[str]) -> None:
        """Replace what is listed; where pictures only follow, nothing else changes."""
        kept = len(self._sources)
        old = [*zip(self._sources, self._captions, strict=True)]
        if old and old == [*zip(sources[:kept], captions[:kept], strict=True)]:
            self.add_pictures(sources[kept:], captions[kept:])
            return
        self.beginResetModel()
        self._sources, self._captions = sources, captions
        self.endResetModel()

    def add_pictures(self, sources: Sequence[Source], captions: Sequence[str]) -> None:
        """List more pictures after those there are; what is selected stays so."""
        if not sources:
            return
        first = len(self._sources)
        self.beginInsertRows(QModelIndex(), first, first + len(sources) - 1)
        self._sources = [*self._sources, *sources]
        self._captions = [*self._captions, *captions]
        self.endInsertRows()

    def source(self, row: int) -> Source:
        """Return the picture of a row."""
        return self._sources[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many pictures are listed."""
        return 0 if parent.isValid() else len(self._sources)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return caption, thumbnail or file name of a row."""
        source = self._sources[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._captions[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnails.at_once(source)
        if role == Qt.ItemDataRole.ToolTipRole:
            label = "" if source.label is None else f"<br>label {html.escape(source.label)}"
            return f"<p style='white-space:pre'>{html.escape(source.address)}{label}</p>"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{source.name}, {self._captions[index.row()]}"
        return source if role == SOURCE_ROLE else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Files can be dragged out."""
        flags = super().flags(index)
        if index.isValid() and self._sources[index.row()].kind == "file":
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def mimeTypes(self) -> list[str]:
        """Return the type that dragged rows have: addresses of files."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the files of some rows, to be dropped on another program."""
        data = QMimeData()
        files = [self._sources[index.row()] for index in indexes]
        data.setUrls([QUrl.fromLocalFile(file.path) for file in files if file.kind == "file"])
        return data


class Gallery(QListView):
    """Shows a :class:`PictureModel` as a grid of thumbnails."""

    picked = Signal(object)

    def __init__(
        self, thumbnails: Thumbnails, name: str, side: int = SIDE, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.pictures = PictureModel(thumbnails, self)
        self.setModel(self.pictures)
        self.setItemDelegate(_Delegate(side, self))
        self.setAccessibleName(name)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setUniformItemSizes(True)
        self.setGridSize(_cell(side))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setDragEnabled(True)
        self.setAcceptDrops(False)
        self.setFrameShape(QListView.Shape.NoFrame)
        thumbnails.ready.connect(self._repaint)
        self.selectionModel().currentChanged.connect(self._current_changed)

    def show_pictures(self, sources: Sequence[Source], captions: Sequence[str]) -> None:
        """List some pictures."""
        self.pictures.show_pictures(sources, captions)

    def select(self, addresses: Collection[str]) -> None:
        """Select the pictures with some addresses, and bring the first of them in sight."""
        chosen = QItemSelection()
        first: QModelIndex | None = None
        for row in range(self.pictures.rowCount()):
            if self.pictures.source(row).address in addresses:
                index = self.pictures.index(row, 0)
                chosen.append(QItemSelectionRange(index))
                first = first or index
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if first is not None:
            self.scrollTo(first)

    @Slot()
    def _repaint(self) -> None:
        self.viewport().update()

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.picked.emit(self.pictures.source(current.row()))


class _Delegate(QStyledItemDelegate):
    """Draws a thumbnail over its caption."""

    def __init__(self, side: int, parent: QObject) -> None:
        super().__init__(parent)
        self._side = side

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return _cell(self._side)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area: QRect = option.rect.adjusted(2, 2, -2, -2)
        palette: QPalette = option.palette
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.highlight())
            painter.drawRoundedRect(area, 4, 4)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(palette.color(QPalette.ColorRole.WindowText))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, 4, 4)
        frame = QRect(area.left(), area.top() + _MARGIN, area.width(), self._side)
        self._draw_picture(painter, frame, index.data(Qt.ItemDataRole.DecorationRole), palette)
        caption = QRect(area.left() + 3, frame.bottom() + 2, area.width() - 6, _CAPTION)
        role = QPalette.ColorRole.HighlightedText
        painter.setPen(palette.color(role) if chosen else faint_text(palette))
        text = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideMiddle, caption.width()
        )
        painter.drawText(caption, Qt.AlignmentFlag.AlignCenter, text)

    def _draw_picture(
        self, painter: QPainter, frame: QRect, pixmap: QPixmap | None, palette: QPalette
    ) -> None:
        if pixmap is None:
            side = self._side // 2
            spot = QRect(0, 0, side, side)
            spot.moveCenter(frame.center())
            painter.fillRect(spot, palette.alternateBase())
        elif pixmap.isNull():
            painter.setPen(faint_text(palette))
            painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, "not there")
        else:
            size = pixmap.size().scaled(self._side, self._side, Qt.AspectRatioMode.KeepAspectRatio)
            spot = QRect(0, 0, size.width(), size.height())
            spot.moveCenter(frame.center())
            smooth = size.width() < pixmap.width()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
            painter.drawPixmap(spot, pixmap)


def _cell(side: int) -> QSize:
    return QSize(side + 2 * _MARGIN + 4, side + _CAPTION + 2 * _MARGIN + 4)
