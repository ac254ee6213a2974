"""The edits that take pictures out of the collection and put them back."""

from __future__ import annotations

import dataclasses
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.images.collection import (
    Rows,
    rows_of,
)
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Source
from image2map_gui.ui.session.edits import Edit, Kind, Opened
from image2map_gui.ui.session.on_maps import (
    OnMap,
    all_but,
    fresh_rows,
    merged,
    merged_rows,
    on_kept,
    recounted_with,
    relabelled_model,
    run_with,
    same_map,
    taken_off,
    with_again,
    without,
)

_MOST_BYTES = 256 << 20  # of vectors kept for an undo; beyond, the pictures are read once more


@dataclasses.dataclass(frozen=True)
class Remove:
    """Takes pictures out of the collection and off the map; files are never touched."""

    addresses: frozenset[str]
    kind = Kind.PICTURES

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Take them out, keeping what is needed to put them back."""
        rows = rows_of(opened.sources, self.addresses)
        keep = all_but(rows, len(opened.sources))
        sources = tuple(compress(opened.sources, keep.tolist()))
        back = Restore(
            sources=tuple(opened.sources[row] for row in rows),
            rows=rows,
            read=_read_ones(opened.dataset, rows),
            on_maps=_taken_off_all(opened, self.addresses),
        )
        state = without(opened.map, self.addresses, opened.sources, sources)
        after = dataclasses.replace(
            opened,
            sources=sources,
            dataset=_dataset_of(opened.dataset, sources, keep),
            map=state,
            model=relabelled_model(opened.model, opened.map, dict.fromkeys(self.addresses)),
        )
        return after, back


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
        fresh = fresh_rows(self.rows, len(opened.sources))
        sources = merged(opened.sources, self.sources, fresh)
        state, model, runs = opened.map, opened.model, opened.runs
        for on_map in self.on_maps:
            if state is not None and on_map.run == opened.run and same_map(on_map, state.weights):
                state = with_again(state, on_map, opened.sources, sources)
                model = recounted_with(model, on_map)
            else:
                runs = tuple(run_with(run, on_map) for run in runs)
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
    vectors = merged_rows(dataset.vectors, read.vectors, is_fresh)
    thumbs = dataset.thumbs
    if thumbs is not None and read.thumbs is not None:
        thumbs = merged_rows(thumbs, read.thumbs, is_fresh)
    return dataclasses.replace(dataset, vectors=vectors, sources=sources, thumbs=thumbs)


def _taken_off_all(opened: Opened, addresses: frozenset[str]) -> tuple[OnMap, ...]:
    """Return where pictures are on the open map, and on those that are kept of other runs."""
    found = [taken_off(opened.map, addresses, opened.run)]
    places: dict[int, Rows] = {}  # runs of one collection share their list
    for run in opened.runs:
        if run.kept is not None:
            sources = run.kept.sources
            if id(sources) not in places:
                places[id(sources)] = rows_of(sources, addresses)
            found.append(on_kept(run.number, run.kept, places[id(sources)]))
    return tuple(one for one in found if one is not None and len(one.places))


def _differ(one: object, other: object) -> bool:
    return one is not other
