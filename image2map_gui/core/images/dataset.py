"""The pictures of a collection as one table of vectors."""

from __future__ import annotations

import dataclasses
import itertools
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.sources import Found, Skipped, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.progress import Progress

_BREATH = 0.03
_AHEAD = 16  # pictures in work at once


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Pictures that were read, as vectors ``(n, d)`` float32 (read-only), with their sources."""

    spec: ImageSpec
    vectors: NDArray[np.float32]
    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...] = ()

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
        return dataclasses.replace(self, vectors=vectors, sources=sources)


@dataclasses.dataclass(frozen=True)
class Reading(Progress):
    """How far a reading has come; ``dataset`` is what was read so far."""

    spec: ImageSpec
    read: int
    _vectors: NDArray[np.float32]
    _kept: list[Source]
    _skipped: list[Skipped]

    @property
    def dataset(self) -> Dataset:
        """The pictures read so far; their rows were written once and are never touched again."""
        rows = self._vectors[: self.read]
        rows.setflags(write=False)
        return Dataset(self.spec, rows, tuple(self._kept[: self.read]), tuple(self._skipped))


def read_dataset(found: Found, spec: ImageSpec) -> Iterator[Reading]:
    """Read all pictures as vectors, on all cores; the last value yielded holds the whole dataset.

    Files that cannot be read are skipped and listed. Yields after at most some 50 ms; whoever
    stops asking keeps what was read so far.
    """
    total = len(found.sources)
    vectors = np.empty((total, spec.features), np.float32)
    kept: list[Source] = []
    skipped = list(found.skipped)
    due = time.perf_counter() + _BREATH
    done = 0
    for source, vector in _read_all(found.sources, spec):
        done += 1
        if isinstance(vector, str):
            skipped.append(Skipped(source.address, vector))
        else:
            vectors[len(kept)] = vector
            kept.append(source)
        if time.perf_counter() > due and done < total:
            yield Reading(done, total, spec, len(kept), vectors, kept, skipped)
            due = time.perf_counter() + _BREATH
    yield Reading(done, total, spec, len(kept), vectors, kept, skipped)


def _read_all(
    sources: tuple[Source, ...], spec: ImageSpec
) -> Iterator[tuple[Source, NDArray[np.float32] | str]]:
    """Yield each source with its vector, or with the reason why there is none, in order."""
    for kind, group in itertools.groupby(sources, key=lambda source: source.kind):
        if kind == "file":
            yield from _read_files(group, spec)
        else:
            for source in group:
                yield source, _read_one(source, spec)


def _read_files(
    sources: Iterable[Source], spec: ImageSpec
) -> Iterator[tuple[Source, NDArray[np.float32] | str]]:
    """Read files ahead in threads; Pillow lets go of the interpreter while it decodes."""
    waiting = iter(sources)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        work = deque(
            (source, pool.submit(_read_one, source, spec))
            for source in itertools.islice(waiting, _AHEAD)
        )
        try:
            while work:
                source, result = work.popleft()
                yield source, result.result()
                for source in itertools.islice(waiting, 1):
                    work.append((source, pool.submit(_read_one, source, spec)))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _read_one(source: Source, spec: ImageSpec) -> NDArray[np.float32] | str:
    try:
        return spec.read(source)
    except PictureError as error:
        return str(error)
