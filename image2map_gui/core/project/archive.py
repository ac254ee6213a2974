"""The archive that a project file is: a manifest and some arrays, none larger than it says."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import struct
import zipfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ProjectError
from image2map_gui.core.project.arrays import ARRAYS, Arrays
from image2map_gui.core.project.checks import plain_list, require

MAX_MANIFEST = 16 << 20
MAX_OLD_MANIFEST = 32 << 20  # up to format 5 it held the list of pictures, too
MAX_ARRAY = 4 << 30
MAX_TOTAL = 16 << 30
MAX_MEMBERS = 64
_MAX_DIRECTORY = 1 << 16
_MAX_NESTED = 1_000_000  # lists and records in a manifest: a small text of them fills the memory
_MAX_DIMENSIONS = 4
_MANIFEST = "manifest.json"
_DIGEST = "manifest.sha256"  # as sha256sum writes and checks it
_PIECE = 4 << 20
_SMALL = 16 << 20
_DENSEST = 150  # long lists of paths shrink to a fortieth; what shrinks far more is a trap
_HEADER = 128  # bytes before the numbers of an array, as NumPy writes it
_MOMENT = (1980, 1, 1, 0, 0, 0)  # the same project gives the same bytes
_END, _END64, _PLACE64 = b"PK\5\6", b"PK\6\6", b"PK\6\7"
_LOCAL = struct.Struct("<4s22xHH")


# --- writing ----------------------------------------------------------------------------------


def write_archive(file: IO[bytes], manifest: dict[str, Any], arrays: Arrays) -> Iterator[int]:
    """Write arrays and a manifest, which is told what they are like; yields bytes done.

    One pass: each array is hashed while it is written, so the manifest comes after them, and its
    own hash at the end.

    Raises
    ------
    ProjectError
        Something is larger than a project may hold.
    """
    facts, done = {}, 0
    watched = _Watched(file)
    with zipfile.ZipFile(cast("IO[bytes]", watched), "w") as archive:
        for name, array in arrays.items():
            plain = np.ascontiguousarray(array, ARRAYS[name])
            _check_size(name, plain.nbytes, MAX_ARRAY)
            sha = hashlib.sha256()
            for piece in _pieces(archive, name, plain):
                sha.update(piece)
                done += len(piece)
                yield done
            shape = list(array.shape)
            facts[name] = {"dtype": ARRAYS[name], "shape": shape, "sha256": sha.hexdigest()}
        _check_size("all of it", done, MAX_TOTAL)
        whole = _without_nan(manifest | {"arrays": facts})
        text = json.dumps(whole, allow_nan=False, separators=(",", ":")).encode()
        _check_size(_MANIFEST, len(text), MAX_MANIFEST)
        info = zipfile.ZipInfo(_MANIFEST, _MOMENT)
        archive.writestr(info, text, zipfile.ZIP_DEFLATED, compresslevel=1)
        archive.writestr(zipfile.ZipInfo(_DIGEST, _MOMENT), _digest(text))
    if watched.error is not None:
        raise watched.error


class _Watched:
    """A file that remembers its errors, since an archive takes some of them for an answer.

    Where it cannot find out its place, it goes on as on a tape, and writes what nobody can read.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        """Write at the present place."""
        return self._heeding(lambda: self._file.write(data))

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        return self._heeding(lambda: self._file.seek(place, whence))

    def tell(self) -> int:
        """Return the present place."""
        return self._heeding(self._file.tell)

    def flush(self) -> None:
        """Let nothing wait that was written."""
        self._heeding(lambda: self._file.flush() or 0)

    def _heeding(self, call: Callable[[], int]) -> int:
        try:
            return call()
        except OSError as error:
            self.error = error
            raise


def _pieces(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> Iterator[memoryview]:
    """Write an array as a member of its own, and yield what was written, piece by piece."""
    head = _header(array.dtype.str, array.shape, _HEADER)
    info = zipfile.ZipInfo(f"{name}.npy", _MOMENT)
    info.file_size = len(head) + array.nbytes
    with archive.open(info, "w") as member:
        for data in (memoryview(head), array.reshape(-1).view(np.uint8).data):
            for start in range(0, len(data), _PIECE):
                piece = data[start : start + _PIECE]
                member.write(piece)
                yield piece


def _digest(manifest: bytes) -> bytes:
    return f"{hashlib.sha256(manifest).hexdigest()}  {_MANIFEST}\n".encode()


def _check_size(part: str, size: int, limit: int) -> None:
    if size > limit:
        raise ProjectError(
            f"its part {part} would be larger than {limit >> 20:,} MB; fewer earlier runs and "
            "epochs kept make it smaller."
        )


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


# --- reading ----------------------------------------------------------------------------------


def check_end(file: IO[bytes]) -> None:
    """Refuse a file that does not end as an archive of few members does.

    Before anything else of it is read, since its directory could be as large as the file.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 98))
    end = file.read(98)
    require(end[-22:-18] == _END and end[-2:] == b"\0\0")  # nothing after it
    sizes = [*struct.unpack("<4xHHHHL", end[-22:-6])]
    if end[-42:-38] == _PLACE64:
        require(end[:4] == _END64)
        sizes[2:] = struct.unpack("<QQQ", end[24:48])
    *_, here, everywhere, length = sizes
    require(here == everywhere <= MAX_MEMBERS and length <= _MAX_DIRECTORY)


def is_project(path: Path) -> bool:
    """Whether a file looks like a project inside, whatever its name; not whether it is whole."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            check_end(file)
            with zipfile.ZipFile(file) as archive:
                names = {member.filename for member in archive.infolist()}
    except (OSError, ValueError, RuntimeError, struct.error, zipfile.BadZipFile):
        return False
    others = names - {_MANIFEST, _DIGEST}
    return _MANIFEST in names and all(name.endswith(".npy") for name in others)


def check_members(archive: zipfile.ZipFile, file: IO[bytes], manifest: dict[str, Any]) -> None:
    """Refuse an archive with members that are strange or too large, or with anything between them.

    Their names are those of the arrays that the manifest tells of.
    """
    members = archive.infolist()
    names = [member.filename for member in members]
    known = {_MANIFEST, _DIGEST} | {f"{name}.npy" for name in manifest["arrays"]}
    require(len(names) == len(set(names)) and set(names) <= known)
    require(set(manifest["arrays"]) <= set(ARRAYS))
    require(not archive.comment and not any(member.comment for member in members))
    for member in members:
        if member.filename.endswith(".npy"):
            # Never packed, so that no array can be larger than the file it comes in.
            require(member.compress_type == zipfile.ZIP_STORED)
            require(member.compress_size == member.file_size)
            _check_member(member, MAX_ARRAY)
    if sum(member.file_size for member in members) > MAX_TOTAL:
        raise ProjectError(f"it is larger than {MAX_TOTAL >> 20:,} MB.")
    _check_places(archive, file)


def _check_places(archive: zipfile.ZipFile, file: IO[bytes]) -> None:
    """Refuse holes: the members fill the file from its beginning to the directory."""
    place = 0
    for member in sorted(archive.infolist(), key=lambda one: one.header_offset):
        require(member.header_offset == place)
        file.seek(place)
        sign, name, extra = _LOCAL.unpack(file.read(_LOCAL.size))
        require(sign == b"PK\3\4")
        place += _LOCAL.size + name + extra + member.compress_size
    require(archive.start_dir == place)


def _check_member(member: zipfile.ZipInfo, limit: int) -> None:
    if member.file_size > limit:
        raise ProjectError(f"its part {member.filename} is larger than {limit >> 20:,} MB.")


def read_manifest(archive: zipfile.ZipFile) -> tuple[dict[str, Any], bool | None]:
    """Return the manifest, and whether it is as it was written.

    There is no name in it twice and no number that is not finite. Up to format 5 nothing beside
    the checksum of the archive tells whether it was changed: then the second is ``None``.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        require(len({key for key, _ in pairs}) == len(pairs))
        return dict(pairs)

    def finite(text: str) -> float:
        require(math.isfinite(value := float(text)))
        return value

    names = [member.filename for member in archive.infolist()]
    require(names.count(_MANIFEST) == 1 and names.count(_DIGEST) <= 1)
    sealed = None
    text = _read_small(archive, _MANIFEST, MAX_MANIFEST if _DIGEST in names else MAX_OLD_MANIFEST)
    if _DIGEST in names:
        sealed = _read_small(archive, _DIGEST, 1024) == _digest(text)
        require(text.count(b"[") + text.count(b"{") <= _MAX_NESTED)
    try:
        manifest = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=unique,
            parse_constant=finite,
            parse_float=finite,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    require(isinstance(manifest, dict))
    return dict(manifest), sealed


def _read_small(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Return a member that may be packed, and is no more than it says."""
    member = archive.getinfo(name)
    require(member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    require(member.file_size <= max(_SMALL, _DENSEST * member.compress_size))
    _check_member(member, limit)
    with archive.open(member) as file:
        data = file.read(member.file_size)
        require(len(data) == member.file_size and not file.read(1))
    return data


def read_arrays(
    archive: zipfile.ZipFile, manifest: dict[str, Any]
) -> Generator[float, None, Arrays]:
    """Return the arrays that a manifest tells of, each as it was when it was written.

    Yields after each piece the share of the bytes that are read.
    """
    arrays, done = {}, 0
    total = sum(archive.getinfo(f"{name}.npy").file_size for name in manifest["arrays"])
    for name, facts in manifest["arrays"].items():
        for piece in (array := _Unpacked(archive, name, facts)).pieces():
            done += piece
            yield done / total
        arrays[name] = array.array
    return arrays


class _Unpacked:
    """An array of an archive, filled piece by piece."""

    def __init__(self, archive: zipfile.ZipFile, name: str, facts: dict[str, Any]) -> None:
        dtype, shape = facts["dtype"], tuple(plain_list(facts["shape"]))
        require(dtype == ARRAYS[name] and len(shape) <= _MAX_DIMENSIONS)
        require(all(type(side) is int and side >= 0 for side in shape))
        self._member = archive.getinfo(f"{name}.npy")
        self._archive = archive
        self._sha = facts["sha256"]
        size = math.prod(shape) * np.dtype(dtype).itemsize
        require(size <= self._member.file_size <= size + 1024)
        self.array = np.empty(shape, dtype)

    def pieces(self) -> Iterator[int]:
        """Fill the array; yields how many bytes came."""
        array = self.array
        data = array.reshape(-1).view(np.uint8)
        sha = hashlib.sha256()
        with self._archive.open(self._member) as member:
            head = member.read(self._member.file_size - array.nbytes)
            require(head == _header(array.dtype.str, array.shape, len(head)))
            sha.update(head)
            for start in range(0, len(data), _PIECE):
                piece = member.read(min(_PIECE, len(data) - start))
                data[start : start + _PIECE] = np.frombuffer(piece, np.uint8)
                sha.update(piece)
                self._check_finite(start, len(piece))
                yield len(piece)
            require(not member.read(1))
        require(sha.hexdigest() == self._sha)
        array.setflags(write=False)

    def _check_finite(self, start: int, count: int) -> None:
        if self.array.dtype.kind == "f":
            size = self.array.itemsize
            some = self.array.reshape(-1)[start // size : (start + count) // size]
            require(bool(np.isfinite(some).all()))


def _header(dtype: str, shape: tuple[int, ...], length: int) -> bytes:
    """Return how an array of so many bytes begins; there is nothing in it to be understood."""
    text = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape!r}, }}"
    start = b"\x93NUMPY\1\0" + struct.pack("<H", max(0, length - 10))
    return start + text.ljust(length - 11).encode() + b"\n"
