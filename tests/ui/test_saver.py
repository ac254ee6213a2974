"""Saving from the window: in a thread, told truthfully, and never over what somebody else wrote."""

from __future__ import annotations

import errno
import os
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import WAIT_MS, Person, open_pictures, save, train, wait_idle
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.save import Saving, backup_of, leads_to_project, save_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.dialogs.dialogs import Dialogs
from image2map_gui.ui.handlers.handlers import open_path
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session import saver
from image2map_gui.ui.session.session import Session


def press(window: MainWindow, name: str) -> None:
    window.actions_by_name[name].trigger()


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, pictures: Path) -> MainWindow:
    open_pictures(qtbot, window.session, pictures)
    return window


@pytest.fixture
def path(opened: MainWindow, tmp_path: Path) -> Path:
    """Save the open collection, and return where."""
    path = tmp_path / "map.i2m"
    assert save(opened.session, path)
    return path


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let a saving wait before its last step until the gate is opened."""
    gate = threading.Event()
    whole: Callable[..., Iterator[Saving]] = saver.saving

    def slowly(*given: Any, **more: Any) -> Iterator[Saving]:
        for step in whole(*given, **more):
            while not step.milestone and step.done >= step.total and not gate.wait(0.01):
                yield step
            yield step

    monkeypatch.setattr(saver, "saving", slowly)
    yield gate
    gate.set()


def label_first(session: Session, label: str) -> None:
    session.curator.label([session.sources[0].address], label)


# --- while it is being saved --------------------------------------------------------------------


def test_the_window_goes_on_and_saved_is_told_at_the_end_only(
    qtbot: QtBot, opened: MainWindow, person: Person, tmp_path: Path, gate: threading.Event
) -> None:
    session, path = opened.session, tmp_path / "map.i2m"
    person.answers["project_to_save"] = path
    press(opened, "save")
    assert session.saver.busy
    label_first(session, "during")
    qtbot.waitUntil(lambda: "Saving map.i2m" in opened.status_line.progress, timeout=WAIT_MS)
    assert opened.isWindowModified()
    assert not path.exists()
    assert "Saved" not in opened.status_line.message
    gate.set()
    qtbot.waitUntil(lambda: not session.saver.busy, timeout=WAIT_MS)
    assert opened.status_line.message == f"Saved as {path}"
    assert opened.status_line.progress == ""
    assert opened.isWindowModified(), "the label came after the click"
    assert load_project(path).sources[0].label == "flat"
    press(opened, "undo")
    assert opened.isWindowModified(), "which step was saved is not known any more"
    press(opened, "save")
    assert session.saver.wait()
    assert not opened.isWindowModified()
    assert opened.settings.recent == [str(path)]


def test_closing_waits_for_what_is_being_saved(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path, gate: threading.Event
) -> None:
    opened.session.save(tmp_path / "map.i2m")
    QTimer.singleShot(100, gate.set)
    assert opened.close()
    assert len(load_project(tmp_path / "map.i2m").sources) == 12


def test_a_program_that_has_to_end_does_not_wait_for_ever(
    opened: MainWindow, tmp_path: Path, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.session.save(tmp_path / "map.i2m")
    with monkeypatch.context() as patched:
        patched.setattr(saver.QEventLoop, "exec", lambda *_: -1)  # as after QCoreApplication.exit
        assert not opened.session.saver.wait()
        assert not opened.close()
    gate.set()
    assert opened.session.saver.wait()


def test_a_mistake_while_closing_keeps_the_window(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    label_first(opened.session, "odd")
    with monkeypatch.context() as patched, qtbot.captureExceptions() as mistakes:
        patched.setattr(opened.dialogs, "save_first", lambda *_: 1 / 0)
        assert not opened.close()
    assert len(mistakes) == 1
    assert opened.isVisible()
    assert not opened.left
    assert opened.session.sources


def test_saving_again_meanwhile_saves_the_newer_state(
    opened: MainWindow, path: Path, gate: threading.Event
) -> None:
    session = opened.session
    label_first(session, "first")
    press(opened, "save")
    label_first(session, "second")
    press(opened, "save")
    gate.set()
    assert session.saver.wait()
    assert load_project(path).sources[0].label == "second"
    assert not opened.isWindowModified()


def test_what_waits_is_saved_as_it_was_when_that_was_asked_for(
    opened: MainWindow, person: Person, path: Path, tmp_path: Path, gate: threading.Event
) -> None:
    session, other = opened.session, tmp_path / "other.i2m"
    label_first(session, "first")
    press(opened, "save")
    label_first(session, "second")
    person.answers["project_to_save"] = other
    press(opened, "save-as")
    label_first(session, "third")
    press(opened, "save")
    label_first(session, "fourth")
    gate.set()
    assert session.saver.wait()
    assert person.asked == ["project_to_save"]
    assert load_project(other).sources[0].label == "second"
    assert load_project(path).sources[0].label == "third"
    assert opened.isWindowModified()


def test_what_is_asked_for_twice_is_clean_at_the_end(
    opened: MainWindow, person: Person, tmp_path: Path, gate: threading.Event
) -> None:
    person.answers["project_to_save"] = tmp_path / "map.i2m"
    press(opened, "save")
    press(opened, "save")
    gate.set()
    assert opened.session.saver.wait()
    assert not opened.isWindowModified()


def test_what_waits_is_not_saved_once_something_else_is_open(
    opened: MainWindow, person: Person, path: Path, tmp_path: Path, gate: threading.Event
) -> None:
    session = opened.session
    label_first(session, "first")
    press(opened, "save")
    person.answers["project_to_save"] = tmp_path / "other.i2m"
    press(opened, "save-as")
    session.new()
    assert "other.i2m: was not saved" in opened.status_line.message
    gate.set()
    session.saver.wait()
    assert not (tmp_path / "other.i2m").exists()
    assert load_project(path).sources[0].label == "first"
    assert person.asked == ["project_to_save"]
    assert session.path is None


def test_what_is_opened_meanwhile_is_not_taken_for_what_was_saved(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path, gate: threading.Event
) -> None:
    session = opened.session
    session.save(tmp_path / "map.i2m")
    session.open_sample("lines")
    qtbot.waitUntil(lambda: len(session.sources) == 100, timeout=WAIT_MS)
    gate.set()
    session.saver.wait()
    assert session.path is None
    assert session.modified
    assert len(load_project(tmp_path / "map.i2m").sources) == 12


@pytest.mark.slow
def test_a_training_is_saved_as_it_is_now_and_goes_on(
    qtbot: QtBot, opened: MainWindow, path: Path
) -> None:
    session = opened.session
    session.set_params(SomParams(rows=3, columns=4, epochs=100_000))
    session.train()
    qtbot.waitUntil(lambda: len(session.history) > 2, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: session.map.units is not None, timeout=WAIT_MS)
    press(opened, "save")
    assert session.saver.wait()
    assert session.training
    project = load_project(path)
    assert project.model is not None
    assert 2 < len(project.history) < 100_000
    session.stop()
    wait_idle(qtbot, session)


# --- when it does not work ----------------------------------------------------------------------


def test_a_failure_offers_another_name(
    opened: MainWindow, person: Person, path: Path, tmp_path: Path
) -> None:
    session = opened.session
    label_first(session, "new")
    path.chmod(0o444)
    before = path.read_bytes()
    person.answers |= {"not_saved": "save as", "project_to_save": tmp_path / "other.i2m"}
    press(opened, "save")
    assert session.saver.wait()
    assert str(path) in person.shown[-1]
    assert "read-only" in person.shown[-1]
    assert path.read_bytes() == before
    assert session.path == tmp_path / "other.i2m"
    assert load_project(session.path).sources[0].label == "new"
    assert not opened.isWindowModified()


def test_a_stick_that_was_pulled_out_loses_nothing(
    qtbot: QtBot, opened: MainWindow, person: Person, pictures: Path, tmp_path: Path
) -> None:
    session, stick = opened.session, tmp_path / "stick"
    stick.mkdir()
    assert save(session, stick / "map.i2m")
    label_first(session, "new")
    (stick / "map.i2m").unlink()
    stick.rmdir()
    pictures.rename(tmp_path / "away")
    press(opened, "save")
    assert not session.saver.wait()
    assert person.asked == ["not_saved"]
    assert str(stick / "map.i2m") in person.shown[-1]
    assert opened.isWindowModified()
    assert len(session.sources) == 12
    person.answers |= {"not_saved": "save as", "project_to_save": tmp_path / "other.i2m"}
    press(opened, "save")
    assert session.saver.wait()
    assert load_project(tmp_path / "other.i2m").sources[0].label == "new"


@pytest.mark.parametrize("answer", ["replace", "save as", None])
def test_a_file_that_somebody_else_wrote_is_asked_about(
    opened: MainWindow, person: Person, path: Path, tmp_path: Path, answer: str | None
) -> None:
    session = opened.session
    label_first(session, "mine")
    project = load_project(path)
    save_project(project, path, backup=False)
    os.utime(path, ns=(1, 1))
    theirs = path.read_bytes()
    person.answers |= {"changed_elsewhere": answer, "project_to_save": tmp_path / "other.i2m"}
    press(opened, "save")
    assert session.saver.wait() is (answer is not None)
    assert person.asked[0] == "changed_elsewhere"
    assert (path.read_bytes() == theirs) is (answer != "replace")
    assert opened.isWindowModified() is (answer is None)
    if answer is not None:
        assert load_project(session.path).sources[0].label == "mine"
    if answer == "replace":
        assert backup_of(path).read_bytes() == theirs


def test_what_the_disk_did_not_confirm_is_saved_once_more(
    opened: MainWindow, person: Person, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, really_sync = opened.session, os.fsync

    def sync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        really_sync(handle)

    label_first(session, "new")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", sync)
        press(opened, "save")
        assert not session.saver.wait()
    assert "save once more" in person.shown[-1]
    assert load_project(path).sources[0].label == "new"
    assert opened.isWindowModified()
    press(opened, "save")
    assert session.saver.wait()
    assert person.asked == ["not_saved"], "nobody else has changed it"
    assert not opened.isWindowModified()


def test_a_mistake_of_the_program_is_no_saving(
    qtbot: QtBot, opened: MainWindow, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any, **_more: Any) -> Iterator[Saving]:
        raise MemoryError

    monkeypatch.setattr(saver, "saving", broken)
    label_first(opened.session, "new")
    assert not save(opened.session, path)
    assert opened.isWindowModified()
    assert "not enough memory" in opened.status_line.message


# --- damaged projects ---------------------------------------------------------------------------


def test_the_version_before_is_offered_for_a_damaged_project(
    opened: MainWindow, person: Person, path: Path, tmp_path: Path
) -> None:
    session = opened.session
    label_first(session, "newer")
    assert save(session, path)
    path.write_bytes(path.read_bytes()[:-300])
    broken, backup = path.read_bytes(), backup_of(path).read_bytes()
    session.new()
    open_path(opened.context, path)
    assert person.asked[-1] == "open_previous"
    assert str(path) in person.shown[-1]
    assert session.sources == ()
    person.answers["open_previous"] = True
    open_path(opened.context, path)
    assert session.sources[0].label == "flat"
    assert session.path is None
    assert opened.isWindowModified()
    assert path.read_bytes() == broken, "nothing is changed by looking"
    assert backup_of(path).read_bytes() == backup
    person.answers["project_to_save"] = path
    press(opened, "save")
    assert session.saver.wait()
    assert load_project(path).sources[0].label == "flat"


def test_a_version_before_is_opened_as_work_that_is_not_saved(
    opened: MainWindow, person: Person, path: Path
) -> None:
    session = opened.session
    label_first(session, "newer")
    assert save(session, path)
    backup = backup_of(path).read_bytes()
    recent = list(opened.settings.recent)
    session.new()
    open_path(opened.context, backup_of(path))
    assert session.sources[0].label == "flat"
    assert session.path is None
    assert opened.isWindowModified()
    assert opened.settings.recent == recent
    assert not save(session, backup_of(path)), "the place of the version before is not its own"
    assert "another name" in opened.status_line.message
    assert backup_of(path).read_bytes() == backup


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "named", "replaced"),
    [
        ("trip.2024", "trip.2024.i2m", True),
        ("photo.jpg", "photo.jpg.i2m", False),
        ("trip", "trip.i2m", True),
        ("trip.I2M", "trip.I2M", None),
        ("trip.i2m~", "trip.i2m~", None),
    ],
)
@pytest.mark.slow
def test_a_project_gets_its_suffix_whatever_the_name(
    monkeypatch: pytest.MonkeyPatch, opened: MainWindow, tmp_path: Path,
    typed: str, named: str, replaced: bool | None,
) -> None:  # fmt: skip
    dialogs, asked = Dialogs(opened), []

    def choose(*_: object) -> tuple[str, str]:
        return str(tmp_path / typed), ""

    def replace(path: Path) -> bool:
        asked.append(path.name)
        return bool(replaced)

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    monkeypatch.setattr(dialogs, "_may_replace", replace)
    assert dialogs.project_to_save("") == tmp_path / named
    (tmp_path / named).touch()
    assert dialogs.project_to_save("") == (None if replaced is False else tmp_path / named)
    assert asked == ([] if replaced is None else [named])
    assert dialogs.palette_to_save("") == tmp_path / (typed if "." in typed else f"{typed}.gpl")


def test_a_project_of_any_name_is_opened(
    opened: MainWindow, person: Person, path: Path, tmp_path: Path
) -> None:
    session = opened.session
    label_first(session, "newer")
    assert save(session, path)
    other = path.rename(tmp_path / "trip.2024")
    session.new()
    open_path(opened.context, other)
    assert session.path == other
    assert session.sources[0].label == "newer"
    session.new()
    open_path(opened.context, backup_of(path).rename(tmp_path / "trip.2024~"))
    assert session.path is None
    assert opened.isWindowModified()
    assert session.sources[0].label == "flat"
    archive = tmp_path / "pictures.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("manifest.json", "{}")
        file.writestr("a.png", b"")
    assert leads_to_project(other)
    assert not leads_to_project(archive)
    assert not leads_to_project(tmp_path)


# --- two windows --------------------------------------------------------------------------------


@pytest.fixture
def other(qtbot: QtBot, opened: MainWindow, tmp_path: Path) -> Iterator[Session]:
    """Return another session, as in another window."""
    made = Session()
    for session in (opened.session, made):
        session.saver.locks.keep_in(tmp_path / "locks")
    yield made
    made.shutdown()
    made.deleteLater()


def test_the_second_window_says_so_and_saves_elsewhere(
    qtbot: QtBot, opened: MainWindow, other: Session, path: Path, tmp_path: Path
) -> None:
    assert opened.session.open_project(path) == ""
    with qtbot.waitSignal(other.failed) as said:
        assert other.open_project(path) == ""
    assert "map.i2m is open in another window" in said.args[0]
    assert len(other.sources) == 12, "it can be looked at"
    label_first(other, "theirs")
    before = path.read_bytes()
    with qtbot.waitSignal(other.failed) as said:
        assert not save(other, path)
    assert "save under another name" in said.args[0]
    assert path.read_bytes() == before
    assert save(other, tmp_path / "other.i2m")
    assert save(opened.session, path)
    opened.session.new()
    assert save(other, path), "it is free now"


def test_a_lock_of_a_window_that_was_killed_is_taken(
    opened: MainWindow, other: Session, path: Path, tmp_path: Path
) -> None:
    assert opened.session.open_project(path) == ""
    (lock,) = (tmp_path / "locks").iterdir()
    dead = lock.read_text().splitlines()
    opened.session.new()
    lock.write_text("\n".join(["4194300", *dead[1:]]) + "\n")
    assert other.saver.locks.take(path) == ""


# --- pictures that come with the project --------------------------------------------------------


def test_pictures_in_the_project_make_it_whole_without_their_files(
    qtbot: QtBot, opened: MainWindow, pictures: Path, tmp_path: Path
) -> None:
    session, path = opened.session, tmp_path / "map.i2m"
    session.set_params(SomParams(rows=3, columns=4, epochs=2))
    train(qtbot, session)
    press(opened, "keep-pictures")
    assert opened.actions_by_name["keep-pictures"].isChecked()
    assert opened.actions_by_name["undo"].text() == "&Undo keep the pictures in the project"
    assert save(session, path)
    embedded = load_project(path).embedded
    assert embedded is not None
    np.testing.assert_array_equal(embedded.vectors, session.dataset.vectors)
    pictures.rename(tmp_path / "away")
    session.new()
    assert not opened.actions_by_name["keep-pictures"].isChecked()
    open_path(opened.context, path)
    assert opened.actions_by_name["keep-pictures"].isChecked()
    assert not opened.isWindowModified()
    train(qtbot, session)
    assert len(session.sources) == 12
    assert len(session.runs.all) == 2
    press(opened, "keep-pictures")
    assert save(session, path)
    assert load_project(path).embedded is None


def test_pictures_come_with_the_project_as_soon_as_there_is_a_map(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    session, path = opened.session, tmp_path / "map.i2m"
    press(opened, "keep-pictures")
    said: list[str] = []
    session.noticed.connect(said.append)
    assert save(session, path)
    assert "as soon as there is a map" in said[-1]
    assert load_project(path).embedded is None
    train(qtbot, session)
    assert save(session, path)
    assert said[-1] == f"Saved as {path}"
    assert load_project(path).embedded is not None


def test_pictures_that_cannot_come_with_another_map_are_missed_aloud(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    session, path = opened.session, tmp_path / "map.i2m"
    session.set_params(SomParams(rows=3, columns=4, epochs=2))
    session.set_spec(ImageSpec(size=(8, 8)))
    train(qtbot, session)
    press(opened, "keep-pictures")
    session.set_spec(ImageSpec(size=(9, 9)))
    train(qtbot, session)
    session.runs.restore(1)
    said: list[str] = []
    session.noticed.connect(said.append)
    assert save(session, path)
    assert "without its pictures" in said[-1]
    assert load_project(path).embedded is None
    press(opened, "keep-pictures")
    press(opened, "keep-pictures")
    wait_idle(qtbot, session)
    assert save(session, path)
    assert said[-1] == f"Saved as {path}"
    embedded = load_project(path).embedded
    assert embedded is not None
    assert embedded.vectors.shape == (12, 64)


def test_pictures_that_were_not_read_are_read_to_be_kept(
    qtbot: QtBot, opened: MainWindow, path: Path
) -> None:
    session = opened.session
    session.new()
    open_path(opened.context, path)
    press(opened, "keep-pictures")
    wait_idle(qtbot, session)
    assert session.embed == "vectors"
    assert save(session, path)
