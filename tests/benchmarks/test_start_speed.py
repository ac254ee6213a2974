"""How long it takes until the window is there, and until the version is told."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bars import Bars
from data import PROJECT
from pace import timed, wait_until_quiet

if TYPE_CHECKING:  # the extra ``bench`` is not needed to collect the tests
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]
_STARTS = 7
_NOT_FOR_THIS = ("numpy", "PySide6", "PIL", "image2map_gui.core.som.params")


def test_the_window_is_there_soon(bars: Bars, tmp_path: Path) -> None:
    home = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    script = str(Path(__file__).with_name("show_once.py"))
    rest = wait_until_quiet()
    taken = []
    for _ in range(_STARTS):
        began = time.time()
        done = subprocess.run(
            [sys.executable, script],
            env=os.environ | home | {"QT_QPA_PLATFORM": "offscreen"},
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        taken.append(float(done.stdout) - began)
    row = bars.at_most(
        "start: window painted",
        statistics.median(taken),
        1.2,
        " s",
        f"median of {_STARTS}, best {min(taken):.2f} s; at rest {rest:.1f} ms late",
    )
    assert row.met, row


def test_the_version_is_told_at_once(benchmark: BenchmarkFixture, bars: Bars) -> None:
    command = [sys.executable, "-m", "image2map_gui", "--version"]
    took = timed(
        benchmark,
        lambda: subprocess.run(command, cwd=PROJECT, capture_output=True, check=True),
        rounds=_STARTS,
    )
    row = bars.at_most(
        "start: --version", took.median, 0.2, " s", f"median of {_STARTS}, best {took.best:.3f} s"
    )
    assert row.met, row


def test_the_version_is_told_without_loading_anything_heavy() -> None:
    told = (
        "import sys; from image2map_gui.cli import main; main(['--version']); "
        f"print(sorted(set({_NOT_FOR_THIS!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
