"""Reads IDX files, the format of MNIST, plain or gzipped."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import PictureError

MAX_BYTES = 4 << 30
_PIECE = 1 << 20


def is_idx_images(name: str) -> bool:
    """Whether a file of this name holds IDX pictures."""
    return name.removesuffix(".gz").endswith(("-images-idx3-ubyte", "-images.idx3-ubyte"))


def labels_beside(images: Path) -> Path | None:
    """Return the file of labels that belongs to a file of IDX pictures, if it is there."""
    name = images.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    for candidate in (images.with_name(name + ".gz"), images.with_name(name)):
        if candidate.is_file():
            return candidate
    return None


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the array of an IDX file of bytes: pictures ``(n, h, w)`` or labels ``(n,)``.

    Raises
    ------
    PictureError
        The file is no IDX file of bytes, or its size is not what its header says.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise PictureError(error.strerror or "cannot be read") from None
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, _modified: int, _size: int) -> NDArray[np.uint8]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            shape = _shape(file.read(4), file)  # type: ignore[arg-type]
            wanted = math.prod(shape)
            data = _exactly(file, wanted)  # type: ignore[arg-type]
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise PictureError(f"cannot be read as an IDX file ({error})") from None
    array = np.frombuffer(data, np.uint8).reshape(shape)
    array.setflags(write=False)
    return array


def _shape(magic: bytes, file: gzip.GzipFile) -> tuple[int, ...]:
    if len(magic) < 4 or magic[:2] != b"\0\0":
        raise PictureError("is no IDX file")
    if magic[2] != 0x08 or magic[3] not in (1, 3):
        raise PictureError("is an IDX file, but not of pictures or labels in bytes")
    shape = struct.unpack(f">{magic[3]}I", file.read(4 * magic[3]))
    if 0 in shape[1:]:  # else a file of 16 bytes could hold four billion pictures
        raise PictureError("holds pictures without pixels")
    if math.prod(shape) > MAX_BYTES:
        raise PictureError("says it holds more than 4 GB")
    return shape


def _exactly(file: gzip.GzipFile, wanted: int) -> bytearray:
    """Read to the very end, so that a damaged tail or checksum is noticed."""
    data = bytearray()
    while piece := file.read(_PIECE):
        data += piece
        if len(data) > wanted:
            raise PictureError("holds more data than its header says")
    if len(data) < wanted:
        raise PictureError(f"is cut short: {len(data):,} of {wanted:,} bytes")
    return data
