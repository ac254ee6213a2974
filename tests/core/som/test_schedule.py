"""Decay of rate and radius, and how learning fades with distance."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.som.schedule import decay, influence

NAMES = ("gaussian", "bubble", "epanechnikov", "triangle")
KINDS = ("exponential", "linear")


@given(
    st.sampled_from(KINDS),
    st.floats(1e-3, 1e3),
    st.floats(0, 1),
    st.integers(2, 60),
)
def test_decay_hits_both_ends_and_never_rises(
    kind: str, start: float, share: float, epochs: int
) -> None:
    end = start * share
    values = [decay(kind, start, end, epoch, epochs) for epoch in range(epochs)]
    assert values[0] == start
    assert values[-1] == end
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in itertools.pairwise(values))
    assert all(end * (1 - 1e-12) <= value <= start for value in values)


@pytest.mark.parametrize("kind", KINDS)
def test_one_epoch_runs_at_the_start(kind: str) -> None:
    assert decay(kind, 5.0, 0.5, 0, 1) == 5.0


def test_decay_by_hand() -> None:
    halves = [decay("exponential", 8, 0.5, epoch, 5) for epoch in range(5)]
    assert halves == pytest.approx([8, 4, 2, 1, 0.5])
    steps = [decay("linear", 8, 4, epoch, 5) for epoch in range(5)]
    assert steps == pytest.approx([8, 7, 6, 5, 4])


def test_exponential_decay_follows_its_formula_also_to_small_ends() -> None:
    values = [decay("exponential", 1, 1e-4, epoch, 5) for epoch in range(5)]
    assert values == pytest.approx([1, 0.1, 0.01, 0.001, 0.0001])


@pytest.mark.parametrize("kind", KINDS)
def test_decay_to_nothing_stays_finite_on_the_way(kind: str) -> None:
    values = [decay(kind, 10, 0, epoch, 6) for epoch in range(6)]
    assert values[-1] == 0
    assert all(value > 0 for value in values[:-1])
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_decays_to_nothing(kind: str) -> None:
    assert [decay(kind, 0, 0, epoch, 3) for epoch in range(3)] == [0, 0, 0]


@pytest.mark.parametrize("name", NAMES)
@given(radius=st.floats(0, 1e4))
def test_the_winner_learns_in_full_and_others_less(name: str, radius: float) -> None:
    distances = np.linspace(0, 50, 101)
    shares = influence(name, distances, radius)
    assert shares[0] == 1
    assert ((shares >= 0) & (shares <= 1)).all()
    assert (np.diff(shares) <= 0).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("radius", [0.0, 1e-300, 1e-7])
def test_at_radius_zero_only_the_winner_learns(name: str, radius: float) -> None:
    shares = influence(name, np.array([[0.0, 1.0], [math.sqrt(2), 0.0]]), radius)
    assert shares.tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gaussian", [1, math.exp(-1 / 8), math.exp(-1 / 2), math.exp(-9 / 8)]),
        ("bubble", [1, 1, 1, 0]),  # the border itself still learns
        ("epanechnikov", [1, 0.75, 0, 0]),
        ("triangle", [1, 0.5, 0, 0]),
    ],
)
def test_influence_by_hand(name: str, expected: list[float]) -> None:
    shares = influence(name, np.array([0.0, 1.0, 2.0, 3.0]), 2.0)
    assert shares == pytest.approx(expected)
