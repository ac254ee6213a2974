"""The archive that a project file is: a manifest and some arrays, none larger than it says."""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ProjectError
from image2map_gui.core.project.checks import plain_list, require

MAX_MANIFEST = 32 << 20
MAX_ARRAY = 4 << 30
_MANIFEST = "manifest.json"
_SMALL = 16 << 20
_PIECE = 4 << 20
_DENSEST = 150  # long lists of paths shrink to a fortieth; what shrinks far more is a trap
ARRAYS = {
    "weights": "<f4",
    "hits": "<i8",
    "label_counts": "<i8",
    "distances": "<f8",
    "picture_units": "<i8",
    "picture_distances": "<f8",
    "projection_mean": "<f4",
    "projection_gain": "<f4",
    "projection_axes": "<f4",
    "projection_spread": "<f4",
    "exemplars": "|u1",
    "frame_weights": "<f4",
    "frame_units": "<i4",
    "frame_distances": "<f4",
    "frame_exemplars": "|u1",
    "run_weights": "<f4",
    "run_units": "<i8",
    "run_distances": "<f8",
    "run_projections": "<f4",
    "run_exemplars": "|u1",
    "run_thumbs": "|u1",
}
_MOMENT = (1980, 1, 1, 0, 0, 0)  # the same project gives the same bytes


def write_archive(
    file: IO[bytes], manifest: dict[str, Any], arrays: dict[str, NDArray[Any]]
) -> Iterator[int]:
    """Write arrays and a manifest, which is told what they are like; yields bytes done.

    One pass: each array is hashed while it is written, so the manifest comes last.
    """
    facts, done = {}, 0
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            plain = np.ascontiguousarray(array, ARRAYS[name])
            sha = hashlib.sha256()
            for piece in _pieces(archive, name, plain):
                sha.update(piece)
                done += len(piece)
                yield done
            shape = list(array.shape)
            facts[name] = {"dtype": ARRAYS[name], "shape": shape, "sha256": sha.hexdigest()}
        whole = _without_nan(manifest | {"arrays": facts})
        text = json.dumps(whole, allow_nan=False, separators=(",", ":")).encode()
        info = zipfile.ZipInfo(_MANIFEST, _MOMENT)
        archive.writestr(info, text, zipfile.ZIP_DEFLATED, compresslevel=1)


def _pieces(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> Iterator[memoryview]:
    """Write an array as a member of its own, and yield what was written, piece by piece."""
    head = io.BytesIO()
    facts = np.lib.format.header_data_from_array_1_0(array)
    np.lib.format.write_array_header_1_0(head, facts)
    info = zipfile.ZipInfo(f"{name}.npy", _MOMENT)
    info.file_size = head.tell() + array.nbytes
    with archive.open(info, "w") as member:
        for data in (head.getbuffer(), array.reshape(-1).view(np.uint8).data):
            for start in range(0, len(data), _PIECE):
                piece = data[start : start + _PIECE]
                member.write(piece)
                yield piece


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def check_members(archive: zipfile.ZipFile) -> None:
    """Refuse an archive with members that are strange, too large, or packed too densely."""
    names = [member.filename for member in archive.infolist()]
    known = {_MANIFEST} | {f"{name}.npy" for name in ARRAYS}
    require(len(names) == len(set(names)) and set(names) <= known and _MANIFEST in names)
    for member in archive.infolist():
        if member.filename == _MANIFEST:
            require(member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
            require(member.file_size <= max(_SMALL, _DENSEST * member.compress_size))
            limit = MAX_MANIFEST
        else:  # never packed, so that no array can be larger than the file it comes in
            require(member.compress_type == zipfile.ZIP_STORED)
            limit = MAX_ARRAY
        if member.file_size > limit:
            raise ProjectError(f"its part {member.filename} is larger than {limit >> 20} MB.")


def read_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return the manifest, with no name in it twice and no number that is not finite."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        require(len({key for key, _ in pairs}) == len(pairs))
        return dict(pairs)

    def finite(text: str) -> float:
        require(math.isfinite(value := float(text)))
        return value

    try:
        manifest = json.loads(
            archive.read(_MANIFEST).decode("utf-8"),
            object_pairs_hook=unique,
            parse_constant=finite,
            parse_float=finite,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    require(isinstance(manifest, dict))
    return dict(manifest)


def read_arrays(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> dict[str, NDArray[Any]]:
    """Return the arrays that a manifest tells of, each as it was when it was written."""
    return {name: _unpacked(archive, name, facts) for name, facts in manifest["arrays"].items()}


def _unpacked(archive: zipfile.ZipFile, name: str, facts: dict[str, Any]) -> NDArray[Any]:
    dtype, shape = facts["dtype"], tuple(plain_list(facts["shape"]))
    require(dtype == ARRAYS[name] and len(shape) <= 2)
    require(all(type(side) is int and side >= 0 for side in shape))
    size = math.prod(shape) * np.dtype(dtype).itemsize
    require(size <= archive.getinfo(f"{name}.npy").file_size <= size + 1024)
    data = archive.read(f"{name}.npy")
    require(hashlib.sha256(data).hexdigest() == facts["sha256"])
    array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    require(array.dtype.str == dtype and array.shape == shape)
    require(bool(np.isfinite(array).all()))
    array.setflags(write=False)
    return array
