"""Smoothed counts, against a naive loop, and on pictures whose true shares are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from image2map_gui.core.analysis import frequencies
from image2map_gui.core.analysis.frequencies import heat_of, heated, smoothed
from image2map_gui.core.analysis.scores import calibration_error
from image2map_gui.core.som.grid import Grid

COUNTS = arrays.arrays(np.int64, (12, 3), elements=st.integers(0, 9))


def naive(counts: np.ndarray, grid: Grid) -> tuple[np.ndarray, float]:
    units, labels = counts.shape
    overall = (counts.sum(axis=0) + 1) / (counts.sum() + labels)
    around = np.empty(counts.shape)
    for unit in range(units):
        near = counts[list(grid.neighbours(unit))].sum(axis=0)
        around[unit] = (near + overall) / (near.sum() + 1)

    def likelihood(strength: float) -> float:
        total = 0.0
        for unit in range(units):
            for label in range(labels):
                for _ in range(counts[unit, label]):
                    others = counts[unit].copy()
                    others[label] -= 1
                    share = others[label] + strength * around[unit, label]
                    total += np.log(share / (others.sum() + strength))
        return total - (np.log(strength / 0.7) / 0.7) ** 2 / 2

    best = max(frequencies._STRENGTHS, key=likelihood)
    totals = counts.sum(axis=1, keepdims=True)
    return (counts + best * around) / (totals + best), likelihood(best)


@pytest.mark.parametrize("topology", ["grid", "mesh", "ring"])
@given(counts=COUNTS)
@pytest.mark.slow
def test_shares_are_those_of_a_naive_loop(topology: str, counts: np.ndarray) -> None:
    grid = Grid(3, 4, topology)
    found = smoothed(counts, grid)
    expected, _ = naive(counts, grid)
    np.testing.assert_allclose(found.shares.sum(axis=1), 1)
    np.testing.assert_allclose(found.shares, expected, atol=1e-9)


def test_a_map_of_one_unit_and_of_one_label() -> None:
    alone = smoothed(np.array([[3, 1]]), Grid(1, 1))
    assert alone.shares[0, 0] > 0.5
    sole = smoothed(np.array([[3], [0]]), Grid(1, 2)).shares
    assert (sole < 1).all()  # there may be another label
    assert sole[0, 0] > sole[1, 0] > 0.5


def test_units_of_one_labelled_picture_say_nothing_about_the_strength() -> None:
    counts = np.zeros((16, 4), int)
    counts[np.arange(0, 16, 2), np.arange(8) % 4] = 1
    found = smoothed(counts, Grid(4, 4))
    assert found.strength == pytest.approx(0.7, rel=0.2)
    assert found.shares.max() < 0.8


def test_confidence_is_as_often_right_as_it_says() -> None:
    """Few pictures per unit: the plain share of the unit's pictures claims far too much."""
    random = np.random.default_rng(0)
    grid = Grid(30, 30)
    angle = grid.positions / 30 * 3
    logits = np.stack([np.sin(angle[:, 0] * k + angle[:, 1]) * 3 for k in range(1, 6)], axis=1)
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    counts = np.array([random.multinomial(random.poisson(4), row) for row in true])
    shares = smoothed(counts, grid).shares
    label = shares.argmax(axis=1)
    drawn = np.array([random.choice(5, size=40, p=row) for row in true])
    right = (drawn == label[:, None]).ravel()
    sure = np.repeat(shares.max(axis=1), 40)
    plain = np.repeat(counts.max(axis=1) / np.maximum(counts.sum(axis=1), 1), 40)
    plain_right = (drawn == counts.argmax(axis=1)[:, None]).ravel()
    assert calibration_error(sure, right) < 0.05
    assert calibration_error(plain, plain_right) > 0.1


def test_heat_is_found_again() -> None:
    random = np.random.default_rng(1)
    true = random.dirichlet(np.ones(4), 4000)
    counts = np.array([random.multinomial(5, row) for row in true])
    assert heat_of(true, counts) == pytest.approx(1, rel=0.1)
    flat = heated(true, 2.0)
    assert heat_of(flat, counts) == pytest.approx(0.5, rel=0.1)
    np.testing.assert_allclose(heated(flat, 0.5), true, atol=1e-9)
    assert heat_of(true, np.zeros_like(counts)) == 1
