"""Locks on projects: two windows that have the same one open know of each other."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from PySide6.QtCore import QLockFile


class Locks:
    """The projects that this window may save; a lock of a process that is gone counts for nothing.

    The locks lie in a folder of this user, so that they work for projects in any place. Without
    such a folder everything may be saved: a file that somebody else changed is told in any case.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._held: dict[str, QLockFile] = {}

    def keep_in(self, folder: Path | None) -> None:
        """Use another folder from now on."""
        self._folder = folder

    def take(self, path: Path) -> str:
        """Take the lock of a project; returns who has it, empty if it is taken now."""
        name = _name(path)
        if self._folder is None or name in self._held:
            return ""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            return ""
        lock = QLockFile(str(self._folder / name))
        lock.setStaleLockTime(0)  # held for hours: only the end of its process frees it
        if lock.tryLock(0):
            self._held[name] = lock
        elif lock.error() == QLockFile.LockError.LockFailedError:
            process, host, _ = lock.getLockInfo()
            return f"process {process} on {host}"
        return ""

    def keep(self, path: Path | None) -> None:
        """Let go of all but one."""
        kept = "" if path is None else _name(path)
        for name in [name for name in self._held if name != kept]:
            self._held.pop(name).unlock()


def _name(path: Path) -> str:
    whole = os.path.realpath(path)  # links to one file are one project
    return hashlib.sha256(os.fsencode(whole)).hexdigest()[:32] + ".lock"
