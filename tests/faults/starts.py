"""Starts the program's window as the command does, closes it, and says what it told."""

from __future__ import annotations

import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from image2map_gui.ui import app
from image2map_gui.ui.main_window import MainWindow


def look() -> None:
    """Say what the window tells, and close it."""
    window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow))
    told = " | ".join(message.text for message in window.session.messages.all)
    sys.stdout.write(f"told: {told}\n")
    sys.stdout.write(f"recent: {len(window.settings.recent)}\n")
    window.close()


def main() -> int:
    began = time.perf_counter()
    application = app._application()
    QTimer.singleShot(300, look)
    code = app.run([])
    assert application is QApplication.instance()
    sys.stdout.write(f"seconds: {time.perf_counter() - began:.2f}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
