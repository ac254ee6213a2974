"""How quick the window stays while maps are trained, pictures read and pictures dropped."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pytest
from bars import Bars, Row, missed
from drawn import Vectors, write_photographs
from pace import wait_until_quiet
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from watch import Lateness, Opened, Paints, let_run, wait_for

from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]
MODES = ["batch", "online", "minibatch"]
_PICTURES = 10_000
_STOPS = 3
_DROPS = 10


def judged(bars: Bars, late: Lateness, rest: float, doing: str) -> list[Row]:
    what, said = f"lateness while {doing}", f"at rest {rest:.1f} ms"
    return [
        bars.at_most(f"{what}, p99", late.p99, 16, " ms", said),
        bars.at_most(f"{what}, worst", late.worst, 60, " ms", said),
    ]


def start_training(session: Session, mode: str) -> None:
    session.set_params(SomParams(rows=50, columns=50, epochs=1000, mode=mode))
    session.train()
    wait_for(lambda: session.map is not None)


def seconds_to_stop(session: Session) -> float:
    began = time.perf_counter()
    session.stop()
    wait_for(lambda: session.activity != "training")
    return time.perf_counter() - began


@pytest.mark.parametrize("mode", MODES)
def test_the_window_is_quick_while_training(opened: Opened, bars: Bars, mode: str) -> None:
    session = opened(_PICTURES)
    rest, late = wait_until_quiet(), Lateness()
    stops = []
    for _ in range(_STOPS):
        start_training(session, mode)
        late.start()
        let_run(4)
        late.rest()
        stops.append(1000 * seconds_to_stop(session))
        session.halt()
    rows = judged(bars, late, rest, f"training {mode} 50x50")
    said = ", ".join(f"{taken:.0f}" for taken in stops)
    rows.append(bars.at_most(f"Stop while training {mode} 50x50", max(stops), 100, " ms", said))
    assert not missed(*rows), missed(*rows)


def test_the_window_is_quick_while_reading(window: MainWindow, bars: Bars, tmp_path: Path) -> None:
    folder = write_photographs(tmp_path / "photographs", 200, (1600, 1200))
    session, rest, late = window.session, wait_until_quiet(), Lateness()
    for _ in range(3):
        session.open_pictures([folder])
        late.start()
        wait_for(lambda: not session.activity)
        late.rest()
        assert len(session.sources) == 200
    rows = judged(bars, late, rest, "reading JPEGs")
    assert not missed(*rows), missed(*rows)


@pytest.mark.parametrize("training", [False, True], ids=["finished", "training"])
def test_a_dropped_picture_is_marked_at_once(
    opened: Opened,
    window: MainWindow,
    bars: Bars,
    mnist_digits: Vectors,
    tmp_path: Path,
    training: bool,
) -> None:
    session, rest = opened(_PICTURES), wait_until_quiet()
    start_training(session, "online")
    wait_for(lambda: session.present_model() is not None)
    if not training:
        session.stop()
        wait_for(lambda: session.model is not None and not session.activity)
    paints = Paints(window.map_view.canvas)
    taken = []
    for index in range(_DROPS):
        picture = tmp_path / f"{index}.png"
        pixels = (255 * mnist_digits[-index - 1]).astype("uint8").reshape(28, 28)
        Image.fromarray(pixels).save(picture)
        began = time.perf_counter()
        drop(window, picture)
        wait_for(lambda: len(session.matches) == index + 1)  # noqa: B023 - used within the loop
        paints.next()
        taken.append(1000 * (time.perf_counter() - began))
        assert Path(session.matches[0].source.path) == picture
        assert session.unit == session.matches[0].unit
        let_run(0.2)
    first, *others = taken
    what = f"dropped -> marked, {'while training' if training else 'finished map'} 50x50"
    said = f"worst of {len(others)}, median {statistics.median(others):.0f}, at rest {rest:.1f} ms"
    rows = [
        bars.at_most(f"{what}, first", first, 100, " ms", "starts what decodes it"),
        bars.at_most(what, max(others), 100, " ms", said),
    ]
    assert not missed(*rows), missed(*rows)


def test_a_thousand_pictures_are_answered_soon(
    opened: Opened, window: MainWindow, bars: Bars, mnist_digits: Vectors, tmp_path: Path
) -> None:
    session, rest = opened(_PICTURES), wait_until_quiet()
    session.set_params(SomParams(rows=50, columns=50, epochs=2))
    session.train()
    wait_for(lambda: session.model is not None and not session.activity)
    folder = tmp_path / "thousand"
    folder.mkdir()
    for index in range(1000):
        pixels = (255 * mnist_digits[-index - 1]).astype("uint8").reshape(28, 28)
        Image.fromarray(pixels).save(folder / f"{index}.png")
    began = time.perf_counter()
    drop(window, folder)
    wait_for(lambda: len(session.matches) == 1000 and not session.answering)
    first = time.perf_counter() - began
    began = time.perf_counter()
    session.answers.set_rules(Rules(k=5, method="units"))  # all but the decoding, once more
    wait_for(lambda: not session.answering)
    again = time.perf_counter() - began
    said = f"with decoding {first:.1f} s, at rest {rest:.1f} ms"
    row = bars.at_most("1,000 pictures -> table, beyond decoding", again, 3, " s", said)
    assert not missed(row), missed(row)


def drop(window: MainWindow, path: Path) -> None:
    """Drag a picture onto the window's left half, where it is classified."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place = QPointF(window.width() / 4, window.height() / 2)
    copy, keys = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    left = Qt.MouseButton.LeftButton
    QApplication.sendEvent(window, QDragEnterEvent(place.toPoint(), copy, data, left, keys))
    QApplication.sendEvent(window, QDragMoveEvent(place.toPoint(), copy, data, left, keys))
    event = QDropEvent(place, copy, data, left, keys)
    QApplication.sendEvent(window, event)
    assert event.isAccepted()
