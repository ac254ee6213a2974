"""Duplicates are listed in groups, shown, and selected in the list of pictures."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, open_pictures
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.tools.duplicates_dialog import DuplicatesDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eight pictures; one is there three times, one in another size."""
    place = tmp_path / "scenes"
    place.mkdir()
    rng = np.random.default_rng(0)
    for number in range(8):
        small = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        small.resize((120, 90), Image.Resampling.BICUBIC).save(place / f"{number}.png")
    shutil.copy(place / "2.png", place / "x2.png")
    shutil.copy(place / "2.png", place / "y2.png")
    Image.open(place / "5.png").resize((60, 45)).save(place / "x5.png")
    return place


@pytest.fixture
def dialog(qtbot: QtBot, window: MainWindow, folder: Path) -> DuplicatesDialog:
    open_pictures(qtbot, window.session, folder)
    window.actions_by_name["duplicates"].trigger()
    return window.findChild(DuplicatesDialog)


def search(qtbot: QtBot, dialog: DuplicatesDialog) -> list[tuple[str, str, int]]:
    qtbot.mouseClick(dialog.search, LEFT)
    qtbot.waitUntil(lambda: not dialog.job.busy, timeout=WAIT_MS)
    return [(Path(str(row[0])).name, *row[1:]) for row in dialog.groups.content.rows]


def test_groups_are_listed_and_their_pictures_shown(qtbot: QtBot, dialog: DuplicatesDialog) -> None:
    assert dialog.isVisible()
    assert search(qtbot, dialog) == [("2.png", "exact", 3), ("5.png", "near", 2)]
    assert dialog.title.text() == "2 groups; 3 pictures beside the first of each"
    shown = dialog.gallery.pictures
    assert [shown.source(row).name for row in range(shown.rowCount())] == [
        "2.png",
        "x2.png",
        "y2.png",
    ]
    dialog.groups.setFocus()
    qtbot.keyClick(dialog.groups, Qt.Key.Key_Down)
    assert [shown.source(row).name for row in range(shown.rowCount())] == ["5.png", "x5.png"]


def test_exact_copies_only(qtbot: QtBot, dialog: DuplicatesDialog) -> None:
    dialog.what.setCurrentIndex(0)
    assert not dialog.tolerance.isEnabled()
    assert search(qtbot, dialog) == [("2.png", "exact", 3)]


def test_all_but_the_first_are_selected_in_the_list_of_pictures(
    qtbot: QtBot, window: MainWindow, dialog: DuplicatesDialog
) -> None:
    search(qtbot, dialog)
    window.browser._filter.setText("nothing is called so")
    qtbot.mouseClick(dialog.select, LEFT)
    gallery = window.browser.gallery
    rows = sorted(index.row() for index in gallery.selectionModel().selectedRows())
    assert [gallery.pictures.source(row).name for row in rows] == ["x2.png", "x5.png", "y2.png"]
    assert window.status_line.message == "3 pictures selected in the list."


def test_the_list_can_be_copied(qtbot: QtBot, dialog: DuplicatesDialog, folder: Path) -> None:
    search(qtbot, dialog)
    qtbot.mouseClick(dialog.copy, LEFT)
    text = QGuiApplication.clipboard().text()
    assert text.splitlines()[:4] == [*(str(folder / f"{a}2.png") for a in ("", "x", "y")), ""]


def test_pictures_that_leave_the_collection_leave_their_groups(
    qtbot: QtBot, window: MainWindow, dialog: DuplicatesDialog
) -> None:
    search(qtbot, dialog)
    session = window.session
    session.sources = tuple(one for one in session.sources if one.name[0] != "x")
    session.collection_changed.emit()
    assert [row[2] for row in dialog.groups.content.rows] == [2]
    session.new()
    assert dialog.groups.content.rows == []
    assert not dialog.search.isEnabled()


def test_excluded_pictures_are_not_compared(
    qtbot: QtBot, window: MainWindow, dialog: DuplicatesDialog
) -> None:
    search(qtbot, dialog)
    session = window.session
    excluded = frozenset(one.address for one in session.sources if one.name[0] in "xy")
    session.parts = dataclasses.replace(session.parts, excluded=excluded)
    session.collection_changed.emit()
    assert dialog.groups.content.rows == []
    assert search(qtbot, dialog) == []


def test_no_duplicates_and_stopping_are_said(
    qtbot: QtBot, window: MainWindow, dialog: DuplicatesDialog, pictures: Path, tmp_path: Path
) -> None:
    for name in ("x2", "y2", "x5"):
        (tmp_path / "scenes" / f"{name}.png").unlink()
    open_pictures(qtbot, window.session, tmp_path / "scenes")
    assert search(qtbot, dialog) == []
    assert dialog.title.text() == "No picture is there more than once."
    assert not dialog.select.isEnabled()
    dialog.search.click()
    dialog.job._runner.stop()
    qtbot.waitUntil(lambda: not dialog.job.busy, timeout=WAIT_MS)
    assert dialog.search.isEnabled()


@pytest.mark.parametrize("way", ["close", "escape"])
@pytest.mark.slow
def test_closing_stops_the_search(qtbot: QtBot, dialog: DuplicatesDialog, way: str) -> None:
    dialog.search.click()
    assert dialog.job.busy
    if way == "close":
        dialog.close()
    else:
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert not dialog.job.busy
    assert dialog.search.isEnabled()
