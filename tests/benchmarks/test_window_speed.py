"""How quick the window stays while a map of 50 x 50 units is trained; prints what it measured."""

from __future__ import annotations

import os
import sys
import time

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
import pytest
from PySide6.QtCore import QElapsedTimer, QTimer
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui import app
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session import Session
from image2map_gui.ui.settings import Settings

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]
TICK_MS = 10
PICTURES = 10_000


@pytest.fixture
def window(qtbot: QtBot):
    app._application()
    session = Session()
    made = MainWindow(session, Settings(None))
    qtbot.addWidget(made)
    made.show()
    vectors = np.random.default_rng(1).random((PICTURES, 784), np.float32)
    sources = tuple(Source("lines", index % 100, kind="sample") for index in range(PICTURES))
    session.dataset = Dataset(ImageSpec(size=(28, 28)), vectors, sources)
    session.sources, session.spec = sources, session.dataset.spec
    yield made
    session.modified = False
    made.close()
    sys.setswitchinterval(0.005)


def lateness(qtbot: QtBot, seconds: float) -> np.ndarray:
    """How late a timer of 10 ms comes in the thread of the window, in ms."""
    late: list[float] = []
    clock = QElapsedTimer()
    timer = QTimer()
    timer.setTimerType(timer.timerType().PreciseTimer)

    def tick() -> None:
        late.append(clock.nsecsElapsed() / 1e6 - TICK_MS)
        clock.restart()

    timer.timeout.connect(tick)
    clock.start()
    timer.start(TICK_MS)
    qtbot.wait(int(1000 * seconds))
    timer.stop()
    return np.maximum(np.array(late), 0)


@pytest.mark.parametrize("mode", ["batch", "online", "minibatch"])
def test_lateness_and_stop(qtbot: QtBot, window: MainWindow, mode: str) -> None:
    session = window.session
    session.set_params(SomParams(rows=50, columns=50, epochs=1000, mode=mode))
    session.train()
    qtbot.waitUntil(lambda: session.map is not None, timeout=60_000)
    late = lateness(qtbot, 6)
    began = time.perf_counter()
    session.stop()
    qtbot.waitUntil(lambda: session.activity != "training", timeout=60_000)
    stop = 1000 * (time.perf_counter() - began)
    p99, worst = float(np.percentile(late, 99)), float(late.max())
    sys.stdout.write(
        f"\n{mode}: lateness p99 {p99:.1f} ms (bar 20), worst {worst:.1f} ms; "
        f"stop answered in {stop:.0f} ms (bar 200)\n"
    )
    session.halt()
    assert p99 <= 20
    assert stop < 200
