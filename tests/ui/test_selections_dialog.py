"""Selections with names: kept, combined, undone and saved; and the questions about selecting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Person, save
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.sources import Source
from image2map_gui.ui.dialogs.selection_dialogs import (
    LabelsDialog,
    ListDialog,
    NameDialog,
    TextDialog,
)
from image2map_gui.ui.dialogs.tuning_dialog import TuningDialog
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.tools.selections_dialog import SelectionsDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(mapped: MainWindow) -> SelectionsDialog:
    mapped.actions_by_name["selections"].trigger()
    found = mapped.findChild(SelectionsDialog)
    QApplication.processEvents()
    return found


def press(qtbot: QtBot, dialog: SelectionsDialog, name: str) -> None:
    assert dialog.buttons[name].isEnabled()
    qtbot.mouseClick(dialog.buttons[name], LEFT)


def save_selection(window: MainWindow, person: Person, name: str, *rows: int) -> None:
    session = window.session
    session.choose([session.sources[row].address for row in rows])
    person.answers["selection_name"] = name
    window.actions_by_name["save-selection"].trigger()


def rows(dialog: SelectionsDialog) -> list[tuple[object, ...]]:
    return dialog.table.content.rows


@pytest.mark.slow
def test_a_selection_is_saved_chosen_renamed_and_deleted(
    qtbot: QtBot, mapped: MainWindow, person: Person, dialog: SelectionsDialog, tmp_path: Path
) -> None:
    session = mapped.session
    assert not dialog.buttons["save"].isEnabled()
    save_selection(mapped, person, "odd", 1, 3, 5)
    assert person.proposed == "Selection 1"
    assert rows(dialog) == [("odd", 3)]
    session.selection.clear()
    press(qtbot, dialog, "choose")
    assert session.selection.rows.tolist() == [1, 3, 5]
    assert set(session.selection.units) == set(session.map.units[[1, 3, 5]])
    person.answers["selection_name"] = "uneven"
    press(qtbot, dialog, "rename")
    assert rows(dialog) == [("uneven", 3)]
    assert session.modified
    assert save(session, tmp_path / "a.i2m")
    press(qtbot, dialog, "delete")
    assert rows(dialog) == []
    assert session.modified
    for expected in ([("uneven", 3)], [("odd", 3)], []):
        mapped.actions_by_name["undo"].trigger()
        assert rows(dialog) == expected
    mapped.actions_by_name["redo"].trigger()
    assert rows(dialog) == [("odd", 3)]
    session.modified = False
    session.open_project(tmp_path / "a.i2m")
    assert rows(dialog) == [("uneven", 3)]
    press(qtbot, dialog, "choose")
    assert session.selection.rows.tolist() == [1, 3, 5]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("choose", [1, 3, 5]),
        ("add", [1, 3, 4, 5, 6]),
        ("intersect", [5]),
        ("subtract", [4, 6]),
    ],
)
@pytest.mark.slow
def test_selections_are_combined(
    qtbot: QtBot,
    mapped: MainWindow,
    person: Person,
    dialog: SelectionsDialog,
    how: str,
    expected: list[int],
) -> None:
    session = mapped.session
    save_selection(mapped, person, "odd", 1, 3, 5)
    session.choose([session.sources[row].address for row in (4, 5, 6)])
    press(qtbot, dialog, how)
    assert session.selection.rows.tolist() == expected
    shown = mapped.browser.gallery.selectionModel().selectedRows()
    assert sorted(index.row() for index in shown) == expected


def test_a_name_is_used_once(
    qtbot: QtBot, mapped: MainWindow, person: Person, dialog: SelectionsDialog
) -> None:
    save_selection(mapped, person, "a", 1)
    save_selection(mapped, person, "b", 2, 3)
    save_selection(mapped, person, "a", 4, 5)
    assert sorted(rows(dialog)) == [("a", 2), ("b", 2)]
    dialog.table.selectRow([row[0] for row in rows(dialog)].index("b"))
    person.answers["selection_name"] = "a"
    press(qtbot, dialog, "rename")
    assert sorted(rows(dialog)) == [("a", 2), ("b", 2)]
    assert "already" in mapped.status_line.message


def test_removed_pictures_do_not_count_until_they_are_back(
    mapped: MainWindow, person: Person, dialog: SelectionsDialog
) -> None:
    save_selection(mapped, person, "odd", 1, 3, 5)
    mapped.session.choose([mapped.session.sources[3].address])
    mapped.actions_by_name["remove"].trigger()
    assert rows(dialog) == [("odd", 2)]
    mapped.actions_by_name["undo"].trigger()
    assert rows(dialog) == [("odd", 3)]


# --- the questions ------------------------------------------------------------------------------


def test_labels_are_offered_with_their_counts(qtbot: QtBot) -> None:
    dialog = LabelsDialog(None, [("one", 3), ("two\n", 4), (None, 5)])
    qtbot.addWidget(dialog)
    texts = [dialog.list.item(row).text() for row in range(3)]
    assert texts == ["one (3)", "two\\n (4)", "No label (5)"]
    assert not dialog.select.isEnabled()
    dialog.list.item(1).setSelected(True)
    dialog.list.item(2).setSelected(True)
    assert dialog.labels == ("two\n", None)
    assert dialog.words.text() == "9 pictures"


def test_a_text_is_counted_while_it_is_written(qtbot: QtBot) -> None:
    dialog = TextDialog(None, (Source("/a/IMG_1.png"), Source("/a/IMG_2.png")))
    qtbot.addWidget(dialog)
    assert not dialog.select.isEnabled()
    qtbot.keyClicks(dialog.line, "img_2")
    assert dialog.words.text() == "1 picture found"
    assert dialog.rows.tolist() == [1]
    dialog.line.clear()
    dialog.expression.setChecked(True)
    qtbot.keyClicks(dialog.line, "_[12")
    assert dialog.words.text().startswith("This is no regular expression")
    assert not dialog.select.isEnabled()
    qtbot.keyClicks(dialog.line, "]")
    assert dialog.rows.tolist() == [0, 1]
    assert dialog.select.isEnabled()


def test_a_list_is_pasted_or_read(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = ListDialog(None)
    qtbot.addWidget(dialog)
    qtbot.keyClicks(dialog.text, "a.png")
    assert dialog.lines == ("a.png",)
    path = tmp_path / "names.txt"
    path.write_bytes("\ufeffb.png\r\n\r\nü.png\n".encode())
    dialog.read(path)
    assert dialog.lines == ("b.png", "ü.png")
    assert dialog.words.text() == "2 names"
    path.write_bytes(b"\xff\xfe\x00\xd8")
    dialog.read(path)
    assert dialog.words.text().endswith("is no text.")
    dialog.read(tmp_path)
    assert dialog.words.text().endswith("cannot be read.")
    assert dialog.lines == ("b.png", "ü.png")


def test_a_name_that_is_taken_is_pointed_out(qtbot: QtBot) -> None:
    dialog = NameDialog(None, "Save", "a", lambda name: "taken" if name == "a" else "")
    qtbot.addWidget(dialog)
    assert dialog._words.text() == "taken"
    dialog.line.setText("  ")
    assert not dialog.save.isEnabled()
    dialog.line.setText(" b ")
    assert dialog.name == "b"
    assert dialog._words.text() == ""


@pytest.mark.parametrize(
    ("make", "does"),
    [
        (lambda: LabelsDialog(None, [("a", 1)]), "Select"),
        (lambda: TextDialog(None, ()), "Select"),
        (lambda: ListDialog(None), "Select"),
        (lambda: NameDialog(None, "Save", "a", lambda _: ""), "Save"),
        (lambda: TuningDialog(None), "Tune"),
    ],
)
def test_enter_does_what_the_dialog_is_for(
    qtbot: QtBot, make: Callable[[], QDialog], does: str
) -> None:
    dialog = make()
    qtbot.addWidget(dialog)
    dialog.show()
    defaults = [one.text() for one in dialog.findChildren(QPushButton) if one.isDefault()]
    assert defaults == [does]
