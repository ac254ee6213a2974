"""Copies of the pictures in folders by unit, cluster or label; the pictures stay where they are."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import io
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from natsort import natsorted

from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.analysis.clusters import cluster_labels, cluster_units
from image2map_gui.core.errors import Image2MapError, ParameterError, PictureError
from image2map_gui.core.export.names import alike, numbered, safe_name
from image2map_gui.core.files import settle, sweep, unfinished
from image2map_gui.core.images.archive import read_member
from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.each import each
from image2map_gui.core.images.sources import Skipped, Source
from image2map_gui.core.progress import Breath, Progress
from image2map_gui.core.project.project import Project
from image2map_gui.core.som.grid import Grid

UNIT, CLUSTER, LABEL = "unit", "cluster", "label"
ORDERS = (UNIT, CLUSTER, LABEL)
NO_LABEL = "no label"
_CHUNK = 1 << 20
_TO_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
# What goes wrong with every further picture too.
_HOPELESS = frozenset({errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)})


@dataclasses.dataclass(frozen=True)
class Folder:
    """One folder to be: its name, what it stands for, and the pictures for it."""

    name: str
    title: str
    sources: tuple[Source, ...]


@dataclasses.dataclass(frozen=True)
class Plan:
    """Which pictures go into which folder; ``left_out`` have no unit and so no place."""

    folders: tuple[Folder, ...]
    left_out: int = 0

    @property
    def pictures(self) -> int:
        """How many pictures are to be copied."""
        return sum(len(folder.sources) for folder in self.folders)


@dataclasses.dataclass(frozen=True)
class Copying(Progress):
    """How far the copying has come; the last step tells which pictures could not be copied."""

    copied: int
    failed: tuple[Skipped, ...] = ()


def plan_folders(
    project: Project, by: str, method: str = "ward", clusters: int | None = None
) -> Plan:
    """Share the pictures of a project out to folders.

    Parameters
    ----------
    by
        ``unit`` (rows and columns count from 1), ``cluster`` of the units, or ``label``, where
        pictures without one get a folder too. By label, pictures that are not on the map go along.
    method, clusters
        How units are put together, see :func:`cluster_units`.

    Raises
    ------
    ParameterError
        There is no such order, no map, not as many units, or no picture has a label.
    """
    if by not in ORDERS:
        raise ParameterError(f"Pictures cannot be copied by '{by}': {', '.join(ORDERS)}.")
    if by == LABEL:
        return _by_label(project.sources)
    if project.model is None:
        raise ParameterError("There is no map yet that could tell pictures apart; train one.")
    titles, of_units = _units(Grid.of(project.params)), np.arange(project.params.units)
    if by == CLUSTER:
        found = cluster_units(project.model.weights, project.model.grid, method, clusters)
        of_units = found.of_units
        digits = len(str(found.count))
        labels = cluster_labels(project.model, of_units)
        titles = [
            f"cluster {place:0{digits}} {label}".rstrip() for place, label in enumerate(labels, 1)
        ]
    groups: dict[int, list[Source]] = {}
    for source, unit in zip(project.sources, project.picture_units.tolist(), strict=True):
        if unit >= 0:
            groups.setdefault(int(of_units[unit]), []).append(source)
    folders = tuple(
        Folder(safe_name(titles[g]), titles[g], tuple(groups[g])) for g in sorted(groups)
    )
    return Plan(folders, int(np.count_nonzero(project.picture_units < 0)))


def _units(grid: Grid) -> list[str]:
    high, wide = len(str(grid.rows)), len(str(grid.columns))
    high, wide = max(2, high), max(2, wide)
    return [
        f"row {row + 1:0{high}} column {column + 1:0{wide}}" for row, column in grid.cells.tolist()
    ]


def _by_label(sources: Sequence[Source]) -> Plan:
    groups: dict[str | None, list[Source]] = {}
    for source in sources:
        groups.setdefault(source.label, []).append(source)
    if not groups.keys() - {None}:
        raise ParameterError("No picture has a label; copy them by unit or by cluster.")
    return _labelled(groups)


def _labelled(groups: dict[str | None, list[Source]]) -> Plan:
    labels = natsorted(label for label in groups if label is not None)
    taken: dict[str, int] = {}
    folders = [
        Folder(_distinct(safe_name(label), taken), label, tuple(groups[label])) for label in labels
    ]
    if None in groups:
        folders.append(Folder(_distinct(NO_LABEL, taken), NO_LABEL, tuple(groups[None])))
    return Plan(tuple(folders))


def plan_answers(matches: Sequence[Match]) -> Plan:
    """Share classified pictures out to folders by the labels they were given.

    Those that were given none, on a map without labels or because they were rejected, get a folder
    too.
    """
    groups: dict[str | None, list[Source]] = {}
    for match in matches:
        groups.setdefault(match.label, []).append(match.source)
    return _labelled(groups)


def _distinct(name: str, taken: dict[str, int]) -> str:
    """Return a name that none of those before has, on no file system."""
    number = taken.get(alike(name), 0) + 1
    while alike(made := numbered(name, number)) in taken:
        number += 1
    taken[alike(name)] = number
    taken.setdefault(alike(made), 1)
    return made


def check_place(plan: Plan, out: Path, *, into_existing: bool = False) -> None:
    """Find out whether the folders of a plan may be made in ``out``.

    Raises
    ------
    Image2MapError
        It is no folder, its parent is not there, it is not empty (unless ``into_existing``), or it
        lies in a folder that the pictures come from.
    """
    try:
        if out.is_symlink() and not out.exists():
            raise Image2MapError(f"{out}: is a link that leads nowhere; name another folder.")
        if out.exists() and not out.is_dir():
            raise Image2MapError(f"{out}: is a file; name a folder.")
        if not out.absolute().parent.is_dir():
            raise Image2MapError(f"{out}: there is no folder {out.parent}; make it first.")
        used = out.is_dir() and next(out.iterdir(), None) is not None
        place = out.resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise Image2MapError(f"{out}: cannot be used ({_why(error)}).") from None
    if used and not into_existing:
        raise Image2MapError(
            f"{out}: is not empty; name a new folder, or allow it (--into-existing): "
            "nothing in it is replaced."
        )
    origins = _origins(source for folder in plan.folders for source in folder.sources)
    for target in (place, *(_resolved(place / folder.name) for folder in plan.folders)):
        inside = next((str(one) for one in (target, *target.parents) if str(one) in origins), None)
        if inside is not None:
            raise Image2MapError(
                f"{out}: lies in {inside}, where the pictures come from; the copies would be taken "
                "for pictures of the collection. Name another folder."
            )


def copy_into_folders(plan: Plan, out: Path, *, into_existing: bool = False) -> Iterator[Copying]:
    """Copy all pictures of a plan into its folders in ``out``, which is made if need be.

    Files and members of archives are copied byte for byte, other pictures and further pages of a
    TIFF file are written as PNG. Nothing is ever moved or replaced: a name that is taken gets
    `` (2)``. Yields after at most some 50 ms or one picture.

    Raises
    ------
    Image2MapError
        See :func:`check_place`; or the disk is full or read-only.
    """
    check_place(plan, out, into_existing=into_existing)
    try:
        out.mkdir(exist_ok=True)
    except OSError as error:
        raise Image2MapError(f"{out}: the folder cannot be made ({_why(error)}).") from None
    job = _Copier(out.resolve(), plan.pictures)
    yield job.step()
    for folder in plan.folders:
        yield from job.fill(folder)
    yield job.step(last=True)


class _Copier:
    """Copies pictures and keeps the books."""

    def __init__(self, out: Path, total: int) -> None:
        self._out = out
        self._total = total
        self._copied = 0
        self._failed: list[Skipped] = []
        self._breath = Breath()

    def step(self, *, last: bool = False) -> Copying:
        failed = tuple(self._failed) if last else ()
        return Copying(self._copied + len(self._failed), self._total, self._copied, failed)

    def fill(self, folder: Folder) -> Iterator[Copying]:
        target, taken = self._out / folder.name, dict[str, int]()
        reason = self._made(target)
        if reason:
            self._failed += [Skipped(source.address, reason) for source in folder.sources]
            yield self.step()
            return
        drawn = [source for source in folder.sources if not _is_file(source)]
        for source in folder.sources:
            if _is_file(source):
                yield from self._copy(source, target, taken)
        for one in each(_png, drawn):
            if one is not None:
                self._keep(drawn[one[0]], one[1], target, taken)
            if self._breath.due():
                yield self.step()

    def _made(self, target: Path) -> str:
        """Make a folder; returns the reason why it is not to be used, if it is not."""
        try:
            target.mkdir(exist_ok=True)
            sweep(target)
            linked = target.is_symlink()
        except FileExistsError:
            return f"could not be copied: a file is in the way of the folder {target.name}"
        except OSError as error:
            self._give_up(error)
            return f"could not be copied: the folder cannot be made ({_why(error)})"
        return f"could not be copied: the folder {target.name} is a link" if linked else ""

    def _copy(self, source: Source, target: Path, taken: dict[str, int]) -> Iterator[Copying]:
        """Copy the bytes of a file or of a member of an archive."""
        try:
            with _opened(source) as theirs, unfinished(target) as (made, ours):
                while content := theirs.read(_CHUNK):
                    ours.write(content)
                    if self._breath.due():
                        yield self.step()
                ours.close()
                name = safe_name(source.name) if source.member else source.name
                _settled(made, target, name, taken)
            self._copied += 1
        except (OSError, PictureError) as error:
            self._fail(source, error)
        if self._breath.due():
            yield self.step()

    def _keep(
        self, source: Source, answer: bytes | str, target: Path, taken: dict[str, int]
    ) -> None:
        """Write a picture that was made into a PNG file, or note why it was not."""
        if isinstance(answer, str):
            self._fail(source, PictureError(answer))
            return
        try:
            with unfinished(target) as (made, ours):
                ours.write(answer)
                ours.close()
                _settled(made, target, safe_name(_stem(source)) + ".png", taken)
            self._copied += 1
        except OSError as error:
            self._fail(source, error)

    def _fail(self, source: Source, error: Exception) -> None:
        if isinstance(error, OSError):
            self._give_up(error)
        self._failed.append(Skipped(source.address, f"could not be copied ({_why(error)})"))

    def _give_up(self, error: OSError) -> None:
        if error.errno in _HOPELESS:
            raise Image2MapError(
                f"{self._out}: {_why(error)}; {self._copied:,} of {self._total:,} pictures were "
                "copied before that and are there."
            ) from None


def _is_file(source: Source) -> bool:
    """Whether a picture is copied as it is, and not made into a PNG file."""
    return source.encoded and source.index < 0


def _png(source: Source) -> bytes:
    file = io.BytesIO()
    read_image(source).save(file, "PNG")
    return file.getvalue()


def _stem(source: Source) -> str:
    """Return what the file of a picture is called that is no file itself."""
    if not source.encoded:
        return source.name
    return f"{dataclasses.replace(source, index=-1).name} page {source.index + 1}"


@contextlib.contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    """Open a picture's bytes; a pipe would be waited for without end."""
    if source.member:
        with io.BytesIO(read_member(source.path, source.member)) as packed:
            yield packed
        return
    with os.fdopen(os.open(source.path, _TO_READ), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise PictureError("is not a regular file")
        yield file


def _settled(made: Path, folder: Path, name: str, taken: dict[str, int]) -> None:
    """Name a new file, whole as it is; if there is one of that name, with the next free number."""
    number = taken.get(alike(name), 1)
    while True:
        path = folder / numbered(name, number)
        number += 1
        with contextlib.suppress(FileExistsError):
            settle(made, path)
            taken[alike(name)] = number
            return


def _origins(sources: Iterator[Source]) -> set[str]:
    """Return the real folders that files come from; those above them that gave them labels too."""
    found = dict.fromkeys(
        (os.path.dirname(source.path), source.label)  # noqa: PTH120 - quicker
        for source in sources
        if source.kind == "file"
    )
    origins: set[str] = set()
    for folder, label in found:
        real = os.path.realpath(folder)
        origins.add(real)
        if label and folder.endswith(f"{os.sep}{label}".replace("/", os.sep)):
            origins.add(os.path.realpath(folder[: -len(label) - 1] or os.sep))
    return origins


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
