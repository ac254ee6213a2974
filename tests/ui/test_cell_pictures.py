"""Pictures in the cells: real ones, collages and means over a finished map."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, save, train, wait_idle
from PySide6.QtGui import QStandardItemModel
from pytestqt.qtbot import QtBot

from image2map_gui.core.picture.members import mean_pictures, medoids, nearest_members
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.cell_pictures import CELLS, OF_VECTORS, PROTOTYPES
from image2map_gui.ui.session.session import Session

SMALL = SomParams(rows=3, columns=4, epochs=5)


def choose(qtbot: QtBot, window: MainWindow, kind: str) -> np.ndarray:
    """Choose what the cells show by the box, and return the sheet that is shown."""
    session, box = window.session, window.map_view.layer_bar.cells
    box.setCurrentIndex(box.findData(kind))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: not session.cells.busy, timeout=WAIT_MS)
    assert session.map is not None
    sheet = session.cells.sheet_for(session.map)
    assert window.map_view._sheet.sheet is sheet
    return sheet


@pytest.mark.parametrize("kind", [kind for kind, _ in CELLS if kind != PROTOTYPES])
@pytest.mark.slow
def test_cells_show_what_was_chosen_and_prototypes_again(
    qtbot: QtBot, mapped: MainWindow, kind: str
) -> None:
    state = mapped.session.map
    assert state is not None
    sheet = choose(qtbot, mapped, kind)
    assert sheet is not state.sheet
    assert sheet.shape[1] * 3 == sheet.shape[0] * 4
    assert choose(qtbot, mapped, PROTOTYPES) is state.sheet


def test_the_nearest_picture_of_a_unit_is_in_its_cell(qtbot: QtBot, mapped: MainWindow) -> None:
    session = mapped.session
    state, dataset = session.map, session.dataset
    assert state is not None
    assert dataset is not None
    sheet = choose(qtbot, mapped, "nearest")
    side = sheet.shape[0] // 3
    found = nearest_members(state.units, state.distances, 12, 1)[:, 0]
    for unit, row in enumerate(found.tolist()):
        y, x = (state.grid.cells[unit] * side).tolist()
        tile = sheet[y : y + side, x : x + side, 0].astype(int)
        if row < 0:
            assert (tile == 225).all()
            continue
        small = dataset.pictures(np.array([row]))[0, :, :, 0].astype(int)
        larger = np.kron(small, np.ones((side // 16, side // 16)))
        assert np.abs(tile - larger).mean() < 40  # resized in another way, but the same drawing
        assert np.corrcoef(tile.reshape(-1), larger.reshape(-1))[0, 1] > 0.8


def test_means_and_medoids_are_those_of_core(qtbot: QtBot, mapped: MainWindow) -> None:
    session = mapped.session
    state, dataset = session.map, session.dataset
    assert state is not None
    assert dataset is not None
    sheet = choose(qtbot, mapped, "means")
    means = mean_pictures(dataset, state.units, 12)
    y, x = (state.grid.cells[5] * 16).tolist()
    assert np.array_equal(sheet[y : y + 16, x : x + 16], np.broadcast_to(means[5], (16, 16, 3)))
    assert (medoids(dataset.vectors, state.units, 12, state.metric) >= -1).all()


def test_cells_follow_a_new_map(qtbot: QtBot, mapped: MainWindow, session: Session) -> None:
    choose(qtbot, mapped, "nearest")
    session.set_params(SomParams(rows=2, columns=2, epochs=3))
    train(qtbot, session)
    qtbot.waitUntil(
        lambda: session.cells.sheet_for(session.map) is not session.map.sheet, timeout=WAIT_MS
    )
    assert session.cells.sheet_for(session.map).shape[0] > 2 * 16


def test_what_needs_vectors_waits_for_them(
    qtbot: QtBot, mapped: MainWindow, session: Session, tmp_path: Path
) -> None:
    bar = mapped.map_view.layer_bar
    model = bar.cells.model()
    assert isinstance(model, QStandardItemModel)
    rows = [bar.cells.findData(kind) for kind in OF_VECTORS]
    assert all(model.item(row).isEnabled() for row in rows)
    save(session, tmp_path / "map.i2m")
    session.open_project(tmp_path / "map.i2m")
    wait_idle(qtbot, session)
    assert not any(model.item(row).isEnabled() for row in rows)
    choose(qtbot, mapped, "collage-2")


def test_a_map_whose_pictures_are_gone_has_prototypes(qtbot: QtBot, mapped: MainWindow) -> None:
    session = mapped.session
    addresses = [source.address for source in session.sources]
    session.curator.exclude(addresses[:6])
    train(qtbot, session)
    choose(qtbot, mapped, "nearest")
    session.curator.remove(addresses[6:])
    wait_idle(qtbot, session)
    assert session.map is not None
    assert session.map.pictures == ()
    assert len(session.sources) == 6
    assert not session.cells.possible
    assert session.cells.sheet_for(session.map) is session.map.sheet
    session.curator.undo()
    assert session.cells.possible
