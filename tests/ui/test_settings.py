"""What is remembered between two starts, and that broken memories do no harm."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from conftest import Person
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.limits import Limits
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import (
    RECENT,
    Settings,
    cache_folder,
    data_folder,
    usual_path,
)


def test_texts_and_recent_paths_survive(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    settings = Settings(path)
    settings.set_text("folder", "/somewhere")
    for number in range(RECENT + 3):
        settings.add_recent(f"/map {number}.i2m")
    settings.add_recent("/map 5.i2m")
    settings.save()
    again = Settings(path)
    assert again.text("folder") == "/somewhere"
    assert again.recent[0] == "/map 5.i2m"
    assert len(again.recent) == RECENT
    assert len(set(again.recent)) == RECENT


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"recent": 5}', b'{"recent": [1]}', b"[" * 100_000],
)
def test_broken_settings_are_set_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    settings = Settings(path)
    assert settings.recent == []
    assert (tmp_path / "settings.json.bad").read_bytes() == content
    assert str(path) in settings.problem
    assert "settings.json.bad" in settings.problem
    settings.add_recent("/map.i2m")
    settings.save()
    assert Settings(path).recent == ["/map.i2m"]
    assert Settings(path).problem == ""


def test_values_of_a_wrong_type_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"geometry": 5, "folder": "/x", "other": "y"}))
    assert Settings(path).text("geometry") == ""
    assert Settings(path).text("folder") == "/x"


def test_limits_and_pages_survive(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.json")
    assert (settings.limits, settings.pages) == (Limits(), "first")
    settings.limits, settings.pages = Limits(max_side=100, seconds_per_picture=0.5), "all"
    settings.save()
    again = Settings(tmp_path / "settings.json")
    assert (again.limits, again.pages) == (settings.limits, "all")


@pytest.mark.parametrize(
    "limits",
    [
        5, [], None, {"max_side": 100, "max_scans": 10**9}, {"max_side": 100, "unknown": 1},
        {"max_side": 100, "max_file_mb": "many"}, {"max_side": 100, "max_megapixels": True},
        {"max_side": 100, "seconds_per_picture": float("nan")},
    ],
)  # fmt: skip
def test_limits_that_make_no_sense_are_as_at_first(tmp_path: Path, limits: object) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"limits": limits, "pages": ["all"], "folder": "/x"}))
    settings = Settings(path)
    known = isinstance(limits, dict)
    assert settings.limits == (Limits(max_side=100) if known else Limits())
    assert settings.pages == "first"
    assert settings.text("folder") == "/x"


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings = Settings(tmp_path / "file" / "settings.json")
    assert settings.problem.startswith("Settings are not kept: ")
    assert str(tmp_path / "file") in settings.problem
    assert not settings.save()
    assert not Settings(None).save()
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_folder_in_the_way_is_set_aside_whole(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.mkdir()
    (path / "note").write_text("mine")
    settings = Settings(path)
    assert (tmp_path / "settings.json.bad" / "note").read_text() == "mine"
    assert settings.save()
    path.unlink()
    path.mkdir()
    assert "in the way" in Settings(path).problem, "the other one is kept"
    assert (tmp_path / "settings.json.bad" / "note").read_text() == "mine"


def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    os.mkfifo(path)
    assert "could not be read" in Settings(path).problem
    path.symlink_to("/dev/zero")
    assert "could not be read" in Settings(path).problem
    assert not path.is_symlink()


@pytest.mark.parametrize(
    "value", ["\ud800", "a\0b", "x" * 100_000, "é" * 9, "AAAA", "/" * 70_000, "list ٣", "grid 9999"]
)
@pytest.mark.slow
def test_the_window_opens_with_texts_that_nobody_wrote(
    qtbot: QtBot, session: Session, person: Person, tmp_path: Path, value: str
) -> None:
    path = tmp_path / "settings.json"
    names = ("geometry", "layout", "folder", "browser")
    path.write_text(json.dumps(dict.fromkeys(names, value) | {"recent": [value, "", 5 * "/x"]}))
    settings = Settings(path)
    window = MainWindow(session, settings, person)
    qtbot.addWidget(window)
    recent = next(one for one in window.findChildren(QMenu) if one.title() == "Open &recent")
    recent.aboutToShow.emit()
    assert recent.actions()[-1].text() == 5 * "/x"
    assert settings.recent[-1] == 5 * "/x"
    assert settings.problem == ""
    window.close()
    assert Settings(path).problem == ""


def test_of_very_many_recent_paths_few_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"recent": [f"/{number}" for number in range(50_000)]}))
    assert Settings(path).recent == [f"/{number}" for number in range(RECENT)]


def test_folders_are_those_the_system_names() -> None:
    kinds = QStandardPaths.StandardLocation
    config = Path(QStandardPaths.writableLocation(kinds.AppConfigLocation))
    assert usual_path() == config / "settings.json"
    cache = Path(QStandardPaths.writableLocation(kinds.CacheLocation))
    assert cache_folder() == cache / "thumbnails"
    assert data_folder() == Path(QStandardPaths.writableLocation(kinds.AppDataLocation))


@pytest.mark.parametrize("home", [None, "", "/", "relative", "/there/is/none"])
def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch, home: str | None) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    if home is None:
        monkeypatch.delenv("HOME")
    else:
        monkeypatch.setenv("HOME", home)
    assert [usual_path(), data_folder(), cache_folder()] == [None, None, None]
    assert "no home" in Settings(usual_path()).problem
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere")
    assert usual_path() is not None
