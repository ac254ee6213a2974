"""Moves the parts of the window about at random.

``python layouts.py SEED COUNT``, run by test_monkey.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import random
import sys
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget, QTabBar

from image2map_gui.ui import app
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Settings

LEFT = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier


def settle(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class Mover:
    """Does one thing after the other to a window."""

    def __init__(self, window: MainWindow, chance: random.Random) -> None:
        self._window = window
        self._chance = chance

    def move(self) -> None:
        deeds: list[Callable[[], None]] = [
            self._window.reset_layout, self._toggle, self._float, self._turn_to, self._resize,
            self._drag, self._window.toggle_full_screen,
        ]  # fmt: skip
        self._chance.choices(deeds, (3, 2, 1, 1, 1, 3, 1))[0]()
        settle(self._chance.choice((0, 0, 1, 5, 15, 60, 200)))

    def _dock(self) -> QDockWidget:
        return self._chance.choice(self._window.findChildren(QDockWidget))

    def _toggle(self) -> None:
        self._dock().toggleViewAction().trigger()

    def _float(self) -> None:
        dock = self._dock()
        dock.setFloating(not dock.isFloating())

    def _turn_to(self) -> None:
        bars = [
            bar for bar in self._window.findChildren(QTabBar) if bar.isVisible() and bar.count()
        ]
        if bars:
            bar = self._chance.choice(bars)
            spot = bar.tabRect(self._chance.randrange(bar.count())).center()
            QTest.mouseClick(bar, LEFT, NO_KEY, spot)

    def _resize(self) -> None:
        self._window.resize(self._chance.randrange(600, 1900), self._chance.randrange(300, 1100))

    def _drag(self) -> None:
        dock = self._dock()
        QTest.mousePress(dock, LEFT, NO_KEY, QPoint(30, 8))
        for _ in range(self._chance.randrange(1, 4)):
            place = QPoint(self._chance.randrange(-100, 400), self._chance.randrange(-100, 300))
            QTest.mouseMove(dock, place)
            settle(self._chance.choice((0, 5, 20)))
        QTest.mouseRelease(dock, LEFT, NO_KEY, QPoint(60, 60))


def main(seed: int, count: int) -> None:
    gc.disable()  # as in the program, garbage is collected in this thread only
    faulthandler.enable()
    app._application()
    session = Session()
    window = MainWindow(session, Settings(None))
    window.show()
    mover = Mover(window, random.Random(seed))
    for _ in range(count):
        mover.move()
    session.shutdown()
    sys.stdout.write(f"moved {count} times\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
