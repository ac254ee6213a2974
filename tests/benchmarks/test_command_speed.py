"""The command line on all of MNIST, from reading its files to the saved map."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bars import Bars, missed
from data import shared

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]
_PICTURES, _VALUES = 60_000, 784


def test_a_large_map_of_mnist_is_trained_within_a_minute(bars: Bars, tmp_path: Path) -> None:
    what = "train MNIST 50x50, 30 epochs, command line"
    data = shared("data", "mnist")
    if not data.is_dir():
        bars.skip(what, f"the shared data are not there: {data}")
    if not hasattr(os, "wait4"):
        bars.skip(what, "this system does not tell what a process once held")
    command = ["train", str(data), "--rows", "50", "--columns", "50", "--epochs", "30", "--json"]
    began = time.perf_counter()
    with (tmp_path / "said").open("w+", encoding="utf-8") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "image2map_gui", *command, "--output", str(tmp_path / "m.i2m")],
            stdout=said,
            cwd=Path(__file__).parents[2],
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        took = time.perf_counter() - began
        said.seek(0)
        report = json.loads(said.read())
    assert child.returncode == 0
    assert report["images"] == _PICTURES
    size = 4 * _PICTURES * _VALUES / 1e6
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    rows = [
        bars.at_most(what, took, 60, " s", f"{report['seconds']:.1f} s of it training"),
        bars.at_most(f"{what}, memory", peak, round(1.25 * size + 200), " MB", f"data {size:.0f}"),
    ]
    assert not missed(*rows), missed(*rows)
