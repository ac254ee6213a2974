"""Finds pictures that have come into folders since they were looked at last."""

from __future__ import annotations

import dataclasses
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from image2map_gui.core.errors import SourceError
from image2map_gui.core.images.sources import Found, Source, finding
from image2map_gui.core.progress import Breath

Facts = dict[str, tuple[int, int]]  # size and time of change, by path


@dataclasses.dataclass(frozen=True)
class Glance:
    """What lies in some folders; ``ready`` as long as they are still looked at is false.

    Attributes
    ----------
    folders
        The folders and all below them.
    fresh
        Pictures that were not known.
    facts
        Size and time of change of the files of ``fresh``: who is still being written changes them.
    """

    folders: tuple[str, ...] = ()
    fresh: tuple[Source, ...] = ()
    facts: Facts = dataclasses.field(default_factory=dict)
    ready: bool = False

    @property
    def fraction(self) -> float:
        """Share of the work that is done; it is not known before the end."""
        return float(self.ready)

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return self.ready


def glancing(tops: Sequence[str], known: Collection[str], pages: str = "first") -> Iterator[Glance]:
    """Look for pictures in folders whose address is not ``known``; the last value tells.

    Folders that are gone are passed over; for ``pages`` see
    :func:`~image2map_gui.core.images.sources.find_sources`.
    """
    found = Found((), ())
    try:
        for step in finding([top for top in tops if Path(top).is_dir()], pages=pages):
            found = step.found or found
            yield Glance()
    except SourceError:
        pass  # there are no pictures any more, which is no one's fault
    fresh = tuple(source for source in found.sources if source.address not in known)
    folders: list[str] = []
    breath = Breath()
    for folder in _folders_below(tops):
        folders.append(folder)
        if breath.due():
            yield Glance()
    facts: Facts = {}
    for path in {source.path for source in fresh}:
        try:
            state = os.stat(path)  # noqa: PTH116 - twice as fast for many files
        except OSError:
            continue
        facts[path] = (state.st_size, state.st_mtime_ns)
    yield Glance(tuple(folders), fresh, facts, ready=True)


def settled(now: Glance, before: Facts) -> tuple[Source, ...]:
    """Return the fresh pictures whose files have not changed since they were looked at before."""
    return tuple(
        source
        for source in now.fresh
        if source.path in now.facts and before.get(source.path) == now.facts[source.path]
    )


def labelled_like(fresh: Iterable[Source], there: Iterable[Source]) -> tuple[Source, ...]:
    """Give pictures the label that all pictures of their folder have; others keep their own."""
    labels: dict[str, set[str | None]] = defaultdict(set)
    for source in there:
        labels[os.path.dirname(source.path)].add(source.label)  # noqa: PTH120 - many, and plain
    alike = {folder: next(iter(names)) for folder, names in labels.items() if len(names) == 1}
    return tuple(
        dataclasses.replace(
            source,
            label=alike.get(os.path.dirname(source.path), source.label),  # noqa: PTH120
        )
        if source.kind == "file"
        else source
        for source in fresh
    )


def top_folders(sources: Iterable[Source]) -> tuple[str, ...]:
    """Return the folders of pictures, without those that lie in others of them."""
    folders = {os.path.dirname(one.path) for one in sources if one.kind == "file"}  # noqa: PTH120
    tops: list[str] = []
    for folder in sorted(folders, key=lambda name: Path(name).parts):
        if not tops or not Path(folder).is_relative_to(tops[-1]):
            tops.append(folder)
    return tuple(tops)


def _folders_below(tops: Sequence[str]) -> Iterator[str]:
    """Yield folders and all below them, each real folder once, hidden ones left out."""
    waiting = list(reversed(tops))
    seen: set[tuple[int, int]] = set()
    while waiting:
        folder = waiting.pop()
        try:
            state = os.stat(folder)  # noqa: PTH116 - folders are texts here
            if (state.st_dev, state.st_ino) in seen:
                continue
            seen.add((state.st_dev, state.st_ino))
            with os.scandir(folder) as entries:
                inside = [
                    entry.path
                    for entry in entries
                    if not entry.name.startswith(".") and entry.is_dir()
                ]
        except OSError:
            continue
        yield folder
        waiting += sorted(inside, reverse=True)
