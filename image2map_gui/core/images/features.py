"""What is measured on a picture when its pixels are not what matters.

Each function takes RGB pixels ``(height, width, 3)``, uint8, and returns a vector ``(d,)`` of
numbers from 0 to 1, whose length depends on nothing but the size. A further kind of features (of
a neural network, say) is one more entry in the table at the end.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Vector = NDArray[np.floating]
Size = tuple[int, int]

_DIRECTIONS = 9
_CELLS = 6  # across the shorter side of a picture
_LEAST_CELL = 4  # pixels
_BLOCK = 2  # cells
_LAB_BINS = (8, 12, 12)
_LAB_LOW, _LAB_HIGH = (0.0, -80.0, -80.0), (100.0, 80.0, 80.0)
_BLUR = 0.7  # bins
_TEXTURES = ((8, 1.0), (16, 2.0))  # points on a circle, its radius in pixels
_FIELDS = 3  # down and across


@dataclasses.dataclass(frozen=True)
class _Kind:
    """How features are measured, how long their vector is, and how they can be looked at."""

    measure: Callable[[Pixels], Vector]
    length: Callable[[Size], int]
    show: Callable[[Pixels], NDArray[np.floating]]


def features_of(pixels: Pixels, kind: str) -> NDArray[np.float32]:
    """Return the features of a picture, ``(d,)`` float32, 0 to 1."""
    return np.asarray(_KINDS[kind].measure(pixels), np.float32)


def feature_count(kind: str, size: Size) -> int:
    """Return the length of the vector for pictures of a size ``(width, height)``."""
    return _KINDS[kind].length(size)


def features_shown(pixels: Pixels, kind: str) -> Pixels:
    """Draw the features of a picture for a person, ``(height, width)``, light where strong."""
    drawn = _KINDS[kind].show(pixels)
    top = float(drawn.max())
    return np.asarray(np.rint(drawn * (255 / top if top > 0 else 0)), np.uint8)


def _grey(pixels: Pixels) -> NDArray[np.float32]:
    """Return the light of a picture, 0 to 1 (ITU-R 601, as the decoder's)."""
    return np.asarray(pixels @ np.array([0.299, 0.587, 0.114], np.float32) / 255, np.float32)


# --- HOG ----------------------------------------------------------------------------------------


def _hog(pixels: Pixels) -> Vector:
    """Histograms of oriented gradients (Dalal and Triggs 2005): shape, whatever the light."""
    return np.asarray(_oriented(pixels, visualize=False), np.float32)


def _hog_length(size: Size) -> int:
    cell, block = _hog_cell(size)
    across, down = (side // cell - block + 1 for side in size)
    return across * down * block * block * _DIRECTIONS


def _hog_shown(pixels: Pixels) -> NDArray[np.floating]:
    return np.asarray(_oriented(pixels, visualize=True)[1])


def _oriented(pixels: Pixels, *, visualize: bool) -> NDArray[np.floating]:
    from skimage.feature import hog

    cell, block = _hog_cell((pixels.shape[1], pixels.shape[0]))
    found: NDArray[np.floating] = hog(
        _grey(pixels),
        orientations=_DIRECTIONS,
        pixels_per_cell=(cell, cell),
        cells_per_block=(block, block),
        visualize=visualize,
    )
    return found


def _hog_cell(size: Size) -> tuple[int, int]:
    """Return the side of a cell in pixels and of a block in cells."""
    shorter = min(size)
    cell = min(shorter, max(_LEAST_CELL, round(shorter / _CELLS)))
    return cell, min(_BLOCK, shorter // cell)


# --- Lab histogram ------------------------------------------------------------------------------


def _lab_histogram(pixels: Pixels) -> Vector:
    """Square roots of the shares of colours in CIE Lab; their distance is Hellinger's."""
    return np.asarray(np.sqrt(_shares(pixels)).reshape(-1))


def _shares(pixels: Pixels) -> NDArray[np.floating]:
    from scipy.ndimage import gaussian_filter
    from skimage.color import rgb2lab

    lab = rgb2lab(pixels).reshape(-1, 3)
    bins, low, high = np.array(_LAB_BINS), np.array(_LAB_LOW), np.array(_LAB_HIGH)
    place = ((lab - low) * (bins / (high - low))).astype(np.intp)
    np.clip(place, 0, bins - 1, out=place)
    flat = np.ravel_multi_index(place.T, _LAB_BINS)
    counts = np.bincount(flat, minlength=int(bins.prod())).reshape(_LAB_BINS) / len(lab)
    return np.asarray(gaussian_filter(counts, _BLUR, mode="reflect"))


def _lab_histogram_length(_size: Size) -> int:
    return int(np.prod(_LAB_BINS))


def _lab_histogram_shown(pixels: Pixels) -> NDArray[np.floating]:
    """Draw the shares of a and b, green left and red right, yellow on top."""
    return np.asarray(np.sqrt(_shares(pixels).sum(axis=0).T[::-1]))


# --- local binary patterns ----------------------------------------------------------------------


def _lbp(pixels: Pixels) -> Vector:
    """Shares of uniform local binary patterns (Ojala 2002) in nine fields: texture."""
    parts = []
    for points, radius in _TEXTURES:
        codes = _codes(pixels, points, radius)
        for rows in np.array_split(codes, min(_FIELDS, codes.shape[0])):
            for field in np.array_split(rows, min(_FIELDS, codes.shape[1]), axis=1):
                counts = np.bincount(field.reshape(-1), minlength=points + 2)
                parts.append(np.sqrt(counts / field.size))
    return np.concatenate(parts)


def _lbp_length(size: Size) -> int:
    fields = min(_FIELDS, size[0]) * min(_FIELDS, size[1])
    return fields * sum(points + 2 for points, _ in _TEXTURES)


def _lbp_shown(pixels: Pixels) -> NDArray[np.floating]:
    return _codes(pixels, *_TEXTURES[0]).astype(np.float64)


def _codes(pixels: Pixels, points: int, radius: float) -> NDArray[np.intp]:
    from skimage.feature import local_binary_pattern

    grey = np.rint(_grey(pixels) * 255).astype(np.uint8)
    codes = local_binary_pattern(grey, points, radius, "uniform")  # type: ignore[no-untyped-call]
    return np.asarray(codes, np.intp)


# --- Fourier magnitude --------------------------------------------------------------------------


def _fourier(pixels: Pixels) -> Vector:
    """Logarithms of the Fourier magnitudes: the same wherever things lie in the picture."""
    return _magnitudes(_grey(pixels)).reshape(-1)


def _fourier_length(size: Size) -> int:
    return (size[0] // 2 + 1) * size[1]


def _fourier_shown(pixels: Pixels) -> NDArray[np.floating]:
    whole = np.fft.fft2(_level(_grey(pixels)))
    return np.asarray(np.log1p(np.abs(np.fft.fftshift(whole))))


def _magnitudes(grey: NDArray[np.float32]) -> NDArray[np.floating]:
    return np.asarray(np.log1p(np.abs(np.fft.rfft2(_level(grey)))) / np.log1p(grey.size))


def _level(grey: NDArray[np.float32]) -> NDArray[np.floating]:
    """Take the mean light away; it would count more than all the rest."""
    return np.asarray(grey - grey.mean(dtype=np.float64))


_KINDS = {
    "hog": _Kind(_hog, _hog_length, _hog_shown),
    "lab-histogram": _Kind(_lab_histogram, _lab_histogram_length, _lab_histogram_shown),
    "lbp": _Kind(_lbp, _lbp_length, _lbp_shown),
    "fourier": _Kind(_fourier, _fourier_length, _fourier_shown),
}
FEATURES = ("pixels", *_KINDS)
