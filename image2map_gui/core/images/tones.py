"""Contrast, inversion and colour spaces of prepared pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

CONTRASTS = ("none", "picture", "clahe")
COLOURS = ("grey", "rgb", "lab", "hsv")
_CUT_PERCENT = 1  # of the pixels at each end that the contrast of a picture leaves aside
_LEAST_TILE = 8  # pixels; CLAHE on smaller tiles shows noise
_LAB_OFFSET = np.array([0, 128, 128], np.float32)


def toned(image: Image.Image, contrast: str, invert: bool) -> Image.Image:
    """Change the contrast of an "L" or "RGB" picture, then turn dark and light about.

    ``picture`` stretches each picture so that its darkest is black and its lightest is white, one
    percent of the pixels at either end left aside; ``clahe`` evens out each part by itself
    (contrast-limited adaptive histogram equalization, Zuiderveld 1994).
    """
    if contrast == "picture":
        image = ImageOps.autocontrast(image, cutoff=_CUT_PERCENT, preserve_tone=True)
    elif contrast == "clahe":
        image = _evened(image)
    return ImageOps.invert(image) if invert else image


def _evened(image: Image.Image) -> Image.Image:
    from skimage.exposure import equalize_adapthist

    pixels = np.asarray(image)
    light = pixels if pixels.ndim == 2 else pixels.max(axis=-1)
    if light.min() == light.max():  # nothing to even out; the library would make it black
        return image
    tile = [max(_LEAST_TILE, side // 8) for side in pixels.shape[:2]]
    evened = equalize_adapthist(pixels, kernel_size=tile)
    return Image.fromarray(np.rint(evened * 255).astype(np.uint8))


def to_space(pixels: NDArray[np.uint8], colour: str) -> NDArray[np.float32]:
    """Turn RGB pixels ``(..., 3)`` into Lab or HSV, all numbers within 0 to 1.

    Lab is divided by 255 alike in all three channels (a and b moved up by 128), so that a distance
    is the colour difference the eye sees (CIE 1976), divided by 255. HSV is a cone: value, and the
    chroma in the direction of the hue, so that the reds at both ends of the hue are neighbours.
    """
    from skimage.color import rgb2hsv, rgb2lab

    if colour == "lab":
        return np.asarray((rgb2lab(pixels) + _LAB_OFFSET) / 255, np.float32)
    hue, saturation, value = np.moveaxis(rgb2hsv(pixels), -1, 0)
    chroma, angle = saturation * value / 2, 2 * np.pi * hue
    cone = (value, chroma * np.cos(angle) + 0.5, chroma * np.sin(angle) + 0.5)
    return np.stack(cone, axis=-1).astype(np.float32)


def from_space(values: NDArray[np.floating], colour: str) -> NDArray[np.uint8]:
    """Turn what :func:`to_space` gives, or means of it, back into RGB pixels ``(..., 3)``."""
    from skimage.color import hsv2rgb, lab2rgb

    if colour == "lab":
        lab = np.clip(values * 255 - _LAB_OFFSET, [0, -128, -128], [100, 127, 127])
        bluest = (lab[..., 0] + 16) * (200 / 116)  # beyond it there would be less than no light
        lab[..., 2] = np.minimum(lab[..., 2], bluest)
        rgb = lab2rgb(lab)
    else:
        value = np.clip(values[..., 0], 0, 1)
        across, up = values[..., 1] * 2 - 1, values[..., 2] * 2 - 1
        chroma = np.hypot(across, up)
        saturation = np.clip(chroma / np.maximum(value, 1e-6), 0, 1)
        hue = np.arctan2(up, across) / (2 * np.pi) % 1
        rgb = hsv2rgb(np.stack((hue, saturation, value), axis=-1))
    return np.asarray(np.rint(np.clip(rgb, 0, 1) * 255), np.uint8)
