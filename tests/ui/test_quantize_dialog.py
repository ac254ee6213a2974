"""Colour quantization in its window: from a photo that is chosen or dropped to saved files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, Person
from data import FLAT_COLOURS, write_flat_photo, write_picture
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QColor, QDragEnterEvent, QDropEvent, QPalette
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.tools.quantize_dialog import QuantizeDialog


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Four flat colours in quarters of 40 x 24 pixels; its name is no markup."""
    return write_flat_photo(tmp_path / "<b>photo&.png")


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(256, size=(600, 800, 3)).astype(np.uint8)
    return write_picture(tmp_path / "noise.png", pixels)


@pytest.fixture
def dialog(window: MainWindow) -> QuantizeDialog:
    window.actions_by_name["quantize"].trigger()
    found = window.findChild(QuantizeDialog)
    assert found.isVisible()
    assert not found.isModal()
    return found


def wait(qtbot: QtBot, dialog: QuantizeDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.job.busy, timeout=WAIT_MS)


def click(qtbot: QtBot, button: QPushButton) -> None:
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(qtbot: QtBot, dialog: QuantizeDialog, person: Person, path: Path) -> None:
    person.answers["photo"] = path
    click(qtbot, dialog.choose)
    wait(qtbot, dialog)


def drop(dialog: QuantizeDialog, data: QMimeData) -> bool:
    """Drag something over the window and let it fall; returns whether it was taken."""
    place, action = QPoint(50, 200), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, action, data, left, none)
    enter.setAccepted(False)
    QApplication.sendEvent(dialog, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(dialog, QDropEvent(QPointF(place), action, data, left, none))
    return True


def test_the_tools_menu_opens_it(window: MainWindow) -> None:
    menus = {action.text(): action.menu() for action in window.menuBar().actions()}
    menu = menus["&Tools"]
    assert isinstance(menu, QMenu)
    assert window.actions_by_name["quantize"] in menu.actions()
    assert isinstance(window.actions_by_name["quantize"], QAction)
    assert window.actions_by_name["quantize"].isEnabled()  # without any pictures open


def test_from_a_photo_to_saved_files(
    qtbot: QtBot, dialog: QuantizeDialog, person: Person, photo: Path, tmp_path: Path
) -> None:
    assert not dialog.run.isEnabled()
    choose(qtbot, dialog, person, photo)
    assert dialog.said.text() == "<b>photo&.png: 40 x 24 pixels. Run learns its colours."
    assert dialog.said.textFormat() == Qt.TextFormat.PlainText
    assert np.array_equal(dialog.original.pixels, np.asarray(Image.open(photo)))
    assert dialog.learned.pixels is None
    assert not dialog.save_picture.isEnabled()
    for box, value in ((dialog.rows, 1), (dialog.columns, 4)):
        box.setFocus()
        box.selectAll()
        qtbot.keyClicks(box, str(value))
    click(qtbot, dialog.run)
    wait(qtbot, dialog)
    assert "Map of 1 x 4, 4 colours in use, mean error 0.00" in dialog.said.text()
    assert dialog.learned.pixels.shape == dialog.start.pixels.shape == (1, 4, 3)
    assert sorted(map(tuple, dialog.learned.pixels[0].tolist())) == FLAT_COLOURS
    assert np.array_equal(dialog.quantized.pixels, dialog.original.pixels)

    person.answers["quantized_to_save"] = tmp_path / "few.png"
    click(qtbot, dialog.save_picture)
    wait(qtbot, dialog)
    assert Path(person.proposed).name == "<b>photo&-quantized.png"
    assert dialog.said.text() == f"Saved as {tmp_path / 'few.png'}"
    with Image.open(tmp_path / "few.png") as image, Image.open(photo) as original:
        assert image.convert("RGB").tobytes() == original.tobytes()
    person.answers["palette_to_save"] = tmp_path / "palette.json"
    click(qtbot, dialog.save_palette)
    wait(qtbot, dialog)
    records = json.loads((tmp_path / "palette.json").read_text())
    assert [one["rgb"] for one in records] == dialog.learned.pixels[0].tolist()


@pytest.mark.slow
def test_colours_are_learned_before_ones_eyes(
    qtbot: QtBot, dialog: QuantizeDialog, person: Person, noise: Path
) -> None:
    choose(qtbot, dialog, person, noise)
    dialog.rows.setValue(8)
    dialog.columns.setValue(9)
    seen = []
    dialog.job.stepped.connect(lambda step: seen.append(dialog.learned.pixels.tobytes()))
    click(qtbot, dialog.run)
    qtbot.waitUntil(lambda: len(set(seen)) > 3, timeout=WAIT_MS)
    assert dialog.job.busy
    assert not dialog.run.isEnabled()
    qtbot.waitUntil(lambda: dialog.quantized.pixels is not None, timeout=WAIT_MS)
    wait(qtbot, dialog)
    assert "Map of 8 x 9, 72 colours in use" in dialog.said.text()


@pytest.mark.slow
def test_stopping_and_closing_end_the_work(
    qtbot: QtBot, window: MainWindow, dialog: QuantizeDialog, person: Person, noise: Path
) -> None:
    choose(qtbot, dialog, person, noise)
    dialog.rows.setValue(30)
    dialog.columns.setValue(30)
    for end in ("stop", "close", "window"):
        click(qtbot, dialog.run)
        qtbot.waitUntil(lambda: dialog.learned.pixels is not None, timeout=WAIT_MS)
        if end == "stop":
            click(qtbot, dialog.job.findChild(QPushButton))
            wait(qtbot, dialog)
        elif end == "close":
            dialog.close()
        else:
            window.close()
        assert not dialog.job.busy
        assert dialog.said.text() == "Stopped."
        assert dialog.learned.pixels is None
        assert not dialog.save_palette.isEnabled()
        dialog.setVisible(end != "window")
        assert dialog.run.isEnabled()


def test_photos_can_be_dropped(qtbot: QtBot, dialog: QuantizeDialog, photo: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photo))])
    assert drop(dialog, data)
    qtbot.waitUntil(lambda: dialog.original.pixels is not None, timeout=WAIT_MS)
    wait(qtbot, dialog)
    text = QMimeData()
    text.setText("no picture")
    assert not drop(dialog, text)


def test_what_cannot_be_read_or_written_is_told(
    qtbot: QtBot, dialog: QuantizeDialog, person: Person, photo: Path, tmp_path: Path
) -> None:
    choose(qtbot, dialog, person, photo)
    (tmp_path / "fake.png").write_text("no picture")
    choose(qtbot, dialog, person, tmp_path / "fake.png")
    assert dialog.said.text().endswith("fake.png: is not a picture this program can read.")
    assert dialog.original.pixels is not None  # that of before
    choose(qtbot, dialog, person, tmp_path)
    assert dialog.said.text().endswith("is a folder; name one picture.")
    click(qtbot, dialog.run)
    wait(qtbot, dialog)
    before = photo.read_bytes()
    for path, said in (
        (photo, "is the photo itself; name another file."),
        (tmp_path / "none" / "x.png", "cannot be written (No such file or directory)."),
        (tmp_path / "x.jpg", "the picture can only be written as .png."),
    ):
        person.answers["quantized_to_save"] = path
        click(qtbot, dialog.save_picture)
        wait(qtbot, dialog)
        assert dialog.said.text().endswith(said)
    assert photo.read_bytes() == before
    dialog.rows.setValue(500)
    dialog.columns.setValue(500)
    click(qtbot, dialog.run)
    assert "250,000 colours; 40,000 are possible" in dialog.said.text()
    assert not dialog.job.busy


def test_nothing_happens_when_no_file_is_named(
    qtbot: QtBot, dialog: QuantizeDialog, person: Person, photo: Path
) -> None:
    click(qtbot, dialog.choose)
    assert person.asked == ["photo"]
    assert not dialog.job.busy
    choose(qtbot, dialog, person, photo)
    click(qtbot, dialog.run)
    wait(qtbot, dialog)
    said = dialog.said.text()
    for button in (dialog.save_picture, dialog.save_palette):
        click(qtbot, button)
        assert not dialog.job.busy
    assert dialog.said.text() == said


def test_every_control_has_a_name_and_every_colour_words(
    qtbot: QtBot, dialog: QuantizeDialog, person: Person, photo: Path
) -> None:
    for kind in (QAbstractSpinBox, QComboBox):
        assert all(box.accessibleName() for box in dialog.findChildren(kind))
    assert all(button.text() for button in dialog.findChildren(QPushButton))
    choose(qtbot, dialog, person, photo)
    dialog.rows.setValue(2)
    dialog.columns.setValue(2)
    click(qtbot, dialog.run)
    wait(qtbot, dialog)
    first = "#{:02x}{:02x}{:02x}".format(*dialog.learned.pixels[0, 0])
    assert dialog.learned.accessibleName() == "Learned colours"
    assert dialog.learned.accessibleDescription().startswith(first)
    text = dialog.learned.colour_text(QPoint(4, 40))
    assert text == f"row 1, column 1: {first}, 25.0 % of the photo"
    assert not dialog.learned.colour_text(QPoint(4, 2))
    assert not dialog.original.colour_text(QPoint(4, 40))


@pytest.mark.parametrize("ground", ["#ffffff", "#202020"])
@pytest.mark.slow
def test_panels_show_what_they_are_given(
    qtbot: QtBot, dialog: QuantizeDialog, person: Person, photo: Path, ground: str
) -> None:
    palette = QPalette(QColor(ground))
    dialog.setPalette(palette)
    choose(qtbot, dialog, person, photo)
    dialog.rows.setValue(1)
    dialog.columns.setValue(4)
    click(qtbot, dialog.run)
    wait(qtbot, dialog)
    shown = dialog.learned.grab().toImage()
    head, width = dialog.learned.fontMetrics().height() + 4, shown.width()
    for place, colour in enumerate(dialog.learned.pixels[0].tolist()):
        middle = QColor(shown.pixel(int((place + 0.5) * width / 4), head + width // 8))
        assert [middle.red(), middle.green(), middle.blue()] == colour
    picture = dialog.quantized.grab().toImage()
    assert QColor(picture.pixel(20, head + 20)).getRgb()[:3] == FLAT_COLOURS[0]
    QApplication.sendEvent(dialog, QEvent(QEvent.Type.PaletteChange))
