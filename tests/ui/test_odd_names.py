"""Names made to do harm, through the window: shown as the plain text they are, and nothing lost."""

from __future__ import annotations

import csv
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import WAIT_MS, Person, open_pictures, save, train, wait_idle
from data import shared
from PIL import Image
from PySide6.QtCore import QByteArray, QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QTextDocument
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from image2map_gui.core.project.load import load_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.widgets.gallery import PictureModel

NAMES = [
    b"line\nbreak.png", b"esc_\x1b[31mred.png", b"caf\xe9.png", b"\xff\xfe.png",
    "right\u202egnp.exe.png".encode(), b"=cmd|' !A0'.png", b"<h1>large<\\h1>.png",
    b"<img src=x>.png", b'"><svg onload=alert(1)>.png', b"&lt;b&gt; & amp.png", b"%2e%2e %s %n.png",
    b"a" * 251 + b".png",
]  # fmt: skip
LABELS = (b"<b>bold<\\b>", b"=1+1\nnext", b"caf\xe9")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    top = tmp_path / "pictures"
    for number, label in enumerate(LABELS):
        place = top / os.fsdecode(label)
        place.mkdir(parents=True)
        for index, name in enumerate(NAMES):
            with (place / os.fsdecode(name)).open("wb") as file:
                Image.new("L", (6, 6), 70 * number + 3 * index).save(file, "PNG")
    (top / os.fsdecode(LABELS[0]) / "<i>broken<.png").write_bytes(b"no picture")
    return top


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setData("text/uri-list", QByteArray(b"file://" + quote(os.fsencode(path)).encode()))
    place = QPointF(window.width() * 0.25, window.height() / 2)
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place.toPoint(), action, data, button, keys)
    QApplication.sendEvent(window, enter)
    QApplication.sendEvent(window, QDropEvent(place, action, data, button, keys))


def plain_text(html: str) -> str:
    document = QTextDocument()
    document.setHtml(html)
    return document.toPlainText()


def assert_plain(model: PictureModel, row: int) -> None:
    """A tooltip says the address letter by letter: nothing in it became markup."""
    source = model.source(row)
    tip = model.data(model.index(row, 0), Qt.ItemDataRole.ToolTipRole)
    wanted = f"{source.address}label {source.label}"
    assert letters(plain_text(tip)) == letters(wanted)


def letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isprintable() and sign != " ")


@pytest.mark.slow
def test_they_are_shown_as_they_are(
    qtbot: QtBot, window: MainWindow, folder: Path, person: Person, tmp_path: Path
) -> None:
    session = window.session
    drop(window, folder)
    count = len(NAMES) * len(LABELS)
    qtbot.waitUntil(lambda: len(session.sources) == count, timeout=WAIT_MS)
    wait_idle(qtbot, session)
    assert {os.fsencode(source.path) for source in session.sources} == {
        os.fsencode(path) for path in folder.rglob("*.png") if path.stat().st_size > 10
    }
    gallery = window.browser.gallery
    model = gallery.pictures
    qtbot.waitUntil(lambda: not session.thumbnails.busy, timeout=WAIT_MS)
    for row in range(model.rowCount()):
        assert_plain(model, row)
    session.set_params(SomParams(rows=2, columns=3, epochs=3))
    train(qtbot, session)
    for row in (0, 7, 20):
        gallery.setCurrentIndex(model.index(row, 0))  # selects its unit, fills the inspector
    drop(window, folder / os.fsdecode(LABELS[2]))
    qtbot.waitUntil(lambda: len(session.matches) == len(NAMES), timeout=WAIT_MS)
    wait_idle(qtbot, session)
    window.grab()  # everything is painted once
    for label in window.findChildren(QLabel):
        text = label.text()
        if any(mark in text for mark in ("<img", "<h1", "<svg", "<b>bold")):
            assert label.textFormat() == Qt.TextFormat.PlainText, text
    window.actions_by_name["skipped"].trigger()
    path = tmp_path / "map.i2m"
    assert save(session, path)
    assert load_project(path).sources == session.sources
    person.answers["file_to_save"] = tmp_path / "answers.csv"
    window.actions_by_name["export-matches"].trigger()
    table = (tmp_path / "answers.csv").read_bytes().decode("utf-8")
    assert len(list(csv.DictReader(io.StringIO(table, newline="")))) == len(NAMES)
    session.open_project(path)
    wait_idle(qtbot, session)
    assert len(session.sources) == count
    session.modified = False


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", ["images_odd", "images_bad"])
@pytest.mark.slow
def test_a_dropped_folder_of_hostile_pictures_is_read_or_listed(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, name: str, limited: Callable[..., None]
) -> None:
    limited(seconds_per_picture=60)  # however busy this computer is, a file fares the same twice
    archive = shared("corpus", f"{name}.tar.gz")
    if not archive.is_file():
        pytest.skip("the shared collection of hostile files is not here")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    session = window.session
    drop(window, tmp_path / name)
    qtbot.waitUntil(lambda: bool(session.sources) and not session.activity, timeout=100_000)
    files = len(list((tmp_path / name).iterdir()))
    assert len(session.sources) + len(session.skipped) == files
    qtbot.waitUntil(lambda: not session.thumbnails.busy, timeout=WAIT_MS)
    gallery = window.browser.gallery
    gallery.scrollToBottom()
    window.grab()
    qtbot.waitUntil(lambda: not session.thumbnails.busy, timeout=WAIT_MS)
    session.set_params(SomParams(rows=2, columns=2, epochs=2))
    train(qtbot, session)
    drop(window, tmp_path / name)
    qtbot.waitUntil(lambda: bool(session.matches) and not session.answering, timeout=100_000)
    assert len(session.matches) == len(session.sources)
    session.modified = False


@pytest.mark.slow
def test_a_project_beside_a_folder_that_moved_finds_odd_names_again(
    qtbot: QtBot, window: MainWindow, folder: Path, tmp_path: Path
) -> None:
    session = window.session
    open_pictures(qtbot, session, folder)
    path = tmp_path / "map.i2m"
    assert save(session, path)
    moved = tmp_path / "moved"
    moved.mkdir()
    folder.rename(moved / "pictures")
    path.rename(moved / "map.i2m")
    project = load_project(moved / "map.i2m")
    assert all(os.path.lexists(source.path) for source in project.sources)
    session.modified = False
