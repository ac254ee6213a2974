"""The parts of the window are moved about, and come back to their places."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import WAIT_MS
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget, QToolBar
from pytestqt.qtbot import QtBot

from image2map_gui.ui.main_window import MainWindow

LEFT = Qt.DockWidgetArea.LeftDockWidgetArea


def docks(window: MainWindow) -> dict[str, QDockWidget]:
    return {dock.objectName(): dock for dock in window.findChildren(QDockWidget)}


def layout(window: MainWindow) -> dict[str, Any]:
    """How the window is laid out, in values that can be compared."""
    found: dict[str, Any] = {
        name: (
            window.dockWidgetArea(dock),
            dock.isFloating(),
            dock.isHidden(),
            sorted(other.objectName() for other in window.tabifiedDockWidgets(dock)),
            not dock.visibleRegion().isEmpty(),
        )
        for name, dock in docks(window).items()
    }
    shown = ("pictures", "settings", "curves")
    found["sizes"] = [docks(window)[name].size().toTuple() for name in shown]
    found["bars"] = [not bar.isHidden() for bar in window.findChildren(QToolBar)]
    return found


def shuffle(window: MainWindow) -> None:
    parts = docks(window)
    parts["pictures"].setFloating(True)
    parts["settings"].close()
    window.addDockWidget(LEFT, parts["curves"])
    window.tabifyDockWidget(parts["curves"], parts["runs"])
    window.resizeDocks([parts["unit"]], [500], Qt.Orientation.Horizontal)
    parts["quality"].raise_()
    for bar in window.findChildren(QToolBar):
        bar.hide()


@pytest.mark.parametrize("times", [1, 3])
def test_all_parts_come_back_to_their_places(qtbot: QtBot, window: MainWindow, times: int) -> None:
    before = layout(window)
    for _ in range(times):
        shuffle(window)
        qtbot.waitUntil(lambda: layout(window) != before, timeout=WAIT_MS)
        window.actions_by_name["reset-layout"].trigger()
    qtbot.waitUntil(lambda: layout(window) == before, timeout=WAIT_MS)
    assert before["settings"][-1]
    assert before["sizes"][0][0] == 280


@pytest.mark.qt_log_ignore("does not support grabbing the mouse", extend=True)
def test_a_part_that_is_being_dragged_comes_back_too(qtbot: QtBot, window: MainWindow) -> None:
    before = layout(window)
    for name in ("pictures", "curves", "pictures"):
        dock = docks(window)[name]
        QTest.mousePress(dock, Qt.MouseButton.LeftButton, pos=QPoint(30, 8))
        for place in (QPoint(60, 40), QPoint(200, 150), QPoint(400, 300)):
            QTest.mouseMove(dock, place)
            qtbot.wait(1)
        window.actions_by_name["reset-layout"].trigger()
        QTest.mouseRelease(dock, Qt.MouseButton.LeftButton, pos=QPoint(400, 300))
    window.actions_by_name["reset-layout"].trigger()
    qtbot.waitUntil(lambda: layout(window) == before, timeout=WAIT_MS)
