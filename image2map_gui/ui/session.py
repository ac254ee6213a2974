"""The open project and the running job: the one object that all parts of the window know."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.analysis.evaluate import Evaluation
from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.images.collection import Parts, rows_of
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.relocating import Locating, locating
from image2map_gui.core.images.sources import Found, Skipped, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel, model_of, settle_map
from image2map_gui.core.picture.wishes import Facts
from image2map_gui.core.project import Project, load_project, save_project
from image2map_gui.core.som.course import Change
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.size import proposed_size
from image2map_gui.core.som.train import EpochFigures, Snapshot
from image2map_gui.ui.answers import Answers
from image2map_gui.ui.arrivals import Arrivals
from image2map_gui.ui.curator import Curator, Desk
from image2map_gui.ui.edits import Opened
from image2map_gui.ui.examples import Examples
from image2map_gui.ui.export_jobs import Exporting
from image2map_gui.ui.jobs import (
    Collecting,
    Measuring,
    Painter,
    collect,
    collect_again,
    collect_found,
    collect_sample,
    learn,
    measure,
    place,
    sparing,
    suits,
)
from image2map_gui.ui.layers import Layers
from image2map_gui.ui.missing import (
    Missing,
    file_paths,
    located_text,
    moved_addresses,
    moved_dataset,
    moved_sources,
    moved_state,
)
from image2map_gui.ui.runner import Outcome, Runner
from image2map_gui.ui.state import (
    Drawing,
    MapState,
    project_with_map,
    state_of,
    state_of_project,
)
from image2map_gui.ui.thumbnails import Thumbnails
from image2map_gui.ui.training_log import TrainingLog
from image2map_gui.ui.wording import count_text, ending_text, first_reason, plural
from image2map_gui.ui.worker import Step

_NOTHING_LEFT = "All pictures are excluded or kept for testing; include some first."


class Session(QObject):
    """What is open and what is running; every change is told by a signal.

    ``activity`` is empty, ``reading``, ``training``, ``settling``, ``measuring``, ``locating`` or
    ``exporting``; beside it, pictures may be ``answering``, that is, being classified, at any time.
    """

    collection_changed = Signal()
    settings_changed = Signal()
    map_changed = Signal()
    epoch_ended = Signal(object)
    history_changed = Signal()
    activity_changed = Signal()
    progressed = Signal(float, str)
    matches_changed = Signal()
    unit_selected = Signal(object)
    chosen_changed = Signal()
    pictures_selected = Signal(object)
    watching_changed = Signal()
    project_changed = Signal()
    failed = Signal(str)
    noticed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = Thumbnails(self)
        self.arrivals = Arrivals(self)
        self.thumbnails.stand_in = self.arrivals.rough
        self.missing = Missing(self)
        self._job = Runner(self)
        self._job.framed.connect(self._framed)
        self._job.milestone.connect(self._epoch_ended)
        self._job.ended.connect(self._ended)
        self._answers = Answers(self._job, self)
        self._answers.changed.connect(self.matches_changed)
        self._answers.busy_changed.connect(self.activity_changed)
        self._answers.failed.connect(self.failed)
        self._answers.broke.connect(self._fail)
        self._answers.found.connect(self._show_match)
        self.curator = Curator(Desk(self._opened, self._put, self._may_edit), self)
        self.examples = Examples(self)
        self.layers = Layers(self._facts, self)
        self.layers.failed.connect(self._fail)
        self.map_changed.connect(self._outdate_layers)
        self.collection_changed.connect(self._tell_labels)
        self._after: Callable[[], None] | None = None
        self._exported: Callable[[Exporting], None] | None = None
        self._searched = Path()
        self.activity = ""
        self.watching = False
        self._asked: tuple[str, ...] = ()
        self.pages = "first"  # that are taken of TIFF files, or "all"
        self._clear()
        self.curator.changed.connect(self._edited)

    def _clear(self) -> None:
        self.path: Path | None = None
        self.modified = False
        self.folders: tuple[str, ...] = ()  # that a person opened
        self.watch(on=False)
        self._touched = False  # by what cannot be undone
        self.sources: tuple[Source, ...] = ()
        self.parts = Parts()
        self.chosen: tuple[str, ...] = ()
        self.skipped: tuple[Skipped, ...] = ()
        self.dataset: Dataset | None = None
        self._trained: Dataset | None = None  # while a training runs
        self.spec: ImageSpec | None = None
        self.params = SomParams()
        self.map: MapState | None = None
        self.model: MapModel | None = None
        self._answers.matches = []
        self.unit: int | None = None
        self._measured: Measuring | None = None
        self.missing.check(())
        self._snapshot: Snapshot | None = None
        self.log = TrainingLog()
        self.curator.forget()

    # --- what is open -----------------------------------------------------------------------

    def new(self) -> None:
        """Close what is open and start empty."""
        self.halt()
        self.arrivals.forget()
        self._clear()
        self._tell_all()

    def open_pictures(self, paths: Sequence[str | Path]) -> None:
        """Open pictures as a new collection; what is open stays until some were read."""
        self.halt()
        self._asked = _folders_in(paths)
        self._run("reading", collect(paths, pages=self.pages))

    def add_pictures(self, paths: Sequence[str | Path]) -> None:
        """Add pictures to the collection; a map that is there stays as it is."""
        if not self.sources:
            self.open_pictures(paths)
        elif self._idle("Pictures can be added when the running job has ended."):
            if self.dataset is None:
                self._after = lambda: self.add_pictures(paths)
                self._run("reading", self._again(self._wanted_spec(), self.model))
            else:
                self._asked = _folders_in(paths)
                self._run("reading", collect(paths, self.dataset, self.model, self.pages))

    def add_found(self, found: Found) -> None:
        """Add pictures that were found in a watched folder; no other job may be running."""
        if self.dataset is None:
            self._after = lambda: self.add_found(found)
            self._run("reading", self._again(self._wanted_spec(), self.model))
        else:
            self._asked = ()
            self._run("reading", collect_found(found, self.dataset, self.model))

    def watch(self, *, on: bool) -> None:
        """Add pictures that come into the folders of the collection, or do so no longer."""
        if on != self.watching:
            self.watching = on
            self.watching_changed.emit()

    def open_sample(self, name: str) -> None:
        """Open a collection drawn by the program."""
        self.halt()
        self._asked = ()
        self._run("reading", collect_sample(name))

    def open_project(self, path: Path) -> None:
        """Open a project; what was open stays if the file cannot be read."""
        try:
            project = load_project(path)
        except Image2MapError as error:
            self.failed.emit(str(error))
            return
        self.halt()
        self._clear()
        self.path = path
        self.sources, self.skipped, self.parts = project.sources, project.skipped, project.parts
        self.spec, self.params = project.spec, project.params
        self.log = TrainingLog(project.history, project.seconds)
        self._show_model(project)
        self._tell_all()
        self.missing.check(self.sources)

    def locate(self, folder: Path) -> None:
        """Look for pictures that are not where they were, in a folder and all below it."""
        if self._idle("Pictures can be looked for when the running job has ended."):
            self._searched = folder
            self._run("locating", locating(file_paths(self.sources), folder))

    def _take_located(self, last: Locating) -> None:
        """Go on with the new places of pictures that were found."""
        self.noticed.emit(located_text(self.sources, last, self._searched))
        if not last.moved:
            return
        self.folders = ()  # those they were in are gone; they themselves tell where they are now
        before, self.sources = self.sources, moved_sources(self.sources, last.moved)
        self.dataset = moved_dataset(self.dataset, last.moved)
        self.map = moved_state(self.map, last.moved)
        self.parts = self.parts.renamed(moved_addresses(before, self.sources))
        self.choose(())
        self.curator.forget()  # its steps name the pictures by where they were
        self.collection_changed.emit()
        self.map_changed.emit()
        self._set_modified(True)
        self.missing.check(self.sources)
        if self.watching:
            self.watching_changed.emit()

    def save(self, path: Path) -> bool:
        """Save as a project; returns whether that worked."""
        try:
            project = self.project()
            save_project(project, path)
        except Image2MapError as error:
            self.failed.emit(str(error))
            return False
        self.path = path
        self.curator.set_clean()
        self._set_modified(False)
        self.noticed.emit(f"Saved as {path}")
        return True

    def set_params(self, params: SomParams) -> None:
        """Choose the parameters of the next training."""
        if params != self.params:
            self.params = params
            self.settings_changed.emit()

    def suggest_size(self, size: str) -> None:
        """Choose rows and columns that suit the pictures: a small, normal or big map."""
        if self.dataset is None:
            self.noticed.emit("Open pictures first: their number and variety decide.")
            return
        hexagonal = Grid.of(self.params).hexagonal
        rows, columns = proposed_size(
            self.dataset.vectors, size, hexagonal=hexagonal, seed=self.params.seed
        )
        self.set_params(dataclasses.replace(self.params, rows=rows, columns=columns))

    def set_spec(self, spec: ImageSpec) -> None:
        """Choose how pictures are prepared for the next training."""
        if spec != self.spec:
            self.spec = spec
            self.settings_changed.emit()

    def select_unit(self, unit: int | None) -> None:
        """Select a unit of the map, or none."""
        if unit != self.unit:
            self.unit = unit
            self.unit_selected.emit(unit)

    def select_pictures(self, sources: Sequence[Source]) -> None:
        """Select pictures in the list of the collection."""
        self.pictures_selected.emit(tuple(sources))

    # --- editing the collection -------------------------------------------------------------

    def choose(self, addresses: Collection[str]) -> None:
        """Choose the pictures that edits are about."""
        if tuple(addresses) != self.chosen:
            self.chosen = tuple(addresses)
            self.chosen_changed.emit()

    @property
    def first_chosen(self) -> Source | None:
        """The first of the chosen pictures, if one is chosen."""
        chosen = frozenset(self.chosen[:1])
        return next((source for source in self.sources if source.address in chosen), None)

    @property
    def trained_on(self) -> tuple[Source, ...]:
        """The pictures of the collection that maps are trained on and measured with."""
        rows = self.parts.rows(self.sources)
        return self.sources if rows is None else tuple(self.sources[row] for row in rows)

    def _opened(self) -> Opened:
        return Opened(self.sources, self.parts, self.dataset, self._trained, self.map, self.model)

    def _put(self, opened: Opened) -> None:
        """Take over what an edit has made of all that is open."""
        map_before, self.map = self.map, opened.map
        model_before, self.model = self.model, opened.model
        self.sources, self.parts = opened.sources, opened.parts
        self.dataset, self._trained = opened.dataset, opened.trained
        there = {source.address for source in self.sources}
        self.choose([address for address in self.chosen if address in there])
        self.collection_changed.emit()
        if self.map is not map_before:
            self.map_changed.emit()
        if self.model is not None and self.model is not model_before:
            self._answers.move_to(self.model)

    @Slot()
    def _edited(self) -> None:
        self.modified = self._touched or not self.curator.clean
        self.project_changed.emit()

    def _may_edit(self, removing: bool) -> bool:
        """Whether the collection can be edited now; if not, say so."""
        free = ("", "measuring") if removing else ("", "measuring", "training")
        if self.activity not in free:
            doing = "remove or bring back pictures" if removing else "change the collection"
            self.noticed.emit(f"You can {doing} when the running job has ended.")
        return self.activity in free

    # --- training ---------------------------------------------------------------------------

    @property
    def history(self) -> list[EpochFigures]:
        """What each epoch of the map was like."""
        return self.log.history

    @property
    def training(self) -> bool:
        """Whether a training is running or paused."""
        return self.activity == "training"

    @property
    def paused(self) -> bool:
        """Whether the training waits."""
        return self.training and self._job.paused

    def train(self, *, one_epoch: bool = False) -> None:
        """Train a new map on the collection; with ``one_epoch`` pause after the first."""
        if not self.sources or not self._idle("A job is running already."):
            return
        spec = self._wanted_spec()
        if self.dataset is None or self.dataset.spec != spec:
            self._after = lambda: self.train(one_epoch=one_epoch)
            self._run("reading", self._again(spec))
            return
        dataset = self._training_part(self.dataset)
        if dataset is not None:
            self._forget_map()
            self._start_training(self.params, dataset, one_epoch=one_epoch)

    def _training_part(self, dataset: Dataset) -> Dataset | None:
        """Return the pictures to train on; ``None``, with a word, if all are left out."""
        rows = self.parts.rows(dataset.sources)
        if rows is None:
            return dataset
        if len(rows):
            return dataset.take(rows)
        self.noticed.emit(_NOTHING_LEFT)
        return None

    def _start_training(
        self,
        params: SomParams,
        dataset: Dataset,
        *,
        one_epoch: bool = False,
        start: NDArray[np.float32] | None = None,
    ) -> None:
        self._trained = dataset
        self.log.begin(params)
        self.thumbnails.warm_up()  # what is dropped on the new map is read at once
        self.activity = "training"
        self._job.start(
            learn(dataset, params, start),
            digest=attrgetter("figures"),
            paint=Painter(params, dataset),
            one_stage=one_epoch,
        )
        self.activity_changed.emit()

    def go_on(self) -> None:
        """Train the map that is there for as many epochs again, from its last radius and rate."""
        state = self.map
        if state is None or self.model is None or not self._idle("A job is running already."):
            return
        if self.dataset is None or not suits(self.dataset, self.model):
            self._after = self.go_on
            self._run("reading", self._again(state.spec, self.model))
            return
        last = dataclasses.replace(
            state.params, radius_start=state.params.radius_end, rate_start=state.params.rate_end
        )
        dataset = self._training_part(self.dataset)
        if dataset is not None:
            self.model = None
            if dataset.sources is not state.pictures:
                self._snapshot = None  # its winners are those of other pictures
            self._start_training(last, dataset, start=state.weights)

    def change(self, change: Change) -> None:
        """Change the running training from its next epoch on; the history will tell."""
        if not self.training:
            return
        self._job.send(change)
        if change.pause is not None:
            self._job.rest(change.pause)

    def reheat(self) -> None:
        """Let the running training go on from its first radius and rate, for some epochs."""
        self.change(self.log.reheating())

    def pause(self) -> None:
        """Let the training wait before its next step."""
        if self.training:
            self._job.pause()
            self.activity_changed.emit()

    def resume(self) -> None:
        """Let a paused training go on."""
        if self.training:
            self._job.resume()
            self.activity_changed.emit()

    def step(self) -> None:
        """Train for one epoch, then wait."""
        if self.training:
            self._job.step()
            self.activity_changed.emit()
        else:
            self.train(one_epoch=True)

    def stop(self) -> None:
        """Stop the running job; what it reached so far is kept."""
        self._after = None
        self._job.stop()

    # --- classification ---------------------------------------------------------------------

    def classify(self, paths: Sequence[str | Path]) -> None:
        """Find out where pictures belong, on the map as it is now."""
        present = self._present()
        if present is None:
            self.noticed.emit("There is no map yet: train one, then drop pictures on it.")
            return
        if self._answers.busy:
            self.noticed.emit("Pictures are being classified; drop these again in a moment.")
            return
        self._answers.ask(present, paths, self.pages)

    def clear_matches(self) -> None:
        """Forget the classified pictures."""
        self._answers.clear()

    @property
    def matches(self) -> list[Match]:
        """The classified pictures, the newest first."""
        return self._answers.matches

    @property
    def answering(self) -> bool:
        """Whether pictures are being classified."""
        return self._answers.busy

    def present_model(self) -> MapModel | None:
        """Return the model of the map as it is now, also of one in training."""
        present = self._present()
        return None if present is None else present()

    def _present(self) -> Callable[[], MapModel] | None:
        """Return what makes the model of the map as it is now: that of a training takes a while."""
        model, snapshot = self.model, self._snapshot
        if model is not None:
            return lambda: model
        if snapshot is None or snapshot.winners is None:
            return None
        if self._trained is None or self.map is None:
            return None
        return partial(model_of, self._trained, self.map.params, snapshot)

    # --- layers -----------------------------------------------------------------------------

    def _facts(self) -> Callable[[], Facts] | None:
        """Return what makes the facts of the map as it is now, if its pictures have units."""
        present, state = self._present(), self.map
        if present is None or state is None or state.units is None or state.distances is None:
            return None
        units, distances = state.units, state.distances
        return lambda: Facts(present(), units, distances)

    @Slot()
    def _tell_labels(self) -> None:
        names = {source.label for source in self.sources if source.label is not None}
        self.layers.labels = tuple(sorted(names))

    @Slot()
    def _outdate_layers(self) -> None:
        if self.map is None:
            self.layers.forget()
        else:
            self.layers.outdate(gently=self.training)

    # --- quality ----------------------------------------------------------------------------

    def measure(self) -> None:
        """Measure how good the finished map is for the open collection."""
        if self.model is None:
            self.noticed.emit("There is no finished map yet: train one, then measure it.")
        elif self._idle("A job is running already."):
            self._measure(self.model, self.trained_on)

    def _measure(self, model: MapModel, sources: tuple[Source, ...]) -> None:
        if sources:
            self._run("measuring", measure(model, sources, self.dataset))
        else:
            self.noticed.emit(_NOTHING_LEFT)

    @property
    def quality(self) -> Evaluation | None:
        """What was measured, if it still is this map and this collection."""
        found = self._measured
        if found is None or found.model is not self.model or found.sources != self.trained_on:
            return None
        return found.evaluation

    @property
    def outdated(self) -> bool:
        """Whether something was measured before the map or the collection changed."""
        return self._measured is not None and self.quality is None

    # --- export -----------------------------------------------------------------------------

    def export(
        self, steps: Iterable[Exporting], then: Callable[[Exporting], None] | None = None
    ) -> None:
        """Write something for others; ``then`` is called with the last step once it is done."""
        if self._idle("This can be exported when the running job has ended."):
            self._exported = then
            self._run("exporting", steps)

    def _tell_exported(self, outcome: Outcome) -> None:
        """Say what an export has come to, and hand its last step to who asked for it."""
        then, self._exported = self._exported, None
        last = outcome.last
        if outcome.error is not None or not isinstance(last, Exporting):
            return
        if last.said:
            self.noticed.emit(last.said)
        if then is not None and outcome.completed:
            then(last)

    # --- ending -----------------------------------------------------------------------------

    def halt(self) -> None:
        """Stop all jobs and wait for them; they stop within one short step."""
        self._after = None
        self._job.halt()
        self._answers.halt()
        self.activity = ""
        if self.arrivals.end():
            self.collection_changed.emit()

    def shutdown(self) -> None:
        """Stop everything for good; to be called before the window goes."""
        self.halt()
        self.examples.halt()
        self.layers.halt()
        self.missing.halt()
        self.thumbnails.shutdown()

    # --- jobs -------------------------------------------------------------------------------

    def _idle(self, otherwise: str) -> bool:
        if self._job.busy:
            self.noticed.emit(otherwise)
        return not self._job.busy

    def _run(self, activity: str, steps: Iterable[Step]) -> None:
        self.activity = activity
        self.arrivals.begin()
        self._job.start(steps)
        self.activity_changed.emit()

    @Slot(object, object)
    def _framed(self, value: Step, drawing: Drawing | None) -> None:
        if isinstance(value, Snapshot) and not self._is_shown(value):
            self._show(value, drawing)
        if isinstance(value, Collecting):
            self.arrivals.take(value)
        self.progressed.emit(value.fraction, self._progress_text(value))

    def _progress_text(self, value: Step) -> str:
        if isinstance(value, Collecting):
            if not value.total:
                return f"Looking for pictures: {value.done:,} found"
            return count_text("Reading pictures", value.done, value.total, value.rate)
        if isinstance(value, Locating):
            return f"Looking for moved pictures: {plural(value.looked_at, 'file')} looked at"
        if isinstance(value, Exporting):
            return value.doing
        if isinstance(value, Measuring):
            return f"Measuring quality: {value.doing}"
        if not isinstance(value, Snapshot):
            return ""
        if self.activity == "settling":
            return "Finishing the map"
        return self.log.progress_text(value)

    @Slot(object)
    def _epoch_ended(self, figures: EpochFigures) -> None:
        figures = self.log.add(figures)
        self.epoch_ended.emit(figures)
        if self.paused:
            self.activity_changed.emit()

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        """Deal with the end of the running job: by itself, stopped, or failed."""
        activity, after, held = self.activity, self._after, self.dataset
        self.activity, self._after = "", None
        arrived = self.arrivals.end()
        if outcome.error is not None:
            self._fail(outcome.error)
        if isinstance(outcome.last, Collecting):
            self._keep_collection(outcome.last, outcome.completed)
        elif isinstance(outcome.last, Snapshot) and (activity == "training" or outcome.completed):
            self._keep_map(outcome.last)
        elif isinstance(outcome.last, Measuring) and outcome.completed:
            self._measured = outcome.last
        elif isinstance(outcome.last, Locating) and outcome.completed:
            self._take_located(outcome.last)
        if arrived and self.dataset is held:
            self.collection_changed.emit()  # what is open is to be seen again
        self.activity_changed.emit()
        self._tell_exported(outcome)
        if after is not None and outcome.completed and not self._job.busy:
            after()

    def _keep_collection(self, last: Collecting, completed: bool) -> None:
        reading, dataset = last.reading, last.dataset
        if last.again and not completed:
            return  # a part of what is open was read once more
        if not completed and (reading is None or not reading.read):
            self.noticed.emit("Stopped before a picture was read; nothing has changed.")
            return
        if dataset is None or reading is None:
            return
        if not len(dataset):
            self.failed.emit(f"No picture could be read: {first_reason(dataset.skipped)}")
            return
        self._take_collection(last, reading.dataset, dataset)
        if not completed:
            self.noticed.emit(
                f"Stopped: {reading.read:,} of {last.total:,} pictures were read and kept."
            )

    def _take_collection(self, last: Collecting, fresh: Dataset, dataset: Dataset) -> None:
        opened, chosen = last.before is None and not last.again, frozenset(self.chosen)
        if opened:
            self._clear()
        if not last.again:
            self.folders = tuple(dict.fromkeys((*self.folders, *self._asked)))
        same = dataset.sources == self.sources
        if last.before is not None:
            self.parts = self.parts.grown(dataset.sources, self.sources)
        self.dataset = dataset
        self.sources, self.skipped = dataset.sources, dataset.skipped
        self._place(last, fresh)
        if opened:
            there = rows_of(self.sources, chosen) if chosen else ()
            self.chosen = tuple(self.sources[row].address for row in there)  # while it was read
            self._tell_all()
        else:
            self.collection_changed.emit()
            self.settings_changed.emit()
        if not same:
            self._set_modified(True)

    def _place(self, last: Collecting, fresh: Dataset) -> None:
        """Put added pictures on the map that is there; what is opened decides its own spec."""
        if last.before is None:
            self.spec = fresh.spec
        elif self.map is not None and self.model is not None:
            units, distances = last.placed or place(fresh, self.model)
            rows = self.parts.rows(fresh.sources)
            on_map = np.arange(len(fresh)) if rows is None else rows
            pictures = tuple(fresh.sources[row] for row in on_map)
            self.map = self.map.with_pictures(pictures, units[on_map], distances[on_map])
            self.map_changed.emit()

    def _keep_map(self, last: Snapshot) -> None:
        shown, state = self._snapshot, self.map
        painted = state is not None and shown is not None and shown.weights is last.weights
        self._show(last, state.drawing if state is not None and painted else None)
        self.log.end()
        if not last.settled:
            self._finish(last)
            return
        if self._trained is not None and self.map is not None:
            self.model = model_of(self._trained, self.map.params, last)
            self._trained = None
            self._answers.move_to(self.model)
        if last.epoch < last.epochs:
            self.noticed.emit(ending_text(last))
        self._set_modified(True)
        self.history_changed.emit()

    def _finish(self, last: Snapshot) -> None:
        """Find the exact winners of a training that ended before its last epoch."""
        if self._trained is None or self.map is None:
            return
        self._run("settling", sparing(settle_map(self._trained, self.map.params, last)))

    # --- helpers ----------------------------------------------------------------------------

    @Slot(object)
    def _show_match(self, match: Match) -> None:
        self.select_unit(match.unit)

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        if isinstance(error, Image2MapError):
            self.failed.emit(str(error))
        elif isinstance(error, MemoryError):
            self.failed.emit(
                "There is not enough memory for this. Try fewer units or a smaller size."
            )
        else:
            raise error

    def _again(self, spec: ImageSpec, model: MapModel | None = None) -> Iterator[Collecting]:
        """Read the pictures once more; those of a map as it sees them, if it wants them so."""
        projection = model.projection if model is not None and model.spec == spec else None
        return collect_again(self.sources, self.skipped, spec, projection)

    def _wanted_spec(self) -> ImageSpec:
        if self.spec is not None:
            return self.spec
        return self.dataset.spec if self.dataset is not None else ImageSpec()

    def _forget_map(self) -> None:
        self.map = None
        self.model = None
        self._snapshot = None
        self.log = TrainingLog()
        self.unit = None
        self.unit_selected.emit(None)
        self.history_changed.emit()
        self._answers.clear()

    def _is_shown(self, snapshot: Snapshot) -> bool:
        """Whether this map is on the screen already, as within an epoch of batch training."""
        shown = self._snapshot
        return (
            self.map is not None
            and shown is not None
            and shown.weights is snapshot.weights
            and shown.winners is snapshot.winners
        )

    def _show(self, snapshot: Snapshot, drawing: Drawing | None) -> None:
        if self._trained is None:
            return
        params = self.map.params if self.map is not None else self.params
        self._snapshot = snapshot
        self.map = state_of(snapshot, params, self._trained, drawing)
        self.map_changed.emit()

    def _show_model(self, project: Project) -> None:
        model = project.model
        if model is None:
            return
        self.model = model
        self.map = state_of_project(project, model)
        self.thumbnails.warm_up()

    def project(self) -> Project:
        """Return all that is open as it would be saved now."""
        state, model = self.map, self.present_model()
        project = Project(
            self._wanted_spec(), self.params, self.sources, self.skipped, parts=self.parts
        )
        if state is None or model is None or state.units is None:
            return project
        history, seconds = tuple(self.history), self.log.seconds
        project = dataclasses.replace(project, history=history, seconds=seconds)
        return project_with_map(project, state, model)

    def _set_modified(self, modified: bool) -> None:
        self.modified = self._touched = modified
        self.project_changed.emit()

    def _tell_all(self) -> None:
        for signal in (
            self.collection_changed,
            self.settings_changed,
            self.map_changed,
            self.history_changed,
            self.matches_changed,
            self.chosen_changed,
            self.project_changed,
            self.activity_changed,
        ):
            signal.emit()
        self.unit_selected.emit(None)


def _folders_in(paths: Sequence[str | Path]) -> tuple[str, ...]:
    return tuple(str(Path(path).absolute()) for path in paths if Path(path).is_dir())
