"""A list of pictures as thumbnails; only rows on screen are ever decoded."""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QUrl,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QColor, QFont, QPainter, QPaintEvent, QPalette, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from image2map_gui.core.images.sources import Source
from image2map_gui.core.picture.label_inks import LabelInks
from image2map_gui.core.picture.ramps import Colour
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.session.thumbnails import SIDE, Thumbnails
from image2map_gui.ui.theme import accent, canvas, faint_text, marker
from image2map_gui.ui.widgets.badges import paint_badge
from image2map_gui.ui.widgets.grid_view import GridView

Index = QModelIndex | QPersistentModelIndex
_CAPTION = 18
_MARGIN = 6
_DIM = 0.35  # how much of an excluded picture is seen
_SIGN = 14  # pixels
_INK = 9
_MANY_PAIRS = 50_000
_MOST_FILES = 1000  # to drag out at once
SOURCE_ROLE = int(Qt.ItemDataRole.UserRole)
MARK_ROLE = SOURCE_ROLE + 1
CAPTION_ROLE = SOURCE_ROLE + 2
INK_ROLE = SOURCE_ROLE + 3
EXCLUDED, TEST = "excluded", "test"


class PictureModel(QAbstractTableModel):
    """Pictures with a caption each; ``side`` is how large they are drawn, in pixels.

    ``inks`` are the colours of their labels, which stand before the captions.
    """

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.side = SIDE
        self.inks = LabelInks()
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

    def caption(self, row: int) -> str:
        """Return what stands below the picture of a row."""
        return self._captions[row]

    def picture(self, row: int) -> QPixmap | None:
        """Return the picture of a row in small, or what stands in for it.

        Asked for by way of :meth:`data` it could come as another object that was at its place in
        memory before.
        """
        return self._thumbnails.at_once(self.source(row), self.side)

    def mark(self, row: int) -> str:
        """Return which part of the collection a picture belongs to, empty for the usual one."""
        return ""

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return how many pictures are listed."""
        return 0 if parent.isValid() else len(self._sources)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return 1."""
        return 0 if parent.isValid() else 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return caption, thumbnail, file name or mark of a row."""
        row = index.row()
        if role in (Qt.ItemDataRole.DisplayRole, CAPTION_ROLE):
            return self.caption(row)
        if role == Qt.ItemDataRole.DecorationRole:
            return self.picture(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(
                filter(None, (self.source(row).name, self.caption(row), self.mark(row)))
            )
        if role == MARK_ROLE:
            return self.mark(row)
        if role == INK_ROLE:
            return self.ink(row)
        return self.source(row) if role == SOURCE_ROLE else None

    def ink(self, row: int) -> Colour | None:
        """Return the colour of a picture's label, if its label is known."""
        label = self.source(row).label
        return None if label is None else self.inks.colours.get(label)

    def _tip(self, row: int) -> str:
        source = self.source(row)
        lines = [html.escape(source.address)]
        if source.label is not None:
            lines.append(f"label {html.escape(source.label)}")
        if self.mark(row):
            lines.append(_MARKS[self.mark(row)])
        return f"<p style='white-space:pre'>{'<br>'.join(lines)}</p>"

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Files can be dragged out."""
        flags = super().flags(index)
        if index.isValid() and self.source(index.row()).kind == "file":
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def mimeTypes(self) -> list[str]:
        """Return the type that dragged rows have: addresses of files."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the files of some rows, to be dropped on another program."""
        data = QMimeData()
        files = [self.source(row) for row in sorted({index.row() for index in indexes})]
        paths = [file.path for file in files if file.kind == "file"]
        data.setUrls([QUrl.fromLocalFile(path) for path in paths[:_MOST_FILES]])
        return data


class Gallery(GridView):
    """Shows a :class:`PictureModel` as a grid of thumbnails.

    ``picked`` tells the picture that became the current one, ``chosen_changed`` that others
    are selected.
    """

    picked = Signal(object)
    chosen_changed = Signal()

    def __init__(
        self,
        thumbnails: Thumbnails,
        name: str,
        side: int = SIDE,
        parent: QWidget | None = None,
        *,
        model: PictureModel | None = None,
    ) -> None:
        super().__init__(_cell(side), parent)
        self.pictures = PictureModel(thumbnails, self) if model is None else model
        self._side = side
        self._delegate = _Delegate(side, self.pictures, self)
        self.setModel(self.pictures)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(name)
        self.setDragEnabled(True)
        self.setAcceptDrops(False)
        self.setFrameShape(GridView.Shape.NoFrame)
        thumbnails.ready.connect(self._repaint)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.selectionModel().selectionChanged.connect(self.chosen_changed)

    def show_pictures(self, sources: Sequence[Source], captions: Sequence[str]) -> None:
        """List some pictures."""
        self.pictures.show_pictures(sources, captions)

    def set_side(self, side: int) -> None:
        """Choose how large the pictures are drawn."""
        self._side = side
        self._delegate.side = side
        self.set_cell(_cell(side))

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, with pictures as fine as this screen shows them."""
        self.pictures.side = round(self._side * self.devicePixelRatioF())
        super().paintEvent(event)

    def select(self, addresses: Collection[str]) -> None:
        """Select the pictures with some addresses, and bring the first of them in sight."""
        count = self.pictures.rowCount()
        rows = [row for row in range(count) if self.pictures.source(row).address in addresses]
        select_rows(self.selectionModel(), rows)
        if rows:
            self.scrollTo(self.pictures.index(rows[0], 0))

    @Slot()
    def _repaint(self) -> None:
        self.viewport().update()

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.picked.emit(self.pictures.source(current.row()))


class ContextMenu(QObject):
    """Offers actions on the selected pictures of a view where it is clicked."""

    def __init__(self, view: QAbstractItemView, actions: Sequence[QAction]) -> None:
        super().__init__(view)
        self._view = view
        self._actions = list(actions)
        if self._actions:
            view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            view.customContextMenuRequested.connect(self._show)

    @Slot(QPoint)
    def _show(self, point: QPoint) -> None:
        if not self._view.selectionModel().hasSelection():
            return
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self._actions)
        menu.popup(self._view.viewport().mapToGlobal(point))


def selected_rows(selection: QItemSelectionModel) -> list[int]:
    """Return the selected rows in ascending order, quickly also where they are very many."""
    parts = cast("list[QItemSelectionRange]", selection.selection())
    runs = [np.arange(part.top(), part.bottom() + 1) for part in parts]
    return list(np.unique(np.concatenate(runs)).tolist()) if runs else []


def select_rows(selection: QItemSelectionModel, rows: ArrayLike) -> None:
    """Select these rows, given in ascending order, and no others."""
    model, chosen = selection.model(), QItemSelection()
    last_column = model.columnCount() - 1
    places = np.asarray(rows, np.intp)
    if len(places):
        breaks = np.flatnonzero(np.diff(places) != 1)
        starts, ends = places[np.append(0, breaks + 1)], places[np.append(breaks, -1)]
        make = model.createIndex  # index() would ask for the number of rows and columns each time
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            chosen.append(QItemSelectionRange(make(start, 0), make(end, last_column)))
    if selection.selection().count() * chosen.count() > _MANY_PAIRS:
        selection.clearSelection()  # else Qt compares every old run of rows with every new one
    selection.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)


_MARKS = {
    EXCLUDED: "excluded: the next training leaves it out",
    TEST: "kept for testing: the next training leaves it out",
}


class _Delegate(QStyledItemDelegate):
    """Draws a thumbnail over its caption."""

    def __init__(self, side: int, pictures: PictureModel, parent: QObject) -> None:
        super().__init__(parent)
        self.side = side
        self._pictures = pictures

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return _cell(self.side)

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
        frame = QRect(area.left(), area.top() + _MARGIN, area.width(), self.side)
        mark = index.data(MARK_ROLE)
        painter.setOpacity(_DIM if mark == EXCLUDED else 1.0)
        draw_picture(painter, frame, self._pictures.picture(index.row()), palette)
        painter.setOpacity(1.0)
        corner = QRect(frame.right() - _SIGN - 3, frame.top() - 2, _SIGN, _SIGN)
        draw_mark(painter, corner, mark, palette)
        caption = QRect(area.left() + 3, frame.bottom() + 2, area.width() - 6, _CAPTION)
        role = QPalette.ColorRole.HighlightedText
        painter.setPen(palette.color(role) if chosen else faint_text(palette))
        _draw_caption(painter, caption, index.data(CAPTION_ROLE), index.data(INK_ROLE), palette)


def _draw_caption(
    painter: QPainter, place: QRect, text: str, ink: Colour | None, palette: QPalette
) -> None:
    """Draw a caption in the middle, the colour of its label before it."""
    metrics, room = painter.fontMetrics(), place.width() - (0 if ink is None else _INK + 4)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)
    how = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine  # names may hold new lines
    if ink is None:
        painter.drawText(place, how, shown)
        return
    wide = metrics.horizontalAdvance(shown)
    left = place.left() + (room - wide) // 2
    spot = QRectF(left, place.top() + (place.height() - _INK) // 2, _INK, _INK)
    paint_badge(painter, spot, QColor(*ink), palette)
    painter.drawText(QRect(left + _INK + 4, place.top(), wide + 2, place.height()), how, shown)


def draw_picture(
    painter: QPainter, frame: QRect, pixmap: QPixmap | None, palette: QPalette
) -> None:
    """Draw a thumbnail in the middle of a frame, as large as its height allows."""
    side = frame.height()
    if pixmap is None:
        spot = QRect(0, 0, side // 2, side // 2)
        spot.moveCenter(frame.center())
        painter.fillRect(spot, palette.alternateBase())
    elif pixmap.isNull():
        painter.setPen(faint_text(palette))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, "not there")
    else:
        size = pixmap.size().scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
        spot = QRect(0, 0, size.width(), size.height())
        spot.moveCenter(frame.center())
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, size.width() < 2 * pixmap.width()
        )
        painter.drawPixmap(spot, pixmap)


def draw_mark(painter: QPainter, spot: QRect, mark: str, palette: QPalette) -> None:
    """Draw the sign of a part of the collection: barred for excluded ones, a T for test ones."""
    if not mark:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = marker(palette) if mark == EXCLUDED else accent(palette)
    round_spot = QRectF(spot).adjusted(1, 1, -1, -1)
    painter.setPen(QPen(colour, 2))
    painter.setBrush(canvas(palette))
    painter.drawEllipse(round_spot)
    if mark == EXCLUDED:
        inset = round_spot.width() * 0.16
        inner = round_spot.adjusted(inset, inset, -inset, -inset)
        painter.drawLine(inner.topLeft(), inner.bottomRight())
    else:
        font = QFont(painter.font())
        font.setBold(True)
        font.setPixelSize(round(spot.height() * 0.6))
        painter.setFont(font)
        painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, "T")
    painter.restore()


def _cell(side: int) -> QSize:
    return QSize(side + 2 * _MARGIN + 4, side + _CAPTION + 2 * _MARGIN + 4)
