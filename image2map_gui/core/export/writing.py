"""One file, written whole or not at all, with a message that can be shown."""

from __future__ import annotations

from pathlib import Path

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.files import replacing


def write_file(path: Path, content: bytes) -> None:
    """Write a file; what was there before stays if that fails.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    try:
        with replacing(path) as file:
            file.write(content)
    except OSError as error:
        raise Image2MapError(f"{path}: cannot be written ({error.strerror}).") from None
