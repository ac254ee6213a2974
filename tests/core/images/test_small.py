"""Small pictures for the screen: right ones, and taken from the disk only when they are."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from data import write_idx, write_picture
from PIL import Image

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.cache import Cache
from image2map_gui.core.images.small import (
    large_pixels,
    small_image,
    small_pixels,
    unpacked,
    unpacked_large,
)
from image2map_gui.core.images.sources import Source


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def kept(cache: Cache) -> list[Path]:
    return [path for path in cache.folder.rglob("*") if path.is_file()]


def pixels(path: Path, cache: Cache | None = None, side: int = 96) -> np.ndarray:
    width, height, data = unpacked(small_pixels(side, cache, Source(str(path))))
    return np.frombuffer(data, np.uint8).reshape(height, width, 3)


def large(path: Path, shade: int = 0) -> Path:
    """Write a picture that takes some time: a ramp to the right over a plain shade of red."""
    red, green, blue = np.full((900, 1200), shade), np.zeros((900, 1200)), np.linspace(0, 255, 1200)
    write_picture(path, np.stack(np.broadcast_arrays(red, green, blue), 2).astype(np.uint8))
    return path


@pytest.mark.parametrize(
    ("size", "shown"),
    [((1200, 900), (96, 72)), ((97, 10), (96, 10)), ((96, 96), (96, 96)), ((60, 20), (60, 20))],
)
def test_pictures_fit_into_the_square(
    tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    path = write_picture(tmp_path / "a.png", np.zeros((size[1], size[0], 3), np.uint8))
    assert small_image(Source(str(path)), 96).size == shown
    assert pixels(path).shape == (shown[1], shown[0], 3)


def test_tiny_pictures_keep_square_pixels(tmp_path: Path) -> None:
    corner = np.array([[10, 20], [30, 40]], np.uint8)
    shown = pixels(write_picture(tmp_path / "a.png", corner), side=9)
    assert (shown == corner.repeat(4, 0).repeat(4, 1)[..., None]).all()


def test_pictures_of_idx_files_and_samples_are_made_small_too(tmp_path: Path) -> None:
    path = write_idx(tmp_path / "a-images-idx3-ubyte", np.full((2, 8, 8), 77, np.uint8))
    image = small_image(Source(str(path), 1, kind="idx"), 96)
    assert image.size == (96, 96)
    assert image.getpixel((50, 50)) == (77, 77, 77)
    assert small_image(Source("lines", 3, kind="sample"), 96).mode == "RGB"


def test_what_was_kept_is_shown_the_next_time(tmp_path: Path, cache: Cache) -> None:
    path = large(tmp_path / "a.png", shade=200)
    first = pixels(path, cache)
    assert len(kept(cache)) == 1
    facts = path.stat()
    path.write_bytes(b"x" * facts.st_size)  # no picture any more, but it does not look it
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    again = pixels(path, cache)
    assert again.shape == first.shape
    assert abs(again.astype(int) - first).max() < 12  # it was kept with a little loss
    with pytest.raises(PictureError):
        pixels(path, cache, side=48)
    with pytest.raises(PictureError):
        pixels(path)


def test_a_file_that_was_changed_is_read_again(tmp_path: Path, cache: Cache) -> None:
    path = large(tmp_path / "a.png", shade=200)
    assert pixels(path, cache)[..., 0].mean() == 200
    large(path, shade=100)
    assert abs(pixels(path, cache)[..., 0].mean() - 100) < 1
    os.utime(path, (1, 1))
    assert abs(pixels(path, cache)[..., 0].mean() - 100) < 1
    assert len(kept(cache)) == 3


@pytest.mark.parametrize("content", [b"", b"I2Mcache", b"\0" * 4000])
def test_what_is_damaged_is_made_again(tmp_path: Path, cache: Cache, content: bytes) -> None:
    path = large(tmp_path / "a.png", shade=200)
    first = pixels(path, cache)
    (file,) = kept(cache)
    whole = file.read_bytes()
    file.write_bytes(content)
    assert np.array_equal(pixels(path, cache), first)
    assert file.read_bytes() == whole


def test_what_is_whole_but_no_picture_is_made_again(tmp_path: Path, cache: Cache) -> None:
    class Foreign(Cache):
        def get(self, name: str) -> bytes | None:
            return b"no JPEG at all"

    path = large(tmp_path / "a.png", shade=200)
    assert np.array_equal(pixels(path, Foreign(cache.folder)), pixels(path))


def test_pictures_that_are_quickly_read_are_not_kept(tmp_path: Path, cache: Cache) -> None:
    path = tmp_path / "small.jpg"
    Image.new("RGB", (400, 300), "red").save(path)
    pixels(path, cache)
    assert not kept(cache)


def test_a_file_that_is_gone_is_refused(tmp_path: Path, cache: Cache) -> None:
    with pytest.raises(PictureError, match="no longer there"):
        pixels(tmp_path / "gone.png", cache)


@pytest.mark.parametrize("count", [0, 11, 13])
def test_bytes_that_are_no_picture_are_refused(count: int) -> None:
    assert unpacked(b"\2\0\2\0" + bytes(12)) == (2, 2, bytes(12))
    with pytest.raises(ValueError, match=f"{count} bytes are no picture of 2 x 2 pixels"):
        unpacked(b"\2\0\2\0" + bytes(count))


def test_a_large_picture_knows_its_own_size(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.png", np.full((300, 1500, 3), 77, np.uint8))
    size, (width, height, pixels) = unpacked_large(large_pixels(500, Source(str(path))))
    assert size == (1500, 300)
    assert (width, height) == (500, 100)
    assert set(pixels) == {77}


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.png", 9)
    assert unpacked_large(large_pixels(500, Source(str(path))))[1][:2] == (6, 6)
