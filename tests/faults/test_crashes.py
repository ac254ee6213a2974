"""The program is killed, crashes or is told to end: what was not saved is offered afterwards."""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from data import draw_lines
from lives import Life, kept, log, state
from windows import HERE, PACKAGE

from image2map_gui.core.files import fingerprint
from image2map_gui.core.images.sources import sample_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project
from image2map_gui.core.project.save import save_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.safety.presence import Presence
from image2map_gui.ui.session.recovery import About, left_by_others

KILLS, SEEN = 50, 10  # and of so many kills one is followed up in a window
SIGNALS = 12
LIMIT = 0.3  # seconds between two side files, as OFTEN in minutes
FAREWELL = 2.0


@pytest.fixture(scope="session")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_lines(tmp_path_factory.mktemp("lived") / "lines", 40)


def look(home: Path, act: str = "look") -> dict[str, Any]:
    """Start again and return what is said."""
    with Life(home, act) as life:
        assert life.end() == 0, life.errors
        return life.said


def orphan(home: Path) -> Path:
    """Return the side file that is told of in a home; the one before may still be there too."""
    (about,) = (state(home) / "recovery").glob("*.json")
    return about.with_name(json.loads(about.read_text("utf-8"))["file"])


@pytest.mark.faults
def test_after_a_kill_in_training_the_map_is_offered_once_and_right(
    tmp_path: Path, lines: Path
) -> None:
    with Life(tmp_path, "train", lines) as life:
        life.until("written")
        life.until("kept", 1)
        least = life.said["kept"]
        life.kill()
    project = load_project(orphan(tmp_path))
    assert project.model is not None
    assert len(project.history) >= least
    said = look(tmp_path, "restore")  # which ends without a farewell: it is there once more
    assert said["offers"] == 1
    assert len(said["entries"]) == 1
    assert (said["path"], said["modified"], said["sources"]) == (None, True, 40)
    assert said["history"] == len(project.history)


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_kills_at_random_lose_an_interval_at_most_and_never_the_persons_file(
    tmp_path: Path, lines: Path
) -> None:
    chance = random.Random(26)
    lost: list[int] = []
    for number in range(KILLS):
        home = tmp_path / str(number)
        home.mkdir()
        mine = home / "mine.i2m"
        made = project_of_lines(tmp_path, lines)
        mine.write_bytes(made.read_bytes())
        before, content = fingerprint(mine), mine.read_bytes()
        with Life(home, "train", mine) as life:
            life.until("kept", 1)
            time.sleep(chance.uniform(0, 4 * LIMIT))
            life.kill()
            reached, known = life.said["epoch"], life.said["kept"]
        assert mine.read_bytes() == content
        assert fingerprint(mine) == before
        project = load_project(orphan(home))
        assert len(project.history) >= known  # all that was said to be kept is there
        lost.append(reached - len(project.history))
        print(f"kill {number + 1}: {lost[-1]} epochs lost", flush=True)  # noqa: T201
        (about,) = offered(home)
        assert (about.path, about.epochs) == (str(mine), len(project.history))
        if number % SEEN == 0:
            restore_and_discard(home, about)
        assert mine.read_bytes() == content
    print(f"{KILLS} kills, epochs lost: {sorted(lost)}")  # noqa: T201 - the figures of a full run


def offered(home: Path) -> list[About]:
    """Return what another start would offer."""
    presence = Presence(state(home) / "recovery")
    left = left_by_others(presence)
    for orphan in left.orphans:
        orphan.gone.release()
    presence.leave()
    return [orphan.about for orphan in left.orphans]


def restore_and_discard(home: Path, about: About) -> None:
    """Restore in a window that is killed then, and discard in the next one."""
    said = look(home, "restore")
    assert said["offers"] == 1
    assert len(said["entries"]) == 1
    assert (said["path"], said["modified"], said["history"]) == (about.path, True, about.epochs)
    again = look(home, "discard")  # it was killed again: nothing is lost now either
    assert again["entries"][0].split("\n")[:2] == said["entries"][0].split("\n")[:2]
    assert len(again["entries"]) == 1
    assert kept(home) == []
    assert look(home)["offers"] == 0


def project_of_lines(folder: Path, lines: Path) -> Path:
    """Return a saved project of the drawings without a map."""
    from image2map_gui.core.images.sources import find_sources
    from image2map_gui.core.images.spec import ImageSpec
    from image2map_gui.core.project.project import Project
    from image2map_gui.core.som.params import SomParams

    path = folder / "made.i2m"
    if not path.exists():
        spec = ImageSpec(size=(16, 16), colour="grey")
        found = find_sources([lines])
        save_project(Project(spec, SomParams(), found.sources, found.skipped), path)
    return path


@pytest.mark.faults
def test_two_windows_leave_each_other_alone(tmp_path: Path, lines: Path) -> None:
    mine = tmp_path / "mine.i2m"
    mine.write_bytes(project_of_lines(tmp_path / "..", lines).read_bytes())
    content = mine.read_bytes()
    with Life(tmp_path, "train", mine) as first:
        first.until("kept", 1)
        with Life(tmp_path, "look_and_stay", mine) as second:
            assert second.until("offers", 0)["offers"] == 0  # the first one lives
            assert second.kill(signal.SIGTERM) == 143
        assert len(kept(tmp_path)) >= 1
        first.kill()
    said = look(tmp_path, "restore")
    assert said["offers"] == 1
    assert said["path"] == str(mine)
    assert mine.read_bytes() == content


@pytest.mark.slow
def test_a_native_crash_is_told_at_the_next_start_and_its_stack_is_in_the_log(
    tmp_path: Path,
) -> None:
    with Life(tmp_path, "abort") as life:
        assert life.end() == -signal.SIGABRT
    said = look(tmp_path)
    assert "crashed the last time it ran" in said["message"]
    text = log(tmp_path)
    assert "Fatal Python error: Aborted" in text
    assert "living.py" in text
    assert str(tmp_path) not in text


@pytest.mark.faults
def test_a_crash_is_told_once(tmp_path: Path) -> None:
    with Life(tmp_path, "abort") as life:
        life.end()
    assert "crashed" in look(tmp_path)["message"]
    assert look(tmp_path)["message"] == ""
    with Life(tmp_path, "wait") as life:  # killed from outside: no crash of the program's own
        life.until("ready")
        life.kill()
    assert look(tmp_path)["message"] == ""


@pytest.mark.faults
def test_a_good_end_leaves_nothing(tmp_path: Path, lines: Path) -> None:
    with Life(tmp_path, "train_and_leave", lines) as life:
        assert life.end() == 0, life.errors
    assert kept(tmp_path) == []
    assert list((state(tmp_path) / "recovery").iterdir()) == []
    assert look(tmp_path)["offers"] == 0


@pytest.mark.faults
def test_a_training_that_was_killed_is_finished(tmp_path: Path, lines: Path) -> None:
    with Life(tmp_path, "train:400", lines) as life:
        life.until("kept", 1)
        life.kill()
    assert len(load_project(orphan(tmp_path)).history) < 400
    with Life(tmp_path, "restore_and_finish") as life:
        assert life.end() == 0, life.errors
        assert life.said["unfinished"] is True
        assert life.said["history"] == 400


@pytest.mark.faults
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_signals_at_random_keep_what_there_is_and_end_soon(
    tmp_path: Path, lines: Path, number: signal.Signals, code: int
) -> None:
    chance = random.Random(int(number))
    times: list[float] = []
    for attempt in range(SIGNALS):
        home = tmp_path / str(attempt)
        home.mkdir()
        # No side file before the signal: what there is afterwards was written because of it.
        with Life(home, "train", lines, minutes=60) as life:
            life.until("epoch", 3)
            time.sleep(chance.uniform(0, 0.5))
            began = time.perf_counter()
            assert life.kill(number) == code, life.errors
            times.append(time.perf_counter() - began)
            reached = life.said["epoch"]
        assert "Traceback" not in life.errors
        project = load_project(orphan(home))
        assert reached - len(project.history) <= 1
        assert look(home, "restore")["offers"] == 1
    median = statistics.median(times)
    print(f"{number.name}: {SIGNALS} ends in {median:.2f} s, at most {max(times):.2f}")  # noqa: T201
    assert median < FAREWELL  # a single one may meet a busy machine


@pytest.mark.faults
def test_a_signal_while_a_dialog_is_open_ends_it_too(tmp_path: Path) -> None:
    with Life(tmp_path, "ask") as life:
        life.until("ready")
        assert life.kill(signal.SIGTERM) == 143, life.errors
    assert kept(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_signal_while_a_project_is_read_ends_the_program(tmp_path: Path) -> None:
    path = tmp_path / "map.i2m"
    save_project(Project(ImageSpec(), SomParams(), sample_sources("lines", 20).sources), path)
    program = [sys.executable, str(HERE / "opening_slowly.py"), str(path)]
    surroundings = {"HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    usual = {"PYTHONPATH": str(PACKAGE), "PATH": os.environ["PATH"]}
    with subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=usual | surroundings
    ) as window:
        try:
            assert window.stdout is not None
            assert window.stdout.readline() == b"reading\n"
            window.send_signal(signal.SIGTERM)
            assert window.wait(20) == 143
        finally:
            window.kill()
        assert window.stderr is not None
        assert b"Traceback" not in window.stderr.read()
