"""Pictures like one picture or one unit: on the map and by the pictures; a click selects them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, save
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.sources import Source
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.tools.similar_dialog import EXACT, SimilarDialog


def ask(window: MainWindow) -> SimilarDialog:
    window.actions_by_name["find-similar"].trigger()
    QApplication.processEvents()
    return window.findChild(SimilarDialog)


def found(dialog: SimilarDialog) -> list[Source]:
    return [dialog.gallery.pictures.source(row) for row in range(dialog.gallery.model().rowCount())]


def look_exactly(qtbot: QtBot, dialog: SimilarDialog) -> None:
    dialog.way.setCurrentText(EXACT)
    qtbot.waitUntil(lambda: not dialog.job.busy, timeout=WAIT_MS)


@pytest.fixture
def expected(mapped: MainWindow) -> list[Source]:
    """All pictures by their distance to the fourth, without itself."""
    dataset = mapped.session.dataset
    far = np.linalg.norm(dataset.vectors - dataset.vectors[3], axis=1)
    return [dataset.sources[row] for row in np.argsort(far, kind="stable") if row != 3]


def test_pictures_like_a_picture_exactly(
    qtbot: QtBot, mapped: MainWindow, expected: list[Source]
) -> None:
    mapped.session.choose([mapped.session.sources[3].address])
    dialog = ask(mapped)
    assert dialog.title.text() == f"Like {mapped.session.sources[3].name}"
    look_exactly(qtbot, dialog)
    assert found(dialog) == expected


def test_pictures_like_a_picture_on_the_map(mapped: MainWindow) -> None:
    session, state = mapped.session, mapped.session.map
    session.choose([session.sources[3].address])
    listed = found(ask(mapped))
    assert len(listed) == 11
    own = state.unit_of[session.sources[3].address]
    apart = [state.grid.distances(np.array([own]))[0][state.unit_of[one.address]] for one in listed]
    assert apart == sorted(apart)


def test_pictures_like_a_unit(qtbot: QtBot, mapped: MainWindow) -> None:
    session, state = mapped.session, mapped.session.map
    unit = int(state.units[0])
    session.select_unit(unit)
    dialog = ask(mapped)
    row, column = state.grid.cells[unit]
    assert dialog.title.text() == f"Like the unit in row {row + 1}, column {column + 1}"
    members = [one for one, _ in state.members(unit)]
    assert found(dialog)[: len(members)] == members
    look_exactly(qtbot, dialog)
    far = np.linalg.norm(session.dataset.vectors - state.weights[unit], axis=1)
    order = np.argsort(far, kind="stable")
    assert found(dialog) == [session.dataset.sources[row] for row in order]


def test_a_click_selects_what_was_found_everywhere(qtbot: QtBot, mapped: MainWindow) -> None:
    session = mapped.session
    session.choose([session.sources[3].address])
    dialog = ask(mapped)
    listed = found(dialog)
    qtbot.waitUntil(
        lambda: not dialog.gallery.visualRect(dialog.gallery.model().index(2, 0)).isEmpty()
    )
    spot = dialog.gallery.visualRect(dialog.gallery.model().index(2, 0)).center()
    qtbot.mouseClick(dialog.gallery.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert session.chosen == (listed[2].address,)
    assert session.selection.units.tolist() == [session.map.unit_of[listed[2].address]]
    assert mapped.inspector.title == listed[2].name
    assert found(dialog) == listed, "the question stays"
    ask(mapped)
    assert dialog.title.text() == f"Like {listed[2].name}"


def test_it_says_what_is_needed(qtbot: QtBot, mapped: MainWindow, tmp_path: Path) -> None:
    session = mapped.session
    assert save(session, tmp_path / "a.i2m")
    session.open_project(tmp_path / "a.i2m")
    session.select_unit(int(session.map.units[0]))
    dialog = ask(mapped)
    assert found(dialog)
    dialog.way.setCurrentText(EXACT)
    assert "not in memory" in dialog.words.text()
    assert "F5" in dialog.words.text()
    assert found(dialog) == []


def test_removed_pictures_leave_the_list(qtbot: QtBot, mapped: MainWindow) -> None:
    session = mapped.session
    session.choose([session.sources[3].address])
    dialog = ask(mapped)
    gone = found(dialog)[0]
    session.choose([gone.address])
    mapped.actions_by_name["remove"].trigger()
    assert gone not in found(dialog)
    assert len(found(dialog)) == 10
