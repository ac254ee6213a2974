"""Pictures as the map sees them, for the screen, where their files cannot be read any more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.images.sources import Source
from image2map_gui.ui.session.document import Document


class KeptPictures:
    """Finds pictures among those that were read, or that came with the project."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._of: object = None
        self._rows: dict[str, int] = {}

    def picture(self, source: Source) -> NDArray[np.uint8] | None:
        """Return a picture, ``(height, width, channels)``; ``None`` if it is not kept."""
        read, brought = self._document.dataset, self._document.brought
        if read is not None and (row := self._row(read.sources, source)) is not None:
            found: NDArray[np.uint8] = read.pictures(np.array([row]))[0]
            return found
        embedded = None if brought is None else brought.embedded
        if brought is None or embedded is None or embedded.thumbs is None:
            return None
        row = self._row(brought.sources, source)
        return None if row is None else np.asarray(embedded.thumbs[row])

    def _row(self, sources: tuple[Source, ...], source: Source) -> int | None:
        if self._of is not sources:
            self._of = sources
            self._rows = {one.address: row for row, one in enumerate(sources)}
        return self._rows.get(source.address)
