"""The large preview: opened and left by the space bar, following the list it came from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, open_pictures, train
from data import write_picture
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.widgets.gallery import Gallery

KEYS = Qt.Key


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures of their own colours and sizes, one of them no picture at all."""
    place = tmp_path / "photographs"
    for index, (width, height) in enumerate(((1600, 1200), (40, 30), (300, 900))):
        pixels = np.full((height, width, 3), 60 * index + 20, np.uint8)
        write_picture(place / ("tall" if index == 2 else "wide") / f"{index}.png", pixels)
    (place / "wide" / "torn.png").write_bytes((place / "wide" / "0.png").read_bytes()[:900])
    return place


@pytest.fixture
def gallery(qtbot: QtBot, window: MainWindow, folder: Path) -> Gallery:
    """Return the browser's list: 2.png, 0.png, 1.png (a torn file is skipped at reading)."""
    open_pictures(qtbot, window.session, folder)
    gallery = window.browser.gallery
    gallery.setCurrentIndex(gallery.model().index(0, 0))
    gallery.setFocus()
    return gallery


def shown(qtbot: QtBot, window: MainWindow, width: int, height: int) -> None:
    sheet = window.large.sheet
    qtbot.waitUntil(
        lambda: (sheet.pixmap.width(), sheet.pixmap.height()) == (width, height), timeout=WAIT_MS
    )


@pytest.mark.slow
def test_space_shows_the_current_picture_and_its_facts(
    qtbot: QtBot, window: MainWindow, gallery: Gallery
) -> None:
    qtbot.keyClick(gallery, KEYS.Key_Space)
    assert window.large.isVisible()
    assert not window.large.isModal()
    shown(qtbot, window, 300, 900)
    sheet = window.large.sheet
    assert (sheet.name, sheet.facts) == ("2.png", "300 x 900 pixels · label tall")
    colour = sheet.grab().toImage().pixelColor(sheet.width() // 2, 300)
    assert (colour.red(), colour.green(), colour.blue()) == (140, 140, 140)


def test_arrow_keys_travel_in_the_list_and_in_the_preview(
    qtbot: QtBot, window: MainWindow, gallery: Gallery
) -> None:
    qtbot.keyClick(gallery, KEYS.Key_Space)
    qtbot.keyClick(gallery, KEYS.Key_Right)
    shown(qtbot, window, 1024, 768)
    assert window.large.sheet.facts == "1,600 x 1,200 pixels · label wide"
    qtbot.keyClick(window.large, KEYS.Key_Right)
    shown(qtbot, window, 40, 30)
    assert gallery.currentIndex().row() == 2
    assert window.large.sheet.name == "1.png"
    qtbot.keyClick(window.large, KEYS.Key_Home)
    shown(qtbot, window, 300, 900)


@pytest.mark.parametrize("key", [KEYS.Key_Space, KEYS.Key_Escape])
@pytest.mark.slow
def test_space_and_escape_leave(
    qtbot: QtBot, window: MainWindow, gallery: Gallery, key: Qt.Key
) -> None:
    qtbot.keyClick(gallery, KEYS.Key_Space)
    qtbot.keyClick(window.large, key)
    assert not window.large.isVisible()
    qtbot.keyClick(gallery, KEYS.Key_Space)
    assert window.large.isVisible()
    qtbot.keyClick(gallery, KEYS.Key_Space)
    assert not window.large.isVisible()


def test_of_several_selected_pictures_the_current_one_is_shown(
    qtbot: QtBot, window: MainWindow, gallery: Gallery
) -> None:
    gallery.selectAll()
    gallery.selectionModel().setCurrentIndex(
        gallery.model().index(2, 0), gallery.selectionModel().SelectionFlag.NoUpdate
    )
    qtbot.keyClick(gallery, KEYS.Key_Space)
    shown(qtbot, window, 40, 30)
    assert len(gallery.selectionModel().selectedRows()) == 3


def test_a_picture_that_is_gone_is_shown_in_small(
    qtbot: QtBot, window: MainWindow, gallery: Gallery, folder: Path
) -> None:
    (folder / "tall" / "2.png").unlink()
    qtbot.keyClick(gallery, KEYS.Key_Space)
    sheet = window.large.sheet
    words = "in small: it is no longer there"
    qtbot.waitUntil(lambda: words in sheet.facts, timeout=WAIT_MS)
    assert not sheet.pixmap.isNull()


def test_a_picture_that_is_gone_says_so_and_the_next_is_shown(
    qtbot: QtBot, window: MainWindow, gallery: Gallery, folder: Path
) -> None:
    window.session.thumbnails.pixmap = lambda _source, _side=0: None  # there is none in small
    (folder / "tall" / "2.png").unlink()
    qtbot.keyClick(gallery, KEYS.Key_Space)
    sheet = window.large.sheet
    qtbot.waitUntil(lambda: bool(sheet.message), timeout=WAIT_MS)
    assert sheet.message == "This picture cannot be shown: it is no longer there."
    assert sheet.pixmap.isNull()
    sheet.grab()
    qtbot.keyClick(window.large, KEYS.Key_Right)
    shown(qtbot, window, 1024, 768)


def test_every_list_has_it_and_tells_the_unit(
    qtbot: QtBot, window: MainWindow, gallery: Gallery
) -> None:
    window.session.set_params(SomParams(rows=2, columns=2, epochs=3))
    train(qtbot, window.session)
    window.session.select_unit(int(window.session.map.units[0]))
    members = window.inspector.gallery
    qtbot.keyClick(members, KEYS.Key_Space)
    qtbot.waitUntil(lambda: "pixels" in window.large.sheet.facts, timeout=WAIT_MS)
    row, column = window.session.map.grid.cells[window.session.unit]
    assert window.large.sheet.facts.endswith(f"row {row + 1}, column {column + 1}")
    assert {window.browser.gallery, members} <= set(window.findChildren(Gallery))


def test_the_menu_opens_it_and_closing_the_window_closes_it(
    qtbot: QtBot, window: MainWindow, gallery: Gallery
) -> None:
    window.actions_by_name["preview"].trigger()
    assert window.large.isVisible()
    window.session.modified = False
    window.close()
    assert not window.large.isVisible()


def test_the_list_with_columns_has_it_too(
    qtbot: QtBot, window: MainWindow, gallery: Gallery
) -> None:
    window.browser._columns.click()
    table = window.browser.list
    table.setCurrentIndex(table.model().index(1, 0))
    qtbot.keyClick(table, KEYS.Key_Space)
    shown(qtbot, window, 1024, 768)
    qtbot.keyClick(table, KEYS.Key_Down)
    shown(qtbot, window, 40, 30)


def test_an_empty_list_opens_nothing(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window.browser.gallery, KEYS.Key_Space)
    assert not window.large.isVisible()
