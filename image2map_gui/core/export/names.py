"""Names for files and folders that any file system takes, made of whatever a label may hold."""

from __future__ import annotations

import os
import unicodedata

MOST_BYTES = 255
_FORBIDDEN = frozenset('<>:"/\\|?*')
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul"]
    + [f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)]
)
_STAND_IN = "_"


def safe_name(text: str, otherwise: str = "unnamed") -> str:
    """Return a name as near to ``text`` as file systems allow; never empty, ``.`` or ``..``.

    Separators, control characters and what no system can write become ``_``; dots and spaces at
    the ends are left out, since Windows drops them; so is the dot that would hide a file; names of
    Windows' devices get an ``_``.
    """
    plain = "".join(_allowed(one) for one in unicodedata.normalize("NFC", text))
    plain = plain.strip(" .")
    if plain.partition(".")[0].strip().lower() in _RESERVED:
        plain = _STAND_IN + plain
    return shortened(plain) or otherwise


def numbered(name: str, number: int) -> str:
    """Return a name with `` (2)`` before its ending; the first is the name itself."""
    if number < 2:
        return name
    stem, ending = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    if len(os.fsencode(ending)) > 20:  # no ending, but a dot in a long name
        stem, ending = name, ""
    return shortened(stem, f" ({number}){ending}")


def shortened(stem: str, ending: str = "") -> str:
    """Return stem and ending, the stem cut so that both have no more than 255 bytes."""
    room = MOST_BYTES - len(os.fsencode(ending))
    while len(os.fsencode(stem)) > room:
        stem = stem[:-1] if len(stem) <= room else stem[:room]
    return (stem.rstrip(" .") if not ending else stem) + ending


def alike(name: str) -> str:
    """Return the same text for names that some file system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _allowed(one: str) -> str:
    bad = one in _FORBIDDEN or unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return _STAND_IN if bad else one
