"""Writes a file whole or not at all, and tells whether somebody else wrote it in the meantime."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import os
import platform
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))
_NO_FOLDER_SYNC = frozenset((errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.EOPNOTSUPP))
_TAIL = 1 << 16
_WINDOWS = os.name == "nt"
_WAITS = (0.05, 0.05, 0.1, 0.1, 0.1, 0.15, 0.15, 0.2, 0.2, 0.2)  # seconds
_DAY = 86_400  # seconds
# .NAME.HOST-PROCESS-RANDOM.part: hidden, and it tells whose it was, so that it can be swept.
_UNFINISHED = re.compile(r"\..*\.([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{8}\.part", re.DOTALL)


class NotConfirmedError(OSError):
    """The new file is in place, but the disk did not confirm that its name will last."""


@dataclasses.dataclass(frozen=True)
class Fingerprint:
    """What a file was like; another one tells that somebody wrote to it since.

    ``tail`` is the SHA-256 of its last 64 KB: those of a project hold the checksums of all of it.
    """

    size: int
    mtime: int
    tail: str


def fingerprint(path: Path) -> Fingerprint | None:
    """Return what a file is like now; ``None`` if there is none, or it cannot be looked at."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as file:
            return fingerprint_of(file) if stat.S_ISREG(os.fstat(handle).st_mode) else None
    except (OSError, ValueError):
        return None


def fingerprint_of(file: IO[bytes]) -> Fingerprint:
    """Return what an open file is like now; it is read at its end afterwards."""
    file.flush()
    facts = os.fstat(file.fileno())
    file.seek(max(0, facts.st_size - _TAIL))
    tail = hashlib.sha256(file.read(_TAIL)).hexdigest()
    return Fingerprint(facts.st_size, facts.st_mtime_ns, tail)


@contextlib.contextmanager
def replacing(
    path: Path,
    *,
    needed: int = 0,
    backup: Path | None = None,
    last_check: Callable[[], None] | None = None,
) -> Iterator[IO[bytes]]:
    """Open a temporary file that takes the place of ``path`` when the block ends without an error.

    The data reach the disk before the name does, so that after a crash or on a full disk the old
    file is still there, whole. On an error the temporary file is removed and the error goes on;
    one that was left by a process that was killed is removed by the next one that writes into the
    folder. A link is followed, not replaced.

    Parameters
    ----------
    needed
        Bytes that will be written, as far as is known; told when the disk is full.
    backup
        Where the old file is kept. There is no moment without a file at ``path``.
    last_check
        Called when all is on the disk and only the names are to be changed; what it raises stops
        that.

    Raises
    ------
    OSError
        The folder cannot be written to, the file is read-only, or the disk is full.
    NotConfirmedError
        The new file is there, but whether it will be after a power failure is not known.
    """
    path = path.resolve() if path.is_symlink() else path
    mode = _mode_for(path)
    sweep(path.parent)
    made, handle = _created(path, 0o666 if mode is None else 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            with contextlib.suppress(OSError):  # some drives have no rights; it stays private
                made.chmod(mode)
        if last_check is not None:
            last_check()
        if backup is not None:
            _keep(path, backup)
        _put(made, path)
    except BaseException as error:
        needed = max(needed, _size(made))
        with contextlib.suppress(OSError):
            made.unlink()
        if isinstance(error, OSError) and error.errno in _FULL:
            raise OSError(error.errno, _no_room(path.parent, needed)) from error
        raise
    _sync_folder(path.parent)


@contextlib.contextmanager
def unfinished(folder: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Open a file in a folder that goes with the block's end, unless :func:`settle` named it."""
    path, handle = _created(folder / "new", 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            yield path, file
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def settle(made: Path, path: Path) -> None:
    """Give an unfinished file, written and closed or flushed, its name; nothing is replaced.

    Raises
    ------
    FileExistsError
        The name is taken.
    """
    try:
        path.hardlink_to(made)
        return
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, "is there already", str(path)) from None
    except OSError:  # a file system without links
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    _put(made, path)


def sweep(folder: Path) -> int:
    """Remove what processes that are gone left unfinished in a folder; returns how many files.

    Nothing is touched of processes that are alive, or that ran on another computer. On Windows
    nothing tells whether a process is alive: there a day without a change does.
    """
    count = 0
    with contextlib.suppress(OSError, ValueError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".part") and _orphaned(entry):
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()
                    count += 1
    return count


def _mode_for(path: Path) -> int | None:
    """Return the rights that the new file is to have; ``None`` where there is no old one."""
    if not path.exists():
        return None
    if not path.is_file():  # a device would be replaced by a file
        raise OSError(errno.EINVAL, "it is not a regular file")
    mode = path.stat().st_mode & 0o777
    # Renaming asks only for the rights of the folder, and the superuser has all rights.
    if not mode & 0o222 or not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "it is read-only")
    return mode


def _created(path: Path, mode: int) -> tuple[Path, int]:
    """Make a new file beside another; returns it with its handle."""
    while True:
        made = _beside(path)
        with contextlib.suppress(FileExistsError):
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            return made, os.open(made, flags, mode)


def _beside(path: Path) -> Path:
    """Return a new name for what is to be at ``path`` later."""
    mine = f"{_host()}-{os.getpid()}-{secrets.token_hex(4)}"
    return path.with_name(f".{path.name[:40]}.{mine}.part")


def _host() -> str:
    """Return a short name for this computer, since folders may be shared between several."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _orphaned(entry: os.DirEntry[str]) -> bool:
    """Whether this is an unfinished file whose process is gone."""
    found = _UNFINISHED.fullmatch(entry.name)
    if found is None or found[1] != _host():
        return False
    if _WINDOWS:  # there a signal 0 would kill
        with contextlib.suppress(OSError):
            return entry.stat().st_mtime < time.time() - _DAY
        return False
    try:
        os.kill(int(found[2]), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # it is somebody else's
        return False
    return False


def _keep(path: Path, backup: Path) -> None:
    """Let the file at ``path`` be found at ``backup`` too, as far as the disk can do it.

    A copy that cannot be made is no reason not to save.
    """
    if not path.exists():
        return
    second = _beside(backup)
    with contextlib.suppress(OSError):
        try:
            try:
                second.hardlink_to(path)
            except OSError:  # a file system without links
                shutil.copy2(path, second)
            _put(second, backup)
        finally:
            second.unlink(missing_ok=True)  # there still if it is the backup already, too


def _put(made: Path, path: Path) -> None:
    """Give a file the name of another, which is gone then.

    On Windows it is tried for a while: scanners of viruses and drives in a cloud hold a file that
    was just written.
    """
    for seconds in _WAITS if _WINDOWS else ():
        try:
            os.replace(made, path)  # noqa: PTH105 - as the tests of faults watch it
        except PermissionError:
            time.sleep(seconds)
        else:
            return
    os.replace(made, path)  # noqa: PTH105


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0


def _no_room(folder: Path, needed: int) -> str:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return "no space left on the disk"
    wanted = f"{_amount(needed)} needed, " if needed else ""
    return f"no space left on the disk: {wanted}{_amount(free)} free"


def _amount(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count:,} bytes"


def _sync_folder(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows and some network drives cannot open a folder
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            told = f"the new file is in place, but the disk did not confirm it: {error.strerror}"
            raise NotConfirmedError(error.errno, told) from None
    finally:
        with contextlib.suppress(OSError):  # it is confirmed already, or not
            os.close(handle)
