"""One helper process: it calls a function on items, within limits of time and memory."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import connection, resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.images.limits import Limits, limits, too_much_memory, use_limits

if sys.platform != "win32":
    import resource

_GRACE = 2.0  # seconds; the program itself ends a helper that takes too long, if it still can
_STARTING = threading.Lock()
_GROUP_SECONDS = 0.01  # answers this close together travel together
_GROUP_BYTES = 1 << 20

Function = Callable[[Any], bytes]
Answer = bytes | str  # a str is the reason why there are no bytes


class _Place(Protocol):
    value: int


class Helper:
    """A process with nothing of this one in it that is given items and answers them in turn.

    It keeps to the limits that held when it was started, and ends when this process does, however
    that comes about.

    Raises
    ------
    OSError
        The system has no room for another process.
    """

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._place: _Place = context.RawValue("i", -1)
        self.limits = limits()
        given = (theirs, self._place, self.limits)
        self._process = context.Process(target=live, args=given, daemon=True)
        try:
            with _deaf_to_interrupts(), _program_set_aside():
                self._process.start()
        finally:
            theirs.close()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.is_alive()

    @property
    def place(self) -> int:
        """Place of the item it was last seen at, -1 if it began with none."""
        return self._place.value

    def give(self, function: Function, items: Sequence[Any], seconds: float) -> None:
        """Hand over work for which it gets ``seconds`` per item; for one that waits only.

        Raises
        ------
        OSError
            The process is gone.
        """
        self._place.value = -1
        self.pipe.send((function, items, seconds))

    def hear(self, most: int) -> list[Answer]:
        """Receive the next answers, ``most`` at most; none say that the work was understood.

        They are looked at as bytes and never unpickled: a file that takes over a decoder must
        not take over the program.

        Raises
        ------
        EOFError, OSError
            The process is gone, or talks nonsense.
        """
        message = self.pipe.recv_bytes()
        try:
            return _unpacked(message, most)
        except struct.error as error:
            raise OSError(f"a helper talks nonsense: {error}") from error

    def end(self) -> None:
        """End the process at once, whatever it does."""
        self.pipe.close()
        self._process.kill()
        self._process.join(1)


def answer(function: Function, item: Any) -> Answer:
    """Call the function; instead of its result return the reason why there is none."""
    try:
        return function(item)
    except Image2MapError as error:
        return str(error)
    except MemoryError:
        return too_much_memory()
    except Exception as error:  # noqa: BLE001 - one bad file must not cost all the others
        return f"made the decoder fail ({type(error).__name__}: {error})"


def live(pipe: Connection, place: _Place, given: Limits) -> None:
    """Spend the life of a helper process."""
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    use_limits(given)
    with Path(os.devnull).open("r+b", buffering=0) as nothing:
        for stream in (0, 1, 2):  # a reader of the program's output may wait for its end
            os.dup2(nothing.fileno(), stream)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    _limit_memory(given.memory_bytes)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    serve(pipe, place)


def serve(pipe: Connection, place: _Place) -> None:
    """Answer what is asked until the other end is closed."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            function, items, seconds = pipe.recv()
            pipe.send_bytes(_packed([]))
            for group in _groups(function, items, seconds, place):
                pipe.send_bytes(_packed(group))


def _groups(
    function: Function, items: Sequence[Any], seconds: float, place: _Place
) -> Iterator[list[Answer]]:
    group: list[Answer] = []
    size, began = 0, time.perf_counter()
    for index, item in enumerate(items):
        place.value = index
        with _last_rope(seconds + _GRACE):
            said = answer(function, item)
        group.append(said)
        size += len(said)
        if size > _GROUP_BYTES or time.perf_counter() - began > _GROUP_SECONDS:
            yield group
            group, size, began = [], 0, time.perf_counter()
    if group:
        yield group


def _packed(group: list[Answer]) -> bytes:
    """Lay answers out one after the other behind their lengths; that of a reason is negative."""
    bodies = [
        said if isinstance(said, bytes) else said.encode("utf-8", "backslashreplace")
        for said in group
    ]
    lengths = [
        len(body) if isinstance(said, bytes) else -len(body) - 1
        for said, body in zip(group, bodies, strict=True)
    ]
    return b"".join([struct.pack(f"<i{len(group)}i", len(group), *lengths), *bodies])


def _unpacked(message: bytes, most: int) -> list[Answer]:
    (count,) = struct.unpack_from("<i", message)
    if not 0 <= count <= most:
        raise struct.error(f"{count} answers to {most} questions")
    group: list[Answer] = []
    start = 4 * (count + 1)
    for length in struct.unpack_from(f"<{count}i", message, 4):
        end = start + (length if length >= 0 else -length - 1)
        if end > len(message):
            raise struct.error(f"{len(message)} bytes where {end} were announced")
        body = message[start:end]
        group.append(body if length >= 0 else body.decode("utf-8", "replace"))
        start = end
    return group


@contextlib.contextmanager
def _last_rope(seconds: float) -> Iterator[None]:
    """Let the system end this process after some seconds, even if Python no longer runs."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _leave_with_parent() -> None:
    """End this process as soon as the one that started it is gone, in whatever way."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(0)


def _limit_memory(most: int) -> None:
    """Let this process take so much memory beyond what it needs for itself."""
    if sys.platform == "win32":
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError):  # macOS knows no such limit
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + most
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


@contextlib.contextmanager
def _program_set_aside() -> Iterator[None]:
    """Let a process that is started not run the program of this one once more.

    It would, to know the functions in there; a helper is never given one of those, and a script
    that reads pictures without a guard would start itself over and over.
    """
    with _STARTING:
        program = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = program


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let a process that is started inherit that Ctrl-C is not meant for it."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # on its first start it would undo the following
    # Nor may what ends this process come before the new one has been told what it is to do.
    held = {signal.SIGINT, signal.SIGTERM}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
