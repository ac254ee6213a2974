"""NumPy files: their pictures by a stated rule, their labels, and what is refused."""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data import noise
from numpy.typing import NDArray

from image2map_gui.core.errors import PictureError, SourceError
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.proposal import propose_spec
from image2map_gui.core.images.sources import Source, find_sources

BYTES = (255 * noise(5, 6 * 7)).astype(np.uint8).reshape(5, 6, 7)


def saved(path: Path, **named: NDArray[Any]) -> Path:
    np.savez_compressed(path, **named)
    return path


def pixels(path: Path, **values: Any) -> list[NDArray[np.uint8]]:
    return [np.asarray(read_image(one)) for one in find_sources([path], **values).sources]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (BYTES, BYTES),
        (BYTES.astype(np.uint16) * 256 + 99, BYTES),
        (BYTES.astype(">u2") * 256, BYTES),
        (BYTES > 99, 255 * (BYTES > 99)),
        (BYTES / 255, BYTES),
        ((BYTES / 255).astype(np.float32), BYTES),
        (BYTES.astype(np.float64), BYTES),
        (BYTES.astype(np.int64), BYTES),
        (BYTES * 0.01 + 40, BYTES * 0.01 + 40),
        (np.zeros((2, 3, 4)), np.zeros((2, 3, 4))),
        (BYTES[..., None], BYTES),
        (np.asfortranarray(BYTES), BYTES),
    ],
    ids=str,
)
def test_values_are_shown_by_the_rule(
    tmp_path: Path, array: NDArray[Any], expected: NDArray[Any]
) -> None:
    np.save(tmp_path / "a.npy", array)
    np.testing.assert_array_equal(pixels(tmp_path / "a.npy"), np.rint(expected))


def test_other_values_are_stretched_over_the_whole_file(tmp_path: Path) -> None:
    array = np.array([[[-3.0, 0.0]], [[1.0, 7.0]]])
    np.save(tmp_path / "a.npy", array)
    assert [one.tolist() for one in pixels(tmp_path / "a.npy")] == [[[0, 76]], [[102, 255]]]


def test_colour_and_transparency(tmp_path: Path) -> None:
    colour = np.stack([BYTES, BYTES // 2, 255 - BYTES], axis=-1)
    np.save(tmp_path / "rgb.npy", colour)
    np.testing.assert_array_equal(pixels(tmp_path / "rgb.npy"), colour)
    clear = np.concatenate([colour, np.zeros_like(colour[..., :1])], axis=-1)
    np.save(tmp_path / "rgba.npy", clear)
    np.testing.assert_array_equal(pixels(tmp_path / "rgba.npy"), np.full_like(colour, 255))


def test_labels_come_along_and_the_part_that_is_asked_for(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "set.npz",
        x_test=BYTES[:2], y_test=np.array(["cat", "dog"]),
        x_train=BYTES[2:], y_train=np.array([7, 8, 7]), scale=np.float32(3),
    )  # fmt: skip
    train, test = find_sources([path]).sources, find_sources([path], part="t10k").sources
    assert [one.label for one in train] == ["7", "8", "7"]
    assert [one.label for one in test] == ["cat", "dog"]
    assert train[1].address == f"{path}/x_train#1"
    assert train[1].name == "set.npz 2"
    np.testing.assert_array_equal(pixels(path), BYTES[2:])
    np.testing.assert_array_equal(pixels(path, part="t10k"), BYTES[:2])


def test_pictures_are_preferred_to_vectors(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", features=noise(5, 9), pictures=BYTES)
    np.testing.assert_array_equal(pixels(path), BYTES)


def test_vectors_that_are_squares_are_taken_if_a_person_named_them(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", BYTES[:, :4, :4].reshape(5, 16))
    np.testing.assert_array_equal(pixels(tmp_path / "a.npy"), BYTES[:, :4, :4])
    with pytest.raises(SourceError, match="holds vectors; open it by itself"):
        find_sources([tmp_path])
    np.save(tmp_path / "a.npy", BYTES.reshape(5, 42))
    with pytest.raises(SourceError, match="vectors of 42 values; their width and height are not"):
        find_sources([tmp_path / "a.npy"])


def test_a_file_that_changed_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, BYTES)
    source = find_sources([path]).sources[1]
    np.save(tmp_path / "b.npy", 255 - BYTES)
    os.replace(tmp_path / "b.npy", path)  # noqa: PTH105
    np.testing.assert_array_equal(np.asarray(read_image(source)), 255 - BYTES[1])


def test_a_file_that_is_cut_short_kills_nobody(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((50, 64, 64), np.uint8))
    source = find_sources([path]).sources[49]
    with path.open("r+b") as file:
        file.truncate(200)
    with pytest.raises(PictureError, match="larger than its file"):
        read_image(source)


def test_a_set_is_read_whole(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz", images=BYTES, labels=np.arange(5) % 2)
    found = find_sources([path])
    *_, reading = read_dataset(found, propose_spec(found.sources))
    assert reading.dataset.labels == ("0", "1", "0", "1", "0")
    np.testing.assert_allclose(reading.dataset.vectors, BYTES.reshape(5, -1) / 255, atol=1e-6)


def lying(path: Path, shape: tuple[int, ...]) -> Path:
    head = (
        repr({"descr": "|u1", "fortran_order": False, "shape": shape}).encode().ljust(117) + b"\n"
    )
    data = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + b"x" * 100
    if path.suffix == ".npy":
        path.write_bytes(data)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("images.npy", data)
    return path


def objects(path: Path) -> Path:
    array = np.array([{}, []], dtype=object)
    np.savez(path, images=array) if path.suffix == ".npz" else np.save(path, array)
    return path


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no array at all"),
        lambda path: path.write_bytes(b"\x93NUMPY"),
        lambda path: lying(path, (10**6, 1000, 1000)),
        lambda path: lying(path, (2**62, 2, 2)),
        lambda path: lying(path, (-1, 2, 2)),
        lambda path: lying(path, (0, 2, 2)),
        objects,
    ],
)
def test_what_holds_no_pictures_is_refused_in_a_sentence(
    tmp_path: Path, suffix: str, make: Any
) -> None:
    path = tmp_path / f"bad{suffix}"
    make(path)
    with pytest.raises(SourceError, match=r"bad.np[yz]: (is no NumPy file|holds)") as refusal:
        find_sources([path])
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(tmp_path: Path, wrong: float) -> None:
    array = BYTES / 255
    array[3, 2, 1] = wrong
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(SourceError, match="holds values that are no finite numbers"):
        find_sources([tmp_path / "a.npy"])


@pytest.mark.parametrize("array", [np.zeros(5), np.zeros((2, 2, 2, 2)), np.zeros((2, 2), complex)])
def test_arrays_of_other_shapes_and_types_are_named(tmp_path: Path, array: NDArray[Any]) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(SourceError, match=r"holds an array of .*, not pictures"):
        find_sources([tmp_path / "a.npy"])


def header_bomb(path: Path) -> None:
    """An array whose header is 300 MB of spaces, which NumPy would read before it complains."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        length = 300 << 20
        content = b"\x93NUMPY\2\0" + length.to_bytes(4, "little") + b" " * length
        archive.writestr("images.npy", content)


def packed_bomb(path: Path, how: int) -> None:
    file = io.BytesIO()
    np.save(file, np.zeros((100, 1000, 1000), np.uint8))
    with zipfile.ZipFile(path, "w", how) as archive:
        archive.writestr("images.npy", file.getvalue())


@pytest.mark.parametrize(
    "make",
    [
        header_bomb,
        lambda path: packed_bomb(path, zipfile.ZIP_BZIP2),
        lambda path: packed_bomb(path, zipfile.ZIP_LZMA),
    ],
)
@pytest.mark.slow
def test_small_files_never_take_much_memory(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "bomb.npz"
    make(path)
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()
    with pytest.raises(SourceError, match=r"is no NumPy file|is packed in a way"):
        find_sources([path])
    for name in ("images", "other"):
        with pytest.raises(PictureError):
            read_image(Source(str(path), 0, kind="npy", member=name))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 << 20


def test_values_too_far_apart_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[[-1.7e308, 1.7e308]]]))
    with pytest.raises(SourceError, match="holds values too far apart"):
        find_sources([tmp_path / "a.npy"])
