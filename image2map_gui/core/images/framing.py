"""Brings a picture to a given size: cut, padded or stretched."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FITS = ("crop", "smart", "pad", "stretch")
_HOW = Image.Resampling.LANCZOS
_GAP = 2.0  # far larger pictures are averaged down to about twice the size first: much quicker
_LOOKED_AT = (96, 96)  # pixels in which the part with most detail is looked for
_MIDDLE = (0.5, 0.5)
_NEARLY = 0.98  # of the most detail is as good


def framed(image: Image.Image, size: tuple[int, int], fit: str, ground: int) -> Image.Image:
    """Return an "L" or "RGB" picture in the size ``(width, height)``.

    Parameters
    ----------
    fit
        ``crop`` cuts what sticks out on both sides, ``smart`` cuts where there is least detail,
        ``pad`` shows all on a plain ground, ``stretch`` distorts.
    ground
        Grey level of the ground, 0 to 255.
    """
    if image.size == size:
        return image
    if fit == "pad":
        return _padded(image, size, ground)
    box = None
    if fit != "stretch":
        box = _cut(image, size, _place(image, size) if fit == "smart" else _MIDDLE)
    return image.resize(size, _HOW, box, _GAP)


def _cut(
    image: Image.Image, size: tuple[int, int], place: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Return the largest part of a picture that has the shape of ``size``."""
    width = min(float(image.width), image.height * size[0] / size[1])
    height = min(float(image.height), image.width * size[1] / size[0])
    left, top = (image.width - width) * place[0], (image.height - height) * place[1]
    return left, top, min(left + width, image.width), min(top + height, image.height)


def _padded(image: Image.Image, size: tuple[int, int], ground: int) -> Image.Image:
    """Show all of a picture in the middle of the ground, at least as a line."""
    share = min(size[0] / image.width, size[1] / image.height)
    width, height = (max(1, round(side * share)) for side in image.size)
    sheet = Image.new(image.mode, size, ground if image.mode == "L" else (ground, ground, ground))
    place = (size[0] - width) // 2, (size[1] - height) // 2
    sheet.paste(image.resize((width, height), _HOW, None, _GAP), place)
    return sheet


def _place(image: Image.Image, size: tuple[int, int]) -> tuple[float, float]:
    """Return where to cut, from 0 (left, top) to 1, so that most detail is kept.

    Detail is the sum of the differences between neighbouring pixels.
    """
    small = image.convert("L")
    small.thumbnail(_LOOKED_AT)
    grey = np.asarray(small, np.float32)
    detail = np.zeros_like(grey)
    detail[:, 1:] += np.abs(np.diff(grey, axis=1))
    detail[1:] += np.abs(np.diff(grey, axis=0))
    sideways = image.width * size[1] > image.height * size[0]
    profile = detail.sum(axis=0 if sideways else 1)
    shape = image.height * size[0] / (image.width * size[1])
    share = _best_start(profile, max(1, round(len(profile) * min(shape, 1 / shape))))
    return (share, 0.5) if sideways else (0.5, share)


def _best_start(profile: NDArray[np.floating], window: int) -> float:
    """Return where a window over the largest sum begins, 0 to 1; of like ones the most central."""
    room = len(profile) - window
    if room <= 0:
        return 0.5
    sums = np.convolve(profile, np.ones(window), "valid")
    best = np.flatnonzero(sums >= sums.max() * _NEARLY)
    return float(best[np.argmin(np.abs(best - room / 2))] / room)
