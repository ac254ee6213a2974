"""The inspector: one unit, several units, one picture; what is said is reckoned again here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from conftest import WAIT_MS, open_pictures
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from image2map_gui.ui.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def show(qtbot: QtBot, window: MainWindow) -> None:
    window._docks["unit"].raise_()
    qtbot.waitUntil(window.inspector.isVisible)


def full_unit(window: MainWindow) -> int:
    """Return the unit with the most pictures."""
    return int(np.argmax(window.session.map.hits))


def test_a_unit_has_its_pictures_labels_error_and_neighbours(
    qtbot: QtBot, mapped: MainWindow
) -> None:
    session, inspector = mapped.session, mapped.inspector
    show(qtbot, mapped)
    state, unit = session.map, full_unit(mapped)
    session.select_unit(unit)
    row, column = state.grid.cells[unit]
    assert inspector.title == f"Row {row + 1}, column {column + 1}"
    members = state.members(unit)
    mean = np.mean([far for _, far in members])
    lines = inspector.facts.splitlines()
    assert lines[0] == f"{len(members)} pictures"
    assert lines[1] == f"mean distance {mean:.4g} (error {state.error_level(unit)})"
    label, count = state.labels(unit)[0]
    assert f"{label} ({count})" in lines[2]
    model = inspector.members
    assert [model.source(place) for place in range(model.rowCount())] == [one for one, _ in members]
    assert model.caption(0).startswith(f"{members[0][1]:.3g}")
    assert not inspector._prototype.empty
    assert not inspector._picture.isVisible()
    near = state.grid.neighbours(unit)
    shown = [button for button in inspector.neighbours.buttons if button.isVisible()]
    assert {button.property("unit") for button in shown} == set(near.tolist())
    far = [np.linalg.norm(state.weights[unit] - state.weights[other]) for other in near]
    assert [button.text() for button in shown] == [f"{value:.3g}" for value in sorted(far)]


def test_neighbours_are_reached_by_mouse_and_key(qtbot: QtBot, mapped: MainWindow) -> None:
    show(qtbot, mapped)
    mapped.session.select_unit(5)
    button = mapped.inspector.neighbours.buttons[0]
    first = button.property("unit")
    assert "distance" in button.accessibleName()
    qtbot.mouseClick(button, LEFT)
    assert mapped.session.unit == first
    second = mapped.inspector.neighbours.buttons[1]
    wanted = second.property("unit")
    second.setFocus()
    qtbot.keyClick(second, Qt.Key.Key_Space)
    assert mapped.session.selection.units.tolist() == [wanted]


def test_several_units_are_told_of_together(qtbot: QtBot, mapped: MainWindow) -> None:
    show(qtbot, mapped)
    session, inspector = mapped.session, mapped.inspector
    session.selection.select_all_units()
    state = session.map
    assert inspector.title == "12 units"
    assert inspector.facts.splitlines() == [
        "12 pictures", f"mean distance {state.distances.mean():.4g}", "flat (6), steep (6)",
    ]  # fmt: skip
    assert not inspector.neighbours.isVisible()
    model = inspector.members
    order = np.argsort(state.distances, kind="stable")
    expected = [state.pictures[place] for place in order]
    assert [model.source(row) for row in range(model.rowCount())] == expected


def test_a_picture_among_those_of_several_units(qtbot: QtBot, mapped: MainWindow) -> None:
    show(qtbot, mapped)
    session, inspector = mapped.session, mapped.inspector
    session.selection.select_all_units()
    gallery = inspector.gallery
    qtbot.waitUntil(lambda: not gallery.visualRect(gallery.model().index(1, 0)).isEmpty())
    spot = gallery.visualRect(gallery.model().index(1, 0)).center()
    qtbot.mouseClick(gallery.viewport(), LEFT, pos=spot)
    source = inspector.members.source(1)
    assert session.chosen == (source.address,)
    assert len(session.selection.units) == 12, "the units stay selected"
    assert session.unit == session.map.unit_of[source.address], "its unit leads"
    assert inspector.title == source.name
    assert inspector.members.rowCount() == 12


def test_a_picture_is_told_of_with_its_unit_and_its_file(
    qtbot: QtBot, mapped: MainWindow, pictures: Path
) -> None:
    show(qtbot, mapped)
    session, inspector, state = mapped.session, mapped.inspector, mapped.session.map
    unit = full_unit(mapped)
    source, far = state.members(unit)[0]
    session.choose([source.address])
    assert inspector.title == source.name
    row, column = state.grid.cells[unit]
    said = inspector.facts.splitlines()
    assert said[:3] == [
        f"label {source.label}", f"row {row + 1}, column {column + 1}", f"distance {far:.4g}",
    ]  # fmt: skip
    assert said[3] == "nearer than 100% of the others on its unit"
    assert inspector._picture.isVisible()
    assert inspector._prototype.isVisible()
    qtbot.waitUntil(lambda: "pixels" in inspector.details, timeout=WAIT_MS)
    first, about, changed = inspector.details.splitlines()
    assert first == source.address
    assert about.startswith("16 x 16 pixels · PNG · grey · ")
    assert changed.startswith("file changed 20")
    qtbot.waitUntil(lambda: not inspector._picture.empty, timeout=WAIT_MS)
    other = session.sources[-1]
    session.choose([other.address])
    qtbot.waitUntil(
        lambda: other.address in inspector.details and "pixels" in inspector.details,
        timeout=WAIT_MS,
    )


def test_a_picture_that_is_gone_says_so(qtbot: QtBot, mapped: MainWindow) -> None:
    show(qtbot, mapped)
    source = mapped.session.sources[3]
    Path(source.path).unlink()
    mapped.session.choose([source.address])
    qtbot.waitUntil(lambda: "\nIt " in mapped.inspector.details, timeout=WAIT_MS)
    assert mapped.inspector.details.endswith(".")


def test_without_its_map_nothing_of_a_unit_is_listed(
    qtbot: QtBot, mapped: MainWindow, tmp_path: Path
) -> None:
    session = mapped.session
    show(qtbot, mapped)
    session.selection.select_all_units()
    assert len(mapped.inspector.members.places) == 12
    few = tmp_path / "few"
    few.mkdir()
    for source in session.sources[:3]:
        Path(source.path).rename(few / f"{source.label} {source.name}")
    open_pictures(qtbot, session, few)
    assert session.map is None
    session.choose([session.sources[0].address])
    assert len(mapped.inspector.members.places) == 0
    assert not mapped.inspector.gallery.isVisible()


def test_every_control_has_a_name(qtbot: QtBot, mapped: MainWindow) -> None:
    show(qtbot, mapped)
    mapped.session.select_unit(5)
    for widget in mapped.inspector.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            told = widget.accessibleName() or getattr(widget, "text", str)()
            assert told or widget.objectName().startswith("qt_"), widget
