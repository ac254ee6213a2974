"""Autosave: writes what is open and not saved into a side file, beside everything else."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.project.save import Saving
from image2map_gui.ui.jobs.runner import Outcome, Runner
from image2map_gui.ui.safety.errors import report_error
from image2map_gui.ui.safety.log import LOGGER
from image2map_gui.ui.session.recovery import Orphan, SideFile
from image2map_gui.ui.session.session import Session

_MINUTE_MS = 60_000


class Autosave(QObject):
    """Looks after the side file of a session: now and then, after each training, and at the end.

    What is saved by the person needs none, nor does what did not change since the last time. It is
    written by a worker of its own, so that neither the window nor a training waits for the disk.
    """

    written = Signal()
    failed = Signal(str)

    def __init__(self, session: Session, side: SideFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._side = side
        self._runner = Runner(self)
        self._runner.ended.connect(self._ended)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.save_now)
        self._kept: tuple[object, ...] | None = None  # what the side file holds
        self._writing: tuple[object, ...] | None = None
        self._adopted: list[Orphan] = []  # restored, until this run has a side file
        self._trained = False
        self._told = ""
        self.on = False
        session.project_changed.connect(self._project_changed)
        session.activity_changed.connect(self._activity_changed)

    def set_interval(self, minutes: float) -> None:
        """Write every so many minutes from now on; 0: never.

        What was restored stays where it is until it is saved or not wanted any more.
        """
        self.on = minutes > 0 and not self._side.problem
        self._timer.stop()
        if minutes > 0 and self._side.problem:
            self._tell(
                f"Unsaved work cannot be kept for the case of a crash: {self._side.problem}."
            )
        if self.on:
            self._timer.start(max(1, round(minutes * _MINUTE_MS)))
        else:
            self._runner.halt()
            self._remove_own()

    def adopt(self, orphan: Orphan) -> None:
        """Keep the side file of what was restored until this run has one of its own."""
        self._adopted.append(orphan)
        self._side.take_over(orphan)
        self._kept = None
        self.save_now()

    @Slot()
    def save_now(self) -> None:
        """Write the side file if there is something new to be kept."""
        session = self._session
        if not self.on or self._runner.busy or not session.unsaved:
            return
        stamp = session.stamp()
        if _same(stamp, self._kept):
            return
        self._writing = stamp
        self._runner.start(self._side.writing(session.frozen()))

    def save_within(self, seconds: float) -> bool:
        """Write the side file here and now, if that is possible within so many seconds.

        For the case that the program has to end; returns whether all that is open is kept.
        """
        session = self._session
        if not session.unsaved or not self.on:
            return not session.unsaved
        self._runner.halt()
        end = time.monotonic() + seconds
        try:
            session.catch_up()  # a training may have begun just now
        except Exception:  # noqa: BLE001 - what was held before is kept all the same
            LOGGER.exception("the newest state of the training could not be taken")
        steps: Iterator[Saving] = self._side.writing(session.frozen())
        session.halt()
        try:
            for _ in steps:
                if time.monotonic() > end:
                    return False
        except Exception:  # noqa: BLE001 - whatever it was, the program has to end
            LOGGER.exception("what is open could not be kept")
            return False
        self._let_adopted_go()
        return True

    def halt(self) -> None:
        """Stop writing, for good."""
        self._timer.stop()
        self.on = False
        self._runner.halt()

    def remove(self) -> None:
        """Keep nothing: all is saved, or not wanted."""
        self._runner.halt()
        self._forget()

    # --- what changes -------------------------------------------------------------------------

    @Slot()
    def _project_changed(self) -> None:
        if not self._session.unsaved:
            self.remove()

    @Slot()
    def _activity_changed(self) -> None:
        """Write after each training."""
        trains = self._session.activity in ("training", "settling", "tuning")
        if self._trained and not trains:
            self.save_now()
        self._trained = trains

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        if outcome.completed:
            self._kept, self._told = self._writing, ""
            self._let_adopted_go()
            self.written.emit()
        elif outcome.error is not None:
            LOGGER.warning("autosave failed: %s", outcome.error)
            self._tell_failure(outcome.error)
        if not self._session.unsaved:
            self._forget()
        self._writing = None

    def _tell_failure(self, error: Exception) -> None:
        if isinstance(error, Image2MapError | OSError | MemoryError):
            reason = str(error) or "there is not enough memory"
            self._tell(f"Unsaved work could not be kept for the case of a crash: {reason}")
        else:
            self._tell("Unsaved work could not be kept for the case of a crash.")
            report_error(error)

    def _tell(self, text: str) -> None:
        """Say something once, not every minute."""
        if text != self._told:
            self._told = text
            self.failed.emit(text)

    def _forget(self) -> None:
        self._remove_own()
        self._let_adopted_go()

    def _remove_own(self) -> None:
        self._kept = self._writing = None
        self._side.remove()

    def _let_adopted_go(self) -> None:
        for orphan in self._adopted:
            orphan.gone.discard()
        self._adopted.clear()


def _same(first: tuple[object, ...], second: tuple[object, ...] | None) -> bool:
    return second is not None and all(a is b for a, b in zip(first, second, strict=True))
