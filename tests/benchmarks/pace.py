"""Measures epochs, alone and in turns with what they are compared with."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import EpochFigures, train

if TYPE_CHECKING:  # the extra ``bench`` is not needed to collect the tests
    from pytest_benchmark.fixture import BenchmarkFixture

Vectors = NDArray[np.float32]
_BLOCK = 2048
_TICK = 0.01
_TICKS = 200
_QUIET_MS = 4.0


class Training:
    """A training whose epochs are asked for one by one."""

    def __init__(self, vectors: Vectors, params: SomParams) -> None:
        self._steps = iter(train(vectors, params))
        self.images = len(vectors)
        self.weights = next(self._steps).weights
        self.history: list[EpochFigures] = []

    def epoch(self) -> None:
        """Run one epoch; the first also prepares the data, so it is no measure."""
        for snapshot in self._steps:
            if snapshot.milestone and snapshot.figures is not None:
                self.weights = snapshot.weights
                self.history.append(snapshot.figures)
                return
        raise AssertionError("there are no epochs left")


@dataclasses.dataclass(frozen=True)
class Times:
    """How long something took, in seconds."""

    best: float
    mean: float
    median: float
    worst: float


def timed(
    benchmark: BenchmarkFixture,
    work: Callable[[], object],
    *,
    rounds: int,
    warmup: int = 1,
    before: Callable[[], object] | None = None,
) -> Times:
    """Let pytest-benchmark time something, so that its own files and comparisons hold it too."""
    measure: Any = benchmark.pedantic
    measure(work, setup=before, rounds=rounds, warmup_rounds=warmup)
    if benchmark.stats is None:
        pytest.skip("pytest-benchmark is switched off")
    stats = benchmark.stats.stats
    return Times(stats.min, stats.mean, stats.median, stats.max)


def in_turns(
    benchmark: BenchmarkFixture,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    rounds: int,
    warmup: int = 1,
) -> tuple[float, float]:
    """Run two things in turns and return the best time of each, in seconds."""
    taken: list[float] = []

    def measure_theirs() -> None:
        taken.append(seconds_of(theirs))

    best = timed(benchmark, ours, rounds=rounds, warmup=warmup, before=measure_theirs).best
    peer = min(taken[warmup:])
    benchmark.extra_info["peer_seconds"] = peer
    benchmark.extra_info["peer_over_ours"] = peer / best
    return best, peer


def wait_until_quiet(most: float = 120.0) -> float:
    """Wait until hardly anything else disturbs this machine, at most so many seconds.

    Returns how late, in ms, all but one in a hundred ticks of 10 ms came last: bars in
    milliseconds cannot be judged where that is near them.
    """
    end = time.monotonic() + most
    while True:
        late = _lateness_at_rest()
        if late <= _QUIET_MS or time.monotonic() > end:
            return late


def _lateness_at_rest() -> float:
    due = time.perf_counter()
    late = []
    for _ in range(_TICKS):
        due += _TICK
        time.sleep(max(0.0, due - time.perf_counter()))
        now = time.perf_counter()
        late.append(1000 * (now - due))
        due = now
    return float(np.percentile(late, 99))


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long something takes once."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def best_epoch(vectors: Vectors, params: SomParams, rounds: int = 2) -> float:
    """Return the time of the best epoch after the first, in seconds."""
    training = Training(vectors, params)
    training.epoch()
    return min(seconds_of(training.epoch) for _ in range(rounds))


def products(vectors: Vectors, weights: NDArray[np.floating]) -> Callable[[], None]:
    """Return the plain matrix product no dense search for winners can be faster than."""
    across = np.ascontiguousarray(weights).T
    room = np.empty((_BLOCK, len(weights)), np.float32)

    def multiply() -> None:
        for block in _blocks(vectors):
            np.matmul(block, across, out=room[: len(block)])

    return multiply


def _blocks(vectors: Vectors) -> Iterator[Vectors]:
    for start in range(0, len(vectors), _BLOCK):
        yield vectors[start : start + _BLOCK]
