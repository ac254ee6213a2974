"""IDX files: read to the last byte or refused."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from data import write_idx
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.idx import is_idx_images, labels_beside, read_idx

PICTURES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)


def header(*sides: int, kind: int = 8) -> bytes:
    return bytes([0, 0, kind, len(sides)]) + struct.pack(f">{len(sides)}I", *sides)


def refused(folder: Path, data: bytes, name: str = "a-images-idx3-ubyte") -> str:
    path = folder / name
    path.write_bytes(data)
    with pytest.raises(PictureError) as refusal:
        read_idx(path)
    return str(refusal.value)


@pytest.mark.parametrize("array", [PICTURES, np.arange(7, dtype=np.uint8)], ids=["3d", "1d"])
def test_plain_and_packed_files_hold_the_same(tmp_path: Path, array: np.ndarray) -> None:
    plain = write_idx(tmp_path / "plain", array)
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for path in (plain, packed):
        found = read_idx(path)
        assert np.array_equal(found, array)
        assert found.dtype == np.uint8
        assert not found.flags.writeable


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = write_idx(tmp_path / "x", np.zeros(3, np.uint8))
    assert read_idx(path).tolist() == [0, 0, 0]
    write_idx(path, np.ones(4, np.uint8))
    assert read_idx(path).tolist() == [1, 1, 1, 1]


def test_a_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    whole = write_idx(tmp_path / "whole", PICTURES).read_bytes()
    for length in range(len(whole)):
        assert refused(tmp_path, whole[:length])
    assert "59 of 60 bytes" in refused(tmp_path, whole[:-1])


def test_a_file_with_more_than_it_says_is_refused(tmp_path: Path) -> None:
    whole = write_idx(tmp_path / "whole", PICTURES).read_bytes()
    assert "more data" in refused(tmp_path, whole + b"\0")
    name = "b-images-idx3-ubyte.gz"
    assert "more data" in refused(tmp_path, gzip.compress(whole + b"x"), name)


def test_every_byte_of_a_packed_file_is_checked(tmp_path: Path) -> None:
    name = "b-images-idx3-ubyte.gz"
    whole = gzip.compress(write_idx(tmp_path / "whole", PICTURES).read_bytes(), mtime=0)
    assert "CRC" in refused(tmp_path, whole[:-8] + bytes(4) + whole[-4:], name)
    for length in range(1, len(whole)):
        assert refused(tmp_path, whole[:length], name)
    assert refused(tmp_path, whole + b"rubbish", name)
    assert refused(tmp_path, whole + gzip.compress(b"a second part"), name)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\x08",
        b"\x89PNG" + bytes(40),
        b"\0\x01\x08\x03" + bytes(40),
        header(2, 2, 2, kind=0x0D) + bytes(32),  # floats
        header(2, 2) + bytes(4),
        header(*[1] * 255) + b"x",
        header(1, 2, 3, 4) + bytes(24),
    ],
    ids=["empty", "three bytes", "png", "magic", "floats", "2d", "255d", "4d"],
)
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    assert refused(tmp_path, data)


@pytest.mark.parametrize(
    "sides",
    [(2**32 - 1, 2**32 - 1, 2**32 - 1), (2**32 - 1, 28, 28), (1, 70_000, 70_000)],
)
def test_a_header_that_lies_costs_no_memory(tmp_path: Path, sides: tuple[int, ...]) -> None:
    assert "more than 4 GB" in refused(tmp_path, header(*sides) + b"few bytes")


@pytest.mark.parametrize("sides", [(4_000_000_000, 0, 0), (10, 0, 28), (10, 28, 0)])
def test_pictures_without_pixels_are_refused(tmp_path: Path, sides: tuple[int, ...]) -> None:
    assert "without pixels" in refused(tmp_path, header(*sides))


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(PictureError):
            read_idx(path)


@given(st.binary(max_size=60))
def test_rubbish_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("rubbish") / "x-images-idx3-ubyte"
    for prefix in (b"", b"\0\0\x08\x03", b"\0\0\x08\x01", header(1, 2, 3)[:-1]):
        path.write_bytes(prefix + data)
        try:
            assert read_idx(path).dtype == np.uint8
        except PictureError as error:
            reason = str(error)
            assert reason


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("train-images-idx3-ubyte", True),
        ("t10k-images-idx3-ubyte.gz", True),
        ("train-images.idx3-ubyte", True),
        ("train-labels-idx1-ubyte", False),
        ("train-images-idx3-ubyte.zip", False),
        ("a.png", False),
    ],
)
def test_idx_pictures_are_known_by_their_names(name: str, expected: bool) -> None:
    assert is_idx_images(name) is expected


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz"),
        ("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
    ],
)
def test_labels_lie_beside_their_pictures(tmp_path: Path, images: str, labels: str) -> None:
    assert labels_beside(tmp_path / images) is None
    (tmp_path / labels).touch()
    assert labels_beside(tmp_path / images) == tmp_path / labels
