"""The training as a whole: what it yields, how it ends, and what it must not do."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest
from data import lines_dataset, noise
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from image2map_gui.core.errors import TrainingError
from image2map_gui.core.som import train as train_module
from image2map_gui.core.som.course import course_of, start_radius
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.quality.topography import topographic_error
from image2map_gui.core.som.train import Snapshot, settle, train
from image2map_gui.core.som.winners import nearest_units

MODES = ("batch", "online", "minibatch")
METRICS = ("euclidean", "cosine")
TOPOLOGIES = ("line", "ring", "grid", "mesh", "cylinder")


def pictures(count: int = 200, features: int = 12, seed: int = 0) -> NDArray[np.float32]:
    return noise(count, features, seed).astype(np.float32)


def last_of(vectors: NDArray[np.floating], **values: object) -> Snapshot:
    *_, snapshot = train(vectors, SomParams(**values))
    return snapshot


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the training yield after each of its steps, however short."""
    monkeypatch.setattr(train_module, "_BREATH", 0.0)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_the_last_snapshot_is_settled(topology: str, metric: str, mode: str) -> None:
    vectors = pictures()
    params = SomParams(
        rows=4, columns=5, epochs=4, topology=topology, metric=metric, mode=mode, batch_size=30
    )
    *_, last = train(vectors, params)
    units, distances = nearest_units(vectors, last.weights, metric, 2)
    assert last.settled
    assert last.fraction == 1
    assert last.epoch == last.epochs == 4
    assert np.array_equal(last.winners, units[:, 0])
    assert np.array_equal(last.distances, distances[:, 0])
    assert last.quantization_error == pytest.approx(distances[:, 0].mean())
    grid = Grid.of(params)
    assert [adjacency for adjacency, _ in last.topographic_errors] == list(grid.adjacencies)
    for adjacency, error in last.topographic_errors:
        assert error == topographic_error(units[:, 0], units[:, 1], grid, adjacency)


@pytest.mark.parametrize("mode", MODES)
def test_every_epoch_ends_in_a_milestone_with_its_figures(mode: str) -> None:
    vectors = pictures()
    params = SomParams(rows=3, columns=4, epochs=6, mode=mode, rate_start=0.4, rate_end=0.1)
    snapshots = list(train(vectors, params))
    assert snapshots[0].epoch == 0
    assert snapshots[0].winners is None
    milestones = [snapshot for snapshot in snapshots if snapshot.milestone]
    assert [snapshot.epoch for snapshot in milestones] == [1, 2, 3, 4, 5, 6]
    figures = [snapshot.figures for snapshot in milestones if snapshot.figures is not None]
    assert [one.epoch for one in figures] == [1, 2, 3, 4, 5, 6]
    assert [one.radius for one in figures] == [course_of(params).at(epoch)[0] for epoch in range(6)]
    if mode == "batch":
        assert {one.rate for one in figures} == {None}
    else:
        assert figures[0].rate == 0.4
        assert figures[-1].rate == 0.1
    assert figures[0].changed is None
    assert all(0 <= (one.changed or 0) <= len(vectors) for one in figures)
    for snapshot, one in zip(milestones, figures, strict=True):
        assert snapshot.distances is not None
        assert one.quantization_error == pytest.approx(float(snapshot.distances.mean()), rel=1e-5)
    assert all(0 <= one.topographic_error <= 1 and one.seconds >= 0 for one in figures)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("mode", MODES)
def test_work_is_done_in_many_small_steps(mode: str) -> None:
    vectors = pictures(6000, 5)
    params = SomParams(rows=3, columns=3, epochs=2, mode=mode, batch_size=500)
    snapshots = list(train(vectors, params))
    fractions = [snapshot.fraction for snapshot in snapshots]
    assert fractions[0] == 0
    assert fractions[-1] == 1
    assert all(earlier <= later for earlier, later in itertools.pairwise(fractions))
    parts = {"batch": 3, "online": math.ceil(6000 / 64), "minibatch": 12}[mode]
    within = [snapshot for snapshot in snapshots if not snapshot.milestone]
    assert len([one for one in within if 0 < one.fraction <= 0.5]) >= parts
    assert max(later - earlier for earlier, later in itertools.pairwise(fractions)) <= 0.5 / 2


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("mode", MODES)
def test_the_arrays_of_a_snapshot_are_its_own_and_read_only(mode: str) -> None:
    vectors = pictures(300, 5)
    seen = []
    for snapshot in train(vectors, SomParams(rows=3, columns=3, epochs=2, mode=mode)):
        for array in (snapshot.weights, snapshot.winners, snapshot.distances):
            if array is not None:
                assert not array.flags.writeable
                with pytest.raises(ValueError, match="read-only"):
                    array[0] = 0
        seen.append((snapshot, snapshot.weights.copy()))
    for snapshot, weights in seen:
        assert np.array_equal(snapshot.weights, weights)


@pytest.mark.parametrize("mode", MODES)
def test_one_seed_gives_one_map_to_the_last_bit(mode: str) -> None:
    vectors = pictures()
    values = {"rows": 4, "columns": 4, "epochs": 3, "mode": mode, "init": "sample"}
    first, second = last_of(vectors, seed=5, **values), last_of(vectors, seed=5, **values)
    assert first.weights.tobytes() == second.weights.tobytes()
    assert np.array_equal(first.winners, second.winners)
    other = last_of(vectors, seed=6, **values)
    assert not np.array_equal(first.weights, other.weights)


@pytest.mark.parametrize("mode", ["online", "minibatch"])
def test_without_shuffling_a_pca_start_leaves_nothing_to_chance(mode: str) -> None:
    values = {"rows": 3, "columns": 3, "epochs": 2, "mode": mode, "init": "pca", "batch_size": 16}
    vectors = pictures(50)
    still = [last_of(vectors, seed=seed, order="as-given", **values).weights for seed in (1, 2)]
    assert still[0] == pytest.approx(still[1], abs=1e-4)
    mixed = [last_of(vectors, seed=seed, order="shuffled", **values).weights for seed in (1, 2)]
    assert np.abs(mixed[0] - mixed[1]).max() > 0.01


def test_every_epoch_has_an_order_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = []
    original = train_module.online_epoch

    def watched(*args: object) -> object:
        orders.append(args[4].tolist())
        return original(*args)

    monkeypatch.setattr(train_module, "online_epoch", watched)
    last_of(pictures(40), rows=2, columns=2, epochs=3, mode="online")
    last_of(pictures(40), rows=2, columns=2, epochs=1, mode="online", order="as-given")
    assert orders[3] == list(range(40))
    assert all(sorted(order) == orders[3] for order in orders)
    assert len({tuple(order) for order in orders}) == 4


def test_the_worlds_own_dice_are_not_touched() -> None:
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    for mode, init in itertools.product(MODES, ("pca", "sample", "uniform")):
        last_of(pictures(), rows=3, columns=3, epochs=2, mode=mode, init=init)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002


@pytest.mark.parametrize("mode", MODES)
def test_the_pictures_are_left_as_they_were(mode: str) -> None:
    vectors = pictures()
    before = vectors.copy()
    vectors.setflags(write=False)
    last_of(vectors, rows=3, columns=3, epochs=2, mode=mode)
    assert np.array_equal(vectors, before)


@pytest.mark.parametrize("mode", MODES)
def test_a_training_that_was_stopped_can_be_settled(mode: str) -> None:
    vectors = pictures()
    params = SomParams(rows=3, columns=4, epochs=10, mode=mode)
    for steps in (1, 2, 4):
        snapshot = next(itertools.islice(train(vectors, params), steps - 1, None))
        *_, settled = settle(vectors, params, snapshot)
        assert settled.settled
        assert settled.epoch == snapshot.epoch
        assert np.array_equal(settled.weights, snapshot.weights)
        units, _ = nearest_units(vectors, snapshot.weights, "euclidean")
        assert np.array_equal(settled.winners, units[:, 0])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("topology", ["grid", "ring"])
@pytest.mark.parametrize(
    "vectors",
    [
        pytest.param(pictures(1, 9), id="one"),
        pytest.param(pictures(2, 9), id="two"),
        pytest.param(pictures(5, 9), id="fewer than units"),
        pytest.param(pictures(60, 1), id="one value each"),
        pytest.param(np.full((60, 9), 0.3, np.float32), id="all alike"),
        pytest.param(np.zeros((60, 9), np.float32), id="black"),
        pytest.param(np.repeat(pictures(3, 9), 20, axis=0), id="three, twenty times"),
        pytest.param(pictures(60, 1) * pictures(1, 9), id="all on one line"),
        pytest.param(pictures(60, 9) * np.float32(1e-30), id="tiny"),
        pytest.param(np.vstack([pictures(59, 9) * 0, pictures(1, 9)]), id="one is different"),
    ],
)
def test_odd_collections_are_learned_without_a_warning(
    vectors: NDArray[np.float32], topology: str, metric: str, mode: str
) -> None:
    last = last_of(
        vectors, rows=4, columns=3, epochs=3, topology=topology, metric=metric, mode=mode
    )
    assert np.isfinite(last.weights).all()
    assert np.isfinite(last.quantization_error)
    assert all(0 <= error <= 1 for _, error in last.topographic_errors)
    spread = float(np.abs(vectors).max()) + 0.01
    assert np.abs(last.weights).max() <= 2 * spread


@pytest.mark.parametrize("mode", MODES)
def test_a_map_of_one_unit_becomes_the_mean(mode: str) -> None:
    vectors = pictures()
    last = last_of(vectors, rows=1, columns=1, epochs=30, mode=mode, rate_end=0.001)
    assert last.weights[0] == pytest.approx(vectors.mean(axis=0), abs=0.05)
    assert all(math.isnan(error) for _, error in last.topographic_errors)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("neighbourhood", ["gaussian", "bubble", "epanechnikov", "triangle"])
def test_a_radius_of_nothing_is_learned_without_a_warning(mode: str, neighbourhood: str) -> None:
    last = last_of(
        pictures(),
        rows=3,
        columns=3,
        epochs=3,
        mode=mode,
        neighbourhood=neighbourhood,
        radius_start=1.0,
        radius_end=0.0,
    )
    assert np.isfinite(last.weights).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_what_is_no_number_is_refused_with_the_picture_it_is_in(value: float) -> None:
    vectors = pictures(5000, 3)
    vectors[4321, 1] = value
    with pytest.raises(TrainingError, match=r"Picture 4322 .*finite"):
        next(train(vectors, SomParams()))


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (5,)])
def test_no_pictures_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(TrainingError, match="no pictures"):
        next(train(np.zeros(shape, np.float32), SomParams()))


def test_a_weight_that_is_no_number_stops_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    original = train_module.batch_epoch

    def broken(*args: object) -> object:
        weights = yield from original(*args)
        weights[2, 0] = np.nan
        return weights

    steps = train(pictures(), SomParams(rows=2, columns=2, epochs=5))
    kept = [next(steps), next(steps)]
    monkeypatch.setattr(train_module, "batch_epoch", broken)
    with pytest.raises(TrainingError, match="epoch 2"):
        kept.extend(steps)
    assert all(np.isfinite(snapshot.weights).all() for snapshot in kept)


@given(
    st.sampled_from(TOPOLOGIES),
    st.integers(1, 40),
    st.integers(1, 40),
    st.floats(0, 30),
    st.sampled_from(["pca", "sample"]),
)
def test_the_radius_shrinks_from_a_start_that_suits_the_map(
    topology: str, rows: int, columns: int, end: float, init: str
) -> None:
    params = SomParams(
        rows=rows, columns=columns, topology=topology, radius_end=end, init=init, epochs=7
    )
    radii = [course_of(params).at(epoch)[0] for epoch in range(7)]
    assert radii[0] == start_radius(params) >= max(1.0, end)
    assert radii[-1] == end
    assert radii == sorted(radii, reverse=True)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"rows": 10, "columns": 24, "init": "sample"}, 12),
        ({"rows": 10, "columns": 24, "init": "pca"}, 12),
        ({"rows": 10, "columns": 24, "topology": "mesh", "init": "sample"}, 6),
        ({"rows": 2, "columns": 20, "topology": "line", "init": "sample"}, 20),
        ({"rows": 2, "columns": 20, "topology": "ring", "init": "sample"}, 10),
        ({"rows": 2, "columns": 2}, 1),
        ({"rows": 2, "columns": 2, "radius_start": 7.5}, 7.5),
    ],
)
def test_the_start_radius_by_hand(values: dict[str, object], expected: float) -> None:
    assert start_radius(SomParams(**values)) == expected


@pytest.mark.parametrize("mode", ["batch", "online"])
def test_a_ring_closes_around_the_turning_line(mode: str) -> None:
    """The drawings turn through 180 degrees, so the last one is followed by the first."""
    vectors = lines_dataset().vectors
    values = {"rows": 1, "columns": 30, "topology": "ring", "epochs": 60, "mode": mode}
    params = SomParams(radius_end=1.0, **values)
    *_, last = train(vectors, params)
    assert last.winners is not None
    (adjacency, error) = last.topographic_errors[0]
    assert adjacency == 2
    assert error < 0.05
    grid = Grid.of(params)
    steps = (np.diff(last.winners, append=last.winners[:1]) + 15) % 30 - 15
    assert abs(int(steps.sum())) == 30  # once around, in one direction
    assert np.abs(steps).max() <= 2
    first, final = np.intp(last.winners[0]), np.intp(last.winners[-1])
    assert first == final or grid.adjacent(first, final)
    assert len(np.unique(last.winners)) == 30


def test_finer_radii_fit_closer_and_wider_ones_keep_better_order() -> None:
    vectors = pictures(600, 8)
    fits = [
        last_of(vectors, rows=7, columns=7, epochs=15, radius_start=4.0, radius_end=radius)
        for radius in (0.3, 0.85, 2.0)
    ]
    errors = [snapshot.quantization_error for snapshot in fits]
    torn = [snapshot.topographic_errors[0][1] for snapshot in fits]
    assert errors == sorted(errors)
    assert torn == sorted(torn, reverse=True)
