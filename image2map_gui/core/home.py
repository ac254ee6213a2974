"""Paths below the home folder, told without its name: that is often a person's."""

from __future__ import annotations

import functools
import os
from pathlib import Path

_SIGN = "~"
_SEPARATORS = tuple({os.sep, os.altsep or os.sep})


def without_home(path: str) -> str:
    """Return a path as ``~/...`` if it is below the home folder, else as it is.

    >>> without_home("/data/a.png")
    '/data/a.png'
    """
    for home in _homes():
        rest = path[len(home) :]
        if os.path.normcase(path[: len(home)]) == os.path.normcase(home) and (
            not rest or rest.startswith(_SEPARATORS)
        ):
            return _SIGN + rest
    return path


def with_home(path: str) -> str:
    """Return a path that :func:`without_home` has told in full again, here and now."""
    homes = _homes()
    rest = path.removeprefix(_SIGN)
    if not homes or rest == path or (rest and not rest.startswith(_SEPARATORS)):
        return path
    return homes[0] + rest


def _homes() -> list[str]:
    """Return the home folder as it is named and as it really is; nothing where there is none."""
    return _names_of(os.path.expanduser("~"))  # noqa: PTH111 - asked for each of many paths


@functools.lru_cache(maxsize=2)
def _names_of(home: str) -> list[str]:
    names = dict.fromkeys((home, os.path.realpath(home)))
    return [name for name in names if Path(name).is_absolute() and len(Path(name).parts) > 1]
