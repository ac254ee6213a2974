"""How much memory there is, and the refusal of what cannot fit into it."""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from image2map_gui.core.errors import MemoryNeededError

_CGROUPS = Path("/sys/fs/cgroup")
_SPARE = 8  # one part in so many more has to be free: nothing runs to the last byte
_UNLIMITED = 1 << 60  # what systems write where there is no limit


def available(system: Path = Path("/")) -> int | None:
    """Return how many more bytes this process can have; ``None``: nobody knows.

    The least of what the system has left (with what it could swap out), what its group of
    processes may still take, and what its own limit leaves. ``system`` is the root of ``/proc`` and
    ``/sys``.
    """
    known = (_of_system(system), *_of_groups(system), _of_process(system))
    return min((size for size in known if size is not None), default=None)


def require(needed: int, doing: str, instead: str) -> None:
    """Refuse what needs more memory than there is; where nobody knows, everything may be tried.

    Parameters
    ----------
    needed
        Bytes, beyond what is taken already.
    doing, instead
        What needs them, as the beginning of a sentence, and what a person can do about it.

    Raises
    ------
    MemoryNeededError
        They are more than there are.
    """
    free = available()
    if free is not None and needed + needed // _SPARE > free:
        raise MemoryNeededError(
            f"{doing} needs about {size_text(needed)} of memory; {size_text(free)} are free. "
            f"{instead}"
        )


def size_text(size: int) -> str:
    """Return a number of bytes in words, for example ``1.9 GB``."""
    if size < 1 << 30:
        return f"{max(0, size) / (1 << 20):,.0f} MB"
    return f"{size / (1 << 30):,.1f} GB"


# --- who knows ----------------------------------------------------------------------------------


def _of_system(root: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, LookupError):
        return _of_linux(root)
    with contextlib.suppress(OSError, AttributeError, ValueError):  # not on Windows
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")  # all: at most that
    return None


def _of_linux(root: Path) -> int:
    lines = (root / "proc/meminfo").read_text("ascii").splitlines()
    facts = {
        name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)
    }
    return (facts["MemAvailable"] + facts.get("SwapFree", 0)) << 10


def _of_groups(root: Path) -> Iterator[int]:
    """Yield what the control groups of this process, as containers have, may still take."""
    with contextlib.suppress(OSError, ValueError):
        for line in (root / "proc/self/cgroup").read_text("utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers:
                yield from _left_in(root, "", path, "memory.max", "memory.current")
            elif "memory" in controllers.split(","):
                names = "memory.limit_in_bytes", "memory.usage_in_bytes"
                yield from _left_in(root, "memory", path, *names)


def _left_in(root: Path, kind: str, path: str, limit: str, taken: str) -> Iterator[int]:
    """Yield what a group and each above it leave; a container sees its own as the root."""
    top = root / _CGROUPS.relative_to("/") / kind
    place = top / path.lstrip("/")
    for folder in (place, *place.parents):
        with contextlib.suppress(OSError, ValueError):  # no such file, or no limit: "max"
            most = int((folder / limit).read_text("ascii"))
            if most < _UNLIMITED:
                yield max(0, most - int((folder / taken).read_text("ascii")) + _spare(folder))
        if folder == top:
            break


def _spare(group: Path) -> int:
    """Return how much of what a group has taken is only a copy of files, to be given back."""
    with contextlib.suppress(OSError, ValueError):
        for line in (group / "memory.stat").read_text("ascii").splitlines():
            name, _, value = line.partition(" ")
            if name in ("inactive_file", "total_inactive_file"):
                return int(value)
    return 0


def _of_process(root: Path) -> int | None:
    """Return what the limit of this process's own addresses leaves."""
    with contextlib.suppress(ImportError, OSError, ValueError, AttributeError):
        resource: Any = importlib.import_module("resource")  # not on Windows
        most, _ = resource.getrlimit(resource.RLIMIT_AS)
        if most == resource.RLIM_INFINITY:
            return None
        taken = int((root / "proc/self/statm").read_text("ascii").split()[0])
        return max(0, int(most) - taken * os.sysconf("SC_PAGE_SIZE"))
    return None
