"""Pictures that are there more than once, group by group, in a window beside the main one."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QItemSelectionModel, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSpinBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.images.duplicates import (
    BITS,
    MAX_TOLERANCE,
    TOLERANCE,
    Comparing,
    Group,
    Prints,
    all_but_first,
    finding_duplicates,
)
from image2map_gui.core.images.sources import Source
from image2map_gui.ui.handlers.context import Context
from image2map_gui.ui.jobs.runner import Outcome
from image2map_gui.ui.widgets.gallery import Gallery
from image2map_gui.ui.widgets.job_line import JobDialog
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.widgets.table import Table
from image2map_gui.ui.wording import count_text, plural, visible

_EXACT, _NEAR = "Exact copies", "Exact copies and near-duplicates"
_INTRODUCTION = "Finds pictures that are in the collection more than once."


class DuplicatesDialog(JobDialog):
    """Searches when it is asked to; groups follow the collection when pictures leave it."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = context.session
        self._groups: list[Group] = []
        self._prints: Prints | None = None
        self.setWindowTitle("Duplicates")
        self._make_tools()
        self.title = plain_label(_INTRODUCTION, bold=True)
        self.groups = Table(("First picture", "Kind", "Pictures"), "Groups of duplicates")
        self.groups.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.gallery = Gallery(self._session.thumbnails, "Pictures of the group")
        self._lay_out(self._make_buttons())
        self.search.clicked.connect(self._find)
        self.what.currentIndexChanged.connect(self._what_changed)
        self.job.ended.connect(self._found)
        self.groups.selectionModel().currentRowChanged.connect(self._show_group)
        self._session.collection_changed.connect(self._collection_changed)
        self._what_changed()
        self._show_groups()

    def _stopped(self) -> None:
        self.search.setEnabled(bool(self._session.sources))
        self._show_groups()

    def _make_tools(self) -> None:
        self.what = QComboBox()
        self.what.addItems([_EXACT, _NEAR])
        self.what.setCurrentText(_NEAR)
        self.what.setAccessibleName("What to find")
        self.tolerance = QSpinBox()
        self.tolerance.setRange(0, MAX_TOLERANCE)
        self.tolerance.setValue(TOLERANCE)
        self.tolerance.setSuffix(f" of {BITS} bits")
        self.tolerance.setAccessibleName("Tolerance")
        self.tolerance.setToolTip(
            "In how many of 256 comparisons of brightness two pictures may differ. 0 to 8: other "
            "formats and small changes. 16: smaller and strongly packed copies too. More: also "
            "other pictures that look alike."
        )
        self._tolerance_name = QLabel("&Tolerance")
        self._tolerance_name.setBuddy(self.tolerance)
        self.search = QPushButton("Find")
        self.search.setDefault(True)

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.select = QPushButton("Select all but the first of each group")
        self.select.setToolTip("Select them in the list of pictures; nothing is removed")
        self.copy = QPushButton("Copy list")
        self.copy.setToolTip("Copy the paths of all groups, the first of each group first")
        for button in (self.select, self.copy):
            button.setAutoDefault(False)
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        self.select.clicked.connect(self._select)
        self.copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.close)
        return buttons

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        tools = QHBoxLayout()
        for widget in (self.what, self._tolerance_name, self.tolerance, self.search):
            tools.addWidget(widget)
        tools.addStretch(1)
        head = self.groups.horizontalHeader()
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.groups.setColumnWidth(1, 80)
        self.groups.setColumnWidth(2, 80)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.addWidget(self.groups)
        halves.addWidget(self.gallery)
        halves.setSizes([420, 400])
        halves.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.addLayout(tools)
        layout.addWidget(self.title)
        layout.addWidget(self.job)
        layout.addWidget(halves, 1)
        layout.addWidget(buttons)
        self.resize(860, 560)

    # --- searching --------------------------------------------------------------------------

    @Slot()
    def _what_changed(self) -> None:
        near = self.what.currentText() == _NEAR
        self.tolerance.setEnabled(near)
        self._tolerance_name.setEnabled(near)

    @Slot()
    def _find(self) -> None:
        tolerance = self.tolerance.value() if self.what.currentText() == _NEAR else None
        self.search.setEnabled(False)
        self.title.setText("Searching…")
        steps = finding_duplicates(self._pictures(), tolerance, self._prints)
        self.job.start(steps, _words)

    def _pictures(self) -> list[Source]:
        """Return the pictures to compare: what is excluded need not be found once more."""
        session = self._session
        return [one for one in session.sources if one.address not in session.parts.excluded]

    @Slot(object)
    def _found(self, outcome: Outcome) -> None:
        self.search.setEnabled(bool(self._session.sources))
        last = outcome.last
        if not isinstance(last, Comparing) or last.groups is None:
            self.title.setText("Stopped; what was found before is still listed.")
            return
        self._groups = list(last.groups)
        self._prints = last.prints or self._prints
        self._collection_changed()  # it may have changed while they were compared
        if not self._groups:
            self.title.setText("No picture is there more than once.")

    @Slot()
    def _collection_changed(self) -> None:
        there = {source.address for source in self._pictures()}
        self.search.setEnabled(bool(there) and not self.job.busy)
        left = []
        for group in self._groups:
            sources = tuple(source for source in group.sources if source.address in there)
            if len(sources) > 1:
                left.append(dataclasses.replace(group, sources=sources))
        self._groups = left
        self._show_groups()

    # --- what is shown ----------------------------------------------------------------------

    def _show_groups(self) -> None:
        self._by_first = {group.sources[0].address: group for group in self._groups}
        self.groups.content.show_rows(
            [
                (group.sources[0].address, "exact" if group.exact else "near", len(group.sources))
                for group in self._groups
            ]
        )
        for button in (self.select, self.copy):
            button.setEnabled(bool(self._groups))
        if not self._groups:
            self.gallery.show_pictures((), ())
            if not self.job.busy:
                self.title.setText(_INTRODUCTION)
            return
        more = len(all_but_first(self._groups))
        self.title.setText(
            f"{plural(len(self._groups), 'group')}; {plural(more, 'picture')} beside the first of "
            "each"
        )
        flags = QItemSelectionModel.SelectionFlag
        self.groups.selectionModel().setCurrentIndex(
            self.groups.model().index(0, 0), flags.ClearAndSelect | flags.Rows
        )

    @Slot()
    def _show_group(self) -> None:
        chosen = self.groups.currentIndex()
        if not chosen.isValid():
            return
        group = self._by_first.get(str(self.groups.content.rows[chosen.row()][0]))
        sources = () if group is None else group.sources
        self.gallery.show_pictures(sources, [source.name for source in sources])

    @Slot()
    def _select(self) -> None:
        chosen = all_but_first(self._groups)
        self._session.select_pictures(chosen)
        self._session.noticed.emit(f"{plural(len(chosen), 'picture')} selected in the list.")

    @Slot()
    def _copy(self) -> None:
        lines = []
        for group in self._groups:
            lines += [visible(source.address) for source in group.sources]
            lines.append("")
        QGuiApplication.clipboard().setText("\n".join(lines))


def _words(step: Comparing) -> str:
    return count_text(step.doing, step.done, step.total, step.rate)
