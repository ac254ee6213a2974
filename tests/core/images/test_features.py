"""Features of pictures: lengths, ranges, and what each is blind to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from image2map_gui.core.images.features import (
    FEATURES,
    feature_count,
    features_of,
    features_shown,
)

KINDS = [kind for kind in FEATURES if kind != "pixels"]


def colours(seed: int, height: int = 24, width: int = 32) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def stripes(angle: float, side: int = 32) -> np.ndarray:
    across, down = np.meshgrid(np.arange(side), np.arange(side))
    wave = np.cos((across * np.cos(angle) + down * np.sin(angle)) * 0.8)
    return np.repeat((127 * (wave + 1)).astype(np.uint8)[..., None], 3, axis=2)


@settings(max_examples=60)
@given(st.sampled_from(KINDS), st.integers(1, 70), st.integers(1, 70), st.integers(0, 99))
def test_any_size_gives_the_length_told_and_numbers_from_0_to_1(
    kind: str, width: int, height: int, seed: int
) -> None:
    if kind == "hog" and min(width, height) < 3:
        width, height = width + 2, height + 2
    pixels = colours(seed, height, width)
    vector = features_of(pixels, kind)
    assert vector.shape == (feature_count(kind, (width, height)),)
    assert vector.dtype == np.float32
    assert vector.min() >= 0
    assert vector.max() <= 1 + 1e-6
    assert np.array_equal(vector, features_of(pixels, kind))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(1, 1), (2, 1), (2, 2), (512, 3)])
def test_the_smallest_pictures_have_features(kind: str, size: tuple[int, int]) -> None:
    pixels = colours(1, size[1], size[0])
    assert features_of(pixels, kind).shape == (feature_count(kind, size),)
    assert np.isfinite(features_of(pixels, kind)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_plain_picture_has_features(kind: str) -> None:
    plain = np.full((20, 20, 3), 130, np.uint8)
    assert np.isfinite(features_of(plain, kind)).all()
    assert features_shown(plain, kind).dtype == np.uint8


@pytest.mark.parametrize("kind", KINDS)
def test_features_can_be_looked_at(kind: str) -> None:
    shown = features_shown(colours(3), kind)
    assert shown.ndim == 2
    assert shown.max() == 255


def test_hog_sees_directions_not_light() -> None:
    upright, lying = stripes(0.0), stripes(np.pi / 2)
    darker = (upright * 0.5).astype(np.uint8)
    same = np.linalg.norm(features_of(upright, "hog") - features_of(darker, "hog"))
    other = np.linalg.norm(features_of(upright, "hog") - features_of(lying, "hog"))
    assert other > 5 * same


def test_a_histogram_of_colours_does_not_see_where_they_are() -> None:
    pixels = colours(4)
    mixed = np.random.default_rng(0).permutation(pixels.reshape(-1, 3)).reshape(pixels.shape)
    np.testing.assert_allclose(
        features_of(pixels, "lab-histogram"), features_of(mixed, "lab-histogram"), atol=1e-6
    )
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 200
    blue = red[..., ::-1]
    shares = [features_of(one, "lab-histogram") for one in (red, blue)]
    assert np.linalg.norm(shares[0] - shares[1]) == pytest.approx(np.sqrt(2), abs=0.05)


def test_the_squares_of_a_histogram_sum_to_one() -> None:
    assert np.square(features_of(colours(5), "lab-histogram")).sum() == pytest.approx(1, abs=1e-5)


def test_fourier_magnitudes_do_not_see_where_things_are() -> None:
    pixels = colours(6)
    moved = np.roll(pixels, (5, -9), axis=(0, 1))
    np.testing.assert_allclose(
        features_of(pixels, "fourier"), features_of(moved, "fourier"), atol=1e-5
    )


def test_fourier_magnitudes_equal_the_sum_they_stand_for() -> None:
    pixels = colours(7, 3, 4)
    grey = pixels @ np.array([0.299, 0.587, 0.114]) / 255
    grey = grey - grey.mean()
    down, across = np.mgrid[:3, :4]

    def magnitude(v: int, u: int) -> float:
        return abs((grey * np.exp(-2j * np.pi * (v * down / 3 + u * across / 4))).sum())

    expected = [[magnitude(v, u) for u in range(3)] for v in range(3)]
    vector = features_of(pixels, "fourier").reshape(3, 3)
    np.testing.assert_allclose(vector, np.log1p(expected) / np.log1p(12), atol=1e-5)


def test_textures_tell_stripes_from_noise_whatever_the_light() -> None:
    first = stripes(0.3) // 2
    brighter = first + 90
    grain = colours(8, 32, 32)
    same = np.linalg.norm(features_of(first, "lbp") - features_of(brighter, "lbp"))
    other = np.linalg.norm(features_of(first, "lbp") - features_of(grain, "lbp"))
    assert other > 3 * same


def test_each_field_of_textures_sums_to_one() -> None:
    vector = np.square(features_of(colours(9), "lbp"))
    assert vector[:90].reshape(9, 10).sum(axis=1) == pytest.approx(np.ones(9), abs=1e-5)
    assert vector[90:].reshape(9, 18).sum(axis=1) == pytest.approx(np.ones(9), abs=1e-5)
