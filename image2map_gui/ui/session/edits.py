"""Edits of what is open, as values: each gives what is open afterwards, and how to undo it."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.labels import recounted
from image2map_gui.core.images.collection import (
    Group,
    Labels,
    LabelStyle,
    Parts,
    Rows,
    Split,
    relabelled,
    rows_of,
)
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Skipped, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import ClusterName, MapModel
from image2map_gui.core.picture.label_inks import NO_INKS, LabelInks
from image2map_gui.core.runs import Kept, Run
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.state import MapState

Value = TypeVar("Value")
_MOST_BYTES = 256 << 20  # of vectors kept for an undo; beyond, the pictures are read once more


@dataclasses.dataclass(frozen=True)
class Opened:
    """All of what is open that an edit can change.

    ``dataset`` holds the pictures that were read, ``trained`` those of a training that runs.
    """

    sources: tuple[Source, ...]
    parts: Parts
    dataset: Dataset | None = None
    trained: Dataset | None = None
    map: MapState | None = None
    model: MapModel | None = None
    groups: tuple[Group, ...] = ()
    labels: tuple[LabelStyle, ...] = ()  # that a person put in order or coloured; others follow
    params: SomParams = dataclasses.field(default_factory=SomParams)
    spec: ImageSpec | None = None
    skipped: tuple[Skipped, ...] = ()
    folders: tuple[str, ...] = ()
    run: int | None = None  # of the map
    runs: tuple[Run, ...] = ()
    embed: str = "no"  # what of the pictures is to come with the project
    clusters: tuple[ClusterName, ...] = ()
    inks: LabelInks = NO_INKS  # of the labels, before the edit


class Kind(enum.IntEnum):
    """What an edit is about, which decides when it is possible: the later, the less often."""

    SETTINGS = 0
    LABELS = 1
    PICTURES = 2
    MAP = 3


class Edit(Protocol):
    """One change of what is open."""

    @property
    def kind(self) -> Kind:
        """What it is about."""
        ...

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Return what is open afterwards, and the edit that takes this one back."""
        ...


@dataclasses.dataclass(frozen=True)
class Deed:
    """Something that was done otherwise than by an edit, and can be taken back and done again."""

    text: str
    kind: Kind
    back: Callable[[], None]
    again: Callable[[], None]


@dataclasses.dataclass(frozen=True)
class Deal:
    """Something that was done, and the edit that takes it back."""

    text: str
    back: Edit


@dataclasses.dataclass(frozen=True)
class Settle:
    """Sets how pictures are prepared and maps are trained from now on."""

    params: SomParams
    spec: ImageSpec | None
    kind = Kind.SETTINGS

    def done(self, opened: Opened) -> tuple[Opened, Settle]:
        """Put these in the place of those before."""
        after = dataclasses.replace(opened, params=self.params, spec=self.spec)
        return after, Settle(opened.params, opened.spec)


@dataclasses.dataclass(frozen=True)
class Embed:
    """Lets the pictures come with the project, or no longer."""

    what: str
    kind = Kind.SETTINGS

    def done(self, opened: Opened) -> tuple[Opened, Embed]:
        """Put this in the place of what was before."""
        return dataclasses.replace(opened, embed=self.what), Embed(opened.embed)


@dataclasses.dataclass(frozen=True)
class Reset:
    """Gives some fields of what is open other values."""

    values: Mapping[str, Any]
    kind = Kind.PICTURES

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Put these in the place of those before."""
        before = {name: getattr(opened, name) for name in self.values}
        return dataclasses.replace(opened, **self.values), Reset(before)


@dataclasses.dataclass(frozen=True)
class Relabel:
    """Gives pictures, named by their addresses, other labels."""

    labels: Labels
    kind = Kind.LABELS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Change the labels wherever they are counted or shown."""
        rows = rows_of(opened.sources, self.labels)
        before = [opened.sources[row] for row in rows]
        renewed: dict[int, tuple[Source, ...]] = {}

        def renew(sources: tuple[Source, ...]) -> tuple[Source, ...]:
            if id(sources) not in renewed:  # who shared a list before goes on sharing it
                renewed[id(sources)] = relabelled(sources, self.labels)
            return renewed[id(sources)]

        def renew_dataset(dataset: Dataset | None) -> Dataset | None:
            return dataset and dataclasses.replace(dataset, sources=renew(dataset.sources))

        state = opened.map
        after = dataclasses.replace(
            opened,
            sources=renew(opened.sources),
            dataset=renew_dataset(opened.dataset),
            trained=renew_dataset(opened.trained),
            map=state and dataclasses.replace(state, pictures=renew(state.pictures)),
            model=_recounted(opened, self.labels),
        )
        return after, Relabel({source.address: source.label for source in before})


@dataclasses.dataclass(frozen=True)
class Exclude:
    """Leaves pictures out of the next trainings."""

    addresses: frozenset[str]
    kind = Kind.LABELS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Add them to those that are excluded."""
        fresh = self.addresses - opened.parts.excluded
        parts = dataclasses.replace(opened.parts, excluded=opened.parts.excluded | fresh)
        return dataclasses.replace(opened, parts=parts), Include(fresh)


@dataclasses.dataclass(frozen=True)
class Include:
    """Takes pictures into the next trainings again."""

    addresses: frozenset[str]
    kind = Kind.LABELS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Take them from those that are excluded."""
        there = self.addresses & opened.parts.excluded
        parts = dataclasses.replace(opened.parts, excluded=opened.parts.excluded - there)
        return dataclasses.replace(opened, parts=parts), Exclude(there)


@dataclasses.dataclass(frozen=True)
class Divide:
    """Divides the collection anew; ``test`` is drawn by the split unless it is given."""

    split: Split | None
    test: frozenset[str] | None = None
    kind = Kind.LABELS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Replace the pictures that are kept for testing."""
        before = opened.parts
        if self.test is None:
            parts = before.divided(opened.sources, self.split)
        else:
            parts = dataclasses.replace(before, split=self.split, test=self.test)
        return dataclasses.replace(opened, parts=parts), Divide(before.split, before.test)


@dataclasses.dataclass(frozen=True)
class Regroup:
    """Replaces the selections that have names."""

    groups: tuple[Group, ...]
    kind = Kind.LABELS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Put these in the place of those before."""
        return dataclasses.replace(opened, groups=self.groups), Regroup(opened.groups)


@dataclasses.dataclass(frozen=True)
class Restyle:
    """Puts the labels into another order, or gives them other colours."""

    labels: tuple[LabelStyle, ...]
    kind = Kind.LABELS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Put this in the place of what was before."""
        return dataclasses.replace(opened, labels=self.labels), Restyle(opened.labels)


@dataclasses.dataclass(frozen=True)
class NameClusters:
    """Gives clusters of the map other names."""

    clusters: tuple[ClusterName, ...]
    kind = Kind.SETTINGS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Put these in the place of those before."""
        after = dataclasses.replace(opened, clusters=self.clusters)
        return after, NameClusters(opened.clusters)


@dataclasses.dataclass(frozen=True)
class Both:
    """Two edits that are one step."""

    first: Edit
    second: Edit

    @property
    def kind(self) -> Kind:
        """That of the two which is possible less often."""
        return max(self.first.kind, self.second.kind)

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Do the first, then the second; taken back in the other order."""
        between, undo_first = self.first.done(opened)
        after, undo_second = self.second.done(between)
        return after, Both(undo_second, undo_first)


@dataclasses.dataclass(frozen=True)
class Remove:
    """Takes pictures out of the collection and off the map; files are never touched."""

    addresses: frozenset[str]
    kind = Kind.PICTURES

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Take them out, keeping what is needed to put them back."""
        rows = rows_of(opened.sources, self.addresses)
        keep = _all_but(rows, len(opened.sources))
        sources = tuple(compress(opened.sources, keep.tolist()))
        back = Restore(
            sources=tuple(opened.sources[row] for row in rows),
            rows=rows,
            read=_read_ones(opened.dataset, rows),
            on_maps=_taken_off_all(opened, self.addresses),
        )
        state = _without(opened.map, self.addresses, opened.sources, sources)
        after = dataclasses.replace(
            opened,
            sources=sources,
            dataset=_dataset_of(opened.dataset, sources, keep),
            map=state,
            model=_recounted(opened, dict.fromkeys(self.addresses)),
        )
        return after, back


@dataclasses.dataclass(frozen=True)
class OnMap:
    """Where removed pictures were on which map: their places among its pictures, and units.

    ``run`` is the number of the training that the map came of.
    """

    run: int | None
    weights: NDArray[np.float32]
    places: Rows
    pictures: tuple[Source, ...]
    units: NDArray[np.integer[Any]]
    distances: NDArray[np.floating[Any]]
    added: int


@dataclasses.dataclass(frozen=True)
class Restore:
    """Puts removed pictures back where they were, on all maps that there still are."""

    sources: tuple[Source, ...]
    rows: Rows
    read: Dataset | None
    on_maps: tuple[OnMap, ...] = ()
    kind = Kind.PICTURES

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Put them back."""
        there = {source.address for source in opened.sources}
        if not there.isdisjoint(source.address for source in self.sources):
            return self._missing(there).done(opened)
        fresh = _fresh_rows(self.rows, len(opened.sources))
        sources = _merged(opened.sources, self.sources, fresh)
        state, model, runs = opened.map, opened.model, opened.runs
        for on_map in self.on_maps:
            if state is not None and on_map.run == opened.run and _same_map(on_map, state.weights):
                state = _with(state, on_map, opened.sources, sources)
                model = _recounted_with(model, on_map)
            else:
                runs = tuple(_run_with(run, on_map) for run in runs)
        after = dataclasses.replace(
            opened,
            sources=sources,
            dataset=_dataset_with(opened.dataset, sources, self.read, fresh),
            map=state,
            model=model,
            runs=runs if any(map(_differ, runs, opened.runs)) else opened.runs,
        )
        return after, Remove(frozenset(source.address for source in self.sources))

    def _missing(self, there: set[str]) -> Restore:
        """Return the same for the pictures only that were not added again meanwhile."""
        keep = [source.address not in there for source in self.sources]
        read = self.read and self.read.take(np.flatnonzero(keep))
        return Restore(tuple(compress(self.sources, keep)), self.rows[keep], read)


# --- parts of these -----------------------------------------------------------------------------


def _all_but(rows: Rows, count: int) -> NDArray[np.bool_]:
    keep = np.ones(count, bool)
    keep[rows] = False
    return keep


def _fresh_rows(rows: Rows, count: int) -> NDArray[np.bool_]:
    """Return which rows are the added ones, at the end where their old places are gone."""
    total = count + len(rows)
    if len(rows) and rows.max() >= total:
        rows = np.arange(count, total)
    return ~_all_but(rows, total)


def _merged(kept: Sequence[Value], more: Sequence[Value], is_more: Any) -> tuple[Value, ...]:
    first, second = iter(kept), iter(more)
    return tuple(next(second) if fresh else next(first) for fresh in is_more.tolist())


def _merged_rows(kept: NDArray[Any], more: NDArray[Any], is_more: NDArray[np.bool_]) -> Any:
    rows = np.empty((len(is_more), *kept.shape[1:]), kept.dtype)
    rows[is_more], rows[~is_more] = more, kept
    rows.setflags(write=False)
    return rows


def _read_ones(dataset: Dataset | None, rows: Rows) -> Dataset | None:
    if dataset is None or len(rows) * dataset.vectors.shape[1] * 4 > _MOST_BYTES:
        return None
    return dataset.take(rows)


def _dataset_of(
    dataset: Dataset | None, sources: tuple[Source, ...], keep: NDArray[np.bool_]
) -> Dataset | None:
    if dataset is None:
        return None
    return dataclasses.replace(dataset.take(np.flatnonzero(keep)), sources=sources)


def _dataset_with(
    dataset: Dataset | None,
    sources: tuple[Source, ...],
    read: Dataset | None,
    is_fresh: NDArray[np.bool_],
) -> Dataset | None:
    """Return the dataset with these pictures; ``None``, to be read again, if they do not fit."""
    if dataset is None or read is None or read.spec != dataset.spec:
        return None
    if read.projection is not dataset.projection:
        return None
    vectors = _merged_rows(dataset.vectors, read.vectors, is_fresh)
    thumbs = dataset.thumbs
    if thumbs is not None and read.thumbs is not None:
        thumbs = _merged_rows(thumbs, read.thumbs, is_fresh)
    return dataclasses.replace(dataset, vectors=vectors, sources=sources, thumbs=thumbs)


def _taken_off_all(opened: Opened, addresses: frozenset[str]) -> tuple[OnMap, ...]:
    """Return where pictures are on the open map, and on those that are kept of other runs."""
    found = [_taken_off(opened.map, addresses, opened.run)]
    places: dict[int, Rows] = {}  # runs of one collection share their list
    for run in opened.runs:
        if run.kept is not None:
            sources = run.kept.sources
            if id(sources) not in places:
                places[id(sources)] = rows_of(sources, addresses)
            found.append(_on_kept(run.number, run.kept, places[id(sources)]))
    return tuple(one for one in found if one is not None and len(one.places))


def _taken_off(
    state: MapState | None, addresses: frozenset[str], run: int | None = None
) -> OnMap | None:
    if state is None or state.units is None or state.distances is None:
        return None
    places = rows_of(state.pictures, addresses)
    return OnMap(
        run=run,
        weights=state.weights,
        places=places,
        pictures=tuple(state.pictures[place] for place in places),
        units=state.units[places],
        distances=state.distances[places],
        added=int(np.count_nonzero(places >= len(state.pictures) - state.added)),
    )


def _on_kept(number: int, kept: Kept, places: Rows) -> OnMap:
    return OnMap(
        run=number,
        weights=kept.weights,
        places=places,
        pictures=tuple(kept.sources[place] for place in places),
        units=kept.units[places],
        distances=kept.distances[places],
        added=int(np.count_nonzero(places >= len(kept.sources) - kept.added)),
    )


def _same_map(on_map: OnMap, weights: NDArray[np.float32]) -> bool:
    return on_map.weights is weights or np.array_equal(on_map.weights, weights)


def _run_with(run: Run, on_map: OnMap) -> Run:
    """Return a run with pictures on its map again that were left out of it meanwhile."""
    kept = run.kept
    if kept is None or run.number != on_map.run or not _same_map(on_map, kept.weights):
        return run
    there = {source.address for source in kept.sources}
    if any(picture.address in there for picture in on_map.pictures):
        return run  # it was not opened since
    fresh = _fresh_rows(on_map.places, len(kept.sources))
    more = dataclasses.replace(
        kept,
        sources=_merged(kept.sources, on_map.pictures, fresh),
        units=_merged_rows(kept.units, on_map.units, fresh),
        distances=_merged_rows(kept.distances, on_map.distances, fresh),
        added=kept.added + on_map.added,
    )
    return dataclasses.replace(run, kept=more)


def _differ(one: object, other: object) -> bool:
    return one is not other


def _without(
    state: MapState | None,
    addresses: frozenset[str],
    before: tuple[Source, ...],
    after: tuple[Source, ...],
) -> MapState | None:
    """Return the map without some pictures; all those of the collection stay the same list."""
    off = _taken_off(state, addresses)
    if state is None or off is None or state.units is None or state.distances is None:
        return state
    keep = _all_but(off.places, len(state.pictures))
    same = state.pictures is before
    return dataclasses.replace(
        state,
        pictures=after if same else tuple(compress(state.pictures, keep.tolist())),
        units=state.units[keep],
        distances=state.distances[keep],
        added=state.added - off.added,
    )


def _with(
    state: MapState, on_map: OnMap, before: tuple[Source, ...], after: tuple[Source, ...]
) -> MapState:
    if state.units is None or state.distances is None:
        return state
    fresh = _fresh_rows(on_map.places, len(state.pictures))
    same = state.pictures is before and len(after) == len(fresh)
    return dataclasses.replace(
        state,
        pictures=after if same else _merged(state.pictures, on_map.pictures, fresh),
        units=_merged_rows(state.units, on_map.units, fresh),
        distances=_merged_rows(state.distances, on_map.distances, fresh),
        added=state.added + on_map.added,
    )


def _recounted(opened: Opened, labels: Labels) -> MapModel | None:
    """Return the model with these labels of pictures on it, also of those added later."""
    model, off = opened.model, _taken_off(opened.map, frozenset(labels))
    if model is None or off is None:
        return model
    return recounted(
        model,
        off.units,
        [source.label for source in off.pictures],
        [labels[source.address] for source in off.pictures],
    )


def _recounted_with(model: MapModel | None, on_map: OnMap) -> MapModel | None:
    if model is None:
        return None
    labels = [source.label for source in on_map.pictures]
    return recounted(model, on_map.units, [None] * len(labels), labels)
