"""Selecting on the map by mouse and keys, and all parts of the window that follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, open_pictures, train
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.map_view.gestures import inside
from image2map_gui.ui.widgets import spoken

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
ALT, NONE = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier
MAPS = {
    "square": SomParams(rows=3, columns=4, epochs=3),
    "hexagonal": SomParams(rows=3, columns=4, epochs=3, tiling="hexagonal"),
    "line": SomParams(rows=3, columns=4, epochs=3, topology="line"),
    "torus": SomParams(rows=3, columns=4, epochs=3, topology="mesh"),
}


@pytest.fixture
def mapped(
    qtbot: QtBot, window: MainWindow, pictures: Path, request: pytest.FixtureRequest
) -> MainWindow:
    """Return a window with a map of 3 x 4 cells; a test may say of which kind."""
    open_pictures(qtbot, window.session, pictures)
    window.session.set_params(MAPS[getattr(request, "param", "square")])
    train(qtbot, window.session)
    window.complete()
    QApplication.processEvents()
    return window


no_grabbing = pytest.mark.qt_log_ignore("This plugin does not support grabbing", extend=True)
every_map = pytest.mark.parametrize("mapped", list(MAPS), indirect=True)


def place(window: MainWindow, row: float, column: float) -> QPoint:
    """Return where a place of the lattice is, counted in cells from the middle of the first."""
    state, view = window.session.map, window.map_view
    cells = state.grid.unit_table
    first = view.point_of(int(cells[0, 0]))
    right, down = view.point_of(int(cells[0, 1])), view.point_of(int(cells[2, 0]))
    return (first + (right - first) * column + (down - first) / 2 * row).toPoint()


def click(window: MainWindow, row: int, column: int, keys: Qt.KeyboardModifier = NONE) -> None:
    unit = int(window.session.map.grid.unit_table[row, column])
    spot = window.map_view.point_of(unit).toPoint()
    QTest.mouseClick(window.map_view.canvas, LEFT, keys, spot)


def drag(
    window: MainWindow, points: Iterable[QPoint], keys: Qt.KeyboardModifier, *, drop: bool = True
) -> None:
    """Press at the first point, draw through the others, and release at the last one."""
    first, *others = points
    canvas = window.map_view.canvas
    QTest.mousePress(canvas, LEFT, keys, first)
    for point in others:
        QTest.mouseMove(canvas, point)
    if drop:
        QTest.mouseRelease(canvas, LEFT, keys, others[-1])


def cells(window: MainWindow) -> set[tuple[int, int]]:
    """Return the selected units as rows and columns."""
    session = window.session
    return {tuple(cell) for cell in session.map.grid.cells[session.selection.units].tolist()}


def rectangle(top: int, left: int, bottom: int, right: int) -> set[tuple[int, int]]:
    return {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}


def on_units(window: MainWindow) -> set[str]:
    """Return the addresses of the pictures on the selected units, reckoned plainly."""
    state = window.session.map
    wanted = set(window.session.selection.units.tolist())
    return {one.address for one in state.pictures if state.unit_of[one.address] in wanted}


def in_browser(window: MainWindow) -> set[str]:
    rows = {index.row() for index in window.browser.gallery.selectionModel().selectedRows()}
    return {window.browser.pictures.source(row).address for row in rows}


def keys(window: MainWindow, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(window.map_view.canvas.parent(), key, held)


# --- gestures -----------------------------------------------------------------------------------


@every_map
def test_click_toggle_and_range(mapped: MainWindow) -> None:
    mapped.map_view.zoom(0.5)  # where cells are closed: in open ones a click selects a picture
    click(mapped, 0, 1)
    assert cells(mapped) == {(0, 1)}
    click(mapped, 2, 3, CTRL)
    assert cells(mapped) == {(0, 1), (2, 3)}
    assert mapped.session.unit == mapped.session.map.grid.unit_at(2, 3), "the last one leads"
    click(mapped, 2, 3, CTRL)
    assert cells(mapped) == {(0, 1)}
    click(mapped, 1, 2, SHIFT)
    assert cells(mapped) == rectangle(0, 1, 1, 2)
    click(mapped, 2, 0, SHIFT)
    assert cells(mapped) == rectangle(0, 0, 2, 1), "ranges begin where the last click was"
    click(mapped, 0, 3, SHIFT | CTRL)
    assert cells(mapped) == rectangle(0, 0, 2, 1) | rectangle(0, 1, 0, 3)
    click(mapped, 1, 1)
    assert cells(mapped) == {(1, 1)}
    assert set(mapped.session.chosen) == on_units(mapped) == in_browser(mapped)


def test_a_click_beside_the_map_selects_nothing(mapped: MainWindow) -> None:
    click(mapped, 0, 1)
    QTest.mouseClick(mapped.map_view.canvas, LEFT, CTRL, QPoint(3, 3))
    assert cells(mapped) == {(0, 1)}
    QTest.mouseClick(mapped.map_view.canvas, LEFT, NONE, QPoint(3, 3))
    assert cells(mapped) == set()
    assert mapped.session.unit is None
    assert mapped.session.chosen == ()
    assert mapped.inspector.title.startswith("Click a unit")


@every_map
@pytest.mark.slow
def test_shift_and_drag_select_a_rectangle(mapped: MainWindow) -> None:
    start, end = place(mapped, -0.3, 0.7), place(mapped, 1.4, 2.4)
    drag(mapped, (start, place(mapped, 0.5, 1), end), SHIFT, drop=False)
    assert mapped.map_view._trace.drawn
    QTest.mouseRelease(mapped.map_view.canvas, LEFT, SHIFT, end)
    assert not mapped.map_view._trace.drawn
    hexagonal = mapped.session.map.grid.hexagonal  # every second row is half a cell to the right
    expected = {(0, 1), (0, 2), (1, 1)} if hexagonal else rectangle(0, 1, 1, 2)
    assert cells(mapped) == expected
    assert set(mapped.session.chosen) == on_units(mapped) == in_browser(mapped)
    drag(mapped, (place(mapped, 2.4, -0.4), place(mapped, 1.7, 0.3)), SHIFT | CTRL)
    assert cells(mapped) == expected | {(2, 0)}
    drag(mapped, (place(mapped, 2.4, -0.4), place(mapped, 1.7, 0.3)), SHIFT)
    assert cells(mapped) == {(2, 0)}


@every_map
@pytest.mark.slow
def test_alt_and_drag_draw_a_lasso(mapped: MainWindow) -> None:
    """Around the first row and the first column, in an L that leaves out the cell between."""
    corners = [(-0.4, -0.4), (-0.4, 2.3), (0.4, 2.3), (0.4, 0.8), (2.4, 0.4), (2.4, -0.4)]
    drag(mapped, [place(mapped, *corner) for corner in corners], ALT)
    assert cells(mapped) >= {(0, 0), (0, 1), (0, 2), (2, 0)}
    assert cells(mapped).isdisjoint({(1, 1), (1, 2), (2, 2), (0, 3)})
    drag(mapped, [place(mapped, *one) for one in ((1.6, 2.5), (1.6, 3.5), (2.4, 3))], ALT | CTRL)
    assert cells(mapped) >= {(0, 0), (2, 0), (2, 3)}
    drag(mapped, [place(mapped, *one) for one in ((1.6, 2.5), (1.6, 3.5), (2.4, 3))], ALT)
    assert cells(mapped) == {(2, 3)}


def test_a_lasso_can_be_asked_for_without_a_key(mapped: MainWindow) -> None:
    mapped.actions_by_name["lasso"].trigger()
    corners = ((-0.4, -0.4), (-0.4, 0.4), (2.4, 0.4), (2.4, -0.4))
    drag(mapped, [place(mapped, *corner) for corner in corners], NONE)
    assert cells(mapped) == {(0, 0), (1, 0), (2, 0)}
    area = mapped.map_view._box.viewRect()
    drag(mapped, [place(mapped, *corner) for corner in corners], NONE)
    assert cells(mapped) == {(0, 0), (1, 0), (2, 0)}
    assert mapped.map_view._box.viewRect() != area, "the next drag moves the map again"


@pytest.mark.slow
def test_escape_ends_what_is_drawn_and_not_the_training(qtbot: QtBot, mapped: MainWindow) -> None:
    session = mapped.session
    session.set_params(SomParams(rows=3, columns=4, epochs=100_000))
    session.train()
    qtbot.waitUntil(lambda: session.map is not None and session.map.units is not None)
    mapped.activateWindow()
    mapped.map_view.setFocus()
    drag(mapped, (place(mapped, 0, 0), place(mapped, 2, 2)), SHIFT, drop=False)
    keys(mapped, Qt.Key.Key_Escape)
    assert not mapped.map_view._trace.drawn
    QTest.mouseRelease(mapped.map_view.canvas, LEFT, SHIFT, place(mapped, 2, 2))
    assert cells(mapped) == set()
    assert session.training
    session.halt()


def test_a_drag_without_a_key_moves_the_map(qtbot: QtBot, mapped: MainWindow) -> None:
    click(mapped, 1, 1)
    area = mapped.map_view._box.viewRect()
    steps = iter(range(10_000))

    def moved() -> bool:
        start = place(mapped, 1, 1) + QPoint(12 * next(steps) % 60, 0)
        drag(mapped, [start, start + QPoint(0, 20)], NONE)
        return mapped.map_view._box.viewRect() != area

    qtbot.waitUntil(moved, timeout=WAIT_MS)
    assert cells(mapped) == {(1, 1)}


def test_points_inside_an_outline() -> None:
    chance = np.random.default_rng(5)
    points = chance.random((500, 2))
    triangle = np.array([[0.1, 0.1], [0.9, 0.2], [0.3, 0.8]])
    turned = triangle[::-1]

    def side(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        across = second - first
        return across[0] * (points[:, 1] - first[1]) - across[1] * (points[:, 0] - first[0]) > 0

    expected = side(*triangle[[0, 1]]) & side(*triangle[[1, 2]]) & side(*triangle[[2, 0]])
    assert expected.any()
    assert np.array_equal(inside(points, triangle), expected)
    assert np.array_equal(inside(points, turned), expected)


# --- keys and words -----------------------------------------------------------------------------


def test_keys_travel_and_extend(mapped: MainWindow) -> None:
    keys(mapped, Qt.Key.Key_Right)
    assert cells(mapped) == {(0, 0)}, "where nothing is selected it begins at the first unit"
    for key, cell in (
        (Qt.Key.Key_Right, (0, 1)),
        (Qt.Key.Key_Up, (0, 1)),
        (Qt.Key.Key_End, (0, 3)),
        (Qt.Key.Key_PageDown, (2, 3)),
        (Qt.Key.Key_Home, (2, 0)),
        (Qt.Key.Key_PageUp, (0, 0)),
    ):
        keys(mapped, key)
        assert cells(mapped) == {cell}
    keys(mapped, Qt.Key.Key_End, CTRL)
    assert cells(mapped) == {(2, 3)}
    keys(mapped, Qt.Key.Key_Left, SHIFT)
    keys(mapped, Qt.Key.Key_Up, SHIFT)
    assert cells(mapped) == rectangle(1, 2, 2, 3)
    keys(mapped, Qt.Key.Key_Right, SHIFT)
    assert cells(mapped) == rectangle(1, 3, 2, 3), "it shrinks again"
    keys(mapped, Qt.Key.Key_Down)
    assert cells(mapped) == {(2, 3)}


@pytest.mark.parametrize("mapped", ["torus"], indirect=True)
def test_keys_go_round_closed_sides(mapped: MainWindow) -> None:
    click(mapped, 0, 0)
    keys(mapped, Qt.Key.Key_Left)
    assert cells(mapped) == {(0, 3)}
    keys(mapped, Qt.Key.Key_Up)
    assert cells(mapped) == {(2, 3)}


def test_a_screen_reader_is_told_where_one_is(
    mapped: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    politeness = []

    def hear(event: QAccessible) -> None:
        said.append(event.message())
        politeness.append(event.politeness())

    monkeypatch.setattr(spoken.QAccessible, "updateAccessibility", hear)
    state = mapped.session.map
    unit = int(state.units[0])
    row, column = state.grid.cells[unit].tolist()
    click(mapped, row, column)
    canvas: QWidget = mapped.map_view.canvas.parent()
    assert canvas.accessibleDescription() == said[-1] == state.describe(unit)
    assert politeness[-1] == QAccessible.AnnouncementPoliteness.Assertive
    members = state.members(unit)
    labels = {source.label for source, _ in members}
    most = Counter(source.label for source, _ in members).most_common(1)[0][1]
    how = "all" if len(labels) == 1 else "mostly" if 2 * most > len(members) else "most often"
    start = f"Row {row + 1}, column {column + 1}: {len(members)} picture"
    assert said[-1].startswith(start)
    assert f", {how} " in said[-1]
    assert said[-1].endswith(f", error {state.error_level(unit)}")
    keys(mapped, Qt.Key.Key_A, CTRL)
    mapped.session.selection.select_all_units()
    assert said[-1].startswith("12 units selected: 12 pictures, most often ")


def test_errors_are_told_by_thirds(mapped: MainWindow) -> None:
    state = mapped.session.map
    means = {
        unit: np.mean([far for _, far in state.members(unit)])
        for unit in range(12)
        if state.members(unit)
    }
    low, high = np.quantile(list(means.values()), (1 / 3, 2 / 3))
    for unit in range(12):
        error = means.get(unit)
        expected = "average" if error is not None else ""
        if error is not None and low < high:
            expected = "low" if error <= low else "high" if error > high else "average"
        assert state.error_level(unit) == expected


# --- everything follows -------------------------------------------------------------------------


def test_choosing_pictures_selects_their_units(mapped: MainWindow) -> None:
    session, gallery = mapped.session, mapped.browser.gallery
    gallery.selectAll()
    assert len(session.chosen) == 12
    hits = np.flatnonzero(session.map.hits)
    assert session.selection.units.tolist() == hits.tolist()
    assert mapped.map_view.outlined > 4
    assert mapped.inspector.title == f"{len(hits)} units"
    assert "12 pictures" in mapped.inspector.facts
    assert mapped.inspector.members.rowCount() == 12
    gallery.clearSelection()
    assert not len(session.selection.units)
    assert mapped.map_view.outlined == 0


def test_a_filter_that_hides_pictures_leaves_the_units_selected(
    qtbot: QtBot, mapped: MainWindow
) -> None:
    session = mapped.session
    session.selection.select_all_units()
    qtbot.keyClicks(mapped.browser._filter, "line 3")
    assert len(session.chosen) == 2, "what is not seen is not edited"
    assert len(session.selection.units) == 12


def test_a_unit_stays_selected_when_its_pictures_are_removed(mapped: MainWindow) -> None:
    session = mapped.session
    unit = int(session.map.units[0])
    session.select_unit(unit)
    mapped.actions_by_name["remove"].trigger()
    assert session.selection.units.tolist() == [unit]
    assert session.chosen == ()
    assert "0 pictures" in mapped.inspector.facts
    mapped.actions_by_name["undo"].trigger()


def test_selected_pictures_are_found_again_on_a_new_map(qtbot: QtBot, mapped: MainWindow) -> None:
    mapped.session.selection.select_all_units()
    train(qtbot, mapped.session)
    state = mapped.session.map
    assert cells(mapped) == {tuple(state.grid.cells[unit].tolist()) for unit in state.units}
    assert len(mapped.session.chosen) == 12, "the pictures stay selected, wherever they lie now"


def test_the_classified_table_follows(qtbot: QtBot, mapped: MainWindow, pictures: Path) -> None:
    session = mapped.session
    session.classify([pictures])
    qtbot.waitUntil(lambda: len(session.matches) == 12 and not session.answering, timeout=WAIT_MS)
    match = next(one for one in session.matches if one.unit != session.matches[0].unit)
    session.select_unit(match.unit)
    shown = mapped.answers.card._match
    assert shown is not None
    assert shown.unit == match.unit
    assert session.selection.units.tolist() == [match.unit], "nothing goes in circles"


@no_grabbing
def test_a_right_click_offers_what_can_be_done(qtbot: QtBot, mapped: MainWindow) -> None:
    unit = int(mapped.session.map.units[0])
    spot = mapped.map_view.point_of(unit).toPoint()
    QTest.mouseClick(mapped.map_view.canvas, RIGHT, NONE, spot)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert mapped.session.selection.units.tolist() == [unit]
    offered = {action.objectName(): action.isEnabled() for action in menu.actions()}
    for name in ("select-similar", "find-similar", "save-selection", "label", "exclude"):
        assert offered[name], name
    menu.close()
    mapped.session.selection.select_all_units()
    QTest.mouseClick(mapped.map_view.canvas, RIGHT, NONE, spot)
    assert len(mapped.session.selection.units) == 12, "a menu on the selection is about all of it"
    QApplication.activePopupWidget().close()


@no_grabbing
def test_the_menu_key_offers_the_same(mapped: MainWindow) -> None:
    click(mapped, 1, 1)
    canvas = mapped.map_view.canvas.parent()
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(canvas, QContextMenuEvent(reason, QPoint(5, 5), QPoint(5, 5)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.close()


# --- actions ------------------------------------------------------------------------------------


def test_all_none_and_invert_of_units_and_of_pictures(mapped: MainWindow) -> None:
    session, actions = mapped.session, mapped.actions_by_name
    mapped.activateWindow()
    mapped.map_view.setFocus()
    actions["select-all"].trigger()
    assert len(cells(mapped)) == 12
    click(mapped, 0, 0)
    actions["select-invert"].trigger()
    assert cells(mapped) == rectangle(0, 0, 2, 3) - {(0, 0)}
    actions["select-none"].trigger()
    assert cells(mapped) == set()
    mapped.browser.gallery.setFocus()
    actions["select-all"].trigger()
    assert len(session.chosen) == 12
    mapped.browser.gallery.selectionModel().clear()
    mapped.browser.gallery.setCurrentIndex(mapped.browser.pictures.index(2, 0))
    actions["select-invert"].trigger()
    assert len(session.chosen) == 11
    assert session.sources[2].address not in session.chosen


def test_grow_to_similar_says_what_it_did(mapped: MainWindow) -> None:
    click(mapped, 1, 1)
    mapped.actions_by_name["select-similar"].trigger()
    assert len(cells(mapped)) > 1
    assert mapped.status_line.message.startswith("Added ")
    for _ in range(12):
        mapped.actions_by_name["select-similar"].trigger()
    assert "nothing was added" in mapped.status_line.message


def test_by_label_text_and_list(mapped: MainWindow, person: object) -> None:
    session, actions = mapped.session, mapped.actions_by_name
    person.answers["labels_to_select"] = (("flat",), False)
    actions["select-label"].trigger()
    assert person.shown[-1] == "[('flat', 6), ('steep', 6)]"
    assert [session.sources[row].label for row in session.selection.rows] == ["flat"] * 6
    assert set(session.selection.units) == set(session.map.units[session.selection.rows])
    person.answers["text_to_select"] = (np.array([7]), True)
    actions["select-text"].trigger()
    assert session.selection.rows.tolist() == [0, 1, 2, 3, 4, 5, 7]
    person.answers["list_to_select"] = (("line 2.png", "line 9.png"), False)
    actions["select-list"].trigger()
    assert session.selection.rows.tolist() == [1, 7]
    assert person.shown[-1] == "1 name of the list belong to no picture here:\nline 9.png"
    person.answers["labels_to_select"] = None
    actions["select-label"].trigger()
    assert session.selection.rows.tolist() == [1, 7], "the question was not answered"
    actions["copy-names"].trigger()
    assert QGuiApplication.clipboard().text() == "line 2.png\nline 2.png"
