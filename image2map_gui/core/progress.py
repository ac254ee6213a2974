"""How far a long job over many files has come, how fast it goes, and when it should breathe."""

from __future__ import annotations

import dataclasses
import time
from collections import deque

_BREATH = 0.03  # seconds of work between two yields
_LOOK_BACK = 3.0  # seconds a rate is measured over
_SAMPLE = 0.1


@dataclasses.dataclass(frozen=True)
class Progress:
    """Files looked at so far, of how many."""

    done: int
    total: int

    @property
    def fraction(self) -> float:
        """Share of the files that were looked at."""
        return self.done / self.total if self.total else 1.0

    @property
    def milestone(self) -> bool:
        """Whether all files were looked at."""
        return self.done == self.total


class Breath:
    """Tells a generator when it has worked for so long that it should yield."""

    def __init__(self) -> None:
        self._due = time.perf_counter() + _BREATH

    def due(self) -> bool:
        """Whether it is time; if so, the next time is some 30 ms later."""
        now = time.perf_counter()
        if now < self._due:
            return False
        self._due = now + _BREATH
        return True


class Pace:
    """How many things per second a job gets done, measured over its last seconds."""

    def __init__(self) -> None:
        self._samples = deque([(time.perf_counter(), 0)])

    def rate(self, done: int) -> float:
        """Note how many are done by now and return the rate, 0 as long as it is not known."""
        now = time.perf_counter()
        if now - self._samples[-1][0] >= _SAMPLE:
            self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[1][0] > _LOOK_BACK:
            self._samples.popleft()
        began, before = self._samples[0]
        return (done - before) / (now - began) if now - began >= _SAMPLE else 0.0
