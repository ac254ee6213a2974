"""Saves and exports through the window where nothing more can be written; run by test_disk_full.

``python disk_full.py HOW FOLDER TARGET`` keeps its own files in FOLDER and writes to TARGET, which
is full (``HOW`` is ``full``), may not be written to (``closed``), or takes only small files
(``limited``). For each thing that was tried it tells in a line of JSON what was said, what became
of the file that was there, what was left over, and whether it works once there is room again.
"""

from __future__ import annotations

import contextlib
import gc
import json
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from image2map_gui.core.images.samples import write_sample
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui import app
from image2map_gui.ui.dialogs.animation_dialog import Animation
from image2map_gui.ui.dialogs.dialogs import CANCEL, DISCARD, Dialogs
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Settings

OLD = b"what was there before"
DEEDS = {
    "save-as": "map.i2m",
    "export-view": "map.png",
    "export-animation": "map.gif",
    "export-report": "report.html",
    "export-assignments": "units.csv",
    "export-weights": "weights.npz",
    "export-folders-unit": "copies",
}


class Narrow(Dialogs):
    """Names the same file each time, and remembers what was told."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.path = Path()
        self.told: list[str] = []

    def save_first(self, name: str, activity: str) -> str:
        return DISCARD

    def _to_save(
        self, title: str, start: str, kinds: str, suffix: str, *, only: bool = False
    ) -> Path | None:
        return self.path

    def folder_for_copies(self, start: str) -> Path | None:
        return self.path

    def into_existing(self, folder: Path) -> bool:
        return True

    def animation(self, usual: Animation, epochs: int) -> Animation | None:
        return usual

    def text(self, title: str, text: str) -> None:
        self.told.append(f"{title}\n{text}")

    def not_saved(self, message: str) -> str:
        self.told.append(message)
        return CANCEL


class Trial:
    """One window, with a map, that tries to write."""

    def __init__(self, how: str, folder: Path, target: Path) -> None:
        self._how = how
        self._target = target
        write_sample("lines", folder / "lines", 30, 24)
        self.session = Session()
        self.window = MainWindow(self.session, Settings(None))
        self.dialogs = Narrow(self.window)
        self.window.dialogs = self.dialogs
        self.window.context = type(self.window.context)(
            self.session, self.dialogs, self.window.settings, self.window
        )
        self.window.actions_by_name._context = self.window.context
        self.window.show()
        self.session.open_pictures([folder / "lines"])
        wait(lambda: len(self.session.sources) == 30 and self.idle)
        self.session.set_params(SomParams(rows=12, columns=12, epochs=3))
        self.session.train()
        wait(lambda: self.session.model is not None and self.idle)

    @property
    def idle(self) -> bool:
        return not self.session.activity and not self.session.saver.busy

    def attempt(self, deed: str, name: str) -> dict[str, object]:
        """Do something where there is no room, then again where there is."""
        path = self.dialogs.path = self._target / name
        if deed == "export-folders-unit":
            path.mkdir()
        else:
            path.write_bytes(OLD)
        before = self._files()
        self.dialogs.told.clear()
        with self._narrow(path):
            self._do(deed)
        told = " ".join([self.window.status_line.message, *self.dialogs.told])
        found = {
            "deed": deed,
            "path": str(path),
            "told": told,
            "kept": path.is_dir() or path.read_bytes() == OLD,
            "left": sorted(self._files() - before),
            "map": self.session.model is not None,
            "marked": self.session.modified,
        }
        self.window.status_line._close.click()
        self._do(deed)
        written = any(path.iterdir()) if path.is_dir() else path.read_bytes() != OLD
        return found | {"later": written}

    def _do(self, deed: str) -> None:
        self.window.actions_by_name[deed].trigger()
        wait(lambda: self.idle)

    def _files(self) -> set[str]:
        return {str(path) for path in self._target.rglob("*") if path.is_file()}

    @contextlib.contextmanager
    def _narrow(self, path: Path) -> Iterator[None]:
        """Let nothing be written to the target for a while."""
        if self._how == "full":
            filler = self._target / "filler"
            with filler.open("wb", buffering=0) as file:
                for size in (1 << 16, 512):
                    with contextlib.suppress(OSError):
                        while file.write(b"x" * size):
                            pass
            yield
            filler.unlink()
        elif self._how == "closed":
            folders = [self._target, *([path] if path.is_dir() else [])]
            for folder in folders:
                folder.chmod(0o555)
            yield
            for folder in folders:
                folder.chmod(0o755)
        else:
            before = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (60, before[1]))
            yield
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def wait(done: Callable[[], bool]) -> None:
    """Let things happen until something is so."""
    loop = QEventLoop()
    ticker = QTimer()
    ticker.timeout.connect(lambda: loop.quit() if done() else None)
    ticker.start(10)
    loop.exec()


def main(how: str, folder: Path, target: Path, deeds: list[str]) -> None:
    gc.disable()  # as in the program, garbage is collected in this thread only
    application = app._application()
    trial = Trial(how, folder, target)
    for deed, name in DEEDS.items():
        if not deeds or deed in deeds:
            sys.stdout.write(json.dumps(trial.attempt(deed, name)) + "\n")
    trial.session.modified = False
    if not trial.window.close():
        raise SystemExit("the window did not close")
    application.processEvents()
    QCoreApplication.sendPostedEvents()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
