"""Answers in the window: as on the command line, in a table, kept, saved, copied and added."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, Person, open_pictures, save, train, wait_idle
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from tqdm import tqdm

from image2map_gui.cli import main
from image2map_gui.core import api
from image2map_gui.core.analysis.methods import METHODS, NEIGHBOURHOOD, PICTURES, Rules
from image2map_gui.core.analysis.voting import Voter, preparing
from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.project.load import load_project
from image2map_gui.core.som.quality.parts import Parts
from image2map_gui.ui.jobs import answer_jobs
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.panels.classify_panel import ClassifyPanel
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Settings
from image2map_gui.ui.widgets.match_table import FILE, PERCENTILE, UNLIKE_ONES


def classify(qtbot: QtBot, session: Session, *paths: Path) -> None:
    session.classify(paths)
    wait_idle(qtbot, session)


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """Make a picture that is like no line."""
    path = tmp_path / "strange.png"
    Image.fromarray((np.indices((16, 16)).sum(axis=0) % 2 * 255).astype(np.uint8)).save(path)
    return path


def known(match) -> tuple[object, ...]:
    return (match.source.address, match.unit, match.label, match.guess, match.novel, match.rejected)


@pytest.mark.parametrize("method", list(METHODS))
@pytest.mark.slow
def test_answers_are_those_of_the_command_line_and_of_the_interface_for_programs(
    qtbot: QtBot,
    mapped: MainWindow,
    pictures: Path,
    strange: Path,
    tmp_path: Path,
    method: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tqdm, "monitor_interval", 0)  # it would leave a thread
    session = mapped.session
    rules = Rules(method=method, k=4, novel=0.6, reject=0.3)
    session.answers.set_rules(rules)
    classify(qtbot, session, pictures, strange)
    here = {known(match): match for match in session.matches}
    assert save(session, tmp_path / "a.i2m")
    project = load_project(tmp_path / "a.i2m")
    there = api.classify(project, pictures, strange, **dataclasses.asdict(rules))
    assert here.keys() == {known(match) for match in there}
    for match in there:
        assert here[known(match)].confidence == pytest.approx(match.confidence)
        assert here[known(match)].percentile == pytest.approx(match.percentile)
    asked = ["--method", method, "--k", "4", "--novel", "0.6", "--reject", "0.3", "--json"]
    capsys.readouterr()
    assert main(["classify", str(tmp_path / "a.i2m"), str(pictures), str(strange), *asked]) == 0
    told = json.loads(capsys.readouterr().out)["matches"]
    assert {(one["path"], one["unit"], one["label"]) for one in told} == {
        (match.source.address, match.unit, match.label) for match in session.matches
    }


@pytest.mark.slow
def test_other_rules_answer_what_was_answered_anew(
    qtbot: QtBot, mapped: MainWindow, pictures: Path
) -> None:
    session, form = mapped.session, mapped.answers.rules
    classify(qtbot, session, pictures)
    before = [match.confidence for match in session.matches]
    form.head.click()
    form.method.setCurrentIndex(form.method.findData(NEIGHBOURHOOD))
    form.method.activated.emit(form.method.currentIndex())
    assert session.answers.rules.method == NEIGHBOURHOOD
    wait_idle(qtbot, session)
    form.novel.setValue(10.0)
    qtbot.waitUntil(lambda: any(match.novel for match in session.matches), timeout=WAIT_MS)
    assert len(session.matches) == len(before)
    assert not form.count.isVisible()
    form.method.setCurrentIndex(form.method.findData(PICTURES))
    form.method.activated.emit(form.method.currentIndex())
    assert form.count.isVisible()
    wait_idle(qtbot, session)
    expected = api.classify(session.project(), pictures, method=PICTURES, k=3, novel=0.1)
    assert [m.confidence for m in session.matches] == [m.confidence for m in expected]


def test_the_nearest_pictures_of_a_project_are_read_once_more(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, tmp_path: Path
) -> None:
    session = mapped.session
    assert save(session, tmp_path / "a.i2m")
    session.open_project(tmp_path / "a.i2m")
    assert session.dataset is None
    session.answers.set_rules(Rules(method=PICTURES, k=1))
    classify(qtbot, session, pictures)
    assert [match.label for match in session.matches] == ["flat"] * 6 + ["steep"] * 6


@pytest.mark.slow
def test_what_answers_need_is_prepared_once(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, prepared = mapped.session, []

    def counted(*given: object) -> Parts[Voter]:
        prepared.append(given)
        return preparing(*given)

    monkeypatch.setattr(answer_jobs, "preparing", counted)
    session.answers.set_rules(Rules(method=PICTURES))
    for name in ("flat", "steep", "flat"):
        classify(qtbot, session, pictures / name)
    assert len(prepared) == 1
    session.answers.set_rules(Rules(method=PICTURES, reject=0.5))
    wait_idle(qtbot, session)
    assert len(prepared) == 1, "only the verdict changes"
    session.answers.set_rules(Rules(method=PICTURES, k=1))
    wait_idle(qtbot, session)
    assert len(prepared) == 2
    session.curator.label([session.sources[0].address], "odd")
    wait_idle(qtbot, session)
    assert len(prepared) == 3, "other labels give other answers"
    assert session.matches[0].label in {"odd", "flat"}
    assert "odd" in {match.label for match in session.matches}


def test_the_card_tells_what_is_unlike_anything(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, strange: Path
) -> None:
    session, card = mapped.session, mapped.answers.card
    classify(qtbot, session, strange)
    assert card.warning.text() == "Unlike anything trained on: farther than all training pictures."
    assert card.warning.isVisible()
    assert "Closer than" not in card.verdict
    classify(qtbot, session, pictures / "flat" / "line 1.png")
    assert not card.warning.isVisible()
    match = session.matches[0]
    assert f"Closer than {1 - match.percentile:.0%} of the training pictures" in card.verdict


@pytest.mark.slow
def test_the_card_shows_the_training_pictures_most_like_it(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, tmp_path: Path
) -> None:
    session, card = mapped.session, mapped.answers.card
    path = tmp_path / "new.png"
    Image.fromarray(draw_line(0.11, 16)).save(path)
    classify(qtbot, session, path)
    qtbot.waitUntil(lambda: card.alike.model().rowCount() > 0, timeout=WAIT_MS)
    far = np.linalg.norm(session.dataset.vectors - session.matches[0].vector, axis=1)
    order = np.argsort(far, kind="stable")
    shown = [card.alike.pictures.source(row) for row in range(card.alike.model().rowCount())]
    assert shown == [session.dataset.sources[row] for row in order[:12]]
    assert save(session, tmp_path / "a.i2m")
    session.open_project(tmp_path / "a.i2m")
    classify(qtbot, session, path)
    assert not card.alike.isVisible(), "the pictures are not in memory"


def test_the_table_is_sorted_and_filtered(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, strange: Path
) -> None:
    session, panel = mapped.session, mapped.answers
    classify(qtbot, session, pictures, strange)
    table = panel.table
    assert table.content.rowCount() == 13
    table.sortByColumn(PERCENTILE, Qt.SortOrder.DescendingOrder)
    shares = [match.percentile for match in table.content.matches]
    assert shares == sorted(shares, reverse=True)
    assert table.content.matches[0].source.path == str(strange)
    table.sortByColumn(FILE, Qt.SortOrder.AscendingOrder)
    panel.search.setText("LINE 3")
    assert len(table.content.matches) == 2
    panel.search.setText("")
    panel.which.setCurrentText(UNLIKE_ONES)
    assert [match.source.path for match in table.content.matches] == [str(strange)]
    assert "1 of 13 classified pictures" in panel._title.text()


def test_a_row_shows_its_match_and_selects_its_unit(
    qtbot: QtBot, mapped: MainWindow, pictures: Path
) -> None:
    session, table = mapped.session, mapped.answers.table
    classify(qtbot, session, pictures)
    row = next(
        row for row, one in enumerate(session.matches) if one.unit != session.matches[0].unit
    )
    qtbot.waitUntil(lambda: table.viewport().height() > 60)
    table.scrollTo(table.content.index(row, FILE))
    spot = table.visualRect(table.content.index(row, PERCENTILE)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert session.unit == session.matches[row].unit
    assert mapped.answers.card._match is session.matches[row]


@pytest.mark.slow
def test_kept_ones_outlast_a_clearing(qtbot: QtBot, mapped: MainWindow, pictures: Path) -> None:
    session, panel = mapped.session, mapped.answers
    classify(qtbot, session, pictures)
    panel.table.go_to(2)
    match = panel.table.current
    qtbot.mouseClick(panel.keep, Qt.MouseButton.LeftButton)
    panel.table.go_to(0)
    gone = panel.table.current
    qtbot.mouseClick(panel.remove, Qt.MouseButton.LeftButton)
    assert len(session.matches) == 11
    assert gone not in session.matches
    qtbot.mouseClick(panel.clear, Qt.MouseButton.LeftButton)
    assert session.matches == [match]
    qtbot.mouseClick(panel.clear, Qt.MouseButton.LeftButton)
    assert session.matches == []


def test_they_are_saved_as_a_table_and_as_json(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, person: Person, tmp_path: Path
) -> None:
    session = mapped.session
    classify(qtbot, session, pictures)
    for name in ("a.csv", "a.json"):
        person.answers["file_to_save"] = tmp_path / name
        mapped.actions_by_name["export-matches"].trigger()
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    record = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert record["method"] == "unit"
    assert [row["path"] for row in rows] == [one["path"] for one in record["matches"]]
    assert [float(row["distance"]) for row in rows] == [m.distance for m in session.matches]


def test_they_are_copied_into_folders_after_their_number_was_told(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, person: Person, tmp_path: Path
) -> None:
    session, action = mapped.session, mapped.actions_by_name["export-folders-answer"]
    classify(qtbot, session, pictures)
    out = tmp_path / "copies"
    out.mkdir()
    person.answers["folder_for_copies"] = out
    action.trigger()
    assert person.shown == ["flat: 6 pictures\nsteep: 6 pictures"]
    assert list(out.iterdir()) == [], "nobody said yes"
    person.answers["copy_counts"] = True
    action.trigger()
    wait_idle(qtbot, session)
    assert len(list((out / "flat").iterdir())) == 6
    person.answers["folder_for_copies"] = pictures / "flat"
    with qtbot.waitSignal(session.failed):
        action.trigger()


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.slow
def test_they_are_added_to_the_collection(
    qtbot: QtBot, mapped: MainWindow, strange: Path, training: bool
) -> None:
    session = mapped.session
    classify(qtbot, session, strange)
    weights, epochs = session.map.weights, len(session.history)
    mapped.actions_by_name["matches-train" if training else "matches-add"].trigger()
    qtbot.waitUntil(lambda: len(session.sources) == 13, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: session.model is not None, timeout=WAIT_MS)
    wait_idle(qtbot, session)
    assert str(strange) in session.map.unit_of
    assert (session.map.weights is weights) == (not training)
    assert len(session.history) == (2 * epochs if training else epochs)


@pytest.mark.slow
def test_drops_that_come_while_others_are_classified_wait(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, strange: Path
) -> None:
    session = mapped.session
    said: list[str] = []
    session.noticed.connect(said.append)
    session.classify([pictures / "flat"])
    session.classify([pictures / "steep"])
    session.classify([strange])
    assert said == [
        "Pictures are being classified; 1 drop waits for them.",
        "Pictures are being classified; 2 drops wait for them.",
    ]
    qtbot.waitUntil(lambda: len(session.matches) == 13, timeout=WAIT_MS)
    assert session.matches[0].source.path == str(strange)
    wait_idle(qtbot, session)


def test_a_new_map_forgets_what_waits(qtbot: QtBot, mapped: MainWindow, pictures: Path) -> None:
    session = mapped.session
    session.classify([pictures / "flat"])
    session.classify([pictures / "steep"])
    session.new()
    assert not session.answering
    assert session.matches == []
    assert mapped.answers._title.text().startswith("Drop pictures")


def test_rules_are_kept_for_the_next_start(
    qtbot: QtBot, mapped: MainWindow, tmp_path: Path
) -> None:
    rules = Rules(method=PICTURES, k=7, novel=0.95, reject=0.2)
    settings = Settings(tmp_path / "settings.json")
    settings.rules = rules
    settings.save()
    assert Settings(tmp_path / "settings.json").rules == rules
    plain = json.loads((tmp_path / "settings.json").read_text("utf-8"))
    for wrong in (7, {"k": "many", "novel": 3.0}, {"method": "guessing"}):
        text = json.dumps(plain | {"answers": wrong})
        (tmp_path / "settings.json").write_text(text, "utf-8")
        assert Settings(tmp_path / "settings.json").rules == Rules()
    mapped.session.answers.set_rules(rules)
    mapped.session.modified = False
    mapped.close()
    assert mapped.settings.rules == rules


def test_the_panel_of_a_single_picture_has_no_table(
    qtbot: QtBot, session: Session, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    train(qtbot, session)
    panel = ClassifyPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    classify(qtbot, session, pictures / "flat" / "line 1.png")
    assert panel.card.isVisible()
    assert not panel.table.isVisible()
    panel.halt()
