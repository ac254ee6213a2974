"""Saving a project: whole, or not at all."""

from __future__ import annotations

import dataclasses
import errno
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

from image2map_gui.core.errors import ChangedElsewhereError, ProjectError
from image2map_gui.core.files import (
    Fingerprint,
    NotConfirmedError,
    fingerprint,
    fingerprint_of,
    replacing,
)
from image2map_gui.core.options import to_plain
from image2map_gui.core.project.archive import is_project, write_archive
from image2map_gui.core.project.arrays import Arrays
from image2map_gui.core.project.embedded import embedded_arrays
from image2map_gui.core.project.frames import frames_arrays, frames_facts
from image2map_gui.core.project.manifest import clusters_table, grouped_rows, labels_table
from image2map_gui.core.project.model import model_arrays, model_facts
from image2map_gui.core.project.pictures import packed_pictures, packed_rows, packed_skipped
from image2map_gui.core.project.project import FORMAT, SUFFIX, Project
from image2map_gui.core.project.runs import packed_runs

Value = TypeVar("Value")
BACKUP = "~"  # after the name of the file


class UnconfirmedError(ProjectError):
    """A project is in its place, but the disk did not confirm that; ``made`` is what it is like."""

    def __init__(self, path: Path, reason: str | None, made: Fingerprint) -> None:
        super().__init__(f"{path}: was written, but {reason}; save once more.")
        self.made = made


@dataclasses.dataclass(frozen=True)
class Saving:
    """How far a project is written, in bytes; at the end with the fingerprint of the new file.

    ``embedded`` tells at the end whether its pictures came with it.
    """

    done: int
    total: int
    fingerprint: Fingerprint | None = None
    embedded: bool = False

    @property
    def fraction(self) -> float:
        """Share of the bytes that are written."""
        return self.done / self.total if self.total else 1.0

    @property
    def milestone(self) -> bool:
        """Whether the project is saved."""
        return self.fingerprint is not None


def save_project(
    project: Project, path: Path, *, expected: Fingerprint | None = None, backup: bool = True
) -> Fingerprint:
    """Write a project in one go, see :func:`saving`; returns what the file is like now."""
    last = deque(saving(project, path, expected=expected, backup=backup), maxlen=1).pop()
    assert last.fingerprint is not None
    return last.fingerprint


def saving(
    project: Project, path: Path, *, expected: Fingerprint | None = None, backup: bool = True
) -> Iterator[Saving]:
    """Write a project, replacing ``path`` only once everything is on the disk.

    Yields after at most some 50 ms. Whoever stops asking before the end leaves everything as it
    was.

    Parameters
    ----------
    expected
        What the file was like when it was opened or saved: it is not replaced if it is another
        one now. ``None``: it is replaced whatever it is.
    backup
        Whether what was at ``path`` is kept beside it, see :func:`backup_of`.

    Raises
    ------
    ChangedElsewhereError
        Somebody else wrote the file; it is untouched.
    UnconfirmedError
        It is written, but may not last.
    ProjectError
        It cannot be written; what was at ``path`` is untouched.
    """

    def check() -> None:
        now = fingerprint(path)
        if expected is not None and now is not None and now != expected:
            raise ChangedElsewhereError(
                f"{path}: was changed by somebody else since it was opened or saved here; save "
                "under another name, or replace it."
            )

    _refuse_backup(path)
    try:
        check()
        manifest, arrays = yield from _at_start(_contents(project, path))
        total = sum(array.nbytes for array in arrays.values())
        keep = backup_of(path) if backup else None
        with replacing(path, needed=total, backup=keep, last_check=check) as file:
            for done in write_archive(file, manifest, arrays):
                yield Saving(min(done, total), total)
            made = fingerprint_of(file)
    except ChangedElsewhereError:
        raise
    except ProjectError as error:
        raise ProjectError(f"{path}: could not be saved; {error}") from None
    except NotConfirmedError as error:
        raise UnconfirmedError(path, error.strerror, _as_told(path, made)) from None
    except OSError as error:
        raise ProjectError(
            f"{path}: could not be saved ({error.strerror or error}); nothing was changed there."
            f"{_advice(error)}"
        ) from None
    yield Saving(total, total, _as_told(path, made), project.embedded is not None)


def _as_told(path: Path, made: Fingerprint) -> Fingerprint:
    """Return what the new file is like: network drives may tell another time once it is closed."""
    now = fingerprint(path)
    same = now is not None and (now.size, now.tail) == (made.size, made.tail)
    return now if now is not None and same else made


def backup_of(path: Path) -> Path:
    """Return where the save before the last is kept: beside the project, with a ~ at the end."""
    return path.with_name(path.name + BACKUP)


def is_backup(path: Path) -> bool:
    """Whether a file is a version saved before."""
    name = path.name.lower()
    return name.endswith(SUFFIX + BACKUP) or (name.endswith(BACKUP) and is_project(path))


def _refuse_backup(path: Path) -> None:
    if path.name.lower().endswith(SUFFIX + BACKUP):
        raise ProjectError(
            f"{path}: names that end in {SUFFIX}{BACKUP} are kept for versions saved before; save "
            "under another name."
        )


def names_project(path: Path) -> bool:
    """Whether a name is that of a project, or of a version of one saved before."""
    return path.name.lower().endswith((SUFFIX, SUFFIX + BACKUP))


def leads_to_project(path: Path) -> bool:
    """Whether a file is a project, or a version of one saved before, by its name or inside."""
    return names_project(path) or is_project(path)


def _advice(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return " Save under another name."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return " Make room, or save on another disk."
    return ""


def _at_start(steps: Generator[None, None, Value]) -> Generator[Saving, None, Value]:
    """Run what comes before the first byte, and return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            value: Value = end.value
            return value
        yield Saving(0, 1)


def _contents(project: Project, path: Path) -> Generator[None, None, tuple[dict[str, Any], Arrays]]:
    """Return what is written of a project; yields now and then."""
    model, absolute = project.model, project.absolute_paths
    arrays = yield from packed_pictures(project.sources, path, absolute=absolute)
    arrays |= packed_skipped(project.skipped, path, absolute=absolute)
    yield
    parts, selections, rows = grouped_rows(project.parts, project.selections, project.sources)
    arrays |= packed_rows(*rows)
    yield
    frames = project.frames
    if model is not None:
        arrays |= model_arrays(model, project.picture_units, project.picture_distances)
        frames = frames.of(project.sources)
        arrays |= frames_arrays(frames)
        yield
    runs, kept = packed_runs(project.runs, project.sources)
    arrays |= kept
    if project.embedded is not None:
        arrays |= embedded_arrays(project.embedded)
    manifest = {
        "format": FORMAT,
        "program": "Image2Map",
        "spec": to_plain(project.spec),
        "params": to_plain(project.params),
        "model": None if model is None else model_facts(model),
        "history": [dataclasses.asdict(figures) for figures in project.history],
        "seconds": project.seconds,
        "absolute_paths": absolute,
        "parts": parts,
        "added": project.added,
        "frames": frames_facts(frames),
        "runs": runs,
        "run": project.run,
        "selections": selections,
        "labels": labels_table(project.labels),
        "clusters": clusters_table(project.clusters),
        "threads": project.threads,
        "given": list(project.given),
        "next": {
            name: None if settings is None else to_plain(settings)
            for name, settings in (("spec", project.next_spec), ("params", project.next_params))
        },
    }
    return manifest, arrays
