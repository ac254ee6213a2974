"""What is open and what is running: who does the work, what it tells, what can be read of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.analysis.evaluate import Evaluation
from image2map_gui.core.analysis.tuning import Tuning
from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.export.animation import Film
from image2map_gui.core.frames import Keeping
from image2map_gui.core.images.collection import Group, Parts
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Skipped, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel
from image2map_gui.core.picture.wishes import Facts
from image2map_gui.core.project.project import Project
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import EpochFigures, Snapshot
from image2map_gui.ui.jobs.jobs import Collecting
from image2map_gui.ui.jobs.runner import Runner
from image2map_gui.ui.jobs.worker import Step
from image2map_gui.ui.safety.errors import report_error
from image2map_gui.ui.safety.messages import Messages
from image2map_gui.ui.session.answers import Answers
from image2map_gui.ui.session.arrivals import Arrivals
from image2map_gui.ui.session.cell_pictures import CellPictures
from image2map_gui.ui.session.curator import Curator, Desk
from image2map_gui.ui.session.document import Document, Shared
from image2map_gui.ui.session.edits import Kind, Opened
from image2map_gui.ui.session.examples import Examples
from image2map_gui.ui.session.exporter import Exporter
from image2map_gui.ui.session.intake import Intake
from image2map_gui.ui.session.kept_pictures import KeptPictures
from image2map_gui.ui.session.layers import Layers
from image2map_gui.ui.session.measurer import Measurer
from image2map_gui.ui.session.missing import Missing
from image2map_gui.ui.session.opener import Opener
from image2map_gui.ui.session.past import TimeTravel
from image2map_gui.ui.session.recovery import Unsaved
from image2map_gui.ui.session.runs import Runs
from image2map_gui.ui.session.saver import Saver
from image2map_gui.ui.session.selection import Selection
from image2map_gui.ui.session.thumbnails import Thumbnails
from image2map_gui.ui.session.trainer import Trainer
from image2map_gui.ui.session.training_log import TrainingLog, remaining
from image2map_gui.ui.session.tuner import Tuner, tuning_text
from image2map_gui.ui.session.work import Work, doing_text
from image2map_gui.ui.state import Drawing, MapState

# While which jobs edits of each kind are possible, and what they are.
_WHEN: dict[Kind, tuple[tuple[str, ...], str]] = {
    Kind.SETTINGS: ((), ""),
    Kind.LABELS: (("", "measuring", "training"), "change the collection"),
    Kind.PICTURES: (("", "measuring"), "add, remove or bring back pictures"),
    Kind.MAP: (("",), "go to another map"),
}
_FAILED = {
    "reading": "Reading the pictures",
    "training": "The training",
    "settling": "Finishing the map",
    "measuring": "The measurement",
    "locating": "The search",
    "tuning": "The tuning",
    "exporting": "The export",
}
_BARE = (
    ", without its pictures: they were not read as this map sees them. To read them, switch "
    "Keep the pictures in the project off and on again."
)
_NO_MAP = ". The pictures come with it as soon as there is a map that sees them."


class Standing(QObject):
    """What is open and what is running; every change is told by a signal.

    ``activity`` is empty, ``reading``, ``training``, ``settling``, ``measuring``, ``locating``,
    ``tuning`` or ``exporting``; beside it, pictures may be ``answering``, that is, being
    classified, at any time.
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
    safety_changed = Signal(object)

    path = Shared[Path | None]()
    modified = Shared[bool]()
    folders = Shared[tuple[str, ...]]()
    pages = Shared[str]()
    keeping = Shared[Keeping]()
    embed = Shared[str]()
    sources = Shared[tuple[Source, ...]]()
    parts = Shared[Parts]()
    groups = Shared[tuple[Group, ...]]()
    chosen = Shared[tuple[str, ...]]()
    skipped = Shared[tuple[Skipped, ...]]()
    dataset = Shared[Dataset | None]()
    spec = Shared[ImageSpec | None]()
    params = Shared[SomParams]()
    newest = Shared[MapState | None]("map")
    model = Shared[MapModel | None]()
    unit = Shared[int | None]()
    log = Shared[TrainingLog]()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = Document()
        self.messages = Messages(self)
        self.failed.connect(self.messages.add_error)
        self.noticed.connect(self.messages.add_notice)
        self.selection = Selection(self._document, self)
        self.thumbnails = Thumbnails(self)
        self.arrivals = Arrivals(self)
        self.thumbnails.stand_in = self.arrivals.rough
        self.thumbnails.instead = KeptPictures(self._document).picture
        self.missing = Missing(self)
        self._job = Runner(self)
        self._job.framed.connect(self._framed)
        self._work = Work(self._job, self.arrivals, self._fail, self)
        self._intake = Intake(self._document, self._work, self.arrivals, self)
        self._trainer = Trainer(self._document, self._work, self._intake, self.thumbnails, self)
        self.runs = Runs(self._document, self._work, self)
        self.times = TimeTravel(self._document, self)
        self._measurer = Measurer(self._document, self._work, self)
        self._exporter = Exporter(self._work, self)
        self.tuner = Tuner(self._document, self._work, self._intake, self)
        self.opener = Opener(self)
        self.saver = Saver(self._document, self)
        self._job.milestone.connect(self._trainer.note_epoch)
        self._answers = Answers(self._job, self._document.answering, self)
        self._hear_answers()
        self.curator = Curator(Desk(self._document.opened, self._put, self._may_edit), self)
        self.examples = Examples(self)
        self.layers = Layers(
            self._document.facts,
            lambda: self._document.shown,
            lambda: self._document.clusters,
            self,
        )
        self.layers.failed.connect(self._fail)
        self.cells = CellPictures(self._cell_ground, self)
        self.cells.failed.connect(self._fail)
        self.map_changed.connect(self._outdate_layers)
        self.collection_changed.connect(self._tell_labels)
        self.watching = False
        self._listen()
        self._listen_to_steps()

    def _hear_answers(self) -> None:
        self._answers.changed.connect(self.matches_changed)
        self._answers.busy_changed.connect(self.activity_changed)
        self._answers.failed.connect(self.failed)
        self._answers.noticed.connect(self.noticed)
        self._answers.broke.connect(self._fail)
        self._answers.found.connect(self._show_match)

    def _listen_to_steps(self) -> None:
        """Take what others do among the steps that can be undone, and note what is saved."""
        self.curator.changed.connect(self._edited)
        self._intake.stepped.connect(self.curator.note)
        self.runs.stepped.connect(self.curator.note)
        self.runs.settings_changed.connect(self.settings_changed)
        self.saver.saved.connect(self._saved)
        self.saver.failed.connect(self.failed)
        self.saver.broke.connect(self._fail)

    def _listen(self) -> None:
        """Tell on what those tell who do the work."""
        self.map_changed.connect(self.selection.refresh)
        self.selection.unit_selected.connect(self.unit_selected)
        self.selection.chosen_changed.connect(self.chosen_changed)
        self._work.changed.connect(self.activity_changed)
        self._work.noticed.connect(self.noticed)
        self._intake.opening.connect(self._clear)
        self._intake.opened.connect(self._tell_all)
        self._intake.collection_changed.connect(self.collection_changed)
        self._intake.settings_changed.connect(self.settings_changed)
        self._intake.moved.connect(self._moved)
        self._intake.map_changed.connect(self.map_changed)
        self._intake.touched.connect(self._touch)
        self._intake.noticed.connect(self.noticed)
        self._intake.failed.connect(self.failed)
        self._trainer.map_changed.connect(self._map_moved_on)
        self._trainer.map_left.connect(self.runs.leave)
        self._trainer.map_finished.connect(self.runs.record)
        self._trainer.epoch_ended.connect(self.times.changed)
        self.times.moved.connect(self._time_moved)
        self.times.failed.connect(self._fail)
        self.runs.restored.connect(self._restored)
        self.runs.touched.connect(self._touch)
        self.runs.noticed.connect(self.noticed)
        self._trainer.map_forgotten.connect(self._map_forgotten)
        self._trainer.map_finished.connect(self._answers.move_to)
        self._trainer.epoch_ended.connect(self.epoch_ended)
        self._trainer.history_changed.connect(self.history_changed)
        self._trainer.touched.connect(self._touch)
        self._trainer.noticed.connect(self.noticed)
        self._trainer.failed.connect(self.failed)
        self._measurer.noticed.connect(self.noticed)
        self.tuner.map_left.connect(self.runs.leave)
        self.tuner.map_finished.connect(self.runs.record)
        self.tuner.map_finished.connect(self._tuned)
        self.tuner.noticed.connect(self.noticed)
        self._exporter.noticed.connect(self.noticed)

    # --- what is open and running ---------------------------------------------------------------

    @property
    def history(self) -> list[EpochFigures]:
        """What each epoch of the map was like."""
        return self.log.history

    @property
    def map(self) -> MapState | None:
        """The map that is shown: the newest, or that of an earlier epoch."""
        return self._document.shown

    @property
    def past(self) -> bool:
        """Whether an earlier epoch is shown."""
        return self._document.past is not None

    @property
    def trained_on(self) -> tuple[Source, ...]:
        """The pictures of the collection that maps are trained on and measured with."""
        return self._document.trained_on

    @property
    def first_chosen(self) -> Source | None:
        """The first of the chosen pictures, if one is chosen."""
        chosen = frozenset(self.chosen[:1])
        return next((source for source in self.sources if source.address in chosen), None)

    @property
    def training(self) -> bool:
        """Whether a training is running or paused."""
        return self._trainer.training

    @property
    def paused(self) -> bool:
        """Whether the training waits."""
        return self.training and self._work.paused

    @property
    def failed_job(self) -> str:
        """What the last job was doing, if it failed; else empty."""
        return self._work.failed_job

    @property
    def unfinished(self) -> bool:
        """Whether the training of the map ended before its planned end, and can go on."""
        state = self.newest
        free = self.model is not None and not self.activity
        return free and state is not None and remaining(state.params, self.history) is not None

    @property
    def activity(self) -> str:
        """What is running, empty if nothing is."""
        return self._work.activity

    def present_model(self) -> MapModel | None:
        """Return the model of the map as it is now, also of one in training."""
        present = self._document.present()
        return None if present is None else present()

    def project(self) -> Project:
        """Return all that is open as it would be saved now."""
        return self._document.project(self.present_model())

    @property
    def unsaved(self) -> bool:
        """Whether something would be lost: changes, or the map of a training on its way."""
        state = self.newest
        learning = self.activity in ("training", "settling")
        return self.modified or (learning and state is not None and state.units is not None)

    def frozen(self) -> Unsaved:
        """Return all that is open as it would be saved now, to be put together anywhere."""
        document = self._document
        return Unsaved(document.frozen(aside=True), document.path, document.original)

    def catch_up(self) -> None:
        """Hold what a training has reached by now, before the window would look at it."""
        newest = self._job.newest
        if self.training and isinstance(newest, Snapshot):
            self._trainer.show(newest, None)

    def stamp(self) -> tuple[object, ...]:
        """Return all that is saved; to be compared with an earlier one by identity."""
        return self._document.stamp()

    def facts(self) -> Callable[[], Facts] | None:
        """Return what makes the facts of the map that is shown."""
        return self._document.facts()

    def film(self) -> Film | None:
        """Return the epochs of the newest map's training, with today's labels."""
        return self._document.film()

    # --- what was answered and measured ---------------------------------------------------------

    @property
    def answers(self) -> Answers:
        """The classified pictures, and how they are answered."""
        return self._answers

    @property
    def matches(self) -> list[Match]:
        """The classified pictures, the newest first."""
        return self._answers.matches

    @property
    def pins(self) -> list[Match]:
        """The classified pictures on the map that is shown: none on that of an earlier epoch."""
        return [] if self.past else self.matches

    @property
    def answering(self) -> bool:
        """Whether pictures are being classified."""
        return self._answers.busy

    @property
    def quality(self) -> Evaluation | None:
        """What was measured, if it still is this map and this collection."""
        return self._measurer.quality

    @property
    def outdated(self) -> bool:
        """Whether something was measured before the map or the collection changed."""
        return self._measurer.outdated

    # --- what changes ---------------------------------------------------------------------------

    def watch(self, *, on: bool) -> None:
        """Add pictures that come into the folders of the collection, or do so no longer."""
        if on != self.watching:
            self.watching = on
            self.watching_changed.emit()

    def _may_edit(self, kind: Kind) -> bool:
        """Whether something of a kind can be edited now; if not, say so."""
        free, doing = _WHEN[kind]
        if kind != Kind.SETTINGS and self.activity not in free:
            self.noticed.emit(f"You can {doing} when the running job has ended.")
            return False
        return True

    def _put(self, opened: Opened) -> None:
        """Take over what an edit has made of all that is open."""
        document = self._document
        before, inks_before = document.opened(), self.curator.inks
        document.put(opened)
        self.selection.drop_missing()
        if (before.params, before.spec) != (opened.params, opened.spec):
            self.settings_changed.emit()
        else:
            self.collection_changed.emit()
        if before.runs is not opened.runs:
            self.runs.changed.emit()
        if before.map is not opened.map:
            self.map_changed.emit()
        elif self.map is not None and (
            self.curator.inks is not inks_before or before.clusters is not opened.clusters
        ):
            self.layers.outdate()
        self.times.refresh()
        if self.model is not None and self.model is not before.model:
            self._answers.move_to(self.model)

    @Slot()
    def _edited(self) -> None:
        self.modified = self._document.touched or not self.curator.clean
        self.project_changed.emit()

    @Slot()
    def _touch(self) -> None:
        self._set_modified(True)

    @Slot(object, bool, bool)
    def _saved(self, path: Path, same: bool, embedded: bool) -> None:
        """Take the mark of changes away, unless there are new ones already."""
        if same:
            self.curator.set_clean()
            self._set_modified(False)
        else:
            self.curator.unclean()
            self._edited()
        bare = _NO_MAP if self._document.counting is None else _BARE
        self.noticed.emit(f"Saved as {path}{'' if embedded or self.embed == 'no' else bare}")

    def _set_modified(self, modified: bool) -> None:
        self.modified = self._document.touched = modified
        self.project_changed.emit()

    # --- what follows from it -------------------------------------------------------------------

    @Slot()
    def _clear(self) -> None:
        self.watch(on=False)
        self.times.halt()
        self._document.clear()
        self._answers.forget()
        self.missing.check(())
        self.curator.forget()
        self.saver.forget()

    @Slot()
    def _tell_all(self) -> None:
        for signal in (
            self.collection_changed,
            self.settings_changed,
            self.map_changed,
            self.history_changed,
            self.runs.changed,
            self.times.changed,
            self.matches_changed,
            self.chosen_changed,
            self.project_changed,
            self.activity_changed,
        ):
            signal.emit()
        self.selection.units_changed.emit()
        self.unit_selected.emit(None)

    @Slot()
    def _tell_labels(self) -> None:
        self.layers.labels = self.curator.inks.names

    def _cell_ground(self) -> tuple[MapState, Dataset | None] | None:
        """Return the finished map and, if they are there, the vectors of its pictures."""
        if self.activity in ("training", "settling"):
            return None
        return self._document.ground()

    @Slot()
    def _outdate_layers(self) -> None:
        if not self.training:
            self.cells.refill()
        if self.map is None:
            self.layers.forget()
        else:
            self.layers.outdate(gently=self.training)

    @Slot()
    def _moved(self) -> None:
        """Tell of pictures that are somewhere else now."""
        self.selection.choose(())
        self.collection_changed.emit()
        self.map_changed.emit()
        self.times.refresh()
        self.missing.check(self.sources)
        if self.watching:
            self.watching_changed.emit()

    # --- what jobs tell -------------------------------------------------------------------------

    @Slot(object, object)
    def _framed(self, value: Step, drawing: Drawing | None) -> None:
        text = doing_text(value)
        if isinstance(value, Snapshot):
            self._trainer.show(value, drawing)
            text = self._trainer.doing_text(value)
        elif isinstance(value, Tuning):
            text = tuning_text(value)
        elif isinstance(value, Collecting):
            self.arrivals.take(value)
        self.progressed.emit(value.fraction, text)

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        if isinstance(error, Image2MapError):
            self.failed.emit(str(error))
        elif isinstance(error, MemoryError):
            self.failed.emit(
                "There is not enough memory for this. Try fewer units or a smaller size."
            )
        else:
            doing = _FAILED.get(self._work.failed_job, "A job")
            self.failed.emit(
                f"{doing} failed because of a mistake in the program. What was there before is "
                "kept; Help > Messages has the details."
            )
            report_error(error)

    @Slot(object)
    def _show_match(self, match: Match) -> None:
        self.selection.select_units([match.unit])

    @Slot()
    def _map_moved_on(self) -> None:
        """Show the newest map, unless a person looks at an earlier epoch."""
        if not self.past:
            self.map_changed.emit()

    @Slot()
    def _time_moved(self) -> None:
        self.map_changed.emit()
        if self.matches:
            self.matches_changed.emit()

    @Slot()
    def _restored(self) -> None:
        """Tell of the map of another run."""
        self._forget_answers()
        self.settings_changed.emit()
        self.map_changed.emit()
        self.history_changed.emit()
        self.activity_changed.emit()

    @Slot(object)
    def _tuned(self, model: MapModel) -> None:
        """Tell of a map whose units were moved by labels."""
        self.times.forget()
        self.map_changed.emit()
        self.selection.units_changed.emit()
        self._answers.move_to(model)
        self._touch()

    @Slot()
    def _map_forgotten(self) -> None:
        self._forget_answers()
        self.history_changed.emit()

    def _forget_answers(self) -> None:
        """Let go of all that was true of the map before this one."""
        self.times.forget()
        self.selection.let_go()
        self._answers.forget()
        self.matches_changed.emit()
