"""The pruned search against a dense one in float64."""

from __future__ import annotations

import numpy as np
import pytest
from data import noise
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from image2map_gui.core.som.pruning import Pruning, Sieve, turned_to

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]
MANY = 1_000_000  # vectors: so many that the search for axes costs nothing beside them


def singles(array: Floats) -> NDArray[np.float32]:
    return np.ascontiguousarray(array, np.float32)


def half_norms(units: Floats) -> Floats:
    return np.asarray((units.astype(np.float64) ** 2).sum(axis=1) / 2, units.dtype)


def squares(vectors: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", vectors, vectors))


def axes_of(units: Floats, count: int) -> Floats:
    """The exact principal axes of the units."""
    return np.ascontiguousarray(np.linalg.svd(units, full_matrices=True)[2][:count])


def random_axes(features: int, count: int) -> Floats:
    return np.linalg.qr(singles(noise(features, count, seed=5)) - 0.5)[0].T


def exact_scores(vectors: Floats, units: Floats, offsets: Floats) -> NDArray[np.float64]:
    return vectors.astype(np.float64) @ units.T.astype(np.float64) - offsets.astype(np.float64)


def rounding(vectors: Floats, units: Floats) -> NDArray[np.float64]:
    """What the last digits of a score may amount to."""
    largest = (units.astype(np.float64) ** 2).sum(axis=1).max()
    lengths = (vectors.astype(np.float64) ** 2).sum(axis=1)
    return np.asarray(16 * np.finfo(vectors.dtype).eps * (lengths + largest))


def check(sieve: Sieve, vectors: Floats, units: Floats, offsets: Floats) -> Indices:
    """Assert that the winners are those of a dense search but for rounding; return them."""
    winners, best = sieve.best(vectors, squares(vectors))
    scores = exact_scores(vectors, units, offsets)
    ours = scores[np.arange(len(vectors)), winners]
    slack = rounding(vectors, units)
    assert (ours >= scores.max(axis=1) - slack).all()
    assert (np.abs(best - ours) <= slack).all()
    return winners


def smooth_map(side: int, features: int) -> NDArray[np.float32]:
    """A map of ``side * side`` units that neighbour each other closely, as trained ones do."""
    waves = np.random.default_rng(1).normal(size=(25, features))
    turn = np.linspace(0, np.pi, side)
    along = np.cos(np.arange(5)[:, None] * turn)
    shapes = np.einsum("ai,bj->abij", along, along).reshape(25, side * side)
    scatter = np.random.default_rng(2).normal(size=(side * side, features))
    return singles(shapes.T @ waves / 25 + scatter / 2000)


def scattered(units: Floats, count: int, width: float) -> NDArray[np.float32]:
    """Vectors around the units."""
    rng = np.random.default_rng(3)
    near = units[rng.integers(len(units), size=count)]
    return singles(near + rng.normal(0, width, size=near.shape))


CENTRES = singles(noise(12, 30, seed=7))
CASES = {
    "noise": (singles(noise(700, 40)), singles(noise(90, 40, seed=1))),
    "clusters": (scattered(CENTRES, 600, 0.05), scattered(CENTRES, 200, 0.05)),
    "smooth": (scattered(smooth_map(12, 50), 600, 0.3), smooth_map(12, 50)),
    "vectors that are units": (smooth_map(9, 30), smooth_map(9, 30)),
    "far from the origin": (singles(noise(50, 20)) + 30, singles(noise(60, 20, seed=1)) + 30),
    "one unit": (singles(noise(20, 8)), singles(noise(1, 8, seed=1))),
    "two units": (singles(noise(20, 8)), singles(noise(2, 8, seed=1))),
    "one feature": (singles(noise(80, 1)), singles(noise(50, 1, seed=1))),
    "vectors all equal": (np.full((40, 9), 0.3, np.float32), singles(noise(30, 9))),
    "units all equal": (singles(noise(30, 9)), np.full((40, 9), 0.3, np.float32)),
    "all black": (np.zeros((10, 6), np.float32), np.zeros((25, 6), np.float32)),
    "huge": (singles(noise(40, 12)) * 1e15, singles(noise(50, 12, seed=1)) * 1e15),
    "no vectors": (np.zeros((0, 12), np.float32), singles(noise(50, 12))),
    "double precision": (noise(90, 15), noise(60, 15, seed=1)),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("share", [0.0, 0.2, 0.6, 1.0])
def test_on_the_best_axes_winners_are_those_of_a_dense_search(case: str, share: float) -> None:
    vectors, units = CASES[case]
    offsets = half_norms(units)
    axes = axes_of(units, max(1, int(share * units.shape[1])))
    check(Sieve(turned_to(units, offsets, axes)), vectors, units, offsets)


@pytest.mark.parametrize("case", CASES)
def test_on_axes_that_have_nothing_to_do_with_the_units_winners_are_the_same(case: str) -> None:
    vectors, units = CASES[case]
    offsets = half_norms(units)
    axes = random_axes(units.shape[1], (units.shape[1] + 2) // 3).astype(units.dtype)
    check(Sieve(turned_to(units, offsets, axes)), vectors, units, offsets)


@given(st.data())
def test_any_numbers_have_the_winners_of_a_dense_search(data: st.DataObject) -> None:
    features = data.draw(st.integers(1, 6))
    whole_or_not = data.draw(
        st.sampled_from([st.integers(-3, 3).map(float), st.floats(-1000, 1000, width=32)])
    )
    vectors = data.draw(
        arrays(np.float32, (data.draw(st.integers(1, 9)), features), elements=whole_or_not)
    )
    units = data.draw(
        arrays(np.float32, (data.draw(st.integers(1, 40)), features), elements=whole_or_not)
    )
    axes = random_axes(features, data.draw(st.integers(1, features)))
    check(Sieve(turned_to(units, half_norms(units), axes)), vectors, units, half_norms(units))


def test_of_equal_units_the_lowest_wins() -> None:
    once = smooth_map(8, 20)
    units = np.concatenate([once, once, once])
    offsets = half_norms(units)
    vectors = scattered(once, 300, 0.2)
    winners = check(Sieve(turned_to(units, offsets, axes_of(units, 6))), vectors, units, offsets)
    assert (winners < len(once)).all()
    assert len(np.unique(winners)) > 20


def test_of_equal_scores_the_lower_unit_wins_though_its_bound_is_lower() -> None:
    vectors = np.array([[1, 1, 0]], np.float32)
    units = np.array([[1, 0, 0], [1, 1, 1]], np.float32)
    offsets = half_norms(units)
    scores = exact_scores(vectors, units, offsets)
    assert scores[0, 0] == scores[0, 1]
    axes = np.array([[1, 0, 0]], np.float32)
    winners, best = Sieve(turned_to(units, offsets, axes)).best(vectors, squares(vectors))
    assert (winners.tolist(), best.tolist()) == ([0], [0.5])


def test_scores_need_not_be_those_of_distances() -> None:
    vectors, units = scattered(smooth_map(9, 30), 200, 0.3), smooth_map(9, 30)
    offsets = singles(noise(len(units), 1, seed=6))[:, 0] - 0.5
    winners = check(Sieve(turned_to(units, offsets, axes_of(units, 8))), vectors, units, offsets)
    assert winners.tolist() == exact_scores(vectors, units, offsets).argmax(axis=1).tolist()


def test_second_winners_are_those_of_a_dense_search() -> None:
    vectors, units = CASES["smooth"]
    offsets = half_norms(units)
    sieve = Sieve(turned_to(units, offsets, axes_of(units, 8)))
    scores = exact_scores(vectors, units, offsets)
    winners = scores.argmax(axis=1)
    scores[np.arange(len(vectors)), winners] = -np.inf
    seconds, best = sieve.best(vectors, squares(vectors), without=winners)
    assert seconds.tolist() == scores.argmax(axis=1).tolist()
    np.testing.assert_allclose(best, scores.max(axis=1), rtol=1e-5)


def test_a_large_smooth_map_is_searched_on_few_axes_epoch_after_epoch() -> None:
    units = smooth_map(40, 600)
    vectors = scattered(units, 1200, 0.3)
    pruning = Pruning(vectors, MANY)
    widths = []
    for epoch in range(3):
        moved = singles(units * (1 + epoch / 20))
        sieve = pruning.sieve(moved, half_norms(moved))
        assert sieve is not None
        widths.append(sieve.axes)
        check(sieve, vectors, moved, half_norms(moved))
    assert max(widths) <= 64


def test_a_map_that_grows_richer_is_searched_on_more_axes() -> None:
    plain = smooth_map(40, 600)
    scatter = singles(np.random.default_rng(4).normal(size=(1600, 60)))
    rich = plain + 0.1 * scatter @ random_axes(600, 60)
    vectors = scattered(rich, 1200, 0.1)
    pruning = Pruning(vectors, MANY)
    widths = []
    for units in (plain, rich, rich):
        sieve = pruning.sieve(units, half_norms(units))
        widths.append(sieve.axes if sieve else 0)
        if sieve:
            check(sieve, vectors, units, half_norms(units))
    assert 0 < widths[0] < 60 <= widths[-1]


def test_units_without_few_axes_are_left_to_the_dense_search_and_then_found_again() -> None:
    smooth = smooth_map(40, 600)
    wild = singles(noise(1600, 600, seed=1))
    pruning = Pruning(scattered(smooth, 600, 0.3), MANY)
    assert pruning.sieve(wild, half_norms(wild)) is None
    assert pruning.sieve(smooth, half_norms(smooth)) is not None


@pytest.mark.parametrize(("side", "features"), [(10, 784), (2, 784), (50, 12), (1, 1)])
def test_small_maps_and_short_vectors_are_left_to_the_dense_search(
    side: int, features: int
) -> None:
    units = smooth_map(side, features)
    assert Pruning(scattered(units, 500, 0.3), MANY).sieve(units, half_norms(units)) is None


def test_without_vectors_nothing_is_pruned() -> None:
    units = smooth_map(40, 600)
    assert Pruning(np.zeros((0, 600), np.float32)).sieve(units, half_norms(units)) is None
