"""Pictures are shown while they are read, and nothing is lost if none can be."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, open_pictures, train, wait_idle
from PIL import Image
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.samples import write_sample
from image2map_gui.core.images.sources import Source
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session import arrivals as arrivals_module
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.session.thumbnails import Thumbnails
from image2map_gui.ui.wording import count_text


@pytest.fixture
def many(tmp_path: Path) -> Path:
    write_sample("lines", tmp_path / "many", 3000, 8)
    return tmp_path / "many"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals_module, "_FIRST_SECONDS", 0.0)
    monkeypatch.setattr(arrivals_module, "_EVERY_SECONDS", 0.0)


@pytest.mark.slow
def test_the_browser_fills_while_pictures_are_read(
    qtbot: QtBot, window: MainWindow, many: Path, at_once: None
) -> None:
    shown: list[int] = []
    listed = window.browser.gallery.pictures
    window.session.arrivals.changed.connect(lambda: shown.append(listed.rowCount()))
    window.session.open_pictures([many])
    qtbot.waitUntil(lambda: len(shown) > 2, timeout=WAIT_MS)
    gallery = window.browser.gallery
    chosen = gallery.model().index(1, 0)
    gallery.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    assert "so far" in window.browser._count.text()
    assert not window.session.sources
    wait_idle(qtbot, window.session)
    assert shown == sorted(shown)
    assert shown[0] < 3000
    assert listed.rowCount() == 3000
    assert gallery.selectionModel().selectedIndexes(), "what was selected meanwhile stays so"
    assert window.browser._count.text() == "3,000 pictures"


@pytest.mark.slow
def test_what_was_read_until_stop_is_kept_and_said(
    qtbot: QtBot, window: MainWindow, many: Path, at_once: None
) -> None:
    window.session.open_pictures([many])
    qtbot.waitUntil(lambda: len(window.session.arrivals.sources) > 100, timeout=WAIT_MS)
    stop = next(
        button
        for button in window.status_line.findChildren(QPushButton)
        if button.accessibleName() == "Stop the running job"
    )
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    began = time.perf_counter()
    wait_idle(qtbot, window.session)
    assert time.perf_counter() - began < 2
    read = len(window.session.sources)
    assert 100 < read < 3000
    assert window.browser.gallery.pictures.rowCount() == read
    assert window.status_line.message == f"Stopped: {read:,} of 3,000 pictures were read and kept."
    assert not stop.isVisible()


@pytest.mark.slow
def test_stopping_before_the_first_picture_changes_nothing(
    qtbot: QtBot, session: Session, pictures: Path, many: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    with qtbot.waitSignal(session.progressed, timeout=WAIT_MS):
        session.open_pictures([many])
    with qtbot.waitSignal(session.noticed, timeout=WAIT_MS) as notice:
        session.stop()
    assert "nothing has changed" in notice.args[0]
    wait_idle(qtbot, session)
    assert len(session.sources) == 12


@pytest.mark.slow
def test_added_pictures_follow_those_that_are_there(
    qtbot: QtBot, window: MainWindow, pictures: Path, many: Path, at_once: None
) -> None:
    open_pictures(qtbot, window.session, pictures)
    window.session.set_params(SomParams(rows=2, columns=3, epochs=3))
    train(qtbot, window.session)
    listed = window.browser.gallery.pictures
    first = listed.source(0)
    seen: list[bool] = []
    window.session.arrivals.changed.connect(
        lambda: seen.append(listed.source(0) == first and listed.rowCount() > 12)
    )
    window.session.add_pictures([many])
    wait_idle(qtbot, window.session)
    assert seen
    assert all(seen)
    assert listed.rowCount() == 3012
    assert len(window.session.map.units) == 3012


@pytest.mark.slow
def test_another_folder_opened_meanwhile_takes_its_place(
    qtbot: QtBot, window: MainWindow, pictures: Path, many: Path, at_once: None
) -> None:
    window.session.open_pictures([many])
    qtbot.waitUntil(lambda: bool(window.session.arrivals.sources), timeout=WAIT_MS)
    window.session.open_pictures([pictures])
    assert window.browser.gallery.pictures.rowCount() == 0
    wait_idle(qtbot, window.session)
    assert window.browser.gallery.pictures.rowCount() == 12


def test_what_is_quickly_read_is_not_shown_coming(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals_module, "_FIRST_SECONDS", 60.0)
    with qtbot.assertNotEmitted(session.arrivals.changed):
        session.open_sample("lines")
        wait_idle(qtbot, session)
    assert len(session.sources) == 100


@pytest.mark.slow
def test_what_was_just_read_stands_in_for_its_thumbnail(
    qtbot: QtBot,
    window: MainWindow,
    many: Path,
    at_once: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Thumbnails, "_start", lambda self: None)  # none is ever made
    window.session.open_pictures([many])
    qtbot.waitUntil(lambda: len(window.session.arrivals.sources) > 200, timeout=WAIT_MS)
    listed = window.browser.gallery.pictures
    shown = listed.data(listed.index(150, 0), Qt.ItemDataRole.DecorationRole)
    with Image.open(listed.source(150).path) as image:
        expected = np.asarray(image.convert("L"))
    found = shown.toImage()
    pixels = [[found.pixelColor(x, y).red() for x in range(8)] for y in range(8)]
    assert np.abs(np.array(pixels) - expected).max() <= 1
    wait_idle(qtbot, window.session)
    window.session.new()
    assert window.session.arrivals.rough(Source(str(many / "lines_0151.png"))) is None


def test_words_of_progress() -> None:
    text = count_text("Reading pictures", 1000, 20_000, 1000.0)
    assert text == "Reading pictures: 1,000 of 20,000 · 1,000 per second · 19 s left"
    assert count_text("Reading", 16_000, 20_000, 1000.0) == (
        "Reading: 16,000 of 20,000 · 1,000 per second"
    )
    assert count_text("Reading", 0, 10, 0.0) == "Reading: 0 of 10"
    assert count_text("Reading", 10, 10, 5.0) == "Reading: 10 of 10"
    assert count_text("Reading", 1, 11, 0.5) == "Reading: 1 of 11 · 20 s left"
