"""Watches the window: how late its thread is, and when the map was painted."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication, QWidget

from image2map_gui.ui.session.session import Session

Opened = Callable[[int], Session]  # opens so many of the digits
TICK_MS = 10
_DEADLINE = 60.0
_FEWEST = 100


class Lateness(QObject):
    """How late a timer of 10 ms comes in the thread of the window, in ms."""

    def __init__(self) -> None:
        super().__init__()
        self._late: list[float] = []
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin, or go on after a rest."""
        self._clock.start()
        self._timer.start(TICK_MS)

    def rest(self) -> None:
        """Stop counting."""
        self._timer.stop()

    @property
    def p99(self) -> float:
        """What all but one in a hundred ticks keep within."""
        assert len(self._late) >= _FEWEST, "too few ticks to judge by"
        return float(np.percentile(self._late, 99))

    @property
    def worst(self) -> float:
        """The latest tick."""
        return max(self._late)

    @Slot()
    def _tick(self) -> None:
        self._late.append(max(0.0, self._clock.nsecsElapsed() / 1e6 - TICK_MS))
        self._clock.restart()


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count, and let the event pass."""
        if event.type() == QEvent.Type.Paint:
            self.count += 1
        return super().eventFilter(watched, event)

    def next(self) -> None:
        """Wait for the next painting."""
        seen = self.count
        wait_for(lambda: self.count > seen)


def wait_for(condition: Callable[[], bool]) -> None:
    """Let the window work until something is so, without polling."""
    deadline = time.monotonic() + _DEADLINE
    alarm = QTimer()
    alarm.start(1000)  # a wait for events must end even if none comes
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    alarm.stop()


def let_run(seconds: float) -> None:
    """Let the window work for some time."""
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()
