"""Folders as they should not be, through the real command line: nothing waits or is lost."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from data import PROJECT, draw_lines, run_command, write_picture
from PIL import Image

from image2map_gui.core.images.dataset import Reading, read_dataset
from image2map_gui.core.images.sources import find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project.load import load_project

SMALL = ("--rows", 2, "--columns", 2, "--epochs", 1, "--size", "6x6", "--json")
NO_OVERRIDE = "-dac_override,-dac_read_search"
NAMES = [
    b"line\nbreak.png", b"tab\tbed.png", b"cr\rback.png", b"esc_\x1b[31mred.png", b"caf\xe9.png",
    b"\xff\xfe.png", "right\u202egnp.exe.png".encode(), "zero\u200bwidth.png".encode(),
    b"=cmd|' !A0'.png", b"+1+1.png", b"-2+3.png", b"@SUM(A1).png", b"<img src=x onerror=1>.png",
    b'"><svg onload=alert(1)>.png', b"{{7*7}}${7*7}.png", b"%00%2e%2e.png", b"$HOME.png",
    b"a" * 251 + b".png", "\u0645\u0631\u062d\u0628\u0627.png".encode(),
]  # fmt: skip


def train(folder: Path, *more: object) -> Any:
    return run_command("train", folder, "-o", folder.parent / "map.i2m", *SMALL, *more).json


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return draw_lines(tmp_path / "pictures", 6)


# What is no file


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_pipes_sockets_devices_and_links_to_them_are_skipped_at_once(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(good / "pipe.png")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(good)  # such addresses must be short
        listener.bind("socket.png")
        monkeypatch.chdir(PROJECT)
        (good / "device.png").symlink_to("/dev/zero")
        (good / "linked pipe.png").symlink_to(good / "pipe.png")
        (good / "linked socket.png").symlink_to(good / "socket.png")
        (good / "nowhere.png").symlink_to(good / "none.png")
        (good / "myself.png").symlink_to(good / "myself.png")
        began = time.perf_counter()
        *_, reading = read_dataset(find_sources([good]), ImageSpec(size=(6, 6)))
        assert time.perf_counter() - began < 2
        assert len(reading.dataset) == 6
        answer = train(good)
    assert answer["images"] == 6
    reasons = {Path(one["path"]).name: one["reason"] for one in answer["skipped"]}
    assert len(reasons) == 7
    for name in ("pipe", "socket", "device", "linked pipe", "linked socket"):
        assert reasons[f"{name}.png"] == "is not a regular file"


def test_links_in_circles_and_deep_folders_end(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (good / "circle").symlink_to(good)
    (good / "a").mkdir()
    (good / "a" / "back").symlink_to(good / "a")
    (good / "a" / "twin.png").symlink_to(good / "lines_1.png")
    monkeypatch.chdir(good)
    for _ in range(300):  # longer than the system's longest path
        os.mkdir("d" * 20)  # noqa: PTH102
        os.chdir("d" * 20)
    monkeypatch.chdir(PROJECT)
    began = time.perf_counter()
    answer = train(good)
    assert time.perf_counter() - began < 20
    assert answer["images"] == 6
    shutil.rmtree(good / ("d" * 20), ignore_errors=True)


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
@pytest.mark.slow
def test_what_one_may_not_read_is_listed(good: Path) -> None:
    closed = good / "closed"
    closed.mkdir()
    write_picture(closed / "a.png")
    (good / "lines_1.png").chmod(0)
    closed.chmod(0)
    command = ["setpriv", f"--bounding-set={NO_OVERRIDE}", f"--inh-caps={NO_OVERRIDE}"]
    if os.geteuid() != 0:
        command = []
    done = subprocess.run(
        [*command, sys.executable, "-m", "image2map_gui", "train", str(good), "-o",
         str(good.parent / "map.i2m"), *map(str, SMALL)],
        cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    closed.chmod(0o755)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["images"] == 5
    assert {Path(one["path"]).name: one["reason"] for one in answer["skipped"]} == {
        "lines_1.png": "may not be read (permission denied)",
        "closed": "permission denied",
    }


# What changes meanwhile


def disturb(files: list[Path], stop: threading.Event) -> None:
    """Remove, cut, lengthen and replace files again and again, from the end on."""
    for number, path in enumerate(reversed(files)):
        if stop.is_set():
            return
        kind = number % 5
        if kind == 0:
            path.unlink()
        elif kind == 1:
            os.truncate(path, path.stat().st_size // 2)
        elif kind == 2:
            with path.open("ab") as file:
                file.write(b"more" * 5000)
        elif kind == 3:
            path.write_bytes(b"")
        else:
            other = path.with_suffix(".new")
            Image.new("L", (9, 9), 200).save(other, "PNG")
            other.replace(path)


def test_an_import_of_files_that_vanish_shrink_and_grow_ends_and_adds_up(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    whole = io.BytesIO()
    Image.effect_noise((40, 40), 60).save(whole, "PNG")
    files = [folder / f"{index:04}.png" for index in range(2000)]
    for path in files:
        path.write_bytes(whole.getvalue())
    found = find_sources([folder])
    stop = threading.Event()
    reading = read_dataset(found, ImageSpec(size=(6, 6)))
    next(reading)
    storm = threading.Thread(target=disturb, args=(files, stop))
    storm.start()
    last = end(reading)
    stop.set()
    storm.join()
    dataset = last.dataset
    assert len(dataset) + len(dataset.skipped) == 2000
    assert 100 < len(dataset) < 2000
    assert {one.reason for one in dataset.skipped} >= {"is no longer there", "is empty"}
    assert all(len(one.reason.splitlines()) == 1 for one in dataset.skipped)
    told = {source.path for source in dataset.sources} | {one.path for one in dataset.skipped}
    assert told == set(map(str, files))


def end(steps: Iterator[Reading]) -> Reading:
    *_, last = steps
    return last


def test_files_that_vanish_during_a_training_from_the_command_line(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    whole = io.BytesIO()
    Image.effect_noise((300, 300), 60).save(whole, "PNG")
    files = [folder / f"{index:04}.png" for index in range(1000)]
    for path in files:
        path.write_bytes(whole.getvalue())
    stop = threading.Event()
    timer = threading.Timer(1.0, disturb, (files, stop))
    timer.start()
    answer = train(folder)
    stop.set()
    timer.join()
    assert answer["images"] + len(answer["skipped"]) in range(800, 1001)  # some were never found


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace to slow a file down")
@pytest.mark.slow
def test_a_slow_file_is_given_up_and_the_others_are_read(good: Path, tmp_path: Path) -> None:
    slow = good / "slow.png"
    Image.effect_noise((300, 300), 60).save(slow)
    command = [
        "strace", "-f", "-qq", "-o", "/dev/null", "-P", str(slow),
        "-e", "inject=read:delay_enter=3000000", "-e", "trace=read",
        sys.executable, "-m", "image2map_gui", "train", str(good), "-o", str(tmp_path / "a.i2m"),
        *map(str, SMALL), "--seconds-per-picture", "1", "--colour", "grey",
    ]  # fmt: skip
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, timeout=100, check=False
    )
    if "ptrace" in done.stderr:
        pytest.skip("strace may not watch processes here")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["images"] == 6
    (skipped,) = answer["skipped"]
    assert skipped["reason"] == "took longer than 1 s to decode (setting 'seconds per picture')"
    assert time.perf_counter() - began < 60


# Names


def test_odd_names_go_the_whole_way(tmp_path: Path) -> None:
    """Trained on, saved, opened, classified and written to a table: none lost, none harmful."""
    folder = tmp_path / "pictures"
    for number, label in enumerate((b"=1+1", b"caf\xe9", b"<b>\n</b>")):
        place = folder / os.fsdecode(label)
        place.mkdir(parents=True)
        for index, name in enumerate(NAMES):
            pixels = Image.new("L", (6, 6), 60 * number + 3 * index)
            with (place / os.fsdecode(name)).open("wb") as file:
                pixels.save(file, "PNG")
    count = 3 * len(NAMES)
    answer = train(folder)
    assert answer["images"] == count
    assert answer["skipped"] == []
    project = load_project(tmp_path / "map.i2m")
    paths = {os.fsencode(source.path) for source in project.sources}
    assert paths == {os.fsencode(path) for path in folder.rglob("*.png")}
    assert {source.label for source in project.sources} == {"=1+1", "caf\udce9", "<b>\n</b>"}
    table = tmp_path / "answers.csv"
    said = run_command("classify", tmp_path / "map.i2m", folder, "--csv", table)
    assert said.code == 0
    text = table.read_bytes().decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == count
    assert {row["label"] for row in rows} <= {"'=1+1", "caf\\udce9", "<b>\n</b>"}
    assert all(cell[:1] not in set("=+-@\t\r") for row in rows for cell in row.values() if cell)
    lines = run_command("classify", tmp_path / "map.i2m", folder)
    assert len(lines.out.splitlines()) == count  # no name breaks its line
    assert all(sign.isprintable() or sign in "\n\u202e\u200b" for sign in lines.out)
    matches = run_command("classify", tmp_path / "map.i2m", folder, "--json").json["matches"]
    assert len({match["path"] for match in matches}) == count
    info = run_command("info", tmp_path / "map.i2m", "--json").json
    assert info["images"] == count


@pytest.mark.parametrize("name", [NAMES[0], NAMES[4], NAMES[8], NAMES[10], NAMES[17]])
@pytest.mark.slow
def test_a_single_odd_name_is_taken_as_an_argument(tmp_path: Path, name: bytes) -> None:
    good = draw_lines(tmp_path / "pictures", 4)
    train(good)
    path = os.fsencode(tmp_path) + b"/" + name
    with Image.open(good / "lines_1.png") as image, open(path, "wb") as file:  # noqa: PTH123
        image.save(file, "PNG")
    done = subprocess.run(
        [sys.executable, "-m", "image2map_gui", "classify", str(tmp_path / "map.i2m"),
         b"./" + name, "--json"],
        cwd=tmp_path, capture_output=True, check=False, timeout=60,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (match,) = json.loads(done.stdout)["matches"]
    assert match["distance"] == pytest.approx(0, abs=3)
