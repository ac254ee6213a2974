"""Runs one job at a time in a worker and hands its pictures and its end to the window's thread."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from image2map_gui.ui.jobs.worker import Step, Worker

_POLL_MS = 25  # the letterbox is looked into 40 times a second


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a job ended: its last value, what went wrong, and whether it came to its own end."""

    last: Any
    error: Exception | None
    completed: bool


class Runner(QObject):
    """Owns a worker while it runs; all its signals come in the thread of the window."""

    framed = Signal(object, object)
    milestone = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker: Worker | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def busy(self) -> bool:
        """Whether a job is running or paused."""
        return self._worker is not None

    @property
    def paused(self) -> bool:
        """Whether a job waits."""
        return self._worker is not None and self._worker.paused

    @property
    def waiting(self) -> bool:
        """Whether a paused job has come to rest: nothing of it is under way."""
        return self._worker is not None and self._worker.waiting

    @property
    def newest(self) -> Any:
        """The last value of the job so far, which may not have been told yet."""
        return None if self._worker is None else self._worker.last

    def start(
        self,
        steps: Iterable[Step],
        *,
        digest: Callable[[Any], object] | None = None,
        paint: Callable[[Any], object] | None = None,
        one_stage: bool = False,
    ) -> None:
        """Start a job; with ``one_stage`` it pauses after its first stage."""
        worker = Worker(steps, self, digest=digest, paint=paint)
        if one_stage:
            worker.step()
        worker.milestone.connect(self._stage_ended)
        worker.finished.connect(self._finished)
        self._worker = worker
        self._timer.start()
        worker.start()

    def pause(self) -> None:
        """Let the job wait before its next step."""
        if self._worker is not None:
            self._worker.pause()

    def resume(self) -> None:
        """Let a waiting job go on."""
        if self._worker is not None:
            self._worker.resume()

    def step(self) -> None:
        """Let the job go on to the end of its stage."""
        if self._worker is not None:
            self._worker.step()

    def send(self, message: object) -> None:
        """Send something into the job's generator."""
        if self._worker is not None:
            self._worker.send(message)

    def rest(self, seconds: float) -> None:
        """Let the job wait this long after each of its stages."""
        if self._worker is not None:
            self._worker.rest(seconds)

    def give_way(self, seconds: float) -> None:
        """Let the job wait for others, at most so long."""
        if self._worker is not None:
            self._worker.give_way(seconds)

    def go_on(self) -> None:
        """Let the job give way no longer."""
        if self._worker is not None:
            self._worker.go_on()

    def stop(self) -> None:
        """Ask the job to end; :attr:`ended` follows."""
        if self._worker is not None:
            self._worker.request_stop()

    def halt(self) -> None:
        """End the job and wait for it, without a word."""
        worker = self._release()
        if worker is not None:
            worker.request_stop()
            worker.wait()

    @Slot()
    def _poll(self) -> None:
        frame = self._worker.take() if self._worker is not None else None
        if frame is not None:
            self.framed.emit(*frame)

    @Slot(object)
    def _stage_ended(self, digest: object) -> None:
        """Pass a milestone on, unless it was sent by a job that is over: it may arrive late."""
        if self._worker is not None and self.sender() is self._worker:
            self.milestone.emit(digest)

    @Slot()
    def _finished(self) -> None:
        worker = self._release()
        if worker is not None:
            worker.wait()
            self.ended.emit(Outcome(worker.last, worker.error, worker.completed))

    def _release(self) -> Worker | None:
        worker, self._worker = self._worker, None
        self._timer.stop()
        if worker is not None:
            worker.finished.disconnect(self._finished)
            worker.milestone.disconnect(self._stage_ended)
            worker.finished.connect(worker.deleteLater)
            if worker.isFinished():
                worker.deleteLater()
        return worker
