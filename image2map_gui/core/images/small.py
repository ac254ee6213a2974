"""Pictures made small for the screen, and kept so where that saves time."""

from __future__ import annotations

import os
import struct
from io import BytesIO
from pathlib import Path

from PIL import Image

from image2map_gui.core.images.cache import Cache
from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.sources import Source

_VERSION = 1  # of what is kept; to be raised when pictures are made small in another way
_WORTH_BYTES = 32 << 10  # smaller files with fewer pixels are read as fast as what is kept
_WORTH_PIXELS = 250_000
_SIZE = struct.Struct("<HH")


def small_image(source: Source, side: int) -> Image.Image:
    """Read a picture as one in RGB, at most ``side`` pixels wide and high.

    Tiny pictures are enlarged in whole steps so that their pixels stay square.

    Raises
    ------
    PictureError
        It cannot be read.
    """
    return _shrunk(read_image(source, at_least=(side, side)), side)


def small_pixels(side: int, cache: Cache | None, source: Source) -> bytes:
    """Return a file's picture as :func:`small_image` makes it, for :func:`unpacked`.

    What takes long is kept in the cache and found there the next time, as long as the file has
    the same size and date.

    Raises
    ------
    PictureError
        It cannot be read.
    """
    facts = None if cache is None else _facts(source.path)
    if cache is None or facts is None:
        return _packed(small_image(source, side))
    name = f"{_VERSION} {side} {facts.st_size} {facts.st_mtime_ns} {source.address}"
    kept = cache.get(name)
    small = None if kept is None else _opened(kept)
    if small is None:
        image = read_image(source, at_least=(side, side))
        small = _shrunk(image, side)
        if facts.st_size >= _WORTH_BYTES or image.width * image.height >= _WORTH_PIXELS:
            cache.put(name, _saved(small))
    return _packed(small)


def wished_pixels(cache: Cache | None, wish: tuple[Source, int]) -> bytes:
    """Return what :func:`small_pixels` does, of a file and the side that are wished for.

    Raises
    ------
    PictureError
        It cannot be read.
    """
    source, side = wish
    return small_pixels(side, cache, source)


def unpacked(content: bytes) -> tuple[int, int, bytes]:
    """Return width, height and the RGB bytes, row by row, of what :func:`small_pixels` returned.

    Raises
    ------
    ValueError
        It was not :func:`small_pixels` that made these bytes.
    """
    width, height = _SIZE.unpack_from(content)
    pixels = content[_SIZE.size :]
    if len(pixels) != 3 * width * height:
        raise ValueError(f"{len(pixels)} bytes are no picture of {width} x {height} pixels")
    return width, height, pixels


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    small = image.convert("RGB")
    if max(small.size) > side:
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
    elif max(small.size) * 2 <= side:
        times = side // max(small.size)
        small = small.resize((small.width * times, small.height * times), Image.Resampling.NEAREST)
    return small


def _packed(image: Image.Image) -> bytes:
    return _SIZE.pack(*image.size) + image.tobytes()


def _facts(path: str) -> os.stat_result | None:
    try:
        return Path(path).stat()
    except (OSError, ValueError):
        return None


def _saved(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=90, subsampling=0)
    return file.getvalue()


def _opened(kept: bytes) -> Image.Image | None:
    try:
        with Image.open(BytesIO(kept), formats=("JPEG",)) as image:
            return image.convert("RGB")
    except Exception:  # noqa: BLE001 - what is kept is of no use then, and is made again
        return None
