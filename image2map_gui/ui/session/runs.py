"""The runs of a project: every training that ended, to be looked at, named, and restored."""

from __future__ import annotations

import dataclasses
import math
from datetime import UTC, datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QObject, Signal, Slot

from image2map_gui.core.frames import MB
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel
from image2map_gui.core.picture.mosaic import mosaic
from image2map_gui.core.runs import Kept, Run, kept_of, restored, within
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.session.document import Document
from image2map_gui.ui.session.edits import Deed, Kind
from image2map_gui.ui.session.training_log import TrainingLog
from image2map_gui.ui.session.work import Work
from image2map_gui.ui.state import Drawing, MapState

_THUMB = 128  # pixels


class Runs(QObject):
    """Keeps the runs of a document; that of the map which is open is ``document.run``."""

    changed = Signal()
    restored = Signal()  # another map is open
    settings_changed = Signal()
    stepped = Signal(object)
    touched = Signal()
    noticed = Signal(str)

    def __init__(self, document: Document, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._work = work
        self.chosen: int | None = None  # that actions are about, by its number

    @property
    def all(self) -> tuple[Run, ...]:
        """All runs, the oldest first."""
        return self._document.runs

    @property
    def shown(self) -> int | None:
        """The number of the run whose map is open."""
        return self._document.run

    @property
    def chosen_run(self) -> Run | None:
        """The run that actions are about."""
        return next((run for run in self.all if run.number == self.chosen), None)

    def choose(self, number: int | None) -> None:
        """Let actions be about a run."""
        if number != self.chosen:
            self.chosen = number
            self.changed.emit()

    # --- what trainings leave ---------------------------------------------------------------

    @Slot()
    def leave(self) -> None:
        """Keep the map that is open, since another one is about to take its place."""
        document = self._document
        run, kept = document.run, self._open()
        if run is None or kept is None:
            return
        document.run_frames[run] = document.frames
        document.run = None
        self._replace(run, kept=kept)
        before = document.runs
        document.runs = within(before, document.keeping.runs * MB, first=run)
        self._tell_gone(before)
        self._forget_frames()
        self.changed.emit()

    @Slot()
    def record(self) -> None:
        """Note the map that is open as a new run."""
        document, state, model = self._document, self._document.map, self._document.model
        if state is None or model is None or state.units is None:
            return
        number = max((run.number for run in document.runs), default=0) + 1
        document.run = number
        document.runs = (*document.runs, self._run(number, state, model))
        self.changed.emit()

    @Slot()
    def open(self) -> None:
        """Note the map of a project that was saved without runs."""
        if self._document.run is None and self._document.model is not None:
            self.record()
            self._replace(self._document.run, when="")
        self.chosen = None
        self.changed.emit()

    def _run(self, number: int, state: MapState, model: MapModel) -> Run:
        log, errors = self._document.log, model.topographic_errors
        return Run(
            number=number,
            spec=model.spec,
            params=model.params,
            epochs=len(log.history),
            seconds=log.seconds,
            pictures=len(model.distances),
            quantization_error=model.quantization_error,
            topographic_error=errors[0][1] if errors else math.nan,
            thumb=thumb_of(state),
            when=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _open(self) -> Kept | None:
        """Return what the map that is open is kept by."""
        document, state, model = self._document, self._document.map, self._document.model
        if state is None or model is None or state.units is None or state.distances is None:
            return None
        where = state.pictures, state.units, state.distances
        return kept_of(model, *where, state.added, document.log.history)

    def _forget_frames(self) -> None:
        """Keep the epochs of the newest runs only, as many as fit into memory together."""
        document = self._document
        left = document.keeping.frames * MB
        for number in sorted(document.run_frames, reverse=True):
            size = document.run_frames[number].size
            if size > left:
                del document.run_frames[number]
            else:
                left -= size

    def _tell_gone(self, before: tuple[Run, ...]) -> None:
        """Say which maps had to make room."""
        pairs = zip(before, self._document.runs, strict=True)
        gone = [now.title for old, now in pairs if old.kept is not None and now.kept is None]
        if gone:
            self.noticed.emit(
                f"No room for the map of {', '.join(gone)} any more: only figures are kept. "
                "Preferences has the limit."
            )

    # --- what a person does -----------------------------------------------------------------

    def restore(self, number: int) -> None:
        """Open the map of a run again; the one that is open stays in the list."""
        document = self._document
        run = next((one for one in document.runs if one.number == number), None)
        if run is None or number == document.run:
            return
        if not self._work.free("A run can be restored when the running job has ended."):
            return
        if run.kept is None:
            self.noticed.emit(f"The map of {run.title} is gone; only its figures were kept.")
            return
        before = document.run, document.params, document.spec
        self._go_to(number)
        back, again = partial(self._go_back, *before), partial(self._go_to, number)
        self.stepped.emit(Deed(f"restore {run.title}", Kind.MAP, back, again))
        self.noticed.emit(f"Restored {run.title}")

    def _go_to(self, number: int | None) -> None:
        """Open the map of a run, keeping the one that is open."""
        run = next((one for one in self.all if one.number == number), None)
        if run is not None and run.number == self.shown:
            return
        if run is not None and run.kept is not None:
            self.leave()
            self._open_run(run, run.kept)
        elif number is None:
            self.leave()
            self._document.clear_map()
            self.restored.emit()
            self.changed.emit()
        else:
            self.noticed.emit("The map of that run is gone; the one that is open stays.")

    def _go_back(self, number: int | None, params: SomParams, spec: ImageSpec | None) -> None:
        """Open the map that was open before, with the settings of then."""
        self._go_to(number)
        self._document.params, self._document.spec = params, spec
        self.settings_changed.emit()

    def _open_run(self, run: Run, kept: Kept) -> None:
        document = self._document
        found = restored(run, kept, document.sources)
        document.clear_map()
        model = found.model
        document.model = model
        document.map = MapState(
            params=model.params,
            spec=model.spec,
            weights=model.weights,
            drawing=Drawing(model.prototypes, mosaic(model.prototypes, model.grid)),
            pictures=found.sources,
            units=found.units,
            distances=found.distances,
            added=found.added,
            projection=model.projection,
        )
        document.params, document.spec = run.params, run.spec
        document.log = TrainingLog(kept.history, run.seconds)
        frames = document.run_frames.pop(run.number, None)
        if frames is not None:
            document.frames = frames
        document.run = run.number
        self._replace(run.number, kept=None)
        self.restored.emit()
        self.changed.emit()

    def rename(self, number: int, note: str) -> None:
        """Call a run something else; an empty name gives it back its number."""
        run = next((one for one in self.all if one.number == number), None)
        if run is not None and run.note != note:
            self._replace(number, note=note)
            self.touched.emit()
            self.changed.emit()

    def delete(self, number: int) -> None:
        """Forget a run; that of the map which is open stays."""
        if number == self.shown:
            self.noticed.emit("This run's map is open; restore another one first.")
            return
        document = self._document
        document.runs = tuple(run for run in document.runs if run.number != number)
        document.run_frames.pop(number, None)
        if self.chosen == number:
            self.chosen = None
        self.touched.emit()
        self.changed.emit()

    def _replace(self, number: int | None, **fields: object) -> None:
        self._document.runs = tuple(
            dataclasses.replace(run, **fields) if run.number == number else run  # type: ignore[arg-type]
            for run in self._document.runs
        )


def thumb_of(state: MapState) -> NDArray[np.uint8]:
    """Return a map as a small picture ``(height, width, 3)``, on white."""
    image = Image.fromarray(state.sheet)
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, (0, 0), image)
        image = ground
    share = _THUMB / max(image.size)
    size = [max(1, round(side * share)) for side in image.size]
    how = Image.Resampling.BOX if share < 1 else Image.Resampling.NEAREST
    return np.asarray(image.convert("RGB").resize((size[0], size[1]), how))
