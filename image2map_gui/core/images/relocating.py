"""Finds files again that were moved: by their names, and those of the folders they were in."""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath

from image2map_gui.core.progress import Breath

_TRIED = 50  # files of a folder that are looked up to learn where it may be now


@dataclasses.dataclass(frozen=True)
class Locating:
    """How many files were looked at so far; the last one says where missing files are now.

    Attributes
    ----------
    fraction
        Share of the work that is done, 0 while it is not known.
    missing
        Paths of files that are not where they were.
    moved
        New paths of those that were found, by their old ones; ``None`` until the end.
    """

    fraction: float
    looked_at: int
    missing: frozenset[str] = frozenset()
    moved: Mapping[str, str] | None = None

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return self.moved is not None


def missing_files(paths: Iterable[str]) -> Iterator[Locating]:
    """Find out which files are not where they were; the last value yielded tells."""
    known = list(dict.fromkeys(paths))
    missing = set()
    breath = Breath()
    for count, path in enumerate(known):
        if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises for some odd names
            missing.add(path)
        if breath.due():
            yield Locating(count / len(known), count)
    yield Locating(1.0, len(known), frozenset(missing))


def locating(paths: Sequence[str], folder: Path) -> Iterator[Locating]:
    """Look for missing files in a folder and all its sub-folders; the last value tells.

    Yields after at most some 50 ms. What cannot be looked into is passed over.
    """
    missing: frozenset[str] = frozenset()
    for step in missing_files(paths):
        yield dataclasses.replace(step, fraction=0.0)
        missing = step.missing
    there: list[str] = []
    breath = Breath()
    for path in _files_below(folder):
        there.append(path)
        if breath.due():
            yield Locating(0.0, len(there), missing)
    taken = set(paths) - missing
    moved = relocated(sorted(missing), [path for path in there if path not in taken])
    yield Locating(1.0, len(there), missing, moved)


def relocated(missing: Sequence[str], there: Sequence[str]) -> dict[str, str]:
    """Return where missing files are now, by their old paths.

    All files of a folder are taken to have moved together: to the folder whose path ends with the
    most names in common, and of several such to the one that holds most of the files. Where two
    fit equally well, the files are left out rather than mistaken, as they are when only the
    smaller part of them lies in a folder of another name. No new file stands for two old ones.

    Parameters
    ----------
    missing
        Absolute paths as they were.
    there
        Absolute paths of files that may be the missing ones.
    """
    old, new = _by_folder(missing), _by_folder(there)
    homes: dict[str, list[str]] = defaultdict(list)
    for folder, names in new.items():
        for name in names:
            homes[name].append(folder)
    choices = [(_best_home(folder, names, new, homes), folder) for folder, names in old.items()]
    moved: dict[str, str] = {}
    used: set[str] = set()
    for (alike, home), folder in sorted(choices, key=lambda choice: -choice[0][0]):
        if alike < 0:
            continue
        for name in old[folder] & new[home]:
            path = os.path.join(home, name)  # noqa: PTH118 - must not be made tidy
            if path not in used:
                used.add(path)
                moved[os.path.join(folder, name)] = path  # noqa: PTH118
    return moved


def _best_home(
    folder: str, names: set[str], new: Mapping[str, set[str]], homes: Mapping[str, list[str]]
) -> tuple[int, str]:
    """Return how many names the ends of two folders have in common, and the new one; -1: none."""
    step = max(1, len(names) // _TRIED)
    tried = itertools.islice(sorted(names), 0, None, step)
    candidates = {home for name in tried for home in homes.get(name, ())}
    if not candidates:
        return -1, ""
    alike = {home: _common_tail(folder, home) for home in candidates}
    most = max(alike.values())
    counts = {home: len(names & new[home]) for home in candidates if alike[home] == most}
    best = max(counts.values())
    winners = [home for home, count in counts.items() if count == best]
    if len(winners) > 1 or (most == 0 and 2 * best < len(names)):
        return -1, ""
    return most, winners[0]


def _common_tail(first: str, second: str) -> int:
    pairs = zip(reversed(PurePath(first).parts), reversed(PurePath(second).parts), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _by_folder(paths: Iterable[str]) -> dict[str, set[str]]:
    folders: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        folder, name = os.path.split(path)
        folders[folder].add(name)
    return dict(folders)


def _files_below(top: Path) -> Iterator[str]:
    """Yield the files in a folder and all its sub-folders, each real folder once."""
    folders = [os.path.abspath(top)]  # noqa: PTH100 - keeps links as named
    seen: set[tuple[int, int]] = set()
    while folders:
        folder = folders.pop()
        try:
            facts = os.stat(folder)  # noqa: PTH116 - folders are texts here, for speed
            if (facts.st_dev, facts.st_ino) in seen:
                continue
            seen.add((facts.st_dev, facts.st_ino))
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir():
                        folders.append(entry.path)
                    else:
                        yield entry.path
        except OSError:
            continue
