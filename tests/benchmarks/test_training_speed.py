"""Training against the plain matrix product, other programs, twice the pictures, and its memory."""

from __future__ import annotations

import importlib
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from bars import Bars
from drawn import Vectors
from forerunner import forerunner_epoch
from pace import Training, in_turns, products

from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.presets import preset

if TYPE_CHECKING:  # the extra ``bench`` is not needed to collect the tests
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("all_cores"),
]
PEER_IMAGES = 10_000
_ROUNDS = 6
_MANY_ROUNDS = 12
_CLASSIC_EPOCHS = 10


def sided(side: int, **values: Any) -> SomParams:
    return SomParams(rows=side, columns=side, **values)


def peer(bars: Bars, name: str, what: str) -> Any:
    """Import another program, or leave the row out where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return bars.skip(what, f"{name} is not installed: pip install '.[bench]'")


@pytest.mark.parametrize(("side", "bar"), [(10, 1.9), (20, 1.45), (50, 1.25)])
def test_a_batch_epoch_is_little_slower_than_its_products(
    benchmark: BenchmarkFixture, bars: Bars, mnist_digits: Vectors, side: int, bar: float
) -> None:
    rounds = _MANY_ROUNDS if side < 50 else _ROUNDS
    training = Training(mnist_digits, sided(side, epochs=rounds + 1))
    ours, theirs = in_turns(
        benchmark, training.epoch, lambda: products(mnist_digits, training.weights)(), rounds
    )
    usual = statistics.median(figures.seconds for figures in training.history[1:])
    row = bars.at_most(
        f"batch epoch / sgemm, {side}x{side}",
        ours / theirs,
        bar,
        "x",
        f"{1e3 * ours:,.0f} ms (median {1e3 * usual:,.0f}), sgemm {1e3 * theirs:,.0f} ms",
    )
    assert row.met, row


@pytest.mark.parametrize(("side", "bar"), [(10, 2), (20, 4), (50, 5.5)])
def test_a_batch_epoch_is_faster_than_xpysoms(
    benchmark: BenchmarkFixture, bars: Bars, mnist_digits: Vectors, side: int, bar: float
) -> None:
    what = f"batch epoch vs XPySom, {side}x{side}"
    vectors = mnist_digits[:PEER_IMAGES]
    theirs = peer(bars, "xpysom", what).XPySom(side, side, vectors.shape[1], random_seed=1, xp=np)
    rounds = _MANY_ROUNDS if side < 50 else _ROUNDS
    epochs = iter(range(rounds + 1))

    def their_epoch() -> None:
        epoch = next(epochs)
        theirs.train(vectors, rounds + 1, iter_beg=epoch, iter_end=epoch + 1)

    training = Training(vectors, sided(side, epochs=rounds + 1))
    ours, other = in_turns(benchmark, training.epoch, their_epoch, rounds)
    row = bars.at_least(
        what, other / ours, bar, "x", f"{1e3 * ours:,.1f} ms, XPySom {1e3 * other:,.0f} ms"
    )
    assert row.met, row


@pytest.mark.parametrize(
    ("side", "bar", "theirs_at_once"), [(10, 12, 1000), (20, 35, 300), (50, 60, 60)]
)
def test_an_online_picture_is_faster_than_minisoms(
    benchmark: BenchmarkFixture,
    bars: Bars,
    mnist_digits: Vectors,
    side: int,
    bar: float,
    theirs_at_once: int,
) -> None:
    what = f"online image vs MiniSom, {side}x{side}"
    vectors = mnist_digits[: PEER_IMAGES // 2]
    few = vectors[:theirs_at_once].astype(np.float64)  # what it computes with itself
    theirs = peer(bars, "minisom", what).MiniSom(
        side, side, vectors.shape[1], sigma=side / 4, random_seed=1
    )
    theirs.random_weights_init(few)
    training = Training(vectors, sided(side, mode="online", epochs=_ROUNDS + 1))
    ours, other = in_turns(benchmark, training.epoch, lambda: theirs.train(few, len(few)), _ROUNDS)
    ours, other = ours / len(vectors), other / len(few)
    row = bars.at_least(
        what, other / ours, bar, "x", f"{1e6 * ours:,.1f} us, MiniSom {1e6 * other:,.0f} us"
    )
    assert row.met, row


def test_the_classic_preset_is_faster_than_the_forerunners_rule(
    benchmark: BenchmarkFixture, bars: Bars, mnist_digits: Vectors
) -> None:
    vectors = 2 * mnist_digits[:3000] - 1
    params = preset("classic", rows=10, columns=10, epochs=_CLASSIC_EPOCHS)
    first = Training(vectors, params)
    start = first.weights.astype(np.float64)  # what the forerunner computed with
    few = vectors[:40].astype(np.float64)

    def train_all(training: Training) -> None:
        for _ in range(_CLASSIC_EPOCHS):
            training.epoch()

    train_all(first)
    steps = [(figures.rate or 0.0, figures.radius) for figures in first.history]

    def loop() -> None:
        weights = start.copy()
        for rate, radius in steps:
            forerunner_epoch(few, weights, 10, rate, radius)

    ours, other = in_turns(
        benchmark, lambda: train_all(Training(vectors, params)), loop, rounds=3, warmup=0
    )
    ours, other = (
        ours / _CLASSIC_EPOCHS / len(vectors),
        other / _CLASSIC_EPOCHS / len(few),
    )
    row = bars.at_least(
        "classic preset vs forerunner's rule, 10x10",
        other / ours,
        40,
        "x",
        f"{1e6 * ours:,.1f} us an image, loop {1e6 * other:,.0f} us",
    )
    assert row.met, row


@pytest.mark.parametrize(
    ("mode", "count"), [("batch", 30_000), ("minibatch", 10_000), ("online", 5_000)]
)
def test_twice_the_pictures_take_twice_the_time(
    benchmark: BenchmarkFixture, bars: Bars, mnist_digits: Vectors, mode: str, count: int
) -> None:
    params = sided(20, mode=mode, epochs=_ROUNDS + 1)
    many = Training(mnist_digits[: 2 * count], params)
    few = Training(mnist_digits[:count], params)
    double, single = in_turns(benchmark, many.epoch, few.epoch, _ROUNDS)
    row = bars.at_most(
        f"epoch of 2n / epoch of n, {mode} 20x20",
        double / single,
        2.2,
        "x",
        f"{2 * count:,} in {1e3 * double:,.0f} ms, {count:,} in {1e3 * single:,.0f} ms",
    )
    assert row.met, row


@pytest.mark.parametrize("mode", ["batch", "online"])
def test_training_takes_little_more_memory_than_its_data(
    bars: Bars, mnist_digits: Vectors, tmp_path: Path, mode: str
) -> None:
    what = f"memory while training {mode} 50x50"
    if sys.platform == "win32":
        bars.skip(what, "this system does not tell what a process once held")
    count = len(mnist_digits) if mode == "batch" else 10_000
    path = tmp_path / "vectors.npy"
    np.save(path, mnist_digits[:count])
    script = Path(__file__).with_name("train_once.py")
    done = subprocess.run(
        [sys.executable, str(script), str(path), "50", mode],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    size, peak = mnist_digits[:count].nbytes / 1e6, int(done.stdout) / 1e6
    row = bars.at_most(what, peak, round(1.25 * size + 200), " MB", f"data {size:.0f} MB")
    assert row.met, row
