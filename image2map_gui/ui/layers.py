"""The layer over the map: which one is wanted, and its newest values, made beside all else."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.picture.planes import Plane
from image2map_gui.core.picture.wishes import KINDS, Facts, Wish, made
from image2map_gui.ui.jobs import sparing
from image2map_gui.ui.runner import Outcome, Runner

NONE, DISTANCE = "none", "distance"
_KEYS = {
    NONE: "P", "u-matrix": "U", "hits": "H", "errors": "E", "clusters": "K", "classes": "C",
    DISTANCE: "D",
}  # fmt: skip
_TITLES = {NONE: "Pictures only", DISTANCE: "Distance from the pointer"}
# Name, title and key of each layer a person can choose by name alone; a component of the weights
# needs a place in the picture.
LAYERS = tuple(
    (name, _TITLES.get(name) or KINDS[name].title, _KEYS.get(name, ""))
    for name in (NONE, *KINDS, DISTANCE)
    if name != "component"
)
_REST = 4  # times as long as the last took
_EVERY_MS = 300  # while a map is trained; its pictures change far more often

FactsSource = Callable[[], Callable[[], Facts] | None]


@dataclasses.dataclass(frozen=True, eq=False)
class _Making:
    """The layer, once it is made, or why it cannot be."""

    fraction: float
    milestone: bool
    plane: Plane | None = None
    reason: str = ""


class Layers(QObject):
    """What lies over the pictures of the map.

    ``facts`` returns what makes the facts of the map as it is now, or ``None`` without a map; it
    may take a while and is called in a worker.
    """

    changed = Signal()  # what is wanted, or how much it hides
    remade = Signal()  # its values
    failed = Signal(object)

    def __init__(self, facts: FactsSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        self.wish = Wish(NONE)
        self.opacity = 0.7
        self.labels: tuple[str, ...] = ()  # of the collection
        self.plane: Plane | None = None
        self.reason = ""
        self._stale = False
        self._began = self._took = 0.0
        self._runner = Runner(self)
        self._runner.ended.connect(self._ended)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._make)

    def choose(self, wish: Wish) -> None:
        """Want another layer."""
        if wish == self.wish:
            return
        self.wish = wish
        self._take(None, "")
        self.changed.emit()
        self.outdate()

    def wished(self, name: str, label: str | None = None) -> Wish:
        """Return the wish for a layer; of one label, that of the first if none is given."""
        if name != "activation":
            return Wish(name)
        return Wish(name, label or (self.labels[0] if self.labels else None))

    def set_opacity(self, opacity: float) -> None:
        """Choose how much of the pictures the layer hides, 0 to 1."""
        self.opacity = opacity
        self.changed.emit()

    def show_distance(self, plane: Plane | None) -> None:
        """Show how far something is from every unit, as long as that layer is wanted."""
        if self.wish.name == DISTANCE:
            self._take(plane, "")

    def outdate(self, *, gently: bool = False) -> None:
        """Make the layer anew, since the map has changed; ``gently`` only now and then."""
        if self.wish.name in (NONE, DISTANCE):
            self._stale = False
            return
        if self._runner.busy:
            self._stale = True
        elif not self._timer.isActive():
            self._timer.start(self._pause_ms if gently else 0)

    def forget(self) -> None:
        """Show no values: there is no map."""
        self._timer.stop()
        self._stale = False
        self._take(None, "")

    def halt(self) -> None:
        """End the job and wait for it."""
        self._timer.stop()
        self._stale = False
        self._runner.halt()

    @Slot()
    def _make(self) -> None:
        facts = self._facts()
        if facts is not None and self.wish.name not in (NONE, DISTANCE):
            self._runner.halt()
            self._began = time.perf_counter()
            self._runner.start(sparing(_making(facts, self.wish)))

    @property
    def _pause_ms(self) -> int:
        """How long to wait before the next: what takes long must not slow a training down."""
        return max(_EVERY_MS, round(1000 * _REST * self._took))

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        self._took = time.perf_counter() - self._began
        if outcome.error is not None:
            self.failed.emit(outcome.error)
        elif isinstance(outcome.last, _Making) and outcome.last.milestone:
            self._take(outcome.last.plane, outcome.last.reason)
        if self._stale:
            self._stale = False
            self._timer.start(self._pause_ms)

    def _take(self, plane: Plane | None, reason: str) -> None:
        if plane is not None or self.plane is not None or reason != self.reason:
            self.plane, self.reason = plane, reason
            self.remade.emit()


def _making(facts: Callable[[], Facts], wish: Wish) -> Iterator[_Making]:
    yield _Making(0.0, False)
    try:
        plane = made(wish, facts())
    except Image2MapError as error:
        yield _Making(1.0, True, reason=str(error))
    else:
        yield _Making(1.0, True, plane)
