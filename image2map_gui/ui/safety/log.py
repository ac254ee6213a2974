"""The log: what the program did and what went wrong, in files of limited size."""

from __future__ import annotations

import contextlib
import logging
import os
import platform
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from PySide6.QtCore import qVersion

from image2map_gui import __version__

LOGGER = logging.getLogger("image2map")
LOGGER.addHandler(logging.NullHandler())  # nothing goes to the terminal
LOG_FILE = "image2map.log"
_BYTES, _OLDER = 512 << 10, 3
_LONGEST = 20_000  # characters of one entry
_PARTS = {
    "PySide6": "PySide6", "NumPy": "numpy", "Pillow": "PIL", "SciPy": "scipy",
    "scikit-learn": "sklearn", "pyqtgraph": "pyqtgraph",
}  # fmt: skip


def start_log(folder: Path | None) -> Path | None:
    """Write the log into a folder from now on; returns its file, ``None`` if that cannot be."""
    stop_log()
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
    handler: logging.Handler = logging.NullHandler()
    path = None if folder is None else folder / LOG_FILE
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handler = _Files(path, maxBytes=_BYTES, backupCount=_OLDER, encoding="utf-8")
        except OSError:
            path = None
    handler.setFormatter(_Short("%(asctime)s %(process)d %(levelname)s %(message)s"))
    LOGGER.addHandler(handler)
    LOGGER.info("started\n%s", versions_text())
    return path


def stop_log() -> None:
    """Write the log no longer."""
    for handler in list(LOGGER.handlers):
        LOGGER.removeHandler(handler)
        with contextlib.suppress(OSError, ValueError):  # what is still to be written cannot be
            handler.close()
    LOGGER.propagate = True


def shortened(text: str) -> str:
    """Return a text with ``~`` for the home folder: whose it is, is nobody's business."""
    for home in _homes():
        text = re.sub(rf"{re.escape(home)}(?![\w.-])", "~", text)
    return text


def printable(text: str) -> str:
    """Return a text in which what has no sign is spelled out, but for ends of lines."""
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() or sign in "\n\t" else ascii(sign)[1:-1] for sign in text
    )


def versions_text() -> str:
    """Say which versions of all that was loaded are at work, a line each."""
    found = [f"Image2Map {__version__}", f"Python {platform.python_version()}", f"Qt {qVersion()}"]
    loaded = ((name, sys.modules.get(module)) for name, module in _PARTS.items())
    found += [f"{name} {module.__version__}" for name, module in loaded if module is not None]
    return "\n".join([*found, platform.platform()])


def _homes() -> list[str]:
    """Return the names of the home folder, the longest first."""
    names = {os.environ.get("HOME", ""), os.environ.get("USERPROFILE", "")}
    with contextlib.suppress(RuntimeError, OSError):
        home = Path.home()
        names |= {str(home), os.path.realpath(home)}
    tidy = {name.rstrip("/\\") for name in names}
    return sorted((name for name in tidy if len(name) > 1), key=len, reverse=True)


class _Short(logging.Formatter):
    """Writes entries of limited length without the name of the home folder."""

    def format(self, record: logging.LogRecord) -> str:
        text = shortened(super().format(record))
        if len(text) > _LONGEST:
            text = f"{text[: _LONGEST // 2]}\n...\n{text[-_LONGEST // 2 :]}"
        return printable(text)


class _Files(RotatingFileHandler):
    """Says nothing where it cannot write: a log that fails must not be one more failure."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Let the entry go."""
