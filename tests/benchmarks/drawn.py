"""The pictures the benchmarks train on: MNIST where it is shared, else drawn strokes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
from data import shared
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from image2map_gui.core.images.idx import read_idx

Vectors = NDArray[np.float32]
DIGITS = 60_000
_SIDE = 28
_BLOCK = 500


@lru_cache(maxsize=1)
def digits() -> Vectors:
    """Return 60,000 pictures of 28 x 28 pixels, values from 0 to 1, as vectors."""
    path = shared("data", "mnist", "train-images-idx3-ubyte.gz")
    if not path.is_file():
        return strokes(DIGITS, _SIDE)
    vectors = read_idx(path).reshape(DIGITS, _SIDE**2).astype(np.float32)
    vectors /= 255
    return vectors


def strokes(count: int, side: int, channels: int = 1, seed: int = 0) -> Vectors:
    """Draw pictures of two joined strokes, each its own way, as vectors.

    Colour channels are the same drawing in different strengths.
    """
    chance = np.random.default_rng(seed)
    down, across = np.mgrid[:side, :side].reshape(2, -1, 1) / side
    place = np.stack([down[:, 0], across[:, 0]], axis=-1).astype(np.float32)
    vectors = np.empty((count, side * side * channels), np.float32)
    for start in range(0, count, _BLOCK):
        rows = slice(start, min(start + _BLOCK, count))
        size = rows.stop - rows.start
        corners = chance.uniform(0.15, 0.85, (3, size, 2)).astype(np.float32)
        far = np.minimum(
            _distances(place, corners[0], corners[1]), _distances(place, corners[1], corners[2])
        )
        ink = np.clip(1.5 - far / 0.05, 0, 1)
        strength = chance.uniform(0.3, 1, (size, 1, channels)).astype(np.float32)
        strength = strength if channels > 1 else np.ones_like(strength)
        vectors[rows] = (ink[:, :, None] * strength).reshape(size, -1)
    return vectors


def _distances(place: Vectors, begin: Vectors, end: Vectors) -> Vectors:
    """Return how far each place ``(p, 2)`` is from each line ``(m, 2)``, ``(m, p)``."""
    way = end - begin
    length = np.maximum((way**2).sum(axis=1), 1e-6)
    offset = place[None] - begin[:, None]
    share = np.clip(np.einsum("mpi,mi->mp", offset, way) / length[:, None], 0, 1)
    return np.asarray(np.linalg.norm(offset - share[:, :, None] * way[:, None], axis=2))


def write_photographs(folder: Path, count: int, size: tuple[int, int]) -> Path:
    """Write JPEGs of plain shapes on a soft ground, as large as photographs; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as pool:
        for _ in pool.map(lambda index: _photograph(folder, index, size), range(count)):
            pass
    return folder


def _photograph(folder: Path, index: int, size: tuple[int, int]) -> None:
    chance = np.random.default_rng(index)
    ground = Image.fromarray(chance.integers(0, 256, (3, 4, 3), np.uint8))
    picture = ground.resize(size, Image.Resampling.BICUBIC)
    pencil = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = (int(chance.integers(0, side)) for side in size)
        wide, high = (int(side) for side in chance.integers(40, 400, 2))
        colour = tuple(int(part) for part in chance.integers(0, 256, 3))
        pencil.ellipse((x - wide, y - high, x + wide, y + high), fill=colour)
    picture.save(folder / f"{index + 1:04}.jpg", quality=90)
