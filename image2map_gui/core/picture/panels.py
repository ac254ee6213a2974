"""The four panels of a colour quantization as a drawing: photo, result, first and last colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.picture.scene import Colour, Part, Pixels, Polygon, Scene, Text
from image2map_gui.core.quantize import Quantized

ORIGINAL, QUANTIZED = "Original", "Quantized"
START, LEARNED = "Start colours", "Learned colours"
_MARGIN = 16.0
_BETWEEN = 24.0
_TITLE = 13.0
_HEAD = _TITLE + 8
_SIDE = 300.0  # of a panel, at most
_SMALL = 10.0
_FAINT: Colour = (110, 110, 110)
_EDGE: Colour = (190, 190, 190)


def panels_view(quantized: Quantized) -> Scene:
    """Draw original and quantized photo above the colours the map began and ended with."""
    rows, columns = quantized.params.rows, quantized.params.columns
    photos = [(ORIGINAL, quantized.photo.shown), (QUANTIZED, quantized.shown)]
    boards = [
        (START, quantized.start.reshape(rows, columns, 3)),
        (LEARNED, quantized.colours.reshape(rows, columns, 3)),
    ]
    upper, lower = _size(photos[0][1]), _size(boards[0][1])
    wide = max(upper[0], lower[0], _SIDE / 2)
    middle = _MARGIN + _HEAD + upper[1] + _BETWEEN
    parts = [
        part
        for top, (width, height), pair in ((_MARGIN, upper, photos), (middle, lower, boards))
        for place, (title, pixels) in enumerate(pair)
        for part in _panel(_MARGIN + place * (wide + _BETWEEN), top, width, height, title, pixels)
    ]
    bottom = middle + _HEAD + lower[1] + _SMALL + 10
    words = f"{summary(quantized)} (of 255, RGB)"
    parts.append(Text(_MARGIN, bottom, words, _SMALL, _FAINT))
    return Scene(2 * (wide + _MARGIN) + _BETWEEN, bottom + _MARGIN, tuple(parts))


def summary(quantized: Quantized) -> str:
    """Say how large the map was, how many colours it gave, and how well they do."""
    rows, columns = quantized.params.rows, quantized.params.columns
    used = int(np.count_nonzero(quantized.counts))
    return (
        f"Map of {rows} x {columns}, {used:,} colour{'' if used == 1 else 's'} in use, "
        f"mean error {quantized.mean_error:.2f}"
    )


def _panel(
    x: float, y: float, width: float, height: float, title: str, pixels: NDArray[np.uint8]
) -> list[Part]:
    return [
        Text(x, y + _TITLE, title, _TITLE, bold=True),
        Pixels(x, y + _HEAD, width, height, pixels),
        _frame(x, y + _HEAD, width, height),
    ]


def _frame(x: float, y: float, width: float, height: float) -> Polygon:
    """Draw the edge of a panel, since colours may be as light as the paper."""
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    return Polygon(corners, None, _EDGE, 0.5)


def _size(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """Return width and height to draw at, the longer one that of a panel."""
    height, width, _ = pixels.shape
    scale = _SIDE / max(height, width)
    return max(1.0, width * scale), max(1.0, height * scale)
