"""The classified pictures: asks where pictures belong, beside whatever else is running."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from image2map_gui.core.analysis.classify import Classifying, Match, match_vectors
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.model import MapModel
from image2map_gui.ui.jobs import answer
from image2map_gui.ui.runner import Outcome, Runner
from image2map_gui.ui.wording import first_reason

_WAY_SECONDS = 0.5


class Answers(QObject):
    """The matches found so far, the newest first, and the job that finds more."""

    changed = Signal()
    found = Signal(object)
    busy_changed = Signal()
    failed = Signal(str)
    broke = Signal(object)

    def __init__(self, beside: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._beside = beside  # gives way to a question, for a moment
        self.matches: list[Match] = []
        self._runner = Runner(self)
        self._runner.ended.connect(self._ended)

    @property
    def busy(self) -> bool:
        """Whether pictures are being classified."""
        return self._runner.busy

    def ask(
        self, model: Callable[[], MapModel], paths: Sequence[str | Path], pages: str = "first"
    ) -> None:
        """Find out where the pictures at some paths belong on a map, made in the worker."""
        self._beside.give_way(_WAY_SECONDS)
        self._runner.start(answer(model, paths, pages))
        self.busy_changed.emit()

    def clear(self) -> None:
        """Forget all matches."""
        self.matches = []
        self.changed.emit()

    def move_to(self, model: MapModel) -> None:
        """Move all matches to where their pictures belong on another map of the same kind."""
        if self.matches:
            vectors = np.stack([match.vector for match in self.matches])
            sources = tuple(match.source for match in self.matches)
            thumbs = [match.thumb for match in self.matches if match.thumb is not None]
            kept = Dataset(
                model.spec, vectors, sources, thumbs=np.stack(thumbs) if thumbs else None
            )
            self.matches = list(match_vectors(model, kept))
            self.changed.emit()

    def halt(self) -> None:
        """End the job and wait for it."""
        self._runner.halt()

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        self._beside.go_on()
        if outcome.error is not None:
            self.broke.emit(outcome.error)
        elif isinstance(outcome.last, Classifying):
            self._keep(outcome.last)
        self.busy_changed.emit()

    def _keep(self, last: Classifying) -> None:
        if last.skipped:
            count = f"{len(last.skipped)} files" if len(last.skipped) > 1 else "1 file"
            self.failed.emit(f"{count} could not be classified: {first_reason(last.skipped)}")
        if last.matches:
            known = {match.source.address for match in last.matches}
            older = [match for match in self.matches if match.source.address not in known]
            self.matches = [*last.matches, *older]
            self.changed.emit()
            self.found.emit(last.matches[0])
