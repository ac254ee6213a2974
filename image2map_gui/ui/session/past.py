"""The past of the map that is open: goes back to earlier epochs, and comes back to the newest."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QStyle

from image2map_gui.core.frames import Frame, Frames
from image2map_gui.core.images.sources import Source
from image2map_gui.core.picture.mosaic import mosaic
from image2map_gui.ui.jobs.runner import Outcome, Runner
from image2map_gui.ui.session.document import Document, Past
from image2map_gui.ui.state import Drawing, MapState

SPEEDS = (2, 5, 10, 25)  # epochs that are kept, in a second
_USUAL = 10
_CALM = 2  # where the system wants no animation


@dataclasses.dataclass(frozen=True, eq=False)
class _Painting:
    """A frame, and once it is painted the map as it was then."""

    frame: Frame
    fraction: float = 0.0
    milestone: bool = False
    state: MapState | None = None


class TimeTravel(QObject):
    """Chooses which epoch of the map is shown; the newest unless a person went back.

    The map of an earlier epoch is painted in a worker; what is asked for meanwhile waits, and only
    the last wish counts. A training that runs takes no notice.
    """

    changed = Signal()  # which epochs there are, which one is shown, or whether it is playing
    moved = Signal()  # another map is shown
    failed = Signal(object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._wanted: Frame | None = None
        self._direction = 0
        self.speed = _USUAL
        self._runner = Runner(self)
        self._runner.ended.connect(self._ended)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tick)

    # --- where one is -----------------------------------------------------------------------

    @property
    def epochs(self) -> tuple[int, ...]:
        """The epochs that can be shown; the last is the newest map."""
        return self._document.frames.epochs

    @property
    def epoch(self) -> int | None:
        """The epoch that is shown or on its way to be, ``None`` for the newest map."""
        return None if self._aim is None else self._aim.epoch

    @property
    def place(self) -> int:
        """The place of what is shown among the epochs."""
        return self.place_in(self.epochs)

    def place_in(self, epochs: tuple[int, ...]) -> int:
        """Return the place of what is shown among epochs; a training adds to them meanwhile."""
        epoch = self.epoch
        if epoch is None or not epochs:
            return max(0, len(epochs) - 1)
        return min(range(len(epochs)), key=lambda place: abs(epochs[place] - epoch))

    @property
    def direction(self) -> int:
        """1 while it plays, -1 while it plays backwards, else 0."""
        return self._direction

    # --- going ------------------------------------------------------------------------------

    def go(self, epoch: int) -> None:
        """Show the map after an epoch, or after the nearest one that is kept."""
        frames = self._document.frames
        if not frames.frames or self._document.map is None:
            return
        frame = frames.near(epoch)
        if frame is frames.frames[-1]:
            self.now()
        elif frame is not self._aim:
            self._paint(frame)

    def step(self, by: int) -> None:
        """Show the next epoch that is kept, or the one before."""
        self.stop()
        self._step(by)

    def start(self) -> None:
        """Show how the training began."""
        self.stop()
        if self.epochs:
            self.go(self.epochs[0])

    def now(self) -> None:
        """Show the newest map again."""
        self._wanted = None
        self._runner.halt()
        if self._document.past is not None:
            self._document.past = None
            self.moved.emit()
        self.changed.emit()

    def play(self, direction: int) -> None:
        """Show one epoch after the other: 1 forward, -1 backwards; again at once to stop."""
        if direction == self._direction:
            self.stop()
            return
        self._direction = direction
        last = len(self.epochs) - 1
        if direction > 0 and self.place >= last:
            self.go(self.epochs[0])
        elif direction < 0 and self.place <= 0:
            self.now()
        self.changed.emit()
        self._timer.start(self._rest)

    def stop(self) -> None:
        """Play no longer."""
        self._timer.stop()
        if self._direction:
            self._direction = 0
            self.changed.emit()

    def set_speed(self, speed: int) -> None:
        """Play so many epochs in a second."""
        self.speed = speed

    def refresh(self) -> None:
        """Show the same epoch with the pictures and labels there are now."""
        frame = self._aim
        if frame is not None:
            self._runner.halt()  # what is being painted has other pictures
            self._paint(frame)

    def forget(self) -> None:
        """There is another map: show its newest."""
        self.stop()
        self._wanted = None
        self._runner.halt()
        self._document.past = None
        self.changed.emit()

    def halt(self) -> None:
        """End the job and wait for it."""
        self.stop()
        self._wanted = None
        self._runner.halt()

    # --- helpers ----------------------------------------------------------------------------

    @property
    def _aim(self) -> Frame | None:
        """The frame that is shown or on its way to be, ``None`` for the newest map."""
        past = self._document.past
        return self._wanted or (None if past is None else past.frame)

    @property
    def _rest(self) -> int:
        """Milliseconds from one epoch to the next; few a second where motion is unwanted."""
        style = QApplication.style()
        calm = style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) <= 0
        return round(1000 / (min(self.speed, _CALM) if calm else self.speed))

    def _step(self, by: int) -> None:
        epochs = self.epochs
        if epochs:
            self.go(epochs[min(max(self.place + by, 0), len(epochs) - 1)])

    @Slot()
    def _tick(self) -> None:
        if self._wanted is None:  # else the last one is still being painted
            self._step(self._direction)
        if self.place == (len(self.epochs) - 1 if self._direction > 0 else 0):
            self.stop()
        else:
            self._timer.start(self._rest)

    def _paint(self, frame: Frame) -> None:
        self._wanted = frame
        if not self._runner.busy:
            self._begin(frame)
        self.changed.emit()

    def _begin(self, frame: Frame) -> None:
        document, frames = self._document, self._document.frames
        if document.map is None or not frames.frames:
            self._wanted = None
            return
        if not any(one is frame for one in frames.frames):
            # A training that went on with other pictures has all its epochs anew, and few of them.
            frame = self._wanted = frames.near(frame.epoch)
        self._runner.start(_painting(frame, frames, document.map, document.sources))

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        last, wanted = outcome.last, self._wanted
        if outcome.error is not None:
            self._wanted = None
            self.stop()
            self.failed.emit(outcome.error)
            return
        if not isinstance(last, _Painting) or last.state is None or wanted is None:
            return
        self._document.past = Past(last.frame, last.state)
        if last.frame is wanted:
            self._wanted = None
        else:
            self._begin(wanted)
        self.moved.emit()
        self.changed.emit()


def _painting(
    frame: Frame, frames: Frames, newest: MapState, sources: tuple[Source, ...]
) -> Iterator[_Painting]:
    """Paint a frame of the training that has led to the newest map."""
    yield _Painting(frame)
    tiles = frame.exemplars
    if tiles is None:
        tiles = newest.spec.pictures(frame.weights, newest.projection)
    state = dataclasses.replace(
        newest,
        weights=frame.weights,
        drawing=Drawing(tiles, mosaic(tiles, newest.grid)),
        pictures=frames.sources,
        units=None,
        distances=None,
        added=0,
    )
    yield _Painting(frame, 0.5)
    if frame.units is not None and frame.distances is not None:
        pictures, rows = _today(frames.sources, sources)
        units = frame.units[rows]
        there = units >= 0
        state = dataclasses.replace(
            state,
            pictures=tuple(one for one, on in zip(pictures, there.tolist(), strict=True) if on),
            units=units[there],
            distances=frame.distances[rows][there],
        )
    yield _Painting(frame, 1.0, True, state)


def _today(
    then: tuple[Source, ...], now: tuple[Source, ...]
) -> tuple[tuple[Source, ...], np.ndarray]:
    """Return the pictures of then that are still there, as they are now, with their places."""
    if then is now or then == now:
        return now, np.arange(len(now))
    today = {source.address: source for source in now}
    rows = [row for row, source in enumerate(then) if source.address in today]
    return tuple(today[then[row].address] for row in rows), np.array(rows, np.intp)
