"""What the program remembers between two starts: plain values in one JSON file."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QStandardPaths

from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.files import replacing
from image2map_gui.core.frames import Keeping
from image2map_gui.core.images.limits import Limits
from image2map_gui.core.images.sources import PAGES
from image2map_gui.core.options import options_of, to_plain

RECENT = 10
_TEXTS = ("geometry", "layout", "folder", "browser")
_LARGEST = 1 << 20


class Settings:
    """Texts under known names, the recent projects and folders, and how files are read.

    A file that cannot be understood is set aside as ``settings.json.bad`` and the program starts
    with its defaults; no path, or one that cannot be written, only means that nothing is
    remembered.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._texts: dict[str, str] = {}
        self.recent: list[str] = []
        self.limits = Limits()
        self.keeping = Keeping()
        self.pages = PAGES[0]
        self.rules = Rules()
        self._load()

    def text(self, name: str) -> str:
        """Return a remembered text, empty if there is none."""
        return self._texts.get(name, "")

    def set_text(self, name: str, value: str) -> None:
        """Remember a text under one of the known names."""
        self._texts[name] = value

    def add_recent(self, path: str) -> None:
        """Put a path at the head of the recent ones."""
        self.recent = [path, *(old for old in self.recent if old != path)][:RECENT]

    def save(self) -> None:
        """Write everything to the disk, if that is possible."""
        if self._path is None:
            return
        values = {
            **self._texts,
            "recent": self.recent,
            "limits": to_plain(self.limits),
            "keeping": to_plain(self.keeping),
            "pages": self.pages,
            "answers": dataclasses.asdict(self.rules),
        }
        plain = json.dumps(values, indent=1)
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self._path) as file:
                file.write(plain.encode("utf-8"))

    def _load(self) -> None:
        if self._path is None:
            return
        try:
            if self._path.stat().st_size > _LARGEST:
                raise ValueError("too large")
            self._take(json.loads(self._path.read_text("utf-8")))
        except FileNotFoundError:
            return
        except (OSError, ValueError, RecursionError):
            with contextlib.suppress(OSError):
                self._path.replace(self._path.with_name(self._path.name + ".bad"))

    def _take(self, plain: Any) -> None:
        if not isinstance(plain, dict):
            raise ValueError("not an object")
        recent = plain.get("recent", [])
        if not isinstance(recent, list) or not all(isinstance(path, str) for path in recent):
            raise ValueError("recent is no list of texts")
        self._texts = {name: plain[name] for name in _TEXTS if isinstance(plain.get(name), str)}
        self.recent = recent[:RECENT]
        self.limits = Limits(**_known(Limits, plain.get("limits")))
        self.keeping = Keeping(**_known(Keeping, plain.get("keeping")))
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
    for option in options_of(settings):
        with contextlib.suppress(ParameterError, KeyError, TypeError):
            option.check(plain[option.name])
            kept[option.name] = plain[option.name]
    return kept


def data_folder() -> Path | None:
    """Return the folder for the program's own data, ``None`` if the system names none."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
    return Path(place) if place else None


def usual_path() -> Path | None:
    """Return where the settings of this user are kept, ``None`` if the system names no place."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)
    return Path(place) / "settings.json" if place else None
