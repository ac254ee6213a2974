"""Answers to pictures: always of the map and the rules of now, whatever happened meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, train, wait_idle
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from image2map_gui.core import api
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session import answers
from image2map_gui.ui.session.session import Session


def classify(qtbot: QtBot, session: Session, *paths: Path) -> None:
    session.classify(paths)
    wait_idle(qtbot, session)


def answered_now(session: Session, *paths: Path) -> dict[str, tuple[object, ...]]:
    """Return what the interface for programs answers now, by the same rules."""
    found = api.classify(session.project(), *paths, reject=session.answers.rules.reject)
    return {one.source.address: (one.units, one.label, one.rejected) for one in found}


def answered(session: Session) -> dict[str, tuple[object, ...]]:
    return {one.source.address: (one.units, one.label, one.rejected) for one in session.matches}


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let answers take so long that much can happen meanwhile."""
    answer = answers.answer

    def slowly(*given: object) -> Iterator[object]:
        for step in answer(*given):
            yield from [step] * 200

    monkeypatch.setattr(answers, "answer", slowly)


def test_rules_chosen_while_the_first_pictures_are_classified_hold_for_them(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, slow: None
) -> None:
    session = mapped.session
    session.classify([pictures])
    assert session.answering
    session.answers.set_rules(Rules(reject=1.0))
    wait_idle(qtbot, session)
    assert all(match.rejected for match in session.matches if match.confidence < 1)
    assert answered(session) == answered_now(session, pictures)


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.slow
def test_labels_given_while_pictures_are_classified_are_among_the_answers(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, slow: None, there: bool
) -> None:
    session = mapped.session
    if there:
        classify(qtbot, session, pictures / "flat")
    session.classify([pictures])
    assert session.answering
    session.curator.rename_label("flat", "level")
    wait_idle(qtbot, session)
    assert {match.label for match in session.matches} == {"level", "steep"}


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.slow
def test_a_training_that_ends_while_pictures_are_classified_moves_them_to_its_map(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, slow: None, there: bool
) -> None:
    session = mapped.session
    if there:
        classify(qtbot, session, pictures / "flat")
    session.classify([pictures])
    assert session.answering
    session.go_on()
    wait_idle(qtbot, session)
    assert answered(session) == answered_now(session, pictures)


@pytest.mark.slow
def test_a_large_map_answers_anew_beside_the_window(
    qtbot: QtBot, mapped: MainWindow, pictures: Path
) -> None:
    session = mapped.session
    session.set_params(SomParams(rows=40, columns=40, epochs=1))
    train(qtbot, session)
    classify(qtbot, session, pictures)
    session.curator.rename_label("flat", "level")
    assert session.answering, "not in the thread of the window"
    qtbot.waitUntil(
        lambda: {match.label for match in session.matches} == {"level", "steep"}, timeout=WAIT_MS
    )
    wait_idle(qtbot, session)


def test_only_new_answers_bring_their_dock_to_the_front(
    qtbot: QtBot, mapped: MainWindow, pictures: Path
) -> None:
    session = mapped.session
    docks = {name: mapped._docks[name] for name in ("unit", "classified")}
    classify(qtbot, session, pictures)
    assert not docks["classified"].visibleRegion().isEmpty()
    docks["unit"].raise_()
    qtbot.waitUntil(lambda: docks["classified"].visibleRegion().isEmpty(), timeout=WAIT_MS)
    session.curator.label([session.sources[0].address], "odd")
    QApplication.processEvents()
    assert docks["classified"].visibleRegion().isEmpty()
    docks["classified"].close()
    session.curator.undo()
    session.answers.set_rules(Rules(reject=0.5))
    wait_idle(qtbot, session)
    assert not docks["classified"].isVisible()
    classify(qtbot, session, pictures / "flat")
    assert docks["classified"].isVisible()


def test_what_is_unlike_the_training_pictures_can_go_without_a_label(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, tmp_path: Path
) -> None:
    session, form = mapped.session, mapped.answers.rules
    strange = tmp_path / "strange.png"
    Image.fromarray((np.indices((16, 16)).sum(axis=0) % 2 * 255).astype(np.uint8)).save(strange)
    classify(qtbot, session, strange)
    assert session.matches[0].label is not None
    form.head.click()
    qtbot.mouseClick(form.reject_novel, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    wait_idle(qtbot, session)
    assert session.answers.rules == Rules(reject_novel=True)
    assert session.matches[0].label is None
    assert form.head.text() == "Label of the unit · unlike beyond 99 % · no label if unlike"
    form.reject.setValue(50.0)
    wait_idle(qtbot, session)
    assert form.head.text().endswith("· no label below 50 % or if unlike")
    session.answers.set_rules(Rules(reject=0.25))
    wait_idle(qtbot, session)
    assert not form.reject_novel.isChecked()
    assert form.head.text().endswith("· no label below 25 %")


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.slow
def test_what_becomes_of_the_map_when_answers_are_added_is_told_as_it_is(
    qtbot: QtBot, mapped: MainWindow, tmp_path: Path, training: bool
) -> None:
    session, said = mapped.session, []
    copy = tmp_path / "copy.png"
    shutil.copy(session.sources[0].path, copy)
    classify(qtbot, session, copy)
    session.noticed.connect(said.append)
    mapped.actions_by_name["matches-train" if training else "matches-add"].trigger()
    then = "then training goes on." if training else "the map stays as it is."
    assert f"Adding 1 classified picture to the collection; {then}" in said
    qtbot.waitUntil(lambda: len(session.sources) == 13, timeout=WAIT_MS)
    wait_idle(qtbot, session)
