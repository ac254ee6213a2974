"""Signs in the colours of labels: what is written on them can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from image2map_gui.core.picture.ramps import kind_colours
from image2map_gui.ui.widgets.badges import badge, contrast, ink_on

BYTE = st.integers(0, 255)


@given(BYTE, BYTE, BYTE)
def test_ink_stands_out_on_every_colour(red: int, green: int, blue: int) -> None:
    ground = QColor(red, green, blue)
    assert contrast(ink_on(ground), ground) >= 4.5


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.01)
    assert contrast(QColor("red"), QColor("red")) == 1


def test_a_badge_holds_its_colour_and_a_sign(qapp: QApplication) -> None:
    for colour in kind_colours(20).tolist():
        image = badge(colour, QPalette()).toImage()
        assert QColor(image.pixel(image.width() // 2, image.height() // 2)) == QColor(*colour)
        written = badge(colour, QPalette(), "1").toImage()
        inks = {written.pixel(x, y) for x in range(2, 14) for y in range(2, 14)}
        assert ink_on(QColor(*colour)).rgb() in inks
