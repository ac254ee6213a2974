"""The map as one picture made of one tile per unit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.picture.cells import PITCH, TALL
from image2map_gui.core.som.grid import Grid

_SLACK = 0.6  # pixels by which hexagons overlap, as their rows lie on whole pixels


def mosaic(pictures: NDArray[np.uint8], grid: Grid) -> NDArray[np.uint8]:
    """Put the pictures of all units together, each where the grid draws it.

    Parameters
    ----------
    pictures
        ``(k, height, width, channels)``.

    Returns
    -------
    ndarray
        ``(rows height, columns width, 3)``, uint8, contiguous, without gaps between the tiles.
        Hexagons hold their pictures, enlarged to their height and cut at the sides; a fourth
        channel says what is map (255) and what is ground (0). They lie as
        :class:`~image2map_gui.core.picture.cells.Cells` says, to within half a pixel.
    """
    tiles = pictures[grid.unit_table]
    if grid.hexagonal:
        return _hexagons(tiles, grid)
    _, height, width, channels = pictures.shape
    sheet = tiles.transpose(0, 2, 1, 3, 4).reshape(
        grid.rows * height, grid.columns * width, channels
    )
    return np.ascontiguousarray(np.broadcast_to(sheet, (*sheet.shape[:2], 3)))


def _hexagons(tiles: NDArray[np.uint8], grid: Grid) -> NDArray[np.uint8]:
    """Lay rows of tiles ``(rows, columns, height, width, channels)`` as hexagons."""
    rows, columns, height, width, _ = tiles.shape
    down, across, mask = _hexagon(height, width)
    tall, half = len(down), width // 2 if rows > 1 else 0
    bottom = round((rows - 1) * height * PITCH) + tall
    sheet = np.zeros((bottom, columns * width + half, 4), np.uint8)
    masks = np.tile(mask, columns)
    bands = tiles[:, :, down][:, :, :, across].transpose(0, 2, 1, 3, 4)
    for row, band in enumerate(bands):
        top, left = round(row * height * PITCH), half if grid.shift(row) else 0
        place = sheet[top : top + tall, left : left + columns * width]
        colour = band.reshape(tall, columns * width, -1)
        np.copyto(place[..., :3], colour, where=masks[..., None])
        place[masks, 3] = 255
    return sheet


def _hexagon(
    height: int, width: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Return which rows and columns of a picture a hexagon shows, and its inside."""
    tall = max(1, round(height * TALL))
    y, x = (np.arange(tall) + 0.5) / tall, (np.arange(width) + 0.5) / width
    down = (y * height).astype(np.intp)
    across = ((0.5 + (x - 0.5) * PITCH) * width).astype(np.intp)
    slack = _SLACK / tall
    return down, across, np.abs(y - 0.5)[:, None] <= 0.5 + slack - np.abs(x - 0.5) / 2
