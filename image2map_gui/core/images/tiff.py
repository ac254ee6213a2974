"""The pages of a TIFF file: where they lie, and the file as if one of them were the first."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import IO

from image2map_gui.core.errors import PictureError

SUFFIXES = frozenset({".tif", ".tiff"})
MAX_PAGES = 10_000
_ORDERS = {b"II": "<", b"MM": ">"}


class _Kind:
    """How a TIFF file writes its numbers: the usual kind, or BigTIFF."""

    def __init__(self, head: bytes) -> None:
        order = _ORDERS.get(head[:2], "")
        version = struct.unpack(f"{order}H", head[2:4])[0] if order and len(head) >= 4 else 0
        big = version == 43
        self.known = big or version == 42
        self.count = struct.Struct(f"{order}{'Q' if big else 'H'}")
        self.place = struct.Struct(f"{order}{'Q' if big else 'I'}")
        self.first = 8 if big else 4  # where the place of the first page stands
        self.entry = 20 if big else 12


def page_places(file: IO[bytes]) -> tuple[int, ...]:
    """Return where each page of a file begins; nothing if it is no TIFF at all.

    Only the chain of pages is followed, to its end, to where it bites its tail or leaves the file.

    Raises
    ------
    PictureError
        There are more than 10,000.
    """
    places = tuple(islice(_places(file), MAX_PAGES + 1))
    if len(places) > MAX_PAGES:
        raise PictureError(f"has more than {MAX_PAGES:,} pages")
    return places


def at_page(data: bytes, place: int) -> BytesIO:
    """Return a TIFF file in which the page that begins at a place is the first one."""
    kind = _Kind(data[:4])
    return _Beginning(data, data[: kind.first] + kind.place.pack(place))


class _Beginning(BytesIO):
    """Bytes that begin otherwise, without another copy of them all."""

    def __init__(self, data: bytes, beginning: bytes) -> None:
        super().__init__(data)
        self._beginning = beginning

    def read(self, size: int | None = -1) -> bytes:
        start = self.tell()
        found = super().read(size)
        ours = self._beginning[start : start + len(found)]
        return ours + found[len(ours) :] if ours else found


def _places(file: IO[bytes]) -> Iterator[int]:
    """Yield where each page begins that lies within the file."""
    kind = _Kind(file.read(4))
    if not kind.known:
        return
    size = file.seek(0, os.SEEK_END)
    seen: set[int] = set()
    place = _number(file, size, kind.first, kind.place)
    while place and place not in seen:
        entries = _number(file, size, place, kind.count)
        if not entries:
            return
        seen.add(place)
        yield place
        place = _number(file, size, place + kind.count.size + entries * kind.entry, kind.place)


def _number(file: IO[bytes], size: int, place: int, kind: struct.Struct) -> int:
    """Read a number; 0 where the file does not reach."""
    if place + kind.size > size:
        return 0
    file.seek(place)
    found = file.read(kind.size)
    return int(kind.unpack(found)[0]) if len(found) == kind.size else 0
