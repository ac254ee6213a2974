"""All metrics, in the search for winners and in every mode of training, against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.online import online_epoch
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.schedule import decay, influence
from image2map_gui.core.som.tally import Tally
from image2map_gui.core.som.train import train
from image2map_gui.core.som.winners import Prepared, nearest_units

Floats = NDArray[np.floating]
NAMES = {
    "euclidean": ("euclidean", {}),
    "cosine": ("cosine", {}),
    "correlation": ("correlation", {}),
    "manhattan": ("cityblock", {}),
    "chebyshev": ("chebyshev", {}),
    "minkowski:3.0": ("minkowski", {"p": 3}),
}
every_metric = pytest.mark.parametrize("metric", NAMES)


def table(vectors: Floats, weights: Floats, metric: str) -> Floats:
    name, more = NAMES[metric]
    return cdist(vectors.astype(np.float64), weights.astype(np.float64), name, **more)


@every_metric
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(seed=st.integers(0, 1000))
@pytest.mark.slow
def test_nearest_units_are_those_of_a_full_table(metric: str, dtype: type, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(23, 7)).astype(dtype)
    weights = rng.normal(size=(11, 7)).astype(dtype)
    far = table(vectors, weights, metric)
    units, distances = nearest_units(vectors, weights, metric, 3)
    np.testing.assert_array_equal(units, np.argsort(far, axis=1)[:, :3])
    np.testing.assert_allclose(distances, np.sort(far, axis=1)[:, :3], atol=1e-6)


@every_metric
def test_equal_distances_go_to_the_lower_unit(metric: str) -> None:
    weights = np.tile(np.array([[0.3, 0.6, 0.1]], np.float32), (6, 1))
    units, _ = nearest_units(np.array([[0.2, 0.9, 0.4]], np.float32), weights, metric, 4)
    assert units.tolist() == [[0, 1, 2, 3]]


@every_metric
@pytest.mark.parametrize("name", ["gaussian", "cut-gaussian", "mexican-hat", "lap"])
def test_online_is_the_rule_step_by_step(metric: str, name: str) -> None:
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(90, 6))
    grid = Grid(3, 4)
    weights = rng.normal(size=(12, 6))
    kernel = Kernel(grid, name, 1.3)
    plain = weights.copy()
    for vector in vectors:
        best = int(table(vector[None], plain, metric).argmin())
        h = influence(name, grid.distances(np.asarray([best]))[0], 1.3)
        plain += 0.2 * h[:, None] * (vector - plain)
        if name == "mexican-hat":
            plain = np.clip(plain, vectors.min(axis=0), vectors.max(axis=0))
    tally = Tally(90, grid, None)
    for _ in online_epoch(Prepared(vectors, metric), weights, kernel, 0.2, np.arange(90), tally):
        pass
    np.testing.assert_allclose(weights, plain, atol=1e-6 if name == "mexican-hat" else 1e-9)


@pytest.mark.parametrize("metric", ["correlation", "manhattan", "chebyshev", "minkowski"])
@pytest.mark.parametrize("mode", ["batch", "online", "minibatch"])
def test_every_metric_trains_in_every_mode(metric: str, mode: str) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.random((60, 10), np.float32)
    params = SomParams(rows=3, columns=3, metric=metric, mode=mode, epochs=4)
    last = list(train(vectors, params))[-1]
    far = table(vectors, last.weights, params.measure)
    np.testing.assert_array_equal(last.winners, far.argmin(axis=1))
    assert last.quantization_error == pytest.approx(far.min(axis=1).mean(), rel=1e-5)


def test_a_mexican_hat_stays_within_the_data() -> None:
    vectors = np.random.default_rng(0).random((200, 5), np.float32)
    params = SomParams(rows=5, columns=5, mode="online", neighbourhood="mexican-hat", epochs=5)
    for snapshot in train(vectors, params):
        assert snapshot.weights.min() >= 0
        assert snapshot.weights.max() <= 1


@pytest.mark.parametrize("name", ["exponential", "linear", "inverse", "power", "stepwise"])
@given(start=st.floats(0.1, 100), share=st.floats(0.001, 1), epochs=st.integers(2, 60))
def test_decays_hit_both_ends_and_never_rise(
    name: str, start: float, share: float, epochs: int
) -> None:
    values = [decay(name, start, start * share, epoch, epochs) for epoch in range(epochs)]
    assert values[0] == start
    assert values[-1] == start * share
    assert (np.diff(values) <= 1e-9 * start).all()


def test_constant_stays_and_stepwise_has_five_levels() -> None:
    assert {decay("constant", 3, 1, epoch, 9) for epoch in range(9)} == {3}
    assert len({decay("stepwise", 8, 1, epoch, 50) for epoch in range(50)}) == 5


@pytest.mark.parametrize("name", ["cut-gaussian", "lap", "exp"])
def test_what_is_cut_is_cut_at_the_radius_inclusive(name: str) -> None:
    far = np.array([0, 1, 2, 2.0001, 3])
    h = influence(name, far, 2.0)
    assert h[0] == 1
    assert (h[:3] > 0).all()
    assert (h[3:] == 0).all()


def test_influences_by_hand() -> None:
    far = np.array([0.0, 2.0, 4.0])
    np.testing.assert_allclose(influence("lap", far, 4.0), np.exp([0, -4 / 4, -16 / 4]))
    np.testing.assert_allclose(influence("exp", far, 4.0), np.exp([0, -1, -4]))
    np.testing.assert_allclose(influence("mexican-hat", far, 2.0), [1, 0, -3 * np.exp(-2)])
