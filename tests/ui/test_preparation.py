"""Preparations in the window: seen before and after, trained, saved and opened again."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, open_pictures, save, train, wait_idle
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.panels.classify_panel import ClassifyPanel
from image2map_gui.ui.panels.hyperparameter_dock import HyperparameterDock
from image2map_gui.ui.session.session import Session

SMALL = SomParams(rows=3, columns=4, epochs=5)


def open_and_see(qtbot: QtBot, session: Session, folder: Path) -> None:
    with qtbot.waitSignal(session.examples.completed, timeout=WAIT_MS):
        session.open_pictures([folder])
    wait_idle(qtbot, session)


def test_four_pictures_are_shown_before_and_after(
    qtbot: QtBot, session: Session, dock: HyperparameterDock, pictures: Path
) -> None:
    assert not dock.preparation.isVisible()
    open_and_see(qtbot, session, pictures)
    assert dock.preparation.isVisible()
    assert not any(tile.empty for tile in dock.preparation.before + dock.preparation.after)
    assert len(session.examples.made) == 4
    example = next(iter(session.examples.made.values()))
    assert session.dataset is not None
    row = session.dataset.sources.index(example.source)
    expected = session.dataset.pictures(np.array([row]))[0]
    assert np.array_equal(example.after, np.broadcast_to(expected, example.after.shape))


def test_the_after_follows_the_form(
    qtbot: QtBot, session: Session, dock: HyperparameterDock, pictures: Path
) -> None:
    open_and_see(qtbot, session, pictures)
    before = {key: example.after for key, example in session.examples.made.items()}
    box = dock.field("features").findChild(QComboBox)
    box.setCurrentIndex(box.findData("fourier"))
    with qtbot.waitSignal(session.examples.completed, timeout=WAIT_MS):
        box.activated.emit(box.currentIndex())
    after = session.examples.made
    assert before.keys() == after.keys()
    assert all(not np.array_equal(before[key], after[key].after) for key in before)
    assert not dock.field("colour").findChild(QComboBox).isEnabled()
    assert "pixels" in dock.field("colour").caption.toolTip()


def test_other_pictures_are_one_click_away(
    qtbot: QtBot, session: Session, dock: HyperparameterDock, pictures: Path
) -> None:
    open_and_see(qtbot, session, pictures)
    first = set(session.examples.made)
    with qtbot.waitSignal(session.examples.completed, timeout=WAIT_MS):
        qtbot.mouseClick(dock.preparation.others, Qt.MouseButton.LeftButton)
    assert set(session.examples.made) != first


def test_a_picture_that_cannot_be_read_leaves_its_place_empty(
    qtbot: QtBot, session: Session, dock: HyperparameterDock, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    for path in pictures.rglob("*.png"):
        path.write_text("no picture any more")
    with qtbot.waitSignal(session.examples.completed, timeout=WAIT_MS):
        session.set_spec(dataclasses.replace(session.spec, invert=True))
    assert session.examples.made == {}
    assert all(tile.empty for tile in dock.preparation.before + dock.preparation.after)


@pytest.mark.parametrize(
    "change",
    [{"features": "hog"}, {"reduction": "pca"}, {"value_range": "z-score", "colour": "lab"}],
    ids=["hog", "pca", "z-score"],
)
@pytest.mark.slow
def test_a_prepared_map_is_trained_saved_opened_and_gone_on_with(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path, change: dict[str, str]
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    session.set_spec(dataclasses.replace(session.spec, **change))
    train(qtbot, session)
    assert session.map is not None
    assert session.map.sheet.shape[0] == 3 * session.spec.size[1]
    assert (session.map.unit_caption == "prototype") == session.map.spec.plain
    units = session.map.units
    assert save(session, tmp_path / "map.i2m")
    tiles = session.map.drawing.tiles
    session.open_project(tmp_path / "map.i2m")
    assert session.map is not None
    assert np.array_equal(session.map.drawing.tiles, tiles)
    session.measure()
    wait_idle(qtbot, session)
    assert session.quality is not None
    session.classify([pictures])
    wait_idle(qtbot, session)
    assert [match.unit for match in session.matches] == units.tolist()
    panel = ClassifyPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    assert not panel.card.tiles[0].empty
    assert panel.card.tiles[2].isVisible() == session.map.spec.plain
    session.go_on()
    wait_idle(qtbot, session)
    assert len(session.history) == 10
    assert session.map.projection is session.dataset.projection
    panel.halt()  # as the window does


def test_pictures_added_to_a_project_are_projected_as_its_map(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures / "flat")
    session.set_params(SMALL)
    session.set_spec(ImageSpec(size=(16, 16), reduction="whitened-pca"))
    train(qtbot, session)
    save(session, tmp_path / "map.i2m")
    session.open_project(tmp_path / "map.i2m")
    session.add_pictures([pictures / "steep"])
    wait_idle(qtbot, session)
    assert session.dataset is not None
    assert session.model is not None
    assert len(session.dataset) == 12
    assert session.dataset.projection is session.model.projection
    assert session.map is not None
    assert len(session.map.units) == 12
