"""The work of the window: which job is running, and what is to be done after it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from image2map_gui.core.images.relocating import Locating
from image2map_gui.ui.jobs.export_jobs import Exporting
from image2map_gui.ui.jobs.jobs import Collecting, Measuring
from image2map_gui.ui.jobs.runner import Outcome, Runner
from image2map_gui.ui.jobs.worker import Step
from image2map_gui.ui.session.arrivals import Arrivals
from image2map_gui.ui.wording import count_text, plural

Keep = Callable[[Outcome], None]


class Work(QObject):
    """Starts the jobs of one runner, one at a time; ``activity`` is empty while none runs.

    Who starts a job says what becomes of it, however it ends; ``fail`` deals with what went wrong.
    """

    changed = Signal()
    noticed = Signal(str)

    def __init__(
        self,
        runner: Runner,
        arrivals: Arrivals,
        fail: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._runner = runner
        self._runner.ended.connect(self._ended)
        self._arrivals = arrivals
        self._fail = fail
        self._keep: Keep | None = None
        self._after: Callable[[], None] | None = None
        self._waiting: deque[Callable[[], None]] = deque()
        self.activity = ""
        self.failed_job = ""  # the activity that the last job failed in, if it did

    @property
    def busy(self) -> bool:
        """Whether a job is running or paused."""
        return self._runner.busy

    @property
    def paused(self) -> bool:
        """Whether the job waits."""
        return self._runner.paused

    def free(self, otherwise: str) -> bool:
        """Whether no job is running; if one is, say so."""
        if self.busy:
            self.noticed.emit(otherwise)
        return not self.busy

    def when_free(self, do: Callable[[], None], said: str) -> None:
        """Do something now, or say that it will be done when the running job has ended."""
        if self.busy:
            self._waiting.append(do)
            self.noticed.emit(said)
        else:
            do()

    def run(
        self,
        activity: str,
        steps: Iterable[Step],
        keep: Keep,
        then: Callable[[], None] | None = None,
    ) -> None:
        """Start a job; ``then`` is done after it if it comes to its own end."""
        self._after = then
        self._arrivals.begin()
        self.start(activity, steps, keep)

    def start(
        self,
        activity: str,
        steps: Iterable[Step],
        keep: Keep,
        *,
        digest: Callable[[Any], object] | None = None,
        paint: Callable[[Any], object] | None = None,
        one_stage: bool = False,
    ) -> None:
        """Start a job beside what was read last; with ``one_stage`` it pauses after its first."""
        self.activity, self._keep, self.failed_job = activity, keep, ""
        self._runner.start(steps, digest=digest, paint=paint, one_stage=one_stage)
        self.changed.emit()

    def pause(self) -> None:
        """Let the job wait before its next step."""
        self._runner.pause()
        self.changed.emit()

    def resume(self) -> None:
        """Let a paused job go on."""
        self._runner.resume()
        self.changed.emit()

    def step(self) -> None:
        """Let the job go on to the end of its stage, then wait."""
        self._runner.step()
        self.changed.emit()

    def send(self, message: object) -> None:
        """Send something into the job."""
        self._runner.send(message)

    def rest(self, seconds: float) -> None:
        """Let the job wait this long after each of its stages."""
        self._runner.rest(seconds)

    def stop(self) -> None:
        """Ask the job to end, with nothing after it; what finishes a map may not be left out."""
        if self.activity == "settling":
            self.noticed.emit("The map is being finished; that takes a moment.")
            return
        self._after = None
        self._runner.stop()

    def halt(self) -> None:
        """End the job and wait for it, without a word; what waits for its end is forgotten."""
        self._after = None
        self._waiting.clear()
        self._runner.halt()
        self.activity = ""

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        """Deal with the end of the job: by itself, stopped, or failed."""
        keep, after = self._keep, self._after
        self.failed_job = self.activity if outcome.error is not None else ""
        self.activity, self._keep, self._after = "", None, None
        self._arrivals.end()
        if outcome.error is not None:
            self._fail(outcome.error)
        if keep is not None:
            keep(outcome)
        self.changed.emit()
        if after is not None and outcome.completed and not self.busy:
            after()
        while self._waiting and not self.busy:
            self._waiting.popleft()()


def doing_text(value: Step) -> str:
    """Say how far a job is; that of a training its log knows."""
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
    return ""
