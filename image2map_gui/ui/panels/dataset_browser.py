"""The dataset browser: all pictures of the collection, to be filtered, sorted, chosen, edited."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QSignalBlocker,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QSlider,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.images.sources import Source
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.icons import icon
from image2map_gui.ui.jobs import catalogue as kinds
from image2map_gui.ui.jobs.catalogue import Catalogue, View
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.theme import SPACE
from image2map_gui.ui.widgets.collection_model import (
    DISTANCE,
    LABEL,
    NAME,
    UNIT,
    CollectionModel,
)
from image2map_gui.ui.widgets.gallery import ContextMenu, Gallery, select_rows, selected_rows
from image2map_gui.ui.widgets.picture_list import PictureList
from image2map_gui.ui.widgets.table import Table
from image2map_gui.ui.widgets.view_boxes import SKIPPED, KindBox, OrderBox
from image2map_gui.ui.wording import plural

_SIDE = 72
_SIDES = range(48, 257)
_COLUMN_SORTS = {
    NAME: kinds.BY_NAME,
    LABEL: kinds.BY_LABEL,
    UNIT: kinds.BY_UNIT,
    DISTANCE: kinds.BY_DISTANCE,
}


class DatasetBrowser(QWidget):
    """Lists the pictures of the session as a grid or with columns.

    Picking one shows its unit on the map; those that are selected are the session's chosen ones,
    which the ``menu`` of actions is about.
    """

    def __init__(
        self, session: Session, menu: Sequence[QAction] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._menu = menu
        self._view = View()
        self._filling = False  # what is selected now was not selected by a person
        self._selected = np.zeros(0, np.intp)  # the places of what is
        self._make_controls()
        self.pictures = CollectionModel(session.thumbnails, self)
        self.gallery = Gallery(
            session.thumbnails, "Pictures of the collection", _SIDE, model=self.pictures
        )
        self.list = PictureList(
            self.pictures, "List of the pictures of the collection", self.gallery
        )
        self.list.setSelectionModel(self.gallery.selectionModel())
        self.skipped = Table(("File", "Why it was skipped"), "Skipped files")
        self.skipped.setFrameShape(Table.Shape.NoFrame)
        self.skipped.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._lay_out()
        self._connect()
        self._retint()
        self._collection_changed()

    # --- parts ------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        self._count = QLabel()
        self._parts = QLabel()
        self._filter = QLineEdit()
        self._filter.setPlaceholderText("Find by name or label")
        self._filter.setAccessibleName("Find pictures by name or label")
        self._filter.setClearButtonEnabled(True)
        self._filter.setAcceptDrops(False)
        self._kind = KindBox()
        self._order = OrderBox()
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setRange(_SIDES.start, _SIDES.stop - 1)
        self._size.setPageStep(32)
        self._size.setValue(_SIDE)
        self._size.setFixedWidth(72)
        self._size.setAccessibleName("Size of the pictures")
        self._size.setToolTip("Size of the pictures")
        self._columns = QToolButton()
        self._columns.setCheckable(True)
        self._columns.setAutoRaise(True)
        self._columns.setIconSize(QSize(16, 16))
        self._columns.setAccessibleName("Show as a list with columns")
        self._columns.setToolTip("Show as a list with columns, where labels can be written")

    def _lay_out(self) -> None:
        choices = QHBoxLayout()
        choices.addWidget(self._kind, 3)
        choices.addWidget(self._order, 2)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 2)
        foot.addWidget(self._count, 1)
        foot.addWidget(self._size)
        foot.addWidget(self._columns)
        self._pages = QStackedWidget()
        for page in (self.gallery, self.list, self.skipped):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, 0)
        layout.addWidget(self._filter)
        layout.addLayout(choices)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._parts)
        layout.addLayout(foot)
        self.setMinimumWidth(230)

    def _connect(self) -> None:
        session = self._session
        self._filter.textChanged.connect(self._filter_changed)
        self._kind.currentIndexChanged.connect(self._filter_changed)
        self._order.activated.connect(self._order_chosen)
        self._size.valueChanged.connect(self.gallery.set_side)
        self._columns.toggled.connect(self._show_page)
        self.list.horizontalHeader().sortIndicatorChanged.connect(self._head_clicked)
        self.gallery.picked.connect(self._picked)
        self.gallery.chosen_changed.connect(self._chosen_here)
        self.pictures.labelled.connect(self._labelled)
        for view in (self.gallery, self.list):
            ContextMenu(view, self._menu)
        session.thumbnails.ready.connect(self.list.viewport().update)
        session.collection_changed.connect(self._collection_changed)
        session.map_changed.connect(self._map_changed)
        session.activity_changed.connect(self._map_changed)
        session.selection.units_changed.connect(self._units_changed)
        session.chosen_changed.connect(self._chosen_elsewhere)
        session.arrivals.changed.connect(self._arrived)
        session.pictures_selected.connect(self._select)

    # --- what is shown ----------------------------------------------------------------------

    def look_for(self) -> None:
        """Let a person type what to look for."""
        self._filter.setFocus()
        self._filter.selectAll()

    @property
    def look(self) -> str:
        """Grid or list, and the size of the pictures, to be kept for the next start."""
        return f"{'list' if self._columns.isChecked() else 'grid'} {self._size.value()}"

    def set_look(self, look: str) -> None:
        """Look as was kept; what is no such text changes nothing."""
        mode, _, size = look.partition(" ")
        if mode in ("grid", "list") and size.isdecimal() and len(size) < 5:
            self._columns.setChecked(mode == "list")
            self._size.setValue(int(size))

    @property
    def count_text(self) -> str:
        """What is said about how many pictures are shown."""
        return self._count.text()

    @property
    def parts_text(self) -> str:
        """What is said about training, test and excluded pictures, empty if all are trained on."""
        return self._parts.text()

    @Slot()
    def _collection_changed(self) -> None:
        session = self._session
        catalogue = self.pictures.catalogue.followed_by(
            session.sources, session.parts, session.newest
        )
        self._kind.offer(catalogue, len(session.skipped))
        self.pictures.inks = session.curator.inks
        self._allow(bool(session.sources))
        self.skipped.content.show_rows([(one.path, one.reason) for one in session.skipped])
        self._show(catalogue)

    def _allow(self, allowed: bool) -> None:
        for widget in (self._filter, self._kind, self._order):
            widget.setEnabled(allowed)

    @Slot()
    def _arrived(self) -> None:
        """Show the pictures of a collection that is still being read, as they come."""
        session, arrivals = self._session, self._session.arrivals
        before = session.sources if arrivals.adding else ()
        catalogue = Catalogue((*before, *arrivals.sources), session.parts, session.newest)
        self._allow(False)  # until it is known what there is
        if not before or self._view == View(units=self._view.units):
            self.pictures.show_rows(catalogue, catalogue.rows(View()))
        self._show_count(len(catalogue))

    @Slot(object)
    def _select(self, sources: Sequence[Source]) -> None:
        """Select pictures; what would hide them is taken away."""
        self._filter.clear()
        self._kind.setCurrentIndex(0)
        self.gallery.select({source.address for source in sources})

    @Slot()
    def _map_changed(self) -> None:
        """Follow a finished map; while one forms, the pictures do not jump about."""
        session = self._session
        if session.activity == "" and self.pictures.catalogue.state is not session.newest:
            self._collection_changed()

    @Slot()
    def _units_changed(self) -> None:
        if self._view.kind == kinds.ON_UNIT and self._view.units != self._units:
            self._filter_changed()

    @property
    def _units(self) -> frozenset[int]:
        return frozenset(self._session.selection.units.tolist())

    @Slot()
    def _filter_changed(self) -> None:
        """Show other pictures or another order, from the top unless one is selected."""
        if self._show(self.pictures.catalogue):
            current = self.gallery.currentIndex()
            for view in (self.gallery, self.list):
                if current.isValid():
                    view.scrollTo(current, QAbstractItemView.ScrollHint.PositionAtCenter)
                else:
                    view.scrollToTop()

    def _show(self, catalogue: Catalogue) -> bool:
        """Show what passes the filter; returns whether these are other rows than before."""
        self._view = self._wanted_view()
        shown = View() if self._view.kind == SKIPPED else self._view
        current = self.gallery.currentIndex()
        address = self.pictures.source(current.row()).address if current.isValid() else ""
        rows = catalogue.rows(shown)
        self._filling = True
        other = self.pictures.show_rows(catalogue, rows)
        if other:
            self._select_again(self._session.selection.row_of(address))
        self._filling = False
        if other:
            self._choose(narrowing=True)
        self._show_count(len(rows))
        self._show_page()
        return other

    def _wanted_view(self) -> View:
        kind, label = self._kind.kind
        sort, descending = self._order.order
        return View(
            text=self._filter.text().strip(),
            kind=kind,
            label=label,
            units=self._units,
            sort=sort,
            descending=descending,
        )

    def _select_again(self, current: int = -1) -> None:
        """Select what is chosen as far as it is shown, and make a row of the collection current."""
        rows, selection = self.pictures.rows, self.gallery.selectionModel()
        chosen = np.zeros(len(self._session.sources), bool)
        chosen[self._session.selection.rows] = True
        if current >= 0 and len(place := np.flatnonzero(rows == current)):
            index = self.pictures.index(int(place[0]), 0)
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._selected = np.flatnonzero(chosen[rows])
        select_rows(selection, self._selected)

    def _show_count(self, shown: int) -> None:
        session = self._session
        total, skipped = len(session.sources), len(session.skipped)
        if session.arrivals.sources:
            text = f"{plural(shown, 'picture')} so far"
        elif not total:
            text = "No pictures yet"
        elif self._view.kind == SKIPPED:
            text = f"{skipped:,} skipped"
        elif shown < total:
            text = f"{shown:,} of {plural(total, 'picture')}"
        else:
            text = plural(total, "picture")
        chosen, seen = len(session.chosen), len(self._selected)
        if chosen > 1:
            text = f"{chosen:,} of {shown:,} selected"
            if seen < chosen:
                text = f"{chosen:,} selected, {seen:,} of them shown"
        self._count.setText(text)
        parts = self._parts_text()
        self._parts.setText(parts)
        self._parts.setVisible(bool(parts))

    def _parts_text(self) -> str:
        catalogue = self.pictures.catalogue
        excluded, test = int(catalogue.excluded.sum()), int(catalogue.test.sum())
        if not excluded and not test:
            return ""
        text = f"Training {len(catalogue) - excluded - test:,}"
        text += f" · test {test:,}" if test else ""
        return text + (f" · excluded {excluded:,}" if excluded else "")

    @Slot()
    def _show_page(self) -> None:
        listed = self._columns.isChecked()
        page: QWidget = self.list if listed else self.gallery
        if self._view.kind == SKIPPED:
            page = self.skipped
        self._pages.setCurrentWidget(page)
        self._size.setEnabled(page is self.gallery)

    @Slot(int, Qt.SortOrder)
    def _head_clicked(self, column: int, order: Qt.SortOrder) -> None:
        """Sort by a column; a third click puts the pictures back in the order they were found."""
        sort = _COLUMN_SORTS.get(column, kinds.FOUND)
        self._order.set_order(sort, descending=order == Qt.SortOrder.DescendingOrder)
        self._filter_changed()

    @Slot()
    def _order_chosen(self) -> None:
        header = self.list.horizontalHeader()
        with QSignalBlocker(header):
            header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._filter_changed()

    # --- choosing and editing ---------------------------------------------------------------

    @Slot()
    def _picked(self) -> None:
        """Let the unit lead of the picture that became the current one."""
        current = self.gallery.currentIndex()
        if not self._filling and self._settled and current.isValid():
            self._filling = True
            self._session.selection.lead_with(int(self.pictures.rows[current.row()]))
            self._filling = False

    @Slot()
    def _chosen_here(self) -> None:
        if not self._filling:
            self._choose(narrowing=self._view.kind == kinds.ON_UNIT)
            self._show_count(self.pictures.rowCount())

    @property
    def _settled(self) -> bool:
        """Whether what is listed is the collection itself and not what is read for it."""
        return self.pictures.catalogue.sources is self._session.sources

    def _choose(self, *, narrowing: bool) -> None:
        """Choose what is selected here; when ``narrowing``, the units stay as they are."""
        places = selected_rows(self.gallery.selectionModel())
        self._selected = np.array(places, np.intp)
        selection, current = self._session.selection, self.gallery.currentIndex()
        self._filling = True
        if not self._settled:
            self._session.choose([self.pictures.source(place).address for place in places])
        elif narrowing:
            selection.narrow(self.pictures.rows[places])
        else:
            lead = int(self.pictures.rows[current.row()]) if current.isValid() else -1
            selection.choose_rows(self.pictures.rows[places], lead)
        self._filling = False

    @Slot()
    def _chosen_elsewhere(self) -> None:
        """Select what another part of the window has chosen."""
        if self._filling or not self._settled:
            return
        self._filling = True
        self._select_again()
        self._filling = False
        self._show_count(self.pictures.rowCount())
        for row in self._selected[:1].tolist():
            self.gallery.scrollTo(self.pictures.index(row, 0))
            self.list.scrollTo(self.pictures.index(row, 0))

    @Slot(str, str)
    def _labelled(self, address: str, label: str) -> None:
        self._session.curator.label([address], label or None)

    @guarded
    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_columns"):
            self._retint()

    def _retint(self) -> None:
        self._columns.setIcon(icon("list", self.palette()))
