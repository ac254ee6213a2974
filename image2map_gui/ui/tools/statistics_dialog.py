"""The figures of the collection, in a window beside the main one."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.images.statistics import Counted, Statistics, Surveying, surveying
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.handlers.context import Context
from image2map_gui.ui.jobs.runner import Outcome
from image2map_gui.ui.widgets.job_line import JobDialog
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.widgets.table import Row, Table
from image2map_gui.ui.wording import bytes_text, count_text, plural, visible

_TABLES = (
    ("Sizes", "Size", "sizes"),
    ("Formats", "Format", "formats"),
    ("Colours", "Colours", "colours"),
    ("Labels", "Label", "labels"),
    ("Skipped", "Reason", "skipped"),
)
_NO_LABEL = "no label"


class StatisticsDialog(JobDialog):
    """Surveys the collection when it is shown, and again whenever that has changed."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = context.session
        self._statistics: Statistics | None = None
        self.setWindowTitle("Statistics of the collection")
        self._title = plain_label(bold=True)
        self._overview = QFormLayout()
        self.tabs = QTabWidget()
        self.tables = {}
        for name, head, field in _TABLES:
            self.tables[field] = self._table(name, head)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = QPushButton("Copy all")
        self.copy.setToolTip("Copy all figures as text")
        self.copy.setAutoDefault(False)
        buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.addWidget(self._title)
        layout.addLayout(self._overview)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.job)
        layout.addWidget(buttons)
        self.resize(560, 560)
        buttons.rejected.connect(self.close)
        self.copy.clicked.connect(self._copy)
        self.job.ended.connect(self._surveyed)
        self._session.collection_changed.connect(self._survey)

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """Look at the collection as it is now."""
        super().showEvent(event)
        self._survey()

    def _table(self, name: str, head: str) -> Table:
        table = Table((head, "Files" if name == "Skipped" else "Pictures", "Share"), name)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.setColumnWidth(1, 90)
        table.setColumnWidth(2, 80)
        self.tabs.addTab(table, name)
        return table

    @Slot()
    def _survey(self) -> None:
        if not self.isVisible():
            return
        session = self._session
        self._statistics = None
        self.copy.setEnabled(False)
        self._title.setText(plural(len(session.sources), "picture"))
        self.job.start(surveying(session.sources, session.skipped), _words)

    @Slot(object)
    def _surveyed(self, outcome: Outcome) -> None:
        last = outcome.last
        if not isinstance(last, Surveying) or last.statistics is None:
            self._title.setText("Stopped: the figures are not there.")
            return
        self._statistics = last.statistics
        self.copy.setEnabled(True)
        while self._overview.rowCount():
            self._overview.removeRow(0)
        for name, value in _overview(last.statistics):
            self._overview.addRow(f"{name}:", plain_label(value))
        for place, (name, _, field) in enumerate(_TABLES):
            counted: Counted = getattr(last.statistics, field)
            self.tables[field].content.show_rows(_rows(counted))
            kinds = sum(1 for thing, _ in counted if thing)
            self.tabs.setTabText(place, f"{name} ({kinds:,})" if kinds else name)
            self.tabs.setTabEnabled(place, bool(counted))

    @Slot()
    def _copy(self) -> None:
        if self._statistics is not None:
            QGuiApplication.clipboard().setText(statistics_text(self._statistics))


def statistics_text(figures: Statistics) -> str:
    """Return all figures as lines of text."""
    lines = [plural(figures.pictures, "picture")]
    lines += [f"{name}\t{value}" for name, value in _overview(figures)]
    for name, _, field in _TABLES:
        if counted := getattr(figures, field):
            lines += ["", name]
            lines += [f"{visible(thing) or _NO_LABEL}\t{count}" for thing, count in counted]
    return "\n".join(lines)


def _words(step: Surveying) -> str:
    return count_text("Looking at files", step.done, step.total, step.rate)


def _overview(figures: Statistics) -> list[tuple[str, str]]:
    rows = [("Files", f"{figures.files:,}, {bytes_text(figures.file_bytes)}")]
    for name, spread in (("Width", figures.widths), ("Height", figures.heights)):
        if spread is not None:
            low, middle, high = spread
            said = f"{low:,} to {high:,} pixels, median {middle:,g}"
            rows.append((name, f"{low:,} pixels" if low == high else said))
    if figures.sizes:
        size, count = figures.sizes[0]
        kinds = len(figures.sizes)
        said = f"{kinds:,} different, most often {size} ({plural(count, 'picture')})"
        rows.append(("Sizes", f"all {size}" if kinds == 1 else said))
    if figures.unreadable:
        rows.append(("Unreadable", plural(figures.unreadable, "picture")))
    labels = sum(1 for name, _ in figures.labels if name)
    rows.append(("Labels", f"{labels:,}" if labels else "none"))
    rows.append(("Skipped", plural(sum(count for _, count in figures.skipped), "file")))
    return rows


def _rows(counted: Counted) -> list[Row]:
    total = sum(count for _, count in counted)
    return [(name or _NO_LABEL, count, count / total) for name, count in counted]
