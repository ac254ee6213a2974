"""Shows all dialogs of the window and tells which are larger than the screen; run by test_fits."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from image2map_gui.ui import app
from image2map_gui.ui.dialogs.animation_dialog import Animation
from image2map_gui.ui.dialogs.dialogs import Dialogs
from image2map_gui.ui.main_window import _WINDOWS, MainWindow
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Preferred, Settings


def pause(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def questions(ask: Dialogs, window: MainWindow) -> dict[str, Callable[[], object]]:
    path, long = (
        Path("/media/stick/pictures of a long summer/birds.i2m"),
        "why it was not saved. " * 6,
    )
    return {
        "preferences": lambda: ask.preferences(Preferred()),
        "animation": lambda: ask.animation(Animation(), 20),
        "tuning": ask.tuning,
        "label": lambda: ask.label(3, "x", ["a"]),
        "split": lambda: ask.split(None, 100),
        "text": lambda: ask.text("Title", "line\n" * 100),
        "list": ask.list_to_select,
        "select text": lambda: ask.text_to_select(window.session.sources),
        "name": lambda: ask.selection_name("Save", "x", []),
        "save first": lambda: ask.save_first("birds.i2m", "training"),
        "not saved": lambda: ask.not_saved(long),
        "changed": lambda: ask.changed_elsewhere(path),
    }


def main() -> None:
    gc.disable()
    application = app._application()
    room = application.primaryScreen().availableSize()
    window = MainWindow(Session(), Settings(None))
    window.show()
    window.session.open_sample("lines")
    while len(window.session.sources) < 100 or window.session.activity:
        pause(20)
    found = {}

    def look(name: str, dialog: QWidget) -> None:
        size = dialog.size()
        fits = size.width() <= room.width() and size.height() <= room.height()
        found[name] = [fits, size.width(), size.height()]

    for name in _WINDOWS:
        window.show_tool(name)
        pause(20)
        look(name, window._windows[name])
        window._windows[name].close()
    for name, ask in questions(Dialogs(window), window).items():

        def grab(name: str = name) -> None:
            dialog = QApplication.activeModalWidget()
            look(name, dialog)
            dialog.close()

        QTimer.singleShot(100, grab)
        ask()
    window.session.modified = False
    window.close()
    sys.stdout.write(json.dumps({"room": [room.width(), room.height()], "found": found}) + "\n")


if __name__ == "__main__":
    main()
