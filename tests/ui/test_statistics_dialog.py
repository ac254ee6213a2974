"""The figures of the collection, as they are shown and copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import WAIT_MS, open_pictures
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.tools.statistics_dialog import StatisticsDialog
from image2map_gui.ui.wording import bytes_text


def opened(qtbot: QtBot, window: MainWindow) -> StatisticsDialog:
    window.actions_by_name["statistics"].trigger()
    dialog = window.findChild(StatisticsDialog)
    done(qtbot, dialog)
    return dialog


def done(qtbot: QtBot, dialog: StatisticsDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.job.busy and dialog.copy.isEnabled(), timeout=WAIT_MS)


def test_figures_are_shown_and_copied(qtbot: QtBot, window: MainWindow, pictures: Path) -> None:
    (pictures / "flat" / "notes.txt").write_text("hello")
    open_pictures(qtbot, window.session, pictures)
    dialog = opened(qtbot, window)
    assert dialog.tables["sizes"].content.rows == [("16 x 16", 12, 1.0)]
    assert dialog.tables["labels"].content.rows == [("flat", 6, 0.5), ("steep", 6, 0.5)]
    assert dialog.tables["labels"].model().index(0, 2).data() == "50.0%"
    assert dialog.tabs.tabText(3) == "Labels (2)"
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert text.startswith("12 pictures\nFiles\t12, ")
    assert "Sizes\tall 16 x 16\n" in text
    assert "\nFormats\nPNG\t12\n" in text
    assert text.endswith("\nSkipped\nis not a picture\t1")


def test_they_follow_the_collection(qtbot: QtBot, window: MainWindow, pictures: Path) -> None:
    open_pictures(qtbot, window.session, pictures)
    dialog = opened(qtbot, window)
    window.session.open_sample("lines")
    qtbot.waitUntil(
        lambda: dialog.tables["formats"].content.rows == [("drawn", 100, 1.0)],
        timeout=WAIT_MS,
    )
    assert not dialog.tabs.isTabEnabled(4)
    window.session.new()
    done(qtbot, dialog)
    assert dialog.tables["sizes"].content.rows == []


def test_a_window_that_is_closed_looks_at_nothing(
    qtbot: QtBot, window: MainWindow, pictures: Path
) -> None:
    open_pictures(qtbot, window.session, pictures)
    dialog = opened(qtbot, window)
    dialog.close()
    window.session.collection_changed.emit()
    assert not dialog.job.busy


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "1 byte"), (999, "999 bytes"), (1500, "1.5 kB"), (250_000_000, "250 MB"),
     (3_210_000_000_000, "3,210 GB")],
)  # fmt: skip
def test_amounts_of_bytes(count: int, text: str) -> None:
    assert bytes_text(count) == text
