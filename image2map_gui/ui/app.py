"""Starts the window, and the demonstration that needs no display."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

from PIL import Image
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.images.limits import use_limits
from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.project.save import leads_to_project
from image2map_gui.ui.handlers.handlers import open_path
from image2map_gui.ui.icons import application_icon
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.safeguards import Safeguards
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Settings, cache_folder, state_folder, usual_path

DEMO_PICTURE = "image2map-demo.png"
_DEMO_ANGLE = 0.64  # radians; between two of the sample's drawings
_DEMO_TIMEOUT_MS = 120_000
_COLLECT_SECONDS = 0.5
_SWITCH_SECONDS = 0.0005  # how soon a busy worker hands the interpreter to the window


def run(paths: Sequence[str]) -> int:
    """Open the window with a project or pictures, and return the exit code when it is closed."""
    application = _application()
    window = _window(Settings(usual_path()))
    state = state_folder()
    window.session.thumbnails.keep_in(cache_folder())
    window.session.saver.locks.keep_in(None if state is None else state / "open")
    safeguards = Safeguards(window, state)
    code = 0
    with _garbage_collected_here(window):
        window.show()
        if window.settings.problem:
            window.session.failed.emit(window.settings.problem)
        if len(paths) == 1 and leads_to_project(Path(paths[0])):
            open_path(window.context, Path(paths[0]).absolute())
        elif paths:
            window.session.open_pictures(paths)
        if not window.left:  # it is, if the program was told to end while a project was read
            safeguards.start()
            code = int(application.exec())
    return safeguards.end() or code


def run_demo(*, on_screen: bool) -> int:
    """Train the LINES sample live and classify a drawing that the map has not seen.

    Off screen, a picture of the window is saved in the current folder and the program ends;
    on screen the window stays open.
    """
    application = _application()
    window = _window(Settings(usual_path() if on_screen else None))
    safeguards = Safeguards(window, None) if on_screen else None
    with tempfile.TemporaryDirectory() as folder, _garbage_collected_here(window):
        window.show()
        drawing = Path(folder) / "new line.png"
        Image.fromarray(draw_line(_DEMO_ANGLE)).save(drawing)
        session = window.session
        session.open_sample("lines")
        _wait_for(lambda: bool(session.sources) and not session.activity)
        session.train()
        _wait_for(lambda: session.model is not None and not session.activity)
        session.classify([drawing])
        _wait_for(lambda: bool(session.matches))
        if safeguards is None:
            return _finish_demo(window)
        code = int(application.exec())
    return safeguards.end() or code


def _finish_demo(window: MainWindow) -> int:
    session = window.session
    match = session.matches[0]
    _settle_events()
    target = Path.cwd() / DEMO_PICTURE
    saved = window.grab().save(str(target), "PNG")
    session.modified = False
    window.close()
    if not saved:
        raise Image2MapError(f"{target}: the picture of the window cannot be written.")
    sys.stdout.write(
        f"Trained a map of {len(session.sources)} drawings; a new drawing belongs to unit "
        f"{match.unit} (row {match.row + 1}, column {match.column + 1}).\n"
        f"A picture of the window was saved as {target}\n"
    )
    return 0


def _application() -> QApplication:
    sys.setswitchinterval(_SWITCH_SECONDS)
    present = QApplication.instance()
    if isinstance(present, QApplication):
        return present
    application = QApplication(["image2map"])
    application.setApplicationName("image2map")
    application.setApplicationDisplayName("Image2Map")
    application.setDesktopFileName("io.github.image2map.Image2Map")
    application.setStyle("Fusion")
    application.setWindowIcon(application_icon())
    return application


def _window(settings: Settings) -> MainWindow:
    use_limits(settings.limits)
    session = Session()
    session.pages = settings.pages
    session.keeping = settings.keeping
    session.answers.set_rules(settings.rules)
    return MainWindow(session, settings)


@contextlib.contextmanager
def _garbage_collected_here(window: MainWindow) -> Iterator[None]:
    """Have garbage collected in this thread only: a worker would take apart Qt's objects there."""
    collectors: list[Any] = []

    def start() -> None:
        from pyqtgraph.util.garbage_collector import GarbageCollector

        collectors.append(GarbageCollector(interval=_COLLECT_SECONDS))

    gc.disable()  # until then
    window.completed.connect(start)
    yield
    for collector in collectors:
        collector.timer.stop()


def _wait_for(condition: Callable[[], bool]) -> None:
    loop = QEventLoop()
    ticker = QTimer()
    ticker.setInterval(20)
    ticker.timeout.connect(lambda: loop.quit() if condition() else None)
    ticker.start()
    deadline = QTimer()
    deadline.setSingleShot(True)
    deadline.timeout.connect(loop.quit)
    deadline.start(_DEMO_TIMEOUT_MS)
    loop.exec()
    if not condition():
        raise Image2MapError("the demonstration did not come to its end.")


def _settle_events() -> None:
    """Let thumbnails arrive and everything be drawn."""
    loop = QEventLoop()
    QTimer.singleShot(400, loop.quit)
    loop.exec()
