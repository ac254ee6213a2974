"""The list of skipped files: sifted, sorted, copied and written, also when it is long."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from conftest import Person
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.sources import Skipped
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.tools.skipped_list import SkippedList

SKIPPED = (
    Skipped("/a/pic 10.png", "is damaged (broken data stream)"),
    Skipped("/a/pic 9.png", "is damaged (image file is truncated)"),
    Skipped("/a/notes.txt", "is not a picture"),
    Skipped("=cmd()\n.png", "is empty"),
    Skipped("/a/na\udcffme.png", "is damaged (cut)"),
)


def opened(window: MainWindow, skipped: tuple[Skipped, ...] = SKIPPED) -> SkippedList:
    window.session.skipped = skipped
    window.session.collection_changed.emit()
    window.actions_by_name["skipped"].trigger()
    found = window.findChild(SkippedList)
    assert found.isVisible()
    assert not found.isModal()
    return found


def files(dialog: SkippedList) -> list[str]:
    return [str(row[0]) for row in dialog.files.content.rows]


def test_reasons_are_counted_without_their_details(window: MainWindow) -> None:
    dialog = opened(window)
    assert dialog.reasons.content.rows == [
        ("All reasons", 5),
        ("is damaged", 3),
        ("is not a picture", 1),
        ("is empty", 1),
    ]
    assert dialog.title.text() == "5 files skipped"


def test_a_reason_and_a_word_sift_the_files(qtbot: QtBot, window: MainWindow) -> None:
    dialog = opened(window)
    index = dialog.reasons.model().index(1, 0)
    flags = QItemSelectionModel.SelectionFlag
    dialog.reasons.selectionModel().select(index, flags.ClearAndSelect | flags.Rows)
    assert len(files(dialog)) == 3
    qtbot.keyClicks(dialog.filter, "PIC")
    assert files(dialog) == ["/a/pic 10.png", "/a/pic 9.png"]
    assert dialog.title.text() == "2 of 5 files skipped"


def test_a_click_on_a_head_sorts_naturally(qtbot: QtBot, window: MainWindow) -> None:
    dialog = opened(window)
    head = dialog.files.horizontalHeader()
    place = head.viewport().rect().topLeft()
    place.setX(20)
    place.setY(8)
    qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=place)
    first = files(dialog)
    assert first.index("/a/pic 9.png") < first.index("/a/pic 10.png")
    qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert files(dialog) == first[::-1]


def test_odd_names_are_seen_copied_and_written(
    qtbot: QtBot, window: MainWindow, person: Person, tmp_path: Path
) -> None:
    dialog = opened(window)
    shown = [dialog.files.model().index(row, 0).data() for row in range(5)]
    assert shown[3:] == ["=cmd()\\n.png", "/a/na\\udcffme.png"]
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().splitlines()[2] == "/a/notes.txt\tis not a picture"
    person.answers["table_to_save"] = tmp_path / "skipped.csv"
    qtbot.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    text = (tmp_path / "skipped.csv").read_bytes().decode("utf-8")
    assert text.startswith("path,reason\n/a/pic 10.png,is damaged (broken data stream)\n")
    assert '"\'=cmd()\n.png",is empty\n' in text
    assert "/a/na\\udcffme.png,is damaged (cut)\n" in text


def test_a_table_that_cannot_be_written_is_told(
    qtbot: QtBot, window: MainWindow, person: Person, tmp_path: Path
) -> None:
    dialog = opened(window)
    person.answers["table_to_save"] = tmp_path / "no" / "skipped.csv"
    with qtbot.waitSignal(window.session.failed):
        dialog.export.click()


@pytest.mark.parametrize("count", [10_000])
def test_ten_thousand_files_open_at_once(window: MainWindow, count: int) -> None:
    many = tuple(Skipped(f"/pictures/{index}.png", "is damaged") for index in range(count))
    began = time.process_time()
    dialog = opened(window, many)
    dialog.grab()
    dialog.files.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert time.process_time() - began < 2
    assert files(dialog)[0] == f"/pictures/{count - 1}.png"


def test_it_follows_the_collection(window: MainWindow) -> None:
    dialog = opened(window)
    window.session.new()
    assert files(dialog) == []
    assert not dialog.copy.isEnabled()
    window.close()
    assert not dialog.isVisible()
