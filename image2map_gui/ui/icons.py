"""Icons drawn in the colours of the palette."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from image2map_gui.core.resources import resource

_SIZES = (16, 24, 32, 48)  # menus and buttons, tool bar; each also at 2x
_BLACK = b"#000000"


def icon(name: str, palette: QPalette) -> QIcon:
    """Return one of the line icons, tinted for enabled and disabled controls."""
    made = QIcon()
    for mode, group in (
        (QIcon.Mode.Normal, QPalette.ColorGroup.Active),
        (QIcon.Mode.Disabled, QPalette.ColorGroup.Disabled),
    ):
        colour = palette.color(group, QPalette.ColorRole.ButtonText)
        for size in _SIZES:
            made.addPixmap(_drawn(name, colour, size), mode)
    return made


def pixmap(name: str, colour: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """Return one of the line icons in one colour, ``size`` logical pixels wide."""
    made = _drawn(name, colour, round(size * ratio))
    made.setDevicePixelRatio(ratio)
    return made


def application_icon() -> QIcon:
    """Return the icon of the program."""
    made = QIcon()
    for size in (16, 32, 48, 64, 128, 256):
        made.addFile(str(resource(f"icons/image2map-{size}.png")))
    return made


def _drawn(name: str, colour: QColor, size: int) -> QPixmap:
    """Return a drawing from Qt's cache of pixmaps: a form of forty fields shows the same arrow."""
    key = f"image2map/{name}/{colour.name()}/{size}"
    made = QPixmap()
    if QPixmapCache.find(key, made):
        return made
    made = QPixmap(size, size)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    tinted = _drawing(name).replace(_BLACK, colour.name().encode())
    QSvgRenderer(QByteArray(tinted)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    QPixmapCache.insert(key, made)
    return made


@cache
def _drawing(name: str) -> bytes:
    return resource(f"icons/ui/{name}.svg").read_bytes()
