"""A project whose pictures were moved says so, and finds them again."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import WAIT_MS, Person, open_pictures, save, train, wait_idle
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from image2map_gui.core.project.load import load_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session


@pytest.fixture
def project(qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path) -> Path:
    """Save a trained map, then move its pictures away."""
    open_pictures(qtbot, session, pictures)
    session.set_params(SomParams(rows=2, columns=3, epochs=3))
    train(qtbot, session)
    path = tmp_path / "project" / "map.i2m"
    path.parent.mkdir()
    assert save(session, path)
    session.new()
    (tmp_path / "archive").mkdir()
    pictures.rename(tmp_path / "archive" / "drawings")
    return path


def opened(qtbot: QtBot, session: Session, project: Path, missing: int) -> None:
    session.open_project(project)
    qtbot.waitUntil(lambda: session.missing.count == missing, timeout=WAIT_MS)


def notice(window: MainWindow) -> QPushButton:
    return next(
        button
        for button in window.status_line.findChildren(QPushButton)
        if "missing" in button.text()
    )


def test_missing_pictures_are_found_by_a_click_and_a_folder(
    qtbot: QtBot, window: MainWindow, project: Path, person: Person, tmp_path: Path
) -> None:
    session = window.session
    opened(qtbot, session, project, 12)
    assert notice(window).text() == "12 pictures missing: locate…"
    assert notice(window).isVisible()
    units = dict(session.map.unit_of)
    person.answers["folder_to_search"] = tmp_path / "archive"
    qtbot.mouseClick(notice(window), Qt.MouseButton.LeftButton)
    wait_idle(qtbot, session)
    where = tmp_path / "archive"
    assert window.status_line.message == f"Found all 12 missing pictures in {where}."
    assert all(Path(source.path).is_file() for source in session.sources)
    assert session.modified
    assert list(session.map.unit_of.values()) == list(units.values())
    assert all(Path(path).is_file() for path in session.map.unit_of)
    qtbot.waitUntil(lambda: session.missing.count == 0, timeout=WAIT_MS)
    assert not notice(window).isVisible()
    assert save(session, project)
    assert all(Path(source.path).is_file() for source in load_project(project).sources)


def test_some_may_still_be_missing(
    qtbot: QtBot, session: Session, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "archive" / "drawings" / "flat" / "line 3.png").unlink()
    opened(qtbot, session, project, 12)
    with qtbot.waitSignal(session.noticed, timeout=WAIT_MS) as said:
        session.locate(tmp_path / "archive")
    assert "Found 11 of 12 missing pictures" in said.args[0]
    assert "1 could not be found there" in said.args[0]
    qtbot.waitUntil(lambda: session.missing.count == 1, timeout=WAIT_MS)


def test_the_wrong_folder_changes_nothing(
    qtbot: QtBot, session: Session, project: Path, tmp_path: Path
) -> None:
    opened(qtbot, session, project, 12)
    before = session.sources
    with qtbot.waitSignal(session.noticed, timeout=WAIT_MS) as said:
        session.locate(tmp_path / "project")
    assert "None of the 12 missing pictures" in said.args[0]
    assert session.sources == before
    assert not session.modified


def test_pictures_that_are_read_can_be_moved_too(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    with qtbot.waitSignal(session.noticed, timeout=WAIT_MS) as said:
        session.locate(tmp_path)
    assert "No picture is missing" in said.args[0]
    wait_idle(qtbot, session)
    pictures.rename(tmp_path / "renamed")
    session.locate(tmp_path)
    wait_idle(qtbot, session)
    assert session.dataset.sources == session.sources
    assert all(Path(source.path).is_file() for source in session.sources)


def test_another_collection_has_none_missing(qtbot: QtBot, session: Session, project: Path) -> None:
    opened(qtbot, session, project, 12)
    session.open_sample("lines")
    wait_idle(qtbot, session)
    qtbot.waitUntil(lambda: session.missing.count == 0, timeout=WAIT_MS)
