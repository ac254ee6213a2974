"""Trainings that end early, or are changed while they run."""

from __future__ import annotations

import numpy as np
import pytest
from data import noise

from image2map_gui.core.som import train as train_module
from image2map_gui.core.som.course import Change
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import EpochFigures, Snapshot, train

MODES = ("batch", "online", "minibatch")


def run(
    params: SomParams, changes: dict[int, Change] | None = None
) -> tuple[Snapshot, list[EpochFigures]]:
    """Train on noise, sending each change after its epoch; return the end and the history."""
    steps = train(noise(200, 6), params)
    snapshot, history = next(steps), []
    while True:
        change = None
        if snapshot.milestone and snapshot.figures is not None:
            history.append(snapshot.figures)
            change = (changes or {}).get(snapshot.epoch)
        try:
            snapshot = steps.send(change)
        except StopIteration:
            return snapshot, history


@pytest.mark.parametrize("mode", MODES)
def test_a_map_that_has_settled_ends_early(mode: str) -> None:
    params = SomParams(
        rows=3, columns=3, mode=mode, epochs=8, stop="settled", tolerance=0.02, patience=2,
        extra_epochs=500, rate_end=0.0001, batch_size=50,
    )  # fmt: skip
    last, history = run(params)
    assert last.ended == "settled"
    assert last.settled
    assert 8 < last.epoch < 508
    assert all(figures.movement <= 0.02 for figures in history[-2:])
    radii = [figures.radius for figures in history]
    assert radii[-1] == radii[-2] == radii[7] < radii[6]


def test_nothing_settles_while_the_radius_shrinks() -> None:
    values = {"rows": 3, "columns": 3, "epochs": 30, "stop": "settled", "tolerance": 1.0}
    last, _ = run(SomParams(patience=1, **values))
    assert last.epoch == 30  # the first epoch with the last radius
    last, _ = run(SomParams(patience=4, radius_decay="constant", **values))
    assert last.epoch == 4


def test_extra_epochs_are_the_most() -> None:
    params = SomParams(
        rows=3, columns=3, mode="online", epochs=4, stop="settled", tolerance=0.0, extra_epochs=5,
    )  # fmt: skip
    last, _ = run(params)
    assert (last.epoch, last.ended) == (9, "")


def test_movement_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = noise(50, 3)
    *_, last = train(vectors, SomParams(rows=2, columns=2, epochs=1))
    first = next(train(vectors, SomParams(rows=2, columns=2, epochs=1)))
    moved = np.sqrt(((last.weights - first.weights) ** 2).sum(axis=1).mean())
    spread = np.sqrt(((vectors - vectors.mean(axis=0)) ** 2).sum(axis=1).mean())
    assert last.figures is not None
    assert last.figures.movement == pytest.approx(moved / spread)


def test_a_time_limit_ends_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def clock() -> float:
        now[0] += 0.01
        return now[0]

    monkeypatch.setattr(train_module.time, "perf_counter", clock)
    params = SomParams(rows=3, columns=3, epochs=100_000, mode="online", time_limit=0.05)
    last, _ = run(params)
    assert last.ended == "time limit"
    assert last.settled
    assert 0 < last.epoch < 1000


def test_waiting_does_not_count_as_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(train_module.time, "perf_counter", lambda: now[0])
    seconds = []
    for snapshot in train(noise(50, 3), SomParams(rows=2, columns=2, epochs=5, time_limit=1.0)):
        now[0] += 100.0  # somebody looks at it, or has paused it
        if snapshot.figures is not None:
            seconds.append(snapshot.figures.seconds)
    assert snapshot.epoch == 5
    assert set(seconds) == {0.0}


@pytest.mark.parametrize("mode", MODES)
def test_a_change_takes_effect_with_the_next_epoch_and_is_told(mode: str) -> None:
    params = SomParams(rows=4, columns=4, mode=mode, epochs=6, radius_start=3, radius_end=1)
    change = Change(radius=2.5, rate=0.4, epochs=4)
    last, history = run(params, {3: change})
    assert last.epoch == 7
    assert [figures.change for figures in history] == [None] * 3 + [change] + [None] * 3
    assert history[3].radius == 2.5
    assert history[3].rate == (None if mode == "batch" else 0.4)
    assert history[-1].radius == pytest.approx(1)
    assert [figures.epochs for figures in history] == [6] * 3 + [7] * 4


def test_a_map_is_loosened_after_its_last_epoch() -> None:
    params = SomParams(rows=4, columns=4, epochs=4, radius_start=3, radius_end=1)
    last, history = run(params, {4: Change(radius=3.0, epochs=5)})
    assert last.epoch == 9
    assert history[4].radius == 3


def test_the_same_changes_give_the_same_map() -> None:
    params = SomParams(rows=4, columns=4, mode="online", epochs=5, seed=7)
    changes = {2: Change(radius=2.0), 4: Change(rate=0.3, epochs=3)}
    first, again = run(params, changes)[0], run(params, changes)[0]
    np.testing.assert_array_equal(first.weights, again.weights)
    assert not np.array_equal(first.weights, run(params)[0].weights)


def test_a_pause_changes_nothing_but_stands_in_the_history() -> None:
    params = SomParams(rows=3, columns=3, epochs=4)
    slow, history = run(params, {2: Change(pause=0.5)})
    np.testing.assert_array_equal(slow.weights, run(params)[0].weights)
    assert history[2].change == Change(pause=0.5)


def test_a_change_wakes_a_map_that_had_settled() -> None:
    params = SomParams(
        rows=3, columns=3, epochs=5, stop="settled", tolerance=1.0, patience=1, extra_epochs=50,
    )  # fmt: skip
    last, history = run(params, {5: Change(radius=2.0, epochs=6)})
    assert last.epoch == 11
    assert history[5].radius == 2
