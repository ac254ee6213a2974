"""The open project and the running job: the one object that all parts of the window know."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.files import Fingerprint, fingerprint
from image2map_gui.core.images.sources import Found, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project.embedded import VECTORS
from image2map_gui.core.project.project import Project, with_epochs_of
from image2map_gui.core.project.save import backup_of
from image2map_gui.core.som.course import Change
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.jobs.export_jobs import Exporting
from image2map_gui.ui.session.document import sized
from image2map_gui.ui.session.saver import Then
from image2map_gui.ui.session.standing import Standing

_SEEDS = 1_000_000


class Session(Standing):
    """What can be done with what is open; what there is, is told by ``Standing``."""

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
        self._intake.open_pictures(paths)

    def add_pictures(self, paths: Sequence[str | Path]) -> None:
        """Add pictures to the collection; a map that is there stays as it is."""
        if not self.sources:
            self.open_pictures(paths)
        else:
            self._intake.add_pictures(paths)

    def add_found(self, found: Found, then: Callable[[], None] | None = None) -> None:
        """Add pictures that were found already, as soon as no other job runs."""
        self._intake.add_found(found, then)

    def open_sample(self, name: str) -> None:
        """Open a collection drawn by the program."""
        self.halt()
        self._intake.open_sample(name)

    def open_project(self, path: Path) -> str:
        """Open a project; returns why not, empty if it is open.

        What was open stays if the file cannot be read. One that another window has open can be
        looked at and changed here, too, but saved under another name only.
        """
        try:
            last = self.opener.read(path)
        except Image2MapError as error:
            self.failed.emit(str(error))
            return str(error)
        if last is None or last.project is None:
            return ""  # the program ends
        self._take(last.project, path)
        self._document.original = last.fingerprint
        holder = self.saver.locks.take(path)
        if holder:
            self.failed.emit(
                f"{path.name} is open in another window ({holder}). What is changed here can be "
                "saved under another name."
            )
        return ""

    def open_previous(self, path: Path) -> str:
        """Open the backup of a project as work that is not saved; returns why not."""
        try:
            last = self.opener.read(backup_of(path))
        except Image2MapError as error:
            self.failed.emit(str(error))
            return str(error)
        if last is None or last.project is None:
            return ""  # the program ends
        self._take(last.project, None)
        self._set_modified(True)
        self.noticed.emit(f"Opened the version before of {path.name}. Save it to keep it.")
        return ""

    def restore(self, file: Path, path: Path | None, original: Fingerprint | None) -> bool:
        """Open a side file as unsaved work on a person's own file, which is not touched.

        ``original`` is what that one was like when it was opened. Returns whether that worked.
        """
        try:
            last = self.opener.read(file)
        except Image2MapError as error:
            self.failed.emit(str(error))
            return False
        restored = None if last is None else last.project
        project = restored and self._with_all_epochs(restored, path, original)
        if project is None:
            return False  # the program ends
        self._take(project, path)
        self._document.original = original
        if path is not None:
            self.saver.locks.take(path)
        self._set_modified(True)
        self.activity_changed.emit()
        return True

    def _with_all_epochs(
        self, project: Project, path: Path | None, original: Fingerprint | None
    ) -> Project | None:
        """Return a restored project with the epochs that only the person's own file has kept.

        Side files keep fewer, and saving the one over the other would lose them. ``None`` if the
        program ends meanwhile.
        """
        if path is None or original is None or fingerprint(path) != original:
            return project
        try:
            last = self.opener.read(path)
        except Image2MapError:
            return project
        if last is None or last.project is None:
            return None
        return with_epochs_of(last.project, project)

    def _take(self, project: Project, path: Path | None) -> None:
        self.halt()
        self._clear()
        self._document.take_project(project, path)
        self.runs.open()
        if project.model is not None:
            self.thumbnails.warm_up()
        self._tell_all()
        self.missing.check(self.sources)

    def locate(self, folder: Path) -> None:
        """Look for pictures that are not where they were, in a folder and all below it."""
        self._intake.locate(folder)

    def save(self, path: Path, then: Then | None = None, *, replace: bool = False) -> None:
        """Save as a project, while everything goes on; ``then`` is told what has become of it."""
        self.saver.save(path, then, replace=replace)

    def keep_pictures(self, *, on: bool) -> None:
        """Let the pictures come with the project, as its map sees them, or no longer.

        They are read first if they were not, or not as the map sees them.
        """
        if on and self._intake.suited is None:
            if self._work.free("The pictures can be read when the running job has ended."):
                self._intake.read_for_map(then=lambda: self.keep_pictures(on=True))
        else:
            self.curator.embed(VECTORS if on else "no")

    def set_params(self, params: SomParams, text: str = "") -> None:
        """Choose the parameters of the next training; the ``text`` names the step, if one does."""
        self.settle(params, self.spec, text)

    def set_spec(self, spec: ImageSpec) -> None:
        """Choose how pictures are prepared for the next training."""
        self.settle(self.params, spec)

    def settle(self, params: SomParams, spec: ImageSpec | None, text: str = "") -> None:
        """Choose all settings of the next training, as a step that can be undone.

        As long as nothing is open there is nothing to undo it in.
        """
        if self.sources:
            self.curator.settle(params, spec, text)
        elif (params, spec) != (self.params, self.spec):
            self.params, self.spec = params, spec
            self.settings_changed.emit()

    def suggest_size(self, size: str) -> None:
        """Choose rows and columns that suit the pictures: a small, normal or big map."""
        if self.dataset is None:
            self.noticed.emit("Open pictures first: their number and variety decide.")
        else:
            self.set_params(sized(self.params, self.dataset, size), f"suggest a {size} map")

    def select_unit(self, unit: int | None) -> None:
        """Select a unit of the map and its pictures, or none."""
        self.selection.select_units(() if unit is None else [unit])

    def select_pictures(self, sources: Sequence[Source]) -> None:
        """Select pictures in the list of the collection."""
        self.pictures_selected.emit(tuple(sources))

    # --- editing the collection -------------------------------------------------------------

    def choose(self, addresses: Collection[str]) -> None:
        """Choose the pictures that edits are about, and select their units."""
        self.selection.choose(addresses)

    # --- training ---------------------------------------------------------------------------

    def train(self, *, one_epoch: bool = False) -> None:
        """Train a new map on the collection; with ``one_epoch`` pause after the first."""
        self._trainer.train(one_epoch=one_epoch)

    def go_on(self) -> None:
        """Train the map that is there for as many epochs again, from its last radius and rate."""
        self._trainer.go_on()

    def finish_training(self) -> None:
        """Train the map that is there to the end that was planned, if its training ended early."""
        self._trainer.finish()

    def change(self, change: Change) -> None:
        """Change the running training from its next epoch on; the history will tell."""
        self._trainer.change(change)

    def roll_again(self) -> None:
        """Train a new map with the present settings and another seed, drawn by lot."""
        if self._work.free("A job is running already."):
            used = {run.params.seed for run in self.runs.all} | {self.params.seed}
            seed = next(number for number in iter(_throw, None) if number not in used)
            self.set_params(dataclasses.replace(self.params, seed=seed), "roll the dice")
            self.noticed.emit(f"Training with the seed {seed:,}")
            self.train()

    def go_on_from_here(self) -> None:
        """Train on from the earlier epoch that is shown."""
        past = self._document.past
        if past is not None:
            self._trainer.go_on_from(past.frame)

    def reheat(self) -> None:
        """Let the running training go on from its first radius and rate, for some epochs."""
        self.change(self.log.reheating())

    def pause(self) -> None:
        """Let the training wait before its next step."""
        self._trainer.pause()

    def resume(self) -> None:
        """Let a paused training go on."""
        self._trainer.resume()

    def step(self) -> None:
        """Train for one epoch, then wait."""
        self._trainer.step()

    def stop(self) -> None:
        """Stop the running job; what it reached so far is kept."""
        self._work.stop()

    # --- classification ---------------------------------------------------------------------

    def classify(self, paths: Sequence[str | Path]) -> None:
        """Find out where pictures belong, on the newest map, which is shown for that."""
        if self._document.present() is None:
            self.noticed.emit("There is no map yet: train one, then drop pictures on it.")
            return
        if self.past:
            self.times.now()
            self.noticed.emit("Back to the newest map: pictures are classified on it.")
        self._answers.ask(paths, self.pages)

    def clear_matches(self) -> None:
        """Forget the classified pictures."""
        self._answers.clear()

    # --- quality ----------------------------------------------------------------------------

    def measure(self) -> None:
        """Measure how good the finished map is for the open collection."""
        self._measurer.measure()

    # --- export -----------------------------------------------------------------------------

    def export(
        self, steps: Iterable[Exporting], then: Callable[[Exporting], None] | None = None
    ) -> None:
        """Write something for others; ``then`` is called with the last step once it is done."""
        self._exporter.export(steps, then)

    # --- ending -----------------------------------------------------------------------------

    def halt(self) -> None:
        """Stop all jobs and wait for them; they stop within one short step."""
        self._work.halt()
        self._answers.halt()
        self.times.halt()
        if self.arrivals.end():
            self.collection_changed.emit()

    def shutdown(self) -> None:
        """Stop everything for good; to be called before the window goes."""
        self.halt()
        self.opener.halt()
        self.saver.halt()
        self.examples.halt()
        self.layers.halt()
        self.cells.halt()
        self.missing.halt()
        self.thumbnails.shutdown()


def _throw() -> int:
    return secrets.randbelow(_SEEDS)
