"""Opens windows, starts jobs and closes at random moments, many times; run by test_app."""

from __future__ import annotations

import gc
import random
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer

from image2map_gui.core.images.samples import write_sample
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui import app
from image2map_gui.ui.dialogs import DISCARD, Dialogs
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session import Session
from image2map_gui.ui.settings import Settings


class Careless(Dialogs):
    """Never saves."""

    def save_first(self, name: str, activity: str) -> str:
        return DISCARD


def one_close(folder: Path, chance: random.Random) -> None:
    session = Session()
    window = MainWindow(session, Settings(None))
    window.context = type(window.context)(session, Careless(window), window.settings, window)
    window.show()
    mode = chance.choice(["batch", "online", "minibatch"])
    loop = QEventLoop()

    def begin_training() -> None:
        if session.sources and not session.activity:
            side = chance.choice([3, 10, 30])
            session.set_params(SomParams(rows=side, columns=side, epochs=100_000, mode=mode))
            session.train()

    session.collection_changed.connect(lambda: QTimer.singleShot(0, window, begin_training))
    session.open_pictures([folder])
    QTimer.singleShot(chance.randrange(0, 250), loop.quit)
    loop.exec()
    if not window.close():
        raise SystemExit("the window did not close")
    if session.activity or session.answering:
        raise SystemExit("a job was left running")
    window.deleteLater()
    session.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def main(count: int) -> None:
    gc.disable()  # as in the program, garbage is collected in this thread only
    application = app._application()
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "lines"
        write_sample("lines", folder, 400, 24)
        for _ in range(count):
            one_close(folder, chance)
            application.processEvents()
            gc.collect(1)
    sys.stdout.write(f"closed {count} windows\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
