"""The decoder: the right pixels from odd pictures, a reason for bad ones, and no time for bombs."""

from __future__ import annotations

import io
import os
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data import write_idx, write_picture
from numpy.typing import NDArray
from PIL import Image, ImageOps, features

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.decode import image_size, read_image
from image2map_gui.core.images.limits import Limits
from image2map_gui.core.images.sources import Source, find_sources

GREYS = np.arange(0, 240, 10, dtype=np.uint8).reshape(4, 6)


def read(path: Path, **values: Any) -> NDArray[np.uint8]:
    return np.asarray(read_image(Source(str(path)), **values))


def refused(path: Path) -> str:
    began = time.perf_counter()
    with pytest.raises(PictureError) as refusal:
        read_image(Source(str(path)))
    assert time.perf_counter() - began < 5
    assert str(refusal.value)
    return str(refusal.value)


def save(image: Image.Image, path: Path, **values: Any) -> Path:
    image.save(path, **values)
    return path


def png(path: Path, width: int, height: int, data: bytes = b"", *, kind: int = 0) -> Path:
    """Write a PNG of 8-bit pixels whose header says what it is told to."""

    def chunk(name: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + check

    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))
    return path


# Pictures that are odd, but pictures


@pytest.mark.parametrize("ending", ["png", "gif", "tif", "bmp", "pgm", "webp"])
def test_grey_pictures_come_back_as_they_were(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"grey.{ending}"
    save(Image.fromarray(GREYS), path, **({"lossless": True} if ending == "webp" else {}))
    found = read(path)
    if found.ndim == 3:  # WebP and palettes know colours only
        assert (found == found[:, :, :1]).all()
        found = found[:, :, 0]
    assert np.array_equal(found, GREYS)


def test_colours_come_back_as_they_were(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    assert np.array_equal(read(write_picture(tmp_path / "rgb.png", pixels)), pixels)


@pytest.mark.parametrize("ending", ["png", "jpg", "tif", "webp"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_pictures_are_turned_upright(tmp_path: Path, turn: int, ending: str) -> None:
    corners = np.zeros((16, 24), np.uint8)
    corners[:8, :8], corners[:8, 16:], corners[8:, :8] = 250, 170, 90
    exif = Image.Exif()
    exif[0x0112] = turn
    path = tmp_path / f"turned.{ending}"
    quality = {} if ending in ("png", "tif") else {"quality": 100}
    save(Image.fromarray(corners).convert("RGB"), path, exif=exif, **quality)
    upright = {  # what the viewer must do, in the words of the EXIF standard
        1: corners,
        2: corners[:, ::-1],
        3: corners[::-1, ::-1],
        4: corners[::-1],
        5: corners.T,
        6: corners.T[:, ::-1],
        7: corners.T[::-1, ::-1],
        8: corners.T[::-1],
    }[turn]
    found = read(path)[:, :, 0].astype(int)
    assert found.shape == upright.shape
    assert np.abs(found - upright)[4::8, 4::8].max() <= 6
    assert image_size(Source(str(path))) == upright.shape[::-1]


def icc_profile(space: bytes, *columns: tuple[float, float, float], name: str = "test") -> bytes:
    """A profile of the plainest kind: where the primaries lie (CIE XYZ), and a gamma of 2.2.

    After the specification ICC.1:2001-04; one column makes it grey.
    """
    gamma = struct.pack(">4sII2sxx", b"curv", 0, 1, bytes([2, 51]))
    said = name.encode() + b"\0"
    tags = {b"wtpt": _xyz(0.9642, 1.0, 0.8249), b"cprt": b"text\0\0\0\0none\0"}
    tags[b"desc"] = struct.pack(">4sII", b"desc", 0, len(said)) + said + bytes(78)
    for column, channel in zip(columns, b"rgb", strict=False):
        tags[bytes([channel]) + b"XYZ"] = _xyz(*column)
        tags[bytes([channel]) + b"TRC"] = gamma
    if len(columns) < 3:
        tags[b"kTRC"] = gamma
    table, body = struct.pack(">I", len(tags)), b""
    for tag, data in tags.items():
        table += struct.pack(">4sII", tag, 132 + 12 * len(tags) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = 128 + len(table) + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"none", 0x02400000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H4s", 2020, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    return head + struct.pack(">3I", 63190, 65536, 54061) + bytes(48) + table + body


def _xyz(*parts: float) -> bytes:
    return struct.pack(">4sI3i", b"XYZ ", 0, *(round(65536 * part) for part in parts))


def in_srgb(values: NDArray[np.uint8]) -> NDArray[np.float64]:
    """What values of a gamma of 2.2 are by the curve of sRGB (IEC 61966-2-1)."""
    light = (values / 255) ** (2 + 51 / 256)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


RED, GREEN, BLUE = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
PATCHES = np.array(
    [[[255, 0, 0], [0, 255, 0], [0, 0, 255], [200, 200, 200], [90, 160, 30], [0, 0, 0]]], np.uint8
)


@pytest.mark.parametrize("ending", ["png", "tif", "webp"])
def test_colours_of_a_profile_are_brought_to_srgb(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    turned_about = icc_profile(b"RGB ", BLUE, GREEN, RED)  # its red is sRGB's blue
    more = {"lossless": True} if ending == "webp" else {}
    Image.fromarray(PATCHES).save(path, icc_profile=turned_about, **more)
    assert np.abs(read(path) - in_srgb(PATCHES[..., ::-1])).max() <= 2
    assert np.abs(read(path) - in_srgb(PATCHES[..., ::-1])).mean() <= 0.6


def test_transparency_survives_a_profile(tmp_path: Path) -> None:
    pixels = np.dstack([PATCHES, [[255, 255, 255, 0, 255, 255]]]).astype(np.uint8)
    profile = icc_profile(b"RGB ", BLUE, GREEN, RED)
    Image.fromarray(pixels).save(tmp_path / "a.png", icc_profile=profile)
    found = read(tmp_path / "a.png", background=255)
    assert found[0, 3].tolist() == [255, 255, 255]
    assert np.abs(found[0, 0] - [0.0, 0.0, 255.0]).max() <= 2


def test_a_palette_with_a_profile(tmp_path: Path) -> None:
    image = Image.fromarray(PATCHES).quantize(6)
    image.save(tmp_path / "a.png", icc_profile=icc_profile(b"RGB ", BLUE, GREEN, RED))
    assert np.abs(read(tmp_path / "a.png") - in_srgb(PATCHES[..., ::-1])).max() <= 2


def test_a_grey_profile_leaves_grey_grey(tmp_path: Path) -> None:
    profile = icc_profile(b"GRAY", RED)
    Image.fromarray(GREYS).save(tmp_path / "a.png", icc_profile=profile)
    found = read(tmp_path / "a.png")
    assert found.shape == GREYS.shape
    assert np.abs(found - in_srgb(GREYS)).max() <= 2
    assert np.abs(found - in_srgb(GREYS)).mean() <= 0.6


@pytest.mark.parametrize(
    "profile",
    [b"garbage", b"", icc_profile(b"GRAY", RED), icc_profile(b"RGB ", BLUE, GREEN, RED)[:200]],
    ids=["garbage", "empty", "of other colours", "cut short"],
)
def test_a_profile_that_is_of_no_use_is_left_aside(tmp_path: Path, profile: bytes) -> None:
    Image.fromarray(PATCHES).save(tmp_path / "a.png", icc_profile=profile)
    np.testing.assert_array_equal(read(tmp_path / "a.png"), PATCHES)


def test_a_profile_that_says_srgb_changes_nothing(tmp_path: Path) -> None:
    profile = icc_profile(b"RGB ", RED, GREEN, BLUE, name="sRGB IEC61966-2.1")
    Image.fromarray(PATCHES).save(tmp_path / "a.png", icc_profile=profile)
    np.testing.assert_array_equal(read(tmp_path / "a.png"), PATCHES)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow reads no AVIF")
def test_avif_is_read_by_name_and_by_content(tmp_path: Path) -> None:
    wide = np.repeat(np.repeat(PATCHES, 32, axis=0), 32, axis=1)
    for name in ("a.avif", "picture"):
        Image.fromarray(wide).save(tmp_path / name, "AVIF", quality=100, subsampling="4:4:4")
        assert np.abs(read(tmp_path / name).astype(int) - wide).mean() <= 3
        assert image_size(Source(str(tmp_path / name))) == (192, 32)
    assert len(find_sources([tmp_path]).sources) == 2


def test_broken_exif_costs_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    save(Image.fromarray(GREYS), path, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff rubbish")
    assert read(path).shape[:2] == (4, 6)


def test_a_picture_that_cannot_be_turned_is_shown_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_picture(tmp_path / "a.png", GREYS)

    def fails(_: Image.Image) -> None:
        raise ValueError("no such orientation")

    monkeypatch.setattr(ImageOps, "exif_transpose", fails)
    assert np.array_equal(read(path), GREYS)


def test_transparency_shows_the_ground(tmp_path: Path) -> None:
    pixels = np.zeros((1, 3, 4), np.uint8)
    pixels[0] = [[200, 100, 0, 255], [200, 100, 0, 128], [200, 100, 0, 0]]
    path = write_picture(tmp_path / "rgba.png", pixels)
    assert read(path)[0].tolist() == pytest.approx(
        np.array([[200, 100, 0], [227, 177, 127], [255, 255, 255]]), abs=1
    )
    assert read(path, background=0)[0, 2].tolist() == [0, 0, 0]
    assert read(path, background=128)[0, 2].tolist() == [128, 128, 128]


def test_grey_with_transparency_stays_grey(tmp_path: Path) -> None:
    pixels = np.array([[[100, 255], [100, 128], [100, 0]]], np.uint8)
    path = save(Image.fromarray(pixels, "LA"), tmp_path / "la.png")
    found = read_image(Source(str(path)))
    assert found.mode == "L"
    assert np.asarray(found)[0].tolist() == pytest.approx([100, 177, 255], abs=1)


def test_a_palette_with_transparent_entries(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "P")
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    path = save(image, tmp_path / "p.png", transparency=b"\xff\x80\x00")
    expected = np.array([[255, 0, 0], [127, 255, 127], [255, 255, 255]])
    assert read(path)[0] == pytest.approx(expected, abs=1)
    path = save(image, tmp_path / "p.gif", transparency=2)
    assert read(path, background=0)[0].tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 0]]


def test_a_transparent_colour_without_alpha(tmp_path: Path) -> None:
    pixels = np.array([[[10, 20, 30], [40, 50, 60]]], np.uint8)
    path = save(Image.fromarray(pixels), tmp_path / "key.png", transparency=(10, 20, 30))
    assert read(path)[0].tolist() == [[255, 255, 255], [40, 50, 60]]


def test_black_and_white_pictures(tmp_path: Path) -> None:
    path = save(Image.fromarray(GREYS).convert("1", dither=Image.Dither.NONE), tmp_path / "1.png")
    assert np.array_equal(read(path), np.where(GREYS > 127, 255, 0))


def test_printing_colours(tmp_path: Path) -> None:
    inks = np.array([[[0, 0, 0, 0], [255, 0, 0, 0], [0, 0, 0, 255]]], np.uint8)
    for ending in ("tif", "jpg"):
        path = save(Image.fromarray(inks, "CMYK"), tmp_path / f"cmyk.{ending}")
        assert read(path).shape == (1, 3, 3)
    found = read(tmp_path / "cmyk.tif")[0].astype(int)
    assert found[0].tolist() == [255, 255, 255]
    assert found[1][0] < 10 < found[1][2]
    assert found[2].max() < 10


@pytest.mark.parametrize("ending", ["png", "tif", "pgm"])
def test_16_bits_keep_their_upper_8(tmp_path: Path, ending: str) -> None:
    values = np.array([[0, 128, 257, 25_700], [32_768, 65_278, 65_407, 65_535]], np.uint16)
    path = write_picture(tmp_path / f"deep.{ending}", values)
    expected = np.array([[0, 0, 1, 100], [128, 254, 255, 255]])
    found = read(path).astype(int)
    assert np.abs(found - expected).max() <= 1
    assert found[0, 3] == 100
    assert read_image(Source(str(path))).mode == "L"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([[0, 32_768, 65_535]], [[0, 127.5, 255]]),  # as 16 bits
        ([[-100, 0, 100]], [[0, 127.5, 255]]),
        ([[0, 10**9, 2 * 10**9]], [[0, 127.5, 255]]),
        ([[-7, -7, -7]], [[0, 0, 0]]),
    ],
)
def test_32_bits_are_stretched(
    tmp_path: Path, values: list[list[int]], expected: list[list[float]]
) -> None:
    path = write_picture(tmp_path / "i.tif", np.array(values, np.int32))
    assert read(path) == pytest.approx(np.array(expected), abs=0.6)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([[0.0, 0.25, 1.0]], [[0, 64, 255]]),
        ([[0.25, 0.5, 0.5]], [[64, 128, 128]]),  # within 0 to 1: not stretched
        ([[-1.0, 0.0, 1.0]], [[0, 127.5, 255]]),
        ([[10.0, 15.0, 20.0]], [[0, 127.5, 255]]),
        ([[3.0, 3.0, 3.0]], [[0, 0, 0]]),
    ],
)
def test_floats_from_0_to_1_are_taken_as_they_are_and_others_stretched(
    tmp_path: Path, values: list[list[float]], expected: list[list[float]]
) -> None:
    path = write_picture(tmp_path / "f.tif", np.array(values, np.float32))
    assert read(path) == pytest.approx(np.array(expected), abs=0.6)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_floats_that_are_no_numbers_are_refused(tmp_path: Path, value: float) -> None:
    values = np.zeros((4, 4), np.float32)
    values[2, 1] = value
    assert "no finite numbers" in refused(write_picture(tmp_path / "f.tif", values))


@pytest.mark.parametrize("ending", ["gif", "png", "webp", "tif"])
def test_of_many_pictures_in_a_file_the_first_is_taken(tmp_path: Path, ending: str) -> None:
    frames = [Image.new("RGB", (8, 6), (grey, grey, grey)) for grey in (40, 120, 200)]
    path = tmp_path / f"many.{ending}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert np.abs(read(path).astype(int) - 40).max() <= 3
    assert read(path).shape[:2] == (6, 8)


@pytest.mark.parametrize(("kind", "ending"), [("PNG", "jpg"), ("JPEG", "png"), ("GIF", "txt")])
def test_the_content_counts_and_not_the_name(tmp_path: Path, kind: str, ending: str) -> None:
    path = tmp_path / f"wrong.{ending}"
    Image.fromarray(GREYS).save(path, kind)
    assert read(path).shape[:2] == (4, 6)


def test_pictures_with_something_behind_them(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.png", GREYS)
    path.write_bytes(path.read_bytes() + b"<html>more</html>")
    assert np.array_equal(read(path), GREYS)


def test_progressive_pictures(tmp_path: Path) -> None:
    image = Image.effect_noise((48, 32), 50)
    path = save(image, tmp_path / "p.jpg", progressive=True, quality=100)
    assert np.abs(read(path).astype(int) - np.asarray(image)).max() <= 4


def test_a_large_jpeg_may_be_read_smaller_but_not_too_small(tmp_path: Path) -> None:
    image = Image.linear_gradient("L").resize((1024, 512))
    path = save(image, tmp_path / "large.jpg", quality=95)
    assert read_image(Source(str(path))).size == (1024, 512)
    small = read_image(Source(str(path)), at_least=(32, 32))
    assert 64 <= small.width < 1024
    assert small.height >= 32
    assert small.size[0] == 2 * small.size[1]
    assert image_size(Source(str(path))) == (1024, 512)


def test_pictures_of_idx_files_and_samples(tmp_path: Path) -> None:
    pictures = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    path = str(write_idx(tmp_path / "x-images-idx3-ubyte", pictures))
    second = Source(path, 1, kind="idx")
    assert np.array_equal(np.asarray(read_image(second)), pictures[1])
    assert image_size(second) == (4, 3)
    with pytest.raises(PictureError):
        read_image(Source(path, 2, kind="idx"))
    with pytest.raises(PictureError):
        read_image(Source(str(tmp_path / "none"), 0, kind="idx"))
    assert read_image(Source("lines", 3, kind="sample")).size == (16, 16)
    with pytest.raises(PictureError):
        read_image(Source("nope", 3, kind="sample"))


# Files that are no pictures, or broken ones


@pytest.mark.parametrize(
    "content",
    [b"plain text", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%!PS-Adobe-3.0", b"\x89PNG"],
)
def test_files_that_only_look_like_pictures_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert "not a picture" in refused(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    assert refused(tmp_path / "a.png") == "is empty"


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.75, 0.95])
@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "tif", "bmp", "ppm", "webp"])
def test_truncated_pictures_are_refused(tmp_path: Path, ending: str, share: float) -> None:
    path = tmp_path / f"cut.{ending}"
    Image.effect_noise((60, 50), 60).convert("RGB").save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    refused(path)


def test_flipped_bits_in_a_png_are_noticed(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.png", np.asarray(Image.effect_noise((40, 30), 60)))
    whole = bytearray(path.read_bytes())
    start = whole.index(b"IDAT") + 10
    for place in range(start, len(whole) - 20, 97):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        refused(path)


@pytest.mark.parametrize(
    ("width", "height"),
    [(2**31 - 1, 2**31 - 1), (50_000, 50_000), (8000, 8000), (32_769, 1), (1, 3_400_000)],
)
def test_pictures_too_large_are_refused_before_they_are_decoded(
    tmp_path: Path, width: int, height: int
) -> None:
    path = png(tmp_path / "bomb.png", width, height, bytes(1000))
    assert "pixels" in refused(path)


def test_a_picture_just_within_the_limits_is_read(tmp_path: Path) -> None:
    side = Limits().max_side
    path = png(tmp_path / "long.png", side, 1, bytes(side + 1))
    assert read(path).shape == (1, side)


def empty_scans(image: Image.Image, kind: str, count: int) -> bytes:
    """A progressive JPEG with many scans that change nothing, each of which costs time."""
    buffer = io.BytesIO()
    more = {"save_all": True, "append_images": [image]} if kind == "MPO" else {}
    image.save(buffer, kind, progressive=True, **more)
    whole = buffer.getvalue()
    end = whole.index(b"\xff\xd9")
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x00" + b"\x00"
    return whole[:end] + scan * count + whole[end:]


@pytest.mark.parametrize("kind", ["JPEG", "MPO"])
def test_jpegs_of_endless_scans_are_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "scans.jpg"
    image = Image.effect_noise((32, 32), 50)
    path.write_bytes(empty_scans(image, kind, 20_000))
    with Image.open(path) as opened:
        assert opened.format == kind
    assert refused(path) == "has more than 500 scans (setting 'max scans')"


def test_missing_folders_pipes_and_impossible_names_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert refused(tmp_path / "none.png") == "is no longer there"
    assert refused(tmp_path) == "is not a regular file"
    assert refused(tmp_path / "pipe.png") == "is not a regular file"
    assert refused(Path("/dev/zero")) == "is not a regular file"
    assert refused(Path("nul\0.png"))


def test_huge_files_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(300 << 20)  # takes no room on the disk
    assert refused(path) == "is larger than 256 MB (setting 'max file MB')"


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), MemoryError(), RecursionError("deep")]
)
def test_whatever_happens_there_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    path = write_picture(tmp_path / "a.png")

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Image, "open", fails)
    assert refused(path)
    with pytest.raises(PictureError):
        image_size(Source(str(path)))


def test_the_size_of_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    for name in ("a.png", "none.png"):
        with pytest.raises(PictureError):
            image_size(Source(str(tmp_path / name)))
