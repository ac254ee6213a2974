"""The training: one generator that yields the map while it forms."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Generator, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import TrainingError
from image2map_gui.core.som.batch import batch_epoch, minibatch_epoch
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.online import online_epoch
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.quality.fit import quantization_error
from image2map_gui.core.som.quality.topography import topographic_error
from image2map_gui.core.som.schedule import decay
from image2map_gui.core.som.tally import Tally
from image2map_gui.core.som.weights import initial_weights, start_name
from image2map_gui.core.som.winners import Prepared, nearest_blocks

Floats = NDArray[np.floating]
Number = TypeVar("Number", bound=np.generic)
_BREATH = 0.03  # seconds between two snapshots
_LARGEST = 1e15  # squares of larger values, summed over a picture, do not fit into float32


@dataclasses.dataclass(frozen=True)
class EpochFigures:
    """What one epoch was like: small values, fit for a signal, a curve or a file.

    ``quantization_error`` and ``topographic_error`` (with the grid's first adjacency) are those
    seen while the epoch looked for winners, the second estimated from 2,000 pictures; ``changed``
    counts pictures with another winner than one epoch before; ``rate`` is ``None`` in batch mode.
    """

    epoch: int
    epochs: int
    radius: float
    rate: float | None
    quantization_error: float
    topographic_error: float
    changed: int | None
    seconds: float


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """The map at one moment of its training; its arrays are read-only and its own.

    Attributes
    ----------
    weights
        ``(k, d)``.
    winners, distances
        Best unit of each picture and its distance, ``(n,)``: of the last whole epoch, or of these
        very weights once ``settled``. ``None`` before the end of the first epoch.
    figures
        Of the last whole epoch, ``None`` before.
    epoch, fraction
        Whole epochs done, and the share of the whole training.
    milestone
        Whether an epoch has just ended.
    settled
        Whether winners, distances and the errors below belong to exactly these weights.
    """

    weights: Floats
    epoch: int
    epochs: int
    fraction: float
    winners: NDArray[np.intp] | None = None
    distances: NDArray[np.floating] | None = None
    figures: EpochFigures | None = None
    milestone: bool = False
    settled: bool = False
    quantization_error: float = math.nan
    topographic_errors: tuple[tuple[int, float], ...] = ()


def train(vectors: Floats, params: SomParams, start: Floats | None = None) -> Iterator[Snapshot]:
    """Train a map on ``vectors`` ``(n, d)``, yielding after at most some 50 ms of work.

    With ``start``, weights ``(k, d)`` of another map, training goes on from there, and an ``auto``
    radius begins where it ends. The last snapshot is settled. To stop earlier, ask no more;
    :func:`settle` then finishes the newest snapshot.

    Raises
    ------
    TrainingError
        There are no vectors, they hold values that are no finite numbers, or training made such.
    """
    _check(vectors)
    rng = np.random.default_rng(params.seed)
    if start is None:
        weights = initial_weights(vectors, params, rng)
    else:
        weights = _fitting(start, vectors, params)
        params = going_on(params)
    last = Snapshot(_own(weights), 0, params.epochs, 0.0)
    yield last
    data = Prepared(vectors, params.measure)
    for epoch in range(params.epochs):
        last = yield from _epoch(data, params, epoch, last, rng)
    yield from settle(vectors, params, last)


def settle(vectors: Floats, params: SomParams, snapshot: Snapshot) -> Iterator[Snapshot]:
    """Find the exact winners, distances and errors of a snapshot's weights.

    Yields snapshots while at work; the last one is settled.
    """
    grid = Grid.of(params)
    winners = np.empty((len(vectors), min(2, grid.units)), np.intp)
    distances = np.empty(len(vectors), np.float64)
    clock = _Clock()
    for rows, units, far in nearest_blocks(vectors, snapshot.weights, params.measure, 2):
        winners[rows], distances[rows] = units, far[:, 0]
        if clock.due():
            yield dataclasses.replace(snapshot, milestone=False)
    second = winners[:, -1]
    torn = tuple(
        (adjacency, topographic_error(winners[:, 0], second, grid, adjacency))
        for adjacency in grid.adjacencies
    )
    yield dataclasses.replace(
        snapshot,
        winners=_own(winners[:, 0]),
        distances=_own(distances),
        milestone=False,
        settled=True,
        quantization_error=quantization_error(distances),
        topographic_errors=torn,
    )


def radius_at(params: SomParams, epoch: int) -> float:
    """Return the neighbourhood radius of an epoch (0, 1, ...), in steps of the lattice."""
    return decay(params.radius_decay, start_radius(params), params.radius_end, epoch, params.epochs)


def start_radius(params: SomParams) -> float:
    """Return the first radius; ``auto`` is half the longest side, a quarter after a PCA start.

    On a closed axis no unit is farther than half its length, so half of that is taken. With
    the neighbourhoods of the program's forerunner it is the forerunner's: ``int(sqrt(k))``, or
    ``k`` on a line.
    """
    if params.radius_start is not None:
        return params.radius_start
    if params.neighbourhood in ("lap", "exp"):
        sheet = len(Grid.of(params).axes) == 2
        return float(math.isqrt(params.units) if sheet else params.units)
    sides = [
        axis.length / 2 if axis.closed else float(axis.length) for axis in Grid.of(params).axes
    ]
    share = 4 if start_name(params) == "pca" else 2
    return max(params.radius_end, 1.0, max(sides) / share)


def _epoch(
    data: Prepared, params: SomParams, epoch: int, last: Snapshot, rng: np.random.Generator
) -> Generator[Snapshot, None, Snapshot]:
    began = time.perf_counter()
    grid = Grid.of(params)
    radius = radius_at(params, epoch)
    rate = decay(params.rate_decay, params.rate_start, params.rate_end, epoch, params.epochs)
    tally = Tally(len(data.vectors), grid, last.winners)
    kernel = Kernel(grid, params.neighbourhood, radius, data.vectors.dtype)
    weights = yield from _pass(data, params, kernel, rate, tally, last, rng)
    if not np.isfinite(weights).all():
        raise TrainingError(
            f"Training stopped in epoch {epoch + 1}: a weight is no longer a finite number."
        )
    figures = EpochFigures(
        epoch=epoch + 1,
        epochs=params.epochs,
        radius=radius,
        rate=None if params.mode == "batch" else rate,
        quantization_error=tally.quantization_error,
        topographic_error=tally.topographic_error,
        changed=tally.changed,
        seconds=time.perf_counter() - began,
    )
    snapshot = Snapshot(
        weights=_own(weights),
        epoch=epoch + 1,
        epochs=params.epochs,
        fraction=(epoch + 1) / params.epochs,
        winners=_own(tally.winners),
        distances=_own(tally.distances),
        figures=figures,
        milestone=True,
    )
    yield snapshot
    return snapshot


def _pass(
    data: Prepared,
    params: SomParams,
    kernel: Kernel,
    rate: float,
    tally: Tally,
    last: Snapshot,
    rng: np.random.Generator,
) -> Generator[Snapshot, None, Floats]:
    """Run one epoch, yielding the map within it now and then; return the new weights."""
    if params.mode == "batch":
        steps: Generator[int, None, Floats | None] = batch_epoch(data, last.weights, kernel, tally)
        weights = last.weights
    else:
        weights = last.weights.copy()
        order = np.arange(len(data.vectors))
        if params.shuffle:
            rng.shuffle(order)
        if params.mode == "online":
            steps = online_epoch(data, weights, kernel, rate, order, tally)
        else:
            steps = minibatch_epoch(data, weights, kernel, rate, order, params.batch_size, tally)
    clock = _Clock()
    while True:
        try:
            seen = next(steps)
        except StopIteration as end:
            return weights if end.value is None else end.value
        if clock.due():
            yield dataclasses.replace(
                last,
                weights=last.weights if params.mode == "batch" else _own(weights),
                fraction=(last.epoch + seen / len(data.vectors)) / params.epochs,
                milestone=False,
            )


class _Clock:
    """Says when it is time to yield."""

    def __init__(self) -> None:
        self._next = time.perf_counter() + _BREATH

    def due(self) -> bool:
        now = time.perf_counter()
        if now < self._next:
            return False
        self._next = now + _BREATH
        return True


def _own(array: NDArray[Number]) -> NDArray[Number]:
    """Return a read-only copy."""
    copy = array.copy()
    copy.setflags(write=False)
    return copy


def going_on(params: SomParams) -> SomParams:
    """Return parameters that refine a map which is there: ``auto`` no longer spreads it anew."""
    if params.radius_start is not None:
        return params
    return dataclasses.replace(params, radius_start=max(params.radius_end, 1.0))


def _fitting(start: Floats, vectors: Floats, params: SomParams) -> Floats:
    if start.shape != (params.units, vectors.shape[1]):
        raise TrainingError(
            f"The map to start from has {start.shape[0]} units of {start.shape[1]} values; "
            f"{params.units} of {vectors.shape[1]} are wanted."
        )
    return start.astype(vectors.dtype)


def _check(vectors: Floats) -> None:
    if vectors.ndim != 2 or not vectors.size:
        raise TrainingError("There are no pictures to train on.")
    largest = min(_LARGEST, float(np.finfo(vectors.dtype).max))
    for start in range(0, len(vectors), 4096):
        wrong = ~(np.abs(vectors[start : start + 4096]) <= largest).all(axis=1)
        if wrong.any():
            raise TrainingError(
                f"Picture {start + int(wrong.argmax()) + 1} holds a value that is no finite number "
                "or too large to compute with."
            )
