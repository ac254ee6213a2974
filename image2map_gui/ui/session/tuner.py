"""The tuner: moves the units of the finished map so that they tell labels apart, as a new run."""

from __future__ import annotations

import dataclasses
import math

from PySide6.QtCore import QObject, Signal

from image2map_gui.core.analysis.tuning import TunedMap, Tuning, tuning
from image2map_gui.core.frames import Frames
from image2map_gui.core.model import Tuned
from image2map_gui.core.picture.mosaic import mosaic
from image2map_gui.core.som.lvq import TuningSettings
from image2map_gui.ui.jobs.jobs import sparing
from image2map_gui.ui.jobs.runner import Outcome
from image2map_gui.ui.session.document import Document
from image2map_gui.ui.session.intake import Intake
from image2map_gui.ui.session.work import Work
from image2map_gui.ui.state import Drawing
from image2map_gui.ui.wording import judged_on


class Tuner(QObject):
    """Tunes the map of a document; the map before stays among the runs."""

    map_left = Signal()  # another one is about to take its place
    map_finished = Signal(object)
    noticed = Signal(str)

    def __init__(
        self, document: Document, work: Work, intake: Intake, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._work = work
        self._intake = intake

    def tune(self, settings: TuningSettings) -> None:
        """Tune the map on the labels of its pictures, which are read first if they were not."""
        document, state, model = self._document, self._document.map, self._document.model
        if state is None or model is None or not self._work.free("A job is running already."):
            return
        ground = document.answering()
        dataset = None if ground is None else ground.held(model)
        if dataset is None and document.dataset is None:
            self._intake.read_again(model.spec, model, then=lambda: self.tune(settings))
        elif dataset is None:
            self.noticed.emit("The pictures were read in another way; go on training (F7) first.")
        else:
            out = document.parts.left_out
            steps = tuning(model, dataset, settings, later=state.added, left_out=out)
            self._work.start("tuning", sparing(steps), self._keep)

    def _keep(self, outcome: Outcome) -> None:
        last = outcome.last
        if isinstance(last, Tuning) and last.tuned is not None:
            self._take(last.tuned)
        elif outcome.error is None:
            self.noticed.emit("Stopped; the map is as it was.")

    def _take(self, tuned: TunedMap) -> None:
        document, state, model = self._document, self._document.map, tuned.model
        if state is None:
            return
        self.map_left.emit()
        document.past, document.snapshot, document.frames = None, None, Frames()
        document.model = model
        document.map = dataclasses.replace(
            state,
            weights=model.weights,
            drawing=Drawing(model.prototypes, mosaic(model.prototypes, model.grid)),
            units=tuned.units,
            distances=tuned.distances,
        )
        self.map_finished.emit(model)
        if model.tuned is not None:
            self.noticed.emit(tuned_text(model.tuned))


def tuned_text(tuned: Tuned) -> str:
    """Say what a tuning has brought."""
    if math.isnan(tuned.before) or math.isnan(tuned.after):
        return "The map was tuned on its labels; the map before is among the runs."
    return (
        f"Tuned on labels: {tuned.before:.1%} right before, {tuned.after:.1%} now, "
        f"{judged_on(tuned.held_out)}. The map before is among the runs."
    )


def tuning_text(value: Tuning) -> str:
    """Say how far a tuning has come."""
    right = "" if math.isnan(value.right) else f", {value.right:.1%} right"
    return f"Tuning on labels, epoch {value.epoch:,}{right}"
