"""Finds pictures that are there more than once: the same bytes, or nearly the same to the eye."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import os
import stat
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.archive import read_member
from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.each import each
from image2map_gui.core.images.sources import Source
from image2map_gui.core.progress import Breath, Pace

BITS = 256  # of a print: a grid of 16 x 16 comparisons
TOLERANCE = 16  # bits that may differ
MAX_TOLERANCE = 64
_SIDE = 16
_STEP = 2  # grey levels a neighbour must be lighter by: noise on plain ground is no edge
_LOOK = 8  # pixels of the coarse picture whose colours must agree
_LOOK_APART = 10.0  # mean difference of its values
_SHAPES_APART = 0.1  # a tenth wider or narrower is another picture
_BLOCK = 1 << 20  # comparisons made at once
_CHUNK = 1 << 20  # bytes


@dataclasses.dataclass(frozen=True)
class Group:
    """Pictures that are alike, the first in the collection first."""

    exact: bool
    sources: tuple[Source, ...]


@dataclasses.dataclass(frozen=True)
class Prints:
    """What near-duplicates are known by: ``edges`` ``(n, 4)`` uint64, ``looks`` ``(n, 192)``.

    ``shapes`` ``(n,)`` are logarithms of width by height; ``known`` says of which pictures there
    is a print: some cannot be read.
    """

    sources: tuple[Source, ...]
    edges: NDArray[np.uint64]
    looks: NDArray[np.uint8]
    shapes: NDArray[np.float32]
    known: NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class Comparing:
    """How far a search for duplicates is; the last one holds the groups."""

    doing: str
    done: int
    total: int
    rate: float = 0.0
    groups: tuple[Group, ...] | None = None
    prints: Prints | None = None

    @property
    def fraction(self) -> float:
        """Share of the present part of the work that is done."""
        return self.done / self.total if self.total else 0.0

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return self.groups is not None


def finding_duplicates(
    sources: Sequence[Source],
    tolerance: int | None = None,
    prints: Prints | None = None,
) -> Iterator[Comparing]:
    """Find pictures that are there more than once, yielding after at most some 50 ms.

    Files are the same if all their bytes are; pictures of IDX and NumPy files if their pixels are.
    With a ``tolerance`` pictures are also alike if their prints differ in so many of 256 bits at
    most, and their coarse colours hardly. Every member of a group is alike to the group's first:
    a chain of small changes does not make one group.

    Parameters
    ----------
    tolerance
        ``None`` to find exact copies only.
    prints
        Those of an earlier search in the same pictures, so that no picture is decoded once more.
    """
    known = tuple(sources)
    digests = yield from _digests(known)
    if tolerance is None:
        yield Comparing("", 1, 1, groups=_exact_groups(known, digests))
        return
    if prints is None or prints.sources != known:
        prints = yield from _prints(known)
    rows = yield from _near_rows(prints, digests, tolerance)
    groups = tuple(_group(known, digests, row) for row in rows)
    yield Comparing("", 1, 1, groups=groups, prints=prints)


# --- the same bytes -----------------------------------------------------------------------------


def _digests(sources: tuple[Source, ...]) -> Generator[Comparing, None, dict[int, bytes]]:
    """Return a digest of each picture that may have a copy: a file of its size there is none of."""
    sizes: dict[int, list[int]] = defaultdict(list)
    places = [place for place, source in enumerate(sources) if source.kind != "file"]
    breath = Breath()
    for place, source in enumerate(sources):
        if source.kind == "file" and (size := _size(source.path)):
            sizes[size].append(place)
        if breath.due():
            yield Comparing("Comparing sizes", place, len(sources))
    places += [place for alike in sizes.values() if len(alike) > 1 for place in alike]
    places.sort()
    digests: dict[int, bytes] = {}
    pace = Pace()
    done = 0
    for one in each(digest, [sources[place] for place in places]):
        if one is not None:
            done += 1
            if isinstance(one[1], bytes):
                digests[places[one[0]]] = one[1] + _page(sources[places[one[0]]])
        if breath.due():
            yield Comparing("Comparing files", done, len(places), pace.rate(done))
    return digests


def digest(source: Source) -> bytes:
    """Return the SHA-256 of a file's bytes, or of the pixels of what is no encoded file.

    Raises
    ------
    PictureError
        It cannot be read.
    """
    if source.kind == "file" and source.index < 0:
        return _file_digest(source.path)
    if source.kind == "zip":
        content = read_member(source.path, source.member)
        return hashlib.sha256(content).digest()
    image = read_image(source)
    head = f"{image.mode} {image.width} {image.height} "
    return hashlib.sha256(head.encode() + image.tobytes()).digest()


def _file_digest(path: str) -> bytes:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise PictureError("is not a regular file")
        made = hashlib.sha256()
        while chunk := file.read(_CHUNK):
            made.update(chunk)
    return made.digest()


def _page(source: Source) -> bytes:
    """Return what tells the pages of a file from each other."""
    page = source.index if source.encoded else 0
    return max(0, page).to_bytes(4, "little")


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - twice as fast for many files
    except (OSError, ValueError):
        return 0


def _exact_groups(sources: tuple[Source, ...], digests: dict[int, bytes]) -> tuple[Group, ...]:
    alike: dict[bytes, list[Source]] = defaultdict(list)
    for place in sorted(digests):
        alike[digests[place]].append(sources[place])
    return tuple(Group(True, tuple(group)) for group in alike.values() if len(group) > 1)


# --- alike to the eye ---------------------------------------------------------------------------


def picture_print(source: Source) -> bytes:
    """Return what a picture is known by: where it gets lighter to the right, and coarse colours.

    The first 32 bytes are a difference hash (Krawetz 2013) of 16 x 16 comparisons; the logarithm
    of width by height follows.

    Raises
    ------
    PictureError
        It cannot be read.
    """
    image = read_image(source, at_least=(2 * _SIDE, 2 * _SIDE)).convert("RGB")
    grey = image.convert("L").resize((_SIDE + 1, _SIDE), Image.Resampling.BOX)
    shades = np.asarray(grey).astype(np.int16)
    edges = np.packbits(shades[:, 1:] > shades[:, :-1] + _STEP)
    look = image.resize((_LOOK, _LOOK), Image.Resampling.BOX)
    shape = np.float32(math.log(image.width / image.height))
    return edges.tobytes() + shape.tobytes() + look.tobytes()


def _prints(sources: tuple[Source, ...]) -> Generator[Comparing, None, Prints]:
    count = len(sources)
    edges = np.zeros((count, BITS // 64), np.uint64)
    looks = np.zeros((count, 3 * _LOOK * _LOOK), np.uint8)
    shapes = np.zeros(count, np.float32)
    known = np.zeros(count, np.bool_)
    breath, pace = Breath(), Pace()
    done = 0
    for one in each(picture_print, sources):
        if one is not None:
            done += 1
            place, said = one
            if isinstance(said, bytes):
                edges[place] = np.frombuffer(said, np.uint64, BITS // 64)
                shapes[place] = np.frombuffer(said, np.float32, 1, BITS // 8)[0]
                looks[place] = np.frombuffer(said, np.uint8, offset=BITS // 8 + shapes.itemsize)
                known[place] = True
        if breath.due():
            yield Comparing("Looking at pictures", done, count, pace.rate(done))
    return Prints(sources, edges, looks, shapes, known)


def _near_rows(
    prints: Prints, digests: dict[int, bytes], tolerance: int
) -> Generator[Comparing, None, list[list[int]]]:
    """Return groups of places; each picture joins the first earlier one that it is alike to."""
    count = len(prints.sources)
    copies = _copies(digests)
    grouped = np.zeros(count, np.bool_)
    groups: list[list[int]] = []
    breath = Breath()
    height = max(1, _BLOCK // max(1, count))
    for start in range(0, count, height):
        rows = np.arange(start, min(start + height, count))
        rows = rows[~grouped[rows]]
        near = _near(prints, rows, start, tolerance)
        for row, alike in zip(rows.tolist(), near, strict=True):
            if not grouped[row]:
                group = _joined(row, start + np.flatnonzero(alike), prints, copies, grouped)
                groups += [group] if len(group) > 1 else []
        if breath.due():
            yield Comparing("Comparing pictures", start, count)
    return groups


def _near(prints: Prints, rows: NDArray[np.intp], start: int, tolerance: int) -> NDArray[np.bool_]:
    """Return which of the pictures from ``start`` on have prints like those of some rows."""
    apart = np.zeros((len(rows), len(prints.sources) - start), np.uint16)
    for word in range(prints.edges.shape[1]):
        column = prints.edges[:, word]
        apart += np.bitwise_count(column[rows, None] ^ column[None, start:])
    return (apart <= tolerance) & prints.known[start:] & prints.known[rows, None]


def _joined(
    row: int,
    near: NDArray[np.intp],
    prints: Prints,
    copies: dict[int, list[int]],
    grouped: NDArray[np.bool_],
) -> list[int]:
    """Return the group of a picture: those near it that no other group has yet."""
    near = near[(near > row) & ~grouped[near]]
    near = near[np.abs(prints.shapes[near] - prints.shapes[row]) <= _SHAPES_APART]
    looks = prints.looks[near].astype(np.int16)
    apart = np.abs(looks - prints.looks[row].astype(np.int16)).mean(axis=1)
    members = set(near[apart <= _LOOK_APART].tolist())
    members.update(place for place in copies.get(row, ()) if place > row and not grouped[place])
    group = [row, *sorted(members)]
    grouped[group] = True
    return group


def _copies(digests: dict[int, bytes]) -> dict[int, list[int]]:
    alike: dict[bytes, list[int]] = defaultdict(list)
    for place in sorted(digests):
        alike[digests[place]].append(place)
    return {place: places for places in alike.values() if len(places) > 1 for place in places}


def _group(sources: tuple[Source, ...], digests: dict[int, bytes], places: list[int]) -> Group:
    exact = len({digests.get(place, place) for place in places}) == 1
    return Group(exact, tuple(sources[place] for place in places))


def all_but_first(groups: Iterable[Group]) -> tuple[Source, ...]:
    """Return the pictures that can go if one of each group is to stay."""
    return tuple(source for group in groups for source in group.sources[1:])
