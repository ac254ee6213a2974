"""The presence of a run of the program: its files in a folder, and a lock while it lives."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QLockFile

_LOCK = ".lock"
_SETTLED_SECONDS = 60  # after which nobody is still writing a lock
_NAMED = re.compile(r"(\d+-[0-9a-f]{8})[.-]")


class Presence:
    """The name of this run, under which its files lie in a folder that runs share.

    Who finds files whose lock is free knows that their run is gone, and how: it would have removed
    them. A lock that is held belongs to another window. ``problem`` says why nothing can be kept.
    """

    def __init__(self, folder: Path | None) -> None:
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.folder: Path | None = None
        self.problem = "this user has no home folder" if folder is None else ""
        self._lock: QLockFile | None = None
        if folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            self.problem = f"{folder} cannot be made ({error.strerror})"
            return
        lock = _lock_of(folder, self.name)
        if lock.tryLock(0):
            self._lock, self.folder = lock, folder
        else:
            self.problem = f"{folder} cannot be written to"

    def file(self, ending: str) -> Path | None:
        """Return the path of a file of this run; ``None`` if nothing can be kept."""
        return None if self.folder is None else self.folder / f"{self.name}{ending}"

    def gone(self) -> list[Gone]:
        """Return the runs that left files and are gone; each is locked until it is released."""
        if self.folder is None:
            return []
        found = []
        for name in sorted(set(_names_in(self.folder)) - {self.name}):
            lock = _lock_of(self.folder, name)
            if lock.tryLock(0) or (_is_void(self.folder, name) and lock.tryLock(0)):
                found.append(Gone(self.folder, name, lock))
        return found

    def leave(self) -> None:
        """Remove the files of this run, and say that it is gone."""
        if self._lock is None or self.folder is None:
            return
        remove_files(self.folder, self.name)
        self._lock.unlock()
        self._lock = None


class Gone:
    """A run that is gone; nobody else looks at its files before they are released."""

    def __init__(self, folder: Path, name: str, lock: QLockFile) -> None:
        self.folder = folder
        self.name = name
        self._lock = lock

    def file(self, ending: str) -> Path:
        """Return the path of a file of it."""
        return self.folder / f"{self.name}{ending}"

    def release(self) -> None:
        """Let others look at its files, the next start among them."""
        self._lock.unlock()

    def discard(self) -> None:
        """Remove its files."""
        remove_files(self.folder, self.name)
        self._lock.unlock()


def remove_files(folder: Path, name: str) -> None:
    """Remove the files of a run, but not its lock."""
    with contextlib.suppress(OSError):
        for path in list(folder.iterdir()):
            if path.name.startswith(name) and path.suffix != _LOCK:
                with contextlib.suppress(OSError):
                    path.unlink()


def _is_void(folder: Path, name: str) -> bool:
    """Whether a lock held nothing, as a power cut may leave it; then it is gone now."""
    path = folder / f"{name}{_LOCK}"
    with contextlib.suppress(OSError):
        found = path.stat()
        if not found.st_size and time.time() - found.st_mtime > _SETTLED_SECONDS:
            path.unlink()
            return True
    return False


def _lock_of(folder: Path, name: str) -> QLockFile:
    lock = QLockFile(str(folder / f"{name}{_LOCK}"))
    lock.setStaleLockTime(0)  # held for hours: only the end of its process frees it
    return lock


def _names_in(folder: Path) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            found = _NAMED.match(path.name)
            if found:
                yield found[1]
