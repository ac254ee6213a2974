"""How fast layers come over the map: when switched to, under the pointer, while a map trains."""

from __future__ import annotations

import dataclasses
import itertools
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from bars import Bars
from data import shared
from pace import timed, wait_until_quiet
from PySide6.QtCore import QPointF
from watch import Opened, Paints, let_run, wait_for

from image2map_gui.core.images.idx import read_idx
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.layers import COMPONENT, DISTANCE, LAYERS, NONE
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.state import MapState

if TYPE_CHECKING:  # the extra ``bench`` is not needed to collect the tests
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]
_PICTURES = 5_000
_SWITCHES = 7
_FRAMES = 60
_SLOW = ("clusters", "topographic")  # whose cold switch is told, not judged


def with_labels(session: Session) -> Session:
    """Give the digits their labels, or some."""
    path = shared("data", "mnist", "train-labels-idx1-ubyte.gz")
    assert session.dataset is not None
    count = len(session.dataset)
    labels = read_idx(path)[:count].tolist() if path.is_file() else [n % 10 for n in range(count)]
    sources = tuple(
        dataclasses.replace(source, label=str(label))
        for source, label in zip(session.sources, labels, strict=True)
    )
    session.dataset = dataclasses.replace(session.dataset, sources=sources)
    session.sources = sources
    session.collection_changed.emit()
    return session


@pytest.fixture
def trained(opened: Opened) -> Session:
    """Train a map of 50 x 50 on labelled digits, and show it."""
    session = with_labels(opened(_PICTURES))
    session.set_params(SomParams(rows=50, columns=50, epochs=3))
    session.train()
    wait_for(lambda: session.model is not None)
    return session


def switch(session: Session, window: MainWindow, name: str, paints: Paints) -> tuple[float, float]:
    """Return how long it takes until a layer is on the screen, and the work it is, in ms."""
    layers = session.layers
    began, worked = time.perf_counter(), time.process_time()
    layers.choose(layers.wished(name))
    wait_for(lambda: layers.plane is not None)
    seen = paints.count
    window.map_view.canvas.update()
    wait_for(lambda: paints.count > seen)
    return 1e3 * (time.perf_counter() - began), 1e3 * (time.process_time() - worked)


@pytest.mark.parametrize("name", [name for name, _, _ in LAYERS if name != NONE])
def test_a_layer_is_there_at_once(
    trained: Session, window: MainWindow, bars: Bars, name: str
) -> None:
    layers, rest = trained.layers, wait_until_quiet()
    assert trained.map is not None
    paints = Paints(window.map_view.canvas)
    cold, hot = [], []
    for _ in range(_SWITCHES):
        layers.outdate()
        layers.point_at(77)
        cold.append(switch(trained, window, name, paints))
        layers.choose(layers.wished(NONE))
        hot.append(switch(trained, window, name, paints))
        layers.choose(layers.wished(NONE))
    (first, work), (again, little) = np.median(cold, axis=0), np.median(hot, axis=0)
    said = f"median of {_SWITCHES}, own work {work:.0f} ms, at rest {rest:.1f} ms late"
    told = f"median of {_SWITCHES}, own work {little:.0f} ms, at rest {rest:.1f} ms late"
    rows = [bars.at_most(f"switch to {name} again 50x50", again, 50, " ms", told)]
    bar = 5_000 if name in _SLOW else 50
    rows.append(bars.at_most(f"switch to {name} 50x50", first, bar, " ms", said))
    assert all(row.met for row in rows), rows


@pytest.mark.parametrize("name", [DISTANCE, COMPONENT])
def test_a_layer_follows_the_pointer(
    benchmark: BenchmarkFixture, trained: Session, window: MainWindow, bars: Bars, name: str
) -> None:
    trained.layers.choose(trained.layers.wished(name))
    rest = wait_until_quiet()
    view, state = window.map_view, trained.map
    assert state is not None
    paints = Paints(view.canvas)
    units = itertools.cycle(range(0, 2500, 53))
    offsets = itertools.cycle([QPointF(3, 1), QPointF(-3, 4), QPointF(1, -4)])

    def frame() -> None:
        unit, offset = next(units), next(offsets)
        place = view._box.mapViewToScene(QPointF(*state.cells.middles[unit].tolist()))
        view._mouse_moved(place + offset)
        paints.next()

    took = timed(benchmark, frame, rounds=_FRAMES, warmup=5)
    row = bars.at_least(
        f"{name} layer under the pointer 50x50",
        1 / took.mean,
        15,
        " frames/s",
        f"{1e3 * took.mean:.1f} ms a frame, worst {1e3 * took.worst:.1f}, at rest {rest:.1f} ms",
    )
    assert row.met, row


@pytest.mark.parametrize("name", ["u-matrix", "walls", "pies", DISTANCE])
def test_the_live_map_moves_with_a_layer(
    opened: Opened, window: MainWindow, bars: Bars, name: str
) -> None:
    session, rest = with_labels(opened(10_000)), wait_until_quiet()
    session.set_params(SomParams(rows=50, columns=50, mode="online", epochs=1000))
    session.layers.choose(session.layers.wished(name))
    session.train()
    wait_for(lambda: session.map is not None and window.map_view.canvas.isVisible())
    session.layers.point_at(77)
    wait_for(lambda: session.layers.plane is not None)
    let_run(1)
    paints = Paints(window.map_view.canvas)
    shown: list[MapState | None] = []
    layers: list[object] = []
    session.map_changed.connect(lambda: shown.append(session.map))
    session.layers.remade.connect(lambda: layers.append(session.layers.plane))
    began = time.perf_counter()
    let_run(6)
    seconds = time.perf_counter() - began
    session.halt()
    frames = min(len(shown), paints.count)
    row = bars.at_least(
        f"live map, training online, {name} 50x50",
        frames / seconds,
        15,
        " frames/s",
        f"layer made {len(layers) / seconds:.1f} times a second, at rest {rest:.1f} ms late",
    )
    assert row.met, row
