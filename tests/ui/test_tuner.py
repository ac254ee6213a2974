"""Tuning on labels in the window: a new run, with the figures of the core; the old one returns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from conftest import WAIT_MS, Person, save, wait_idle
from pytestqt.qtbot import QtBot

from image2map_gui.core.analysis.tuning import tuning
from image2map_gui.core.som.lvq import LVQ1, TuningSettings
from image2map_gui.ui.dialogs.tuning_dialog import TuningDialog
from image2map_gui.ui.main_window import MainWindow

SETTINGS = TuningSettings(epochs=3)


def tune(qtbot: QtBot, window: MainWindow, person: Person) -> None:
    person.answers["tuning"] = SETTINGS
    window.actions_by_name["tune"].trigger()
    wait_idle(qtbot, window.session)
    qtbot.waitUntil(lambda: window.session.model.tuned is not None, timeout=WAIT_MS)
    wait_idle(qtbot, window.session)


def test_a_tuned_map_is_a_new_run(
    qtbot: QtBot, mapped: MainWindow, person: Person, tmp_path: Path
) -> None:
    session = mapped.session
    model, weights, first = session.model, session.map.weights, session.runs.shown
    *_, last = tuning(model, session.dataset, SETTINGS)
    tune(qtbot, mapped, person)
    assert np.array_equal(session.map.weights, last.tuned.model.weights)
    assert np.array_equal(session.map.units, last.tuned.units)
    assert session.model.tuned == last.tuned.model.tuned
    assert mapped.status_line.message.startswith("Tuned on labels")
    assert len(session.runs.all) == 2
    assert save(session, tmp_path / "tuned.i2m")
    session.runs.restore(first)
    assert np.array_equal(session.map.weights, weights)
    session.open_project(tmp_path / "tuned.i2m")
    assert session.model.tuned == last.tuned.model.tuned
    tune(qtbot, mapped, person)  # reads the pictures first


def test_nothing_to_tune_on_is_said(qtbot: QtBot, mapped: MainWindow, person: Person) -> None:
    session = mapped.session
    session.curator.label([one.address for one in session.sources], "same")
    weights = session.map.weights
    person.answers["tuning"] = SETTINGS
    with qtbot.waitSignal(session.failed, timeout=WAIT_MS) as failure:
        mapped.actions_by_name["tune"].trigger()
    assert "at least two labels" in failure.args[0]
    wait_idle(qtbot, session)
    assert session.map.weights is weights
    session.curator.label([one.address for one in session.sources], None)
    assert not mapped.actions_by_name["tune"].isEnabled()


def test_the_dialog_offers_the_rules_there_are(qtbot: QtBot) -> None:
    dialog = TuningDialog()
    qtbot.addWidget(dialog)
    assert dialog.settings == TuningSettings()
    dialog.method.setCurrentIndex(dialog.method.findData(LVQ1))
    dialog.epochs.setValue(4)
    assert dialog.settings == TuningSettings(method=LVQ1, epochs=4)
