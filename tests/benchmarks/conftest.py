"""Fixtures of the benchmarks, and the tables at the end of the run.

``python -m pytest -m benchmark tests/benchmarks`` measures everything, with the extras ``test`` and
``bench``; a missed bar fails its test and stands in the table all the same.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import pytest
from bars import Bars, Cost, bars_table, costs_table
from drawn import Vectors, digits
from pyqtgraph.util.garbage_collector import GarbageCollector
from pytestqt.qtbot import QtBot
from threadpoolctl import threadpool_limits
from watch import Opened

from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.ui import app
from image2map_gui.ui.dialogs.dialogs import DISCARD, Dialogs
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Settings

_BARS = pytest.StashKey[Bars]()
_COSTS = pytest.StashKey[list[Cost]]()
_TELLS_LOAD = hasattr(os, "getloadavg")  # above the cores: others computed too
_SWITCH_SECONDS = sys.getswitchinterval()


def pytest_configure(config: pytest.Config) -> None:
    """Keep pytest-benchmark's own table for ``--benchmark-verbose``: ours follows at the end."""
    config.option.benchmark_quiet = True
    config.stash[_BARS] = Bars()
    config.stash[_COSTS] = []


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print every row that was measured, missed or not."""
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}" if _TELLS_LOAD else ""
    rows, costs = config.stash[_BARS].rows, config.stash[_COSTS]
    for title, empty, lines in (
        ("bars", not rows, bars_table(rows)),
        ("cost against size", not costs, costs_table(costs)),
    ):
        if not empty:
            terminalreporter.section(title)
            terminalreporter.write_line(load)
            terminalreporter.write_line("\n".join(lines))


@pytest.fixture(scope="session")
def bars(pytestconfig: pytest.Config) -> Bars:
    return pytestconfig.stash[_BARS]


@pytest.fixture(scope="session")
def costs(pytestconfig: pytest.Config) -> list[Cost]:
    return pytestconfig.stash[_COSTS]


@pytest.fixture(scope="session")
def mnist_digits() -> Vectors:
    return digits()


@pytest.fixture
def all_cores() -> Iterator[None]:
    """Let both sides of a ratio compute with as many threads."""
    with threadpool_limits(limits=os.cpu_count()):
        yield


class Careless(Dialogs):
    """Never saves, so that the window of a failed benchmark closes too."""

    def __init__(self) -> None:
        pass

    def save_first(self, _name: str, _activity: str) -> str:
        return DISCARD


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    """Show the window as the program runs it: quick switching, garbage collected by a timer."""
    app._application()
    collector = GarbageCollector(interval=app._COLLECT_SECONDS)
    made = MainWindow(Session(), Settings(None), Careless())
    qtbot.addWidget(made)
    complaints: list[str] = []
    made.session.failed.connect(complaints.append)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.session.halt()
    made.session.modified = False
    made.close()
    collector.timer.stop()
    gc.enable()
    sys.setswitchinterval(_SWITCH_SECONDS)
    assert not complaints


@pytest.fixture
def opened(window: MainWindow, mnist_digits: Vectors) -> Opened:
    """Open the first so many digits as if they had been read."""

    def open_digits(count: int) -> Session:
        session = window.session
        vectors = mnist_digits[:count].view()
        vectors.setflags(write=False)
        sources = tuple(Source("lines", index % 100, kind="sample") for index in range(count))
        session.dataset = Dataset(ImageSpec(size=(28, 28)), vectors, sources)
        session.sources, session.spec = sources, session.dataset.spec
        session.collection_changed.emit()
        return session

    return open_digits
