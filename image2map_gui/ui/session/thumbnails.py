"""Small pictures of the files that are on screen, decoded in the background."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QPixmap

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.cache import Cache
from image2map_gui.core.images.helper import Answer
from image2map_gui.core.images.pool import apart, warm_up
from image2map_gui.core.images.small import small_image, unpacked, wished_pixels
from image2map_gui.core.images.sources import Source
from image2map_gui.ui.jobs.worker import Worker

SIDE = 96
_SIDES = (SIDE, 256, 512)  # that pictures are made small to: the next larger one is drawn smaller
_KEPT_BYTES = 160 << 20
_WAITING = 400  # older wishes belong to rows that have scrolled away
_POLL_MS = 40
_TIDY_EVERY = 5000  # pictures made
_COLLECT_SECONDS = 0.008  # of the window's time at once

_Key = tuple[str, int]  # the address of a source, and one of the sides
_Wish = tuple[Source, int]


@dataclasses.dataclass(frozen=True)
class _Made:
    fraction: float = 0.0
    milestone: bool = False


class Thumbnails(QObject):
    """Hands out pixmaps of pictures; those not yet there are decoded, the latest wish first.

    Files are decoded in helper processes, and what takes long is kept in ``folder`` for the next
    start; without a folder nothing is written.
    """

    ready = Signal()

    def __init__(self, parent: QObject | None = None, folder: Path | None = None) -> None:
        super().__init__(parent)
        self._pixmaps: OrderedDict[_Key, QPixmap] = OrderedDict()
        self._bytes = 0  # of all pixmaps
        self._wishes: deque[_Wish] = deque(maxlen=_WAITING)
        self._asked: set[_Key] = set()
        self._made: deque[tuple[_Wish, QImage]] = deque()
        self._worker: Worker | None = None
        self.stand_in: Callable[[Source], NDArray[np.uint8] | None] = _nothing  # meanwhile
        self.instead: Callable[[Source], NDArray[np.uint8] | None] = _nothing  # of what is gone
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._collect)
        self.keep_in(folder)

    def keep_in(self, folder: Path | None) -> None:
        """Choose the folder where pictures are kept for the next start; ``None`` keeps none."""
        self._cache = None if folder is None else Cache(folder)
        self._tidying: Iterator[None] = iter(()) if self._cache is None else self._cache.trim()
        self._since_tidying = 0

    def warm_up(self) -> None:
        """Start what decodes pictures, so that the first one need not wait for it."""
        warm_up(functools.partial(wished_pixels, None))

    def pixmap(self, source: Source, side: int = SIDE) -> QPixmap | None:
        """Return a pixmap that looks well ``side`` pixels wide and high, and may be larger.

        While it is being made, this is another one of the same picture, or ``None``. A picture
        that cannot be read has what is kept ``instead``, else a null pixmap.
        """
        enough = next((one for one in _SIDES if one >= side), _SIDES[-1])
        found = self._pixmaps.get((source.address, enough))
        if found is not None:
            self._pixmaps.move_to_end((source.address, enough))
            return found
        self._wish(source, enough)
        others = (self._pixmaps.get((source.address, one)) for one in reversed(_SIDES))
        return next((other for other in others if other is not None), None)

    def _wish(self, source: Source, side: int) -> None:
        key = (source.address, side)
        if key in self._asked:
            return
        if len(self._wishes) == _WAITING:
            dropped, its_side = self._wishes[0]
            self._asked.discard((dropped.address, its_side))
        self._asked.add(key)
        self._wishes.append((source, side))
        self._start()

    def at_once(self, source: Source, side: int = SIDE) -> QPixmap | None:
        """Return :meth:`pixmap`, or what stands in for it while it is being made, if anything."""
        found = self.pixmap(source, side)
        if found is not None:
            return found
        pixels = self.stand_in(source)
        return None if pixels is None else _to_pixmap(pixels)

    @property
    def busy(self) -> bool:
        """Whether pictures that were asked for are not there yet."""
        return bool(self._asked)

    def shutdown(self) -> None:
        """Stop decoding; to be called before the window goes."""
        self._timer.stop()
        self._wishes.clear()
        if self._worker is not None:
            self._worker.request_stop()
            self._worker.wait()
            self._worker = None

    def _start(self) -> None:
        self._timer.start()
        if self._worker is None:
            self._worker = Worker(self._decode(), self)
            self._worker.finished.connect(self._ended)
            self._worker.start()

    def _decode(self) -> Iterator[_Made]:
        """Decode what is wished for, then tidy up what is kept; runs in the worker's thread."""
        function = functools.partial(wished_pixels, self._cache)
        while True:
            for one in apart(function, _Files(self._wishes, self._make_here)):
                if one is not None:
                    self._keep(one.item, one.answer)
                yield _Made()
            if not self._tidy():
                return
            yield _Made()

    def _keep(self, wish: _Wish, answer: Answer) -> None:
        """Keep what a helper made of a file; a null image if it cannot be read."""
        image = QImage() if isinstance(answer, str) else _to_qimage(*unpacked(answer))
        self._made.append((wish, image))
        self._since_tidying += 1

    def _tidy(self) -> bool:
        """Take a step in keeping the cache within bounds, and return whether there was one."""
        for _ in self._tidying:
            return True
        if self._cache is not None and self._since_tidying > _TIDY_EVERY:
            self._tidying, self._since_tidying = self._cache.trim(), 0
            return True
        return False

    def _make_here(self, wish: _Wish) -> None:
        self._made.append((wish, small_picture(*wish)))

    @Slot()
    def _ended(self) -> None:
        if self._worker is None:
            return
        self._worker.wait()
        self._worker.deleteLater()
        self._worker = None
        if self._wishes:
            self._start()

    @Slot()
    def _collect(self) -> None:
        fresh = bool(self._made)
        end = time.perf_counter() + _COLLECT_SECONDS
        while self._made and time.perf_counter() < end:
            (source, side), image = self._made.popleft()
            key = (source.address, side)
            self._asked.discard(key)
            kept = self.instead(source) if image.isNull() else None
            self._hold(key, QPixmap.fromImage(image) if kept is None else _to_pixmap(kept))
        if fresh:
            self.ready.emit()
        elif self._worker is None:
            self._timer.stop()

    def _hold(self, key: _Key, pixmap: QPixmap) -> None:
        """Keep a pixmap; those that were not shown for long make room."""
        self._bytes += _bytes_of(pixmap) - _bytes_of(self._pixmaps.pop(key, None))
        self._pixmaps[key] = pixmap
        while self._bytes > _KEPT_BYTES and len(self._pixmaps) > 1:
            self._bytes -= _bytes_of(self._pixmaps.popitem(last=False)[1])


class _Files:
    """The files that are wished for, the latest first, whenever one is asked for.

    What is no file of its own is quickly read and made at once. The end may be a passing one:
    who asks again is told what was wished for meanwhile.
    """

    def __init__(self, wishes: deque[_Wish], make_here: Callable[[_Wish], None]) -> None:
        self._wishes = wishes
        self._make_here = make_here

    def __iter__(self) -> Iterator[_Wish]:
        return self

    def __next__(self) -> _Wish:
        while True:
            try:
                wish = self._wishes.pop()
            except IndexError:
                raise StopIteration from None
            if wish[0].encoded:
                return wish
            self._make_here(wish)


def _nothing(_source: Source) -> None:
    """Have nothing that could stand in."""


def small_picture(source: Source, side: int) -> QImage:
    """Read a picture for the screen, in this process; a null image if it cannot be read."""
    try:
        image = small_image(source, side)
    except PictureError:
        return QImage()
    return _to_qimage(image.width, image.height, image.tobytes())


def _bytes_of(pixmap: QPixmap | None) -> int:
    return 0 if pixmap is None else pixmap.width() * pixmap.height() * 4 + 256


def _to_pixmap(pixels: NDArray[np.uint8]) -> QPixmap:
    """Return a pixmap of a picture of one or three channels."""
    height, width, channels = pixels.shape
    colour = pixels if channels == 3 else np.repeat(pixels, 3, axis=2)
    return QPixmap.fromImage(_to_qimage(width, height, colour.tobytes()))


def _to_qimage(width: int, height: int, pixels: bytes) -> QImage:
    """Copy RGB pixels into a picture of Qt's."""
    return QImage(pixels, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
