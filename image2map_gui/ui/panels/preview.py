"""One picture of a list, large, in a window of its own that follows the list's arrow keys."""

from __future__ import annotations

import dataclasses
import functools
from collections import OrderedDict
from collections.abc import Iterable, Iterator

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QDialog, QVBoxLayout, QWidget

from image2map_gui.core.images.helper import Answer, answer
from image2map_gui.core.images.pool import apart
from image2map_gui.core.images.small import large_pixels, unpacked_large
from image2map_gui.core.images.sources import Source
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.jobs.runner import Outcome, Runner
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.theme import SPACE, faint_text
from image2map_gui.ui.widgets.gallery import Gallery
from image2map_gui.ui.wording import visible

_SIDE = 1024
_KEPT = 16  # pictures; up to 3 MB each
_SMALL = 128  # up to this size pixels are shown as squares
_SIZE = QSize(760, 780)
_TRAVEL = frozenset(
    {
        Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
        Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
    }
)  # fmt: skip
_LEAVE = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter})


@dataclasses.dataclass(frozen=True)
class _Loading:
    """A picture that is being decoded, and at last what came of it."""

    source: Source
    answer: Answer | None = None
    fraction: float = 0.0
    milestone: bool = False


@dataclasses.dataclass(frozen=True)
class _Large:
    """A picture to be shown with its own size, or the reason why there is none."""

    pixmap: QPixmap
    size: tuple[int, int] | None
    reason: str = ""


class Preview(QDialog):
    """Shows the current picture of the list that was left with the space bar.

    It is decoded in a helper process, like thumbnails; until it is there, its thumbnail stands in.
    """

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._gallery: Gallery | None = None
        self._views: dict[QObject, Gallery] = {}
        self._source: Source | None = None
        self._kept: OrderedDict[str, _Large] = OrderedDict()
        self._job = Runner(self)
        self._job.ended.connect(self._loaded)
        self.sheet = _Sheet()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.sheet)
        screen = QGuiApplication.primaryScreen().availableSize()
        self.resize(_SIZE.boundedTo(QSize(screen.width() * 9 // 10, screen.height() * 9 // 10)))
        session.map_changed.connect(self._describe)
        session.thumbnails.ready.connect(self._show_meanwhile)

    def watch(self, galleries: Iterable[Gallery]) -> None:
        """Open on the space bar in any of these lists."""
        for gallery in galleries:
            self.watch_view(gallery, gallery)
            gallery.picked.connect(self._picked)
            gallery.destroyed.connect(self._list_gone)

    def watch_view(self, view: QWidget, gallery: Gallery) -> None:
        """Open on the space bar in a view that shows the pictures of a list in another way."""
        self._views[view] = gallery
        view.installEventFilter(self)

    def gallery_of(self, view: QWidget | None) -> Gallery | None:
        """Return the list that a view shows, if it is one of those that are watched."""
        return None if view is None else self._views.get(view)

    def open_on(self, gallery: Gallery) -> None:
        """Show the current picture of a list, the first one if none is current."""
        if not gallery.model().rowCount():
            return
        self._gallery = gallery
        if not gallery.currentIndex().isValid():
            gallery.setCurrentIndex(gallery.model().index(0, 0))
        self._show(gallery.pictures.source(gallery.currentIndex().row()))
        self.show()
        self.activateWindow()

    def shutdown(self) -> None:
        """Stop decoding; to be called before the window goes."""
        self.close()
        self._job.halt()

    # --- keys -------------------------------------------------------------------------------

    @guarded
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Open and close on the space bar in a list."""
        gallery = self._views.get(watched)
        if (
            gallery is None
            or not isinstance(event, QKeyEvent)
            or event.type() != QEvent.Type.KeyPress
            or event.key() != Qt.Key.Key_Space
            or event.modifiers() != Qt.KeyboardModifier.NoModifier
        ):
            return False
        if event.isAutoRepeat():
            return True
        if self.isVisible() and self._gallery is gallery:
            self.close()
        else:
            self.open_on(gallery)
        return True

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Travel through the list, or leave."""
        if event.key() in _LEAVE:
            if not event.isAutoRepeat():
                self.close()
        elif event.key() in _TRAVEL and self._gallery is not None:
            QApplication.sendEvent(
                self._gallery, QKeyEvent(event.type(), event.key(), event.modifiers())
            )
        else:
            super().keyPressEvent(event)

    @guarded
    def closeEvent(self, event: QCloseEvent) -> None:
        """Give the list its keys back."""
        super().closeEvent(event)
        if self._gallery is not None:
            self._gallery.window().activateWindow()

    @Slot(QObject)
    def _list_gone(self) -> None:
        if self.sender() is self._gallery:
            self._gallery = None

    # --- what is shown ----------------------------------------------------------------------

    @Slot(object)
    def _picked(self, source: Source) -> None:
        if self.isVisible() and self.sender() is self._gallery:
            self._show(source)

    def _show(self, source: Source) -> None:
        self._source = source
        self.setWindowTitle(visible(source.name))
        if source.address not in self._kept:
            self._load()
        self._show_meanwhile()

    def _load(self) -> None:
        if self._source is not None and not self._job.busy:
            self._job.start(_loading(self._source))

    @Slot(object)
    def _loaded(self, outcome: Outcome) -> None:
        loaded = outcome.last
        if outcome.error is not None:
            raise outcome.error
        if isinstance(loaded, _Loading) and loaded.answer is not None:
            self._kept[loaded.source.address] = _large(loaded.answer)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        if self._source is not None and self._source.address not in self._kept:
            self._load()  # the list has travelled on meanwhile
        self._show_meanwhile()

    @Slot()
    def _show_meanwhile(self) -> None:
        """Show the picture, or its thumbnail while it is not there."""
        source = self._source
        if source is None:
            return
        large = self._kept.get(source.address)
        if large is None:
            self.sheet.show_picture(self._session.thumbnails.pixmap(source), "", stretched=True)
        elif large.size is None:
            kept = self._session.thumbnails.pixmap(source)
            message = f"This picture cannot be shown: it {large.reason}."
            self.sheet.show_picture(kept, message)
        else:
            self.sheet.show_picture(large.pixmap, "")
        self._describe()

    @Slot()
    def _describe(self) -> None:
        source = self._source
        if source is None:
            return
        facts = []
        large = self._kept.get(source.address)
        if large is not None and large.size is not None:
            facts.append(f"{large.size[0]:,} x {large.size[1]:,} pixels")
        elif large is not None and not self.sheet.pixmap.isNull():
            facts.append(f"in small: it {large.reason}")
        if source.label is not None:
            facts.append(f"label {visible(source.label)}")
        state = self._session.map
        if state is not None and (unit := state.unit_of.get(source.address)) is not None:
            row, column = state.grid.cells[unit]
            facts.append(f"row {row + 1}, column {column + 1}")
        self.sheet.describe(visible(source.name), " · ".join(facts))


class _Sheet(QWidget):
    """Draws a picture over two lines of text."""

    def __init__(self) -> None:
        super().__init__()
        self.pixmap = QPixmap()
        self.message = ""
        self.name = ""
        self.facts = ""
        self._stretched = False

    def show_picture(
        self, pixmap: QPixmap | None, message: str, *, stretched: bool = False
    ) -> None:
        """Draw a picture, or a message; what is ``stretched`` fills the place."""
        self.pixmap = pixmap or QPixmap()
        self.message = message
        self._stretched = stretched
        self.update()

    def describe(self, name: str, facts: str) -> None:
        """Write a name, and what is known of the picture."""
        if (name, facts) != (self.name, self.facts):
            self.name, self.facts = name, facts
            self.setAccessibleName(f"{name}, {facts}" if facts else name)
            self.update()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = self.fontMetrics().height() + 2
        painter.fillRect(self.rect(), self.palette().window())
        foot = self.rect().adjusted(SPACE, self.height() - 2 * line - SPACE, -SPACE, 0)
        room = self.rect().adjusted(0, 0, 0, foot.top() - self.height() - SPACE)
        painter.fillRect(room, self.palette().base())
        self._draw_picture(painter, room.adjusted(SPACE, SPACE, -SPACE, -SPACE))
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(self.palette().windowText().color())
        self._draw_line(painter, QRect(foot.left(), foot.top(), foot.width(), line), self.name)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(faint_text(self.palette()))
        below = QRect(foot.left(), foot.top() + line, foot.width(), line)
        self._draw_line(painter, below, self.facts)
        painter.end()

    def _draw_line(self, painter: QPainter, place: QRect, text: str) -> None:
        short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, short)

    def _draw_picture(self, painter: QPainter, room: QRect) -> None:
        if self.pixmap.isNull():
            painter.setPen(faint_text(self.palette()))
            how = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, how, visible(self.message))
            return
        size = self._fitting(room.size())
        spot = QRect(0, 0, size.width(), size.height())
        spot.moveCenter(room.center())
        squares = max(self.pixmap.width(), self.pixmap.height()) <= _SMALL and not self._stretched
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not squares)
        painter.drawPixmap(spot, self.pixmap)

    def _fitting(self, room: QSize) -> QSize:
        """Return the size to draw at; small pictures grow in whole steps: pixels stay squares."""
        own = self.pixmap.size()
        fitting = own.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        times = fitting.width() // max(1, own.width())
        if self._stretched or max(own.width(), own.height()) > _SMALL or times < 1:
            return fitting
        return own * times


def _loading(source: Source) -> Iterator[_Loading]:
    """Decode a picture, a file in a helper process."""
    read = functools.partial(large_pixels, _SIDE)
    yield _Loading(source)
    if not source.encoded:
        yield _Loading(source, answer(read, source))
        return
    for one in apart(read, [source], most=1):
        yield _Loading(source, None if one is None else one.answer)


def _large(said: Answer) -> _Large:
    if isinstance(said, str):
        return _Large(QPixmap(), None, said)
    size, (width, height, pixels) = unpacked_large(said)
    image = QImage(pixels, width, height, 3 * width, QImage.Format.Format_RGB888)
    return _Large(QPixmap.fromImage(image.copy()), size)
