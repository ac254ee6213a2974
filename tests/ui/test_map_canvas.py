"""The map on its canvas: endless when wrapped, open when near, smooth when far, copied whole."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, open_pictures, train
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QNativeGestureEvent,
    QPainter,
    QPointingDevice,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.sources import Source
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.map_view.open_cells import places
from image2map_gui.ui.map_view.sheet import SheetItem
from image2map_gui.ui.map_view.tiles import turns
from image2map_gui.ui.session.session import Session

WRAPPED = [
    SomParams(rows=4, columns=5, epochs=3, topology="mesh"),
    SomParams(rows=4, columns=5, epochs=3, topology="mesh", tiling="hexagonal"),
    SomParams(rows=3, columns=5, epochs=3, topology="cylinder"),
    SomParams(rows=1, columns=6, epochs=3, topology="ring"),
]


def showing(
    qtbot: QtBot, window: MainWindow, session: Session, pictures: Path, params: SomParams
) -> MainWindow:
    open_pictures(qtbot, session, pictures)
    session.set_params(params)
    train(qtbot, session)
    window.complete()
    return window


def shot(window: MainWindow) -> QImage:
    return window.map_view.canvas.grab().toImage()


def colour_at(image: QImage, place: QPointF, around: int = 0) -> np.ndarray:
    """Return the mean colour of some pixels."""
    point = (place * image.devicePixelRatio()).toPoint()
    reach = range(-around, around + 1)
    colours = [image.pixelColor(point + QPoint(x, y)).getRgb()[:3] for x in reach for y in reach]
    return np.mean(colours, axis=0)


@pytest.mark.parametrize("params", WRAPPED, ids=lambda p: f"{p.topology}-{p.tiling}")
@pytest.mark.slow
def test_a_wrapped_map_goes_on_beyond_its_border(
    qtbot: QtBot, window: MainWindow, session: Session, pictures: Path, params: SomParams
) -> None:
    showing(qtbot, window, session, pictures, params)
    assert session.map is not None
    view, cells = window.map_view, session.map.cells
    window.map_view.zoom(0.5)
    image = shot(window)
    across, down = cells.period
    ways = [QPointF(across, 0)] * bool(across) + [QPointF(0, down)] * bool(down)
    assert ways
    compared = 0
    for unit in range(session.map.grid.units):
        middle = QPointF(*cells.middles[unit].tolist())
        here = QPointF(view._canvas.mapFromScene(view._box.mapViewToScene(middle)))
        for way in [*ways, *(-way for way in ways)]:
            there = QPointF(view._canvas.mapFromScene(view._box.mapViewToScene(middle + way)))
            if view.canvas.rect().adjusted(9, 9, -9, -9).contains(there.toPoint()):
                compared += 1
                apart = np.abs(colour_at(image, here, 8) - colour_at(image, there, 8)).max()
                assert apart <= 25, (unit, way)  # they lie on other fractions of pixels
    assert compared >= session.map.grid.units


def test_scrolling_round_a_mesh_never_ends(
    qtbot: QtBot, window: MainWindow, session: Session, pictures: Path
) -> None:
    showing(qtbot, window, session, pictures, WRAPPED[0])
    box = window.map_view._box
    before = box.viewRect().center()
    for _ in range(40):
        box.translateBy(x=1.0, y=-0.5)
        centre = box.viewRect().center()
        assert 0 <= centre.x() < 5
        assert 0 <= centre.y() < 4
    after = box.viewRect().center()
    assert (after - before).manhattanLength() == pytest.approx(0, abs=1e-6)


def test_a_click_on_a_copy_selects_the_unit(
    qtbot: QtBot, window: MainWindow, session: Session, pictures: Path
) -> None:
    showing(qtbot, window, session, pictures, WRAPPED[1])
    assert session.map is not None
    view = window.map_view
    view.zoom(0.5)
    middle = QPointF(*session.map.cells.middles[7].tolist()) + QPointF(5, 0)
    place = view._canvas.mapFromScene(view._box.mapViewToScene(middle))
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=place)
    assert session.unit == 7


def test_a_map_that_ends_is_painted_once(mapped: MainWindow) -> None:
    mapped.map_view.zoom(0.4)
    image = shot(mapped)
    corner = colour_at(image, QPointF(4, 4))
    ground = mapped.map_view.palette().base().color()
    assert corner.tolist() == [ground.red(), ground.green(), ground.blue()]


@given(
    st.floats(-50, 50), st.floats(-50, 50), st.floats(0.5, 30), st.floats(0.5, 30),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_copies_fill_what_is_seen(
    x: float, y: float, wide: float, high: float, across: bool, down: bool
) -> None:
    area, seen = QRectF(0, 0, 5, 4), QRectF(x, y, wide, high)
    period = (5.0 if across else 0.0, 4.0 if down else 0.0)
    offsets = list(turns(seen, area, period))
    filled = sum(
        (piece := area.translated(offset).intersected(seen)).width() * piece.height()
        for offset in offsets
    )
    band = QRectF(
        x if across else 0, y if down else 0, wide if across else 5, high if down else 4
    ).intersected(seen)
    assert filled == pytest.approx(band.width() * band.height(), abs=1e-6)


# --- far and near -------------------------------------------------------------------------------


def test_a_sheet_seen_small_is_averaged() -> None:
    fine = np.zeros((512, 512, 3), np.uint8)
    fine[::2, ::2] = fine[1::2, 1::2] = 255  # a chequer board: nearest pixels would sparkle
    item = SheetItem()
    item.show_sheet(fine, QRectF(0, 0, 1, 1))
    image = QImage(97, 97, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    painter = QPainter(image)
    painter.scale(97, 97)
    item.paint(painter)
    painter.end()
    grey = [image.pixelColor(x, y).red() for x in range(3, 94, 7) for y in range(3, 94, 7)]
    assert min(grey) > 110
    assert max(grey) < 145


def test_a_sheet_seen_large_has_square_pixels() -> None:
    sheet = np.zeros((2, 2, 3), np.uint8)
    sheet[0, 1] = sheet[1, 0] = 255
    item = SheetItem()
    item.show_sheet(sheet, QRectF(0, 0, 1, 1))
    image = QImage(100, 100, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.scale(100, 100)
    item.paint(painter)
    painter.end()
    assert [image.pixelColor(x, 25).red() for x in (2, 48, 52, 97)] == [0, 0, 255, 255]


SOME = [Source(f"/pictures/{index}.png") for index in range(200)]


@given(st.integers(1, 200), st.floats(1, 4000))
def test_places_show_what_there_is_room_for(count: int, pixels: float) -> None:
    found = list(places(SOME[:count], pixels))
    shown = [place.source for place in found if place.source is not None]
    more = sum(place.more for place in found)
    assert shown == SOME[: len(shown)]
    assert len(shown) + more == count or len(found) == 1  # then there is no place for a number
    assert len(found) == 1 or found[0].box.width() * pixels >= 44 - 1e-9
    for place in found:
        assert QRectF(0, 0, 1, 1).adjusted(-1e-9, -1e-9, 1e-9, 1e-9).contains(place.box)
    for one, other in itertools.pairwise(found):
        apart = one.box.intersected(other.box)
        assert apart.width() * apart.height() < 1e-9


def test_a_near_cell_opens_into_its_pictures(qtbot: QtBot, mapped: MainWindow) -> None:
    session, view = mapped.session, mapped.map_view
    assert session.map is not None
    assert session.map.hits is not None
    unit = int(np.argmax(session.map.hits))
    members = session.map.ranked(unit)
    closed = shot(mapped)
    assert view._open.member_at(QPointF(*session.map.cells.middles[unit]), 60) is None
    middle = QPointF(*session.map.cells.middles[unit].tolist())
    side = 320 / view.canvas.width()
    view._box.setRange(
        QRectF(middle.x() - 1 / side / 320 * view.canvas.width() / 2, middle.y() - 0.5, 1, 1)
    )
    qtbot.waitUntil(lambda: unit in view._open._made, timeout=WAIT_MS)
    qtbot.waitUntil(
        lambda: not session.thumbnails.busy and view._open._made[unit].whole, timeout=WAIT_MS
    )
    assert shot(mapped) != closed
    seen = {
        view._open.member_at(middle + QPointF(x, y), 320)
        for x in np.linspace(-0.45, 0.45, 19)
        for y in np.linspace(-0.45, 0.45, 19)
    }
    assert {source for source in seen if source is not None} == set(members)


# --- hands --------------------------------------------------------------------------------------


def wheel(window: MainWindow, *, pixels: QPoint, phase: Qt.ScrollPhase) -> None:
    target = window.map_view.canvas
    place = QPointF(target.rect().center())
    event = QWheelEvent(
        place, target.mapToGlobal(place), pixels, QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, phase, False,
    )  # fmt: skip
    QApplication.sendEvent(target, event)


def test_two_fingers_move_the_map_and_a_wheel_zooms_it(mapped: MainWindow) -> None:
    box = mapped.map_view._box
    before = box.viewRect()
    wheel(mapped, pixels=QPoint(30, 10), phase=Qt.ScrollPhase.ScrollUpdate)
    after = box.viewRect()
    assert after.width() == pytest.approx(before.width())
    pixel = before.width() / box.width()
    assert before.x() - after.x() == pytest.approx(30 * pixel, rel=0.05)
    assert before.y() - after.y() == pytest.approx(10 * pixel, rel=0.05)
    wheel(mapped, pixels=QPoint(), phase=Qt.ScrollPhase.NoScrollPhase)
    assert box.viewRect().width() < after.width()


def test_pinching_zooms_at_the_fingers(mapped: MainWindow) -> None:
    view = mapped.map_view
    target = view.canvas
    place = QPointF(view.point_of(5))
    before = view._box.viewRect().width()
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2,
        place, place, target.mapToGlobal(place), 0.5, QPointF(),
    )  # fmt: skip
    QApplication.sendEvent(target, event)
    assert view._box.viewRect().width() == pytest.approx(before / 1.5, rel=0.01)
    assert (view.point_of(5) - place).manhattanLength() < 3


def test_the_map_is_copied_whole_with_its_layer(qtbot: QtBot, mapped: MainWindow) -> None:
    session, view = mapped.session, mapped.map_view
    assert session.map is not None
    with qtbot.waitSignal(session.layers.remade, timeout=WAIT_MS):
        session.layers.choose(session.layers.wished("hits"))
    session.layers.set_opacity(1.0)
    view.zoom(6)  # what is seen does not matter
    QGuiApplication.clipboard().clear()
    view.setFocus()
    QTest.keyClick(view.canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    image = QGuiApplication.clipboard().image()
    assert max(image.width(), image.height()) == 1200
    assert image.width() / image.height() == pytest.approx(4 / 3, abs=0.01)
    plane = session.layers.plane
    assert plane is not None
    for unit in range(12):
        x, y = session.map.cells.middles[unit] * image.width() / 4
        assert colour_at(image, QPointF(x, y)).tolist() == plane.colours[unit].tolist()
