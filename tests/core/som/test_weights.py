"""Where the units start."""

from __future__ import annotations

import time

import numpy as np
import pytest
from data import noise
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.weights import initial_weights, principal_components, start_name

Floats = NDArray[np.float64]


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def stretched(count: int = 1500, features: int = 6) -> tuple[Floats, Floats]:
    """Data whose spreads are 5, 2 and 0.1 along known, slanted directions."""
    directions, _ = np.linalg.qr(np.random.default_rng(9).normal(size=(features, features)))
    spreads = np.array([5.0, 2.0] + [0.1] * (features - 2))
    points = np.random.default_rng(8).normal(size=(count, features)) * spreads
    return points @ directions.T + 3.0, directions.T


def test_components_are_the_directions_of_largest_spread_in_order() -> None:
    vectors, directions = stretched()
    mean, components, spreads = principal_components(vectors, 2, rng())
    assert mean == pytest.approx(vectors.mean(axis=0))
    assert np.abs(components @ directions[:2].T) == pytest.approx(np.eye(2), abs=0.03)
    assert spreads == pytest.approx([5, 2], rel=0.05)
    assert components @ components.T == pytest.approx(np.eye(2), abs=1e-9)


def test_the_sign_of_a_component_is_fixed() -> None:
    vectors, _ = stretched()
    _, components, _ = principal_components(vectors, 2, rng())
    _, mirrored, _ = principal_components(-vectors, 2, rng())
    assert mirrored == pytest.approx(components, abs=1e-9)
    assert (components[np.arange(2), np.abs(components).argmax(axis=1)] > 0).all()


@pytest.mark.parametrize(("count", "features"), [(2, 5), (3, 2), (2, 1), (40, 1), (5, 3000)])
def test_components_beyond_the_rank_are_zero(count: int, features: int) -> None:
    vectors = noise(count, features)
    _, components, spreads = principal_components(vectors, 4, rng())
    rank = min(count, features)
    assert components.shape == (4, features)
    assert not components[rank:].any()
    assert spreads[min(count - 1, rank) :] == pytest.approx(0, abs=1e-9)
    assert np.isfinite(components).all()


@pytest.mark.parametrize("count", [1, 2, 3, 50])
@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_equal_pictures_have_no_directions(count: int, value: float) -> None:
    mean, _, spreads = principal_components(np.full((count, 9), value), 2, rng())
    assert mean == pytest.approx(np.full(9, value))
    assert spreads == pytest.approx(np.zeros(2), abs=1e-9)


@given(st.floats(-150, 14).map(lambda power: 10.0**power))
def test_the_scale_of_the_data_does_not_matter(scale: float) -> None:
    vectors, _ = stretched(100, 4)
    _, components, spreads = principal_components(vectors, 2, rng())
    _, scaled, sizes = principal_components(vectors * scale, 2, rng())
    assert scaled == pytest.approx(components, abs=1e-6)
    assert sizes / scale == pytest.approx(spreads, rel=1e-6)


@pytest.mark.parametrize(("rows", "columns"), [(3, 8), (8, 3), (1, 9), (9, 1)])
def test_the_longer_side_runs_along_the_first_component(rows: int, columns: int) -> None:
    vectors, _ = stretched()
    params = SomParams(rows=rows, columns=columns, init="pca")
    mean, components, spreads = principal_components(vectors, 2, rng())
    weights = initial_weights(vectors, params, rng()).reshape(rows, columns, -1)
    long, short = (0, 1) if rows > columns else (1, 0)
    weights = np.moveaxis(weights, (long, short), (0, 1))
    first, second = components * spreads[:, None]
    across = np.linspace(-1, 1, weights.shape[1]) if weights.shape[1] > 1 else np.zeros(1)
    for i, along in enumerate(np.linspace(-1, 1, len(weights))):
        for j, aside in enumerate(across):
            assert weights[i, j] == pytest.approx(mean + along * first + aside * second)


@pytest.mark.parametrize("topology", ["line", "ring"])
def test_a_line_starts_along_the_first_component_alone(topology: str) -> None:
    vectors, _ = stretched()
    params = SomParams(rows=2, columns=4, topology=topology, init="pca")
    mean, components, spreads = principal_components(vectors, 1, rng())
    expected = mean + np.linspace(-1, 1, 8)[:, None] * spreads[0] * components[0]
    assert initial_weights(vectors, params, rng()) == pytest.approx(expected)


def test_a_map_of_one_unit_starts_at_the_mean() -> None:
    vectors, _ = stretched(50)
    weights = initial_weights(vectors, SomParams(rows=1, columns=1, init="pca"), rng())
    assert weights == pytest.approx(vectors.mean(axis=0)[None])


def test_pictures_of_12288_values_are_no_hardship() -> None:
    base = noise(12, 12_288, seed=2)
    vectors = (noise(300, 12, seed=3) ** 2 @ base).astype(np.float32)
    began = time.perf_counter()
    weights = initial_weights(vectors, SomParams(init="pca"), rng())
    assert time.perf_counter() - began < 10  # a table of 12,288 x 12,288 would take minutes
    assert weights.shape == (100, 12_288)
    assert weights.dtype == np.float32
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    values = np.linalg.eigvalsh(centred @ centred.T / 299)[::-1]
    _, _, spreads = principal_components(vectors, 2, rng())
    assert spreads**2 == pytest.approx(values[:2], rel=1e-6)


def test_samples_are_different_pictures_if_there_are_enough() -> None:
    vectors = noise(40, 7)
    params = SomParams(rows=5, columns=6, init="sample")
    weights = initial_weights(vectors, params, rng())
    apart = np.linalg.norm(weights[:, None] - vectors[None], axis=2)
    assert len(set(apart.argmin(axis=1).tolist())) == 30
    assert apart.min(axis=1).max() < 0.01


def test_samples_of_too_few_or_equal_pictures_are_told_apart() -> None:
    params = SomParams(rows=5, columns=6, init="sample")
    for vectors in (noise(3, 7), np.full((50, 7), 0.5), np.zeros((1, 7))):
        weights = initial_weights(vectors, params, rng())
        assert len(np.unique(weights, axis=0)) == 30
        assert np.abs(weights[:, None] - vectors[None]).max(axis=2).min(axis=1).max() < 0.01


def test_uniform_weights_lie_within_the_range_of_each_feature() -> None:
    vectors = noise(50, 4) * [1, 10, 0, 0.1] + [0, -5, 7, 100]
    weights = initial_weights(vectors, SomParams(rows=9, columns=9, init="uniform"), rng())
    assert (weights >= vectors.min(axis=0)).all()
    assert (weights <= vectors.max(axis=0)).all()
    assert (weights[:, 2] == 7).all()
    assert weights[:, 0].std() > 0.2


@pytest.mark.parametrize("init", ["auto", "pca", "sample", "uniform"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_have_the_dtype_of_the_data_and_depend_on_the_generator_alone(
    init: str, dtype: type
) -> None:
    vectors = noise(60, 5).astype(dtype)
    params = SomParams(rows=3, columns=4, init=init)
    first, second = (initial_weights(vectors, params, rng()) for _ in range(2))
    assert first.dtype == dtype
    assert first.flags.c_contiguous
    assert np.array_equal(first, second)


def test_auto_is_pca_on_open_maps_and_sample_on_closed_ones() -> None:
    names = {
        topology: start_name(SomParams(topology=topology))
        for topology in ("grid", "line", "mesh", "ring")
    }
    assert names == {"grid": "pca", "line": "pca", "mesh": "sample", "ring": "sample"}
    assert start_name(SomParams(topology="mesh", init="pca")) == "pca"


@pytest.mark.parametrize("init", ["pca", "sample", "uniform"])
@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_pictures_are_enough_to_start(init: str, count: int) -> None:
    weights = initial_weights(noise(count, 3), SomParams(init=init), rng())
    assert weights.shape == (100, 3)
    assert np.isfinite(weights).all()
