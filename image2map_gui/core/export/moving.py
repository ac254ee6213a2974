"""Moving pictures as GIF, animated PNG and WebP, written one frame after the other.

Pillow packs each frame as a file of its own; what is here puts their data into one file, so that
no more than two frames are in memory, however many there are. Of each frame after the first only
the rectangle is written in which it differs from the one before.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS = 256
_GIF_HEAD = 13 + 3 * _COLOURS  # bytes before the first block of a GIF with a whole palette
_ALWAYS = 0  # number of repetitions that stands for no end

Box = tuple[int, int, int, int]


class Moving:
    """A moving picture that is being written; frames are RGB pictures of one size."""

    widest = 65_535  # pixels on a side

    def __init__(self, file: IO[bytes], size: tuple[int, int]) -> None:
        self._file = file
        self._size = size
        self._before: Image.Image | None = None

    def add(self, frame: Image.Image, milliseconds: int) -> None:
        """Write a frame that is shown for so long."""
        self._write(frame, self._changed(frame), milliseconds)
        self._before = frame

    def finish(self) -> None:
        """Write what comes after the last frame."""

    def _write(self, frame: Image.Image, box: Box, milliseconds: int) -> None:
        raise NotImplementedError

    def _changed(self, frame: Image.Image) -> Box:
        """Return the rectangle in which a frame is another one; its corner lies on even numbers."""
        if self._before is None:
            return (0, 0, *self._size)
        found = ImageChops.difference(self._before, frame).getbbox() or (0, 0, 1, 1)
        return found[0] & ~1, found[1] & ~1, found[2], found[3]


class MovingGif(Moving):
    """A GIF with one palette ``(256, 3)`` for all frames, repeated without end."""

    def __init__(self, file: IO[bytes], size: tuple[int, int], palette: NDArray[np.uint8]) -> None:
        super().__init__(file, size)
        self._palette = palette
        self._codes, self._order = _sorted_codes(palette)
        self._ends = self._said = 0  # milliseconds: of the frames, and as written so far
        blank = Image.new("P", (1, 1))
        blank.putpalette(palette.tobytes())
        self._quantizer = blank
        file.write(b"GIF89a" + struct.pack("<HHBBB", *size, 0xF7, 0, 0) + palette.tobytes())
        file.write(b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<HB", _ALWAYS, 0))

    def _write(self, frame: Image.Image, box: Box, milliseconds: int) -> None:
        self._ends += milliseconds
        hundredths = max(1, round((self._ends - self._said) / 10))
        self._said += 10 * hundredths
        left, top, right, bottom = box
        data = _gif_data(self._indexed(frame.crop(box)))
        self._file.write(b"!\xf9\x04\x04" + struct.pack("<HBB", hundredths, 0, 0))
        self._file.write(b"," + struct.pack("<HHHHB", left, top, right - left, bottom - top, 0))
        self._file.write(data)

    def _indexed(self, frame: Image.Image) -> Image.Image:
        """Return a frame in the colours of the palette: its own where they are in it."""
        codes = codes_of(frame)
        places = np.searchsorted(self._codes, codes).clip(max=_COLOURS - 1)
        if not np.array_equal(self._codes[places], codes):
            return frame.quantize(palette=self._quantizer, dither=Image.Dither.NONE)
        indexed = Image.fromarray(self._order[places].reshape(frame.height, frame.width))
        indexed.putpalette(self._palette.tobytes())
        return indexed

    def finish(self) -> None:
        """Write the end."""
        self._file.write(b";")


def _gif_data(frame: Image.Image) -> bytes:
    """Return the packed pixels of a picture with a whole palette, as a GIF holds them."""
    file = io.BytesIO()
    frame.save(file, "GIF", optimize=False, interlace=0)
    data = file.getvalue()
    place = _GIF_HEAD
    while data[place : place + 1] == b"!":  # an extension: its parts tell their lengths
        place += 2
        while data[place]:
            place += 1 + data[place]
        place += 1
    return data[place + 10 : -1]  # without the frame's place and the end of the file


class MovingPng(Moving):
    """An animated PNG of ``count`` frames, repeated without end."""

    def __init__(self, file: IO[bytes], size: tuple[int, int], count: int) -> None:
        super().__init__(file, size)
        self._sequence = 0
        header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
        file.write(_SIGNATURE + _png_chunk(b"IHDR", header))
        file.write(_png_chunk(b"acTL", struct.pack(">II", count, _ALWAYS)))

    def _write(self, frame: Image.Image, box: Box, milliseconds: int) -> None:
        packed = io.BytesIO()
        frame.crop(box).save(packed, "PNG")
        left, top, right, bottom = box
        place = (right - left, bottom - top, left, top)
        first = self._sequence == 0
        control = struct.pack(">IIIIIHHBB", self._next(), *place, milliseconds, 1000, 0, 0)
        self._file.write(_png_chunk(b"fcTL", control))
        for name, data in _png_chunks(packed.getvalue()):
            if name == b"IDAT" and first:
                self._file.write(_png_chunk(b"IDAT", data))
            elif name == b"IDAT":
                self._file.write(_png_chunk(b"fdAT", struct.pack(">I", self._next()) + data))

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence - 1

    def finish(self) -> None:
        """Write the end."""
        self._file.write(_png_chunk(b"IEND", b""))


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_SIGNATURE)
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        yield data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        place += 12 + length


class MovingWebp(Moving):
    """A WebP without loss, repeated without end."""

    widest = 16_383

    def __init__(self, file: IO[bytes], size: tuple[int, int]) -> None:
        super().__init__(file, size)
        width, height = (struct.pack("<I", side - 1)[:3] for side in size)
        file.write(b"RIFF\0\0\0\0WEBP")
        file.write(_webp_chunk(b"VP8X", b"\x02\0\0\0" + width + height))
        file.write(_webp_chunk(b"ANIM", struct.pack("<IH", 0xFFFFFFFF, _ALWAYS)))

    def _write(self, frame: Image.Image, box: Box, milliseconds: int) -> None:
        packed = io.BytesIO()
        frame.crop(box).save(packed, "WEBP", lossless=True, quality=30, method=1)
        left, top, right, bottom = box
        numbers = (left // 2, top // 2, right - left - 1, bottom - top - 1, milliseconds)
        place = b"".join(struct.pack("<I", number)[:3] for number in numbers)
        pixels = b"".join(
            _webp_chunk(name, data)
            for name, data in _webp_chunks(packed.getvalue())
            if name in (b"VP8L", b"VP8 ", b"ALPH")
        )
        self._file.write(_webp_chunk(b"ANMF", place + b"\x02" + pixels))

    def finish(self) -> None:
        """Write how long the file is, at its head."""
        length = self._file.tell()
        self._file.seek(4)
        self._file.write(struct.pack("<I", length - 8))
        self._file.seek(length)


def _webp_chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 12
    while place < len(data):
        (length,) = struct.unpack_from("<I", data, place + 4)
        yield data[place : place + 4], data[place + 8 : place + 8 + length]
        place += 8 + length + length % 2


# --- colours ----------------------------------------------------------------------------------


def codes_of(frame: Image.Image) -> NDArray[np.int32]:
    """Return the colour of each pixel as one number, ``(n,)``."""
    pixels = np.asarray(frame, np.int32).reshape(-1, 3)
    return np.asarray(pixels[:, 0] << 16 | pixels[:, 1] << 8 | pixels[:, 2], np.int32)


def _sorted_codes(palette: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    codes = codes_of(Image.fromarray(palette[None]))
    order = np.argsort(codes, kind="stable")
    return codes[order], order.astype(np.uint8)


def common_palette(samples: list[Image.Image]) -> NDArray[np.uint8]:
    """Return 256 colours for all frames, ``(256, 3)``, from some of them.

    If they hold no more than that, or only greys, these are exactly theirs.
    """
    codes = np.unique(np.concatenate([np.unique(codes_of(sample)) for sample in samples]))
    colours = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1).astype(np.uint8)
    if (colours == colours[:, :1]).all():
        return np.repeat(np.arange(_COLOURS, dtype=np.uint8)[:, None], 3, axis=1)
    if len(colours) > _COLOURS:
        sheet = Image.new("RGB", (samples[0].width, sum(one.height for one in samples)))
        for row, sample in enumerate(samples):
            sheet.paste(sample, (0, row * samples[0].height))
        found = sheet.quantize(_COLOURS, Image.Quantize.MEDIANCUT).getpalette() or []
        colours = np.array(found, np.uint8).reshape(-1, 3)
    return np.vstack([colours, np.zeros((_COLOURS - len(colours), 3), np.uint8)])
