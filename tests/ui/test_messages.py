"""The messages of a session, and the window that shows them again."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from pytestqt.qtbot import QtBot

from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.safety.messages import ERROR, MISTAKE, NOTICE, Messages
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.tools.messages_dialog import MessagesDialog


def test_messages_are_kept_in_order_and_repeats_are_counted(qtbot: QtBot) -> None:
    messages = Messages()
    messages.add_notice("Saved")
    messages.add_error("No")
    messages.add_error("No")
    messages.add_notice("No")
    assert [(one.kind, one.text, one.count) for one in messages.all] == [
        (NOTICE, "Saved", 1), (ERROR, "No", 2), (NOTICE, "No", 1),
    ]  # fmt: skip


def test_only_the_newest_are_kept(qtbot: QtBot) -> None:
    messages = Messages()
    for number in range(1000):
        messages.add_notice(str(number))
    assert [one.text for one in messages.all] == [str(number) for number in range(700, 1000)]


def test_what_a_session_says_is_among_its_messages(session: Session) -> None:
    session.failed.emit("It failed")
    session.noticed.emit("It worked")
    assert [one.text for one in session.messages.all] == ["It failed", "It worked"]


@pytest.fixture
def dialog(window: MainWindow) -> MessagesDialog:
    window.session.messages.clear()
    window.actions_by_name["messages"].trigger()
    return window._windows["messages"]


def test_the_window_follows_and_shows_a_message_whole(
    dialog: MessagesDialog, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    assert dialog.title.text() == "Nothing has been said so far."
    assert not dialog.copy.isEnabled()
    window.session.noticed.emit("Saved as /home/ann/<b>map</b>.i2m")
    window.session.messages.add(MISTAKE, "ValueError: no", "Traceback\n  line 7")
    window.session.messages.add(MISTAKE, "ValueError: no", "Traceback\n  line 7")
    assert dialog.title.text() == "2 messages"
    rows = dialog.table.content.rows
    assert [row[1:] for row in rows] == [
        (MISTAKE, "ValueError: no (2 times)"), (NOTICE, "Saved as /home/ann/<b>map</b>.i2m"),
    ]  # fmt: skip
    dialog.table.go_to(0)
    assert "Traceback\n  line 7" in dialog.whole.toPlainText()
    dialog.table.clearSelection()
    dialog.copy.click()
    text = QGuiApplication.clipboard().text()
    assert "Saved as ~/<b>map</b>.i2m" in text
    assert "Python 3." in text
    dialog.clear.click()
    assert dialog.table.content.rows == []


def test_the_folder_of_the_log_is_shown(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    opened: list[QUrl] = []
    answers = [True, False]
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened.append(url) or answers[len(opened) - 1]
    )
    show = window.actions_by_name["log-folder"].trigger
    show()
    assert "No log is written" in window.status_line.message
    window.log_file = tmp_path / "image2map.log"
    show()
    assert opened == [QUrl.fromLocalFile(str(tmp_path))]
    show()
    assert "could not be opened" in window.status_line.message
    window.actions_by_name["copy-versions"].trigger()
    assert QGuiApplication.clipboard().text().startswith("Image2Map ")
