"""Colours for numbers and for kinds, told apart also by eyes that see fewer colours."""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]
NOTHING: Colour = (200, 200, 200)  # where there is no number

# Even steps in lightness from dark to light; cividis was made for colour-blind eyes (Nunez 2018).
_ANCHORS = {
    "cividis": (
        (0, 34, 78), (18, 53, 112), (59, 73, 108), (87, 93, 109), (112, 113, 115),
        (138, 134, 120), (165, 156, 116), (195, 179, 105), (225, 204, 85), (254, 232, 56),
    ),
    "grey": ((255, 255, 255), (20, 20, 20)),
    "viridis": (
        (68, 1, 84), (71, 44, 122), (59, 81, 139), (44, 113, 142), (33, 144, 141),
        (39, 173, 129), (92, 200, 99), (170, 220, 50), (253, 231, 37),
    ),
    "two-sided": ((0, 90, 181), (146, 186, 218), (245, 245, 245), (240, 170, 120), (180, 70, 10)),
}  # fmt: skip
RAMPS = tuple(_ANCHORS)

# Okabe and Ito (2008) without black, then Tol's muted colours.
_KINDS = (
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0),
    (204, 121, 167), (136, 34, 85), (51, 34, 136), (153, 153, 51), (68, 170, 153), (17, 119, 51),
    (221, 204, 119), (170, 68, 153),
)  # fmt: skip
_GOLDEN = 0.6180339887


def ramp_table(ramp: str) -> NDArray[np.uint8]:
    """Return the 256 colours of a ramp, ``(256, 3)``, from its low to its high end."""
    anchors = np.array(_ANCHORS[ramp], np.float64)
    places = np.linspace(0, len(anchors) - 1, 256)
    channels = [np.interp(places, np.arange(len(anchors)), anchors[:, c]) for c in range(3)]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)


def coloured(values: NDArray[np.floating], ramp: str, low: float, high: float) -> NDArray[np.uint8]:
    """Turn numbers ``(...)`` into colours ``(..., 3)``; those beyond an end take its colour.

    NaN is light grey. If all numbers are the same, they take the colour of the low end.
    """
    known = np.isfinite(values)
    share = (np.where(known, values, low) - low) / (high - low if high > low else 1)
    places = np.rint(np.clip(share, 0, 1) * 255).astype(np.intp)
    colours = ramp_table(ramp)[places]
    colours[~known] = NOTHING
    return colours


def kind_colours(count: int) -> NDArray[np.uint8]:
    """Return one colour for each of some kinds, ``(count, 3)``; the first fourteen are chosen."""
    more = [_turned(index) for index in range(count - len(_KINDS))]
    return np.array([*_KINDS[:count], *more], np.uint8).reshape(count, 3)


def _turned(index: int) -> tuple[int, ...]:
    red, green, blue = colorsys.hls_to_rgb(index * _GOLDEN % 1, 0.35 + 0.3 * (index % 2), 0.6)
    return round(red * 255), round(green * 255), round(blue * 255)
