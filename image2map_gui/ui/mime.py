"""What is dragged or pasted: files of this computer, or a picture itself."""

from __future__ import annotations

import datetime
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from image2map_gui.ui.settings import data_folder


def has_pictures(data: QMimeData) -> bool:
    """Whether there are files of this computer or a picture in it."""
    return any(url.isLocalFile() for url in data.urls()) or data.hasImage()


def local_paths(data: QMimeData) -> list[Path]:
    """Return the files and folders of this computer in it."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def picture_paths(data: QMimeData) -> list[Path]:
    """Return its files; a picture without a file is kept as one among the program's own data."""
    paths = local_paths(data)
    if paths or not data.hasImage():
        return paths
    image, folder = QImage(data.imageData()), data_folder()
    if image.isNull() or folder is None:
        return []
    place = folder / "pasted"
    place.mkdir(parents=True, exist_ok=True)
    now = datetime.datetime.now(tz=datetime.UTC)
    path = place / f"pasted-{now:%Y%m%d-%H%M%S-%f}.png"
    return [path] if image.save(str(path)) else []
