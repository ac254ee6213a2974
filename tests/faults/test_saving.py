"""No save is ever lost: killed at any instant, on a full or failing disk, without rights."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from data import PROJECT
from projects import small_project

from image2map_gui.core.project.save import save_project

HERE = Path(__file__).parent
QUICK_CALLS = "write full:3,fsync broken:1,fsync kill:2,rename full:1,rename kill:2,link full:1"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a small project with all that a project can hold."""
    path = tmp_path_factory.mktemp("base") / "map.i2m"
    save_project(small_project(), path)
    return path


@pytest.fixture
def path(base: Path, tmp_path: Path) -> Path:
    """Return a copy of the project, alone in its folder."""
    (tmp_path / "here").mkdir()
    return Path(shutil.copy(base, tmp_path / "here/map.i2m"))


def experiment(*arguments: object, seconds: float = 100) -> dict[str, Any]:
    """Run the program of generations.py and return what it found."""
    done = subprocess.run(
        [sys.executable, HERE / "generations.py", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": f"{PROJECT}:{HERE.parent}", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sys.stdout.write(f"{done.stdout}{done.stderr}")
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(
    "kills", [15, pytest.param(1000, marks=[pytest.mark.faults, pytest.mark.timeout(1800)])]
)
def test_a_save_that_is_killed_loses_nothing(path: Path, kills: int) -> None:
    found = experiment("kill", path, kills, 1, seconds=1800)
    assert found["kills"] == kills
    assert found["saves finished"] > 0
    assert (found["lost"], found["mixed"]) == (0, 0)
    assert found["older than what was finished"] == 0
    assert found.get("old copies missing", 0) == 0
    assert found["left over after the next save"] == 0


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    "calls",
    [QUICK_CALLS, pytest.param("", marks=[pytest.mark.faults, pytest.mark.timeout(1800)])],
    ids=["some", "all"],
)
def test_no_system_call_that_fails_loses_anything(path: Path, calls: str) -> None:
    found = experiment("fail", path, calls, seconds=1800)
    faults = found["faults"]
    assert found["order"] == ["write", "fsync", "link", "rename", "fsync"]
    tried = sum(faults.get(name, 0) for name in ("kill", "full", "broken"))
    assert tried == (len(calls.split(",")) if calls else 3 * sum(found["calls"].values()))
    assert faults["old"] + faults["new"] == tried
    for name in ("lost or mixed", "falsely claimed", "falsely denied", "crashed", "left over"):
        assert faults.get(name, 0) == 0, name
