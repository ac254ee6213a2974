"""The dataset browser in the real window: filters, orders, selection, editing with undo."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from conftest import Person, open_pictures, save, train, wait_idle
from PIL import Image
from PySide6.QtCore import QPoint, QRect, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.collection import Split
from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.images.sources import Source
from image2map_gui.core.project.load import load_project
from image2map_gui.ui.dialogs.collection_dialogs import LabelDialog, SplitDialog
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.panels.dataset_browser import DatasetBrowser
from image2map_gui.ui.session.session import Session

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, pictures: Path) -> MainWindow:
    open_pictures(qtbot, window.session, pictures)
    return window


@pytest.fixture
def trained(qtbot: QtBot, opened: MainWindow) -> MainWindow:
    session = opened.session
    session.set_params(dataclasses.replace(session.params, rows=3, columns=3, epochs=5))
    train(qtbot, session)
    return opened


def names(browser: DatasetBrowser) -> list[str]:
    """What is listed: the labels' first letters and the numbers of the drawings."""
    model = browser.pictures
    found = [model.source(row) for row in range(model.rowCount())]
    return [f"{(one.label or '-')[0]}{Path(one.path).stem[-1]}" for one in found]


def show(browser: DatasetBrowser, text: str) -> None:
    """Choose a filter by its words."""
    box = browser._kind
    place = next(row for row in range(box.count()) if box.itemText(row).startswith(text))
    box.setCurrentIndex(place)


def click(window: MainWindow, row: int, keys=Qt.KeyboardModifier.NoModifier, button=LEFT) -> None:
    gallery = window.browser.gallery
    spot = gallery.visualRect(gallery.model().index(row, 0)).center()
    QTest.mouseClick(gallery.viewport(), button, keys, spot)


def chosen(window: MainWindow) -> list[str]:
    return [Path(address).stem[-1] + address.split("/")[-2][0] for address in window.session.chosen]


def labels(session: Session) -> list[str | None]:
    return [source.label for source in session.sources]


def press(window: MainWindow, name: str) -> None:
    action = window.actions_by_name[name]
    assert action.isEnabled()
    action.trigger()


# --- what is shown ------------------------------------------------------------------------------


@pytest.mark.slow
def test_filters_by_words_and_labels(qtbot: QtBot, opened: MainWindow) -> None:
    browser = opened.browser
    assert browser.count_text == "12 pictures"
    assert names(browser) == [f"{label}{number}" for label in "fs" for number in range(1, 7)]
    show(browser, "steep (6)")
    assert browser.count_text == "6 of 12 pictures"
    qtbot.keyClicks(browser._filter, "line 3")
    assert names(browser) == ["s3"]
    show(browser, "All pictures")
    assert names(browser) == ["f3", "s3"]
    browser._filter.clear()
    qtbot.keyClicks(browser._filter, "FLAT")
    assert names(browser) == ["f1", "f2", "f3", "f4", "f5", "f6"]


def test_the_key_for_finding_leads_to_the_filter(qtbot: QtBot, opened: MainWindow) -> None:
    opened.activateWindow()
    qtbot.keyClick(opened, Qt.Key.Key_F, CTRL)
    qtbot.waitUntil(lambda: opened.browser._filter.hasFocus())


def test_orders_and_places_on_the_map(qtbot: QtBot, trained: MainWindow) -> None:
    browser, session = trained.browser, trained.session
    state = session.map
    far = dict(zip((one.address for one in state.pictures), state.distances, strict=True))

    def distances() -> list[float]:
        model = browser.pictures
        return [far[model.source(row).address] for row in range(model.rowCount())]

    browser._order.setCurrentIndex(5)
    browser._order.activated.emit(5)
    assert distances() == sorted(far.values(), reverse=True)
    show(browser, "Far")
    limit = np.quantile(state.distances, 0.95)
    assert distances() == [value for value in sorted(far.values(), reverse=True) if value > limit]
    show(browser, "On the selected")
    session.select_unit(int(state.units[4]))
    assert browser.pictures.rowCount() == state.hits[state.units[4]]
    session.select_unit(int(state.units[11]))
    assert browser.pictures.rowCount() == state.hits[state.units[11]]


def test_heads_of_the_list_sort_it(qtbot: QtBot, opened: MainWindow) -> None:
    browser = opened.browser
    qtbot.mouseClick(browser._columns, LEFT)
    head = browser.list.horizontalHeader()
    spot = QPoint(head.sectionViewportPosition(0) + 20, head.height() // 2)
    qtbot.mouseClick(head.viewport(), LEFT, pos=spot)
    assert names(browser)[:4] == ["f1", "s1", "f2", "s2"]
    qtbot.mouseClick(head.viewport(), LEFT, pos=spot)
    assert names(browser)[:4] == ["s6", "f6", "s5", "f5"]
    qtbot.mouseClick(head.viewport(), LEFT, pos=spot)
    assert names(browser)[:4] == ["f1", "f2", "f3", "f4"]


def test_skipped_files_are_listed_with_their_reasons(
    qtbot: QtBot, window: MainWindow, pictures: Path
) -> None:
    (pictures / "flat/broken.png").write_bytes(b"no picture")
    open_pictures(qtbot, window.session, pictures)
    show(window.browser, "Skipped files (1)")
    model = window.browser.skipped.model()
    assert window.browser.skipped.isVisible()
    assert model.index(0, 0).data().endswith("broken.png")
    assert model.index(0, 1).data() == window.session.skipped[0].reason
    assert window.browser.count_text == "1 skipped"
    show(window.browser, "All")
    assert window.browser.gallery.isVisible()


def test_the_slider_makes_pictures_larger(qtbot: QtBot, opened: MainWindow) -> None:
    browser = opened.browser
    before = browser.gallery.visualRect(browser.pictures.index(0, 0)).height()
    browser._size.setFocus()
    qtbot.keyClick(browser._size, Qt.Key.Key_End)
    assert browser.gallery.visualRect(browser.pictures.index(0, 0)).height() > before + 180


# --- choosing -----------------------------------------------------------------------------------


def test_keys_and_a_rubber_band_select_many(qtbot: QtBot, opened: MainWindow) -> None:
    opened.resizeDocks([opened._docks["pictures"]], [300], Qt.Orientation.Horizontal)
    gallery = opened.browser.gallery
    click(opened, 1)
    click(opened, 3, SHIFT)
    assert chosen(opened) == ["2f", "3f", "4f"]
    click(opened, 2, CTRL)
    click(opened, 6, CTRL)
    assert chosen(opened) == ["2f", "4f", "1s"]
    assert opened.browser.count_text == "3 of 12 selected"
    view = gallery.viewport()
    qtbot.mousePress(view, LEFT, pos=QPoint(1, 1))
    columns = gallery._columns
    assert columns > 1
    for row in (0, 1, columns + 1):
        end = gallery.visualRect(gallery.model().index(row, 0)).center()
        qtbot.mouseMove(view, end)
    assert gallery._band.isVisible()
    qtbot.mouseRelease(view, LEFT, pos=end)
    rows = [index.row() for index in gallery.selectionModel().selectedRows()]
    assert rows == [0, 1, columns, columns + 1]
    assert not gallery._band.isVisible()
    qtbot.mouseClick(view, LEFT, pos=QPoint(1, 1))
    assert chosen(opened) == []
    qtbot.keyClick(gallery, Qt.Key.Key_A, CTRL)
    assert len(chosen(opened)) == 12


def test_arrow_keys_travel(qtbot: QtBot, opened: MainWindow) -> None:
    gallery = opened.browser.gallery
    columns = gallery._columns
    gallery.setFocus()
    click(opened, 0)
    for key, row in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, 1 + columns),
        (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_End, 11),
        (Qt.Key.Key_Down, 11),
        (Qt.Key.Key_Home, 0),
    ):
        qtbot.keyClick(gallery, key)
        assert gallery.currentIndex().row() == row
        cell = gallery.visualRect(gallery.currentIndex())
        assert QRect(QPoint(), gallery.viewport().size()).contains(cell)


def test_what_is_selected_stays_so_while_it_is_shown(qtbot: QtBot, opened: MainWindow) -> None:
    browser = opened.browser
    click(opened, 1)
    click(opened, 7, CTRL)
    qtbot.keyClicks(browser._filter, "line 2")
    assert names(browser) == ["f2", "s2"]
    assert chosen(opened) == ["2f", "2s"]
    assert browser.gallery.currentIndex().row() == 1
    show(browser, "steep")
    assert chosen(opened) == ["2s"]
    qtbot.mouseClick(browser._columns, LEFT)
    assert [index.row() for index in browser.list.selectionModel().selectedRows()] == [0]


def test_pictures_chosen_on_a_unit_are_chosen_in_the_browser(
    qtbot: QtBot, trained: MainWindow
) -> None:
    session = trained.session
    session.select_unit(int(session.map.units[0]))
    gallery = trained.inspector.gallery
    qtbot.waitUntil(lambda: not gallery.visualRect(gallery.model().index(0, 0)).isEmpty())
    spot = gallery.visualRect(gallery.model().index(0, 0)).center()
    qtbot.mouseClick(gallery.viewport(), LEFT, pos=spot)
    source = gallery.pictures.source(0)
    assert session.chosen == (source.address,)
    rows = [index.row() for index in trained.browser.gallery.selectionModel().selectedRows()]
    assert [trained.browser.pictures.source(row) for row in rows] == [source]
    click(trained, 11)
    shown = trained.inspector.gallery
    rows = [index.row() for index in shown.selectionModel().selectedRows()]
    found = [shown.pictures.source(row).address for row in rows]
    assert found == [session.sources[11].address], "it is chosen among those of its unit"


# --- labels -------------------------------------------------------------------------------------


def test_many_pictures_get_a_label_and_lose_it_again(
    qtbot: QtBot, trained: MainWindow, person: Person
) -> None:
    session = trained.session
    before, model = labels(session), session.model
    person.answers["label"] = "seven"
    click(trained, 0)
    click(trained, 7, SHIFT)
    press(trained, "label")
    assert person.shown == ["8 '' ['flat', 'steep']"]
    assert labels(session) == ["seven"] * 8 + ["steep"] * 4
    assert session.dataset.sources is session.sources
    assert session.model.label_names == ("seven", "steep")
    assert session.model.label_counts.sum(axis=0).tolist() == [8, 4]
    assert "seven" in session.map.describe(int(session.map.units[0]))
    assert len(chosen(trained)) == 8, "they are still selected"
    show(trained.browser, "seven (8)")
    assert trained.actions_by_name["undo"].text() == "&Undo label 8 pictures “seven”"
    press(trained, "undo")
    assert labels(session) == before
    np.testing.assert_array_equal(session.model.label_counts, model.label_counts)
    assert trained.browser.count_text == "8 of 12 selected", "that label is gone, and its filter"
    press(trained, "redo")
    assert labels(session)[:8] == ["seven"] * 8
    assert not trained.actions_by_name["redo"].isEnabled()


def test_an_empty_label_takes_it_off_and_no_answer_does_nothing(
    qtbot: QtBot, opened: MainWindow, person: Person
) -> None:
    click(opened, 0)
    press(opened, "label")
    assert person.shown == ["1 'flat' ['flat', 'steep']"]
    assert labels(opened.session)[0] == "flat"
    assert not opened.actions_by_name["undo"].isEnabled()
    person.answers["label"] = ""
    press(opened, "label")
    assert labels(opened.session)[0] is None
    show(opened.browser, "No label (1)")
    assert opened.browser.count_text == "1 of 12 pictures"


def test_labels_are_written_into_the_list(qtbot: QtBot, opened: MainWindow) -> None:
    browser = opened.browser
    qtbot.mouseClick(browser._columns, LEFT)
    table = browser.list
    cell = browser.pictures.index(2, 1)
    qtbot.mouseClick(table.viewport(), LEFT, pos=table.visualRect(cell).center())
    qtbot.mouseDClick(table.viewport(), LEFT, pos=table.visualRect(cell).center())
    (editor,) = [one for one in table.findChildren(QLineEdit) if one.isVisible()]
    assert editor.text() == "flat"
    editor.selectAll()
    qtbot.keyClicks(editor, "a <b>label</b> & more")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: labels(opened.session)[2] == "a <b>label</b> & more")
    assert browser.pictures.index(2, 1).data() == "a <b>label</b> & more"
    assert "&&" in opened.actions_by_name["undo"].text()
    assert table.currentIndex().row() == 2


def test_labels_can_be_changed_while_a_map_is_trained(
    qtbot: QtBot, opened: MainWindow, person: Person
) -> None:
    session = opened.session
    session.set_params(dataclasses.replace(session.params, rows=2, columns=2, epochs=100_000))
    session.train()
    qtbot.waitUntil(lambda: session.map is not None and session.map.units is not None)
    person.answers["label"] = "new"
    click(opened, 0)
    press(opened, "label")
    press(opened, "remove")
    assert "when the running job has ended" in opened.status_line.message
    assert len(session.sources) == 12
    session.stop()
    qtbot.waitUntil(lambda: session.model is not None and not session.activity)
    assert session.model.label_names == ("flat", "new", "steep")
    assert session.map.pictures[0].label == "new"


def test_the_space_bar_shows_a_picture_large_also_from_the_list(
    qtbot: QtBot, opened: MainWindow
) -> None:
    browser = opened.browser
    qtbot.mouseClick(browser._columns, LEFT)
    browser.list.selectRow(4)
    qtbot.keyClick(browser.list, Qt.Key.Key_Space)
    assert opened.large.isVisible()
    assert "line 5" in opened.large.windowTitle()
    opened.large.close()


# --- parts --------------------------------------------------------------------------------------


def test_excluded_pictures_stay_out_of_the_map(qtbot: QtBot, opened: MainWindow) -> None:
    session, browser = opened.session, opened.browser
    click(opened, 1)
    click(opened, 2, CTRL)
    press(opened, "exclude")
    assert not opened.actions_by_name["exclude"].isEnabled()
    assert browser.parts_text == "Training 10 · excluded 2"
    assert browser.pictures.data(browser.pictures.index(1, 2)) == "excluded"
    show(browser, "Excluded (2)")
    assert names(browser) == ["f2", "f3"]
    session.set_params(dataclasses.replace(session.params, rows=2, columns=2, epochs=3))
    train(qtbot, session)
    assert session.model.hits.sum() == 10
    assert len(session.map.pictures) == 10
    assert len(session.sources) == len(session.dataset) == 12
    assert browser.pictures.index(0, 3).data() == "", "it is on no unit"
    session.measure()
    wait_idle(qtbot, session)
    assert session.quality.images == 10
    assert "could not be read" not in opened.quality.title
    press(opened, "include")
    assert session.parts.everything
    assert session.outdated
    session.go_on()
    qtbot.waitUntil(lambda: session.model is not None and not session.activity)
    assert session.model.hits.sum() == 12


def test_without_parts_no_vector_is_copied(qtbot: QtBot, opened: MainWindow) -> None:
    session = opened.session
    session.train(one_epoch=True)
    assert session._document.trained is session.dataset
    session.halt()


@pytest.mark.slow
def test_a_split_is_fixed_and_saved(
    qtbot: QtBot, opened: MainWindow, person: Person, pictures: Path, tmp_path: Path
) -> None:
    session = opened.session
    person.answers["split"] = Split(0.5, 3)
    press(opened, "split")
    test = session.parts.test
    assert len(test) == 6
    assert sum("/flat/" in address for address in test) == 3
    assert opened.browser.parts_text == "Training 6 · test 6"
    show(opened.browser, "Test part (6)")
    assert opened.browser.count_text == "6 of 12 pictures"
    session.set_params(dataclasses.replace(session.params, rows=2, columns=2, epochs=3))
    train(qtbot, session)
    assert session.model.hits.sum() == 6
    for number in (7, 8):
        image = Image.fromarray(draw_line(0.3 * number, 16))
        image.save(pictures / f"flat/line {number}.png")
    session.add_pictures([pictures])
    wait_idle(qtbot, session)
    assert session.parts.test > test, "half of the new ones are for testing"
    assert len(session.parts.test) == 7
    assert session.map.added == 1
    show(opened.browser, "New on the map (1)")
    assert opened.browser.count_text == "1 of 14 pictures"
    assert save(session, tmp_path / "a.i2m")
    kept = session.parts, session.map.units.tolist(), session.map.added
    session.new()
    session.open_project(tmp_path / "a.i2m")
    assert (session.parts, session.map.units.tolist(), session.map.added) == kept
    assert len(session.sources) == 14
    session.measure()
    wait_idle(qtbot, session)
    assert session.quality.images == 7
    person.answers["split"] = None
    press(opened, "split")
    assert session.parts.everything
    assert opened.browser.parts_text == ""


def test_nothing_to_train_on_is_told(qtbot: QtBot, opened: MainWindow) -> None:
    qtbot.keyClick(opened.browser.gallery, Qt.Key.Key_A, CTRL)
    press(opened, "exclude")
    opened.session.train()
    assert "include some first" in opened.status_line.message
    assert not opened.session.activity


# --- removing -----------------------------------------------------------------------------------


def test_removed_pictures_leave_the_map_and_come_back(
    qtbot: QtBot, trained: MainWindow, pictures: Path
) -> None:
    session = trained.session
    before = session.sources, session.map.units.tolist(), session.model.label_counts.tolist()
    click(trained, 0)
    click(trained, 5, SHIFT)
    trained.browser.gallery.setFocus()
    qtbot.keyClick(trained.browser.gallery, Qt.Key.Key_Delete)
    assert trained.browser.count_text == "6 pictures"
    assert "The files are still there" in trained.status_line.message
    assert len(list((pictures / "flat").iterdir())) == 6
    assert len(session.map.units) == len(session.dataset) == 6
    assert session.model.label_names == ("steep",)
    assert chosen(trained) == []
    assert session.modified
    press(trained, "undo")
    assert (session.sources, session.map.units.tolist()) == before[:2]
    assert session.model.label_counts.tolist() == before[2]
    unit = int(session.map.units[0])
    assert len(session.map.members(unit)) == session.map.hits[unit]


def test_all_pictures_can_be_removed(qtbot: QtBot, trained: MainWindow) -> None:
    qtbot.keyClick(trained.browser.gallery, Qt.Key.Key_A, CTRL)
    press(trained, "remove")
    assert trained.browser.count_text == "No pictures yet"
    assert not trained.actions_by_name["train"].isEnabled()
    trained.session.select_unit(0)
    press(trained, "undo")
    lying = len(trained.session.map.ranked(0))  # the selected unit has its pictures back
    assert trained.browser.count_text == (f"{lying} of 12 selected" if lying else "12 pictures")
    train(qtbot, trained.session)
    assert trained.session.model.hits.sum() == 12


def test_removed_pictures_come_back_after_another_training(
    qtbot: QtBot, trained: MainWindow
) -> None:
    session = trained.session
    click(trained, 3)
    press(trained, "remove")
    train(qtbot, session)
    assert session.model.hits.sum() == 11
    press(trained, "undo")
    assert len(session.sources) == len(session.dataset) == 12
    assert len(session.map.pictures) == 11, "the new map never saw it"
    session.go_on()
    qtbot.waitUntil(lambda: session.model is not None and not session.activity)
    assert session.model.hits.sum() == 12


# --- the project --------------------------------------------------------------------------------


def test_the_mark_of_changes_follows_undo_and_save(
    qtbot: QtBot, trained: MainWindow, person: Person, tmp_path: Path
) -> None:
    session = trained.session
    assert save(session, tmp_path / "a.i2m")
    assert not trained.isWindowModified()
    person.answers["label"] = "seven"
    click(trained, 0)
    press(trained, "label")
    assert trained.isWindowModified()
    press(trained, "undo")
    assert not trained.isWindowModified()
    press(trained, "redo")
    press(trained, "exclude")
    assert save(session, tmp_path / "a.i2m")
    assert not trained.isWindowModified()
    press(trained, "undo")
    assert trained.isWindowModified(), "the saved project is another one now"
    project = load_project(tmp_path / "a.i2m")
    assert project.sources[0].label == "seven"
    assert project.parts.excluded == {project.sources[0].address}
    assert project.picture_units.tolist() == session.map.units.tolist()
    assert "seven" in project.model.label_names


def test_another_collection_has_no_edits(
    qtbot: QtBot, opened: MainWindow, pictures: Path, person: Person
) -> None:
    person.answers["label"] = "x"
    click(opened, 0)
    press(opened, "label")
    press(opened, "exclude")
    open_pictures(qtbot, opened.session, pictures / "steep")
    assert not opened.actions_by_name["undo"].isEnabled()
    assert opened.actions_by_name["undo"].text() == "&Undo"
    assert opened.session.parts.everything
    assert opened.session.chosen == ()
    assert not opened.actions_by_name["remove"].isEnabled()


@pytest.mark.slow
def test_a_project_with_excluded_pictures_can_be_trained_again(
    qtbot: QtBot, trained: MainWindow, tmp_path: Path
) -> None:
    session = trained.session
    click(trained, 0)
    press(trained, "exclude")
    train(qtbot, session)
    assert save(session, tmp_path / "a.i2m")
    assert load_project(tmp_path / "a.i2m").picture_units[0] == -1
    session.new()
    session.open_project(tmp_path / "a.i2m")
    assert len(session.map.pictures) == 11
    assert len(session.sources) == 12
    train(qtbot, session)
    assert session.model.hits.sum() == 11


def test_parts_follow_pictures_that_were_moved(
    qtbot: QtBot, trained: MainWindow, pictures: Path, tmp_path: Path
) -> None:
    session = trained.session
    session.curator.exclude([session.sources[0].address])
    session.curator.divide(Split(0.5, 1))
    click(trained, 2)
    pictures.rename(tmp_path / "moved")
    session.locate(tmp_path)
    wait_idle(qtbot, session)
    assert session.sources[0].path.startswith(str(tmp_path / "moved"))
    assert session.parts.excluded == {session.sources[0].address}
    assert len(session.parts.test) == 6
    assert trained.browser.parts_text in (
        "Training 6 · test 5 · excluded 1",
        "Training 5 · test 6 · excluded 1",
    )
    assert trained.actions_by_name["undo"].text() == "&Undo locate 12 pictures"
    assert chosen(trained) == []
    session.curator.label([session.sources[0].address], "x")
    assert session.map.pictures[0].label == session.dataset.sources[0].label == "x"


# --- elsewhere ----------------------------------------------------------------------------------


@pytest.mark.qt_log_ignore("This plugin does not support grabbing", extend=True)
def test_the_menu_offers_what_can_be_done(qtbot: QtBot, opened: MainWindow) -> None:
    click(opened, 0)
    gallery = opened.browser.gallery
    spot = gallery.visualRect(gallery.model().index(0, 0)).center()
    gallery.customContextMenuRequested.emit(spot)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    offered = [action.objectName() for action in menu.actions() if not action.isSeparator()]
    assert offered == [
        "find-similar", "save-selection", "label", "exclude", "include", "remove",
        "show-in-folder", "copy-names", "copy-paths",
    ]  # fmt: skip
    menu.close()


def test_paths_are_copied_and_folders_opened(
    qtbot: QtBot, opened: MainWindow, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(url) or False)
    click(opened, 0)
    click(opened, 6, CTRL)
    press(opened, "copy-paths")
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines == [str(pictures / "flat/line 1.png"), str(pictures / "steep/line 1.png")]
    press(opened, "show-in-folder")
    assert [url.toLocalFile() for url in asked] == [str(pictures / "flat")]
    assert "could not be opened" in opened.status_line.message
    opened.session.open_sample("lines")
    wait_idle(qtbot, opened.session)
    click(opened, 0)
    press(opened, "show-in-folder")
    assert len(asked) == 1


def test_excluded_and_test_pictures_are_told_in_words(qtbot: QtBot, opened: MainWindow) -> None:
    session, model = opened.session, opened.browser.pictures
    session.curator.exclude([session.sources[0].address])
    session.curator.divide(Split(0.5, 1))
    said = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(12)]
    assert said[0].endswith(", excluded")
    assert sum(text.endswith(", test") for text in said) in (5, 6)
    tip = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "the next training leaves it out" in tip


def test_the_marks_are_drawn(qtbot: QtBot, opened: MainWindow) -> None:
    gallery, session = opened.browser.gallery, opened.session
    qtbot.waitUntil(lambda: not session.thumbnails.busy)
    cell = gallery.visualRect(gallery.model().index(0, 0))
    plain = gallery.viewport().grab(cell).toImage()
    session.curator.exclude([session.sources[0].address])
    excluded = gallery.viewport().grab(cell).toImage()
    session.curator.undo()
    assert gallery.viewport().grab(cell).toImage() == plain
    session.curator.divide(Split(0.99))
    test = gallery.viewport().grab(cell).toImage()
    assert plain != excluded != test != plain
    corner = QRect(cell.width() - 24, 2, 22, 22)
    assert plain.copy(corner) != test.copy(corner)
    assert plain.copy(corner) != excluded.copy(corner)


def test_the_dialogs_answer_what_was_typed(qtbot: QtBot) -> None:
    label = LabelDialog(None, 3, "old", ["cat", "dog"])
    qtbot.addWidget(label)
    assert label.windowTitle() == "Label 3 pictures"
    label.line.selectAll()
    qtbot.keyClicks(label.line, "  new ")
    assert label.label == "new"
    split = SplitDialog(None, Split(0.25, 9, stratified=False), 200)
    qtbot.addWidget(split)
    assert split.split == Split(0.25, 9, stratified=False)
    split.share.setValue(30)
    split.stratified.setChecked(True)
    assert split.split == Split(0.3, 9)
    assert "60 pictures of 200" in split._words.text()
    split._take_back()
    assert split.split is None


def test_a_long_collection_is_shown_at_once(qtbot: QtBot, session: Session) -> None:
    browser = DatasetBrowser(session)
    qtbot.addWidget(browser)
    browser.resize(300, 600)
    browser.show()
    session.sources = tuple(Source("lines", row, kind="sample") for row in range(100_000))
    session.collection_changed.emit()
    gallery = browser.gallery
    gallery.scrollToBottom()
    last = gallery.visualRect(browser.pictures.index(99_999, 0))
    assert QRect(QPoint(), gallery.viewport().size()).contains(last)
    browser.resize(600, 600)
    assert gallery.indexAt(gallery.visualRect(browser.pictures.index(99_999, 0)).center()).isValid()
    session.thumbnails.shutdown()


def test_the_look_is_kept_for_the_next_start(qtbot: QtBot, session: Session) -> None:
    first, second = DatasetBrowser(session), DatasetBrowser(session)
    for browser in (first, second):
        qtbot.addWidget(browser)
    first._columns.click()
    first._size.setValue(120)
    second.set_look(first.look)
    assert second.look == first.look == "list 120"
    for nonsense in ("", "list", "grid -3", "grid 1e9", "other 90", "x" * 1000, "grid " + "9" * 99):
        second.set_look(nonsense)
    assert second.look == "list 120"
    second.set_look("grid 9999")
    assert second.look == "grid 256"
