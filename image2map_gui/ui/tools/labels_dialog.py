"""The labels of the collection: order, names, spreading and tables, beside the main window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QGroupBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.analysis.methods import LABELLINGS
from image2map_gui.core.export.tables import write_labels
from image2map_gui.core.images.collection import SPREAD
from image2map_gui.ui.handlers.context import Context, start_folder
from image2map_gui.ui.jobs.export_jobs import write
from image2map_gui.ui.jobs.label_jobs import Naming, reading_labels, spreading
from image2map_gui.ui.jobs.runner import Outcome
from image2map_gui.ui.widgets.job_line import JobDialog
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.widgets.table import Table
from image2map_gui.ui.wording import plural

_TABLES = "Tables (*.csv)"
_WAYS = {
    "majority": "Most frequent label of the unit",
    "frequency": "Label with the largest share on the unit",
    "proximity": "Label of the picture nearest to the prototype",
}


class LabelsDialog(JobDialog):
    """Lists the labels; all that is done here can be undone in the main window."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._session = context.session
        self._doing = ""  # what the running job's labels are for
        self.setWindowTitle("Labels")
        self.words = plain_label()
        self.table = Table(("Key", "Label", "Pictures"), "Labels")
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.setSortingEnabled(False)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(0, 48)
        self.table.content.inked = 1
        self.table.doubleClicked.connect(self._rename)
        self.buttons: dict[str, QPushButton] = {}
        self._lay_out()
        self.table.selectionModel().selectionChanged.connect(self._allow)
        self.job.ended.connect(self._named)
        self._session.collection_changed.connect(self._show)
        self._session.curator.changed.connect(self._show)
        self._session.map_changed.connect(self._allow)
        self._session.selection.units_changed.connect(self._allow)
        self._show()

    # --- parts ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        closing = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        closing.rejected.connect(self.reject)
        editing = QHBoxLayout()
        for name, text, tip, slot in (
            ("rename", "&Rename…", "Rename it; under the name of another both become one",
             self._rename),
            ("remove", "&Take off", "Take it off all its pictures", self._remove),
            ("colour", "&Colour…", "Choose the colour it has on the map and everywhere else",
             self._colour),
            ("palette", "Reset c&olour", "Give it the colour of the palette again", self._reset),
            ("up", "&Up", "Move it up; the first nine have the keys 1 to 9", self._up),
            ("down", "&Down", "Move it down", self._down),
            ("select", "&Select", "Select its pictures", self._select),
        ):  # fmt: skip
            editing.addWidget(self._button(name, text, tip, slot))
        tables = QHBoxLayout()
        for name, text, tip, slot in (
            ("import", "&Import…", "Take labels from a CSV file with columns path and label",
             self._import),
            ("export", "&Export…", "Save path and label of all pictures as a CSV file",
             self._export),
        ):  # fmt: skip
            tables.addWidget(self._button(name, text, tip, slot))
        tables.addStretch(1)
        tables.addWidget(closing)
        layout = QVBoxLayout(self)
        for part in (self.words, self.table, editing, self._spread_box(), self.job, tables):
            if isinstance(part, QWidget):
                layout.addWidget(part, int(part is self.table))
            else:
                layout.addLayout(part)
        self.resize(460, 560)

    def _spread_box(self) -> QGroupBox:
        box = QGroupBox("Pictures without a label take that of their unit")
        self.way = QComboBox()
        for name in LABELLINGS:
            self.way.addItem(_WAYS.get(name, name), name)
        self.way.setAccessibleName("How units come to their labels")
        self.only = QCheckBox("Only on the &selected units")
        spread = self._button(
            "spread", "S&pread labels",
            f"They are kept as the selection “{SPREAD}”, to be looked through", self._spread,
        )  # fmt: skip
        row = QHBoxLayout()
        row.addWidget(self.only, 1)
        row.addWidget(spread)
        column = QVBoxLayout(box)
        column.addWidget(self.way)
        column.addLayout(row)
        return box

    def _button(self, name: str, text: str, tip: str, slot: object) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        self.buttons[name] = button
        return button

    # --- showing ----------------------------------------------------------------------------

    @property
    def chosen(self) -> str | None:
        """The label that is selected."""
        rows = self.table.chosen()
        return str(rows[0][1]) if rows else None

    @Slot()
    def _show(self) -> None:
        before, labels = self.chosen, self._session.curator.labels
        self.table.content.inks = self._session.curator.inks
        self.table.content.show_rows(
            [
                (str(place) if place <= 9 else "", name, count)
                for place, (name, count) in enumerate(labels, 1)
            ]
        )
        bare = len(self._session.sources) - sum(count for _, count in labels)
        said = f"{plural(len(labels), 'label')}; {plural(bare, 'picture')} without one."
        if labels:
            said += " Keys 1 to 9 give the selected pictures one of the first nine, 0 takes it off."
        self.words.setText(said)
        names = [name for name, _ in labels]
        if before in names:
            self.table.go_to(names.index(before))
        self._allow()

    @Slot()
    def _allow(self) -> None:
        session, name = self._session, self.chosen
        labels = session.curator.labels
        for button in ("rename", "remove", "colour", "select"):
            self.buttons[button].setEnabled(name is not None)
        own = name is not None and session.curator.has_own_colour(name)
        self.buttons["palette"].setEnabled(own)
        self.buttons["up"].setEnabled(bool(labels) and name not in (None, labels[0][0]))
        self.buttons["down"].setEnabled(bool(labels) and name not in (None, labels[-1][0]))
        self.buttons["export"].setEnabled(bool(labels))
        self.buttons["import"].setEnabled(bool(session.sources))
        there = session.model is not None and not session.past
        self.buttons["spread"].setEnabled(there and bool(labels))
        self.only.setEnabled(len(session.selection.units) > 0)

    # --- editing ----------------------------------------------------------------------------

    @Slot()
    def _rename(self) -> None:
        curator, name = self._session.curator, self.chosen
        if name is None:
            return
        counts = dict(curator.labels)
        answer = self._context.dialogs.label(counts[name], name, list(counts))
        if answer is not None:
            curator.rename_label(name, answer or None)

    @Slot()
    def _remove(self) -> None:
        if self.chosen is not None:
            self._session.curator.rename_label(self.chosen, None)

    @Slot()
    def _colour(self) -> None:
        curator, name = self._session.curator, self.chosen
        if name is None:
            return
        colour = self._context.dialogs.colour(name, "#" + bytes(curator.inks.of(name)).hex())
        if colour is not None:
            curator.colour_label(name, colour)

    @Slot()
    def _reset(self) -> None:
        if self.chosen is not None:
            self._session.curator.colour_label(self.chosen, None)

    @Slot()
    def _up(self) -> None:
        if self.chosen is not None:
            self._session.curator.move_label(self.chosen, -1)

    @Slot()
    def _down(self) -> None:
        if self.chosen is not None:
            self._session.curator.move_label(self.chosen, 1)

    @Slot()
    def _select(self) -> None:
        name = self.chosen
        self._session.choose([one.address for one in self._session.sources if one.label == name])

    # --- labels of many ---------------------------------------------------------------------

    @Slot()
    def _spread(self) -> None:
        session = self._session
        model, state, ground = session.model, session.newest, session.answers.ground()
        if model is None or state is None or ground is None:
            return
        only = self.only.isChecked() and self.only.isEnabled()
        units = session.selection.units if only else None
        self._doing = "spread labels"
        steps = spreading(model, state, ground.held(model), self.way.currentData(), units)
        self.job.start(steps, lambda step: "Spreading labels")

    @Slot()
    def _import(self) -> None:
        path = self._context.dialogs.table_to_open(start_folder(self._context))
        if path is not None:
            self._doing = f"take labels from {path.name}"
            steps = reading_labels(self._session.sources, path)
            self.job.start(steps, lambda step: "Reading labels")

    @Slot()
    def _export(self) -> None:
        start = str(Path(start_folder(self._context)) / "labels.csv")
        path = self._context.dialogs.file_to_save("Save the labels", start, _TABLES, ".csv")
        if path is not None:
            sources, full = self._session.sources, self._context.settings.tables.full_paths
            self._session.export(
                write(path, lambda out: write_labels(out, sources, full_paths=full))
            )

    @Slot(object)
    def _named(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self.words.setText(str(outcome.error))
            return
        last = outcome.last
        if not outcome.completed or not isinstance(last, Naming) or last.labels is None:
            return
        mark = SPREAD if self._doing == "spread labels" else ""
        count = self._session.curator.relabel(last.labels, self._doing, mark)
        told = f"{plural(count, 'picture')} labelled." if count else "Nothing to label was left."
        self.words.setText(f"{told} {self.words.text()}" if count else told)
