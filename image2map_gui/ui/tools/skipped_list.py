"""The files that were skipped: how many for which reason, and which."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.export.tables import write_skipped
from image2map_gui.core.images.sources import Skipped
from image2map_gui.ui.handlers.context import Context
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.widgets.table import Table
from image2map_gui.ui.wording import plural, visible

_ALL = "All reasons"
_MOST_REASONS = 6  # rows of reasons in sight


class SkippedList(QDialog):
    """Stays open beside the window and follows the collection; reasons sift the files."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._shown: list[Skipped] = []
        self.setWindowTitle("Skipped files")
        self.title = plain_label(bold=True)
        self.reasons = Table(("Reason", "Files"), "Reasons why files were skipped")
        self.reasons.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by file or reason")
        self.filter.setAccessibleName("Filter skipped files")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAcceptDrops(False)
        self.files = Table(("File", "Reason"), "Skipped files")
        self._lay_out(self._make_buttons())
        self.filter.textChanged.connect(self._sift)
        self.reasons.selectionModel().selectionChanged.connect(self._sift)
        context.session.collection_changed.connect(self._refresh)
        self._refresh()

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy the rows that are selected, or all that are shown")
        self.export = QPushButton("Export CSV…")
        self.export.setToolTip("Write the files that are shown to a table")
        for button in (self.copy, self.export):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
            button.setAutoDefault(False)
        self.copy.clicked.connect(self._copy)
        self.export.clicked.connect(self._export)
        buttons.rejected.connect(self.close)
        return buttons

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        for table, wide in ((self.reasons, 0), (self.files, 1)):
            table.horizontalHeader().setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
        self.files.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.files.setColumnWidth(0, 380)
        layout = QVBoxLayout(self)
        layout.addWidget(self.title)
        layout.addWidget(self.reasons)
        layout.addWidget(self.filter)
        layout.addWidget(self.files, 1)
        layout.addWidget(buttons)
        self.reasons.setColumnWidth(1, 90)
        self.filter.setFocus()
        self.resize(820, 580)

    @Slot()
    def _refresh(self) -> None:
        skipped = self._context.session.skipped
        counts = Counter(_kind(one) for one in skipped)
        rows = [*counts.most_common()]
        if len(rows) > 1:
            rows.insert(0, (_ALL, len(skipped)))
        self.reasons.content.show_rows(rows)
        self.reasons.setFixedHeight(self.reasons.height_of(min(max(len(rows), 1), _MOST_REASONS)))
        self._sift()

    @Slot()
    def _sift(self) -> None:
        skipped = self._context.session.skipped
        kinds = {row[0] for row in self.reasons.chosen()} - {_ALL}
        text = self.filter.text().strip().lower()
        self._shown = [
            one
            for one in skipped
            if (not kinds or _kind(one) in kinds)
            and (not text or text in one.path.lower() or text in one.reason.lower())
        ]
        self.files.content.show_rows([(one.path, one.reason) for one in self._shown])
        if len(self._shown) == len(skipped):
            self.title.setText(f"{plural(len(skipped), 'file')} skipped")
        else:
            self.title.setText(f"{len(self._shown):,} of {plural(len(skipped), 'file')} skipped")
        for button in (self.copy, self.export):
            button.setEnabled(bool(self._shown))

    @Slot()
    def _copy(self) -> None:
        rows = self.files.chosen() or self.files.content.rows
        text = "\n".join("\t".join(visible(str(cell)) for cell in row) for row in rows)
        QGuiApplication.clipboard().setText(text)

    @Slot()
    def _export(self) -> None:
        context = self._context
        start = Path(context.settings.text("folder") or Path.home()) / "skipped.csv"
        path = context.dialogs.table_to_save(str(start))
        if path is None:
            return
        rows = [Skipped(str(file), str(reason)) for file, reason in self.files.content.rows]
        try:
            write_skipped(path, rows, full_paths=context.settings.tables.full_paths)
        except Image2MapError as error:
            context.session.failed.emit(str(error))
        else:
            context.session.noticed.emit(f"Saved as {path}")


def _kind(one: Skipped) -> str:
    """Return the reason without its details: those differ from file to file."""
    return one.reason.partition(" (")[0]
