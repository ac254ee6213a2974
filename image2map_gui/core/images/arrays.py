"""Pictures in NumPy files: arrays ``(n, h, w)`` or ``(n, h, w, c)``, in ``.npz`` with labels."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.lib.format as npy
from numpy.typing import NDArray

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.archive import PACKED_OTHERWISE, plainly_packed

SUFFIXES = frozenset({".npy", ".npz"})
MAX_BYTES = 4 << 30  # of one array
_CHANNELS = (1, 3, 4)
_NUMBERS = "buif"
_LABELS = "buiU"
_MEMBER = ".npy"
_BLOCK = 64 << 20  # bytes looked at at once
_LONGEST_HEAD = 10_000  # bytes, as NumPy has it
_OTHER_NAMES = {"t10k": "test"}


@dataclasses.dataclass(frozen=True)
class Arrays:
    """The pictures of one array, as they stand in their file.

    Attributes
    ----------
    pictures
        ``(n, h, w)`` or ``(n, h, w, c)`` with 1, 3 or 4 channels, of any real type.
    low, high
        The values that are shown as black and white.
    vectors
        Whether the array is ``(n, d)``, taken for squares.
    """

    pictures: NDArray[Any]
    low: float
    high: float
    vectors: bool

    def picture(self, index: int) -> NDArray[np.uint8]:
        """Return one picture in 8 bits, ``(h, w)`` or ``(h, w, c)`` with 3 or 4 channels."""
        found = np.asarray(self.pictures[index])
        if found.ndim == 3 and found.shape[2] == 1:
            found = found[:, :, 0]
        if found.dtype == np.uint8:
            return np.asarray(found, np.uint8)
        if found.dtype == np.uint16:
            return np.asarray(found >> 8, np.uint8)
        scale = 255 / (self.high - self.low) if self.high > self.low else 0.0
        return np.rint((found.astype(np.float64) - self.low) * scale).astype(np.uint8)


def array_name(path: Path, part: str) -> str:
    """Return the name of the array of pictures in an ``.npz`` file; empty for ``.npy``.

    Of several the one named for the ``part`` (``train`` or ``t10k``, which is also ``test``), else
    the first.

    Raises
    ------
    PictureError
        It holds no pictures, is damaged, or is too large.
    OSError
        It cannot be read.
    """
    if path.suffix.lower() == ".npy":
        return ""
    found = [head for head in _heads(path, part) if _are_pictures(head.shape, head.dtype)]
    if not found:
        raise PictureError("holds no array of pictures")
    return next((head for head in found if len(head.shape) > 2), found[0]).name


def array_labels(path: Path, name: str, part: str, count: int) -> tuple[str, ...] | None:
    """Return the labels that go with the pictures of an ``.npz`` file, if there are some.

    Raises as :func:`array_name`.
    """
    if not name:
        return None
    for head in _heads(path, part):
        if head.shape == (count,) and head.dtype.kind in _LABELS:
            return tuple(str(label) for label in _member(path, head.name).tolist())
    return None


def read_arrays(path: Path, name: str = "") -> Arrays:
    """Read an array of pictures; the last two are kept.

    8 bits are taken as they are, of 16 the upper 8. Other numbers from 0 to 1 or from 0 to 255 are
    taken for just that, all others are stretched from the smallest to the largest of the array.
    Vectors ``(n, d)`` are squares if ``d`` is one.

    Raises as :func:`array_name`.
    """
    facts = path.stat()
    return _read(path, name, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path: Path, name: str, _size: int, _changed: int) -> Arrays:
    pictures = _member(path, name) if name else _whole(path)
    if not _are_pictures(pictures.shape, pictures.dtype):
        raise PictureError(f"holds an array of {_said(pictures)}, not pictures")
    vectors = pictures.ndim == 2
    if vectors:
        side = math.isqrt(pictures.shape[1])
        if side * side != pictures.shape[1]:
            raise PictureError(
                f"holds vectors of {pictures.shape[1]:,} values; their width and height are "
                "not known"
            )
        pictures = pictures.reshape(len(pictures), side, side)
    return Arrays(pictures, *_range(pictures), vectors)


@contextlib.contextmanager
def _understood() -> Iterator[None]:
    """Turn whatever NumPy says of a file into a sentence."""
    try:
        yield
    except (OSError, PictureError):
        raise
    except Exception as error:
        raise PictureError("is no NumPy file of numbers, or is damaged") from error


class _Head(NamedTuple):
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def _heads(path: Path, part: str) -> list[_Head]:
    """Read what the arrays of an ``.npz`` file are, those named for the part first."""
    heads = []
    with _understood(), zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if not info.filename.endswith(_MEMBER):
                continue
            shape, dtype = _head_of(archive, info)
            heads.append(_Head(info.filename.removesuffix(_MEMBER), shape, dtype))
    names = (part, _OTHER_NAMES.get(part, part))
    return sorted(heads, key=lambda head: not any(name in head.name for name in names))


def _head_of(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo
) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read what an array in an archive is; none is opened that a few bytes could make endless."""
    if not plainly_packed(info):
        raise PictureError(PACKED_OTHERWISE)
    with archive.open(info) as file:
        return _head(file, info.file_size)


def _head(file: IO[bytes], size: int) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read what an array is, and see that it is no larger than the file it stands in."""
    old = npy.read_magic(file) == (1, 0)
    length = file.read(2 if old else 4)
    if int.from_bytes(length, "little") > _LONGEST_HEAD:  # NumPy reads all of it, then says so
        raise PictureError("is no NumPy file of numbers, or is damaged")
    rest = BytesIO(length + file.read(int.from_bytes(length, "little")))
    shape, _, dtype = (npy.read_array_header_1_0 if old else npy.read_array_header_2_0)(rest)
    if math.prod(shape) * dtype.itemsize > min(size, MAX_BYTES):
        raise PictureError("holds an array larger than its file or than 4 GB")
    return shape, dtype


def _whole(path: Path) -> NDArray[Any]:
    """Read a ``.npy`` file into memory: one that is mapped kills its reader once cut short."""
    with _understood(), path.open("rb") as file:
        _head(file, path.stat().st_size)
        file.seek(0)
        return np.asarray(npy.read_array(file, allow_pickle=False))


def _member(path: Path, name: str) -> NDArray[Any]:
    with _understood(), zipfile.ZipFile(path) as archive:
        info = archive.getinfo(f"{name}{_MEMBER}")
        _head_of(archive, info)
        with archive.open(info) as file:
            return np.asarray(npy.read_array(file, allow_pickle=False))


def _are_pictures(shape: tuple[int, ...], dtype: np.dtype[Any]) -> bool:
    if dtype.kind not in _NUMBERS or 0 in shape:
        return False
    return len(shape) in (2, 3) or (len(shape) == 4 and shape[3] in _CHANNELS)


def _range(pictures: NDArray[Any]) -> tuple[float, float]:
    """Return which values are black and white."""
    if pictures.dtype in (np.uint8, np.uint16):
        return 0.0, float(np.iinfo(pictures.dtype).max)
    step = max(1, _BLOCK // max(1, pictures[0].nbytes))
    blocks = [pictures[start : start + step] for start in range(0, len(pictures), step)]
    low = min(float(block.min()) for block in blocks)
    high = max(float(block.max()) for block in blocks)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise PictureError("holds values that are no finite numbers")
    if not math.isfinite(high - low):
        raise PictureError("holds values too far apart")
    for top in (1.0, 255.0):
        if low >= 0 and high <= top:
            return 0.0, top
    return low, high


def _said(found: NDArray[Any]) -> str:
    return f"{' x '.join(map(str, found.shape)) or 'one value'} of type {found.dtype}"
