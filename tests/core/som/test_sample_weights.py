"""What counts how much: weights of pictures, masks of components, the order of an epoch."""

from __future__ import annotations

import math

import numpy as np
import pytest
from data import noise
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError, TrainingError
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.quality.ordering import Pairs
from image2map_gui.core.som.train import Snapshot, train
from image2map_gui.core.som.winners import nearest_units

MODES = ("batch", "online", "minibatch")
NAMES = ("euclidean", "cosine", "correlation", "manhattan", "chebyshev", "minkowski:3")
Floats = NDArray[np.float64]


def end_of(vectors: Floats, params: SomParams, **more: Floats) -> Snapshot:
    *_, last = train(vectors, params, **more)
    return last


def weighted_distance(name: str, first: Floats, second: Floats, mask: Floats) -> float:
    """The distance as the documentation writes it, component by component."""
    if name in ("cosine", "correlation"):
        if name == "correlation":
            first = first - (mask * first).sum() / mask.sum()
            second = second - (mask * second).sum() / mask.sum()
        product = (mask * first * second).sum()
        lengths = math.sqrt((mask * first**2).sum() * (mask * second**2).sum())
        return 1 - product / lengths if lengths else 1.0
    apart = np.abs(first - second)
    if name == "chebyshev":
        return float((mask * apart).max())
    order = {"euclidean": 2, "manhattan": 1, "minkowski:3": 3}[name]
    return float((mask * apart**order).sum() ** (1 / order))


@pytest.mark.parametrize("name", NAMES)
def test_masked_distances_are_those_of_the_formulas(name: str) -> None:
    vectors, units = noise(30, 5, 1), noise(7, 5, 2)
    mask = np.array([0.0, 0.5, 1.0, 2.0, 3.0])
    table = np.array(
        [[weighted_distance(name, vector, unit, mask) for unit in units] for vector in vectors]
    )
    found, distances = nearest_units(vectors, units, Metric(name, mask), 3)
    np.testing.assert_array_equal(found, table.argsort(axis=1, kind="stable")[:, :3])
    np.testing.assert_allclose(distances, np.sort(table, axis=1)[:, :3], atol=1e-9)
    pairs = Pairs(units, Metric(name, mask)).rows(np.arange(7))
    expected = [[weighted_distance(name, one, two, mask) for two in units] for one in units]
    np.testing.assert_allclose(pairs, expected, atol=1e-7)


@given(st.sampled_from(NAMES), st.integers(0, 1000))
def test_a_mask_of_ones_changes_nothing(name: str, seed: int) -> None:
    vectors, units = noise(12, 4, seed), noise(5, 4, seed + 1)
    plain = nearest_units(vectors, units, name, 2)
    masked = nearest_units(vectors, units, Metric(name, np.ones(4)), 2)
    np.testing.assert_array_equal(plain[0], masked[0])
    np.testing.assert_allclose(plain[1], masked[1])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["euclidean", "manhattan", "correlation"])
def test_what_is_masked_out_does_not_decide(mode: str, name: str) -> None:
    vectors = noise(120, 6)
    mask = np.array([1.0, 1, 1, 1, 0, 0])
    params = SomParams(rows=3, columns=3, mode=mode, metric=name, epochs=4, init="sample")
    other = vectors.copy()
    other[:, 4:] = noise(120, 2, 9)
    ours, theirs = end_of(vectors, params, mask=mask), end_of(other, params, mask=mask)
    np.testing.assert_array_equal(ours.winners, theirs.winners)
    assert not np.array_equal(ours.winners, end_of(vectors, params).winners)
    assert np.abs(ours.weights[:, 4:] - theirs.weights[:, 4:]).max() > 0.01  # yet they learn


@pytest.mark.parametrize(
    "mask", [np.array([-1.0, 1]), np.array([0.0, 0]), np.array([np.nan, 1]), np.ones((2, 2))]
)
def test_wrong_masks_are_refused(mask: Floats) -> None:
    with pytest.raises(ParameterError, match="A mask needs one weight per component"):
        Metric("euclidean", mask)


def naive_batch(vectors: Floats, weights: Floats, counts: Floats, radius: float) -> Floats:
    grid = Grid.of(SomParams(rows=2, columns=3))
    influence = Kernel(grid, "gaussian", radius).rows(np.arange(6))
    top, bottom = np.zeros_like(weights), np.zeros(6)
    for vector, times in zip(vectors, counts, strict=True):
        winner = ((weights - vector) ** 2).sum(axis=1).argmin()
        for unit in range(6):
            top[unit] += times * influence[winner, unit] * vector
            bottom[unit] += times * influence[winner, unit]
    return top / bottom[:, None]


def test_a_weighted_batch_is_the_naive_one() -> None:
    vectors, counts = noise(40, 4), noise(40, 1, 5)[:, 0] * 3
    params = SomParams(rows=2, columns=3, epochs=1, radius_start=1.0)
    first, *_, last = train(vectors, params, sample_weights=counts)
    np.testing.assert_allclose(
        last.weights, naive_batch(vectors, first.weights, counts, 1.0), atol=1e-12
    )


def test_a_weight_of_two_is_the_picture_twice_in_a_batch() -> None:
    vectors = noise(40, 4)
    params = SomParams(rows=2, columns=3, epochs=3, init="uniform")
    counts = np.where(np.arange(40) < 10, 2.0, 1.0)
    doubled = end_of(np.concatenate([vectors, vectors[:10]]), params)
    weighted = end_of(vectors, params, sample_weights=counts)
    np.testing.assert_allclose(weighted.weights, doubled.weights, atol=1e-12)


def test_online_weights_are_rates() -> None:
    vectors = noise(30, 4)
    shares = np.where(np.arange(30) % 2 == 0, 1.5, 0.5)
    params = SomParams(
        rows=2, columns=3, mode="online", epochs=1, order="as-given", radius_start=1.0,
        rate_start=0.4, rate_end=0.4,
    )  # fmt: skip
    first, *_, last = train(vectors, params, sample_weights=shares * 7)
    influence = Kernel(Grid.of(params), "gaussian", 1.0).rows(np.arange(6))
    weights = first.weights.copy()
    for vector, share in zip(vectors, shares, strict=True):
        winner = ((weights - vector) ** 2).sum(axis=1).argmin()
        weights += (0.4 * share * influence[winner])[:, None] * (vector - weights)
    np.testing.assert_allclose(last.weights, weights, atol=1e-10)


def test_a_heavy_picture_never_pushes_a_unit_past_itself() -> None:
    vectors = noise(20, 4)
    counts = np.where(np.arange(20) == 3, 1000.0, 1.0)
    params = SomParams(rows=2, columns=2, mode="online", epochs=5, rate_start=1.0)
    weights = end_of(vectors, params, sample_weights=counts).weights
    assert (weights >= vectors.min(axis=0) - 1e-9).all()
    assert (weights <= vectors.max(axis=0) + 1e-9).all()


@pytest.mark.parametrize("mode", MODES)
def test_pictures_of_weight_zero_teach_nothing_but_have_their_units(mode: str) -> None:
    vectors = noise(60, 4)
    vectors[40:] += 10
    counts = np.where(np.arange(60) < 40, 1.0, 0.0)
    params = SomParams(rows=2, columns=2, mode=mode, epochs=4, init="original", batch_size=10)
    last = end_of(vectors, params, sample_weights=counts)
    assert last.weights.max() <= 1 + 1e-9
    assert last.winners is not None
    assert len(last.winners) == 60


@pytest.mark.parametrize(
    "wrong", [np.ones(9), -np.ones(10), np.zeros(10), np.full(10, np.nan), np.ones((10, 1))]
)
def test_wrong_weights_are_refused(wrong: Floats) -> None:
    with pytest.raises(TrainingError, match="10 numbers are wanted"):
        end_of(noise(10, 3), SomParams(rows=2, columns=2, epochs=1), sample_weights=wrong)


@pytest.mark.parametrize("mode", MODES)
def test_bootstrap_draws_anew_in_every_epoch_and_finds_all_units(mode: str) -> None:
    vectors = noise(50, 3)
    values = {"rows": 2, "columns": 2, "mode": mode, "epochs": 2, "init": "sample"}
    drawn = SomParams(order="bootstrap", seed=1, **values)
    last, again = end_of(vectors, drawn), end_of(vectors, drawn)
    np.testing.assert_array_equal(last.weights, again.weights)
    assert not np.array_equal(last.weights, end_of(vectors, SomParams(seed=1, **values)).weights)
    for snapshot in train(vectors, drawn):
        if snapshot.milestone:
            assert snapshot.winners is not None
            assert snapshot.distances is not None
            assert (snapshot.distances > 0).all()  # also of those that were not drawn
    assert last.figures is not None
    assert last.figures.changed is not None


def test_a_bootstrap_batch_counts_each_picture_as_often_as_it_was_drawn() -> None:
    vectors = noise(40, 4)
    params = SomParams(
        rows=2, columns=3, epochs=1, radius_start=1.0, order="bootstrap", init="original"
    )
    first, *_, last = train(vectors, params)
    rng = np.random.default_rng(params.seed)
    rng.uniform(-1, 1, (6, 4))  # the start
    counts = np.bincount(rng.integers(40, size=40), minlength=40).astype(float)
    np.testing.assert_allclose(
        last.weights, naive_batch(vectors, first.weights, counts, 1.0), atol=1e-12
    )
