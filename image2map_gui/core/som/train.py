"""The training: one generator that yields the map while it forms."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Generator, Iterator
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import TrainingError
from image2map_gui.core.som.batch import batch_epoch, find_winners, minibatch_epoch
from image2map_gui.core.som.course import Change, course_of, going_on
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.online import online_epoch
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.quality.fit import quantization_error
from image2map_gui.core.som.quality.topography import topographic_error
from image2map_gui.core.som.tally import Tally
from image2map_gui.core.som.weights import initial_weights
from image2map_gui.core.som.winners import Prepared, Scores, block_rows, nearest_blocks

Floats = NDArray[np.floating]
Number = TypeVar("Number", bound=np.generic)
_BREATH = 0.025  # seconds between two snapshots
_LARGEST = 1e15  # squares of larger values, summed over a picture, do not fit into float32


@dataclasses.dataclass(frozen=True)
class EpochFigures:
    """What one epoch was like: small values, fit for a signal, a curve or a file.

    ``quantization_error`` and ``topographic_error`` (with the grid's first adjacency) are those
    seen while the epoch looked for winners, the second estimated from 2,000 pictures; ``changed``
    counts pictures with another winner than one epoch before; ``rate`` is ``None`` in batch mode.
    ``movement`` is how far the units moved, as a share of the pictures' spread (both root mean
    squares). ``change`` is what was changed before this epoch, while the training ran.
    """

    epoch: int
    epochs: int
    radius: float
    rate: float | None
    quantization_error: float
    topographic_error: float
    changed: int | None
    seconds: float
    movement: float = math.nan
    change: Change | None = None


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
    epoch, epochs, fraction
        Whole epochs done, of how many at most, and the share of the whole training.
    milestone
        Whether an epoch has just ended.
    settled
        Whether winners, distances and the errors below belong to exactly these weights.
    ended
        Why the training ended before its last epoch: ``settled`` or ``time limit``; else empty.
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
    ended: str = ""
    quantization_error: float = math.nan
    topographic_errors: tuple[tuple[int, float], ...] = ()


def train(
    vectors: Floats,
    params: SomParams,
    start: Floats | None = None,
    *,
    mask: Floats | None = None,
    sample_weights: Floats | None = None,
) -> Generator[Snapshot, Change | None, None]:
    """Train a map on ``vectors`` ``(n, d)``, yielding after at most some 50 ms of work.

    The last snapshot is settled. To stop earlier, ask no more; :func:`settle` then finishes the
    newest snapshot. A :class:`Change` that is sent into the generator takes effect with the next
    epoch and stands in its figures.

    Parameters
    ----------
    start
        Weights ``(k, d)`` of another map: training goes on from there, and an ``auto`` radius
        begins where it ends.
    mask
        How much each component counts when winners are looked for, ``(d,)``; see
        :class:`Metric`.
    sample_weights
        How much each picture counts, ``(n,)``, none below 0; only their proportions matter. In
        batches it counts that many times; online its rate is that many times as large, but at
        most 1.

    Raises
    ------
    TrainingError
        There are no vectors, they hold values that are no finite numbers, the weights do not fit
        them, or training made values that are no finite numbers.
    """
    _check(vectors)
    rng = np.random.default_rng(params.seed)
    if start is None:
        weights = initial_weights(vectors, params, rng)
    else:
        weights = _fitting(start, vectors, params)
        params = going_on(params)
    metric = Metric(params.measure, mask)
    run = _Run(Prepared(vectors, metric), params, _shares(sample_weights, len(vectors)), rng)
    limit = math.inf if params.time_limit is None else 60 * params.time_limit
    began = time.perf_counter()
    snapshot = first = Snapshot(_own(weights), 0, run.course.epochs, 0.0)
    for snapshot in run.steps(first):
        handed = time.perf_counter()
        run.wish((yield snapshot))
        run.idle += time.perf_counter() - handed
        if time.perf_counter() - began - run.idle > limit:
            snapshot = dataclasses.replace(snapshot, ended="time limit")
            break
    if run.calm:
        snapshot = dataclasses.replace(snapshot, ended="settled")
    yield from settle(vectors, params, snapshot, mask)


def settle(
    vectors: Floats, params: SomParams, snapshot: Snapshot, mask: Floats | None = None
) -> Iterator[Snapshot]:
    """Find the exact winners, distances and errors of a snapshot's weights.

    Yields snapshots while at work; the last one is settled.
    """
    grid = Grid.of(params)
    winners = np.empty((len(vectors), min(2, grid.units)), np.intp)
    distances = np.empty(len(vectors), np.float64)
    clock = _Clock()
    metric = Metric(params.measure, mask)
    for rows, units, far in nearest_blocks(vectors, snapshot.weights, metric, 2):
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


class _Setting(NamedTuple):
    """What one epoch is run with."""

    radius: float
    rate: float
    change: Change | None


class _Run:
    """A training on its way: its course, and what is to change in it."""

    def __init__(
        self, data: Prepared, params: SomParams, shares: Floats | None, rng: np.random.Generator
    ) -> None:
        self.course = course_of(params)
        self.idle = 0.0  # seconds in which nobody asked for more
        self._data = data
        self._params = params
        self._grid = Grid.of(params)
        self._shares = shares
        self._rng = rng
        self._change: Change | None = None
        self._quiet = 0  # epochs in a row

    def wish(self, change: Change | None) -> None:
        """Note what is to be different from the next epoch on."""
        if change is not None:
            self._change = change if self._change is None else self._change.then(change)

    def steps(self, last: Snapshot) -> Iterator[Snapshot]:
        """Run all epochs, starting from a snapshot."""
        yield last
        while True:
            change, self._change = self._change, None
            if change is not None and change.turns:
                self.course = self.course.changed(last.epoch, change)
                self._quiet = 0
            if last.epoch >= self.course.epochs or self.calm:
                break
            last = yield from self._epoch(last, _Setting(*self.course.at(last.epoch), change))

    @property
    def calm(self) -> bool:
        """Whether the units have hardly moved for as long as the parameters want."""
        return self._params.stop == "settled" and self._quiet >= self._params.patience

    def _watch(self, figures: EpochFigures) -> None:
        """Count the epochs in a row that hardly moved the units, once the radius is at its end."""
        moving = figures.movement > self._params.tolerance
        if moving or self.course.shrinks_after(figures.epoch - 1):
            self._quiet = 0
        else:
            self._quiet += 1

    def _epoch(self, last: Snapshot, setting: _Setting) -> Generator[Snapshot, None, Snapshot]:
        began, idle = time.perf_counter(), self.idle
        tally = Tally(len(self._data.vectors), self._grid, last.winners)
        weights = yield from self._pass(last, setting, tally)
        _check_finite(weights, last.epoch + 1)
        epoch, epochs = last.epoch + 1, self.course.epochs
        figures = EpochFigures(
            epoch=epoch,
            epochs=epochs,
            radius=setting.radius,
            rate=None if self._params.mode == "batch" else setting.rate,
            quantization_error=tally.quantization_error,
            topographic_error=tally.topographic_error,
            changed=tally.changed,
            seconds=time.perf_counter() - began - (self.idle - idle),
            movement=_movement(last.weights, weights, self._data.spread),
            change=setting.change,
        )
        self._watch(figures)
        snapshot = Snapshot(
            weights=_own(weights),
            epoch=epoch,
            epochs=epochs,
            fraction=epoch / epochs,
            winners=_own(tally.winners),
            distances=_own(tally.distances),
            figures=figures,
            milestone=True,
        )
        yield snapshot
        return snapshot

    def _pass(
        self, last: Snapshot, setting: _Setting, tally: Tally
    ) -> Generator[Snapshot, None, Floats]:
        """Show all pictures once, yielding the map now and then; return the new weights."""
        batch = self._params.mode == "batch"
        weights = last.weights if batch else last.weights.copy()
        steps = self._rule(weights, setting, tally)
        clock = _Clock()
        while True:
            try:
                with np.errstate(over="ignore", invalid="ignore"):  # the check below says so
                    seen = next(steps)
            except StopIteration as end:
                return weights if end.value is None else end.value
            if clock.due():
                _check_finite(weights, last.epoch + 1)
                yield dataclasses.replace(
                    last,
                    weights=last.weights if batch else _own(weights),
                    fraction=(last.epoch + seen / len(self._data.vectors)) / self.course.epochs,
                    epochs=self.course.epochs,
                    milestone=False,
                )

    def _rule(
        self, weights: Floats, setting: _Setting, tally: Tally
    ) -> Generator[int, None, Floats | None]:
        """Return the steps of one epoch by the rule that was chosen."""
        data, params = self._data, self._params
        kernel = Kernel(self._grid, params.neighbourhood, setting.radius, data.vectors.dtype)
        count = len(data.vectors)
        if params.mode == "batch":
            shares = self._shares
            if params.order == "bootstrap":
                times = np.bincount(self._rng.integers(count, size=count), minlength=count)
                shares = times * (1.0 if shares is None else shares)
            return (yield from batch_epoch(data, weights, kernel, tally, shares))
        order = self._order(count)
        if params.mode == "online":
            rate: float | Floats = setting.rate
            if self._shares is not None:
                rate = np.minimum(rate * self._shares, 1)
            yield from online_epoch(data, weights, kernel, rate, order, tally)
        else:
            yield from minibatch_epoch(
                data, weights, kernel, setting.rate, order, params.batch_size, tally, self._shares
            )
        if params.order == "bootstrap":
            yield from self._find_unseen(weights, order, tally)
        return None

    def _order(self, count: int) -> NDArray[np.intp]:
        if self._params.order == "bootstrap":
            return self._rng.integers(count, size=count)
        order = np.arange(count)
        if self._params.order == "shuffled":
            self._rng.shuffle(order)
        return order

    def _find_unseen(self, weights: Floats, order: NDArray[np.intp], tally: Tally) -> Iterator[int]:
        """Find the winners of the pictures that were not drawn."""
        data = self._data
        unseen = np.setdiff1d(np.arange(len(data.vectors)), order)
        scores = Scores(weights, data.metric, data.centre)
        step = block_rows(len(weights), weights.shape[1], data.metric)
        for start in range(0, len(unseen), step):
            find_winners(data, unseen[start : start + step], scores, tally)
            yield len(order)


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


def _fitting(start: Floats, vectors: Floats, params: SomParams) -> Floats:
    if start.shape != (params.units, vectors.shape[1]):
        raise TrainingError(
            f"The map to start from has {start.shape[0]} units of {start.shape[1]} values; "
            f"{params.units} of {vectors.shape[1]} are wanted."
        )
    if not (np.abs(start) <= _LARGEST).all():
        raise TrainingError(
            "The map to start from holds a value that is no finite number or too large."
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


def _check_finite(weights: Floats, epoch: int) -> None:
    """See to it that nobody is ever handed a map that is none."""
    if not np.isfinite(weights).all():
        raise TrainingError(
            f"Training stopped in epoch {epoch}: a weight is no longer a finite number. The map "
            "as it was before is kept; lower the learning rate, or look for odd pictures."
        )


def _shares(sample_weights: Floats | None, count: int) -> Floats | None:
    """Return sample weights with a mean of 1."""
    if sample_weights is None:
        return None
    wrong = sample_weights.shape != (count,) or not np.isfinite(sample_weights).all()
    if wrong or (sample_weights < 0).any() or not sample_weights.any():
        raise TrainingError(
            f"Weights of the pictures: {count:,} numbers are wanted, none below 0, not all 0."
        )
    return np.asarray(sample_weights / sample_weights.mean(dtype=np.float64), np.float64)


def _movement(before: Floats, after: Floats, spread: float) -> float:
    """Return how far the units moved, as a share of the pictures' spread."""
    way = after - before
    moved = math.sqrt(float(np.vecdot(way, way).mean(dtype=np.float64)))
    return moved / spread if spread > 0 else moved
