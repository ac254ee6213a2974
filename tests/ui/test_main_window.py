"""The whole way through the real window: open, train, look, click, drop, save, close."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, Person, idle, open_pictures, save, train, wait_idle
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeySequence,
    QPalette,
)
from PySide6.QtWidgets import QApplication, QDockWidget, QMenu, QToolBar, QWidget
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.samples import draw_line, write_sample
from image2map_gui.core.project.load import load_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.actions.table import ACTIONS
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Settings
from image2map_gui.ui.tools.skipped_list import SkippedList

LEFT = Qt.MouseButton.LeftButton
SHARED_LINES = Path(__file__).parents[2].parent / "shared" / "data" / "lines"


def mime_of(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drag(window: MainWindow, data: QMimeData, place: QPointF) -> bool:
    """Drag something over the window; returns whether it would be taken."""
    keys = Qt.KeyboardModifier.NoModifier
    action = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(place.toPoint(), action, data, LEFT, keys)
    QApplication.sendEvent(window, enter)
    move = QDragMoveEvent(place.toPoint(), action, data, LEFT, keys)
    QApplication.sendEvent(window, move)
    return enter.isAccepted() and move.isAccepted()


def drop(window: MainWindow, data: QMimeData, place: QPointF) -> None:
    """Drag and drop something on the window as a person does."""
    assert drag(window, data, place)
    keys = Qt.KeyboardModifier.NoModifier
    event = QDropEvent(place, Qt.DropAction.CopyAction, data, LEFT, keys)
    QApplication.sendEvent(window, event)
    assert event.isAccepted()


def left_half(window: MainWindow) -> QPointF:
    return QPointF(window.width() * 0.25, window.height() * 0.5)


def right_half(window: MainWindow) -> QPointF:
    return QPointF(window.width() * 0.75, window.height() * 0.5)


def press_tool(qtbot: QtBot, window: MainWindow, name: str) -> None:
    bar = window.findChild(QToolBar, "tools")
    button = bar.widgetForAction(window.actions_by_name[name])
    assert isinstance(button, QWidget)
    assert button.isEnabled()
    qtbot.mouseClick(button, LEFT)


@pytest.fixture
def trained(qtbot: QtBot, window: MainWindow, pictures: Path) -> MainWindow:
    open_pictures(qtbot, window.session, pictures)
    window.session.set_params(SomParams(rows=4, columns=5, epochs=6))
    train(qtbot, window.session)
    return window


def test_map_and_curves_are_made_once_the_window_is_on_the_screen(
    qtbot: QtBot, session: Session, person: Person
) -> None:
    window = MainWindow(session, Settings(None), person)
    qtbot.addWidget(window)
    dock = window.findChild(QDockWidget, "curves")
    assert window.pages.count() == 2
    with qtbot.waitSignal(window.completed, timeout=WAIT_MS):
        window.show()
    assert window.pages.count() == 3
    assert dock.widget() is window.curves.parentWidget()
    assert window.scrubber.isVisible()
    assert window.curves.isVisible()
    assert window.pages.currentWidget() is window.welcome


def test_a_window_that_was_never_shown_has_a_map_too(
    qtbot: QtBot, session: Session, person: Person, pictures: Path
) -> None:
    window = MainWindow(session, Settings(None), person)
    qtbot.addWidget(window)
    open_pictures(qtbot, window.session, pictures)
    train(qtbot, window.session)
    assert window.pages.currentWidget() is window.map_view
    assert len(window.curves.values(0)) == len(window.session.history)
    session.modified = False


def test_a_window_may_be_closed_before_it_is_complete(
    qtbot: QtBot, session: Session, person: Person
) -> None:
    window = MainWindow(session, Settings(None), person)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    with qtbot.assertNotEmitted(window.completed, wait=100):
        window.close()
    assert window.pages.count() == 2


def test_the_pages_follow_what_is_there(
    qtbot: QtBot, window: MainWindow, pictures: Path, person: Person
) -> None:
    assert window.pages.currentWidget() is window.welcome
    person.answers["folder"] = pictures
    window.actions_by_name["open-folder"].trigger()
    wait_idle(qtbot, window.session)
    assert window.pages.currentWidget() is window.ready
    press_tool(qtbot, window, "train")
    qtbot.waitUntil(lambda: window.session.map is not None, timeout=WAIT_MS)
    assert window.pages.currentWidget() is window.map_view
    qtbot.waitUntil(lambda: idle(window.session), timeout=WAIT_MS)


def test_buttons_train_pause_resume_step_and_stop(
    qtbot: QtBot, window: MainWindow, pictures: Path
) -> None:
    session = window.session
    open_pictures(qtbot, session, pictures)
    session.set_params(SomParams(rows=6, columns=6, epochs=100_000))
    press_tool(qtbot, window, "train")
    qtbot.waitUntil(lambda: len(session.history) > 2, timeout=WAIT_MS)
    assert window.actions_by_name["train"].text() == "&Pause"
    qtbot.waitUntil(lambda: "Epoch" in window.status_line.progress, timeout=WAIT_MS)
    press_tool(qtbot, window, "train")
    assert session.paused
    assert window.actions_by_name["train"].text() == "&Resume"
    press_tool(qtbot, window, "step")
    qtbot.waitUntil(lambda: session.paused, timeout=WAIT_MS)
    press_tool(qtbot, window, "stop")
    qtbot.waitUntil(lambda: session.model is not None and idle(session), timeout=WAIT_MS)
    assert window.actions_by_name["train"].text() == "&Train"
    assert not window.actions_by_name["stop"].isEnabled()
    assert "the map is usable" in window.status_line.message


def test_the_map_is_drawn_while_it_forms(qtbot: QtBot, window: MainWindow, pictures: Path) -> None:
    session = window.session
    open_pictures(qtbot, session, pictures)
    session.set_params(SomParams(rows=6, columns=6, epochs=100_000, init="uniform", mode="online"))
    session.train()
    qtbot.waitUntil(lambda: session.map is not None, timeout=WAIT_MS)
    first = session.map.sheet.copy()
    qtbot.waitUntil(lambda: not np.array_equal(session.map.sheet, first), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: session.map.units is not None, timeout=WAIT_MS)
    window.map_view.fit()
    qtbot.mouseClick(window.map_view.canvas, LEFT, pos=window.map_view.point_of(8).toPoint())
    qtbot.waitUntil(lambda: session.unit == 8, timeout=WAIT_MS)
    session.halt()


def test_hover_tells_the_unit_and_click_shows_its_pictures(
    qtbot: QtBot, trained: MainWindow
) -> None:
    session, view = trained.session, trained.map_view
    unit = int(session.map.units[0])
    row, column = session.map.grid.cells[unit]
    qtbot.mouseMove(view.canvas, view.point_of(unit).toPoint())
    qtbot.waitUntil(lambda: f"Row {row + 1}, column {column + 1}:" in view.words)
    qtbot.mouseClick(view.canvas, LEFT, pos=view.point_of(unit).toPoint())
    qtbot.waitUntil(lambda: session.unit == unit)
    members = session.map.members(unit)
    model = trained.inspector.gallery.pictures
    assert [model.source(row) for row in range(model.rowCount())] == [it for it, _ in members]
    assert [far for _, far in members] == sorted(far for _, far in members)
    assert f"{len(members)} picture" in trained.inspector.facts


def test_arrow_keys_travel_over_the_units(qtbot: QtBot, trained: MainWindow) -> None:
    session = trained.session
    session.select_unit(6)
    trained.map_view.setFocus()
    qtbot.keyClick(trained.map_view.canvas.parentWidget(), Qt.Key.Key_Right)
    assert session.unit == 7
    qtbot.keyClick(trained.map_view.canvas.parentWidget(), Qt.Key.Key_Down)
    assert session.unit == 12


def test_picking_a_picture_shows_its_unit(qtbot: QtBot, trained: MainWindow) -> None:
    gallery = trained.browser.gallery
    index = gallery.model().index(3, 0)
    qtbot.waitUntil(lambda: not gallery.visualRect(index).isEmpty())
    qtbot.mouseClick(gallery.viewport(), LEFT, pos=gallery.visualRect(index).center())
    source = gallery.pictures.source(3)
    assert trained.session.unit == trained.session.map.unit_of[source.address]


def test_two_halves_when_there_is_a_map_and_one_before(
    qtbot: QtBot, window: MainWindow, pictures: Path
) -> None:
    data = mime_of(pictures / "flat" / "line 1.png")
    assert drag(window, data, left_half(window))
    assert window.overlay.chosen == "add"
    assert window.overlay.isVisible()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not window.overlay.isVisible()
    open_pictures(qtbot, window.session, pictures)
    train(qtbot, window.session)
    drag(window, data, left_half(window))
    assert window.overlay.chosen == "classify"
    drag(window, data, right_half(window))
    assert window.overlay.chosen == "add"
    QApplication.sendEvent(window, QDragLeaveEvent())


def test_what_is_no_file_is_refused_with_a_reason(window: MainWindow) -> None:
    data = QMimeData()
    data.setText("just words")
    assert not drag(window, data, left_half(window))
    assert window.overlay.isVisible(), "the reason is shown"
    remote = QMimeData()
    remote.setUrls([QUrl("https://example.org/a.png")])
    assert not drag(window, remote, left_half(window))
    QApplication.sendEvent(window, QDragLeaveEvent())


def test_dropping_on_the_left_half_classifies(
    qtbot: QtBot, trained: MainWindow, tmp_path: Path
) -> None:
    drawing = tmp_path / "new.png"
    Image.fromarray(draw_line(0.12)).save(drawing)
    drop(trained, mime_of(drawing), left_half(trained))
    qtbot.waitUntil(lambda: len(trained.session.matches) == 1, timeout=WAIT_MS)
    wait_idle(qtbot, trained.session)
    match = trained.session.matches[0]
    assert trained.session.unit == match.unit
    card = trained.answers.card
    assert not any(tile.empty for tile in card.tiles)
    assert f"distance {match.distance:.4g}" in card.verdict
    assert match.label in card.verdict
    assert len(match.units) == 5
    assert len(trained.session.sources) == 12, "the collection is as it was"


def test_dropping_on_the_right_half_adds(qtbot: QtBot, trained: MainWindow, tmp_path: Path) -> None:
    drawing = tmp_path / "new.png"
    Image.fromarray(draw_line(0.12)).save(drawing)
    drop(trained, mime_of(drawing), right_half(trained))
    qtbot.waitUntil(lambda: len(trained.session.sources) == 13, timeout=WAIT_MS)
    wait_idle(qtbot, trained.session)
    assert trained.session.matches == []


def test_several_dropped_pictures_become_a_list(
    qtbot: QtBot, trained: MainWindow, pictures: Path, person: Person, tmp_path: Path
) -> None:
    drop(trained, mime_of(pictures / "steep"), left_half(trained))
    qtbot.waitUntil(lambda: len(trained.session.matches) == 6, timeout=WAIT_MS)
    wait_idle(qtbot, trained.session)
    person.answers["file_to_save"] = tmp_path / "answers.csv"
    trained.actions_by_name["export-matches"].trigger()
    lines = (tmp_path / "answers.csv").read_text().splitlines()
    assert lines[0].startswith("path,unit,row,column,distance,percentile,novel,label,confidence")
    assert len(lines) == 7
    trained.actions_by_name["clear-matches"].trigger()
    assert trained.session.matches == []


def test_an_archive_is_opened_and_classified_like_its_folder(
    qtbot: QtBot, window: MainWindow, pictures: Path, tmp_path: Path
) -> None:
    path = Path(shutil.make_archive(str(tmp_path / "drawings"), "zip", pictures))
    drop(window, mime_of(path), left_half(window))
    qtbot.waitUntil(lambda: len(window.session.sources) == 12, timeout=WAIT_MS)
    wait_idle(qtbot, window.session)
    assert {source.label for source in window.session.sources} == {"flat", "steep"}
    thumbnails, first = window.session.thumbnails, window.session.sources[0]
    qtbot.waitUntil(lambda: thumbnails.pixmap(first) is not None, timeout=WAIT_MS)
    assert not thumbnails.pixmap(first).isNull()
    window.session.set_params(SomParams(rows=2, columns=3, epochs=3))
    train(qtbot, window.session)
    drop(window, mime_of(path), left_half(window))
    qtbot.waitUntil(lambda: len(window.session.matches) == 12, timeout=WAIT_MS)
    state = window.session.map
    assert state is not None
    units = [match.unit for match in window.session.matches]
    assert units == list(state.units)
    window.session.modified = False


def test_a_dropped_project_opens(qtbot: QtBot, trained: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "map.i2m"
    save(trained.session, path)
    trained.session.new()
    drop(trained, mime_of(path), left_half(trained))
    qtbot.waitUntil(lambda: trained.session.path == path, timeout=WAIT_MS)
    assert trained.pages.currentWidget() is trained.map_view


@pytest.mark.parametrize("kind", ["files", "picture"])
@pytest.mark.slow
def test_paste_classifies(
    qtbot: QtBot, trained: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    drawing = tmp_path / "new.png"
    Image.fromarray(draw_line(0.12)).save(drawing)
    if kind == "files":
        QGuiApplication.clipboard().setMimeData(mime_of(drawing))
    else:
        QGuiApplication.clipboard().setImage(QImage(str(drawing)))
    trained.actions_by_name["paste"].trigger()
    qtbot.waitUntil(lambda: len(trained.session.matches) == 1, timeout=WAIT_MS)
    wait_idle(qtbot, trained.session)


def lines_folder(kind: str, tmp_path: Path) -> Path:
    if kind == "drawn":
        write_sample("lines", tmp_path / "lines", 100, 16)
        return tmp_path / "lines"
    if not SHARED_LINES.is_dir():
        pytest.skip("the original LINES pictures are not there")
    return SHARED_LINES


@pytest.mark.parametrize("kind", ["drawn", "original"])
@pytest.mark.slow
def test_every_training_picture_dropped_lands_on_its_unit(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, kind: str
) -> None:
    folder = lines_folder(kind, tmp_path)
    session = window.session
    open_pictures(qtbot, session, folder)
    train(qtbot, session)
    expected = dict(session.map.unit_of)
    for path in sorted(folder.iterdir()):
        drop(window, mime_of(path), left_half(window))
        qtbot.waitUntil(
            lambda path=path: (
                bool(session.matches)
                and session.matches[0].source.path == str(path)
                and idle(session)
            ),
            timeout=WAIT_MS,
        )
    landed = {match.source.address: match.unit for match in session.matches}
    assert len(landed) == 100
    assert landed == expected


def test_title_shows_name_and_mark(qtbot: QtBot, trained: MainWindow, tmp_path: Path) -> None:
    assert trained.windowTitle().startswith("Untitled")
    assert trained.isWindowModified()
    save(trained.session, tmp_path / "birds.i2m")
    assert trained.windowTitle().startswith("birds.i2m")
    assert not trained.isWindowModified()


@pytest.mark.parametrize(("answer", "closes"), [("cancel", False), ("discard", True)])
def test_closing_asks_about_changes(
    trained: MainWindow, person: Person, answer: str, closes: bool
) -> None:
    person.answers["save_first"] = answer
    assert trained.close() is closes
    assert person.asked == ["save_first"]


def test_closing_can_save_first(trained: MainWindow, person: Person, tmp_path: Path) -> None:
    person.answers |= {"save_first": "save", "project_to_save": tmp_path / "kept.i2m"}
    assert trained.close()
    assert load_project(tmp_path / "kept.i2m").model is not None


def test_closing_stays_open_if_saving_fails(
    trained: MainWindow, person: Person, tmp_path: Path
) -> None:
    person.answers |= {"save_first": "save", "project_to_save": tmp_path / "no" / "kept.i2m"}
    assert not trained.close()
    assert trained.session.modified
    assert "no such file or directory" in trained.status_line.message.lower()


def test_errors_stay_until_they_are_closed(window: MainWindow) -> None:
    window.session.failed.emit("a.png: is damaged.")
    window.session.noticed.emit("Something happened.")
    assert window.status_line.message == "a.png: is damaged."


def test_every_action_has_words_and_no_key_is_used_twice(window: MainWindow) -> None:
    names = [action.name for action in ACTIONS]
    assert len(names) == len(set(names))
    keys = [
        window.actions_by_name[name].shortcut().toString(QKeySequence.SequenceFormat.PortableText)
        for name in names
    ]
    used = [key for key in keys if key]
    assert len(used) == len(set(used))
    for action in ACTIONS:
        assert window.actions_by_name[action.name].toolTip()
        assert action.text.strip("&…. ")


def test_no_letter_is_underlined_twice_in_a_menu(window: MainWindow) -> None:
    menus = window.menuBar().findChildren(QMenu)
    assert len(menus) > 10
    for menu in menus:
        texts = [action.text().replace("&&", "") for action in menu.actions()]
        letters = [found[1].lower() for text in texts if (found := re.search("&(.)", text))]
        assert len(letters) == len(set(letters)), (menu.title(), sorted(letters))


def test_what_cannot_be_done_is_disabled(qtbot: QtBot, window: MainWindow, pictures: Path) -> None:
    actions = window.actions_by_name
    for name in ("add", "save", "train", "step", "stop", "classify", "fit", "clear-matches"):
        assert not actions[name].isEnabled(), name
    open_pictures(qtbot, window.session, pictures)
    for name in ("add", "save", "train", "step"):
        assert actions[name].isEnabled(), name
    assert not actions["classify"].isEnabled()


def test_keys_and_skipped_files_can_be_read(
    qtbot: QtBot, window: MainWindow, pictures: Path, person: Person
) -> None:
    (pictures / "flat" / "broken.png").write_text("no picture")
    open_pictures(qtbot, window.session, pictures)
    window.actions_by_name["skipped"].trigger()
    (row,) = window.findChild(SkippedList).files.content.rows
    assert row == (
        str(pictures / "flat" / "broken.png"),
        "is not a picture this program can read",
    )
    window.actions_by_name["keys"].trigger()
    assert "F5" in person.shown[-1]
    window.actions_by_name["about"].trigger()
    assert "MIT" in person.shown[-1]


def test_layout_and_recent_files_are_remembered(
    qtbot: QtBot, tmp_path: Path, person: Person, pictures: Path
) -> None:
    path = tmp_path / "settings.json"
    for _ in range(2):
        session = Session()
        window = MainWindow(session, Settings(path), person)
        qtbot.addWidget(window)
        window.show()
        person.answers |= {"folder": pictures, "save_first": "discard"}
        window.actions_by_name["open-folder"].trigger()
        wait_idle(qtbot, session)
        window.browser._size.setValue(100)
        assert window.close()
    assert Settings(path).text("browser") == "grid 100"
    assert Settings(path).recent == [str(pictures)]
    assert Settings(path).text("layout")


def test_the_palette_is_followed(qtbot: QtBot, trained: MainWindow, qapp: QApplication) -> None:
    before = qapp.palette()
    dark = QPalette(before)
    for role, colour in (("Window", "#202020"), ("Base", "#101010"), ("WindowText", "#f0f0f0")):
        dark.setColor(getattr(QPalette.ColorRole, role), colour)
    try:
        qapp.setPalette(dark)
        qapp.processEvents()
        shot = trained.map_view.canvas.grab().toImage()
        assert shot.pixelColor(3, 3).name() == "#101010"
    finally:
        qapp.setPalette(before)
