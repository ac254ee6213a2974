"""Small pictures of the files that are on screen, decoded in the background."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict, deque
from collections.abc import Iterator

from PIL import Image
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QPixmap

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.sources import Source
from image2map_gui.ui.worker import Worker

SIDE = 96
_KEPT = 4000
_WAITING = 400  # older wishes belong to rows that have scrolled away
_POLL_MS = 40


@dataclasses.dataclass(frozen=True)
class _Made:
    fraction: float = 0.0
    milestone: bool = False


class Thumbnails(QObject):
    """Hands out pixmaps of pictures; those not yet there are decoded, the latest wish first."""

    ready = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pixmaps: OrderedDict[tuple[str, int], QPixmap] = OrderedDict()
        self._wishes: deque[Source] = deque(maxlen=_WAITING)
        self._asked: set[tuple[str, int]] = set()
        self._made: deque[tuple[tuple[str, int], QImage]] = deque()
        self._worker: Worker | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._collect)

    def pixmap(self, source: Source) -> QPixmap | None:
        """Return a pixmap of at most 96 x 96 pixels; ``None`` while it is being made.

        A picture that cannot be read has a null pixmap.
        """
        key = (source.path, source.index)
        found = self._pixmaps.get(key)
        if found is not None:
            self._pixmaps.move_to_end(key)
            return found
        if key not in self._asked:
            if len(self._wishes) == _WAITING:
                self._asked.discard((self._wishes[0].path, self._wishes[0].index))
            self._asked.add(key)
            self._wishes.append(source)
            self._start()
        return None

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
        """Decode what is wished for; runs in the worker's thread."""
        while True:
            try:
                source = self._wishes.pop()
            except IndexError:
                return
            self._made.append(((source.path, source.index), small_picture(source, SIDE)))
            yield _Made()

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
        while self._made:
            key, image = self._made.popleft()
            self._asked.discard(key)
            self._pixmaps[key] = QPixmap.fromImage(image)
            if len(self._pixmaps) > _KEPT:
                self._pixmaps.popitem(last=False)
        if fresh:
            self.ready.emit()
        elif self._worker is None:
            self._timer.stop()


def small_picture(source: Source, side: int) -> QImage:
    """Read a picture for the screen, at most ``side`` pixels wide and high.

    A null image stands for a picture that cannot be read; tiny pictures are enlarged in whole
    steps so that their pixels stay square.
    """
    try:
        image = read_image(source, at_least=(side, side)).convert("RGB")
    except PictureError:
        return QImage()
    if max(image.size) > side:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    elif max(image.size) * 2 <= side:
        times = side // max(image.size)
        image = image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)
    return to_qimage(image)


def to_qimage(image: Image.Image) -> QImage:
    """Copy an RGB picture into one of Qt's own."""
    data = image.tobytes()
    shape = (image.width, image.height, 3 * image.width)
    return QImage(data, *shape, QImage.Format.Format_RGB888).copy()
