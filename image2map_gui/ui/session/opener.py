"""The opener: reads projects in a thread of its own, so that the window goes on being painted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, Signal, Slot

from image2map_gui.core.errors import ProjectError
from image2map_gui.core.project.load import Loading, loading
from image2map_gui.ui.jobs.runner import Outcome, Runner


class Opener(QObject):
    """Reads one project at a time; whoever asks for it waits."""

    changed = Signal()  # it has begun, or ended
    progressed = Signal(float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path: Path | None = None  # that is being read
        self._outcome: Outcome | None = None
        self._halted = False
        self._runner = Runner(self)
        self._runner.framed.connect(self._framed)
        self._runner.ended.connect(self._ended)

    def read(self, path: Path) -> Loading | None:
        """Read a project and return it, with what its file was like.

        Meanwhile the window is painted and jobs go on, but nobody is listened to. If the program
        has to end before it is read, this is ``None``.

        Raises
        ------
        ProjectError
            It is no project, is damaged, was made by a newer version, or another one is being
            read.
        """
        if self._halted:
            return None
        if self.path is not None:
            raise ProjectError(f"{path}: {self.path.name} is being opened; try again after that.")
        self.path, self._outcome = path, None
        self._runner.start(_steps(path))
        self.changed.emit()
        try:
            outcome = self._wait()
        finally:
            self.path = self._outcome = None
            self.changed.emit()
        if outcome is None or self._halted:
            return None
        if isinstance(outcome.error, MemoryError):
            raise ProjectError(f"{path}: there is not enough memory to open it.")
        if outcome.error is not None:
            raise outcome.error
        return outcome.last if isinstance(outcome.last, Loading) else None

    def halt(self) -> None:
        """Read no more, ever: the program ends. Who waits for a project gets nothing."""
        self._halted = True
        self._runner.halt()
        self.path = None
        self.changed.emit()

    def _wait(self) -> Outcome | None:
        while self._outcome is None and self.path is not None:
            loop = QEventLoop()
            self.changed.connect(loop.quit)
            if loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents) < 0:
                self._runner.halt()  # nothing is heard any more, not even that it has ended
                break
        return self._outcome

    @Slot(object, object)
    def _framed(self, step: Loading, _drawing: object) -> None:
        self.progressed.emit(step.fraction)

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self.changed.emit()


def _steps(path: Path) -> Iterator[Loading]:
    yield Loading(0.0)
    yield from loading(path)
