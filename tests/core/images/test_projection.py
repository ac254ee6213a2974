"""z-scores and principal components, against NumPy's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.images.projection import Projection, fit_projection


def drawn(count: int = 300, length: int = 12, seed: int = 0) -> np.ndarray:
    draws = np.random.default_rng(seed)
    mixed = draws.normal(size=(count, length)) @ draws.normal(size=(length, length))
    return (mixed * np.linspace(0.1, 3, length) + 5).astype(np.float32)


def test_z_scores_have_no_mean_and_a_spread_of_one() -> None:
    vectors = drawn()
    made = fit_projection(vectors, standardize=True, variance=None).apply(vectors)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(made.std(axis=0), 1, atol=1e-5)


def test_a_number_that_never_changes_is_no_division_by_zero() -> None:
    vectors = drawn()
    vectors[:, 3] = 0.7
    found = fit_projection(vectors, standardize=True, variance=None)
    made = found.apply(vectors)
    np.testing.assert_allclose(made[:, 3], 0, atol=1e-6)
    np.testing.assert_allclose(found.undo(made), vectors, atol=1e-4)


@given(st.integers(0, 200), st.booleans(), st.booleans())
def test_with_nearly_all_of_the_variance_vectors_come_back(
    seed: int, standardize: bool, whiten: bool
) -> None:
    vectors = drawn(60, 5, seed)
    found = fit_projection(vectors, standardize=standardize, variance=0.9999999, whiten=whiten)
    np.testing.assert_allclose(found.undo(found.apply(vectors)), vectors, atol=0.05)


def test_axes_are_the_principal_components() -> None:
    vectors = drawn()
    values, axes = np.linalg.eigh(np.cov(vectors.astype(np.float64), rowvar=False))
    share = np.cumsum(values[::-1]) / values.sum()
    wanted = int(np.searchsorted(share, 0.9) + 1)
    found = fit_projection(vectors, standardize=False, variance=0.9)
    assert found.length == wanted
    assert found.axes is not None
    overlap = np.abs(np.sum(found.axes * axes[:, ::-1].T[:wanted], axis=1))
    np.testing.assert_allclose(overlap, 1, atol=1e-3)
    made = found.apply(vectors)
    np.testing.assert_allclose(made.var(axis=0, ddof=1), values[::-1][:wanted], rtol=1e-3)


def test_whitened_components_all_have_the_same_spread() -> None:
    vectors = drawn()
    found = fit_projection(vectors, standardize=False, variance=0.99, whiten=True)
    np.testing.assert_allclose(found.apply(vectors).std(axis=0, ddof=1), 1, rtol=1e-3)


def test_distances_survive_a_full_turn() -> None:
    vectors = drawn(40, 6)
    made = fit_projection(vectors, standardize=False, variance=0.9999999).apply(vectors)
    before = np.linalg.norm(vectors[:, None] - vectors, axis=-1)
    after = np.linalg.norm(made[:, None] - made, axis=-1)
    np.testing.assert_allclose(after, before, rtol=1e-3, atol=0.05)


def test_a_mask_is_in_the_axes() -> None:
    """Distances of projected vectors are masked ones, as without axes; what is masked is mean."""
    vectors = drawn(50, 6)
    mask = np.array([1, 1, 0.25, 1, 0, 1.0])
    found = fit_projection(vectors, standardize=False, variance=0.9999999, mask=mask)
    made = found.apply(vectors)
    before = np.sqrt((mask * np.square(vectors[:, None] - vectors)).sum(axis=-1))
    after = np.linalg.norm(made[:, None] - made, axis=-1)
    np.testing.assert_allclose(after, before, rtol=1e-3, atol=0.05)
    back = found.undo(made)
    np.testing.assert_allclose(back[:, 4], vectors[:, 4].mean(), rtol=1e-4)
    np.testing.assert_allclose(back[:, 2], vectors[:, 2], atol=0.1)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("alike", [False, True])
def test_few_pictures_and_equal_ones_have_an_axis(count: int, alike: bool) -> None:
    vectors = np.ones((count, 4), np.float32) if alike else drawn(count, 4)
    found = fit_projection(vectors, standardize=True, variance=0.95, whiten=True)
    made = found.apply(vectors)
    assert made.shape == (count, found.length)
    assert np.isfinite(made).all()
    assert np.isfinite(found.undo(made)).all()


def test_long_vectors_are_found_from_fewer_pictures() -> None:
    vectors = np.random.default_rng(1).normal(size=(40, 3000)).astype(np.float32)
    vectors[:, :5] *= 40
    found = fit_projection(vectors, standardize=False, variance=0.5)
    assert found.length <= 5
    assert isinstance(found, Projection)
