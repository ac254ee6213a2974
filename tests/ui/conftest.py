"""Fixtures of the window: a scripted person, and checks that nothing is left running."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.collection import Rows, Split
from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.images.sources import Source
from image2map_gui.core.picture.label_inks import LabelInks
from image2map_gui.core.som.lvq import TuningSettings
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.dialogs.animation_dialog import Animation
from image2map_gui.ui.dialogs.dialogs import CANCEL, Dialogs
from image2map_gui.ui.jobs.worker import Worker
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.panels.hyperparameter_dock import HyperparameterDock
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Preferred, Settings

WAIT_MS = 20_000


class Person(Dialogs):
    """Answers every question as a test told it to, and remembers what was shown."""

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.asked: list[str] = []
        self.shown: list[str] = []
        self.proposed = ""

    def _answer(self, question: str) -> object:
        self.asked.append(question)
        return self.answers.get(question)

    def folder(self, start: str) -> Path | None:
        return self._answer("folder")

    def folder_to_search(self, start: str) -> Path | None:
        return self._answer("folder_to_search")

    def pictures(self, title: str, start: str) -> list[Path]:
        return self._answer("pictures") or []

    def photo(self, start: str) -> Path | None:
        return self._answer("photo")

    def quantized_to_save(self, start: str) -> Path | None:
        self.proposed = start
        return self._answer("quantized_to_save")

    def palette_to_save(self, start: str) -> Path | None:
        self.proposed = start
        return self._answer("palette_to_save")

    def project(self, start: str) -> Path | None:
        return self._answer("project")

    def project_to_save(self, start: str) -> Path | None:
        return self._answer("project_to_save")

    def table_to_save(self, start: str) -> Path | None:
        return self._answer("table_to_save")

    def table_to_open(self, start: str) -> Path | None:
        return self._answer("table_to_open")

    def file_to_save(self, title: str, start: str, kinds: str, suffix: str) -> Path | None:
        return self._answer("file_to_save")

    def folder_for_copies(self, start: str) -> Path | None:
        return self._answer("folder_for_copies")

    def into_existing(self, folder: Path) -> bool:
        return bool(self._answer("into_existing"))

    def copy_counts(self, out: Path, counts: Sequence[str], used: bool) -> bool:
        self.shown.append("\n".join(counts))
        return bool(self._answer("copy_counts"))

    def preferences(self, present: Preferred) -> Preferred | None:
        return self._answer("preferences")

    def save_first(self, name: str, activity: str) -> str:
        return self._answer("save_first") or CANCEL

    def not_saved(self, message: str) -> str:
        self.shown.append(message)
        return self._answer("not_saved") or CANCEL

    def changed_elsewhere(self, path: Path) -> str:
        return self._answer("changed_elsewhere") or CANCEL

    def open_previous(self, message: str, backup: Path) -> bool:
        self.shown.append(message)
        return bool(self._answer("open_previous"))

    def label(self, count: int, label: str, known: Sequence[str]) -> str | None:
        self.shown.append(f"{count} {label!r} {list(known)}")
        return self._answer("label")

    def colour(self, name: str, present: str) -> str | None:
        self.proposed = present
        return self._answer("colour")

    def run_name(self, usual: str, present: str) -> str | None:
        self.proposed = present or usual
        return self._answer("run_name")

    def cluster_name(self, present: str) -> str | None:
        self.proposed = present
        return self._answer("cluster_name")

    def delete_run(self, title: str) -> bool:
        self.shown.append(title)
        return bool(self._answer("delete_run"))

    def animation(self, usual: Animation, epochs: int) -> Animation | None:
        return self._answer("animation")

    def tuning(self) -> TuningSettings | None:
        return self._answer("tuning")

    def labels_to_select(
        self, labels: Sequence[tuple[str | None, int]], inks: LabelInks
    ) -> tuple[tuple[str | None, ...], bool] | None:
        self.shown.append(str(list(labels)))
        return self._answer("labels_to_select")

    def text_to_select(self, sources: Sequence[Source]) -> tuple[Rows, bool] | None:
        return self._answer("text_to_select")

    def list_to_select(self) -> tuple[tuple[str, ...], bool] | None:
        return self._answer("list_to_select")

    def selection_name(self, title: str, name: str, taken: Sequence[str]) -> str | None:
        self.proposed = name
        return self._answer("selection_name")

    def split(self, present: Split | None, pictures: int) -> Split | None:
        self._answer("split")
        return self.answers.get("split", present)

    def about(self, text: str) -> None:
        self.shown.append(text)

    def text(self, title: str, text: str) -> None:
        self.shown.append(f"{title}\n{text}")


@pytest.fixture(autouse=True, scope="session")
def no_collecting_in_threads() -> Iterator[None]:
    """Collect garbage in the main thread only, as the program does."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def traced_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let coverage see what runs in a QThread."""
    run = Worker.run

    def traced(self: Worker) -> None:
        import sys

        sys.settrace(threading.gettrace())
        run(self)

    monkeypatch.setattr(Worker, "run", traced)


@pytest.fixture(autouse=True)
def nothing_left(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a window, a running thread or an active timer behind."""
    before = set(map(id, QApplication.topLevelWidgets()))
    threads = python_threads()
    yield
    qapp.processEvents()
    gc.collect()
    gc.freeze()  # what is still there need not be looked at again after each of many hundred tests
    left = [
        widget
        for widget in QApplication.topLevelWidgets()
        if id(widget) not in before and widget.isVisible()
    ]
    running, ticking = [], []
    for widget in QApplication.topLevelWidgets():
        running += [thread for thread in widget.findChildren(QThread) if thread.isRunning()]
        ticking += [
            timer
            for timer in widget.findChildren(QTimer)
            if timer.isActive() and not isinstance(widget, QWidget)
        ]
    assert not left, f"windows left open: {left}"
    assert not running, f"threads left running: {running}"
    assert not ticking, f"timers left active: {ticking}"
    assert python_threads() <= threads, "Python threads left running"


def python_threads() -> set[threading.Thread]:
    """Threads that Python started; a QThread that ran Python leaves a dummy for good."""
    return {
        thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)
    }


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    made = Session()
    yield made
    made.shutdown()
    active = [timer for timer in made.findChildren(QTimer) if timer.isActive()]
    assert not active, f"timers left active: {active}"
    assert not [thread for thread in made.findChildren(QThread) if thread.isRunning()]
    made.deleteLater()


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def window(qtbot: QtBot, session: Session, person: Person) -> Iterator[MainWindow]:
    made = MainWindow(session, Settings(None), person)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    session.modified = False
    session.halt()
    made.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Make a folder with drawings in two sub-folders."""
    for label, turn in (("flat", 0.0), ("steep", np.pi / 2)):
        folder = tmp_path / "drawings" / label
        folder.mkdir(parents=True)
        for index in range(6):
            image = Image.fromarray(draw_line(turn + 0.05 * index, 16))
            image.save(folder / f"line {index + 1}.png")
    return tmp_path / "drawings"


@pytest.fixture
def mapped(qtbot: QtBot, window: MainWindow, session: Session, pictures: Path) -> MainWindow:
    """Return a window with a finished map of 3 x 4 units of labelled pictures."""
    open_pictures(qtbot, session, pictures)
    session.set_params(SomParams(rows=3, columns=4, epochs=5))
    train(qtbot, session)
    window.complete()
    return window


@pytest.fixture
def dock(qtbot: QtBot, session: Session) -> HyperparameterDock:
    made = HyperparameterDock(session)
    qtbot.addWidget(made)
    made.show()
    return made


def idle(session: Session) -> bool:
    """Whether no job is running."""
    return not session.activity and not session.answering


def wait_idle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: idle(session), timeout=WAIT_MS)


def open_pictures(qtbot: QtBot, session: Session, *paths: Path) -> None:
    session.open_pictures(paths)
    wait_idle(qtbot, session)


def save(session: Session, path: Path) -> bool:
    """Save and wait for it; returns whether that worked."""
    session.save(path)
    return session.saver.wait()


def train(qtbot: QtBot, session: Session) -> None:
    session.train()
    qtbot.waitUntil(lambda: session.model is not None and idle(session), timeout=WAIT_MS)
