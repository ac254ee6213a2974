"""What the cells of a finished map show: prototypes, real pictures, collages, means."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.picture.members import (
    Filling,
    fill_cells,
    mean_pictures,
    medoids,
    nearest_members,
    show_differences,
)
from image2map_gui.core.picture.mosaic import mosaic
from image2map_gui.ui.jobs.runner import Outcome, Runner
from image2map_gui.ui.state import MapState

PROTOTYPES, DIFFERENCES = "prototypes", "differences"
CELLS = (
    (PROTOTYPES, "Prototypes"),
    ("nearest", "Nearest pictures"),
    ("collage-2", "4 nearest pictures"),
    ("collage-3", "9 nearest pictures"),
    ("medoids", "Medoids"),
    ("means", "Means of the pictures"),
    (DIFFERENCES, "Nearest less prototype"),
)
DIFFERENCES_REMARK = "Grey: alike. Lighter or darker: the nearest picture is so."
OF_VECTORS = ("medoids", "means")  # possible while the pictures of the map are in memory


@dataclasses.dataclass(frozen=True, eq=False)
class _Filled:
    fraction: float
    milestone: bool
    pictures: NDArray[np.uint8] | None = None  # one for each unit
    sheet: NDArray[np.uint8] | None = None
    of: MapState | None = None


class CellPictures(QObject):
    """Fills the cells of the finished map with what was chosen, beside all else.

    ``ground`` returns map and vectors, or ``None`` while no finished map is there.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(
        self,
        ground: Callable[[], tuple[MapState, Dataset | None] | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._ground = ground
        self.kind = PROTOTYPES
        self._made = PROTOTYPES  # what the present sheet shows
        self._pictures: NDArray[np.uint8] | None = None
        self._sheet: NDArray[np.uint8] | None = None
        self._of: MapState | None = None  # what it was made of
        self._runner = Runner(self)
        self._runner.ended.connect(self._ended)

    @property
    def possible(self) -> bool:
        """Whether what needs the vectors of the pictures can be shown."""
        ground = self._ground()
        return ground is not None and ground[1] is not None

    @property
    def busy(self) -> bool:
        """Whether pictures are being read for the cells."""
        return self._runner.busy

    def sheet_for(self, state: MapState) -> NDArray[np.uint8]:
        """Return the sheet to show: the prototypes until something else was made for this map."""
        if self._sheet is None or not self._is_of(state):
            return state.sheet
        return self._sheet

    def shown_for(self, state: MapState) -> tuple[str, NDArray[np.uint8]] | None:
        """Return a title and one picture for each unit, unless prototypes are shown."""
        if self._pictures is None or self._sheet is None or not self._is_of(state):
            return None
        return dict(CELLS)[self._made], self._pictures

    def _is_of(self, state: MapState) -> bool:
        """Whether the sheet shows the pictures of this map."""
        of = self._of
        return of is not None and of.units is state.units and of.pictures is state.pictures

    def choose(self, kind: str) -> None:
        """Show something else in the cells."""
        if kind != self.kind:
            self.kind = kind
            self.refill()

    def refill(self) -> None:
        """Fill the cells anew: the map or its pictures have changed."""
        self._runner.halt()
        ground = self._ground() if self.kind != PROTOTYPES else None
        if ground is None or ground[0].units is None:
            self._sheet = None
        elif self._sheet is None or not self._is_of(ground[0]) or self.kind != self._made:
            self._sheet = None
            self._runner.start(_filling(self.kind, *ground))
        self.changed.emit()

    def halt(self) -> None:
        """End the job and wait for it."""
        self._runner.halt()

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self.failed.emit(outcome.error)
        elif isinstance(outcome.last, _Filled) and outcome.completed:
            self._pictures = outcome.last.pictures
            self._sheet, self._of = outcome.last.sheet, outcome.last.of
            self._made = self.kind
        self.changed.emit()


def _filling(kind: str, state: MapState, dataset: Dataset | None) -> Iterator[_Filled]:
    """Fill the cells of a map; means and medoids need the vectors of its pictures."""
    units, distances = state.units, state.distances
    assert units is not None
    assert distances is not None
    yield _Filled(0.0, False)
    count = state.grid.units
    if kind == "means" and dataset is not None:
        yield _done(mean_pictures(dataset, units, count), state)
        return
    if kind == "medoids" and dataset is not None:
        members = medoids(dataset.vectors, units, count, state.metric)
    else:
        across = {"collage-2": 2, "collage-3": 3}.get(kind, 1)
        members = nearest_members(units, distances, count, across * across)
    if kind == DIFFERENCES:
        tiles = state.drawing.tiles
        steps = show_differences(state.pictures, members[:, 0], state.spec, tiles)
    else:
        steps = fill_cells(state.pictures, members, state.spec)
    for step in steps:
        yield _shown(step, state)


def _shown(step: Filling, state: MapState) -> _Filled:
    return _Filled(step.fraction, False) if step.pictures is None else _done(step.pictures, state)


def _done(pictures: NDArray[np.uint8], state: MapState) -> _Filled:
    return _Filled(1.0, True, pictures, mosaic(pictures, state.grid), state)
