"""Trainings in the window: the map before counts until there is another one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from conftest import WAIT_MS, save, wait_idle
from pytestqt.qtbot import QtBot

from image2map_gui.core.project.load import load_project
from image2map_gui.ui.main_window import MainWindow


def test_the_map_that_goes_on_counts_until_its_first_epoch_has_ended(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, tmp_path: Path
) -> None:
    session, path = mapped.session, tmp_path / "map.i2m"
    assert save(session, path)
    before = load_project(path)
    session.open_project(path)
    first, said = session.sources[0].address, []
    session.noticed.connect(said.append)

    def at_the_start() -> None:
        if session.training:
            session.activity_changed.disconnect(at_the_start)
            session.curator.label([first], "odd")
            session.save(path)
            session.classify([pictures])
            said.append("begun")

    session.activity_changed.connect(at_the_start)
    session.go_on()
    qtbot.waitUntil(lambda: "begun" in said, timeout=WAIT_MS)
    assert session.saver.wait()
    wait_idle(qtbot, session)
    assert not [text for text in said if "no map" in text]
    assert len(session.matches) == 12
    after = load_project(path)
    assert after.model is not None
    assert np.array_equal(after.model.weights, before.model.weights)
    assert np.array_equal(after.picture_units, before.picture_units)
    assert after.model.label_names == ("flat", "odd", "steep")
    assert after.model.label_counts.sum(axis=0).tolist() == [5, 1, 6]
    assert [run.number for run in after.runs] == [after.run] == [before.run]
    assert len(session.history) == 2 * len(before.history)


def test_a_training_that_cannot_begin_leaves_the_map_as_it_was(
    qtbot: QtBot, mapped: MainWindow, pictures: Path
) -> None:
    session = mapped.session
    model, run = session.model, session.runs.shown
    session.go_on()
    session.halt()  # before its first step was shown
    assert session.present_model() is not None
    assert np.array_equal(session.present_model().weights, model.weights)
    assert session.project().run == run
