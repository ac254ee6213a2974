"""The one mechanism for everything slow: a thread that turns the crank of a generator."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from PySide6.QtCore import QObject, QThread, Signal

_STACK_BYTES = 16 << 20  # LAPACK wants more than a thread's usual stack


class Step(Protocol):
    """What a long job yields: how far it is, and whether a stage has just ended."""

    @property
    def fraction(self) -> float:
        """Share of the job that is done."""
        ...

    @property
    def milestone(self) -> bool:
        """Whether a stage, such as an epoch, has just ended."""
        ...


class Worker(QThread):
    """Runs a generator until it ends, is stopped, or fails.

    Stopping means not asking for the next value, so it waits for one short step at the most;
    pausing means waiting before asking. Values reach the window through a letterbox with one
    place, :meth:`take`; only the small ``digest`` of a milestone travels by signal. When
    ``finished`` comes, :attr:`last` is the last value, :attr:`error` what went wrong and
    :attr:`completed` whether the generator came to its own end. :attr:`waiting` tells that a
    pause has really been reached.
    """

    milestone = Signal(object)

    def __init__(
        self,
        steps: Iterable[Step],
        parent: QObject | None = None,
        *,
        digest: Callable[[Any], object] | None = None,
        paint: Callable[[Any], object] | None = None,
    ) -> None:
        super().__init__(parent)
        self.setStackSize(_STACK_BYTES)
        self._steps = iter(steps)
        self._digest = digest
        self._paint = paint
        self._frame: tuple[Any, object] | None = None
        self._gate = threading.Condition()
        self._stages: int | None = None  # how many stages may still pass, None for all
        self._stopping = False
        self._messages: deque[Any] = deque()
        self._rest = 0.0  # seconds to wait after a stage
        self._stage_ended = -math.inf
        self._way_until = -math.inf  # when to go on that was asked to give way
        self.last: Any = None
        self.error: Exception | None = None
        self.completed = False
        self.waiting = False

    def run(self) -> None:
        """Turn the crank; called by Qt in the new thread."""
        try:
            while self._may_go_on():
                try:
                    value = self._turn()
                except StopIteration:
                    self.completed = True
                    break
                self._deliver(value)
        except Exception as error:  # noqa: BLE001 - handed to the window, which reports it
            self.error = error
        finally:
            close = getattr(self._steps, "close", None)
            if close is not None:
                close()

    def _turn(self) -> Any:
        """Turn the crank once, handing a waiting message to the generator."""
        if self.last is None or not self._messages:
            return next(self._steps)
        return self._steps.send(self._messages.popleft())  # type: ignore[attr-defined]

    def take(self) -> tuple[Any, object] | None:
        """Empty the letterbox: the newest value with its picture, or ``None``."""
        frame, self._frame = self._frame, None
        return frame

    def request_stop(self) -> None:
        """Ask for no more values; returns at once."""
        with self._gate:
            self._stopping = True
            self._gate.notify_all()

    def send(self, message: object) -> None:
        """Send something into the generator with its next step; returns at once."""
        self._messages.append(message)

    def rest(self, seconds: float) -> None:
        """Wait this long after each stage from now on."""
        with self._gate:
            self._rest = seconds
            self._gate.notify_all()

    def give_way(self, seconds: float) -> None:
        """Wait before the next value until :meth:`go_on`, at most so long."""
        with self._gate:
            self._way_until = time.perf_counter() + seconds

    def go_on(self) -> None:
        """Give way no longer."""
        with self._gate:
            self._way_until = -math.inf
            self._gate.notify_all()

    def pause(self) -> None:
        """Wait before the next value."""
        self._allow(0)

    def resume(self) -> None:
        """Go on."""
        self._allow(None)

    def step(self) -> None:
        """Go on to the end of the present stage, then pause."""
        self._allow(1)

    @property
    def paused(self) -> bool:
        """Whether the thread waits, or will before its next value."""
        return self._stages == 0

    def _allow(self, stages: int | None) -> None:
        with self._gate:
            self._stages = stages
            self._gate.notify_all()

    def _may_go_on(self) -> bool:
        if self.paused and self.last is not None:
            self._post(self.last)  # who looks at a paused job sees where it stands
        with self._gate:
            self.waiting = self._stages == 0
            self._gate.wait_for(lambda: self._stopping or self._stages != 0)
            self.waiting = False
            while not self._stopping and (left := self._resting()) > 0:
                self._gate.wait(left)
            return not self._stopping

    def _resting(self) -> float:
        """Return how many seconds are still to be waited, after the last stage or for others."""
        return max(self._stage_ended + self._rest, self._way_until) - time.perf_counter()

    def _post(self, value: Any) -> None:
        self._frame = (value, self._paint(value) if self._paint else None)

    def _deliver(self, value: Any) -> None:
        self.last = value
        if self._frame is None:  # painting more often than somebody looks would be waste
            self._post(value)
        if not value.milestone:
            return
        with self._gate:
            self._stage_ended = time.perf_counter()
            if self._stages:
                self._stages -= 1
        if self._digest is not None:
            self.milestone.emit(self._digest(value))
