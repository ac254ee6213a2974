"""Where pictures are on a map, how they are taken off it and put back."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import compress
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.labels import recounted
from image2map_gui.core.images.collection import (
    Labels,
    Rows,
    rows_of,
)
from image2map_gui.core.images.sources import Source
from image2map_gui.core.model import MapModel
from image2map_gui.core.runs import Kept, Run
from image2map_gui.ui.state import MapState

Value = TypeVar("Value")


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


def taken_off(
    state: MapState | None, addresses: frozenset[str], run: int | None = None
) -> OnMap | None:
    """Return where pictures are on a map; ``None`` without the units of its pictures."""
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


def on_kept(number: int, kept: Kept, places: Rows) -> OnMap:
    """Return where pictures are on a map that is kept of a run."""
    return OnMap(
        run=number,
        weights=kept.weights,
        places=places,
        pictures=tuple(kept.sources[place] for place in places),
        units=kept.units[places],
        distances=kept.distances[places],
        added=int(np.count_nonzero(places >= len(kept.sources) - kept.added)),
    )


def same_map(on_map: OnMap, weights: NDArray[np.float32]) -> bool:
    """Whether something was on this map."""
    return on_map.weights is weights or np.array_equal(on_map.weights, weights)


def run_with(run: Run, on_map: OnMap) -> Run:
    """Return a run with pictures on its map again that were left out of it meanwhile."""
    kept = run.kept
    if kept is None or run.number != on_map.run or not same_map(on_map, kept.weights):
        return run
    there = {source.address for source in kept.sources}
    if any(picture.address in there for picture in on_map.pictures):
        return run  # it was not opened since
    fresh = fresh_rows(on_map.places, len(kept.sources))
    more = dataclasses.replace(
        kept,
        sources=merged(kept.sources, on_map.pictures, fresh),
        units=merged_rows(kept.units, on_map.units, fresh),
        distances=merged_rows(kept.distances, on_map.distances, fresh),
        added=kept.added + on_map.added,
    )
    return dataclasses.replace(run, kept=more)


def without(
    state: MapState | None,
    addresses: frozenset[str],
    before: tuple[Source, ...],
    after: tuple[Source, ...],
) -> MapState | None:
    """Return the map without some pictures; all those of the collection stay the same list."""
    off = taken_off(state, addresses)
    if state is None or off is None or state.units is None or state.distances is None:
        return state
    keep = all_but(off.places, len(state.pictures))
    same = state.pictures is before
    return dataclasses.replace(
        state,
        pictures=after if same else tuple(compress(state.pictures, keep.tolist())),
        units=state.units[keep],
        distances=state.distances[keep],
        added=state.added - off.added,
    )


def with_again(
    state: MapState, on_map: OnMap, before: tuple[Source, ...], after: tuple[Source, ...]
) -> MapState:
    """Return the map with pictures on it again."""
    if state.units is None or state.distances is None:
        return state
    fresh = fresh_rows(on_map.places, len(state.pictures))
    same = state.pictures is before and len(after) == len(fresh)
    return dataclasses.replace(
        state,
        pictures=after if same else merged(state.pictures, on_map.pictures, fresh),
        units=merged_rows(state.units, on_map.units, fresh),
        distances=merged_rows(state.distances, on_map.distances, fresh),
        added=state.added + on_map.added,
    )


def relabelled_model(
    model: MapModel | None, state: MapState | None, labels: Labels
) -> MapModel | None:
    """Return the model with these labels of pictures on it, also of those added later."""
    off = taken_off(state, frozenset(labels))
    if model is None or off is None:
        return model
    return recounted(
        model,
        off.units,
        [source.label for source in off.pictures],
        [labels[source.address] for source in off.pictures],
    )


def recounted_with(model: MapModel | None, on_map: OnMap) -> MapModel | None:
    """Return the model with the labels of pictures that are on it again."""
    if model is None:
        return None
    labels = [source.label for source in on_map.pictures]
    return recounted(model, on_map.units, [None] * len(labels), labels)


def all_but(rows: Rows, count: int) -> NDArray[np.bool_]:
    """Return which of so many rows are others than these, ``(count,)``."""
    keep = np.ones(count, bool)
    keep[rows] = False
    return keep


def fresh_rows(rows: Rows, count: int) -> NDArray[np.bool_]:
    """Return which rows are the added ones, at the end where their old places are gone."""
    total = count + len(rows)
    if len(rows) and rows.max() >= total:
        rows = np.arange(count, total)
    return ~all_but(rows, total)


def merged(kept: Sequence[Value], more: Sequence[Value], is_more: Any) -> tuple[Value, ...]:
    """Return the pictures of both in turn, as told, ``(n,)``."""
    first, second = iter(kept), iter(more)
    return tuple(next(second) if fresh else next(first) for fresh in is_more.tolist())


def merged_rows(kept: NDArray[Any], more: NDArray[Any], is_more: NDArray[np.bool_]) -> Any:
    """Return the rows of both in turn, as told, ``(n,)``; they cannot be written to."""
    rows = np.empty((len(is_more), *kept.shape[1:]), kept.dtype)
    rows[is_more], rows[~is_more] = more, kept
    rows.setflags(write=False)
    return rows
