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
    """
    height, width, channels = spec.shape
    low, high = spec.limits
    scale = np.float32(255 / (high - low))
    ordered = weights[grid.unit_table.reshape(-1)].astype(np.float32, copy=False)
    pixels = ordered * scale
    pixels += np.float32(0.5 - low * scale)
    np.clip(pixels, 0, 255, out=pixels)
    tiles = pixels.astype(np.uint8).reshape(grid.rows, grid.columns, height, width, channels)
    sheet = tiles.transpose(0, 2, 1, 3, 4).reshape(
        grid.rows * height, grid.columns * width, channels
    )
    return np.ascontiguousarray(np.broadcast_to(sheet, (*sheet.shape[:2], 3)))
