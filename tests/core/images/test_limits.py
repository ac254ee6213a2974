"""Limits a person can change: each is kept, named where it refuses, and known to the helpers."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from data import write_picture
from PIL import Image

from image2map_gui.core.errors import ParameterError, PictureError
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.limits import Limits, limits, setting
from image2map_gui.core.images.pool import apart, apart_in_order, end_helpers, warm_up
from image2map_gui.core.images.sources import Source, find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.options import from_plain, options_of, to_plain

Limited = Callable[..., None]


def known_to_helper(_item: int) -> bytes:
    return f"{limits().max_megapixels} {os.getpid()}".encode()


def slow(item: float) -> bytes:
    time.sleep(item)
    return b"done"


def greedy(item: int) -> bytes:
    return b"%d" % len(bytearray(item << 20))


def noisy(path: Path, **values: object) -> Path:
    Image.effect_noise((200, 100), 60).save(path, **values)
    return path


def reason(path: Path) -> str:
    """Why a picture is skipped, when helpers read it."""
    *_, reading = read_dataset(find_sources([path]), ImageSpec(size=(8, 8)))
    (one,) = reading.dataset.skipped
    with pytest.raises(PictureError) as refusal:  # as in this process
        read_image(Source(str(path)))
    assert str(refusal.value) == one.reason
    return one.reason


def test_every_limit_has_a_range_a_help_and_a_plain_form() -> None:
    for one in options_of(Limits):
        assert one.low is not None
        assert one.high is not None
        assert one.help.endswith(".")
        assert one.unit
        with pytest.raises(ParameterError):
            from_plain(Limits, {one.name: one.high + 1})
    other = Limits(max_megapixels=100, seconds_per_picture=0.5)
    assert from_plain(Limits, to_plain(other)) == other


@pytest.mark.parametrize("name", [one.name for one in options_of(Limits)])
def test_a_limit_is_named_so_that_it_is_found_in_the_window_and_on_the_command_line(
    name: str,
) -> None:
    label = next(one.label for one in options_of(Limits) if one.name == name)
    assert setting(name).casefold() == f"setting '{label}'".casefold()
    assert label.casefold().replace(" ", "_") == name


@pytest.mark.slow
def test_the_size_of_a_file(tmp_path: Path, limited: Limited) -> None:
    path = tmp_path / "a.bmp"
    write_picture(path, np.zeros((700, 600, 3), np.uint8))
    assert path.stat().st_size > 1 << 20
    limited(max_file_mb=1)
    assert reason(path) == "is larger than 1 MB (setting 'max file MB')"
    limited(max_file_mb=2)
    assert read_image(Source(str(path))).size == (600, 700)


@pytest.mark.slow
def test_the_number_of_pixels_can_be_lowered_and_raised(tmp_path: Path, limited: Limited) -> None:
    path = write_picture(tmp_path / "a.png", np.zeros((1000, 1500), np.uint8))
    limited(max_megapixels=1)
    assert reason(path).endswith("it must have less than 1 (setting 'max megapixels')")
    limited(max_megapixels=2)
    assert read_image(Source(str(path))).size == (1500, 1000)
    large = tmp_path / "large.png"  # more than Pillow itself allows
    Image.new("1", (20_000, 10_000)).save(large)
    assert "200 million pixels" in reason(large) or "far more" in reason(large)
    limited(max_megapixels=250)
    *_, reading = read_dataset(find_sources([large]), ImageSpec(size=(8, 8)))
    assert reading.dataset.skipped == ()


def test_the_side(tmp_path: Path, limited: Limited) -> None:
    path = noisy(tmp_path / "a.png")
    limited(max_side=199)
    assert reason(path) == "has a side of 200 pixels; the limit is 199 (setting 'max side')"
    limited(max_side=200)
    assert read_image(Source(str(path))).size == (200, 100)


def test_the_scans_of_a_progressive_jpeg(tmp_path: Path, limited: Limited) -> None:
    path = noisy(tmp_path / "a.jpg", progressive=True)
    limited(max_scans=3)
    assert reason(path) == "has more than 3 scans (setting 'max scans')"
    limited(max_scans=20)
    assert read_image(Source(str(path))).size == (200, 100)


@pytest.mark.slow
def test_the_time_for_one_picture(limited: Limited) -> None:
    limited(seconds_per_picture=0.5)
    began = time.perf_counter()
    answers = [one.answer for one in apart_in_order(slow, [0.0, 30.0, 0.0]) if one is not None]
    late = "took longer than 0.5 s to decode (setting 'seconds per picture')"
    assert answers == [b"done", late, b"done"]
    assert time.perf_counter() - began < 10


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such limit")
@pytest.mark.slow
def test_the_memory_for_one_picture(limited: Limited) -> None:
    for most, fits in ((512, False), (1024, True)):
        limited(memory_per_picture=most)
        (said,) = [one.answer for one in apart(greedy, [700]) if one is not None]
        refusal = "needs too much memory; the limit is 512 MB (setting 'memory per picture')"
        assert said == (b"%d" % (700 << 20) if fits else refusal)


@pytest.mark.slow
def test_helpers_keep_to_the_limits_that_hold_when_they_are_hired(limited: Limited) -> None:
    end_helpers()
    seen = []
    for most in (64, 3, 3, 200):
        limited(max_megapixels=most)
        warm_up(known_to_helper)
        (said,) = [one.answer for one in apart(known_to_helper, [0]) if one is not None]
        assert isinstance(said, bytes)
        told, process = map(int, said.split())
        assert told == most
        seen.append(process)
    assert len(set(seen)) == 3  # the one with the right limits was kept
    assert os.getpid() not in seen
