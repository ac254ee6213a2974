"""The window starts whatever its surroundings are, says so once, and writes nowhere else."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from windows import WITHOUT_RIGHTS, assert_calm, start


def told(cwd: Path, *, before: tuple[str, ...] = (), **environment: str) -> str:
    done = start("starts.py", cwd=cwd, environment=environment, before=before, limit=60)
    assert_calm(done)
    remark = "Detected locale"  # Qt's, where the locale knows no UTF-8
    assert done.stderr == "" or done.stderr.startswith(remark), done.stderr
    return done.stdout


@pytest.mark.slow
def test_without_any_surroundings_it_starts_and_writes_nowhere(tmp_path: Path) -> None:
    before = sorted(os.listdir("/"))  # noqa: PTH208
    assert "told: Settings are not kept: this user has no home folder." in told(tmp_path)
    assert sorted(os.listdir("/")) == before  # noqa: PTH208
    assert list(tmp_path.iterdir()) == []


@pytest.mark.faults
@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"LC_ALL": "tr_TR.UTF-8"},
        {"LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"}, {"LANG": "ar_EG.UTF-8"},
        {"LC_ALL": "xx_YY.nothing"}, {"TZ": "Pacific/Kiritimati"}, {"TZ": "Etc/GMT+12"},
        {"TZ": "nonsense"}, {"QT_SCALE_FACTOR": "1.25"}, {"QT_SCALE_FACTOR": "3"},
    ],
)  # fmt: skip
def test_it_starts_in_any_locale_zone_and_scale(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    said = told(tmp_path, HOME=str(tmp_path), **environment)
    assert "told: \n" in said
    kept = tmp_path / ".config" / "image2map" / "settings.json"
    assert "geometry" in json.loads(kept.read_text("utf-8"))


@pytest.mark.faults
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not here")
@pytest.mark.parametrize("closed", ["", ".config", ".config/image2map"])
def test_it_starts_where_nothing_may_be_written(tmp_path: Path, closed: str) -> None:
    home = tmp_path / "home"
    folder = home / closed
    folder.mkdir(parents=True)
    folder.chmod(0o555)
    said = told(tmp_path, before=WITHOUT_RIGHTS, HOME=str(home))
    folder.chmod(0o755)
    assert "told: Settings are not kept: " in said
    assert str(home) in said
    assert not list(home.rglob("settings.json"))


@pytest.mark.faults
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not here")
def test_settings_that_may_not_be_read_are_set_aside(tmp_path: Path) -> None:
    path = tmp_path / ".config" / "image2map" / "settings.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    path.chmod(0)
    assert "were set aside" in told(tmp_path, before=WITHOUT_RIGHTS, HOME=str(tmp_path))
    assert path.with_name("settings.json.bad").exists()
    assert "geometry" in json.loads(path.read_text("utf-8"))


@pytest.mark.faults
def test_very_long_settings_do_not_slow_the_start(tmp_path: Path) -> None:
    def seconds() -> float:
        return min(
            float(told(tmp_path, HOME=str(tmp_path)).split("seconds: ")[1]) for _ in range(2)
        )

    clean = seconds()
    path = tmp_path / ".config" / "image2map" / "settings.json"
    for many in (
        {"recent": [f"/{number:05d}" for number in range(50_000)]},
        {f"key {number}": "x" for number in range(50_000)},
        {"folder": "/x" * 450_000, "layout": "A" * 50_000},
        {"folder": "/x" * 45_000_000},
    ):
        path.write_text(json.dumps(many))
        assert seconds() < clean + 2
