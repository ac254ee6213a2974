"""The layer over the map: which one is wanted, and its newest values, made beside all else."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.model import ClusterName
from image2map_gui.core.picture.plane import Plane
from image2map_gui.core.picture.planes import (
    channels_of,
    component_plane,
    distance_plane,
    has_pixels,
)
from image2map_gui.core.picture.wishes import KINDS, Facts, Wish, making
from image2map_gui.ui.jobs.jobs import sparing
from image2map_gui.ui.jobs.runner import Outcome, Runner
from image2map_gui.ui.state import MapState

NONE, DISTANCE, COMPONENT = "none", "distance", "component"
POINTED = (DISTANCE, COMPONENT)  # follow the pointer, so they are made at once
_KEYS = {
    NONE: "P", "u-matrix": "U", "u-matrix-expanded": "X", "walls": "W", "hits": "H", "empty": "Y",
    "errors": "E", "topographic": "T", "clusters": "K", "classes": "C", "pies": "I",
    "confidence": "F", "entropy": "N", "distinct": "J", "activation": "A", "principal": "V",
    COMPONENT: "M", DISTANCE: "D",
}  # fmt: skip
_TITLES = {
    NONE: "Pictures only",
    COMPONENT: "Pixel under pointer",
    DISTANCE: "Distance to all units",
}
# Name, title and key of each layer a person can choose.
LAYERS = tuple(
    (name, _TITLES.get(name) or KINDS[name].title, _KEYS.get(name, ""))
    for name in (NONE, *KINDS, DISTANCE)
)
_OPACITY = 0.7
_OPACITIES = {"walls": 1.0, "pies": 0.95, "u-matrix-expanded": 0.9}  # where it is another
_REST = 4  # times as long as the last took
_EVERY_MS = 300  # while a map is trained; its pictures change far more often
_PATIENCE_MS = 150  # before it is said that a layer is being made
_NO_PLACE = "Move the pointer over the map, or drop a picture on the window."

FactsSource = Callable[[], Callable[[], Facts] | None]


@dataclasses.dataclass(frozen=True, eq=False)
class _Making:
    """How far a layer is made; at the end it, or why it cannot be."""

    fraction: float
    milestone: bool
    wish: Wish
    age: int
    plane: Plane | None = None
    reason: str = ""


class Layers(QObject):
    """What lies over the pictures of the map.

    ``facts`` returns what makes the facts of the map as it is now, or ``None`` without a map; it
    may take a while and is called in a worker. ``state`` returns the map as it is shown. A layer
    once made is kept until the map changes. ``clusters`` returns those that have names.
    """

    changed = Signal()  # what is wanted, or how much it hides
    remade = Signal()  # its values
    waited = Signal()  # it takes a while to make them, or does so no longer
    failed = Signal(object)

    def __init__(
        self,
        facts: FactsSource,
        state: Callable[[], MapState | None],
        clusters: Callable[[], tuple[ClusterName, ...]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._facts = facts
        self._state = state
        self._clusters = clusters
        self.wish = Wish(NONE)
        self.labels: tuple[str, ...] = ()  # of the collection
        self.plane: Plane | None = None
        self.reason = ""
        self._wishes: dict[str, Wish] = {}  # the last of each layer
        self._opacities = dict(_OPACITIES)
        self._kept: dict[Wish, _Making] = {}
        self._age = 0  # grows with every change of the map
        self._unit: int | None = None  # last under the pointer
        self._on_map = False  # whether the pointer is
        self._aimed = False  # whether a pixel was chosen
        self._match: Match | None = None
        self._stale = False
        self._began = self._took = 0.0
        self._runner = Runner(self)
        self._runner.ended.connect(self._ended)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._make)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self.waited)

    # --- what is wanted ---------------------------------------------------------------------

    def choose(self, wish: Wish) -> None:
        """Want another layer."""
        if wish == self.wish:
            return
        self.wish = self._wishes[wish.name] = wish
        self._timer.stop()
        self._stale = False
        kept = self._kept.get(wish)
        if kept is not None:
            self._take(kept.plane, kept.reason)
            self.changed.emit()
            return
        self._take(None, "")
        if wish.name == COMPONENT:
            self._aim()
        self.changed.emit()
        if wish.name in POINTED:
            self._point()
        else:
            self._make()

    def wished(self, name: str, label: str | None = None) -> Wish:
        """Return the wish for a layer as it was wanted last; of one label, of the first."""
        wish = self._wishes.get(name, Wish(name))
        if name != "activation":
            return wish
        known = label or (wish.label if wish.label in self.labels else None)
        return dataclasses.replace(wish, label=known or (self.labels[0] if self.labels else None))

    def change(self, **options: Any) -> None:
        """Want the same layer, but otherwise, such as of another label."""
        self.choose(dataclasses.replace(self.wish, **options))

    @property
    def opacity(self) -> float:
        """How much of the pictures the layer hides, 0 to 1; each layer has its own."""
        return self._opacities.get(self.wish.name, _OPACITY)

    def set_opacity(self, opacity: float) -> None:
        """Choose how much of the pictures the layer hides, 0 to 1."""
        self._opacities[self.wish.name] = opacity
        self.changed.emit()

    @property
    def channels(self) -> tuple[str, ...]:
        """What can be shown of the pixel under the pointer, if there is a choice."""
        state = self._state()
        if state is None or not has_pixels(state.spec):
            return ()
        names = channels_of(state.spec)
        return ("lightness", *names) if state.spec.colour == "rgb" else names

    @property
    def channel(self) -> str:
        """What is shown of the pixel under the pointer."""
        state, names = self._state(), self.channels
        if state is None or not names or self.wish.lightness:
            return names[0] if names else ""
        return channels_of(state.spec)[self.wish.component % len(channels_of(state.spec))]

    def set_channel(self, name: str) -> None:
        """Show another channel of the pixel under the pointer, or its lightness."""
        state = self._state()
        if state is None or name not in self.channels:
            return
        names = channels_of(state.spec)
        start = self.wish.component - self.wish.component % len(names)
        lightness = name not in names
        place = 0 if lightness else names.index(name)
        self.change(component=start + place, lightness=lightness)

    @property
    def components(self) -> int:
        """How many components there are to choose from by number, 0 if by pointing."""
        state = self._state()
        if state is None:
            return 0
        units, length = state.weights.shape
        if self.wish.name == "principal":
            return int(min(units, length))
        by_number = self.wish.name == COMPONENT and not has_pixels(state.spec)
        return int(length) if by_number else 0

    @property
    def slow(self) -> bool:
        """Whether a layer is being made and takes a while."""
        return self._runner.busy and self.plane is None and not self._patience.isActive()

    # --- what is pointed at -----------------------------------------------------------------

    def point_at(self, unit: int | None, place: tuple[float, float] = (0.5, 0.5)) -> None:
        """Note the unit under the pointer, and the place in its picture, 0 to 1 across and down."""
        moved = unit is not None and (unit != self._unit or not self._on_map)
        left = unit is None and self._on_map
        self._on_map = unit is not None
        self._unit = self._unit if unit is None else unit
        if self.wish.name == DISTANCE and (moved or left):
            self._point()
        elif self.wish.name == COMPONENT and unit is not None:
            self._point_at_pixel(*place)

    def look_at(self, match: Match | None) -> None:
        """Show distances of a classified picture while the pointer is elsewhere."""
        self._match = match
        self._on_map = False
        if self.wish.name == DISTANCE:
            self._point()

    def _point_at_pixel(self, across: float, down: float) -> None:
        state = self._state()
        if state is None or not has_pixels(state.spec):
            return
        height, width, channels = state.spec.shape
        row, column = min(int(down * height), height - 1), min(int(across * width), width - 1)
        component = (row * width + column) * channels + self.wish.component % channels
        self._aimed = True
        if component != self.wish.component:
            wish = dataclasses.replace(self.wish, component=component)
            self.wish = self._wishes[COMPONENT] = wish  # no other layer: nobody needs to be told
            self._point()

    def _point(self) -> None:
        """Make the layer that follows the pointer."""
        state = self._state()
        if state is None:
            self._take(None, "")
        elif self.wish.name == COMPONENT:
            self._show_component(state)
        else:
            self._show_distance(state)

    def _aim(self) -> None:
        """Show the pixel in the middle of the pictures until one is pointed at."""
        state = self._state()
        if self._aimed or state is None or not has_pixels(state.spec):
            return
        self._aimed = True
        height, width, channels = state.spec.shape
        middle = (height // 2 * width + width // 2) * channels
        colourful = "lightness" in self.channels
        self.wish = dataclasses.replace(self.wish, component=middle, lightness=colourful)
        self._wishes[COMPONENT] = self.wish

    def _show_component(self, state: MapState) -> None:
        self._aim()
        index = min(self.wish.component, state.weights.shape[1] - 1)
        plane = component_plane(state.weights, state.spec, index, lightness=self.wish.lightness)
        self._take(plane, "")

    def _show_distance(self, state: MapState) -> None:
        match, unit = self._match, self._unit
        if match is not None and not self._on_map and len(match.vector) == state.weights.shape[1]:
            vector, title = match.vector, f"Distance of {match.source.name}"
        elif unit is not None and unit < state.grid.units:
            row, column = state.grid.cells[unit].tolist()
            vector, title = state.weights[unit], f"Distance from row {row + 1}, column {column + 1}"
        else:
            self._take(None, _NO_PLACE)
            return
        self._take(distance_plane(state.weights, state.metric, vector, title), "")

    def _named(self, plane: Plane) -> Plane:
        """Return clusters with the names that a person gave them."""
        given = {one.units: one.name for one in self._clusters()}
        if not given:
            return plane
        names = tuple(
            given.get(tuple(np.flatnonzero(plane.values == kind).tolist()), name)
            for kind, name in enumerate(plane.kinds)
        )
        return dataclasses.replace(plane, kinds=names)

    # --- making -----------------------------------------------------------------------------

    def outdate(self, *, gently: bool = False) -> None:
        """Make the layer anew, since the map has changed; ``gently`` only now and then."""
        self._age += 1
        self._kept.clear()
        if self.wish.name == NONE:
            self._stale = False
        elif self.wish.name in POINTED:
            self._point()
        elif self._runner.busy:
            self._stale = True
        elif not self._timer.isActive():
            self._timer.start(self._pause_ms if gently else 0)

    def forget(self) -> None:
        """Show no values: there is no map."""
        self._age += 1
        self._kept.clear()
        self._unit, self._on_map = None, False
        self._timer.stop()
        self._stale = False
        self._take(None, "")

    def halt(self) -> None:
        """End the job and wait for it."""
        self._timer.stop()
        self._patience.stop()
        self._stale = False
        self._runner.halt()

    @Slot()
    def _make(self) -> None:
        facts = self._facts()
        if facts is None or self.wish.name in (NONE, *POINTED):
            return
        self._runner.halt()
        self._began = time.perf_counter()
        self._runner.start(sparing(_steps(facts, self.wish, self._age)))
        if self.plane is None:
            self._patience.start()

    @property
    def _pause_ms(self) -> int:
        """How long to wait before the next: what takes long must not slow a training down."""
        return max(_EVERY_MS, round(1000 * _REST * self._took))

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        self._took = time.perf_counter() - self._began
        self._patience.stop()
        if outcome.error is not None:
            self.failed.emit(outcome.error)
        elif isinstance(outcome.last, _Making) and outcome.last.milestone:
            self._keep(outcome.last)
        self.waited.emit()
        if self._stale:
            self._stale = False
            self._timer.start(self._pause_ms)

    def _keep(self, last: _Making) -> None:
        if last.wish.name == "clusters" and last.plane is not None:
            last = dataclasses.replace(last, plane=self._named(last.plane))
        if last.age == self._age:
            self._kept[last.wish] = last
        if last.wish == self.wish:
            self._take(last.plane, last.reason)

    def _take(self, plane: Plane | None, reason: str) -> None:
        if plane is not None or self.plane is not None or reason != self.reason:
            self.plane, self.reason = plane, reason
            self.remade.emit()


def _steps(facts: Callable[[], Facts], wish: Wish, age: int) -> Iterator[_Making]:
    yield _Making(0.0, False, wish, age)
    parts = making(wish, facts())
    try:
        while True:
            yield _Making(next(parts), False, wish, age)
    except StopIteration as end:
        yield _Making(1.0, True, wish, age, plane=end.value)
    except Image2MapError as error:
        yield _Making(1.0, True, wish, age, reason=str(error))
