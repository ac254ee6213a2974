"""What is remembered between two starts, and that broken memories do no harm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from image2map_gui.core.images.limits import Limits
from image2map_gui.ui.settings import RECENT, Settings


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
    settings.add_recent("/map.i2m")
    settings.save()
    assert Settings(path).recent == ["/map.i2m"]


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
    Settings(tmp_path / "file" / "settings.json").save()
    Settings(None).save()
    assert (tmp_path / "file").read_text() == "in the way"
