"""Opens windows, starts jobs and closes at random moments, many times; run by test_closes.

``python closes.py COUNT FOLDER`` imports, trains, exports and saves with files in FOLDER, and
closes in the middle. Every project that was there, or that was said to be saved, has to open.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections import Counter
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from image2map_gui.core.images.samples import write_sample
from image2map_gui.core.project.load import load_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui import app
from image2map_gui.ui.dialogs.animation_dialog import Animation
from image2map_gui.ui.dialogs.dialogs import CANCEL, DISCARD, SAVE, Dialogs
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Settings

EXPORTS = (
    "export-view", "export-animation", "export-report", "export-folders-unit",
    "export-assignments", "export-weights",
)  # fmt: skip
_FEW = 10  # closes; pictures are few, too, then


class Careless(Dialogs):
    """Saves or not, as it comes; everything that is written goes into one folder."""

    def __init__(self, parent: QWidget, folder: Path, chance: random.Random) -> None:
        super().__init__(parent)
        self._folder = folder
        self._chance = chance

    def save_first(self, name: str, activity: str) -> str:
        return self._chance.choice([SAVE, DISCARD, DISCARD])

    def _to_save(
        self, title: str, start: str, kinds: str, suffix: str, *, only: bool = False
    ) -> Path | None:
        return self._folder / f"out{suffix}"

    def folder_for_copies(self, start: str) -> Path | None:
        place = self._folder / f"copies {time.monotonic_ns()}"
        place.mkdir()
        return place

    def animation(self, usual: Animation, epochs: int) -> Animation | None:
        return usual

    def not_saved(self, message: str) -> str:
        raise SystemExit(message)

    def changed_elsewhere(self, path: Path) -> str:
        return CANCEL


class Closer:
    """Closes one window after the other in the middle of what it does."""

    def __init__(self, folder: Path, pictures: int) -> None:
        self._pictures_count = pictures
        self._chance = random.Random(7)
        self._folder = folder
        self._pictures = folder / "lines"
        write_sample("lines", self._pictures, pictures, 24)
        self._project = folder / "map.i2m"
        self.busy: Counter[str] = Counter()
        self.slowest = 0.0

    def prepare(self) -> None:
        """Make a project with a map, to be opened and exported."""
        window = self._window()
        session = window.session
        session.open_pictures([self._pictures])
        self._until(lambda: len(session.sources) == self._pictures_count and not session.activity)
        session.set_params(SomParams(rows=12, columns=12, epochs=2))
        session.train()
        self._until(lambda: session.model is not None and not session.activity)
        session.save(self._project)
        if not session.saver.wait():
            raise SystemExit("the project cannot be saved")
        self._close(window)

    def once(self) -> None:
        """Start something, and close after a moment."""
        window = self._window()
        what = self._chance.choice(["import", "train", "save", "export", "save and train"])
        getattr(self, f"_{what.replace(' ', '_')}")(window)
        loop = QEventLoop()
        QTimer.singleShot(self._chance.randrange(0, 600), loop.quit)
        loop.exec()
        session = window.session
        self.busy["saving" if session.saver.busy else session.activity or "nothing"] += 1
        self._close(window)
        load_project(self._project)
        left = [path.name for path in self._folder.rglob("*.part")]
        if left:
            raise SystemExit(f"left over: {left}")

    def _import(self, window: MainWindow) -> None:
        window.session.open_pictures([self._pictures])

    def _train(self, window: MainWindow) -> None:
        session = window.session
        mode = self._chance.choice(["batch", "online", "minibatch"])

        def begin() -> None:
            if session.sources and not session.activity:
                side = self._chance.choice([3, 10, 30])
                session.set_params(SomParams(rows=side, columns=side, epochs=100_000, mode=mode))
                session.train()

        session.collection_changed.connect(lambda: QTimer.singleShot(0, window, begin))
        session.open_pictures([self._pictures])

    def _save(self, window: MainWindow) -> None:
        window.session.open_project(self._project)
        window.actions_by_name["save"].trigger()

    def _save_and_train(self, window: MainWindow) -> None:
        window.session.open_project(self._project)
        window.session.go_on()
        QTimer.singleShot(30, window.actions_by_name["save"].trigger)

    def _export(self, window: MainWindow) -> None:
        window.session.open_project(self._project)
        window.actions_by_name[self._chance.choice(EXPORTS)].trigger()

    def _window(self) -> MainWindow:
        session = Session()
        window = MainWindow(session, Settings(None))
        dialogs = Careless(window, self._folder, self._chance)
        window.dialogs = dialogs
        window.context = type(window.context)(session, dialogs, window.settings, window)
        window.actions_by_name._context = window.context
        session.saver.locks.keep_in(self._folder / "locks")
        window.show()
        return window

    def _until(self, done: object) -> None:
        loop = QEventLoop()
        ticker = QTimer()
        ticker.timeout.connect(lambda: loop.quit() if done() else None)
        ticker.start(10)
        loop.exec()

    def _close(self, window: MainWindow) -> None:
        began = time.perf_counter()
        if not window.close():
            raise SystemExit("the window did not close")
        self.slowest = max(self.slowest, time.perf_counter() - began)
        session = window.session
        if session.activity or session.answering or session.saver.busy:
            raise SystemExit("a job was left running")
        window.deleteLater()
        session.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def main(count: int, folder: Path) -> None:
    gc.disable()  # as in the program, garbage is collected in this thread only
    application = app._application()
    closer = Closer(folder, 400 if count > _FEW else 60)
    closer.prepare()
    for _ in range(count):
        closer.once()
        application.processEvents()
        gc.collect(1)
    doing = ", ".join(f"{name} {times}" for name, times in closer.busy.most_common())
    sys.stdout.write(f"while {doing}; the slowest took {closer.slowest:.2f} s\n")
    sys.stdout.write(f"closed {count} windows\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
