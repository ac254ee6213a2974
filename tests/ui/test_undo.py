"""Undo: every change of what is open is a step with a name; the mark of changes follows them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, open_pictures, save, train, wait_idle
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.project.load import load_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session import curator
from image2map_gui.ui.session.session import Session

PARAMS = SomParams(rows=3, columns=4, epochs=2, mode="online", seed=5)


def press(window: MainWindow, name: str) -> None:
    window.actions_by_name[name].trigger()


def undo_text(window: MainWindow) -> str:
    action = window.actions_by_name["undo"]
    return action.text().removeprefix("&Undo").strip() if action.isEnabled() else ""


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, pictures: Path) -> MainWindow:
    open_pictures(qtbot, window.session, pictures)
    return window


@pytest.fixture
def trained(qtbot: QtBot, opened: MainWindow) -> MainWindow:
    opened.session.set_params(PARAMS)
    train(qtbot, opened.session)
    return opened


@pytest.fixture
def more(tmp_path: Path) -> Path:
    folder = tmp_path / "more"
    folder.mkdir()
    for index in range(3):
        Image.fromarray(draw_line(0.7 + index, 16)).save(folder / f"new {index}.png")
    (folder / "broken.png").write_bytes(b"no picture")
    return folder


# --- settings -----------------------------------------------------------------------------------


def test_settings_are_steps_named_by_what_they_set(opened: MainWindow) -> None:
    session = opened.session
    before = session.params
    session.set_params(dataclasses.replace(before, rows=7))
    assert undo_text(opened) == "set Rows to 7"
    press(opened, "undo")
    assert session.params == before
    assert opened.hyperparameters.field("rows").value() == before.rows
    assert opened.actions_by_name["redo"].text() == "&Redo set Rows to 7"
    press(opened, "redo")
    assert session.params.rows == 7
    session.set_params(PARAMS)
    assert undo_text(opened) == "change 5 settings"
    session.set_spec(dataclasses.replace(session.spec, size=(9, 9)))
    assert undo_text(opened).startswith("set Size to 9")
    press(opened, "undo")
    press(opened, "undo")
    assert (session.params.rows, session.params.seed) == (7, before.seed)


def test_quick_changes_of_one_field_are_one_step(qtbot: QtBot, opened: MainWindow) -> None:
    session, rows = opened.session, opened.hyperparameters.field("rows")
    before = session.params
    spin = rows.findChild(QSpinBox)
    for _ in range(3):
        qtbot.keyClick(spin, Qt.Key.Key_Up)
    assert session.params.rows == before.rows + 3
    assert undo_text(opened) == f"set Rows to {before.rows + 3}"
    session.set_params(dataclasses.replace(session.params, columns=3))
    press(opened, "undo")
    press(opened, "undo")
    assert session.params == before
    assert undo_text(opened) == ""
    press(opened, "redo")
    assert session.params.rows == before.rows + 3


def test_there_and_back_again_is_no_step(
    opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened.session
    before = session.params
    session.set_params(dataclasses.replace(before, rows=7))
    session.set_params(before)
    assert undo_text(opened) == ""
    monkeypatch.setattr(curator, "_AT_ONCE_SECONDS", -1.0)
    session.set_params(dataclasses.replace(before, rows=7))
    session.set_params(dataclasses.replace(before, rows=8))
    press(opened, "undo")
    assert session.params.rows == 7, "what was changed later is a step of its own"


def test_a_preset_is_one_step(opened: MainWindow) -> None:
    session, combo = opened.session, opened.hyperparameters._preset
    before = session.params, session.spec
    combo.setCurrentIndex(1)
    combo.activated.emit(1)
    assert undo_text(opened).startswith("choose preset")
    press(opened, "undo")
    assert (session.params, session.spec) == before


def test_before_anything_is_open_settings_are_no_steps(window: MainWindow) -> None:
    window.session.set_params(PARAMS)
    assert window.session.params == PARAMS
    assert not window.session.modified
    assert undo_text(window) == ""


def test_settings_can_be_undone_while_a_map_is_trained(qtbot: QtBot, opened: MainWindow) -> None:
    session = opened.session
    session.set_params(dataclasses.replace(PARAMS, epochs=100_000))
    session.train()
    qtbot.waitUntil(lambda: len(session.history) > 1, timeout=WAIT_MS)
    press(opened, "undo")
    assert session.params.epochs != 100_000
    assert session.training
    session.stop()
    wait_idle(qtbot, session)


# --- pictures -----------------------------------------------------------------------------------


def test_adding_pictures_is_a_step(qtbot: QtBot, trained: MainWindow, more: Path) -> None:
    session = trained.session
    before = session.sources, session.skipped, session.map.pictures, session.folders
    units = session.map.units.copy()
    session.add_pictures([more])
    wait_idle(qtbot, session)
    after = session.sources, session.skipped, session.map.pictures, session.folders
    assert len(session.sources) == 15
    assert len(session.skipped) == 1
    placed = session.map.units.copy()
    assert undo_text(trained) == "add 3 pictures"
    press(trained, "undo")
    assert (session.sources, session.skipped, session.map.pictures, session.folders) == before
    np.testing.assert_array_equal(session.map.units, units)
    assert session.map.added == 0
    press(trained, "redo")
    assert (session.sources, session.skipped, session.map.pictures, session.folders) == after
    np.testing.assert_array_equal(session.map.units, placed)
    assert session.map.added == 3
    assert len(session.dataset) == 15


def test_finding_moved_pictures_is_a_step_and_keeps_those_before(
    qtbot: QtBot, trained: MainWindow, pictures: Path, tmp_path: Path
) -> None:
    session = trained.session
    first, gone = session.sources[0], session.sources[1]
    session.curator.label([first.address], "other")
    session.curator.remove([gone.address])
    pictures.rename(tmp_path / "moved")
    session.locate(tmp_path)
    wait_idle(qtbot, session)
    assert undo_text(trained) == "locate 11 pictures"
    assert all(str(tmp_path / "moved") in one.path for one in session.sources)
    press(trained, "undo")
    assert all(str(pictures) in one.path for one in session.sources)
    qtbot.waitUntil(lambda: session.missing.count == 11, timeout=WAIT_MS)
    press(trained, "redo")
    qtbot.waitUntil(lambda: session.missing.count == 0, timeout=WAIT_MS)
    for _ in range(3):
        press(trained, "undo")
    assert session.sources[:2] == (first, gone)
    assert session.map.pictures == session.sources


def test_pictures_that_cannot_be_read_again_come_back_with_their_labels(
    qtbot: QtBot, trained: MainWindow, pictures: Path
) -> None:
    session = trained.session
    lost = session.sources[3]
    session.curator.label([lost.address], "kept")
    Path(lost.path).rename(pictures / "away")
    session.set_spec(dataclasses.replace(session.spec, size=(8, 8)))
    train(qtbot, session)
    qtbot.waitUntil(lambda: len(session.sources) == 11, timeout=WAIT_MS)
    wait_idle(qtbot, session)
    assert undo_text(trained) == "leave out 1 picture that could not be read"
    press(trained, "undo")
    assert session.sources[3] == dataclasses.replace(lost, label="kept")


# --- maps ---------------------------------------------------------------------------------------


def roll(qtbot: QtBot, session: Session) -> None:
    count = len(session.runs.all)
    session.roll_again()
    qtbot.waitUntil(lambda: len(session.runs.all) > count and not session.activity, timeout=WAIT_MS)


def test_restoring_a_run_is_a_step(qtbot: QtBot, trained: MainWindow) -> None:
    session = trained.session
    first = session.map.weights
    roll(qtbot, session)
    second, params = session.map.weights, dataclasses.replace(session.params, rows=9)
    session.set_params(params)
    session.runs.restore(1)
    assert session.map.weights is first
    assert undo_text(trained) == "restore Run 1"
    press(trained, "undo")
    assert session.map.weights is second
    assert session.params == params
    assert session.runs.shown == 2
    press(trained, "redo")
    assert session.runs.shown == 1
    assert session.params == PARAMS


def test_undoing_a_restoring_whose_map_is_gone_says_so(qtbot: QtBot, trained: MainWindow) -> None:
    session = trained.session
    roll(qtbot, session)
    session.runs.restore(1)
    session.runs.delete(2)
    with qtbot.waitSignal(session.noticed) as said:
        press(trained, "undo")
    assert "is gone" in said.args[0]
    assert session.runs.shown == 1


@pytest.mark.slow
def test_a_removed_picture_comes_back_on_the_maps_of_all_runs(
    qtbot: QtBot, trained: MainWindow
) -> None:
    session = trained.session
    roll(qtbot, session)
    of_second = session.map.pictures, session.map.units.copy()
    session.runs.restore(1)
    of_first = session.map.pictures, session.map.units.copy()
    session.runs.restore(2)
    gone = [session.sources[row].address for row in (0, 4, 11)]
    session.curator.remove(gone)
    session.runs.restore(1)
    session.runs.restore(2)
    assert len(session.map.pictures) == 9
    roll(qtbot, session)  # not to be undone
    while undo_text(trained) not in ("remove 3 pictures", ""):
        press(trained, "undo")
    press(trained, "undo")
    assert len(session.sources) == 12
    for number, (pictures, units) in ((1, of_first), (2, of_second)):
        session.runs.restore(number)
        assert session.map.pictures == pictures
        np.testing.assert_array_equal(session.map.units, units)
        assert session.model.label_counts.sum() == 12


# --- the mark of changes ------------------------------------------------------------------------


def test_the_steps_survive_saving_and_the_mark_follows_them(
    qtbot: QtBot, trained: MainWindow, tmp_path: Path
) -> None:
    session, path = trained.session, tmp_path / "map.i2m"
    session.curator.label([session.sources[0].address], "first")
    save(session, path)
    qtbot.waitUntil(lambda: not trained.isWindowModified(), timeout=WAIT_MS)
    session.curator.label([session.sources[0].address], "second")
    assert trained.isWindowModified()
    press(trained, "undo")
    assert not trained.isWindowModified()
    press(trained, "undo")
    assert trained.isWindowModified(), "that is not what was saved"
    assert session.sources[0].label == "flat"
    press(trained, "redo")
    assert not trained.isWindowModified()
    assert load_project(path).sources == session.sources


def test_pictures_added_and_taken_back_leave_no_mark(
    qtbot: QtBot, trained: MainWindow, more: Path, tmp_path: Path
) -> None:
    session = trained.session
    save(session, tmp_path / "map.i2m")
    qtbot.waitUntil(lambda: not trained.isWindowModified(), timeout=WAIT_MS)
    session.add_pictures([more])
    wait_idle(qtbot, session)
    assert trained.isWindowModified()
    press(trained, "undo")
    assert not trained.isWindowModified()
