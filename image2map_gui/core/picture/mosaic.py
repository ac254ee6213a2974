"""The map as one picture made of one tile per unit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.som.grid import Grid


def mosaic(weights: NDArray[np.floating], grid: Grid, spec: ImageSpec) -> NDArray[np.uint8]:
    """Draw all units as pictures, each where the grid draws it.

    Parameters
    ----------
    weights
        ``(k, d)``.

    Returns
    -------
    ndarray
        ``(rows height, columns width, 3)``, uint8, contiguous, without gaps between the tiles.
        Of hexagons every second row is shifted by half a tile, and a fourth channel says what
        is map (255) and what is ground (0).
    """
    height, width, channels = spec.shape
    low, high = spec.limits
    scale = np.float32(255 / (high - low))
    ordered = weights[grid.unit_table.reshape(-1)].astype(np.float32, copy=False)
    pixels = ordered * scale
    pixels += np.float32(0.5 - low * scale)
    np.clip(pixels, 0, 255, out=pixels)
    tiles = pixels.astype(np.uint8).reshape(grid.rows, grid.columns, height, width, channels)
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
