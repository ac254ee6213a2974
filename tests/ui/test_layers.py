"""Layers over the map: chosen by list, key or menu, made beside all else, right in every cell."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, open_pictures, save, train, wait_idle
from data import finish, write_picture
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QStyleOptionGraphicsItem
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.picture import label_planes, planes, wishes
from image2map_gui.core.picture.plane import PIES, WALLS, Plane
from image2map_gui.core.picture.ramps import kind_colours
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.winners import nearest_units
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.map_view.overlays import LayerItem
from image2map_gui.ui.session.layers import COMPONENT, DISTANCE, LAYERS, NONE
from image2map_gui.ui.session.session import Session

SMALL = SomParams(rows=3, columns=4, epochs=5)


def choose(qtbot: QtBot, window: MainWindow, name: str) -> None:
    box: QComboBox = window.map_view.layer_bar.kind
    box.setCurrentIndex(box.findData(name))
    with qtbot.waitSignal(window.session.layers.remade, timeout=WAIT_MS):
        box.activated.emit(box.currentIndex())


def pixel(window: MainWindow, unit: int) -> tuple[int, int, int]:
    """Return the colour in the middle of a unit as it is on the screen."""
    window.session.layers.set_opacity(1.0)
    middle = window.map_view.point_of(unit) + QPointF(4, 4)
    image = window.map_view.canvas.grab().toImage()
    ratio = image.devicePixelRatio()
    colour = image.pixelColor((middle * ratio).toPoint())
    return colour.red(), colour.green(), colour.blue()


def hover(qtbot: QtBot, window: MainWindow, unit: int) -> None:
    """Move the pointer over a unit; pyqtgraph drops moves that follow each other too fast."""
    view = window.map_view
    row, column = window.session.map.grid.cells[unit]
    steps = iter(range(10_000))

    def arrived() -> bool:
        offset = next(steps) % 5
        qtbot.mouseMove(view.canvas, view.point_of(unit).toPoint() + QPoint(offset, 0))
        return view.words.startswith(f"Row {row + 1}, column {column + 1}:")

    qtbot.waitUntil(arrived, timeout=WAIT_MS)


@pytest.mark.parametrize(
    "name", [name for name, _, _ in LAYERS if name not in (NONE, DISTANCE, "activation")]
)
@pytest.mark.slow
def test_every_layer_colours_every_cell(qtbot: QtBot, mapped: MainWindow, name: str) -> None:
    choose(qtbot, mapped, name)
    plane = mapped.session.layers.plane
    assert plane is not None
    if plane.form not in (WALLS, PIES):  # these leave most of a cell to its picture
        for unit in (0, 5, 11):
            assert pixel(mapped, unit) == tuple(plane.colours[unit].tolist())
    mapped.session.select_unit(5)
    assert plane.told(5) in mapped.map_view.words
    assert mapped.map_view.layer_bar.legend.accessibleName().startswith("Legend: ")


def test_the_activation_of_a_label_follows_its_box(qtbot: QtBot, mapped: MainWindow) -> None:
    choose(qtbot, mapped, "activation")
    bar, session = mapped.map_view.layer_bar, mapped.session
    assert bar.label.isVisible()
    assert [bar.label.itemText(row) for row in range(2)] == ["flat", "steep"]
    bar.label.setCurrentText("steep")
    with qtbot.waitSignal(session.layers.remade, timeout=WAIT_MS):
        bar.label.activated.emit(1)
    qtbot.waitUntil(lambda: session.layers.plane is not None, timeout=WAIT_MS)
    assert session.layers.plane is not None
    assert session.model is not None
    expected = label_planes.activation_plane(session.model, "steep").values
    assert np.array_equal(session.layers.plane.values, expected)


def test_letters_choose_layers_while_the_map_has_the_focus(
    qtbot: QtBot, mapped: MainWindow
) -> None:
    with qtbot.waitSignal(mapped.session.layers.remade, timeout=WAIT_MS):
        QTest.keyClick(mapped.map_view.canvas.parent(), Qt.Key.Key_U)
    assert mapped.session.layers.wish.name == "u-matrix"
    assert mapped.map_view.layer_bar.kind.currentData() == "u-matrix"
    assert mapped.actions_by_name["layer-u-matrix"].isChecked()
    qtbot.waitUntil(lambda: mapped.session.layers.plane is not None, timeout=WAIT_MS)
    QTest.keyClick(mapped.map_view.canvas.parent(), Qt.Key.Key_P)
    assert mapped.session.layers.wish.name == NONE
    assert mapped.session.layers.plane is None
    assert not mapped.map_view.layer_bar.opacity.isVisible()


def test_the_menu_chooses_layers(qtbot: QtBot, mapped: MainWindow) -> None:
    with qtbot.waitSignal(mapped.session.layers.remade, timeout=WAIT_MS):
        mapped.actions_by_name["layer-hits"].trigger()
    assert mapped.session.layers.wish.name == "hits"


def test_the_distance_follows_the_pointer(qtbot: QtBot, mapped: MainWindow) -> None:
    session = mapped.session
    session.layers.choose(session.layers.wished(DISTANCE))
    for unit in (2, 7):
        hover(qtbot, mapped, unit)
        plane = session.layers.plane
        assert plane is not None
        assert session.map is not None
        expected = np.linalg.norm(session.map.weights - session.map.weights[unit], axis=1)
        np.testing.assert_allclose(plane.values, expected, rtol=1e-4, atol=1e-5)


def test_a_map_without_labels_says_why_there_is_no_layer(
    qtbot: QtBot, window: MainWindow, session: Session, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures / "flat")
    session.set_params(SMALL)
    train(qtbot, session)
    window.complete()
    choose(qtbot, window, "classes")
    assert session.layers.plane is None
    assert "no labels" in session.layers.reason
    assert "no labels" in window.map_view.layer_bar.legend.accessibleName()


@pytest.mark.slow
def test_layers_follow_a_training_and_the_next_map(
    qtbot: QtBot, mapped: MainWindow, session: Session
) -> None:
    choose(qtbot, mapped, "hits")
    before = session.layers.plane
    session.set_params(SomParams(rows=4, columns=4, epochs=100_000))
    session.train()
    qtbot.waitUntil(
        lambda: session.layers.plane is not None and len(session.layers.plane.values) == 16,
        timeout=WAIT_MS,
    )
    assert session.training
    session.stop()
    wait_idle(qtbot, session)
    assert session.model is not None
    qtbot.waitUntil(
        lambda: np.array_equal(session.layers.plane.values, session.model.hits), timeout=WAIT_MS
    )
    assert session.layers.plane is not before
    session.new()
    assert session.layers.plane is None


# --- kept, remembered, waited for ---------------------------------------------------------------


def chosen(qtbot: QtBot, session: Session, name: str) -> Plane:
    """Choose a layer and return it once it is there."""
    session.layers.choose(session.layers.wished(name))
    qtbot.waitUntil(lambda: session.layers.plane is not None, timeout=WAIT_MS)
    assert session.layers.plane is not None
    return session.layers.plane


def test_every_layer_has_a_key_of_its_own(mapped: MainWindow) -> None:
    keys = [key for _, _, key in LAYERS]
    assert all(keys)
    assert len(set(keys)) == len(keys)
    for name, title, key in LAYERS:
        assert mapped.actions_by_name[f"layer-{name}"].text() == f"{title}\t{key}"


def test_a_layer_is_kept_until_the_map_changes(
    qtbot: QtBot, mapped: MainWindow, session: Session
) -> None:
    made = chosen(qtbot, session, "u-matrix")
    chosen(qtbot, session, "hits")
    session.layers.choose(session.layers.wished("u-matrix"))
    assert session.layers.plane is made
    session.layers.change(statistic="max")
    assert session.layers.plane is None
    qtbot.waitUntil(lambda: session.layers.plane is not None, timeout=WAIT_MS)
    chosen(qtbot, session, "hits")
    assert session.layers.wished("u-matrix").statistic == "max"
    train(qtbot, session)
    fresh = chosen(qtbot, session, "u-matrix")
    assert session.model is not None
    expected = planes.u_matrix_plane(session.model, "max")
    assert np.array_equal(fresh.values, expected.values)


def test_each_layer_has_its_own_opacity_and_the_slider_follows(
    qtbot: QtBot, mapped: MainWindow, session: Session
) -> None:
    slider = mapped.map_view.layer_bar.opacity
    chosen(qtbot, session, "hits")
    slider.setValue(30)
    assert session.layers.opacity == 0.3
    chosen(qtbot, session, "walls")
    assert slider.value() == 100
    session.layers.set_opacity(0.5)
    assert slider.value() == 50
    chosen(qtbot, session, "hits")
    assert slider.value() == 30


def test_what_takes_long_is_announced(
    qtbot: QtBot, mapped: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(_facts: object, _wish: object) -> Plane:
        begun.set()
        go_on.wait(WAIT_MS / 1000)
        return Plane("Slow", np.zeros(12))

    monkeypatch.setitem(wishes.KINDS, "hits", dataclasses.replace(wishes.KINDS["hits"], make=slow))
    legend = mapped.map_view.layer_bar.legend
    session.layers.choose(session.layers.wished("hits"))
    qtbot.waitUntil(lambda: "Making hits" in legend.accessibleName(), timeout=WAIT_MS)
    qtbot.waitUntil(begun.is_set, timeout=WAIT_MS)
    go_on.set()
    qtbot.waitUntil(lambda: "Slow" in legend.accessibleName(), timeout=WAIT_MS)


# --- choices of single layers -------------------------------------------------------------------


@pytest.mark.parametrize(("box", "value"), [("method", "k-means"), ("clusters", 3)])
@pytest.mark.slow
def test_clusters_have_a_method_and_a_number(
    qtbot: QtBot, mapped: MainWindow, session: Session, box: str, value: object
) -> None:
    bar = mapped.map_view.layer_bar
    before = chosen(qtbot, session, "clusters")
    assert bar.method.isVisible()
    assert bar.clusters.text() == "best"
    if box == "method":
        bar.method.setCurrentIndex(bar.method.findData(value))
        bar.method.activated.emit(bar.method.currentIndex())
    else:
        bar.clusters.setValue(3)
    qtbot.waitUntil(
        lambda: session.layers.plane is not None and session.layers.plane is not before,
        timeout=WAIT_MS,
    )
    assert getattr(session.layers.wish, box) == value
    assert session.layers.plane is not None
    assert session.model is not None
    wish = session.layers.wish
    expected = finish(label_planes.clusters_parts(session.model, wish.method, wish.clusters))
    assert np.array_equal(session.layers.plane.values, expected.values)
    assert session.layers.plane.kinds == expected.kinds


def test_the_statistic_of_the_u_matrix_is_chosen_by_its_box(
    qtbot: QtBot, mapped: MainWindow, session: Session
) -> None:
    bar = mapped.map_view.layer_bar
    chosen(qtbot, session, "u-matrix")
    bar.statistic.setCurrentIndex(bar.statistic.findData("min"))
    bar.statistic.activated.emit(bar.statistic.currentIndex())
    qtbot.waitUntil(lambda: session.layers.plane is not None, timeout=WAIT_MS)
    assert session.layers.plane is not None
    assert "min distance" in session.layers.plane.unit


def test_the_number_of_a_principal_component(
    qtbot: QtBot, mapped: MainWindow, session: Session
) -> None:
    bar = mapped.map_view.layer_bar
    chosen(qtbot, session, "principal")
    assert (bar.component.minimum(), bar.component.maximum()) == (1, 12)
    bar.component.setValue(3)
    qtbot.waitUntil(
        lambda: session.layers.plane is not None and "axis 3" in session.layers.plane.unit,
        timeout=WAIT_MS,
    )


def test_topographic_errors_say_what_they_need(
    qtbot: QtBot, mapped: MainWindow, session: Session, tmp_path: Path
) -> None:
    plane = chosen(qtbot, session, "topographic")
    assert session.dataset is not None
    assert session.model is not None
    best, _ = nearest_units(session.dataset.vectors, session.model.weights, "euclidean", 2)
    expected = planes.topographic_error_plane(best[:, 0], best[:, 1], session.model)
    np.testing.assert_array_equal(plane.values, expected.values)
    save(session, tmp_path / "map.i2m")
    session.open_project(tmp_path / "map.i2m")
    qtbot.waitUntil(lambda: bool(session.layers.reason), timeout=WAIT_MS)
    assert "go on training (F7)" in mapped.map_view.layer_bar.legend.accessibleName()


# --- the pointer and dropped pictures -----------------------------------------------------------


def point(qtbot: QtBot, window: MainWindow, unit: int, across: float, down: float) -> None:
    """Move the pointer to a place in the picture of a unit."""
    session, view = window.session, window.map_view
    assert session.map is not None
    x, y = session.map.cells.outlines[unit].min(axis=0)
    place = view._box.mapViewToScene(QPointF(x + across, y + down))
    pixel = view._canvas.mapFromScene(place)
    turn = iter(range(10_000))

    def arrived() -> bool:
        qtbot.mouseMove(view.canvas, pixel + QPoint(next(turn) % 2, 0))
        width = session.map.spec.shape[1]
        expected = int(down * 16) * width + int(across * 16)
        return abs(session.layers.wish.component - expected) <= 1

    qtbot.waitUntil(arrived, timeout=WAIT_MS)


def test_the_plane_of_a_pixel_follows_the_pointer(
    qtbot: QtBot, mapped: MainWindow, session: Session
) -> None:
    QTest.keyClick(mapped.map_view.canvas.parent(), Qt.Key.Key_M)
    assert session.layers.plane is not None
    assert session.layers.plane.title == "Pixel in row 9, column 9"  # nothing was pointed at yet
    assert not mapped.map_view.layer_bar.channel.isVisible()
    for unit, across, down in ((5, 0.2, 0.7), (9, 0.8, 0.4)):
        point(qtbot, mapped, unit, across, down)
        index = session.layers.wish.component
        assert session.map is not None
        expected = session.map.weights[:, index].astype(float)
        assert np.array_equal(session.layers.plane.values, expected)


def test_a_coloured_pixel_has_channels(
    qtbot: QtBot, window: MainWindow, session: Session, tmp_path: Path
) -> None:
    for index in range(8):
        write_picture(
            tmp_path / f"{index}.png", np.full((8, 8, 3), [30 * index, 90, 200], np.uint8)
        )
    open_pictures(qtbot, session, tmp_path)
    session.set_spec(ImageSpec(size=(8, 8), colour="rgb"))
    session.set_params(SMALL)
    train(qtbot, session)
    window.complete()
    session.layers.choose(session.layers.wished(COMPONENT))
    box = window.map_view.layer_bar.channel
    assert [box.itemText(row) for row in range(box.count())] == [
        "Lightness",
        "Red",
        "Green",
        "Blue",
    ]
    assert (box.isVisible(), box.currentText()) == (True, "Lightness")
    assert session.layers.plane is not None
    assert "lightness" in session.layers.plane.title
    for place, name in ((1, "red"), (3, "blue"), (0, "lightness")):
        box.setCurrentIndex(place)
        box.activated.emit(place)
        assert session.layers.plane.title.endswith(name)
        assert session.layers.plane.title.startswith("Pixel in row 5, column 5")
        assert box.currentData() == name


def test_units_without_pixels_have_numbered_components(
    qtbot: QtBot, window: MainWindow, session: Session, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_spec(ImageSpec(size=(16, 16), features="hog"))
    session.set_params(SMALL)
    train(qtbot, session)
    window.complete()
    session.layers.choose(session.layers.wished(COMPONENT))
    bar = window.map_view.layer_bar
    assert (bar.component.isVisible(), bar.channel.isVisible()) == (True, False)
    bar.component.setValue(4)
    assert session.layers.plane is not None
    assert session.map is not None
    assert np.array_equal(session.layers.plane.values, session.map.weights[:, 3].astype(float))


def test_the_distance_of_a_dropped_picture_is_shown_while_the_pointer_is_elsewhere(
    qtbot: QtBot, mapped: MainWindow, session: Session, pictures: Path
) -> None:
    session.layers.choose(session.layers.wished(DISTANCE))
    assert session.layers.plane is None
    assert "drop a picture" in session.layers.reason
    for name in ("flat/line 1.png", "steep/line 3.png"):
        session.classify([pictures / name])
        wait_idle(qtbot, session)
        match, plane, state = session.matches[0], session.layers.plane, session.map
        assert plane is not None
        assert state is not None
        assert plane.title == f"Distance of {Path(name).name}"
        expected = np.linalg.norm(state.weights - match.vector, axis=1)
        np.testing.assert_allclose(plane.values, expected, rtol=1e-4, atol=1e-5)
        assert int(plane.values.argmin()) == match.unit
    mapped.answers.table.picked.emit(session.matches[1])
    assert session.layers.plane.title == "Distance of line 1.png"
    hover(qtbot, mapped, 7)
    assert session.layers.plane.title == "Distance from row 2, column 4"
    session.layers.point_at(None)
    assert session.layers.plane.title == "Distance of line 1.png"
    session.clear_matches()
    assert session.layers.plane.title == "Distance from row 2, column 4"


@pytest.mark.slow
def test_pointed_layers_follow_a_training(
    qtbot: QtBot, mapped: MainWindow, session: Session
) -> None:
    session.layers.choose(session.layers.wished(DISTANCE))
    session.layers.point_at(3)
    session.set_params(SomParams(rows=3, columns=4, epochs=100_000))
    session.train()
    session.layers.point_at(3)
    qtbot.waitUntil(lambda: session.map is not None and bool(session.layers.plane), timeout=WAIT_MS)
    seen: list[bool] = []

    def agree() -> None:
        state, plane = session.map, session.layers.plane
        if state is not None and plane is not None:
            expected = np.linalg.norm(state.weights - state.weights[3], axis=1)
            seen.append(bool(np.allclose(plane.values, expected, rtol=1e-3, atol=1e-5)))

    session.map_changed.connect(agree)
    qtbot.waitUntil(lambda: len(seen) > 3, timeout=WAIT_MS)
    assert all(seen)


# --- drawing ------------------------------------------------------------------------------------


def painted(item: LayerItem, size: tuple[int, int], moved: tuple[float, float]) -> np.ndarray:
    """Paint a layer at 20 pixels a cell, moved by so many pixels, on white."""
    image = QImage(*size, QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.translate(*moved)
    painter.scale(20, 20)
    item.paint(painter, QStyleOptionGraphicsItem(), None)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(size[1], image.bytesPerLine())
    return rows[:, : 3 * size[0]].reshape(size[1], size[0], 3).copy()


@pytest.mark.parametrize("name", ["u-matrix", "u-matrix-expanded", "walls", "pies", "clusters"])
@pytest.mark.slow
def test_a_layer_can_be_painted_anywhere(
    qtbot: QtBot, mapped: MainWindow, session: Session, name: str
) -> None:
    plane, state = chosen(qtbot, session, name), session.map
    assert state is not None
    item = LayerItem()
    item.show_plane(plane, state.cells, 1.0)
    here = painted(item, (80, 60), (0, 0))
    assert (here != 255).any()
    there = painted(item, (200, 180), (100, 40))
    assert np.array_equal(here[4:-4, 4:-4], there[44:96, 104:176])
    part = painted(item, (40, 30), (-20, -20))  # what is not seen may be left out
    assert np.array_equal(here[24:46, 24:56], part[4:26, 4:36])


def test_walls_are_lighter_where_neighbours_are_farther_apart(mapped: MainWindow) -> None:
    cells = mapped.session.map.cells
    pairs, ends = cells.walls
    lengths = np.linspace(1, 2, len(pairs))
    plane = Plane("Walls", np.zeros(12), "", "viridis", 1.0, 2.0, form=WALLS, details=lengths)
    item = LayerItem()
    item.show_plane(plane, cells, 1.0)
    picture = painted(item, (80, 60), (0, 0))
    for wall, lightest in ((0, False), (len(pairs) - 1, True)):
        x, y = (20 * ends[wall].mean(axis=0)).astype(int)
        spot = picture[y - 1 : y + 1, x - 1 : x + 1].reshape(-1, 3).astype(int)
        yellow = (spot[:, 0] > 200) & (spot[:, 1] > 180) & (spot[:, 2] < 120)
        assert yellow.any() == lightest


def test_a_pie_has_its_labels_in_order(mapped: MainWindow) -> None:
    cells = mapped.session.map.cells
    counts = np.zeros((12, 2), np.int64)
    counts[5] = 3, 1
    plane = Plane(
        "Pies", counts.sum(axis=1).astype(float), kinds=("a", "b"), form=PIES, details=counts
    )
    item = LayerItem()
    item.show_plane(plane, cells, 1.0)
    picture = painted(item, (80, 60), (0, 0))
    first, second = kind_colours(2).tolist()
    x, y = (20 * cells.middles[5]).astype(int)
    assert picture[y - 4, x + 4].tolist() == picture[y + 4, x + 4].tolist() == first
    assert picture[y + 4, x - 4].tolist() == first
    assert picture[y - 4, x - 4].tolist() == second  # the last quarter, clockwise from the top
    assert (picture[5, 5] == 255).all()
