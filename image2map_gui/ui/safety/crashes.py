"""Crashes that no Python code survives: their stacks go to a file that the next start reads."""

from __future__ import annotations

import contextlib
import faulthandler
from pathlib import Path
from typing import IO

_LARGEST = 64 << 10


class CrashFile:
    """The file of this run of the program; gone, if it ends as it should."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        if path is None:
            return
        with contextlib.suppress(OSError):
            self._file = path.open("wb")
            faulthandler.enable(self._file)

    def close(self) -> None:
        """Stop watching and remove the file."""
        if self._file is None or self._path is None:
            return
        faulthandler.disable()
        self._file.close()
        self._file = None
        with contextlib.suppress(OSError):
            self._path.unlink()


def stack_in(path: Path) -> str:
    """Return what a run that is gone left in its crash file, empty if it did not crash."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode("utf-8", "backslashreplace").strip()
    except OSError:
        return ""
