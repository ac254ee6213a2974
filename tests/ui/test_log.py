"""The log: limited, private, and silent where it cannot be written; crashes are found in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from image2map_gui.ui.safety import log
from image2map_gui.ui.safety.crashes import CrashFile, stack_in
from image2map_gui.ui.safety.log import LOG_FILE, LOGGER, shortened, start_log, stop_log


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = start_log(tmp_path / "state")
    assert path == tmp_path / "state" / LOG_FILE
    yield path
    stop_log()


def test_the_log_begins_with_the_versions(file: Path) -> None:
    text = file.read_text("utf-8")
    for part in ("Image2Map", "Python 3.", "Qt 6.", "NumPy"):
        assert part in text


def test_the_log_is_of_limited_size(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(400):
        LOGGER.warning("%d %s", number, "x" * 10_000)
    LOGGER.warning("y" * 10_000_000)
    sizes = [path.stat().st_size for path in file.parent.iterdir()]
    assert len(sizes) == 4
    assert max(sizes) <= 540_000


def test_the_home_folder_is_not_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    LOGGER.error("/home/ann/a.png, '/home/ann', /home/anna/b.png and /mnt/home/ann.old")
    assert "~/a.png, '~', /home/anna/b.png and /mnt/home/ann.old" in file.read_text("utf-8")
    assert shortened("nothing") == "nothing"


@pytest.mark.parametrize("home", ["", "/", "relative"])
def test_an_odd_home_spoils_no_text(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", home)
    assert shortened("/a/b and relatives") == "/a/b and relatives"


def test_names_of_files_do_not_break_the_log(file: Path) -> None:
    odd = "a\udcffb \x1b[31m \u202e"
    LOGGER.handlers[0].handle(LOGGER.makeRecord("image2map", 30, "", 0, odd, (), None))
    assert r"a\udcffb \x1b[31m \u202e" in file.read_text("utf-8")


def test_a_log_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert start_log(tmp_path / "file" / "folder") is None
    LOGGER.error("lost")
    assert start_log(None) is None
    LOGGER.error("lost")
    path = start_log(tmp_path / "state")
    LOGGER.handlers[0].stream.close()
    LOGGER.error("lost")
    stop_log()
    assert path is not None


def test_a_crash_leaves_its_stack_and_an_end_nothing(tmp_path: Path) -> None:
    told = (
        "import os, sys, pathlib\n"
        "from image2map_gui.ui.safety.crashes import CrashFile\n"
        "kept = CrashFile(pathlib.Path(sys.argv[1]))\n"
        "def in_a_library(): os.abort() if sys.argv[2] else kept.close()\n"
        "in_a_library()"
    )
    path = tmp_path / "1.crash"
    done = subprocess.run([sys.executable, "-c", told, path, "die"], check=False, timeout=60)
    assert done.returncode == -6
    assert "in_a_library" in stack_in(path)
    path.unlink()
    subprocess.run([sys.executable, "-c", told, path, ""], check=True, timeout=60)
    assert not path.exists()
    assert stack_in(path) == ""


def test_without_a_place_crashes_are_not_kept(tmp_path: Path) -> None:
    for path in (None, tmp_path / "not" / "there"):
        CrashFile(path).close()
    assert list(tmp_path.iterdir()) == []


def test_a_crash_file_is_read_as_far_as_is_sensible(tmp_path: Path) -> None:
    path = tmp_path / "x.crash"
    path.write_bytes(b"\xff" * 1_000_000)
    assert 0 < len(stack_in(path)) <= 4 * 65_536
    assert log.LOGGER.name == "image2map"
