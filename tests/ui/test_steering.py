"""Steering a training that runs: radius, rate, length and speed, kept in the history."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import WAIT_MS, open_pictures, save, train, wait_idle
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from image2map_gui.core.project.load import load_project
from image2map_gui.core.som.course import Change
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.widgets.steering import Steering

PLANNED = SomParams(rows=4, columns=4, mode="online", epochs=8, radius_start=3, radius_end=1)


def click(qtbot: QtBot, button: object) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def one_epoch(qtbot: QtBot, session: Session) -> None:
    """Train for one more epoch and come to rest."""
    done = len(session.history)
    session.step()
    qtbot.waitUntil(lambda: len(session.history) == done + 1 and session.paused, timeout=WAIT_MS)


@pytest.fixture
def paused(qtbot: QtBot, window: MainWindow, pictures: Path) -> Steering:
    """A training of eight epochs that waits after its second."""
    session = window.session
    open_pictures(qtbot, session, pictures)
    session.set_params(PLANNED)
    one_epoch(qtbot, session)
    one_epoch(qtbot, session)
    return window.findChild(Steering)


def test_the_box_is_there_only_while_it_trains(
    qtbot: QtBot, window: MainWindow, pictures: Path
) -> None:
    session, steering = window.session, window.findChild(Steering)
    assert steering.isHidden()
    open_pictures(qtbot, session, pictures)
    assert steering.isHidden()
    session.set_params(PLANNED)
    one_epoch(qtbot, session)
    assert not steering.isHidden()
    assert steering.radius.value() == 3
    assert steering.epochs.value() == 7
    session.stop()
    wait_idle(qtbot, session)
    assert steering.isHidden()


def test_fields_follow_the_training_until_they_are_edited(
    qtbot: QtBot, paused: Steering, window: MainWindow
) -> None:
    session = window.session
    assert paused.radius.value() == pytest.approx(session.history[-1].radius, abs=0.005)
    assert not paused.apply.isEnabled()
    paused.radius.setValue(2.5)
    assert paused.apply.isEnabled()
    one_epoch(qtbot, session)
    assert paused.radius.value() == 2.5
    assert paused.rate.value() == pytest.approx(session.history[-1].rate, abs=5e-5)
    assert paused.epochs.value() == 5


def test_what_was_edited_applies_from_the_next_epoch(
    qtbot: QtBot, paused: Steering, window: MainWindow, tmp_path: Path
) -> None:
    session = window.session
    paused.radius.setValue(2.5)
    paused.epochs.setValue(4)
    click(qtbot, paused.apply)
    assert not paused.apply.isEnabled()
    session.resume()
    wait_idle(qtbot, session)
    change = Change(radius=2.5, epochs=4)
    assert [figures.change for figures in session.history] == [None, None, change, *[None] * 3]
    assert session.history[2].radius == 2.5
    assert session.history[-1].radius == 1
    assert save(session, tmp_path / "m.i2m")
    assert [figures.change for figures in load_project(tmp_path / "m.i2m").history][2] == change


def test_reheating_starts_again_from_the_first_radius(
    qtbot: QtBot, paused: Steering, window: MainWindow
) -> None:
    session = window.session
    click(qtbot, paused.reheat)
    session.resume()
    wait_idle(qtbot, session)
    assert session.history[2].radius == 3
    assert session.history[2].rate == 0.5
    assert len(session.history) == 12  # ten more, so that it can settle
    assert session.map is not None


def test_a_batch_has_no_rate(qtbot: QtBot, window: MainWindow, pictures: Path) -> None:
    session, steering = window.session, window.findChild(Steering)
    open_pictures(qtbot, session, pictures)
    session.set_params(SomParams(rows=3, columns=3, epochs=5))
    one_epoch(qtbot, session)
    assert not steering.rate.isEnabled()
    session.stop()
    wait_idle(qtbot, session)


@pytest.mark.slow
def test_speed_slows_the_training_and_can_be_taken_back(
    qtbot: QtBot, paused: Steering, window: MainWindow
) -> None:
    session = window.session
    paused.speed.setCurrentIndex(2)
    paused.speed.activated.emit(2)
    slow = paused.speed.currentData()
    one_epoch(qtbot, session)
    assert session.history[-1].change == Change(pause=slow)
    session.resume()
    paused.speed.setCurrentIndex(0)
    paused.speed.activated.emit(0)
    with qtbot.waitSignal(session.activity_changed, timeout=1000 * int(slow)):
        pass  # at full speed the rest takes no time; the wait is cut short as well
    wait_idle(qtbot, session)
    assert len(session.history) == 8


def test_a_slow_training_stops_at_once(qtbot: QtBot, paused: Steering, window: MainWindow) -> None:
    session = window.session
    session.change(Change(pause=1000.0))
    session.resume()
    with qtbot.waitSignal(session.history_changed, timeout=WAIT_MS):
        session.stop()
    wait_idle(qtbot, session)
    assert len(session.history) == 2


def test_changes_after_the_training_are_nothing(
    qtbot: QtBot, window: MainWindow, pictures: Path
) -> None:
    session = window.session
    open_pictures(qtbot, session, pictures)
    session.set_params(PLANNED)
    train(qtbot, session)
    session.change(Change(radius=3.0))
    session.reheat()
    assert len(session.history) == 8
    session.go_on()
    wait_idle(qtbot, session)
    assert {figures.change for figures in session.history} == {None}


def test_curves_mark_the_changes(qtbot: QtBot, paused: Steering, window: MainWindow) -> None:
    session = window.session
    paused.radius.setValue(2.0)
    click(qtbot, paused.apply)
    session.resume()
    wait_idle(qtbot, session)
    for marks in window.curves._marks[:4]:
        assert list(marks.getData()[0]) == [3]


def test_a_map_that_has_settled_says_so(qtbot: QtBot, window: MainWindow, pictures: Path) -> None:
    session = window.session
    open_pictures(qtbot, session, pictures)
    session.set_params(
        SomParams(rows=2, columns=2, epochs=5, stop="settled", tolerance=1, patience=2)
    )
    said: list[str] = []
    session.noticed.connect(said.append)
    train(qtbot, session)
    assert len(session.history) == 6
    assert any(text.startswith("The map has settled") for text in said)
