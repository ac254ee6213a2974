"""Bytes kept on the disk under names, within bounds, that may be lost or damaged at any time."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

_SUFFIX = ".i2mc"
_UNFINISHED = ".tmp"
_MAGIC = b"I2Mcache"
_LARGEST = 1 << 20
_DAY = 86_400.0
_LEFT = 0.9  # share of the bounds that is left when old files were removed
_STEP = 100  # files looked at or removed between two yields


@dataclasses.dataclass(frozen=True)
class Cache:
    """A folder of small files that are made again when they are missing.

    Nothing here fails: where the folder cannot be written to, or the disk is full, nothing is
    kept; a file that is damaged is not there.

    Parameters
    ----------
    folder
        Made when the first bytes are kept, for nobody else to read.
    most_bytes, most_files
        Bounds kept by :meth:`trim`.
    """

    folder: Path
    most_bytes: int = 500 << 20
    most_files: int = 100_000

    def get(self, name: str) -> bytes | None:
        """Return what was kept under a name, ``None`` if it is not there or damaged."""
        path = self._path(name)
        try:
            with path.open("rb") as file:
                content = file.read(_LARGEST)
                facts = os.fstat(file.fileno())
            if content[:12] != _head(name, content[12:]):
                return None
            if abs(time.time() - facts.st_mtime) > _DAY:  # the oldest files go first: keep it young
                os.utime(path)
        except OSError:
            return None
        return content[12:]

    def put(self, name: str, content: bytes) -> None:
        """Keep bytes under a name, if that is possible; nobody ever sees only a part of them."""
        if len(content) + 12 > _LARGEST:
            return
        path = self._path(name)
        unfinished = path.with_name(f"{path.stem}-{os.getpid()}{_UNFINISHED}")
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            try:
                unfinished.write_bytes(_head(name, content) + content)
                unfinished.replace(path)
            except OSError:
                unfinished.unlink(missing_ok=True)

    def trim(self) -> Iterator[None]:
        """Remove the files that were of no use for the longest time until the bounds are kept.

        Yields after at most some 10 ms.
        """
        kept: list[tuple[float, int, Path]] = []
        for count, path in enumerate(self._files()):
            with contextlib.suppress(OSError):
                facts = path.stat()
                kept.append((facts.st_mtime, facts.st_size, path))
            if count % _STEP == 0:
                yield
        size = sum(size for _, size, _ in kept)
        if size <= self.most_bytes and len(kept) <= self.most_files:
            return
        kept.sort(reverse=True)
        while kept and (size > _LEFT * self.most_bytes or len(kept) > _LEFT * self.most_files):
            _, freed, path = kept.pop()
            size -= freed
            with contextlib.suppress(OSError):
                path.unlink()
            if len(kept) % _STEP == 0:
                yield

    def _path(self, name: str) -> Path:
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        return self.folder / digest[:2] / (digest[2:] + _SUFFIX)

    def _files(self) -> Iterator[Path]:
        """Yield the files of this cache, finished or not, and nothing else that lies there."""
        for number in range(256):
            try:
                with os.scandir(self.folder / f"{number:02x}") as entries:
                    names = [entry.path for entry in entries]
            except OSError:
                continue
            for name in names:
                if name.endswith((_SUFFIX, _UNFINISHED)):
                    yield Path(name)


def _head(name: str, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(name.encode("utf-8", "surrogateescape")))
    return _MAGIC + check.to_bytes(4, "little")
