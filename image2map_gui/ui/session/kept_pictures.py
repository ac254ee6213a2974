"""Pictures as the map sees them, for the screen, where their files cannot be read any more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.images.sources import Source
from image2map_gui.core.project.project import brought_all
from image2map_gui.ui.session.document import Document


class KeptPictures:
    """Finds pictures among those that were read, or that came with the project."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._read, self._brought = _Places(), _Places()

    def picture(self, source: Source) -> NDArray[np.uint8] | None:
        """Return a picture, ``(height, width, channels)``; ``None`` if it is not kept."""
        read, brought = self._document.dataset, self._document.brought
        row = self._read.find(None if read is None else read.sources, source)
        if read is not None and row is not None:
            return _only(read.pictures(np.array([row])))
        row = self._brought.find(None if brought is None else brought.sources, source)
        if brought is None or brought.embedded is None or row is None:
            return None
        if brought.embedded.thumbs is not None:
            return np.asarray(brought.embedded.thumbs[row])
        every = brought_all(brought)
        return None if every is None else _only(every.pictures(np.array([row])))


class _Places:
    """The places of pictures in a list, looked up once for each list."""

    def __init__(self) -> None:
        self._of: tuple[Source, ...] | None = None
        self._rows: dict[str, int] = {}

    def find(self, sources: tuple[Source, ...] | None, source: Source) -> int | None:
        if self._of is not sources:
            self._of = sources
            self._rows = {one.address: row for row, one in enumerate(sources or ())}
        return self._rows.get(source.address)


def _only(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    (picture,) = pictures
    return np.asarray(picture)
