"""Pictures like one picture or one unit, in a window beside the main one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.analysis.similar import Alike, Searching, like_on_map, like_vector
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Source
from image2map_gui.core.som.metric import Metric
from image2map_gui.ui.handlers.context import Context
from image2map_gui.ui.jobs.jobs import suits
from image2map_gui.ui.jobs.runner import Outcome
from image2map_gui.ui.widgets.gallery import Gallery, selected_rows
from image2map_gui.ui.widgets.job_line import JobDialog
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.wording import count_text, visible

_COUNT = 100
ON_MAP, EXACT = "On the map: same unit, then units nearby", "By the pictures themselves: exact"


class SimilarDialog(JobDialog):
    """Lists what is like the session's question, the most similar first; a click selects it."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = context.session
        self._answered: Sequence[Source] = ()  # that the rows of a search mean
        self.setWindowTitle("Similar pictures")
        self.title = plain_label(bold=True)
        self.way = QComboBox()
        self.way.addItems([ON_MAP, EXACT])
        self.way.setAccessibleName("How to look for similar pictures")
        self.words = plain_label()
        self.gallery = Gallery(self._session.thumbnails, "Similar pictures", 72)
        self._lay_out()
        self.way.currentIndexChanged.connect(self._look)
        self.job.ended.connect(self._found)
        self.gallery.chosen_changed.connect(self._choose)
        self._session.selection.asked.connect(self._look)
        self._session.collection_changed.connect(self._collection_changed)
        self._look()

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        select = buttons.addButton("&Select all of them", QDialogButtonBox.ButtonRole.ActionRole)
        select.setAutoDefault(False)
        select.clicked.connect(self.gallery.selectAll)
        buttons.rejected.connect(self.reject)
        way = QHBoxLayout()
        way.addWidget(self.way, 1)
        layout = QVBoxLayout(self)
        layout.addWidget(self.title)
        layout.addLayout(way)
        layout.addWidget(self.words)
        layout.addWidget(self.gallery, 1)
        layout.addWidget(self.job)
        layout.addWidget(buttons)
        self.resize(460, 520)

    # --- looking ----------------------------------------------------------------------------

    @Slot()
    def _look(self) -> None:
        """Look for what is like the picture or the unit that is asked about."""
        question, state = self._session.selection.question, self._session.map
        self.job.halt()
        self.gallery.show_pictures((), ())
        if question.source is not None:
            self.title.setText(f"Like {visible(question.source.name)}")
        elif question.unit is not None and state is not None and question.unit < state.grid.units:
            row, column = state.grid.cells[question.unit]
            self.title.setText(f"Like the unit in row {row + 1}, column {column + 1}")
        else:
            self.title.setText("Select a picture or a unit, then choose Find similar.")
            self.words.setText("")
            return
        if self.way.currentText() == ON_MAP:
            self._look_on_map()
        else:
            self._look_exactly()

    def _look_on_map(self) -> None:
        question, state = self._session.selection.question, self._session.map
        if state is None or state.units is None or state.distances is None:
            self.words.setText("There is no map yet: train one, or look by the pictures.")
            return
        unit = question.unit
        if question.source is not None:
            row = self._session.selection.row_of(question.source.address)
            unit = int(self._session.selection.units_of_rows[row]) if row >= 0 else -1
        if unit is None or unit < 0:
            self.words.setText("This picture is not on the map; look by the pictures instead.")
            return
        where = (state.units, state.distances)
        found = like_on_map(state.weights, state.grid, state.metric, where, unit, _COUNT + 1)
        self._show(state.pictures, found)
        self.words.setText("With the distances between the prototypes of the units.")

    def _look_exactly(self) -> None:
        dataset = self._session.dataset
        if dataset is None:
            self.words.setText(
                "The pictures are not in memory: a project only says where they are. Train (F5) or "
                "go on training (F7), which reads them, then look again."
            )
            return
        vector = self._vector(dataset)
        if vector is None:
            self.words.setText(
                "This is not among the pictures that were read, or the map was made in another "
                "way than they were read; train again, then look again."
            )
            return
        self.words.setText("With the distances between the pictures as the map sees them.")
        self._answered = dataset.sources
        steps = like_vector(dataset.vectors, vector, self._metric(dataset), _COUNT + 1)
        self.job.start(steps, _words)

    def _vector(self, dataset: Dataset) -> NDArray[np.float32] | None:
        """Return what is asked about as the dataset has it; ``None`` if it does not fit."""
        question, state = self._session.selection.question, self._session.map
        if question.source is not None:
            address = question.source.address
            for row, source in enumerate(dataset.sources):
                if source.address == address:
                    return np.asarray(dataset.vectors[row])
            return None
        model = self._session.model
        if state is None or model is None or question.unit is None or not suits(dataset, model):
            return None
        return np.asarray(state.weights[question.unit])

    def _metric(self, dataset: Dataset) -> Metric:
        state, model = self._session.map, self._session.model
        if state is not None and model is not None and suits(dataset, model):
            return state.metric
        return Metric(self._session.params.measure, dataset.spec.mask)

    @Slot(object)
    def _found(self, outcome: Outcome) -> None:
        last = outcome.last
        if isinstance(last, Searching) and last.found is not None:
            self._show(self._answered, last.found)
        elif outcome.error is None:
            self.words.setText("Stopped.")

    def _show(self, sources: Sequence[Source], found: Alike) -> None:
        question = self._session.selection.question
        own = "" if question.source is None else question.source.address
        pairs = [
            (sources[row], far)
            for row, far in zip(found.rows.tolist(), found.distances.tolist(), strict=True)
            if sources[row].address != own
        ][:_COUNT]
        self.gallery.show_pictures(
            [source for source, _ in pairs],
            [f"{far:.3g}" + (f" · {one.label}" if one.label else "") for one, far in pairs],
        )

    # --- choosing ---------------------------------------------------------------------------

    @Slot()
    def _choose(self) -> None:
        """Choose everywhere what was selected here."""
        rows = selected_rows(self.gallery.selectionModel())
        addresses = [self.gallery.pictures.source(row).address for row in rows]
        if addresses:
            current = self.gallery.currentIndex()
            lead = self.gallery.pictures.source(current.row()).address if current.isValid() else ""
            self._session.selection.choose(addresses, lead)

    @Slot()
    def _collection_changed(self) -> None:
        """Look again when pictures that are listed have gone."""
        pictures, row_of = self.gallery.pictures, self._session.selection.row_of
        listed = range(pictures.rowCount())
        if self.isVisible() and any(row_of(pictures.source(row).address) < 0 for row in listed):
            self._look()


def _words(step: Searching) -> str:
    return count_text("Comparing pictures", step.done, step.total, 0.0)
