"""How far answers can be trusted: figures as in core, cells that select, folds, suggestions."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, Person, save, wait_idle
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from image2map_gui.core.analysis.classify import match_vectors
from image2map_gui.core.analysis.evaluate import evaluate
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.analysis.scores import scores_of
from image2map_gui.core.analysis.suggest import suggest
from image2map_gui.core.images.collection import SPREAD, Split
from image2map_gui.ui.jobs.judging_jobs import FOLDER, TEST, TRAINING
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.tools.evaluation_dialog import EvaluationDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(mapped: MainWindow) -> EvaluationDialog:
    mapped.actions_by_name["evaluate"].trigger()
    QApplication.processEvents()
    return mapped.findChild(EvaluationDialog)


def evaluated(qtbot: QtBot, dialog: EvaluationDialog, what: str) -> None:
    dialog.what.setCurrentIndex(dialog.what.findData(what))
    qtbot.mouseClick(dialog.run, LEFT)
    qtbot.waitUntil(lambda: not dialog.job.busy, timeout=WAIT_MS)


def test_the_figures_are_those_of_the_core(
    qtbot: QtBot, mapped: MainWindow, dialog: EvaluationDialog
) -> None:
    session = mapped.session
    session.curator.label([session.sources[0].address], "steep")  # a mistake, then
    evaluated(qtbot, dialog, TRAINING)
    expected = scores_of(match_vectors(session.model, session.dataset), session.model.label_names)
    judged = dialog.judged
    assert judged.scores.accuracy == expected.accuracy
    assert dialog.figures["accuracy"].text() == f"{expected.accuracy:.1%}"
    assert np.array_equal(judged.scores.confusion, expected.confusion)
    assert judged.scores.bins == expected.bins
    labels = evaluate(session.model, session.dataset).labels
    assert (judged.purity, judged.nmi, judged.ari) == pytest.approx(
        (labels.purity, labels.nmi, labels.ari)
    )
    rows = dialog.table.content.rows
    assert [row[0] for row in rows] == ["flat", "steep"]
    assert rows[0][2:] == pytest.approx(
        (expected.classes[0].precision, expected.classes[0].recall, expected.classes[0].f1)
    )
    assert dialog.gallery.model().rowCount() == len(expected.mistakes)


def test_labels_that_were_spread_are_not_taken_for_given_ones(
    qtbot: QtBot, mapped: MainWindow, dialog: EvaluationDialog
) -> None:
    session = mapped.session
    evaluated(qtbot, dialog, TRAINING)
    assert "on the map already: that flatters" in dialog.words.text()
    assert "spread" not in dialog.words.text()
    some = [one.address for one in session.sources[:3]]
    session.curator.relabel(dict.fromkeys(some, "steep"), "spread labels", SPREAD)
    evaluated(qtbot, dialog, TRAINING)
    assert "The labels of 3 were spread by the map, not given" in dialog.words.text()


def test_a_cell_shows_and_selects_its_pictures(
    qtbot: QtBot, mapped: MainWindow, dialog: EvaluationDialog
) -> None:
    evaluated(qtbot, dialog, TRAINING)
    dialog.tabs.setCurrentWidget(dialog.matrix)
    spot = dialog.matrix.cell_rect(1, 1).center()
    qtbot.mouseClick(dialog.matrix, LEFT, pos=spot)
    steep = [one.address for one in mapped.session.sources if one.label == "steep"]
    assert sorted(mapped.session.chosen) == sorted(steep)
    assert dialog.gallery.model().rowCount() == 6
    assert dialog.listed.text() == "steep told as steep: 6 pictures"
    qtbot.keyClick(dialog.matrix, Qt.Key.Key_Left)
    assert dialog.matrix.cell == (1, 0)
    assert dialog.matrix.accessibleDescription() == "steep: 0 of 6 (0%) told as flat"
    qtbot.mouseClick(dialog.matrix, LEFT, pos=QPoint(2, 2))
    assert dialog.matrix.cell == (1, 0), "there is no cell"


def test_test_pictures_and_other_folders(
    qtbot: QtBot, mapped: MainWindow, dialog: EvaluationDialog, person: Person, pictures: Path
) -> None:
    session = mapped.session
    evaluated(qtbot, dialog, TEST)
    assert dialog.words.text().startswith("No pictures are kept for testing.")
    session.curator.divide(Split(share=1 / 3))
    tests = len(session.parts.test)
    assert 0 < tests < 12
    assert dialog.what.itemText(0) == f"Test pictures ({tests})"
    evaluated(qtbot, dialog, TEST)
    assert {one.source.address for one in dialog.judged.matches} == session.parts.test
    person.answers["folder"] = pictures
    evaluated(qtbot, dialog, FOLDER)
    assert len(dialog.judged.matches) == 12
    session.curator.label([one.address for one in session.sources], None)
    evaluated(qtbot, dialog, TRAINING)
    assert "have no labels" in dialog.words.text()


def test_a_project_reads_its_pictures_once_more(
    qtbot: QtBot, mapped: MainWindow, dialog: EvaluationDialog, tmp_path: Path
) -> None:
    session = mapped.session
    assert save(session, tmp_path / "a.i2m")
    session.open_project(tmp_path / "a.i2m")
    evaluated(qtbot, dialog, TRAINING)
    assert dialog.judged.scores.pictures == 12


def test_folds_are_trained_beside_everything_else(
    qtbot: QtBot, mapped: MainWindow, dialog: EvaluationDialog
) -> None:
    weights = mapped.session.map.weights
    dialog.count.setValue(3)
    qtbot.mouseClick(dialog.validate, LEFT)
    qtbot.waitUntil(lambda: "over 3 maps" in dialog.words.text(), timeout=WAIT_MS)
    assert int(dialog.matrix._counts.sum()) == 12
    row, column = (int(one) for one in np.argwhere(dialog.matrix._counts)[0])
    dialog.tabs.setCurrentWidget(dialog.matrix)
    qtbot.mouseClick(dialog.matrix, LEFT, pos=dialog.matrix.cell_rect(row, column).center())
    assert dialog.gallery.model().rowCount() == int(dialog.matrix._counts[row, column])
    assert len(mapped.session.chosen) == dialog.gallery.model().rowCount()
    assert mapped.session.map.weights is weights
    qtbot.mouseClick(dialog.validate, LEFT)
    dialog.close()
    assert not dialog.job.busy


def test_suggested_pictures_are_selected(
    qtbot: QtBot, mapped: MainWindow, dialog: EvaluationDialog
) -> None:
    session = mapped.session
    qtbot.mouseClick(dialog.suggest, LEFT)
    qtbot.waitUntil(lambda: "have a label already" in dialog.words.text(), timeout=WAIT_MS)
    session.curator.label([one.address for one in session.sources[1:]], None)
    qtbot.mouseClick(dialog.suggest, LEFT)
    qtbot.waitUntil(lambda: "selected" in dialog.words.text(), timeout=WAIT_MS)
    state = session.map
    labels = [one.label for one in session.sources]
    found = suggest(session.model, state.units, state.distances, labels, 20)
    assert sorted(session.chosen) == sorted(session.sources[one.row].address for one in found)
    wait_idle(qtbot, session)


@pytest.mark.slow
def test_figures_of_another_state_of_things_say_so(
    qtbot: QtBot, mapped: MainWindow, dialog: EvaluationDialog
) -> None:
    session = mapped.session
    evaluated(qtbot, dialog, TRAINING)
    assert not dialog.outdated.isVisible()
    session.curator.label([session.sources[0].address], "odd")
    assert dialog.outdated.isVisible()
    assert dialog.judged.scores.pictures == 12, "they are to be seen until others are there"
    evaluated(qtbot, dialog, TRAINING)
    assert not dialog.outdated.isVisible()
    session.answers.set_rules(Rules(reject=0.5))
    assert dialog.outdated.isVisible()
    session.answers.set_rules(Rules())
    assert not dialog.outdated.isVisible()
    session.go_on()
    wait_idle(qtbot, session)
    assert dialog.outdated.isVisible()
    session.new()
    assert not dialog.outdated.isVisible()
    assert dialog.figures["accuracy"].text() == ""
    assert not dialog.table.content.rows
    assert not dialog.gallery.model().rowCount()
    assert dialog.words.text().startswith("Compares the answers")


def test_what_cannot_be_worked_out_is_a_dash(
    qtbot: QtBot, mapped: MainWindow, dialog: EvaluationDialog, person: Person, tmp_path: Path
) -> None:
    folder = tmp_path / "others"
    for label in ("flat", "unheard of"):
        (folder / label).mkdir(parents=True)
        shutil.copy(mapped.session.sources[0].path, folder / label / "a.png")
    person.answers["folder"] = folder
    evaluated(qtbot, dialog, FOLDER)
    content = dialog.table.content
    shown = {content.index(row, 0).data(): content.index(row, 2).data() for row in range(3)}
    assert shown == {"flat": "50.0%", "steep": "\N{EN DASH}", "unheard of": "\N{EN DASH}"}
    assert dialog.figures["tuned"].text() == "no"
    mapped.session.answers.set_rules(Rules(reject=1.0, novel=0.0, reject_novel=True))
    evaluated(qtbot, dialog, FOLDER)
    assert dialog.judged.scores.answered == 0
    assert dialog.figures["accuracy"].text() == "\N{EN DASH}"
