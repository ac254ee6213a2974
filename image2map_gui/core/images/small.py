"""Pictures made to fit the screen, and kept so where that saves time."""

from __future__ import annotations

import os
import struct
from io import BytesIO
from pathlib import Path

from PIL import Image

from image2map_gui.core.images.cache import Cache
from image2map_gui.core.images.decode import image_size, read_image
from image2map_gui.core.images.sources import Source

_VERSION = 1  # of what is kept; to be raised when pictures are made small in another way
_WORTH_BYTES = 32 << 10  # smaller files with fewer pixels are read as fast as what is kept
_WORTH_PIXELS = 250_000
_SIZE = struct.Struct("<HH")
_FULL_SIZE = struct.Struct("<II")


def small_image(source: Source, side: int) -> Image.Image:
    """Read a picture as one in RGB, at most ``side`` pixels wide and high.

    Tiny pictures are enlarged in whole steps so that their pixels stay square.

    Raises
    ------
    PictureError
        It cannot be read.
    """
    return shrunk(read_image(source, at_least=(side, side)), side)


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
        return packed(small_image(source, side))
    name = f"{_VERSION} {side} {facts.st_size} {facts.st_mtime_ns} {source.address}"
    kept = cache.get(name)
    small = None if kept is None else _opened(kept)
    if small is None:
        image = read_image(source, at_least=(side, side))
        small = shrunk(image, side)
        if facts.st_size >= _WORTH_BYTES or image.width * image.height >= _WORTH_PIXELS:
            cache.put(name, _saved(small))
    return packed(small)


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
    """Return width, height and the RGB bytes, row by row, of what :func:`packed` returned.

    Raises
    ------
    ValueError
        It was not :func:`packed` that made these bytes.
    """
    width, height = _SIZE.unpack_from(content)
    pixels = content[_SIZE.size :]
    if len(pixels) != 3 * width * height:
        raise ValueError(f"{len(pixels)} bytes are no picture of {width} x {height} pixels")
    return width, height, pixels


def large_pixels(side: int, source: Source) -> bytes:
    """Return a picture's own size and its pixels, at most ``side`` wide and high.

    For :func:`unpacked_large`; a small picture stays as small as it is.

    Raises
    ------
    PictureError
        It cannot be read.
    """
    size = image_size(source)
    image = read_image(source, at_least=(side, side)).convert("RGB")
    if max(image.size) > side:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return _FULL_SIZE.pack(*size) + packed(image)


def unpacked_large(content: bytes) -> tuple[tuple[int, int], tuple[int, int, bytes]]:
    """Return a picture's own width and height, and :func:`unpacked` what is to be shown of it.

    Raises
    ------
    ValueError
        It was not :func:`large_pixels` that made these bytes.
    """
    width, height = _FULL_SIZE.unpack_from(content)
    return (width, height), unpacked(content[_FULL_SIZE.size :])


def shrunk(image: Image.Image, side: int) -> Image.Image:
    """Return a picture in RGB, at most ``side`` pixels wide and high; see :func:`small_image`."""
    small = image.convert("RGB")
    if max(small.size) > side:
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
    elif max(small.size) * 2 <= side:
        times = side // max(small.size)
        small = small.resize((small.width * times, small.height * times), Image.Resampling.NEAREST)
    return small


def packed(image: Image.Image) -> bytes:
    """Return an RGB picture of at most 65,535 pixels a side as :func:`unpacked` takes it."""
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
