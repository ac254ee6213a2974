"""The pictures that are being read: the window shows them before all of them are there."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Source
from image2map_gui.ui.jobs.jobs import Collecting

_FIRST_SECONDS = 0.3  # what is read sooner than that need not be shown coming
_EVERY_SECONDS = 0.25


class Arrivals(QObject):
    """Tells a few times a second which pictures a reading has brought so far.

    They are not the collection yet: what is open stays open until the reading has ended.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sources: tuple[Source, ...] = ()
        self.adding = False
        self.shown = False  # whether some were shown since the reading began
        self._next = 0.0
        self._read: Dataset | None = None
        self._rows: dict[str, int] = {}

    def begin(self) -> None:
        """Note that a reading starts now."""
        self.sources = ()
        self.shown = False
        self.forget()
        self._next = time.perf_counter() + _FIRST_SECONDS

    def take(self, step: Collecting) -> None:
        """Take what was read so far, unless it was open before or the last time is too near."""
        now = time.perf_counter()
        if step.again or step.reading is None or not step.reading.read or now < self._next:
            return
        self._next = now + _EVERY_SECONDS
        self.adding = step.before is not None
        self._read = step.reading.dataset
        self.sources = self._read.sources
        self.shown = True
        for row in range(len(self._rows), len(self.sources)):
            self._rows[self.sources[row].address] = row
        self.changed.emit()

    def end(self) -> bool:
        """Note that the reading has ended; returns whether pictures were shown coming."""
        shown, self.sources = bool(self.sources), ()
        return shown

    def forget(self) -> None:
        """Let go of what was read last."""
        self._read = None
        self._rows = {}

    def rough(self, source: Source) -> NDArray[np.uint8] | None:
        """Return what the map will learn of a picture just read; ``None`` for others."""
        row = self._rows.get(source.address)
        if row is None or self._read is None:
            return None
        picture: NDArray[np.uint8] = self._read.pictures(np.array([row]))[0]
        return picture
