"""The map as the window shows it, frozen."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.exemplars import unit_pictures
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.projection import Projection
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel, labels_of_units
from image2map_gui.core.picture.cells import Cells, cells_of
from image2map_gui.core.picture.mosaic import mosaic
from image2map_gui.core.project.project import Project
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import Snapshot

_MANY = 8000  # pictures; the labels of fewer are counted one by one


@dataclasses.dataclass(frozen=True)
class Drawing:
    """The units as pictures ``(k, height, width, channels)``, and all of them on one sheet."""

    tiles: NDArray[np.uint8]
    sheet: NDArray[np.uint8]


@dataclasses.dataclass(frozen=True)
class MapState:
    """The map as it can be shown now.

    ``pictures`` are those whose unit is known, ``units`` and ``distances`` say where each lies;
    both are ``None`` before the first epoch has ended. The last ``added`` of them came after the
    map was trained.
    """

    params: SomParams
    spec: ImageSpec
    weights: NDArray[np.float32]
    drawing: Drawing
    pictures: tuple[Source, ...]
    units: NDArray[np.integer[Any]] | None
    distances: NDArray[np.floating[Any]] | None
    added: int = 0
    projection: Projection | None = None

    @property
    def sheet(self) -> NDArray[np.uint8]:
        """All units as one picture."""
        return self.drawing.sheet

    @cached_property
    def grid(self) -> Grid:
        """The lattice of the units."""
        return Grid.of(self.params)

    @cached_property
    def cells(self) -> Cells:
        """Where the cells are drawn; each is 1 wide."""
        height, width, _ = self.spec.shape
        return cells_of(self.grid, height / width)

    @cached_property
    def metric(self) -> Metric:
        """How far a picture is from a unit."""
        return Metric(self.params.measure, self.spec.mask)

    @cached_property
    def hits(self) -> NDArray[np.integer[Any]] | None:
        """Pictures per unit, ``(k,)``."""
        if self.units is None:
            return None
        return np.bincount(self.units, minlength=self.params.units)

    def members(self, unit: int) -> list[tuple[Source, float]]:
        """Return the pictures of a unit with their distances, nearest first."""
        if self.distances is None:
            return []
        return [(self.pictures[row], float(self.distances[row])) for row in self.rows(unit)]

    def ranked(self, unit: int) -> list[Source]:
        """Return the pictures of a unit, nearest first."""
        return [self.pictures[row] for row in self.rows(unit)]

    def rows(self, unit: int) -> NDArray[np.intp]:
        """Return the places of a unit's pictures among all, nearest first."""
        order, begins = self._ranking
        return order[begins[unit] : begins[unit + 1]]

    @cached_property
    def _ranking(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """All places by unit and distance, ``(n,)``, and where each unit begins, ``(k + 1,)``."""
        if self.units is None or self.distances is None:
            return np.zeros(0, np.intp), np.zeros(self.params.units + 1, np.intp)
        order = np.lexsort((self.distances, self.units))
        begins = np.searchsorted(self.units[order], np.arange(self.params.units + 1))
        return order, begins

    def places_on(self, units: ArrayLike) -> NDArray[np.intp]:
        """Return the places of the pictures on some units, the nearest to their unit first."""
        if self.units is None or self.distances is None:
            return np.zeros(0, np.intp)
        wanted = np.zeros(self.params.units, bool)
        wanted[np.asarray(units, np.intp)] = True
        found = np.flatnonzero(wanted[self.units])
        return found[np.argsort(self.distances[found], kind="stable")]

    @cached_property
    def errors(self) -> NDArray[np.float64] | None:
        """Mean distance of each unit's pictures to it, NaN for a unit without any, ``(k,)``."""
        if self.units is None or self.distances is None or self.hits is None:
            return None
        sums = np.bincount(self.units, self.distances, minlength=self.params.units)
        with np.errstate(invalid="ignore"):
            return np.asarray(sums / self.hits)

    @cached_property
    def _thirds(self) -> tuple[float, float]:
        """What parts the mean distances of the units that have pictures into thirds."""
        known = np.zeros(0) if self.errors is None else self.errors[~np.isnan(self.errors)]
        low, high = np.quantile(known, (1 / 3, 2 / 3))
        return float(low), float(high)

    def error_level(self, unit: int) -> str:
        """Say how far the pictures of a unit are from it, beside those of other units.

        ``low`` in the lower third of all units with pictures, ``high`` in the upper one, else
        ``average``; empty for a unit without pictures.
        """
        if self.errors is None or np.isnan(self.errors[unit]):
            return ""
        low, high = self._thirds
        if low == high:
            return "average"
        error = self.errors[unit]
        return "low" if error <= low else "high" if error > high else "average"

    @cached_property
    def unit_of(self) -> dict[str, int]:
        """The unit of each picture, by the picture's address."""
        if self.units is None:
            return {}
        addresses = (source.address for source in self.pictures)
        return dict(zip(addresses, self.units.tolist(), strict=True))

    def describe(self, unit: int) -> str:
        """Say in a line where a unit is and what lies on it; rows and columns count from 1."""
        row, column = self.grid.cells[unit]
        text = f"Row {row + 1}, column {column + 1}"
        if self.hits is None:
            return text
        count = int(self.hits[unit])
        text += ": no pictures" if not count else f": {count:,} picture{'s' if count > 1 else ''}"
        level = self.error_level(unit)
        return text + self._mostly([unit], count) + (f", error {level}" if level else "")

    def describe_all(self, units: NDArray[np.intp]) -> str:
        """Say in a line what some units hold together; a single one also says where it is."""
        if len(units) == 1:
            return self.describe(int(units[0]))
        text = f"{len(units):,} units selected"
        if self.hits is None:
            return text
        count = int(self.hits[units].sum())
        text += f": {count:,} picture{'s' if count != 1 else ''}"
        return text + self._mostly(units, count)

    def _mostly(self, units: ArrayLike, count: int) -> str:
        labels = self.labels(units)
        if not labels:
            return ""
        name, most = labels[0]
        how = "all" if most == count else "mostly" if 2 * most > count else "most often"
        return f", {how} {name}"

    def labels(self, units: ArrayLike) -> list[tuple[str, int]]:
        """Return the labels of the pictures on some units with counts, most frequent first."""
        places = self.places_on(units)
        if len(places) > _MANY:
            names, codes = self._labelled
            counted = np.bincount(codes[places], minlength=len(names)).tolist()
            counts: dict[str | None, int] = {
                name: count for name, count in zip(names, counted, strict=True) if count
            }
        else:
            counts = Counter(self.pictures[place].label for place in places.tolist())
        known = [(label, count) for label, count in counts.items() if label is not None]
        return sorted(known, key=lambda item: (-item[1], item[0]))

    @cached_property
    def _labelled(self) -> tuple[tuple[str | None, ...], NDArray[np.intp]]:
        """All labels of the pictures, and the place of each picture's among them."""
        codes: dict[str | None, int] = {}
        of_pictures = [codes.setdefault(one.label, len(codes)) for one in self.pictures]
        return tuple(codes), np.array(of_pictures, np.intp)

    @property
    def unit_caption(self) -> str:
        """What the picture of a unit is: the unit itself, or a picture that stands for it."""
        return "prototype" if self.spec.plain else "nearest picture"

    def prototype(self, unit: int) -> NDArray[np.uint8]:
        """Return a unit as a picture ``(height, width, channels)``."""
        return np.asarray(self.drawing.tiles[unit])

    def picture_of(self, match: Match) -> NDArray[np.uint8] | None:
        """Return a classified picture as the map sees it; ``None`` if it is of another map."""
        if len(match.vector) != self.weights.shape[1]:
            return None
        if match.thumb is not None:
            return match.thumb
        return np.asarray(self.spec.pictures(match.vector[None], self.projection)[0])

    def with_pictures(
        self,
        pictures: tuple[Source, ...],
        units: NDArray[np.integer[Any]],
        distances: NDArray[np.floating[Any]],
    ) -> MapState:
        """Return the same map with more pictures on it."""
        if self.units is None or self.distances is None:
            return self
        return dataclasses.replace(
            self,
            pictures=self.pictures + pictures,
            units=np.concatenate([self.units, units]),
            distances=np.concatenate([self.distances, distances]),
            added=self.added + len(pictures),
        )


@dataclasses.dataclass(frozen=True, eq=False)
class Before:
    """A map whose training goes on, as it was: it counts until the new training has winners.

    ``sources`` are the pictures of the collection, with the labels that it knows.
    """

    model: MapModel
    state: MapState
    run: int | None
    sources: tuple[Source, ...]

    def now(self, sources: tuple[Source, ...]) -> Before:
        """Return the same with the labels that its pictures were given since."""
        units = self.state.units
        if sources is self.sources or units is None:
            return self
        known = {source.address: source for source in sources}
        pictures = tuple(known.get(one.address, one) for one in self.state.pictures)
        count = len(pictures) - self.state.added
        labels = [one.label for one in pictures[:count]]
        names, counts = labels_of_units(labels, units[:count], self.model.params.units)
        model = dataclasses.replace(self.model, label_names=names, label_counts=counts)
        return Before(model, dataclasses.replace(self.state, pictures=pictures), self.run, sources)


def drawn(snapshot: Snapshot, params: SomParams, dataset: Dataset) -> Drawing:
    """Draw the map of a snapshot; units that are no pictures show the nearest of the dataset."""
    metric = Metric(params.measure, dataset.spec.mask)
    where = snapshot.winners, snapshot.distances
    tiles = unit_pictures(dataset, snapshot.weights, metric, *where)
    return Drawing(tiles, mosaic(tiles, Grid.of(params)))


def state_of(
    snapshot: Snapshot, params: SomParams, dataset: Dataset, drawing: Drawing | None
) -> MapState:
    """Return what a snapshot of a training shows; ``drawing`` is that of it if it is there."""
    return MapState(
        params=params,
        spec=dataset.spec,
        weights=np.asarray(snapshot.weights, np.float32),
        drawing=drawing or drawn(snapshot, params, dataset),
        pictures=dataset.sources,
        units=snapshot.winners,
        distances=snapshot.distances,
        projection=dataset.projection,
    )


def state_of_project(project: Project, model: MapModel) -> MapState:
    """Return what a project shows that holds a map."""
    on_map = project.picture_units >= 0
    whole = bool(on_map.all())
    return MapState(
        params=model.params,
        spec=model.spec,
        weights=model.weights,
        drawing=Drawing(model.prototypes, mosaic(model.prototypes, model.grid)),
        pictures=project.sources if whole else tuple(compress(project.sources, on_map.tolist())),
        units=project.picture_units[on_map],
        distances=project.picture_distances[on_map],
        projection=model.projection,
        added=project.added,
    )


def places_of(sources: Sequence[Source], pictures: Sequence[Source]) -> NDArray[np.intp]:
    """Return for each source its place among the pictures of a map, -1 if it is not there."""
    if pictures is sources:
        return np.arange(len(sources))
    place = {source.address: index for index, source in enumerate(pictures)}
    return np.array([place.get(source.address, -1) for source in sources], np.intp)


def project_with_map(project: Project, state: MapState, model: MapModel) -> Project:
    """Return a project of some pictures with a map that knows the units of its own."""
    units = np.full(len(project.sources), -1, np.int64)
    distances = np.zeros(len(project.sources), np.float64)
    places = places_of(project.sources, state.pictures)
    on_map = places >= 0
    if state.units is not None and state.distances is not None:
        units[on_map] = state.units[places[on_map]]
        distances[on_map] = state.distances[places[on_map]]
    return dataclasses.replace(
        project,
        spec=model.spec,
        params=model.params,
        model=model,
        picture_units=units,
        picture_distances=distances,
        added=int(np.count_nonzero(places >= len(state.pictures) - state.added)),
    )


def with_run_open(project: Project, number: int | None) -> Project:
    """Return a project whose map is that of a run, which needs not be kept twice then."""
    runs = tuple(
        dataclasses.replace(run, kept=None) if run.number == number else run for run in project.runs
    )
    return dataclasses.replace(project, runs=runs, run=number)
