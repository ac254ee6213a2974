"""Collections drawn by the program itself, so that there is always something to try."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from image2map_gui.core.errors import SourceError
from image2map_gui.core.files import settle, unfinished

Picture = NDArray[np.uint8]


def draw_line(angle: float, size: int = 16) -> Picture:
    """Draw a white line through the middle of a black square.

    Parameters
    ----------
    angle
        In radians, from the horizontal, turning upwards.
    size
        Side of the picture in pixels.

    Returns
    -------
    ndarray
        ``(size, size)``, uint8, with smooth edges.
    """
    middle = (size - 1) / 2
    down, right = np.mgrid[:size, :size] - middle
    across = np.abs(right * math.sin(angle) + down * math.cos(angle))
    along = np.abs(right * math.cos(angle) - down * math.sin(angle))
    thickness = max(1.0, size / 11)
    cover = np.clip(thickness / 2 + 0.5 - across, 0, 1) * np.clip(size / 2 - along, 0, 1)
    return np.asarray(np.round(255 * cover), np.uint8)


def draw_colour(share: float, size: int = 16) -> Picture:
    """Draw a plain square; ``share`` (0 to 1) walks through hue and lightness."""
    hue, light = share, 0.5 + 0.3 * math.sin(2 * math.pi * 5 * share)
    wheel = np.array([hue, hue - 1 / 3, hue + 1 / 3])
    pure = np.clip(2 * np.abs(2 * (wheel % 1) - 1) - 0.3, 0, 1)
    return np.broadcast_to(np.round(255 * pure * light).astype(np.uint8), (size, size, 3)).copy()


def draw_point(share: float, size: int = 16) -> Picture:
    """Draw a soft white point on black; ``share`` (0 to 1) walks over the square row by row."""
    rows = max(1, size // 2)
    row, column = divmod(share * rows, 1)
    down, right = np.mgrid[:size, :size]
    far = (down - (row + 0.5) * size / rows) ** 2 + (right - column * (size - 1)) ** 2
    return np.asarray(np.round(255 * np.exp(-far / (size / 6) ** 2)), np.uint8)


def _line(share: float, size: int) -> Picture:
    return draw_line(math.pi * share, size)


SAMPLES: dict[str, tuple[str, Callable[[float, int], Picture]]] = {
    "lines": ("Lines: one line turning through 180 degrees", _line),
    "colours": ("Colours: plain squares of every hue", draw_colour),
    "points": ("Points: a bright point wandering over the picture", draw_point),
}
SAMPLE_COUNT = 100
SAMPLE_SIZE = 16


def draw_sample(
    name: str, index: int, count: int = SAMPLE_COUNT, size: int = SAMPLE_SIZE
) -> Picture:
    """Draw picture ``index`` of ``count`` of a sample collection.

    Raises
    ------
    SourceError
        There is no sample of that name.
    """
    if name not in SAMPLES:
        raise SourceError(f"There is no sample '{name}'; there are {', '.join(SAMPLES)}.")
    return SAMPLES[name][1](index / count, size)


def write_sample(name: str, folder: Path, count: int, size: int) -> int:
    """Write a sample collection as PNG files and return how many.

    Raises
    ------
    SourceError
        There is no such sample, a file is there already, or the folder cannot be written.
    """
    digits = len(str(count))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for index in range(count):
            path = folder / f"{name}_{index + 1:0{digits}}.png"
            with unfinished(folder) as (made, file):
                Image.fromarray(draw_sample(name, index, count, size)).save(file, "PNG")
                file.close()
                settle(made, path)
    except FileExistsError as error:
        raise SourceError(f"{error.filename}: is there already; nothing was overwritten.") from None
    except OSError as error:
        raise SourceError(f"{folder}: cannot be written ({error.strerror}).") from None
    return count
