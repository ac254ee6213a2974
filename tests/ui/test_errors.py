"""Mistakes in the program: caught wherever they happen, told once, and never hidden from tests."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable

import pytest
from conftest import WAIT_MS
from PySide6.QtCore import QObject, QThread, QTimer, Signal, qWarning
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from image2map_gui.ui.dialogs.error_dialog import ErrorDialog
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.safeguards import Safeguards
from image2map_gui.ui.safety import errors as errors_module
from image2map_gui.ui.safety.errors import Errors, Report, report_error


class Sender(QObject):
    sent = Signal()


class Painter(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        fail()


class Thread(QThread):
    def run(self) -> None:
        fail()


def fail() -> None:
    raise ArithmeticError("no good")


def in_slot(qtbot: QtBot) -> None:
    sender = Sender()
    sender.sent.connect(fail)
    sender.sent.emit()


def in_timer(qtbot: QtBot) -> None:
    QTimer.singleShot(0, fail)


def in_painting(qtbot: QtBot) -> None:
    widget = Painter()
    qtbot.addWidget(widget)
    widget.show()
    qtbot.painted = widget  # it has to live until it is painted


def in_qthread(qtbot: QtBot) -> None:
    thread = Thread()
    thread.start()
    thread.wait()


def in_thread(qtbot: QtBot) -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


def where_nobody_can_be_told(qtbot: QtBot) -> None:
    class Bad:
        def __del__(self) -> None:
            fail()

    Bad()
    gc.collect()


def caught_by_the_program(qtbot: QtBot) -> None:
    try:
        fail()
    except ArithmeticError as error:
        report_error(error)


PLACES = [in_slot, in_timer, in_painting, in_qthread, caught_by_the_program]
QUIET_PLACES = [in_thread, where_nobody_can_be_told]  # of which pytest itself makes warnings


class Listening:
    """Catches errors within a block, beside pytest-qt."""

    def __init__(self) -> None:
        self.errors = Errors()
        self.reports: list[Report] = []
        self.threads: set[bool] = set()
        self.errors.caught.connect(self.take)

    def take(self, report: Report) -> None:
        self.reports.append(report)
        self.threads.add(threading.current_thread() is threading.main_thread())

    def __enter__(self) -> Listening:
        self.errors.install()
        return self

    def __exit__(self, *_: object) -> None:
        self.errors.uninstall()


@pytest.mark.parametrize("happen", PLACES)
def test_a_mistake_is_reported_in_the_windows_thread_and_fails_tests(
    qtbot: QtBot, happen: Callable[[QtBot], None]
) -> None:
    with qtbot.captureExceptions() as seen, Listening() as listening:
        happen(qtbot)
        qtbot.waitUntil(lambda: bool(listening.reports), timeout=WAIT_MS)
    assert seen[0][0] is ArithmeticError  # pytest-qt fails the test for it
    report = listening.reports[0]
    assert report.summary == "ArithmeticError: no good"
    assert "in fail" in report.details
    assert listening.threads == {True}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("happen", QUIET_PLACES)
def test_a_mistake_beside_qt_is_reported_too(
    qtbot: QtBot, happen: Callable[[QtBot], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[object] = []
    monkeypatch.setattr(threading, "excepthook", others.append)
    monkeypatch.setattr(sys, "unraisablehook", others.append)
    with Listening() as listening:
        happen(qtbot)
        qtbot.waitUntil(lambda: bool(listening.reports), timeout=WAIT_MS)
    assert listening.reports[0].summary == "ArithmeticError: no good"
    assert len(others) == 1  # who listened before hears of it too


def test_hooks_are_put_back_unless_somebody_else_listens_by_now(qtbot: QtBot) -> None:
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    with Listening():
        assert sys.excepthook != before[0]
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
    listening = Listening()
    listening.errors.install()
    sys.excepthook = other = lambda *_: None
    listening.errors.uninstall()
    assert sys.excepthook is other
    sys.excepthook = before[0]


def test_what_happens_again_and_again_is_counted_not_told(qtbot: QtBot) -> None:
    with qtbot.captureExceptions(), Listening() as listening:
        for _ in range(2500):
            caught_by_the_program(qtbot)
        qtbot.waitUntil(lambda: len(listening.reports) == 9, timeout=WAIT_MS)
    counts = [report.count for report in listening.reports]
    assert counts == [1, 2, 3, 10, 30, 100, 300, 1000, 2000]
    assert "(2,000 times)" in listening.reports[-1].details


def test_a_mistake_in_the_reporting_comes_to_an_end(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Errors, "_counted", lambda *_: caught_by_the_program(qtbot) or fail())
    with qtbot.captureExceptions() as seen, Listening() as listening:
        caught_by_the_program(qtbot)
        qtbot.wait(20)
    assert len(seen) == 2
    assert listening.reports == []


def test_what_qt_says_is_logged_and_still_heard_by_others(
    qtbot: QtBot, qtlog: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[str] = []
    monkeypatch.setattr(
        errors_module.LOGGER, "log", lambda level, text, *values: logged.append(text % values)
    )
    with qtlog.disabled(), Listening():
        qWarning("odd")
    assert logged == ["Qt: odd"]


def test_interrupting_is_no_mistake(qtbot: QtBot) -> None:
    with qtbot.captureExceptions(), Listening() as listening:
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
        qtbot.wait(10)
    assert listening.reports == []


# --- the dialog -------------------------------------------------------------------------------


def dialogs(window: MainWindow) -> list[ErrorDialog]:
    return [one for one in window.findChildren(ErrorDialog) if one.isVisible()]


def test_one_dialog_at_a_time_and_one_for_each_kind(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    with qtbot.captureExceptions():
        guard = Safeguards(window, None)
        for _ in range(12):
            caught_by_the_program(qtbot)
        qtbot.waitUntil(lambda: bool(dialogs(window)), timeout=WAIT_MS)
        (dialog,) = dialogs(window)
        qtbot.waitUntil(lambda: dialog.report.count == 10, timeout=WAIT_MS)
        assert "(10 times)" in dialog._summary.text()
        try:
            raise LookupError("/home/ann/pictures/<b>x</b>.png")
        except LookupError as error:
            report_error(error)
        qtbot.waitUntil(lambda: len(window.session.messages.all) == 2, timeout=WAIT_MS)
        assert dialogs(window) == [dialog]  # one is enough; the other is among the messages
        message = window.session.messages.all[-1]
        assert message.text == "LookupError: ~/pictures/<b>x</b>.png"
        assert "/home/ann" not in message.details
        dialog.copy.click()
        copied = QGuiApplication.clipboard().text()
        dialog.accept()
        caught_by_the_program(qtbot)  # the same again: it was told
        qtbot.wait(30)
        assert dialogs(window) == []
        guard.end()
    for part in ("ArithmeticError: no good", "in fail", "Image2Map", "Python 3", "Qt 6", "NumPy"):
        assert part in copied
