"""Pictures brought to one size; what the other fits do is tested with the spec."""

from __future__ import annotations

import numpy as np
import pytest
from data import shared
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.framing import FITS, framed
from image2map_gui.core.images.sources import find_sources


def with_detail(where: slice, length: int = 300) -> Image.Image:
    """A plain grey strip with a chequered part."""
    pixels = np.full((100, length), 128, np.uint8)
    part = pixels[:, where]
    part[:] = np.where(np.indices(part.shape).sum(axis=0) // 10 % 2, 255, 0)
    return Image.fromarray(pixels)


@pytest.mark.parametrize("begin", [0, 60, 140, 200])
def test_smart_cuts_where_there_is_least_detail(begin: int) -> None:
    image = with_detail(slice(begin, begin + 100))
    contrast = np.asarray(framed(image, (50, 50), "smart", 0)).std(axis=0)
    assert (contrast[5:-5] > 60).all()
    upright = image.transpose(Image.Transpose.TRANSPOSE)
    contrast = np.asarray(framed(upright, (50, 50), "smart", 0)).std(axis=1)
    assert (contrast[5:-5] > 60).all()


def test_smart_shows_the_middle_of_what_has_no_detail() -> None:
    image = Image.new("RGB", (300, 100), (90, 20, 30))
    assert framed(image, (40, 40), "smart", 0) == framed(image, (40, 40), "crop", 0)
    middle = with_detail(slice(0, 300))
    smart, crop = (np.asarray(framed(middle, (40, 40), fit, 0)) for fit in ("smart", "crop"))
    assert np.abs(smart.astype(int) - crop).mean() < 16  # all parts alike: about the middle


@given(
    st.sampled_from(FITS),
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.sampled_from(["L", "RGB"]),
)
def test_every_fit_gives_the_size(
    fit: str, before: tuple[int, int], size: tuple[int, int], mode: str
) -> None:
    image = Image.new(mode, before, 200 if mode == "L" else (200, 10, 90))
    made = framed(image, size, fit, 255)
    assert made.size == size
    assert made.mode == mode


@pytest.mark.parametrize("size", [(28, 37), (16, 16), (32, 32)])
@pytest.mark.slow
def test_averaging_first_changes_photographs_by_less_than_a_shade(size: tuple[int, int]) -> None:
    """Against cutting and resampling in one step, which is four times as slow."""
    packed = shared("data", "clothing.zip")
    if not packed.exists():
        pytest.skip("the shared photographs are not here")
    errors = []
    for source in find_sources([packed]).sources[::60]:
        photograph = read_image(source)
        quick = np.asarray(framed(photograph, size, "crop", 255), float)
        slow = np.asarray(ImageOps.fit(photograph, size, Image.Resampling.LANCZOS), float)
        errors.append(np.abs(quick - slow).mean())
    assert len(errors) > 90
    assert np.mean(errors) < 0.7  # of 255
    assert max(errors) < 2


@pytest.mark.parametrize("shape", [(60, 60), (60, 90), (91, 40), (33, 33)])
def test_near_sizes_are_cut_as_pillow_cuts_them(shape: tuple[int, int]) -> None:
    photograph = Image.effect_noise(shape, 80)
    wanted = ImageOps.fit(photograph, (30, 30), Image.Resampling.LANCZOS)
    assert np.array_equal(np.asarray(framed(photograph, (30, 30), "crop", 255)), wanted)
