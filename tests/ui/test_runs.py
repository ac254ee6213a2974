"""Runs: every training is kept, shown in small, and restored exactly."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, Person, open_pictures, save, train, wait_idle
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from image2map_gui.core.frames import Keeping
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.save import save_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session

PARAMS = SomParams(rows=3, columns=4, epochs=4, mode="online", seed=5)


@pytest.fixture
def trained(qtbot: QtBot, window: MainWindow, pictures: Path) -> Session:
    session = window.session
    open_pictures(qtbot, session, pictures)
    session.set_params(PARAMS)
    train(qtbot, session)
    return session


def plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if dataclasses.is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def texts(window: MainWindow) -> list[str]:
    panel = window.runs.list
    return [panel.item(row).text() for row in range(panel.count())]


def roll(qtbot: QtBot, session: Session) -> None:
    before = len(session.runs.all)
    session.roll_again()
    qtbot.waitUntil(
        lambda: len(session.runs.all) > before and not session.activity, timeout=WAIT_MS
    )


def test_every_training_becomes_a_run(qtbot: QtBot, window: MainWindow, trained: Session) -> None:
    assert len(texts(window)) == 1
    first, settings, figures, when = texts(window)[0].split("\n")
    assert first == "Run 1 · open"
    assert settings == "3 x 4 grid, online, 4 epochs, seed 5"
    assert figures.startswith(f"QE {trained.model.quantization_error:.4g} · TE ")
    assert figures.endswith("12 pictures")
    assert when.startswith("20")
    run = trained.runs.all[0]
    assert run.thumb.shape == (96, 128, 3)
    assert run.kept is None  # its map is the one that is open
    trained.set_params(dataclasses.replace(PARAMS, epochs=100_000))
    trained.train()
    qtbot.waitUntil(lambda: len(trained.history) > 2, timeout=WAIT_MS)
    trained.stop()
    wait_idle(qtbot, trained)
    assert texts(window)[0].startswith("Run 2 · open")  # also one that was stopped
    assert texts(window)[1].startswith("Run 1\n")


@pytest.mark.slow
def test_rolling_the_dice_changes_nothing_but_the_seed(
    qtbot: QtBot, window: MainWindow, trained: Session
) -> None:
    before = trained.map
    window.actions_by_name["roll-again"].trigger()
    qtbot.waitUntil(lambda: len(trained.runs.all) == 2 and not trained.activity, timeout=WAIT_MS)
    first, second = trained.runs.all
    assert second.params.seed != first.params.seed
    assert dataclasses.replace(second.params, seed=5) == first.params
    assert not np.array_equal(trained.map.weights, before.weights)
    assert trained.params.seed == second.params.seed


@pytest.mark.slow
def test_a_run_comes_back_exactly(qtbot: QtBot, window: MainWindow, trained: Session) -> None:
    state, model, history = trained.map, trained.model, list(trained.history)
    epochs = trained.times.epochs
    roll(qtbot, trained)
    second = trained.map
    item = window.runs.list.item(1)
    place = window.runs.list.visualItemRect(item).center()
    window._docks["runs"].raise_()
    viewport = window.runs.list.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    assert trained.runs.chosen == 1
    assert "Seed: 5 (settings:" in window.runs.details
    window.actions_by_name["run-restore"].trigger()
    assert trained.runs.shown == 1
    assert plain(trained.model) == plain(model)
    for name in ("weights", "units", "distances", "pictures", "params", "spec", "added"):
        assert plain(getattr(trained.map, name)) == plain(getattr(state, name)), name
    np.testing.assert_array_equal(trained.map.sheet, state.sheet)
    assert trained.history == history
    assert trained.times.epochs == epochs
    assert trained.params == PARAMS
    assert trained.modified
    window.runs.list.itemDoubleClicked.emit(window.runs.list.item(0))
    np.testing.assert_array_equal(trained.map.weights, second.weights)
    assert trained.runs.shown == 2


@pytest.mark.slow
def test_runs_are_in_the_project(
    qtbot: QtBot, window: MainWindow, trained: Session, tmp_path: Path
) -> None:
    state, model = trained.map, trained.model
    roll(qtbot, trained)
    second = trained.map
    path = tmp_path / "map.i2m"
    assert save(trained, path)
    trained.new()
    assert texts(window) == []
    trained.open_project(path)
    assert [text.split("\n")[0] for text in texts(window)] == ["Run 2 · open", "Run 1"]
    np.testing.assert_array_equal(trained.map.weights, second.weights)
    trained.runs.restore(1)
    assert plain(trained.model) == plain(model)
    assert plain(trained.map.units) == plain(state.units)
    assert plain(trained.map.distances) == plain(state.distances)
    trained.runs.restore(2)
    np.testing.assert_array_equal(trained.map.weights, second.weights)


def test_the_map_of_an_older_project_is_not_lost(
    qtbot: QtBot, window: MainWindow, trained: Session, tmp_path: Path
) -> None:
    path, first = tmp_path / "map.i2m", trained.map
    project = dataclasses.replace(trained.project(), runs=(), run=None)
    save_project(project, path)
    trained.open_project(path)
    assert not trained.modified
    assert texts(window)[0].endswith("opened with the project · 1 s")
    train(qtbot, trained)
    assert len(texts(window)) == 2
    trained.runs.restore(1)
    np.testing.assert_array_equal(trained.map.weights, first.weights)


def test_beyond_the_limit_the_oldest_keep_their_figures_only(
    qtbot: QtBot, window: MainWindow, trained: Session, tmp_path: Path
) -> None:
    trained._document.keeping = Keeping(runs=0)
    said: list[str] = []
    trained.noticed.connect(said.append)
    roll(qtbot, trained)
    assert texts(window)[1].startswith("Run 1 · figures only")
    trained.runs.restore(1)
    assert said[-1] == "The map of Run 1 is gone; only its figures were kept."
    assert trained.runs.shown == 2
    assert save(trained, tmp_path / "map.i2m")
    assert [run.kept for run in load_project(tmp_path / "map.i2m").runs] == [None, None]


@pytest.mark.slow
def test_restoring_never_loses_the_map_that_is_restored(qtbot: QtBot, trained: Session) -> None:
    """Also where there is room for one map only, so that the older one has to go."""
    first = trained.map
    roll(qtbot, trained)
    size = trained.runs.all[0].kept.size
    run = trained.runs.all[0]
    trained._document.keeping = Keeping(runs=0)
    assert size > 0
    trained._document.runs = (run, *trained.runs.all[1:])
    trained.runs.restore(1)
    np.testing.assert_array_equal(trained.map.weights, first.weights)


@pytest.mark.slow
def test_edits_since_then_hold_for_a_restored_map(qtbot: QtBot, trained: Session) -> None:
    roll(qtbot, trained)
    gone, kept = trained.sources[0].address, trained.sources[1].address
    trained.curator.remove([gone])
    trained.curator.label([kept], "other")
    trained.runs.restore(1)
    assert len(trained.map.pictures) == 11
    assert trained.map.pictures[0].label == "other"
    assert "other" in trained.model.label_names
    assert trained.model.label_counts.sum() == 11
    assert trained.curator.undo_text == "restore Run 1"
    for _ in range(3):
        trained.curator.undo()
    assert len(trained.sources) == 12


@pytest.mark.slow
def test_renaming_and_deleting(
    qtbot: QtBot, window: MainWindow, trained: Session, person: Person
) -> None:
    roll(qtbot, trained)
    trained.runs.choose(1)
    person.answers = {"run_name": "<b>the good one</b> "}
    window.actions_by_name["run-rename"].trigger()
    assert texts(window)[1].startswith("<b>the good one</b>\n")
    window.actions_by_name["run-delete"].trigger()
    assert len(texts(window)) == 2  # the answer was no
    person.answers = {"delete_run": True}
    window.actions_by_name["run-delete"].trigger()
    assert person.shown[-1] == "<b>the good one</b>"
    assert [text.split("\n")[0] for text in texts(window)] == ["Run 2 · open"]
    trained.runs.choose(2)
    assert not window.actions_by_name["run-delete"].isEnabled()
    assert not window.actions_by_name["run-restore"].isEnabled()
    trained.runs.delete(2)
    assert len(texts(window)) == 1
    roll(qtbot, trained)
    assert texts(window)[0].startswith("Run 3 · open")  # numbers are not used twice


@pytest.mark.slow
def test_nothing_is_restored_while_something_runs(
    qtbot: QtBot, window: MainWindow, trained: Session
) -> None:
    roll(qtbot, trained)
    trained.runs.choose(1)
    trained.set_params(dataclasses.replace(PARAMS, epochs=100_000))
    trained.train()
    assert not window.actions_by_name["run-restore"].isEnabled()
    assert not window.actions_by_name["roll-again"].isEnabled()
    trained.runs.restore(1)
    assert trained.training
    assert trained.runs.shown is None
    qtbot.waitUntil(lambda: len(trained.history) > 1, timeout=WAIT_MS)
    trained.stop()
    wait_idle(qtbot, trained)
    assert trained.runs.shown == 3


@pytest.mark.slow
def test_going_on_makes_another_run(qtbot: QtBot, trained: Session) -> None:
    first = trained.map
    trained.go_on()
    qtbot.waitUntil(lambda: len(trained.runs.all) == 2 and not trained.activity, timeout=WAIT_MS)
    assert [run.epochs for run in trained.runs.all] == [4, 8]
    trained.runs.restore(1)
    np.testing.assert_array_equal(trained.map.weights, first.weights)
    assert len(trained.history) == 4
