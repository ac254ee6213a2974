"""How fast the map is painted: live, moved and enlarged, and how much memory it keeps."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bars import Bars
from pace import timed, wait_until_quiet
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication
from watch import Opened, Paints, let_run, wait_for

from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import Snapshot, train
from image2map_gui.ui.jobs.jobs import Painter
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.state import MapState

if TYPE_CHECKING:  # the extra ``bench`` is not needed to collect the tests
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]
_FRAMES = 60
_UPDATES = 100_000
_FEWEST_UPDATES = 20_000
_WARM_UPDATES = 2_000
_LONGEST = 240  # seconds
_MEMORY = Path("/proc/self/statm")
_PAGE = 4096


def live_updates(session: Session, side: int) -> Callable[[], None]:
    """Return what shows one more state of a forming map, the way a training's worker does it."""
    assert session.dataset is not None
    params = SomParams(rows=side, columns=side, mode="online", epochs=3)
    session.set_params(params)
    session._document.trained = session.dataset
    snapshots: list[Snapshot] = []
    for snapshot in train(session.dataset.vectors, params):
        if snapshot.winners is not None and not snapshot.settled:
            snapshots.append(snapshot)
        if len(snapshots) == 4:
            break
    assert len({id(snapshot.weights) for snapshot in snapshots}) > 1
    paint = Painter(params, session.dataset)
    turn = itertools.cycle(snapshots)

    def update() -> None:
        snapshot = next(turn)
        session._job.framed.emit(snapshot, paint(snapshot))

    return update


@pytest.mark.parametrize(("side", "bar"), [(20, 30), (50, 15)])
def test_the_live_map_can_be_painted_often(
    benchmark: BenchmarkFixture,
    opened: Opened,
    window: MainWindow,
    bars: Bars,
    side: int,
    bar: float,
) -> None:
    update = live_updates(opened(2_000), side)
    rest = wait_until_quiet()
    paints = Paints(window.map_view.canvas)

    def frame() -> None:
        update()
        paints.next()

    typical = timed(benchmark, frame, rounds=_FRAMES, warmup=5).mean
    row = bars.at_least(
        f"live map, painting alone {side}x{side}",
        1 / typical,
        bar,
        " frames/s",
        f"{1e3 * typical:.1f} ms a frame, at rest {rest:.1f} ms late",
    )
    assert row.met, row


@pytest.mark.parametrize(("side", "bar"), [(20, 30), (50, 15)])
def test_the_live_map_moves_while_training(
    opened: Opened, window: MainWindow, bars: Bars, side: int, bar: float
) -> None:
    session, rest = opened(10_000), wait_until_quiet()
    session.set_params(SomParams(rows=side, columns=side, mode="online", epochs=1000))
    session.train()
    wait_for(lambda: session.map is not None and window.map_view.canvas.isVisible())
    let_run(1)
    paints = Paints(window.map_view.canvas)
    shown: list[MapState | None] = []
    session.map_changed.connect(lambda: shown.append(session.map))
    began = time.perf_counter()
    let_run(6)
    seconds = time.perf_counter() - began
    session.halt()
    frames = min(len(shown), paints.count)
    row = bars.at_least(
        f"live map, while training online {side}x{side}",
        frames / seconds,
        bar,
        " frames/s",
        f"{frames} frames in {seconds:.1f} s, at rest {rest:.1f} ms late",
    )
    assert row.met, row


@pytest.mark.parametrize("side", [20, 50])
@pytest.mark.parametrize("way", ["pan", "zoom"])
def test_the_map_is_moved_and_enlarged_smoothly(
    benchmark: BenchmarkFixture,
    opened: Opened,
    window: MainWindow,
    bars: Bars,
    side: int,
    way: str,
) -> None:
    live_updates(opened(2_000), side)()
    rest = wait_until_quiet()
    view = window.map_view
    paints = Paints(view.canvas)
    view.zoom(2)
    paints.next()
    there_and_back = itertools.cycle([1] * 10 + [-1] * 10)

    def frame() -> None:
        step = next(there_and_back)
        if way == "pan":
            view._box.translateBy(x=0.2 * step, y=0.1 * step)
        else:
            view.zoom(1.05**step)
        paints.next()

    took = timed(benchmark, frame, rounds=2 * _FRAMES, warmup=5)
    row = bars.at_most(
        f"{way}, 28 px tiles {side}x{side}",
        1e3 * took.mean,
        8,
        " ms a frame",
        f"mean of {2 * _FRAMES}, worst {1e3 * took.worst:.1f}, at rest {rest:.1f} ms",
    )
    assert row.met, row


@pytest.mark.parametrize("topology", ["grid", "mesh"])
@pytest.mark.parametrize("cells", [50, 6])
def test_open_and_repeated_cells_are_moved_smoothly(
    benchmark: BenchmarkFixture,
    opened: Opened,
    window: MainWindow,
    bars: Bars,
    topology: str,
    cells: int,
) -> None:
    session = opened(10_000)
    session.set_params(SomParams(rows=50, columns=50, epochs=2, topology=topology))
    session.train()
    wait_for(lambda: session.model is not None and not session.activity)
    view = window.map_view
    paints = Paints(view.canvas)
    view._box.setRange(QRectF(20, 20, cells, cells), padding=0)
    paints.next()
    wait_for(lambda: not session.thumbnails.busy)
    rest = wait_until_quiet()
    there_and_back = itertools.cycle([1] * 10 + [-1] * 10)

    def frame() -> None:
        step = next(there_and_back)
        view._box.translateBy(x=0.02 * step * cells, y=0.01 * step * cells)
        paints.next()

    took = timed(benchmark, frame, rounds=2 * _FRAMES, warmup=25)
    row = bars.at_most(
        f"pan, {cells} cells of 50x50 across, {topology}",
        1e3 * took.mean,
        8,
        " ms a frame",
        f"worst {1e3 * took.worst:.1f}, {len(view._open._made)} cells open, at rest {rest:.1f} ms",
    )
    assert row.met, row


def test_live_updates_keep_no_memory(opened: Opened, window: MainWindow, bars: Bars) -> None:
    what = "memory over live updates 10x10"
    if not _MEMORY.exists():
        bars.skip(what, "this system does not tell what a process holds")
    update = live_updates(opened(2_000), 10)
    paints = Paints(window.map_view.canvas)

    def updates(count: int) -> int:
        deadline = time.monotonic() + _LONGEST
        for done in range(count):
            update()
            QApplication.processEvents()
            if time.monotonic() > deadline:
                return done + 1
        return count

    updates(_WARM_UPDATES)
    before, painted = held_bytes(), paints.count
    done = updates(_UPDATES)
    growth = (held_bytes() - before) / 1e6
    assert done >= _FEWEST_UPDATES, f"only {done:,} updates in {_LONGEST} s"
    assert paints.count - painted >= done / 2, "the map was not painted"
    row = bars.at_most(what, growth, 50, " MB", f"after {done:,} updates")
    assert row.met, row


def held_bytes() -> int:
    return _PAGE * int(_MEMORY.read_text().split()[1])
