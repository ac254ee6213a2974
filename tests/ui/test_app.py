"""The program as it is started: the demonstration, the refusal without a display."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image


def start(
    *arguments: str, cwd: Path, limit: float = 110, **environment: str
) -> subprocess.CompletedProcess[str]:
    clean = {
        key: value
        for key, value in os.environ.items()
        if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**clean, "HOME": str(cwd), **environment},
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
    )


def test_demo_without_a_display_leaves_a_picture(tmp_path: Path) -> None:
    done = start("-m", "image2map_gui", "open", "--demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "image2map-demo.png" in done.stdout
    with Image.open(tmp_path / "image2map-demo.png") as picture:
        assert picture.width >= 900
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 100
    assert [path.name for path in tmp_path.iterdir()] == ["image2map-demo.png"]


@pytest.mark.slow
def test_the_window_needs_nothing_that_draws_the_map(tmp_path: Path) -> None:
    told = "import sys, image2map_gui.ui.app; sys.exit('pyqtgraph' in sys.modules)"
    assert start("-c", told, cwd=tmp_path).returncode == 0


def test_window_without_a_display_is_refused_in_one_line(tmp_path: Path) -> None:
    done = start("-m", "image2map_gui", "open", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no display" in done.stderr
