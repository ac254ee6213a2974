"""The trainer: trains maps on the collection, shows them forming, and keeps what they became."""

from __future__ import annotations

import dataclasses
from functools import partial
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from image2map_gui.core.errors import MemoryNeededError
from image2map_gui.core.frames import MB, Frame, Keeper
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.model import check_room, model_of, settle_map
from image2map_gui.core.som.course import Change
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import EpochFigures, Snapshot
from image2map_gui.ui.jobs.jobs import THREADS, Painter, learn, sparing, suits
from image2map_gui.ui.jobs.runner import Outcome
from image2map_gui.ui.session.document import NOTHING_LEFT, Document
from image2map_gui.ui.session.intake import Intake
from image2map_gui.ui.session.thumbnails import Thumbnails
from image2map_gui.ui.session.training_log import onwards, remaining
from image2map_gui.ui.session.work import Work
from image2map_gui.ui.state import Before, Drawing, state_of
from image2map_gui.ui.wording import ending_text


class Trainer(QObject):
    """Makes the map of a document."""

    map_changed = Signal()
    map_left = Signal()  # another one is about to take its place
    map_forgotten = Signal()
    map_finished = Signal(object)
    epoch_ended = Signal(object)
    history_changed = Signal()
    touched = Signal()
    noticed = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        document: Document,
        work: Work,
        intake: Intake,
        thumbnails: Thumbnails,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._work = work
        self._intake = intake
        self._thumbnails = thumbnails

    @property
    def training(self) -> bool:
        """Whether a training is running or paused."""
        return self._work.activity == "training"

    # --- beginning --------------------------------------------------------------------------

    def train(self, *, one_epoch: bool = False) -> None:
        """Train a new map on the collection; with ``one_epoch`` pause after the first."""
        document = self._document
        if not document.sources or not self._work.free("A job is running already."):
            return
        spec = document.wanted_spec
        if document.dataset is None or document.dataset.spec != spec:
            self._intake.read_again(spec, then=lambda: self.train(one_epoch=one_epoch))
            return
        dataset = self._training_part(document.dataset, document.params)
        if dataset is not None:
            self.map_left.emit()
            document.clear_map()
            self.map_forgotten.emit()
            self._start(document.params, dataset, one_epoch=one_epoch)

    def go_on(self) -> None:
        """Train the map that is there for as many epochs again, from its last radius and rate."""
        state = self._document.map
        if state is not None:
            params = state.params
            self._go_on(
                dataclasses.replace(
                    params, radius_start=params.radius_end, rate_start=params.rate_end
                )
            )

    def finish(self) -> None:
        """Train the map that is there to the end that was planned, if its training ended early."""
        state = self._document.map
        params = None if state is None else remaining(state.params, self._document.log.history)
        if params is not None:
            self._go_on(params)

    def _go_on(self, last: SomParams) -> None:
        document, state, model = self._document, self._document.map, self._document.model
        if state is None or model is None or not self._work.free("A job is running already."):
            return
        if document.dataset is None or not suits(document.dataset, model):
            self._intake.read_again(state.spec, model, then=lambda: self._go_on(last))
            return
        dataset = self._training_part(document.dataset, last)
        if dataset is not None:
            document.before = Before(model, state, document.run, document.sources)
            self.map_left.emit()
            document.model = document.snapshot = None
            self._start(last, dataset, start=state.weights)

    def go_on_from(self, frame: Frame) -> None:
        """Train on from an earlier epoch, with its radius and rate, for as long as was left then.

        What came after it in this training stays what it is, in the run that it belongs to.
        """
        document, state, model = self._document, self._document.map, self._document.model
        if state is None or model is None or not self._work.free("A job is running already."):
            return
        if document.dataset is None or not suits(document.dataset, model):
            self._intake.read_again(state.spec, model, then=lambda: self.go_on_from(frame))
            return
        params = onwards(state.params, document.log.history, frame.epoch)
        dataset = self._training_part(document.dataset, params)
        if dataset is None:
            return
        self.map_left.emit()
        log, frames = document.log.until(frame.epoch), document.frames.until(frame.epoch)
        document.clear_map()
        document.log, document.frames = log, frames
        self.map_forgotten.emit()
        self._start(params, dataset, start=frame.weights)

    def _training_part(self, dataset: Dataset, params: SomParams) -> Dataset | None:
        """Return the pictures to train on; ``None``, with a word, if that cannot be begun.

        All may be left out, or there may not be enough memory: the map that is there stays.
        """
        rows = self._document.parts.rows(dataset.sources)
        if rows is not None and not len(rows):
            self.noticed.emit(NOTHING_LEFT)
            return None
        part = dataset if rows is None else dataset.take(rows)
        try:
            check_room(part, params, self._document.keeping.frames * MB)
        except MemoryNeededError as error:
            self.failed.emit(str(error))
            return None
        return part

    def _start(
        self,
        params: SomParams,
        dataset: Dataset,
        *,
        one_epoch: bool = False,
        start: NDArray[np.float32] | None = None,
    ) -> None:
        document = self._document
        earlier = len(document.log.history)
        limit = document.keeping.frames * MB
        keeper = Keeper(dataset, params, limit, document.frames if earlier else None)
        document.trained, document.keeper, document.threads = dataset, keeper, THREADS
        document.log.begin(params)
        self._thumbnails.warm_up()  # what is dropped on the new map is read at once
        self._work.start(
            "training",
            learn(dataset, params, start, partial(keeper.take, earlier=earlier)),
            self._keep,
            digest=attrgetter("figures"),
            paint=Painter(params, dataset),
            one_stage=one_epoch,
        )

    # --- steering ---------------------------------------------------------------------------

    def change(self, change: Change) -> None:
        """Change the running training from its next epoch on; the history will tell."""
        if not self.training:
            return
        self._work.send(change)
        if change.pause is not None:
            self._work.rest(change.pause)

    def pause(self) -> None:
        """Let the training wait before its next step."""
        if self.training:
            self._work.pause()

    def resume(self) -> None:
        """Let a paused training go on."""
        if self.training:
            self._work.resume()

    def step(self) -> None:
        """Train for one epoch, then wait."""
        if self.training:
            self._work.step()
        else:
            self.train(one_epoch=True)

    # --- what comes of it -------------------------------------------------------------------

    def show(self, snapshot: Snapshot, drawing: Drawing | None) -> None:
        """Show the map as it is now, unless it is on the screen already."""
        if not self._is_shown(snapshot):
            self._show(snapshot, drawing)

    def doing_text(self, snapshot: Snapshot) -> str:
        """Say how far the training is."""
        if self._work.activity == "settling":
            return "Finishing the map"
        return self._document.log.progress_text(snapshot)

    @Slot(object)
    def note_epoch(self, figures: EpochFigures) -> None:
        """Note that an epoch has ended, and tell its figures counted from the map's first."""
        self.epoch_ended.emit(self._document.log.add(figures))
        if self.training and self._work.paused:
            self._work.changed.emit()

    def _keep(self, outcome: Outcome) -> None:
        """Keep the map of a training that has ended, also if that was before its last epoch."""
        document, before = self._document, self._document.before
        if isinstance(outcome.last, Snapshot):
            self._keep_map(outcome.last)
        elif before is not None:  # it failed before its first step: the map is what it was
            document.model, document.run = before.now(document.sources).model, before.run
            document.before = document.trained = None
            self.history_changed.emit()

    def _keep_settled(self, outcome: Outcome) -> None:
        if isinstance(outcome.last, Snapshot) and outcome.completed:
            self._keep_map(outcome.last)

    def _keep_map(self, last: Snapshot) -> None:
        document, shown, state = self._document, self._document.snapshot, self._document.map
        painted = state is not None and shown is not None and shown.weights is last.weights
        self._show(last, state.drawing if state is not None and painted else None)
        document.log.end()
        if document.keeper is not None:
            document.keeper.take(last, document.log.earlier)
        if not last.settled:
            self.touched.emit()  # at once: finishing may fail, and the window may be closed first
            self._finish(last)
            return
        if document.trained is not None and document.map is not None:
            document.model = model_of(document.trained, document.map.params, last)
            document.trained = None
            self.map_finished.emit(document.model)
        if last.epoch < last.epochs:
            self.noticed.emit(ending_text(last))
        self.touched.emit()
        self.history_changed.emit()

    def _finish(self, last: Snapshot) -> None:
        """Find the exact winners of a training that ended before its last epoch."""
        trained, state = self._document.trained, self._document.map
        if trained is not None and state is not None:
            steps = sparing(settle_map(trained, state.params, last))
            self._work.run("settling", steps, self._keep_settled)

    def _is_shown(self, snapshot: Snapshot) -> bool:
        """Whether this map is on the screen already, as within an epoch of batch training."""
        shown = self._document.snapshot
        return (
            self._document.map is not None
            and shown is not None
            and shown.weights is snapshot.weights
            and shown.winners is snapshot.winners
        )

    def _show(self, snapshot: Snapshot, drawing: Drawing | None) -> None:
        document = self._document
        if document.trained is None:
            return
        params = document.map.params if document.map is not None else document.params
        document.snapshot = snapshot
        if snapshot.winners is not None:
            document.before = None
        document.map = state_of(snapshot, params, document.trained, drawing)
        self.map_changed.emit()
