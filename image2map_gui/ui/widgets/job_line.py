"""A job of a window beside the main one: how far it is, and a button that stops it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from image2map_gui.core.errors import Image2MapError
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.jobs.runner import Outcome, Runner
from image2map_gui.ui.jobs.worker import Step

_STEPS = 1000


class JobLine(QWidget):
    """Runs one job at a time, beside whatever the session does; out of sight when there is none.

    ``stepped`` comes with its newest step, some 40 times a second at the most, ``ended`` with its
    outcome; a mistake in that which a person can mend is told by whoever listens.
    """

    stepped = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = Runner(self)
        self._runner.framed.connect(self._framed)
        self._runner.ended.connect(self._ended)
        self._say: Callable[[Any], str] = str
        self._bar = QProgressBar()
        self._bar.setRange(0, _STEPS)
        self._bar.setFixedWidth(180)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress")
        self._text = QLabel()
        self._stop = QPushButton("Stop")
        self._stop.setAutoDefault(False)
        self._stop.clicked.connect(self._runner.stop)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._bar)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._stop)
        self.hide()

    @property
    def busy(self) -> bool:
        """Whether a job is running."""
        return self._runner.busy

    def start(self, steps: Iterable[Step], say: Callable[[Any], str]) -> None:
        """Run a job after ending the one before; ``say`` puts a step of it into words."""
        self.halt()
        self._say = say
        self._bar.setValue(0)
        self._text.setText("")
        self.show()
        self._runner.start(steps)

    def halt(self) -> None:
        """End the job without a word."""
        self._runner.halt()
        self.hide()

    @Slot(object, object)
    def _framed(self, value: Step, _frame: QObject | None) -> None:
        self._bar.setValue(round(_STEPS * value.fraction))
        self._text.setText(self._say(value))
        self.stepped.emit(value)

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        self.hide()
        self.ended.emit(outcome)
        if outcome.error is not None and not isinstance(outcome.error, Image2MapError):
            raise outcome.error


class JobDialog(QDialog):
    """A dialog with a job, which ends when it is closed, in whatever way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job = JobLine()

    @guarded
    def hideEvent(self, event: QHideEvent) -> None:
        """Stop the job."""
        super().hideEvent(event)
        if not event.spontaneous() and self.job.busy:
            self.job.halt()
            self._stopped()

    def _stopped(self) -> None:
        """Show that the job has not come to its end; there is nothing to do at first."""
