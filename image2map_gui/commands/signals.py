"""The signals that end a command: what was reached is kept, as after Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

INTERRUPTED, TERMINATED = 130, 143  # exit codes, as shells give them


class TerminatedError(KeyboardInterrupt):
    """The system asks the program to end, as it does before it is switched off."""


def code_of(end: BaseException) -> int:
    """Return the exit code of a command that was ended like this."""
    return TERMINATED if isinstance(end, TerminatedError) else INTERRUPTED


@contextlib.contextmanager
def heeding_termination() -> Iterator[None]:
    """Let the signal to terminate raise an error, as Ctrl-C does, within this block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _raise(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once; what is reached is being saved
    raise TerminatedError
