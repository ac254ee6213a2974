"""The measurer: finds out how good the finished map is for the open collection."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from image2map_gui.core.analysis.evaluate import Evaluation
from image2map_gui.ui.jobs.jobs import Measuring, measure
from image2map_gui.ui.jobs.runner import Outcome
from image2map_gui.ui.session.document import NOTHING_LEFT, Document
from image2map_gui.ui.session.work import Work


class Measurer(QObject):
    """Measures the map of a document; what was measured lies in the document."""

    noticed = Signal(str)

    def __init__(self, document: Document, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._work = work

    def measure(self) -> None:
        """Measure the map with the pictures that maps are trained on."""
        document = self._document
        if document.model is None:
            self.noticed.emit("There is no finished map yet: train one, then measure it.")
        elif self._work.free("A job is running already."):
            sources = document.trained_on
            if sources:
                steps = measure(document.model, sources, document.dataset)
                self._work.run("measuring", steps, self._keep)
            else:
                self.noticed.emit(NOTHING_LEFT)

    @property
    def quality(self) -> Evaluation | None:
        """What was measured, if it still is this map and this collection."""
        found = self._document.measured
        if found is None or found.model is not self._document.model:
            return None
        return found.evaluation if found.sources == self._document.trained_on else None

    @property
    def outdated(self) -> bool:
        """Whether something was measured before the map or the collection changed."""
        return self._document.measured is not None and self.quality is None

    def _keep(self, outcome: Outcome) -> None:
        if isinstance(outcome.last, Measuring) and outcome.completed:
            self._document.measured = outcome.last
