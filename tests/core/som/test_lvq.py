"""Learning vector quantization, against a naive loop, and on labels that overlap."""

from __future__ import annotations

import numpy as np
import pytest
from data import noise

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.som import lvq
from image2map_gui.core.som.lvq import RULES, TuningSettings, learn
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.winners import nearest_units


def blobs(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, count)
    centres = noise(3, 5, seed=9) * 2
    return (centres[labels] + random.normal(0, 0.45, (count, 5))).astype(np.float32), labels


def naive(
    vectors: np.ndarray, labels: np.ndarray, weights: np.ndarray, told: np.ndarray, method: str,
    rate: float,
) -> np.ndarray:  # fmt: skip
    """One step on all vectors at once, as the papers write it."""
    change, pulls = np.zeros(weights.shape), np.zeros(len(weights))
    for vector, label in zip(vectors.astype(float), labels, strict=True):
        far = ((weights.astype(float) - vector) ** 2).sum(axis=1)
        friend = min(np.flatnonzero(told == label), key=lambda unit: far[unit])
        foe = min(np.flatnonzero(told != label), key=lambda unit: far[unit])
        d, e = far[friend], far[foe]
        if method == "lvq1":
            to, away = (1.0, 0.0) if d < e else (0.0, 1.0)
        elif method == "lvq2.1":
            to = away = float(min(d / e, e / d) ** 0.5 > (1 - 0.3) / (1 + 0.3))
        else:
            sigmoid = 1 / (1 + np.exp(-10 * (d - e) / (d + e)))
            slope = 4 * sigmoid * (1 - sigmoid)
            to, away = slope * e / (d + e), slope * d / (d + e)
        for unit, pull in ((friend, rate * to), (foe, -rate * away)):
            change[unit] += pull * (vector - weights[unit])
            pulls[unit] += abs(pull)
    return weights + change * (0.5 / np.maximum(pulls, 0.5))[:, None]


@pytest.mark.parametrize("method", RULES)
def test_one_step_is_that_of_a_naive_loop(method: str) -> None:
    vectors, labels = blobs(40, 0)
    weights = noise(12, 5, seed=1).astype(np.float32)
    told = np.arange(12) % 3
    *_, end = learn(
        vectors, labels, weights, told, "euclidean", TuningSettings(method, epochs=1, rate=0.05)
    )
    assert end.weights is not None
    expected = naive(vectors, labels, weights, told, method, 0.05)
    np.testing.assert_allclose(end.weights, expected, atol=1e-5)
    assert np.abs(end.weights - weights).max() > 0.001


@pytest.mark.parametrize("method", RULES)
@pytest.mark.parametrize("metric", ["euclidean", "cosine", "manhattan", "masked"])
@pytest.mark.slow
def test_pictures_that_were_not_seen_are_told_better(method: str, metric: str) -> None:
    vectors, labels = blobs(2000, 0)
    fresh, true = blobs(1000, 1)
    random = np.random.default_rng(3)
    start = vectors[:12] + random.normal(0, 0.5, (12, 5)).astype(np.float32)
    told = np.array([0, 1, 2] * 4)
    mask = np.array([1, 1, 0.5, 1, 0.2])
    wanted = Metric("euclidean", mask) if metric == "masked" else Metric(metric)
    steps = list(learn(vectors, labels, start, told, wanted, TuningSettings(method, rate=0.05)))
    shares = []
    for weights in (start, steps[-1].weights):
        assert weights is not None
        units, _ = nearest_units(fresh, weights, wanted)
        shares.append(np.mean(told[units[:, 0]] == true))
    assert shares[1] > shares[0] + 0.03
    assert np.isfinite(steps[-1].weights).all()


def test_steps_are_short_and_repeatable_and_leave_the_start_alone() -> None:
    vectors, labels = blobs(1000, 0)
    start = noise(12, 5, seed=1).astype(np.float32)
    kept, told = start.copy(), np.arange(12) % 3
    runs = [list(learn(vectors, labels, start, told)) for _ in range(2)]
    assert (start == kept).all()
    assert (runs[0][-1].weights == runs[1][-1].weights).all()
    fractions = [step.fraction for step in runs[0]]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] == 1
    assert all(step.weights is None for step in runs[0][:-1])
    assert len(runs[0]) == 10 * -(-1000 // lvq._BATCH) + 1


def test_a_label_that_no_unit_stands_for_only_pushes_nothing() -> None:
    vectors, labels = blobs(300, 0)
    start = noise(6, 5, seed=1).astype(np.float32)
    for method in RULES:
        *_, end = learn(
            vectors, labels, start, np.array([0, 1] * 3), settings=TuningSettings(method, 2)
        )
        assert end.weights is not None
        assert np.isfinite(end.weights).all()


@pytest.mark.parametrize(
    "values", [{"method": "nope"}, {"epochs": 0}, {"rate": 0.0}, {"rate": 1.5}]
)
def test_settings_that_make_no_sense_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        TuningSettings(**values)
