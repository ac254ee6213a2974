"""What lies over the pictures of the map: a layer, as colours, lines, pies or letters."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from image2map_gui.core.picture.cells import Cells, raster, raster_between
from image2map_gui.core.picture.plane import BETWEEN, CELLS, PIES, REGIONS, WALLS, Plane
from image2map_gui.ui.map_view.inks import Inks, Pies, Regions, Walls
from image2map_gui.ui.map_view.kept import Kept

_PIXELS = 1000  # across a picture of hexagons, about
_FEWEST, _MOST = 16, 48  # across a hexagon


class LayerItem(pg.GraphicsObject):  # type: ignore[misc]
    """One layer: the colours of cells as a small picture, and what is drawn upon it.

    It is painted in the coordinates of the map, and can be painted anywhere else.
    """

    def __init__(self) -> None:
        super().__init__()
        self._plane: Plane | None = None
        self._cells: Cells | None = None
        self._area = QRectF()
        self._cover: QImage | None = None
        self._inks: Inks = ()
        self._share = 1.0
        # The pictures below change more often while a map trains, and the view more often still.
        self._kept = Kept(self, self._draw_inks)

    def show_plane(self, plane: Plane, cells: Cells, opacity: float) -> None:
        """Show a layer of a map whose cells lie so; names and outlines hide all below."""
        if plane is not self._plane or cells is not self._cells:
            self.prepareGeometryChange()
            self._plane, self._cells = plane, cells
            self._area = QRectF(0, 0, cells.width, cells.height)
            self._cover = _cover(plane, cells)
            self._inks = _inks(plane, cells)
            self._kept.forget()
        self._share = opacity
        self.update()

    def boundingRect(self) -> QRectF:
        """Tell what may be painted on."""
        return self._area

    def paint(self, painter: QPainter, *_arguments: object) -> None:
        """Paint; Qt asks for it."""
        before = painter.opacity()
        painter.setOpacity(before * self._share)
        if self._cover is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(self._area, self._cover)
            painter.setOpacity(before)
        if self._inks:
            self._kept.paint(painter, self._area)
        painter.setOpacity(before)

    def _draw_inks(self, painter: QPainter) -> None:
        for ink in self._inks:
            ink.paint(painter)


def _cover(plane: Plane, cells: Cells) -> QImage | None:
    """Return the colours of all cells as one picture of the map."""
    pixels = int(np.clip(_PIXELS / cells.width, _FEWEST, _MOST))
    if plane.form in (CELLS, REGIONS):
        return _painted(plane.colours, raster(cells.grid, cells.shape, pixels))
    if plane.form == BETWEEN:
        colours = plane.detail_colours.reshape(-1, 3)
        return _painted(colours, raster_between(cells.grid, cells.shape, pixels))
    return None


def _painted(colours: NDArray[np.uint8], places: NDArray[np.intp]) -> QImage:
    """Paint each pixel in the colour of its place; that of place -1 is transparent."""
    table = np.zeros((len(colours) + 1, 4), np.uint8)
    table[:-1, :3], table[:-1, 3] = colours, 255
    sheet = table.view(np.uint32)[:, 0][places]
    height, width = sheet.shape
    format_ = QImage.Format.Format_RGBA8888
    return QImage(sheet.tobytes(), width, height, 4 * width, format_).copy()


def _inks(plane: Plane, cells: Cells) -> Inks:
    if plane.form == WALLS:
        return (Walls(plane, cells),)
    if plane.form == PIES:
        return (Pies(plane, cells),)
    return (Regions(plane, cells),) if plane.form == REGIONS else ()
