"""What is dragged or pasted: files of this computer, or a picture itself."""

from __future__ import annotations

import contextlib
import datetime
import os
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QImage

from image2map_gui.ui.settings import data_folder

_LIST = "text/uri-list"
_HERE = b"file://"
_LOST = "\N{REPLACEMENT CHARACTER}"  # what Qt makes of bytes that are no valid text


def has_pictures(data: QMimeData) -> bool:
    """Whether there are files of this computer or a picture in it."""
    return any(url.isLocalFile() for url in data.urls()) or data.hasImage()


def local_paths(data: QMimeData) -> list[Path]:
    """Return the files and folders of this computer in it, also those Qt cannot name."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if any(_LOST in str(path) for path in paths):
        lines = bytes(data.data(_LIST).data()).splitlines()
        return [_path(line) for line in lines if line.startswith(_HERE)]
    return paths


def left_out(data: QMimeData) -> str:
    """Say that something in it lies on no disk of this computer; empty if all does."""
    count = sum(not url.isLocalFile() for url in data.urls())
    if not count or (data.hasImage() and not local_paths(data)):
        return ""  # what a browser hands over is a picture and its address
    what = "1 address is" if count == 1 else f"{count:,} addresses are"
    return f"{what} not on this computer. Download the pictures first, then open the files."


def picture_paths(data: QMimeData) -> list[Path]:
    """Return its files; a picture without a file is kept as one among the program's own data.

    There are none if that cannot be done.
    """
    paths = local_paths(data)
    if paths or not data.hasImage():
        return paths
    image, folder = QImage(data.imageData()), data_folder()
    if image.isNull() or folder is None:
        return []
    place = folder / "pasted"
    with contextlib.suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
    now = datetime.datetime.now(tz=datetime.UTC)
    path = place / f"pasted-{now:%Y%m%d-%H%M%S-%f}.png"
    return [path] if image.save(str(path)) else []


def _path(line: bytes) -> Path:
    """Turn a line of a list of addresses into the path it stands for, whatever its bytes are."""
    _, _, rest = line.removeprefix(_HERE).partition(b"/")
    return Path(os.fsdecode(bytes(QByteArray.fromPercentEncoding(QByteArray(b"/" + rest)).data())))
