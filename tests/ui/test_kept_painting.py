"""Paintings that are kept: moved as they are, stretched for a moment, never stale or blurred."""

from __future__ import annotations

from collections.abc import Iterator

import pyqtgraph as pg
import pytest
from conftest import WAIT_MS
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from image2map_gui.ui.map_view.kept import Kept

AREA = QRectF(0, 0, 20, 20)


class Item(pg.GraphicsObject):  # type: ignore[misc]
    """Paints a chequer of cells; knows how often it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn, self.updated = 0, 0
        self.colour = QColor("red")

    def update(self) -> None:
        self.updated += 1

    def draw(self, painter: QPainter) -> None:
        self.drawn += 1
        for row in range(20):
            for column in range(row % 2, 20, 2):
                painter.fillRect(QRectF(column, row, 1, 1), self.colour)


@pytest.fixture
def item(qapp: object) -> Iterator[Item]:
    made = Item()
    yield made
    made.deleteLater()


def shot(kept: Kept, scale: float, x: float = 0, y: float = 0, side: int = 100) -> QImage:
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.scale(scale, scale)
    painter.translate(-x, -y)
    kept.paint(painter, AREA)
    painter.end()
    return image


def plain(item: Item, scale: float, x: float = 0, y: float = 0, side: int = 100) -> QImage:
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.scale(scale, scale)
    painter.translate(-x, -y)
    item.draw(painter)
    painter.end()
    return image


def test_moving_shows_what_was_painted_once(item: Item) -> None:
    kept = Kept(item, item.draw)
    for x, y in ((0, 0), (3, 2), (8, 9), (0.5, 4)):
        assert shot(kept, 10, x, y) == plain(Item(), 10, x, y)
    assert item.drawn == 1


def test_of_a_map_too_large_to_keep_a_part_is_painted_with_some_more(item: Item) -> None:
    kept = Kept(item, item.draw)
    scale, side = 100, 500
    assert shot(kept, scale, 5, 5, side) == plain(Item(), scale, 5, 5, side)
    assert shot(kept, scale, 6, 5.5, side) == plain(Item(), scale, 6, 5.5, side)
    assert item.drawn == 1
    assert shot(kept, scale, 12, 5, side) == plain(Item(), scale, 12, 5, side)
    assert item.drawn == 2
    assert shot(kept, scale, 5, 5, side) == plain(Item(), scale, 5, 5, side)  # still there
    assert item.drawn == 2


def test_zooming_stretches_and_is_painted_sharp_at_rest(qtbot: QtBot, item: Item) -> None:
    kept = Kept(item, item.draw)
    shot(kept, 10)
    for scale in (11, 12.5, 14):
        stretched = shot(kept, scale)
        assert stretched != plain(Item(), scale)
        assert stretched.pixelColor(7, 7).red() > 240  # the same cells, at the same places
        assert stretched.pixelColor(7, 7).green() < 15
    assert item.drawn == 1
    qtbot.waitUntil(lambda: item.updated == 1, timeout=WAIT_MS)
    assert shot(kept, 14) == plain(Item(), 14)
    assert item.drawn == 2


def test_what_looks_otherwise_now_is_never_shown_as_before(item: Item) -> None:
    kept = Kept(item, item.draw)
    shot(kept, 10)
    item.colour = QColor("blue")
    kept.forget()
    assert shot(kept, 11).pixelColor(5, 5) == QColor("blue")


def test_beside_the_map_nothing_is_painted(item: Item) -> None:
    kept = Kept(item, item.draw)
    assert shot(kept, 10, 30, 30).pixelColor(5, 5) == QColor("white")
    assert item.drawn == 0
