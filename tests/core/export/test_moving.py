"""Moving pictures: Pillow reads back exactly the frames that were written, and their times."""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from image2map_gui.core.export.moving import (
    Moving,
    MovingGif,
    MovingPng,
    MovingWebp,
    common_palette,
)

KINDS = ("GIF", "PNG", "WEBP")


def begun(kind: str, file: io.BytesIO, frames: list[Image.Image]) -> Moving:
    if kind == "GIF":
        return MovingGif(file, frames[0].size, common_palette(frames))
    if kind == "PNG":
        return MovingPng(file, frames[0].size, len(frames))
    return MovingWebp(file, frames[0].size)


def written(kind: str, frames: list[Image.Image], times: list[int]) -> Image.Image:
    file = io.BytesIO()
    moving = begun(kind, file, frames)
    for frame, time in zip(frames, times, strict=True):
        moving.add(frame, time)
    moving.finish()
    file.seek(0)
    image = Image.open(file)
    assert image.format == kind
    return image


def read(image: Image.Image) -> tuple[list[np.ndarray], list[int]]:
    frames, times = [], []
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        frames.append(np.asarray(image.convert("RGB")))
        times.append(round(image.info["duration"]))
    return frames, times


def drawings(count: int, width: int, height: int, seed: int) -> list[Image.Image]:
    """Frames that change in some rectangle each, with fewer than 256 colours in all."""
    dice = np.random.default_rng(seed)
    colours = dice.integers(0, 256, (40, 3), np.uint8)
    pixels = np.full((height, width, 3), 255, np.uint8)
    found = []
    for _ in range(count):
        top, left = dice.integers(0, height), dice.integers(0, width)
        place = pixels[top : top + dice.integers(0, 9), left : left + dice.integers(0, 9)]
        place[:] = colours[dice.integers(0, 40, place.shape[:2])]
        found.append(Image.fromarray(pixels.copy()))
    return found


@pytest.mark.parametrize("kind", KINDS)
@given(
    count=st.integers(1, 6),
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_frames_come_back_exactly(
    kind: str, count: int, width: int, height: int, seed: int
) -> None:
    frames = drawings(count, width, height, seed)
    times = [100] * (count - 1) + [2000]
    found, shown = read(written(kind, frames, times))
    merged: list[Image.Image] = []
    for frame in frames:  # Pillow takes a frame like the one before for a longer one, in GIFs
        if not merged or frame.tobytes() != merged[-1].tobytes() or kind != "GIF":
            merged.append(frame)
    assert len(found) in (len(frames), len(merged))
    expected = frames if len(found) == len(frames) else merged
    for one, wanted in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, np.asarray(wanted))
    assert shown[-1] == 2000


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_repeated_without_end(kind: str) -> None:
    assert written(kind, drawings(3, 9, 9, 1), [50] * 3).info["loop"] == 0


def test_times_of_a_gif_are_right_on_the_whole() -> None:
    """30 frames a second are 3 1/3 hundredths each, which a GIF cannot say."""
    frames = drawings(31, 20, 20, 3)
    _, times = read(written("GIF", frames, [33, 33, 34] * 10 + [2000]))
    assert set(times[:-1]) <= {30, 40}
    assert sum(times) == pytest.approx(3000, abs=5)


def test_greys_are_exact_also_those_that_were_not_among_the_samples() -> None:
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).convert("RGB")
    palette = common_palette([Image.new("RGB", (4, 4), "white")])
    file = io.BytesIO()
    moving = MovingGif(file, ramp.size, palette)
    moving.add(ramp, 100)
    moving.finish()
    file.seek(0)
    assert Image.open(file).convert("RGB").tobytes() == ramp.tobytes()


def test_many_colours_share_one_palette() -> None:
    dice = np.random.default_rng(5)
    smooth = [
        Image.fromarray(dice.integers(0, 256, (8, 8, 3), np.uint8)).resize((64, 64))
        for _ in range(4)
    ]
    image = written("GIF", smooth, [100] * 4)
    found, _ = read(image)
    for one, wanted in zip(found, smooth, strict=True):
        assert np.abs(one.astype(int) - np.asarray(wanted)).mean() < 12
    assert len(np.unique(np.concatenate(found).reshape(-1, 3), axis=0)) <= 256


@pytest.mark.parametrize("kind", KINDS)
def test_memory_does_not_grow_with_the_number_of_frames(kind: str) -> None:
    class Nowhere(io.BytesIO):
        def write(self, data: object) -> int:
            return len(data)  # type: ignore[arg-type]

    def peak(count: int) -> int:
        frames = drawings(2, 200, 200, 2)
        moving = begun(kind, Nowhere(), frames)
        tracemalloc.start()
        for index in range(count):
            moving.add(frames[index % 2], 100)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(60) < peak(6) + 200_000
