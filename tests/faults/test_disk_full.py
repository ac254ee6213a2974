"""Full disks and closed folders: old files stay, path and reason are told, the window goes on."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from windows import WITHOUT_RIGHTS, assert_calm, start

_REASONS = {
    "full": ("no space",),
    "closed": ("permission denied", "read-only", "may not be written"),
    "limited": ("too large",),
}


def attempts(how: str, folder: Path, target: Path, *deeds: str) -> list[dict[str, object]]:
    before = WITHOUT_RIGHTS if how == "closed" else ()
    done = start("disk_full.py", how, folder, target, *deeds, cwd=folder, before=before)
    assert_calm(done)
    return [json.loads(line) for line in done.stdout.splitlines()]


def check(how: str, found: list[dict[str, object]]) -> None:
    for one in found:
        told = str(one["told"])
        assert one["kept"], one
        assert one["left"] == [], one
        assert one["map"], one
        assert one["later"], one
        assert any(reason in told.lower() for reason in _REASONS[how]), one
        assert str(one["path"]) in told, one
        assert "Saved as" not in told, one
    assert found[0]["deed"] != "save-as" or found[0]["marked"]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """Make a disk of 16 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip("a small disk cannot be made here")
    yield place
    with contextlib.suppress(OSError):
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
def test_a_project_that_finds_no_room_is_told(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    check("limited", attempts("limited", tmp_path, tmp_path / "target", "save-as"))


@pytest.mark.faults
def test_whatever_finds_no_room_is_told(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    found = attempts("limited", tmp_path, tmp_path / "target")
    check("limited", found)
    assert len(found) == 7


@pytest.mark.faults
def test_full_disks_are_told(tmp_path: Path, small: Path) -> None:
    found = attempts("full", tmp_path, small)
    check("full", found)
    assert len(found) == 7


@pytest.mark.faults
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not here")
def test_closed_folders_are_told(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    found = attempts("closed", tmp_path, tmp_path / "target")
    check("closed", found)
    assert len(found) == 7
