"""Pictures in zip archives, read where they lie: nothing is ever unpacked to the disk."""

from __future__ import annotations

import dataclasses
import os
import stat
import zipfile
from functools import lru_cache
from pathlib import Path, PurePosixPath

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.limits import check_size

SUFFIX = ".zip"
MAX_MEMBERS = 1_000_000
PACKED_OTHERWISE = "is packed in a way this program does not read; use plain zip (deflate)"
_ENCRYPTED = 0x1
_PLAIN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive; ``trouble`` is the reason why it cannot be read, if it cannot."""

    name: str
    trouble: str = ""


def members(path: Path) -> list[Member]:
    """Return the files in an archive, each name once, folders and links left out.

    Raises
    ------
    PictureError
        It is no zip archive, is damaged, or holds more than a million files.
    """
    files = _opened(str(path)).infolist()
    if len(files) > MAX_MEMBERS:
        raise PictureError(f"holds {len(files):,} files; the limit is {MAX_MEMBERS:,}")
    found = {
        info.filename: Member(info.filename, _trouble(info))
        for info in files
        if not info.is_dir() and not stat.S_ISLNK(info.external_attr >> 16)
    }
    return list(found.values())


def folder_of(name: str) -> str:
    """Return the folder of a file in an archive, without what would lead out of it."""
    parts = PurePosixPath(name).parent.parts
    return "/".join(part for part in parts if part not in ("/", ".."))


def read_member(path: str, name: str) -> bytes:
    """Return the content of one file of an archive, within the limit for files.

    Raises
    ------
    PictureError
        It is not there any more, is damaged, encrypted or larger.
    """
    archive = _opened(path)
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise PictureError("is no longer in its archive") from None
    if trouble := _trouble(info):
        raise PictureError(trouble)
    if info.file_size == 0:
        raise PictureError("is empty")
    check_size(info.file_size)
    try:
        with archive.open(info) as file:
            return file.read(info.file_size)
    except Exception as error:
        raise PictureError("is damaged in its archive") from error


def plainly_packed(info: zipfile.ZipInfo) -> bool:
    """Whether a file is unpacked in steps; of other kinds a few bytes make gigabytes at once."""
    return info.compress_type in _PLAIN


def _trouble(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    return "" if plainly_packed(info) else PACKED_OTHERWISE


def _opened(path: str) -> zipfile.ZipFile:
    """Open an archive, or return it as it was opened before unless the file has changed."""
    facts = os.stat(path)  # noqa: PTH116 - the time and size of what is opened below
    if not stat.S_ISREG(facts.st_mode):
        raise PictureError("is not a regular file")
    try:
        return _kept(path, facts.st_size, facts.st_mtime_ns)
    except OSError:
        raise
    except Exception as error:
        raise PictureError("is no zip archive, or is damaged") from error


@lru_cache(maxsize=2)
def _kept(path: str, _size: int, _changed: int) -> zipfile.ZipFile:
    """Keep the archives read last open: their lists of files are long."""
    return zipfile.ZipFile(path)
