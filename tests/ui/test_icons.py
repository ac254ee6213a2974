"""Icons: each one that is used is there, tinted, and the same names stand in the table."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette
from pytestqt.qtbot import QtBot

from image2map_gui.ui.actions.table import ACTIONS
from image2map_gui.ui.icons import application_icon, icon, pixmap


def test_every_icon_of_an_action_can_be_drawn(qtbot: QtBot) -> None:
    for name in {action.icon for action in ACTIONS if action.icon}:
        assert not icon(name, QPalette()).pixmap(24, 24).isNull(), name


def test_icons_take_the_colour_they_are_given(qtbot: QtBot) -> None:
    image = pixmap("stop", QColor("#ff0000"), 48).toImage()
    colours = {
        image.pixelColor(x, y).name()
        for x in range(48)
        for y in range(48)
        if image.pixelColor(x, y).alpha() == 255
    }
    assert colours == {"#ff0000"}


def test_application_icon_has_sizes(qtbot: QtBot) -> None:
    assert len(application_icon().availableSizes()) >= 4
