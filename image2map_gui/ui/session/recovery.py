"""Side files: what is open and not saved, kept so that a crash does not take it away."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from image2map_gui.core.files import Fingerprint, replacing, sweep
from image2map_gui.core.project.project import SUFFIX, Project
from image2map_gui.core.project.save import Saving, saving
from image2map_gui.ui.safety.crashes import stack_in
from image2map_gui.ui.safety.presence import Gone, Presence
from image2map_gui.ui.session.training_log import remaining
from image2map_gui.ui.wording import plural

ABOUT, CRASH = ".json", ".crash"
_LARGEST = 1 << 16


@dataclasses.dataclass(frozen=True)
class About:
    """What a side file holds.

    Attributes
    ----------
    file
        Name of the side file, in the folder of this.
    path
        The file of the person, empty if the work was never saved; ``original`` is what that file
        was like when it was opened or saved last.
    when
        Of the writing, UTC.
    pictures
        How many; below 0: not known.
    epochs, planned
        Of the map's training, those that had ended and all; 0 without a map.
    unfinished
        Whether the training had not come to its end.
    replaces
        The run whose side file was restored and is all in this one.
    """

    file: str
    path: str
    when: datetime
    pictures: int = -1
    rows: int = 0
    columns: int = 0
    epochs: int = 0
    planned: int = 0
    unfinished: bool = False
    replaces: str = ""
    original: Fingerprint | None = None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return Path(self.path).name if self.path else "Untitled"

    @property
    def contents(self) -> str:
        """Say what it holds."""
        if self.pictures < 0:
            return "contents not known"
        text = plural(self.pictures, "picture")
        if not self.epochs:
            return f"{text}, no map yet"
        text = f"{text}, map of {self.rows} × {self.columns} units after "  # noqa: RUF001
        if self.unfinished:
            return f"{text}{self.epochs:,} of {plural(self.planned, 'epoch')}"
        return text + plural(self.epochs, "epoch")


@dataclasses.dataclass(frozen=True)
class Unsaved:
    """What is open now, frozen; ``project`` puts it together, which may take a while."""

    project: Callable[[], Project]
    path: Path | None
    original: Fingerprint | None


class SideFile:
    """The side file of this run of the program."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._count = 0
        self._replaces = ""

    @property
    def problem(self) -> str:
        """Why there can be none, empty if there can."""
        return self._presence.problem

    def writing(self, unsaved: Unsaved) -> Iterator[Saving]:
        """Write it anew; the one before stays until the new one is whole.

        Raises
        ------
        ProjectError, OSError
            It cannot be written; the one before is untouched.
        """
        path = self._presence.file(f"-{self._count + 1}{SUFFIX}")
        about_path = self._presence.file(ABOUT)
        if path is None or about_path is None:
            return
        project = unsaved.project()
        yield from saving(project, path, backup=False)
        about = _about(project, unsaved, path.name)
        _tell(about_path, dataclasses.replace(about, replaces=self._replaces))
        self._count += 1
        self._remove(keep=path)

    def take_over(self, orphan: Orphan) -> None:
        """Let the next side file be in place of a restored one from the moment it is whole."""
        self._replaces = orphan.gone.name
        path = self._presence.file(ABOUT)
        if path is not None and not self._count:
            name = f"{self._presence.name}-{self._count + 1}{SUFFIX}"
            with contextlib.suppress(OSError):
                _tell(path, dataclasses.replace(orphan.about, file=name, replaces=self._replaces))

    def remove(self) -> None:
        """Keep nothing any more."""
        about = self._presence.file(ABOUT)
        if about is not None:
            with contextlib.suppress(OSError):
                about.unlink(missing_ok=True)
        self._remove()

    def _remove(self, keep: Path | None = None) -> None:
        folder, name = self._presence.folder, self._presence.name
        if folder is None:
            return
        with contextlib.suppress(OSError):
            for path in list(folder.glob(f"{name}-*{SUFFIX}")):
                if path != keep:
                    path.unlink(missing_ok=True)


@dataclasses.dataclass(frozen=True)
class Orphan:
    """A side file whose run of the program is gone."""

    gone: Gone
    about: About

    @property
    def file(self) -> Path:
        """The side file."""
        return self.gone.folder / self.about.file


@dataclasses.dataclass(frozen=True)
class Left:
    """What runs that are gone have left: side files, the newest first, and stacks of crashes."""

    orphans: tuple[Orphan, ...]
    stacks: tuple[str, ...]


def left_by_others(presence: Presence) -> Left:
    """Look at what runs that are gone have left; what is of no use is removed."""
    orphans, stacks = [], []
    for gone in presence.gone():
        crash = gone.file(CRASH)
        stack = stack_in(crash)
        if stack:
            stacks.append(stack)
        with contextlib.suppress(OSError):
            crash.unlink(missing_ok=True)  # told once
        about = _read(gone)
        if about is not None:
            orphans.append(Orphan(gone, about))
        else:
            gone.discard()
    if presence.folder is not None:
        sweep(presence.folder)
    restored = {orphan.about.replaces for orphan in orphans}
    for orphan in orphans:
        if orphan.gone.name in restored:
            orphan.gone.discard()
    orphans = [orphan for orphan in orphans if orphan.gone.name not in restored]
    orphans.sort(key=lambda orphan: orphan.about.when, reverse=True)
    return Left(tuple(orphans), tuple(stacks))


# --- what is told about a side file, as JSON ------------------------------------------------------


def _about(project: Project, unsaved: Unsaved, file: str) -> About:
    trained = project.model is not None and len(project.history) > 0
    last = project.history[-1] if trained else None
    return About(
        file=file,
        path="" if unsaved.path is None else str(unsaved.path),
        when=datetime.now(UTC),
        pictures=len(project.sources),
        rows=project.params.rows,
        columns=project.params.columns,
        epochs=0 if last is None else last.epoch,
        planned=0 if last is None else last.epochs,
        unfinished=trained and remaining(project.params, project.history) is not None,
        original=unsaved.original,
    )


def _tell(path: Path, about: About) -> None:
    with replacing(path) as file:
        file.write(json.dumps(_plain(about)).encode("utf-8"))


def _plain(about: About) -> dict[str, Any]:
    plain = dataclasses.asdict(about)
    return plain | {"when": about.when.isoformat()}


def _read(gone: Gone) -> About | None:
    """Return what a side file holds, ``None`` if there is none."""
    path = gone.file(ABOUT)
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        if path.stat().st_size <= _LARGEST:
            about = _about_of(json.loads(path.read_text("utf-8")))
            in_folder = Path(about.file).name == about.file and about.file.startswith(gone.name)
            if in_folder and (gone.folder / about.file).is_file():
                return about
    return _guessed(gone)


def _guessed(gone: Gone) -> About | None:
    """Return what can be said of a side file of which nothing was told; files there are whole."""
    with contextlib.suppress(OSError):
        times = [
            (path.stat().st_mtime, path) for path in gone.folder.glob(f"{gone.name}-*{SUFFIX}")
        ]
        if times:
            time, path = max(times)
            return About(path.name, "", datetime.fromtimestamp(time, UTC))
    return None


def _about_of(plain: dict[str, Any]) -> About:
    kinds = {"file": str, "path": str, "replaces": str, "unfinished": bool} | dict.fromkeys(
        ("pictures", "rows", "columns", "epochs", "planned"), int
    )
    if any(type(plain[name]) is not kind for name, kind in kinds.items()):
        raise ValueError("of another kind")
    original = plain["original"]
    return About(
        **{name: plain[name] for name in kinds},
        when=datetime.fromisoformat(plain["when"]).astimezone(UTC),
        original=None if original is None else Fingerprint(**original),
    )
