"""The dialog of limits, and that what is chosen there is kept and remembered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import Person, open_pictures, wait_idle
from data import write_picture
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QDialogButtonBox, QSpinBox
from pytestqt.qtbot import QtBot

from image2map_gui.core.frames import Keeping
from image2map_gui.core.images.limits import Limits, limits
from image2map_gui.core.options import options_of
from image2map_gui.ui.dialogs.dialogs import Dialogs
from image2map_gui.ui.dialogs.preferences import Preferences
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Preferred, Safety, Settings, Tables

Kinds = QDialogButtonBox.StandardButton


@pytest.fixture
def dialog(qtbot: QtBot) -> Preferences:
    made = Preferences(Preferred(Limits(max_side=5000)))
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def button(dialog: QDialog, kind: Kinds) -> object:
    return dialog.findChild(QDialogButtonBox).button(kind)


def test_every_limit_has_a_field_with_its_name_and_its_help(dialog: Preferences) -> None:
    assert dialog.preferred.limits == Limits(max_side=5000)
    for option in options_of(Limits):
        field = dialog.fields["limits"][option.name]
        assert field.caption.text() == option.label
        assert field.caption.buddy().accessibleName() == option.label
        assert option.help.split(".")[0] in field.caption.toolTip()


def test_a_limit_is_typed(qtbot: QtBot, dialog: Preferences) -> None:
    editor = dialog.fields["limits"]["max_megapixels"].findChild(QSpinBox)
    editor.selectAll()
    qtbot.keyClicks(editor, "120")
    qtbot.mouseClick(button(dialog, Kinds.Ok), Qt.MouseButton.LeftButton)
    assert dialog.result() == QDialog.DialogCode.Accepted
    assert dialog.preferred.limits == Limits(max_side=5000, max_megapixels=120)


def test_the_first_values_come_back(qtbot: QtBot, dialog: Preferences) -> None:
    qtbot.mouseClick(button(dialog, Kinds.RestoreDefaults), Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    assert dialog.preferred.limits == Limits()


@pytest.mark.parametrize(("key", "chosen"), [(Qt.Key.Key_Return, True), (Qt.Key.Key_Escape, False)])
def test_the_dialog_asks_and_answers(
    qtbot: QtBot, window: MainWindow, key: Qt.Key, chosen: bool
) -> None:
    def answer() -> None:
        asked = QApplication.activeModalWidget()
        assert isinstance(asked, Preferences)
        asked.fields["limits"]["max_scans"].findChild(QSpinBox).setValue(77)
        asked.fields["keeping"]["runs"].findChild(QSpinBox).setValue(9)
        asked.fields["tables"]["full_paths"].findChild(QCheckBox).click()
        qtbot.keyClick(asked, key)

    QTimer.singleShot(0, answer)
    found = Dialogs(window).preferences(Preferred())
    wanted = Preferred(Limits(max_scans=77), Keeping(runs=9), Safety(), Tables(full_paths=True))
    assert found == (wanted if chosen else None)


@pytest.mark.slow
def test_limits_hold_for_what_is_opened_next_and_are_remembered(
    qtbot: QtBot, session: Session, person: Person, tmp_path: Path,
    limited: Callable[..., None],
) -> None:  # fmt: skip
    limited()
    folder = tmp_path / "pictures"
    write_picture(folder / "wide.png", np.zeros((10, 300), np.uint8))
    write_picture(folder / "small.png")
    path = tmp_path / "settings.json"
    window = MainWindow(session, Settings(path), person)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    person.answers["preferences"] = Preferred(Limits(max_side=200))
    with qtbot.waitSignal(session.noticed):
        qtbot.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    assert limits() == Limits(max_side=200)
    open_pictures(qtbot, session, folder)
    assert len(session.sources) == 1
    (skipped,) = session.skipped
    assert skipped.reason.endswith("the limit is 200 (setting 'max side')")
    assert Settings(path).limits == Limits(max_side=200)
    person.answers["preferences"] = Preferred(Limits(max_side=200), Keeping(frames=7))
    window.actions_by_name["preferences"].trigger()
    assert session.keeping == Settings(path).keeping == Keeping(frames=7)
    person.answers["preferences"] = None
    window.actions_by_name["preferences"].trigger()
    assert limits() == Limits(max_side=200)
    person.answers["preferences"] = Preferred()
    window.actions_by_name["preferences"].trigger()
    session.modified = False
    open_pictures(qtbot, session, folder)
    assert len(session.sources) == 2
    session.modified = False
    window.close()


def test_all_pages_of_tiff_files_if_wanted(
    qtbot: QtBot, session: Session, person: Person, tmp_path: Path
) -> None:
    first, *rest = [Image.new("L", (8, 8), shade) for shade in (0, 60, 120)]
    scan = tmp_path / "scan.tif"
    first.save(scan, save_all=True, append_images=rest)
    path = tmp_path / "settings.json"
    window = MainWindow(session, Settings(path), person)
    qtbot.addWidget(window)
    window.show()
    action = window.actions_by_name["all-pages"]
    assert action.isCheckable()
    assert not action.isChecked()
    open_pictures(qtbot, session, scan)
    assert [source.name for source in session.sources] == ["scan.tif"]
    action.trigger()
    assert action.isChecked()
    assert Settings(path).pages == "all"
    session.add_pictures([scan])
    wait_idle(qtbot, session)
    assert [source.name for source in session.sources] == ["scan.tif", "scan.tif 2", "scan.tif 3"]
    action.trigger()
    assert not action.isChecked()
    assert Settings(path).pages == "first"
    session.modified = False
    window.close()
