"""Opening a project does not stop the window."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import open_pictures, save
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from image2map_gui.core.errors import ProjectError
from image2map_gui.core.files import fingerprint
from image2map_gui.core.project.load import Loading, loading
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.panels.drop_overlay import ADD
from image2map_gui.ui.panels.status import StatusLine
from image2map_gui.ui.session import opener
from image2map_gui.ui.session.session import Session


@pytest.fixture
def project(qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path) -> Path:
    open_pictures(qtbot, session, pictures)
    path = tmp_path / "flowers.i2m"
    assert save(session, path)
    session.new()
    return path


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let reading a project wait half-way until this is set, as on a slow disk."""
    opened = threading.Event()

    def slow(path: Path) -> Iterator[Loading]:
        yield Loading(0.5)
        while not opened.wait(0.02):
            yield Loading(0.5)
        yield from loading(path)

    monkeypatch.setattr(opener, "loading", slow)
    yield opened
    opened.set()


def test_the_window_lives_while_a_project_is_read(
    qtbot: QtBot, window: MainWindow, session: Session, project: Path, gate: threading.Event
) -> None:
    status, seen = window.findChild(StatusLine), []
    timer = QTimer(window)

    def look() -> None:
        seen.append((status.progress, session.sources))
        if len(seen) == 10:
            gate.set()

    timer.timeout.connect(look)
    timer.start(20)
    assert session.open_project(project) == ""
    timer.stop()
    assert len(seen) >= 10
    assert seen[5] == ("Opening flowers.i2m", ())
    assert len(session.sources) == 12
    assert session.path == project
    assert status.progress == ""


def test_one_at_a_time(
    qtbot: QtBot, session: Session, project: Path, gate: threading.Event
) -> None:
    refused: list[str] = []

    def again() -> None:
        refused.append(session.open_project(project))
        gate.set()

    QTimer.singleShot(30, again)
    assert session.open_project(project) == ""
    (why_not,) = refused
    assert "flowers.i2m is being opened" in why_not
    assert len(session.sources) == 12


def test_the_program_may_end_meanwhile(
    qtbot: QtBot, session: Session, project: Path, gate: threading.Event
) -> None:
    QTimer.singleShot(30, session.shutdown)
    assert session.open_project(project) == ""
    assert not gate.is_set()
    assert session.path is None
    assert not session.sources
    assert session.open_project(project) == ""  # nothing is opened any more
    assert not session.sources


def test_restoring_may_end_in_the_middle(
    qtbot: QtBot, session: Session, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def slow_at_last(path: Path) -> Iterator[Loading]:
        read.append(path)
        while len(read) == 2:
            time.sleep(0.01)
            yield Loading(0.5)
        yield from loading(path)

    def end() -> None:
        if len(read) == 2:
            session.shutdown()

    original = fingerprint(project)
    monkeypatch.setattr(opener, "loading", slow_at_last)
    side = project.with_name("side.i2m")
    side.write_bytes(project.read_bytes())
    timer = QTimer()
    timer.timeout.connect(end)
    timer.start(20)
    assert not session.restore(side, project, original)
    timer.stop()
    assert read == [side, project]
    assert not session.sources


def test_what_was_read_is_not_held_any_longer(
    qtbot: QtBot, session: Session, project: Path
) -> None:
    session.open_project(project)
    assert session.opener._outcome is None


def test_nothing_is_dropped_meanwhile(
    qtbot: QtBot, window: MainWindow, session: Session, project: Path, pictures: Path,
    gate: threading.Event,
) -> None:  # fmt: skip
    def drop() -> None:
        window._dropped(ADD, [pictures])
        gate.set()

    QTimer.singleShot(30, drop)
    with qtbot.waitSignal(session.noticed, check_params_cb=lambda text: "drop them again" in text):
        session.open_project(project)
    assert session.activity == ""
    assert len(session.sources) == 12


def test_what_is_wrong_is_told_as_it_is(
    qtbot: QtBot, session: Session, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poor(_path: Path) -> Iterator[Loading]:
        yield Loading(0.5)
        raise MemoryError

    monkeypatch.setattr(opener, "loading", poor)
    with pytest.raises(ProjectError, match=r"flowers\.i2m: there is not enough memory"):
        session.opener.read(project)
    assert session.opener.path is None
    monkeypatch.undo()
    last = session.opener.read(project)
    assert last is not None
    assert last.project is not None
    assert last.fingerprint is not None
