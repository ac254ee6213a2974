"""The pictures in a project file: by reference, as columns of arrays, there and back."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from image2map_gui.core.home import with_home, without_home
from image2map_gui.core.images.sources import FileFacts, Skipped, Source
from image2map_gui.core.progress import Breath
from image2map_gui.core.project.arrays import Arrays, packed_texts, stored_texts
from image2map_gui.core.project.checks import require

KINDS = ("file", "idx", "sample", "zip", "npy")
_HASH = 32  # bytes
_UNKNOWN = -1


def packed_pictures(
    sources: tuple[Source, ...], project: Path, *, absolute: bool
) -> Generator[None, None, Arrays]:
    """Return pictures as columns: each folder, file and label once; yields now and then.

    Parameters
    ----------
    project
        Where the project will be: folders are also told as seen from there.
    absolute
        Whether folders are told as seen from the root, too.
    """
    files: dict[tuple[str, str], int] = {}
    facts: list[FileFacts | None] = []
    labels: dict[str | None, int] = {None: -1}
    rows = np.empty((len(sources), 4), np.int64)
    breath = Breath()
    for row, source in enumerate(sources):
        place = files.setdefault(os.path.split(source.path), len(files))
        if place == len(facts):
            facts.append(source.facts)
        label = labels.setdefault(source.label, len(labels) - 1)
        rows[row] = place, KINDS.index(source.kind), source.index, label
        if breath.due():
            yield
    names = ("picture_files", "picture_kinds", "picture_indices", "picture_labels")
    arrays = dict(zip(names, rows.T, strict=True))
    arrays |= packed_texts("label_names", [label for label in labels if label is not None])
    if any(source.member for source in sources):
        arrays |= packed_texts("picture_members", [source.member for source in sources])
    arrays |= _packed_facts(facts)
    yield
    folders: dict[str, int] = {}
    places = [folders.setdefault(folder, len(folders)) for folder, _ in files]
    arrays["file_folders"] = np.array(places, np.int64)
    arrays |= packed_texts("file_names", [name for _, name in files])
    ways, here = [], project.resolve().parent
    for folder in folders:
        ways.append(_way(folder, here))
        if breath.due():
            yield
    # Without a way from here, as to another drive, there is nothing but the whole path.
    told = [
        without_home(folder) if absolute or not way else ""
        for folder, way in zip(folders, ways, strict=True)
    ]
    return arrays | packed_texts("folder_paths", told) | packed_texts("folder_ways", ways)


def _way(folder: str, here: Path) -> str:
    """Return a folder as seen from another one; empty if there is no way but through the home."""
    told, from_here = without_home(folder), without_home(str(here))
    if not folder or (told != folder and from_here == str(here)):
        return ""
    both = told != folder  # and the home may have two names
    try:
        return os.path.relpath(told, from_here) if both else os.path.relpath(folder, here)
    except ValueError:  # another drive
        return ""


def _packed_facts(facts: list[FileFacts | None]) -> Arrays:
    sizes = [_UNKNOWN if one is None else one.size for one in facts]
    times = [_UNKNOWN if one is None else one.mtime for one in facts]
    arrays: Arrays = {
        "file_sizes": np.array(sizes, np.int64),
        "file_times": np.array(times, np.int64),
    }
    hashes = [b"" if one is None else one.sha256 for one in facts]
    if any(hashes):
        whole = b"".join(one.ljust(_HASH, b"\0") for one in hashes)
        arrays["file_hashes"] = np.frombuffer(whole, np.uint8).reshape(-1, _HASH)
    return arrays


def stored_pictures(arrays: Arrays, project: Path) -> Generator[None, None, tuple[Source, ...]]:
    """Rebuild the pictures; a folder beside the project counts if the old place is gone."""
    paths, facts = yield from _paths(arrays, project)
    labels = [*stored_texts("label_names", arrays), None]  # the last one stands for -1
    files, kinds = arrays["picture_files"], arrays["picture_kinds"]
    indices, marks = arrays["picture_indices"], arrays["picture_labels"]
    require(all(column.ndim == 1 for column in (files, kinds, indices, marks)))
    require(files.shape == kinds.shape == indices.shape == marks.shape)
    for column, low, high in (
        (files, 0, len(paths)), (kinds, 0, len(KINDS)), (marks, -1, len(labels) - 1),
    ):  # fmt: skip
        require(not len(column) or (int(column.min()) >= low and int(column.max()) < high))
    require(not len(indices) or int(indices.min()) >= -1)
    members = stored_texts("picture_members", arrays) or [""] * len(files)
    require(len(members) == len(files))
    sources, breath = [], Breath()
    for file, kind, index, mark, member in zip(
        files.tolist(), kinds.tolist(), indices.tolist(), marks.tolist(), members, strict=True
    ):
        require(KINDS[kind] == "npy" or bool(member) == (KINDS[kind] == "zip"))
        sources.append(Source(paths[file], index, labels[mark], KINDS[kind], member, facts[file]))
        if breath.due():
            yield
    return tuple(sources)


def _paths(
    arrays: Arrays, project: Path
) -> Generator[None, None, tuple[list[str], list[FileFacts | None]]]:
    """Return the path of each file and what it was like."""
    here, breath = project.resolve().parent, Breath()
    pairs = list(
        zip(stored_texts("folder_paths", arrays), stored_texts("folder_ways", arrays), strict=True)
    )
    names, places = stored_texts("file_names", arrays), arrays["file_folders"]
    sizes = arrays["file_sizes"]
    require(places.shape == sizes.shape == (len(names),))
    require(not len(names) or (int(places.min()) >= 0 and int(places.max()) < len(pairs)))
    _, first = np.unique(places, return_index=True)  # file of each folder
    known = {int(places[file]): int(file) for file in first}
    folders = []
    for number, (path, way) in enumerate(pairs):
        file = known.get(number)
        name, size = ("", _UNKNOWN) if file is None else (names[file], int(sizes[file]))
        folders.append(_folder(path, way, here, name, size))
        if breath.due():
            yield
    paths = []
    for name, place in zip(names, places.tolist(), strict=True):
        folder = folders[place]
        paths.append(os.path.join(folder, name) if folder else name)  # noqa: PTH118 - not tidied
        if breath.due():
            yield
    facts = yield from _stored_facts(arrays, len(names))
    return paths, facts


def _folder(path: str, way: str, here: Path, name: str, size: int) -> str:
    """Return where a folder is: where it was or beside the project, by one of its files.

    Another person has folders of the same names, and perhaps even files.
    """
    path = with_home(path)
    if not way:
        return path
    beside = os.path.normpath(here / way)
    if not path:
        return beside
    for place in (path, beside):
        if size != _UNKNOWN and _size_of(place, name) == size:
            return place
    for place in (path, beside):
        if os.path.lexists(os.path.join(place, name)):  # noqa: PTH118 - not tidied
            return place
    return path if os.path.lexists(path) or not os.path.lexists(beside) else beside


def _size_of(folder: str, name: str) -> int:
    """Return how long a file is, -1 if there is none."""
    try:
        return os.stat(os.path.join(folder, name)).st_size  # noqa: PTH116, PTH118 - not tidied
    except (OSError, ValueError):
        return _UNKNOWN


def _stored_facts(arrays: Arrays, count: int) -> Generator[None, None, list[FileFacts | None]]:
    sizes, times = arrays["file_sizes"], arrays["file_times"]
    require(sizes.shape == times.shape == (count,))
    hashes = b""
    if "file_hashes" in arrays:
        require(arrays["file_hashes"].shape == (count, _HASH))
        hashes = arrays["file_hashes"].tobytes()
    facts: list[FileFacts | None] = []
    unknown, breath = bytes(_HASH), Breath()
    for size, mtime in zip(sizes.tolist(), times.tolist(), strict=True):
        start = _HASH * len(facts)
        sha = hashes[start : start + _HASH]
        sha = b"" if sha == unknown else sha
        facts.append(None if size == _UNKNOWN else FileFacts(size, mtime, sha))
        if breath.due():
            yield
    return facts


def packed_skipped(skipped: tuple[Skipped, ...], project: Path, *, absolute: bool) -> Arrays:
    """Return files that were left out, and why."""
    paths: Iterable[str] = (without_home(one.path) for one in skipped)
    if not absolute:
        here = project.resolve().parent
        paths = (_way(one.path, here) or without_home(one.path) for one in skipped)
    return packed_texts("skipped_paths", list(paths)) | packed_texts(
        "skipped_reasons", [one.reason for one in skipped]
    )


def stored_skipped(arrays: Arrays) -> tuple[Skipped, ...]:
    """Rebuild the files that were left out."""
    pairs = zip(
        stored_texts("skipped_paths", arrays), stored_texts("skipped_reasons", arrays), strict=True
    )
    return tuple(Skipped(with_home(path), reason) for path, reason in pairs)


def packed_rows(*groups: Iterable[int]) -> Arrays:
    """Return the places of pictures in the collection, of one group after the other."""
    rows: list[int] = []
    for group in groups:
        rows += group
    return {"picture_rows": np.array(rows, np.int64)}


class Rows:
    """The places of pictures, from which one group after the other takes its own."""

    def __init__(self, arrays: Arrays, sources: tuple[Source, ...]) -> None:
        self._rows = arrays["picture_rows"]
        self._sources = sources
        self._taken = 0
        require(self._rows.ndim == 1)

    def take(self, count: Any) -> frozenset[str]:
        """Take a group of so many; returns the addresses of its pictures."""
        require(type(count) is int and 0 <= count <= len(self._rows) - self._taken)
        rows = self._rows[self._taken : self._taken + count]
        self._taken += count
        require(bool((np.diff(rows) > 0).all()))
        require(not count or (int(rows[0]) >= 0 and int(rows[-1]) < len(self._sources)))
        return frozenset(self._sources[row].address for row in rows.tolist())

    @property
    def emptied(self) -> bool:
        """Whether nothing is left that belongs to no group."""
        return self._taken == len(self._rows)
