"""Colour quantization against colours counted by hand and distances taken one by one."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from data import write_idx, write_picture
from numpy.typing import NDArray

from image2map_gui.core.errors import SourceError
from image2map_gui.core.images.pool import Answered
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.tones import to_space
from image2map_gui.core.quantize import (
    SAMPLE,
    STANDARD,
    Photo,
    Quantized,
    quantizing,
    reading_photo,
)

RED, BLUE, WHITE = (200, 30, 30), (10, 10, 240), (250, 250, 250)


def photo(pixels: NDArray[np.uint8]) -> Photo:
    return Photo(Source("photo.png"), pixels, pixels)


def quantize(pixels: NDArray[np.uint8], space: str = "rgb", **values: object) -> Quantized:
    *_, step = quantizing(photo(pixels), dataclasses.replace(STANDARD, **values), space)
    assert step.fraction == 1
    assert step.result is not None
    return step.result


def flags(height: int = 30, width: int = 60) -> NDArray[np.uint8]:
    """Three flat colours, of 2, 3 and 1 sixth of the pixels."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:, : width // 3] = RED
    pixels[:, width // 3 :] = BLUE
    pixels[:, -width // 6 :] = WHITE
    return pixels


def noisy(height: int = 40, width: int = 50, seed: int = 0) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    ramp = np.linspace(0, 200, width)[None, :, None] + rng.normal(0, 25, (height, width, 3))
    return np.clip(ramp, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("space", ["rgb", "lab"])
@pytest.mark.parametrize(("rows", "columns"), [(1, 3), (3, 1)])
def test_three_flat_colours_are_found_exactly(rows: int, columns: int, space: str) -> None:
    result = quantize(flags(), space, rows=rows, columns=columns)
    found = dict(zip(map(tuple, result.colours.tolist()), result.counts.tolist(), strict=True))
    assert found == {RED: 600, BLUE: 900, WHITE: 300}
    assert result.mean_error == 0
    assert np.array_equal(result.pixels, flags())


def test_a_unit_ends_at_the_mean_of_its_pixels() -> None:
    pixels = np.array([[[0, 0, 0], [10, 20, 30], [250, 250, 250], [240, 240, 240]]], np.uint8)
    result = quantize(pixels, rows=1, columns=2)
    assert sorted(result.colours.tolist()) == [[5, 10, 15], [245, 245, 245]]
    off = [np.sqrt(25 + 100 + 225)] * 2 + [np.sqrt(75)] * 2
    assert result.mean_error == pytest.approx(np.mean(off))
    assert result.counts.tolist() == [2, 2]


def test_more_units_leave_less_error() -> None:
    errors = [quantize(noisy(), rows=side, columns=side).mean_error for side in (1, 2, 3, 5, 8)]
    assert all(later < 0.9 * before for before, later in itertools.pairwise(errors))


@pytest.mark.parametrize("space", ["rgb", "lab"])
def test_every_pixel_takes_its_nearest_colour(space: str) -> None:
    pixels = noisy(seed=3)
    result = quantize(pixels, space, rows=3, columns=4)
    flat, colours = pixels.reshape(-1, 3), result.colours
    if space == "lab":
        ours, theirs = to_space(flat, "lab").astype(float), to_space(colours, "lab").astype(float)
    else:
        ours, theirs = flat.astype(float), colours.astype(float)
    far = np.linalg.norm(ours[:, None] - theirs[None], axis=2)
    assert np.array_equal(result.units.ravel(), far.argmin(axis=1))
    assert np.array_equal(result.pixels, colours[result.units])
    assert np.array_equal(result.counts, np.bincount(result.units.ravel(), minlength=12))
    off = np.linalg.norm(flat - result.pixels.reshape(-1, 3).astype(float), axis=1)
    assert result.mean_error == pytest.approx(off.mean())


def test_the_start_is_told_and_differs_from_the_end() -> None:
    steps = list(quantizing(photo(noisy()), dataclasses.replace(STANDARD, init="sample")))
    first, last = steps[0], steps[-1]
    assert last.result is not None
    assert np.array_equal(first.start, first.colours)
    assert np.array_equal(last.result.start, first.start)
    assert np.array_equal(last.result.colours, last.colours)
    assert not np.array_equal(last.colours, first.start)
    assert first.preview is None
    assert last.preview is not None
    assert last.preview.shape == noisy().shape
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)


def test_large_photos_are_sampled_evenly_and_painted_whole() -> None:
    pixels = np.empty((700, 900, 3), np.uint8)
    pixels[:, ::2], pixels[:, 1::2] = RED, BLUE  # a pattern that a fixed step would miss half of
    result = quantize(pixels, rows=1, columns=2, epochs=3)
    assert 0.95 * SAMPLE < result.sampled <= SAMPLE
    assert sorted(result.colours.tolist()) == [list(BLUE), list(RED)]
    assert np.array_equal(result.pixels, pixels)
    assert result.shown.shape == pixels.shape


@pytest.mark.parametrize("shape", [(1, 1), (1, 250_000), (250_000, 1), (2, 130_000)])
@pytest.mark.slow
def test_thin_photos(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(256, size=(*shape, 3)).astype(np.uint8)
    result = quantize(pixels, rows=2, columns=2, epochs=2)
    assert result.pixels.shape == pixels.shape
    assert result.counts.sum() == shape[0] * shape[1]
    assert result.sampled == min(SAMPLE, shape[0] * shape[1])
    assert max(result.shown.shape) <= 1024


def test_more_units_than_a_byte_can_count() -> None:
    result = quantize(noisy(), rows=20, columns=20, epochs=2)
    assert result.units.dtype == np.uint16
    assert np.array_equal(result.pixels, result.colours[result.units])


def test_the_same_seed_gives_the_same_colours() -> None:
    first, again, other = (quantize(noisy(), seed=seed).colours.tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_nothing_that_comes_out_can_be_changed() -> None:
    result = quantize(noisy())
    for name in ("pixels", "shown", "units", "start", "colours", "counts"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(result, name)[0] = 0


@pytest.mark.slow
def test_it_yields_often_enough() -> None:
    pixels = np.random.default_rng(0).integers(256, size=(1500, 2000, 3)).astype(np.uint8)
    began, steps = time.process_time(), 0
    for _ in quantizing(photo(pixels), dataclasses.replace(STANDARD, epochs=5)):
        steps += 1
    assert (time.process_time() - began) / steps < 0.1


def test_a_reason_is_kept_whatever_comes_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source("slow.png")

    def late(*_: object, **__: object) -> Iterator[Answered | None]:
        yield from (None, Answered(0, source, "took longer than 5 s to decode"), None)

    monkeypatch.setattr("image2map_gui.core.quantize.apart", late)
    with pytest.raises(SourceError, match=r"^slow.png: took longer than 5 s to decode\.$"):
        list(reading_photo(source))


def test_what_is_shown_is_the_photo_made_small(tmp_path: Path) -> None:
    across = np.linspace(0, 255, 5000).astype(np.uint8)
    path = write_picture(tmp_path / "ramp.png", np.tile(across, (3001, 1)))
    *_, reading = reading_photo(path)
    assert reading.photo is not None
    assert reading.photo.pixels.shape == (3001, 5000, 3)
    assert reading.photo.shown.shape == (615, 1024, 3)
    ideal = np.linspace(0, 255, 1024)[None, :, None]
    assert np.abs(reading.photo.shown - ideal).max() < 2


def test_photos_are_read_by_the_one_decoder(tmp_path: Path) -> None:
    grey = write_picture(tmp_path / "grey.png", np.full((4, 7), 90, np.uint8))
    *_, reading = reading_photo(grey)
    assert reading.photo is not None
    assert reading.photo.pixels.shape == (4, 7, 3)
    assert (reading.photo.pixels == 90).all()
    *_, reading = reading_photo(Source("lines", 3, kind="sample"))
    assert reading.photo is not None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.png", "none.png: there is no such file or folder"),
        ("", "is a folder; name one picture"),
        ("fake.png", "fake.png: is not a picture this program can read."),
        ("two-images-idx3-ubyte", "holds 2 pictures; name a file of one"),
    ],
)
def test_what_is_no_photo_is_told(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "fake.png").write_text("no picture")
    write_idx(tmp_path / "two-images-idx3-ubyte", np.zeros((2, 6, 6), np.uint8))
    with pytest.raises(SourceError, match=said):
        list(reading_photo(tmp_path / name))
