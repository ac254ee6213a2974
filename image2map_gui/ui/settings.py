"""What the program remembers between two starts: plain values in one JSON file."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QStandardPaths

from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.files import replacing
from image2map_gui.core.frames import Keeping
from image2map_gui.core.images.limits import Limits
from image2map_gui.core.images.sources import PAGES
from image2map_gui.core.options import check_options, option, options_of, to_plain

RECENT = 10
_TEXTS = ("geometry", "layout", "folder", "browser")
_PATHS = ("folder",)  # of these; the others are plain letters
_LARGEST = 1 << 20
_LONGEST = 1 << 14  # of one text


@dataclasses.dataclass(frozen=True)
class Safety:
    """What is done so that nothing is lost.

    Raises
    ------
    ParameterError
        A value is out of its range.
    """

    autosave: float = option(
        1.0,
        "Keep unsaved work every",
        "In a file beside your own, which is never touched; after a crash you are asked whether it "
        "is to be restored. 0: never.",
        low=0,
        high=120,
        unit="minutes",
        group="Unsaved work",
    )

    def __post_init__(self) -> None:
        check_options(self)


@dataclasses.dataclass(frozen=True)
class Tables:
    """How tables are written that others may read."""

    full_paths: bool = option(
        False,
        "Full paths below your home",
        "Tables name pictures below your home folder as ~/..., which tells nobody your name. For "
        "programs that do not know that sign they can be named in full.",
        group="Tables",
    )


@dataclasses.dataclass(frozen=True)
class Preferred:
    """All that is chosen in the preferences."""

    limits: Limits = dataclasses.field(default_factory=Limits)
    keeping: Keeping = dataclasses.field(default_factory=Keeping)
    safety: Safety = dataclasses.field(default_factory=Safety)
    tables: Tables = dataclasses.field(default_factory=Tables)


class Settings:
    """Texts under known names, the recent projects and folders, and how files are read.

    A file that cannot be understood is set aside as ``settings.json.bad`` and the program starts
    with its defaults; no path, or one that cannot be written, only means that nothing is
    remembered. ``problem`` says so.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._texts: dict[str, str] = {}
        self.recent: list[str] = []
        self.limits = Limits()
        self.keeping = Keeping()
        self.safety = Safety()
        self.tables = Tables()
        self.pages = PAGES[0]
        self.rules = Rules()
        self.problem = ""
        self._load()
        if not self.problem and (why_not := _why_not_kept(path)):
            self.problem = f"Settings are not kept: {why_not}."

    @property
    def preferred(self) -> Preferred:
        """What is chosen in the preferences."""
        return Preferred(self.limits, self.keeping, self.safety, self.tables)

    @preferred.setter
    def preferred(self, chosen: Preferred) -> None:
        self.limits, self.keeping = chosen.limits, chosen.keeping
        self.safety, self.tables = chosen.safety, chosen.tables

    def text(self, name: str) -> str:
        """Return a remembered text, empty if there is none."""
        return self._texts.get(name, "")

    def set_text(self, name: str, value: str) -> None:
        """Remember a text under one of the known names."""
        self._texts[name] = value

    def add_recent(self, path: str) -> None:
        """Put a path at the head of the recent ones."""
        self.recent = [path, *(old for old in self.recent if old != path)][:RECENT]

    def save(self) -> bool:
        """Write everything to the disk; returns whether that was possible."""
        if self._path is None:
            return False
        values = {
            **self._texts,
            "recent": self.recent,
            "limits": to_plain(self.limits),
            "keeping": to_plain(self.keeping),
            "safety": to_plain(self.safety),
            "tables": to_plain(self.tables),
            "pages": self.pages,
            "answers": dataclasses.asdict(self.rules),
        }
        plain = json.dumps(values, indent=1)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self._path) as file:
                file.write(plain.encode("utf-8"))
        except OSError:
            return False
        return True

    def _load(self) -> None:
        path = self._path
        if path is None:
            return
        try:
            self._take(json.loads(_read(path)))
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, ValueError, RecursionError):
            self._set_aside(path)

    def _set_aside(self, path: Path) -> None:
        """Keep a file that cannot be used under another name, out of the way of the next one."""
        aside = path.with_name(path.name + ".bad")
        try:
            path.replace(aside)
        except OSError as error:
            self.problem = (
                f"{path}: these settings could not be read, and are in the way of new ones "
                f"({error.strerror}). The program starts with its defaults."
            )
        else:
            self.problem = (
                f"{path}: these settings could not be read. They were set aside as {aside.name}, "
                "and the program starts with its defaults."
            )

    def _take(self, plain: Any) -> None:
        if not isinstance(plain, dict):
            raise ValueError("not an object")
        recent = plain.get("recent", [])
        if not isinstance(recent, list) or not all(isinstance(path, str) for path in recent):
            raise ValueError("recent is no list of texts")
        self._texts = {name: plain[name] for name in _TEXTS if _is_sound(name, plain.get(name))}
        usable = dict.fromkeys(path for path in recent[:_LONGEST] if _is_path(path))
        self.recent = list(usable)[:RECENT]
        self.limits = Limits(**_known(Limits, plain.get("limits")))
        self.keeping = Keeping(**_known(Keeping, plain.get("keeping")))
        self.safety = Safety(**_known(Safety, plain.get("safety")))
        self.tables = Tables(**_known(Tables, plain.get("tables")))
        self.pages = pages if (pages := plain.get("pages")) in PAGES else PAGES[0]
        self.rules = _rules_of(plain.get("answers"))


def _rules_of(plain: Any) -> Rules:
    """Return the rules that were kept, as they are at first where they make no sense."""
    usual = dataclasses.asdict(Rules())
    kept = plain if isinstance(plain, dict) else {}
    found = {
        name: kept[name] if type(kept.get(name)) is type(value) else value
        for name, value in usual.items()
    }
    try:
        return Rules(**found)
    except ParameterError:
        return Rules()


def _known(settings: type, plain: Any) -> dict[str, Any]:
    """Return the values that were kept; one that makes no sense is as it is at first."""
    kept = {}
    for known in options_of(settings):
        with contextlib.suppress(ParameterError, KeyError, TypeError):
            known.check(plain[known.name])
            kept[known.name] = plain[known.name]
    return kept


def _read(path: Path) -> str:
    """Return the text of a file of settings, which must be a file and not too large."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("not a file")  # reading a pipe may wait for ever
    if found.st_size > _LARGEST:
        raise ValueError("too large")
    return path.read_text("utf-8")


def _is_sound(name: str, value: Any) -> bool:
    if name in _PATHS:
        return _is_path(value)
    return isinstance(value, str) and len(value) <= _LONGEST and value.isascii()


def _is_path(value: Any) -> bool:
    """Whether something can be the name of a file."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or "\0" in value:
        return False
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        return False
    return True


def _why_not_kept(path: Path | None) -> str:
    """Say why settings cannot be written, empty if they probably can."""
    if path is None:
        return "this user has no home folder"
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"{folder} cannot be made ({error.strerror})"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{folder} cannot be written to"
    return ""


# --- where things are kept ----------------------------------------------------------------------

_Kind = QStandardPaths.StandardLocation


def data_folder() -> Path | None:
    """Return the folder for the program's own data, ``None`` if the system names none."""
    return _place(_Kind.AppDataLocation, "XDG_DATA_HOME")


def state_folder() -> Path | None:
    """Return where the log and unsaved work are kept, ``None`` if the system names no place."""
    return _place(_Kind.StateLocation, "XDG_STATE_HOME")


def cache_folder() -> Path | None:
    """Return where this user's small pictures are kept, ``None`` if the system names no place."""
    folder = _place(_Kind.CacheLocation, "XDG_CACHE_HOME")
    return None if folder is None else folder / "thumbnails"


def usual_path() -> Path | None:
    """Return where the settings of this user are kept, ``None`` if the system names no place."""
    folder = _place(_Kind.AppConfigLocation, "XDG_CONFIG_HOME")
    return None if folder is None else folder / "settings.json"


def _place(kind: _Kind, variable: str) -> Path | None:
    """Return a folder of this user; Qt would name one in ``/`` for a user without a home."""
    if sys.platform == "linux" and not os.environ.get(variable, "").startswith("/"):
        home = os.environ.get("HOME", "")
        if not home.startswith("/") or home.strip("/") == "" or not Path(home).is_dir():
            return None
    place = QStandardPaths.writableLocation(kind)
    return Path(place) if place else None
