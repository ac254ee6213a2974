"""Colours and measures taken from the palette, in light and dark alike."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

SPACE = 8
_BLUE = (QColor("#1f6fb2"), QColor("#6cb6ff"))
_ORANGE = (QColor("#b35900"), QColor("#ffa657"))


def is_dark(palette: QPalette) -> bool:
    """Whether the palette writes light on dark."""
    text = palette.color(QPalette.ColorRole.WindowText)
    return text.lightness() > palette.color(QPalette.ColorRole.Window).lightness()


def canvas(palette: QPalette) -> QColor:
    """Return the ground that maps and curves are drawn on."""
    return QColor(palette.color(QPalette.ColorRole.Base))


def faint_text(palette: QPalette) -> QColor:
    """Return the colour of remarks, still at a contrast of 4.5 : 1 or better."""
    text = palette.color(QPalette.ColorRole.WindowText)
    ground = palette.color(QPalette.ColorRole.Window)
    return mixed(text, ground, 0.28)


def accent(palette: QPalette) -> QColor:
    """Return the colour of curves and selected units."""
    return _BLUE[is_dark(palette)]


def on_pictures() -> QColor:
    """Return the colour of marks on pictures, beside white: pictures follow no palette."""
    return QColor(_BLUE[0])


def marker(palette: QPalette) -> QColor:
    """Return the colour of pins and warnings."""
    return _ORANGE[is_dark(palette)]


def axis_line(palette: QPalette) -> QColor:
    """Return the colour of the axes of a plot."""
    return mixed(palette.color(QPalette.ColorRole.Text), canvas(palette), 0.5)


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """Return a colour between two: this share of the way from the first to the second."""
    return QColor.fromRgbF(
        first.redF() * (1 - share) + second.redF() * share,
        first.greenF() * (1 - share) + second.greenF() * share,
        first.blueF() * (1 - share) + second.blueF() * share,
    )
