"""Contrast, inversion and colour spaces, against known values."""

from __future__ import annotations

import numpy as np
import pytest
from data import noise
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from image2map_gui.core.images.tones import from_space, to_space, toned


def test_invert_turns_dark_and_light_about() -> None:
    pixels = np.array([[0, 100, 255]], np.uint8)
    assert np.asarray(toned(Image.fromarray(pixels), "none", True)).tolist() == [[255, 155, 0]]


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_contrast_of_a_picture_reaches_from_black_to_white(mode: str) -> None:
    grey = Image.fromarray(np.linspace(100, 150, 400).reshape(20, 20).astype(np.uint8))
    made = np.asarray(toned(grey.convert(mode), "picture", False))
    assert made.min() == 0
    assert made.max() == 255
    assert (np.diff(made.reshape(400, -1)[:, 0].astype(int)) >= 0).all()


def test_one_stray_pixel_does_not_spoil_the_contrast() -> None:
    pixels = np.linspace(100, 150, 1000).reshape(20, 50).astype(np.uint8)
    pixels[3, 3] = 255
    made = np.asarray(toned(Image.fromarray(pixels), "picture", False))
    assert made[19, 45] > 200


def test_colours_keep_their_hue_when_the_contrast_is_stretched() -> None:
    red = np.zeros((10, 10, 3), np.uint8)
    red[..., 0] = np.linspace(60, 120, 100).reshape(10, 10)
    made = np.asarray(toned(Image.fromarray(red), "picture", False)).astype(int)
    assert (made[..., 0] >= made[..., 1]).all()
    assert made[..., 0].max() > 200


def test_clahe_shows_what_lies_in_shadow() -> None:
    half = np.where(np.arange(64) < 32, 20, 180)
    pixels = (half + np.random.default_rng(0).integers(0, 15, (64, 64))).astype(np.uint8)
    made = np.asarray(toned(Image.fromarray(pixels), "clahe", False))
    assert made[:, :30].std() > 3 * pixels[:, :30].std()
    assert made.shape == pixels.shape


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (28, 28), (200, 7)])
@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("contrast", ["picture", "clahe"])
def test_every_contrast_takes_any_picture(contrast: str, mode: str, size: tuple[int, int]) -> None:
    plain = Image.new(mode, size, 77 if mode == "L" else (77, 10, 200))
    grain = Image.fromarray((noise(*size[::-1], 1) * 255).astype(np.uint8))
    for image in (plain, grain):
        made = toned(image.convert(mode), contrast, False)
        assert (made.size, made.mode) == (size, mode)
    assert toned(plain, "clahe", False) == plain


def test_lab_distances_are_colour_differences() -> None:
    """White, black and sRGB red in CIE Lab (D65) are (100, 0, 0), (0, 0, 0), (53.2, 80.1, 67.2)."""
    pixels = np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0]], np.uint8)
    values = to_space(pixels, "lab")
    assert values.min() >= 0
    assert values.max() <= 1
    lab = values * 255 - [0, 128, 128]
    expected = [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20]]
    np.testing.assert_allclose(lab, expected, atol=0.05)


def test_reds_at_both_ends_of_the_hue_are_neighbours() -> None:
    pixels = np.array([[255, 0, 4], [255, 4, 0], [0, 255, 255]], np.uint8)
    near, far = to_space(pixels, "hsv")[:2], to_space(pixels, "hsv")[2]
    assert np.linalg.norm(near[0] - near[1]) < 0.02
    assert np.linalg.norm(near[0] - far) > 0.9


@given(st.sampled_from(["lab", "hsv"]), st.integers(0, 1000))
def test_colours_come_back(colour: str, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), np.uint8)
    values = to_space(pixels, colour)
    assert values.shape == pixels.shape
    assert values.dtype == np.float32
    assert values.min() >= 0
    assert values.max() <= 1
    assert np.abs(from_space(values, colour).astype(int) - pixels).max() <= 1


@pytest.mark.parametrize("colour", ["lab", "hsv"])
def test_values_that_are_no_colour_give_the_nearest_without_a_warning(colour: str) -> None:
    values = np.array([[[-1, 2, 0.5], [0.2, 0, 1], [3, -4, 9]]], np.float32)
    assert from_space(values, colour).shape == (1, 3, 3)
