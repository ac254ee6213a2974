"""The map as one picture made of one tile per unit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid


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
        Of hexagons every second row is shifted by half a tile, and a fourth channel says what
        is map (255) and what is ground (0).
    """
    _, height, width, channels = pictures.shape
    tiles = pictures[grid.unit_table]
    if grid.hexagonal and grid.rows > 1:
        return _shifted(tiles, grid)
    sheet = tiles.transpose(0, 2, 1, 3, 4).reshape(
        grid.rows * height, grid.columns * width, channels
    )
    return np.ascontiguousarray(np.broadcast_to(sheet, (*sheet.shape[:2], 3)))


def _shifted(tiles: NDArray[np.uint8], grid: Grid) -> NDArray[np.uint8]:
    """Lay rows of tiles ``(rows, columns, height, width, channels)`` like bricks."""
    rows, columns, height, width, _ = tiles.shape
    half = width // 2
    sheet = np.zeros((rows * height, columns * width + half, 4), np.uint8)
    bands = tiles.transpose(0, 2, 1, 3, 4).reshape(rows, height, columns * width, -1)
    for row, band in enumerate(bands):
        left = half if grid.shift(row) else 0
        place = sheet[row * height : (row + 1) * height, left : left + columns * width]
        place[..., :3] = band
        place[..., 3] = 255
    return sheet
