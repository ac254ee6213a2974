"""How quick selections are on a map of 60,000 digits: processor time of the window's thread."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from bars import Bars, Row, missed
from drawn import Vectors
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import train
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.state import state_of

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]
_PICTURES = 60_000
_TURNS = 12


def milliseconds(do: Callable[[], object]) -> float:
    QApplication.processEvents()
    began = time.thread_time()
    do()
    QApplication.processEvents()
    return 1000 * (time.thread_time() - began)


@pytest.fixture
def mapped(window: MainWindow, mnist_digits: Vectors) -> Session:
    """Open a map of 20 x 20 units with all digits on it."""
    session = window.session
    some = mnist_digits[np.arange(_PICTURES) % len(mnist_digits)]
    sources = tuple(
        Source(f"/digits/{row:05}.png", label=f"class {row * 7 % 10}") for row in range(_PICTURES)
    )
    dataset = Dataset(ImageSpec(size=(28, 28)), some, sources)
    params = SomParams(rows=20, columns=20, epochs=8)
    *_, last = train(some, params)
    session.dataset, session.sources, session.spec = dataset, sources, dataset.spec
    session.collection_changed.emit()
    session.map = state_of(last, params, dataset, None)
    session.map_changed.emit()
    window.complete()
    window._docks["unit"].raise_()
    QApplication.processEvents()
    return session


def test_selections_are_quick(window: MainWindow, mapped: Session, bars: Bars) -> None:
    session, view = mapped, window.map_view
    said = f"{_PICTURES:,} pictures, 20x20, median of {_TURNS}"
    chance = np.random.default_rng(4)
    rows = np.sort(chance.choice(_PICTURES, 1000, replace=False))
    addresses = [[session.sources[row].address for row in rows + turn % 2] for turn in (0, 1)]
    full = np.argsort(session.map.hits)[-_TURNS:].tolist()

    def click(unit: int) -> None:
        spot: QPoint = view.point_of(unit).toPoint()
        QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=spot)
        assert session.unit == unit

    def held(what: str, do: Callable[[int], object], bar: float) -> Row:
        do(_TURNS)  # what is made when it is first asked for
        times = [milliseconds(lambda turn=turn: do(turn)) for turn in range(_TURNS)]
        told = f"{said}, worst {max(times):.0f} ms"
        return bars.at_most(f"selection: {what}", float(np.median(times)), bar, " ms", told)

    rows_of_bars = [
        held("click on a unit", lambda turn: click(full[turn % _TURNS]), 50),
        held("1,000 pictures", lambda turn: session.choose(addresses[turn % 2]), 100),
        held(
            "50 units, some 7,500 pictures",
            lambda turn: session.selection.select_units(np.arange(turn, turn + 50)),
            250,
        ),
    ]
    assert window.inspector.members.rowCount() > 5_000
    session.thumbnails.shutdown()
    assert not missed(*rows_of_bars), missed(*rows_of_bars)
