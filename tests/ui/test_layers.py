"""Layers over the map: chosen by list, key or menu, made beside all else, right in every cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, open_pictures, train, wait_idle
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from image2map_gui.core.picture import label_planes
from image2map_gui.core.picture.plane import PIES, WALLS
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.layers import DISTANCE, LAYERS, NONE
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session import Session

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
