"""Work on all cores in helper processes: one that hangs or dies costs one picture, no more."""

from __future__ import annotations

import contextlib
import dataclasses
import multiprocessing
import operator
import os
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from multiprocessing import connection
from multiprocessing.connection import Connection
from typing import Any

from image2map_gui.core.images.helper import Answer, Function, Helper, answer
from image2map_gui.core.images.limits import limits, setting

_START_SECONDS = 60.0  # that a helper may take to load its libraries, on a bad day
_TICK = 0.03
_CHUNK_SECONDS = 0.1  # of work handed over at once: a busy system lets a helper wait for more
_FIRST, _LARGEST = 4, 256  # items handed over at once
_MOST = 16  # helpers of one job
_SPARE = 3  # helpers kept for the next job: one picture looked at while two cores make thumbnails
_DEADLY = "made the decoder fail"
_FAILURES = 3  # helpers that died before they did anything

_spare: list[Helper] = []
_gate = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_spare.clear)  # what was forked has no claim on them

_END = object()

Work = tuple[int, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Answered:
    """What became of one item: bytes, or the reason why there are none."""

    index: int
    item: Any
    answer: Answer


Answers = Generator[Answered | None, None, None]


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def apart(
    function: Function,
    items: Iterable[Any],
    *,
    most: int = _MOST,
    ahead: int = 4096,
    seconds: float | None = None,
) -> Answers:
    """Call a function on items in helper processes, and yield the answers as they come.

    An item that takes too long is given up, one at which its helper dies is tried once more by
    itself; the others are answered whatever happens. Where no helper can be started, the work is
    done in this process.

    Parameters
    ----------
    function
        Turns an item into bytes; it and the items must be fit for pickling. An
        :class:`~image2map_gui.core.errors.Image2MapError` it raises is a reason.
    most
        Helpers to use at most, however many cores there are.
    ahead
        How far the newest item in work may be ahead of the oldest one.
    seconds
        That one item may take; if not given, the limit for a picture.

    Yields
    ------
    Answered or None
        ``None`` when nothing came for some 30 ms.
    """
    crew = _Crew(function, items, min(most, _MOST, cores()), ahead, seconds)
    return crew.answers()


def apart_in_order(function: Function, items: Iterable[Any], **values: Any) -> Answers:
    """As :func:`apart`, in the order of the items; ``None`` when the next one is not there yet."""
    early: dict[int, Answered] = {}
    wanted = 0
    for one in apart(function, items, **values):
        if one is not None:
            early[one.index] = one
        if wanted not in early:
            yield None
        while wanted in early:
            yield early.pop(wanted)
            wanted += 1


def warm_up(function: Function) -> None:
    """Start a helper that loads what a function needs, unless one waits already; returns at once.

    Who asks for it later gets a first answer some tenths of a second sooner.
    """
    helper = None if _spare else _hire()
    if helper is None:
        return
    with contextlib.suppress(OSError):  # whoever hires it next sees that it died
        helper.give(function, (), limits().seconds_per_picture)
    _dismiss(helper)


def end_helpers() -> None:
    """End the helpers that wait for work; new ones are started when they are needed."""
    with _gate:
        while _spare:
            _spare.pop().end()


def _hire() -> Helper | None:
    """Return a helper that waits, or a new one, or ``None`` if the system has none to give."""
    with _gate:
        while _spare:
            helper = _spare.pop()
            if helper.alive and helper.limits == limits():
                return helper
            helper.end()
        if multiprocessing.current_process().daemon:  # a helper may not have helpers
            return None
        try:
            return Helper()
        except OSError:
            return None


def _dismiss(helper: Helper) -> None:
    with _gate:
        if len(_spare) < _SPARE:
            _spare.append(helper)
        else:
            helper.end()


class _Task:
    """What a helper was given, and how far it is."""

    def __init__(self, helper: Helper, work: list[Work]) -> None:
        self.helper = helper
        self.work = deque(work)
        self.count = len(work)
        self.began = 0.0
        self.due = time.perf_counter() + _START_SECONDS

    @property
    def overdue(self) -> bool:
        """Whether the time is up and no answer lies waiting."""
        return time.perf_counter() > self.due and not self.helper.pipe.poll()


class _Crew:
    """The helpers of one job; whoever asks for the next answer does the watching."""

    def __init__(
        self, function: Function, items: Iterable[Any], most: int, ahead: int, seconds: float | None
    ) -> None:
        self._function = function
        self._items = iter(items)
        self._most = most
        self._ahead = ahead
        self._seconds = limits().seconds_per_picture if seconds is None else seconds
        named = f" ({setting('seconds_per_picture')})" if seconds is None else ""
        self._late = f"took longer than {self._seconds:g} s to decode{named}"
        self._count = 0
        self._back: deque[Work] = deque()  # given out in vain, through no fault of theirs
        self._suspects: deque[Work] = deque()  # a helper died at them; each is tried by itself
        self._tried: set[int] = set()
        self._tasks: dict[Connection, _Task] = {}
        self._free: list[Helper] = []
        self._size = _FIRST
        self._failures = 0
        self._alone = False

    def answers(self) -> Answers:
        try:
            while True:
                self._hand_out()
                if self._tasks:
                    yield from self._listen()
                elif work := self._take():
                    for index, item in work:
                        yield Answered(index, item, self._answer_here(index, item))
                else:
                    return
        finally:
            for task in self._tasks.values():
                task.helper.end()
            for helper in self._free:
                _dismiss(helper)

    def _answer_here(self, index: int, item: Any) -> Answer:
        """Do without helpers, but not with what one of them died at."""
        return _DEADLY if index in self._tried else answer(self._function, item)

    def _hand_out(self) -> None:
        while len(self._tasks) < self._most and not self._alone and (work := self._take()):
            helper = self._free.pop() if self._free else _hire()
            if helper is None:
                self._alone = True
                self._back.extendleft(reversed(work))
                return
            task = self._tasks[helper.pipe] = _Task(helper, work)
            try:
                helper.give(self._function, [item for _, item in work], self._seconds)
            except OSError:  # it died while it waited
                self._lose(task)

    def _take(self) -> list[Work]:
        if self._suspects:
            return [self._suspects.popleft()]
        work: list[Work] = []
        end = self._oldest() + self._ahead
        size = self._fair_size()
        while len(work) < size:
            if self._back:
                work.append(self._back.popleft())
                continue
            item = next(self._items, _END) if self._count < end else _END
            if item is _END:
                break
            work.append((self._count, item))
            self._count += 1
        return work

    def _fair_size(self) -> int:
        """Return how many items to hand over: fewer towards the end, so that all end together."""
        left = operator.length_hint(self._items, _LARGEST * self._most) + len(self._back)
        return max(1, min(self._size, left // (2 * self._most)))

    def _oldest(self) -> int:
        """Return the place of the first item that has no answer yet."""
        heads = [task.work[0][0] for task in self._tasks.values()]
        heads += [min(work)[0] for work in (self._back, self._suspects) if work]
        return min(heads, default=self._count)

    def _listen(self) -> Iterator[Answered | None]:
        """Wait a little for messages and yield what they say."""
        ready = connection.wait(list(self._tasks), _TICK)
        for task in [task for pipe, task in self._tasks.items() if pipe in ready]:
            yield from self._hear(task)
        for task in [task for task in self._tasks.values() if task.overdue]:
            yield from self._lose(task, self._late)
        if not ready:
            yield None

    def _hear(self, task: _Task) -> Iterator[Answered]:
        try:
            group = task.helper.hear(len(task.work))
        except (EOFError, OSError):
            yield from self._lose(task)
            return
        now = time.perf_counter()
        task.due = now + self._seconds
        task.began = task.began or now
        if group:
            self._failures = 0
        finished = [task.work.popleft() for _ in group]
        if not task.work:
            self._finish(task, now)
        for (index, item), said in zip(finished, group, strict=True):
            yield Answered(index, item, said)

    def _finish(self, task: _Task, now: float) -> None:
        del self._tasks[task.helper.pipe]
        self._free.append(task.helper)
        pace = (now - task.began) / task.count
        fitting = int(_CHUNK_SECONDS / pace) if pace else _LARGEST
        self._size = max(1, min(fitting, 4 * self._size, _LARGEST))

    def _lose(self, task: _Task, reason: str = "") -> list[Answered]:
        """Bury a helper that died, or for a ``reason`` has to; what it left undone is kept."""
        del self._tasks[task.helper.pipe]
        task.helper.end()
        place = task.helper.place - (task.count - len(task.work))
        if not 0 <= place < len(task.work):
            self._failures += 1
            self._alone = self._failures >= _FAILURES
            self._back.extendleft(reversed(task.work))
            return []
        index, item = blamed = task.work[place]
        del task.work[place]
        self._back.extendleft(reversed(task.work))
        if reason or index in self._tried:
            return [Answered(index, item, reason or _DEADLY)]
        self._tried.add(index)  # perhaps the system took the helper for want of memory
        self._suspects.append(blamed)
        return []
