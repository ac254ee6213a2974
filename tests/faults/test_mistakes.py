"""Whatever fails says so: in the window and on the command line, with nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from data import draw_lines
from lives import Life, log
from windows import PACKAGE

COMMANDS = (
    "train", "classify", "evaluate", "export", "info", "quantize", "sample", "open", "suggest",
    "tune",
)  # fmt: skip


def command(*arguments: object, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "image2map_gui", *map(str, arguments)],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGE), "HOME": str(cwd)},
        capture_output=True,
        text=True,
        errors="backslashreplace",
        timeout=100,
        check=False,
        **options,
    )


@pytest.mark.slow
def test_every_kind_of_mistake_is_told_once_and_the_window_stays(tmp_path: Path) -> None:
    with Life(tmp_path, "mistakes") as life:
        assert life.end() == 0, life.errors
        said = life.said
    places = ("a Python thread", "a QThread", "a paintEvent", "a slot", "a timer")
    assert said["texts"] == [f"ArithmeticError: in {place}" for place in places]
    assert said["most"] == 1  # dialogs at a time
    assert said["painted"] > 3
    text = log(tmp_path)
    for place in places:
        assert f"ArithmeticError: in {place}" in text
    assert text.count("Traceback") < 40
    assert "Image2Map" in said["details"]
    assert "living.py" in said["details"]


@pytest.mark.faults
@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_succeeds_where_its_files_are_missing(tmp_path: Path, name: str) -> None:
    arguments = {
        "train": ["nowhere", "-o", "m.i2m"],
        "classify": ["nowhere.i2m", "x.png"],
        "evaluate": ["nowhere.i2m", "x"],
        "export": ["nowhere.i2m", "map", "-o", "x.png"],
        "info": ["nowhere.i2m"],
        "quantize": ["nowhere.png", "-o", "x.png"],
        "sample": ["lines", "/dev/null/x"],
        "open": [],
        "suggest": ["nowhere.i2m"],
        "tune": ["nowhere.i2m", "-o", "x.i2m"],
    }[name]
    done = command(name, *arguments, cwd=tmp_path)
    assert done.returncode in (1, 2), done.stderr
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 4


@pytest.mark.faults
@pytest.mark.parametrize("damage", ["cut", "empty", "text"])
@pytest.mark.parametrize("name", ["classify", "evaluate", "info", "export", "suggest", "tune"])
def test_no_command_succeeds_with_a_damaged_map(tmp_path: Path, name: str, damage: str) -> None:
    path = tmp_path / "m.i2m"
    if damage == "cut":
        pictures = draw_lines(tmp_path / "lines", 12)
        assert command("train", pictures, "-o", path, "--epochs", 2, cwd=tmp_path).returncode == 0
        path.write_bytes(path.read_bytes()[:-50])
    else:
        path.write_bytes(b"" if damage == "empty" else b"hello\n" * 100)
    more = {"classify": ["x.png"], "evaluate": ["x"], "export": ["map", "-o", "x.png"],
            "tune": ["-o", "x.i2m"]}.get(name, [])  # fmt: skip
    done = command(name, path, *more, cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr


@pytest.mark.faults
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    pictures = draw_lines(tmp_path / "lines", 60)
    path = tmp_path / "m.i2m"
    assert command("train", pictures, "-o", path, "--epochs", 2, cwd=tmp_path).returncode == 0
    program = f"{sys.executable} -m image2map_gui"
    for rest in (
        f"classify {path} {pictures} --json",
        f"info {path}",
        f"classify {path} {pictures}",
    ):
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {program} {rest} | head -c 1 > /dev/null"],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGE), "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""


@pytest.mark.faults
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_reading_ends_a_command_in_one_line(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    pictures = draw_lines(tmp_path / "lines", 3000)
    with subprocess.Popen(
        [sys.executable, "-m", "image2map_gui", "train", pictures, "-o", tmp_path / "m.i2m"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGE), "HOME": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as training:
        for _ in range(600):  # until it has its helpers: then it reads
            children = Path(f"/proc/{training.pid}/task/{training.pid}/children").read_text()
            if children.strip() or training.poll() is not None:
                break
            time.sleep(0.05)
        training.send_signal(number)
        _, errors = training.communicate(timeout=60)
        assert training.returncode == code, errors
    assert "Traceback" not in errors
    assert not (tmp_path / "m.i2m").exists()


@pytest.mark.faults
def test_a_window_without_a_display_is_refused_in_one_line(tmp_path: Path) -> None:
    done = command("open", cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.faults
def test_what_cannot_fit_is_refused_with_the_figures(tmp_path: Path) -> None:
    pictures = draw_lines(tmp_path / "lines", 600)

    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))

    reading = command(
        "train", pictures, "-o", "m.i2m", "--size", "512x512", "--colour", "rgb",
        cwd=tmp_path, preexec_fn=limit,
    )  # fmt: skip
    assert reading.returncode == 1, reading.stderr
    assert "Reading 600 pictures at 512 x 512 pixels needs about" in reading.stderr
    training = command(
        "train", pictures, "-o", "m.i2m", "--size", "200x200", "--rows", 70, "--columns", 70,
        "--threads", 1, cwd=tmp_path, preexec_fn=limit,
    )  # fmt: skip
    assert training.returncode == 1, training.stderr
    assert "Training 70 x 70 units on 600 pictures needs about" in training.stderr
    assert "are free. Try fewer units" in training.stderr
    assert not (tmp_path / "m.i2m").exists()


@pytest.mark.faults
@pytest.mark.parametrize(
    "act", ["fail_training", "fail_reading", "fail_classifying", "fail_export"]
)
def test_a_job_that_breaks_says_so_and_keeps_what_was_there(tmp_path: Path, act: str) -> None:
    pictures = draw_lines(tmp_path / "lines", 40)
    with Life(tmp_path, act, pictures) as life:
        assert life.end() == 0, life.errors
        said = life.said
    assert "failed" in said["failed"]
    assert said["dialogs"] == 1
    assert said["status"] == said["failed"]
    assert said["activity"] == ""
    assert said["saved"] is True
    assert said["history"] >= said["least"]
