"""The pictures of a collection as one table of vectors."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import itertools
import math
import os
import struct
import time
from collections.abc import Generator, Iterator
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.decode import read_content
from image2map_gui.core.images.pool import apart_in_order
from image2map_gui.core.images.projection import Projection
from image2map_gui.core.images.sources import FileFacts, Found, Skipped, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.memory import require
from image2map_gui.core.progress import Progress

_BREATH = 0.03
_AHEAD_BYTES = 64 << 20  # of vectors that may wait for one picture that takes long
_WORTH_A_HELPER = 32  # pictures

_FACTS = struct.Struct("<qq32s")  # size, time of the last change, SHA-256
_UNKNOWN = bytes(_FACTS.size)

_Read = tuple[Source, bytes | str]  # as _read_bytes makes them, or the reason why there are none


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Pictures that were read, as vectors ``(n, d)`` float32 (read-only), with their sources.

    Attributes
    ----------
    projection
        What the vectors went through after reading; ``None`` as they were read.
    thumbs
        The prepared pictures, ``(n, height, width, 3)``, where the vectors are none.
    """

    spec: ImageSpec
    vectors: NDArray[np.float32]
    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...] = ()
    projection: Projection | None = None
    thumbs: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.sources)

    @property
    def labels(self) -> tuple[str | None, ...]:
        """The label of each picture, where it has one."""
        return tuple(source.label for source in self.sources)

    def split(self, share: float, seed: int) -> tuple[Dataset, Dataset]:
        """Divide at random into ``share`` of the pictures (at least one) and the rest."""
        count = max(1, round(share * len(self)))
        if count >= len(self):
            return self, self.take(np.zeros(0, np.intp))
        order = np.random.default_rng(seed).permutation(len(self))
        return self.take(np.sort(order[:count])), self.take(np.sort(order[count:]))

    def take(self, rows: NDArray[np.intp]) -> Dataset:
        """Return some of the pictures, in the order of ``rows``."""
        vectors = self.vectors[rows]
        vectors.setflags(write=False)
        sources = tuple(self.sources[row] for row in rows)
        thumbs = None if self.thumbs is None else self.thumbs[rows]
        return dataclasses.replace(self, vectors=vectors, sources=sources, thumbs=thumbs)

    def fitted(self, rows: NDArray[np.intp] | None = None) -> Dataset:
        """Return the pictures as a new map is to see them.

        What the spec wants of a whole collection is measured on all of them, or on some ``rows``,
        so that those kept for testing have no part in it.
        """
        if not self.spec.fitted or self.projection is not None or not len(self):
            return self
        some = self.vectors if rows is None or not len(rows) else self.vectors[rows]
        return self.projected(self.spec.fit_to(some))

    def projected(self, projection: Projection | None) -> Dataset:
        """Return pictures as they were read as the map with this projection sees them."""
        if projection is None:
            return self
        vectors = projection.apply(self.vectors)
        vectors.setflags(write=False)
        return dataclasses.replace(self, vectors=vectors, projection=projection)

    def joined(self, fresh: Dataset) -> Dataset:
        """Return these pictures followed by others as they were read, projected like these."""
        added = fresh.projected(self.projection)
        vectors = np.concatenate([self.vectors, added.vectors])
        vectors.setflags(write=False)
        thumbs = None
        if self.thumbs is not None and fresh.thumbs is not None:
            thumbs = np.concatenate([self.thumbs, fresh.thumbs])
        return dataclasses.replace(
            self,
            vectors=vectors,
            sources=self.sources + fresh.sources,
            skipped=self.skipped + fresh.skipped,
            thumbs=thumbs,
        )

    def pictures(self, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
        """Return some of the pictures as the map sees them, ``(n, height, width, channels)``."""
        if self.thumbs is not None:
            return np.asarray(self.thumbs[rows])
        return self.spec.pictures(self.vectors[rows], self.projection)


@dataclasses.dataclass(frozen=True)
class Reading(Progress):
    """How far a reading has come; ``dataset`` is what was read so far."""

    spec: ImageSpec
    read: int
    _vectors: NDArray[np.float32]
    _thumbs: NDArray[np.uint8] | None
    _kept: list[Source]
    _skipped: list[Skipped]

    @property
    def dataset(self) -> Dataset:
        """The pictures read so far; their rows were written once and are never touched again."""
        rows = self._vectors[: self.read]
        rows.setflags(write=False)
        thumbs = None if self._thumbs is None else self._thumbs[: self.read]
        sources, skipped = tuple(self._kept[: self.read]), tuple(self._skipped)
        return Dataset(self.spec, rows, sources, skipped, thumbs=thumbs)


def read_dataset(found: Found, spec: ImageSpec) -> Generator[Reading, None, None]:
    """Read all pictures as vectors, on all cores; the last value yielded holds the whole dataset.

    Files are decoded in helper processes, so that one that hangs or kills its decoder is skipped
    like any other that cannot be read; all those are listed. Yields after at most some 50 ms;
    whoever stops asking keeps what was read so far.

    Raises
    ------
    MemoryNeededError
        The vectors cannot fit into the memory that is free.
    """
    total, length = len(found.sources), spec.length
    check_room(total, spec)
    vectors = np.empty((total, length), np.float32)
    thumbs = None if spec.plain else np.empty((total, *spec.shape), np.uint8)
    kept: list[Source] = []
    skipped = list(found.skipped)
    due = time.perf_counter() + _BREATH
    done = 0
    for one in _read_all(found.sources, spec):
        if one is not None:
            done += 1
            source, answer = one
            if isinstance(answer, str):
                skipped.append(Skipped(source.address, answer))
            else:
                vectors[len(kept)] = np.frombuffer(answer, np.float32, length, _FACTS.size)
                if thumbs is not None:
                    thumb = np.frombuffer(answer, np.uint8, offset=_FACTS.size + 4 * length)
                    thumbs[len(kept)] = thumb.reshape(spec.shape)
                kept.append(_with_facts(source, answer))
        if time.perf_counter() > due and done < total:
            yield Reading(done, total, spec, len(kept), vectors, thumbs, kept, skipped)
            due = time.perf_counter() + _BREATH
    yield Reading(done, total, spec, len(kept), vectors, thumbs, kept, skipped)


def check_room(count: int, spec: ImageSpec, before: int = 0) -> None:
    """Refuse to read pictures that cannot fit into the memory that is free.

    Parameters
    ----------
    before
        How many pictures were read already that these are to be joined with, in a copy of both.

    Raises
    ------
    MemoryNeededError
        They cannot; the message has the figures.
    """
    each = 4 * spec.length * (2 if spec.fitted else 1)
    each += 0 if spec.plain else math.prod(spec.shape)
    together = (2 * count + before if before else count) * each
    width, height = spec.size
    doing = f"Reading {count:,} pictures at {width} x {height} pixels"
    require(together, doing, "Choose a smaller picture size or fewer pictures.")


def _read_all(sources: tuple[Source, ...], spec: ImageSpec) -> Iterator[_Read | None]:
    """Yield each source with its vector, or with the reason why there is none, in order.

    ``None`` gives whoever waits for the next one an occasion to do something else.
    """
    for encoded, group in itertools.groupby(sources, key=attrgetter("encoded")):
        if encoded:
            yield from _read_files(list(group), spec)
        else:
            for source in group:
                yield source, _read_one(source, spec)


def _read_files(sources: list[Source], spec: ImageSpec) -> Iterator[_Read | None]:
    reader = functools.partial(_read_bytes, spec)
    most = 1 + len(sources) // _WORTH_A_HELPER
    ahead = max(_AHEAD_BYTES // (4 * spec.length), 4 * most)
    for one in apart_in_order(reader, sources, most=most, ahead=ahead):
        if one is None:
            yield None
        else:
            yield sources[one.index], one.answer


def _read_bytes(spec: ImageSpec, source: Source) -> bytes:
    """Return what a file was like, its vector, and the picture where the vector is none."""
    content, facts = None, _UNKNOWN
    if source.kind == "file":
        content = read_content(source)
        changed = os.stat(source.path).st_mtime_ns  # noqa: PTH116 - quicker
        facts = _FACTS.pack(len(content), changed, hashlib.sha256(content).digest())
    vector, picture = spec.read(source, content)
    return facts + vector.tobytes() + picture.tobytes()


def _with_facts(source: Source, answer: bytes) -> Source:
    """Return a source with what its file was like when it was read."""
    if source.kind != "file":
        return source
    size, mtime, sha256 = _FACTS.unpack_from(answer)
    facts = FileFacts(size, mtime, sha256)
    return Source(source.path, source.index, source.label, source.kind, source.member, facts)


def _read_one(source: Source, spec: ImageSpec) -> bytes | str:
    try:
        return _read_bytes(spec, source)
    except PictureError as error:
        return str(error)
