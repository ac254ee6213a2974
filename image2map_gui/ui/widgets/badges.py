"""Small signs in the colours of labels, and the ink that can be read on them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from image2map_gui.ui.theme import axis_line

Index = QModelIndex | QPersistentModelIndex
SIDE = 12
_ROUND = 2.5
_DARK, _LIGHT = QColor(0, 0, 0), QColor(255, 255, 255)


def ink_on(ground: QColor) -> QColor:
    """Return dark or light ink, whichever stands out more; the contrast is 4.5 : 1 or better."""
    return max((_DARK, _LIGHT), key=lambda ink: contrast(ink, ground))


def contrast(one: QColor, other: QColor) -> float:
    """Return how much two colours stand out from each other, 1 to 21, as WCAG 2 reckons it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def badge(colour: Sequence[int], palette: QPalette, text: str = "") -> QPixmap:
    """Return a small square of a colour, with a rim that sets it off from any ground."""
    ratio = QGuiApplication.instance().devicePixelRatio()  # type: ignore[union-attr]
    side = SIDE + 4 if text else SIDE
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_badge(painter, QRectF(0, 0, side, side), QColor(*colour), palette)
    if text:
        font = painter.font()
        font.setPixelSize(SIDE - 1)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(ink_on(QColor(*colour)))
        painter.drawText(QRectF(0, 0, side, side), Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return pixmap


def badge_icon(colour: Sequence[int], palette: QPalette) -> QIcon:
    """Return a badge for lists, which keeps its colour where a row is selected."""
    pixmap, icon = badge(colour, palette), QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected, QIcon.Mode.Active):
        icon.addPixmap(pixmap, mode)
    return icon


class BadgeDelegate(QStyledItemDelegate):
    """Draws a column whose icons are badges, small also where pictures stand beside them."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Let the icon be as large as a badge."""
        super().initStyleOption(option, index)
        option.decorationSize = QSize(SIDE, SIDE)


def paint_badge(painter: QPainter, place: QRectF, colour: QColor, palette: QPalette) -> None:
    """Draw a small square of a colour."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(axis_line(palette))
    painter.setBrush(colour)
    painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), _ROUND, _ROUND)
    painter.restore()


def _luminance(colour: QColor) -> float:
    channels = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
