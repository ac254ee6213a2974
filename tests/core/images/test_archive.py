"""Zip archives: their pictures are those of the files in them, and nothing is unpacked."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from data import shared
from PIL import Image

from image2map_gui.core.errors import PictureError, SourceError
from image2map_gui.core.images.archive import PACKED_OTHERWISE, folder_of, members, read_member
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.decode import image_size, read_image
from image2map_gui.core.images.proposal import propose_spec
from image2map_gui.core.images.sources import Found, find_sources
from image2map_gui.core.images.spec import ImageSpec

SPEC = ImageSpec(size=(8, 6), colour="rgb")


def picture(shade: int) -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 6), (shade, 0, 255 - shade)).save(file, "PNG")
    return file.getvalue()


def packed(path: Path, files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def read(found: Found, spec: ImageSpec = SPEC) -> np.ndarray:
    *_, reading = read_dataset(found, spec)
    assert reading.dataset.skipped == found.skipped
    return reading.dataset.vectors


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_pictures_labels_and_names_are_those_of_the_folder(tmp_path: Path, how: int) -> None:
    files = {f"{label}/{n}.png": picture(20 * n) for label in ("cat", "dog") for n in (1, 2, 10)}
    for name, content in files.items():
        (tmp_path / "plain" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "plain" / name).write_bytes(content)
    loose = find_sources([tmp_path / "plain"])
    packs = find_sources([packed(tmp_path / "pets.zip", files, how)])
    assert [one.name for one in packs.sources] == [one.name for one in loose.sources]
    assert [one.label for one in packs.sources] == [one.label for one in loose.sources]
    assert packs.sources[0].address == f"{tmp_path / 'pets.zip'}/cat/1.png"
    np.testing.assert_array_equal(read(packs), read(loose))
    assert propose_spec(packs.sources) == propose_spec(loose.sources)
    assert {one.name for one in tmp_path.iterdir()} == {"pets.zip", "plain"}


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.slow
def test_packings_of_which_a_few_bytes_make_gigabytes_are_listed(tmp_path: Path, how: int) -> None:
    path = packed(tmp_path / "a.zip", {"a.png": picture(1), "b.png": bytes(100 << 20)}, how)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("c.png", picture(2))
    assert path.stat().st_size < 1 << 20
    found = find_sources([path])
    assert [one.name for one in found.sources] == ["c.png"]
    assert {one.reason for one in found.skipped} == {PACKED_OTHERWISE}
    with pytest.raises(PictureError, match="packed in a way"):
        read_member(str(path), "b.png")


def test_an_archive_in_a_folder_is_a_folder(tmp_path: Path) -> None:
    packed(tmp_path / "pets.zip", {"cat/1.png": picture(1), "2.png": picture(2)})
    (tmp_path / "3.png").write_bytes(picture(3))
    found = find_sources([tmp_path])
    labels = {one.name: one.label for one in found.sources}
    assert labels == {"1.png": "pets/cat", "2.png": "pets", "3.png": None}


def test_what_is_no_picture_is_listed_and_side_files_are_passed_over(tmp_path: Path) -> None:
    files = {
        "a.png": picture(1),
        "notes.txt": b"hello",
        "bad.png": b"no picture",
        "empty.png": b"",
        ".hidden.png": picture(2),
        "__MACOSX/._a.png": picture(3),
        "folder/": b"",
        "inner.zip": b"PK",
    }
    path = packed(tmp_path / "a.zip", files)
    found = find_sources([path])
    assert {one.path: one.reason for one in found.skipped} == {
        f"{path}/notes.txt": "is not a picture",
        f"{path}/inner.zip": "is not a picture",
    }
    *_, reading = read_dataset(found, SPEC)
    assert [one.name for one in reading.dataset.sources] == ["a.png"]
    assert {one.path: one.reason for one in reading.dataset.skipped[2:]} == {
        f"{path}/bad.png": "is not a picture this program can read",
        f"{path}/empty.png": "is empty",
    }


def test_names_that_would_lead_out_of_an_archive_are_only_names(tmp_path: Path) -> None:
    files = {"../../etc/1.png": picture(1), "/abs/2.png": picture(2), "ok/3.png": picture(3)}
    found = find_sources([packed(tmp_path / "slip.zip", files)])
    assert {one.label for one in found.sources} == {"etc", "abs", "ok"}
    assert len(read(found)) == 3
    assert folder_of("../x/../y/1.png") == "x/y"


def test_links_are_left_out(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.png")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.png", picture(1))
    assert [one.name for one in members(tmp_path / "a.zip")] == ["a.png"]


def test_an_encrypted_picture_is_listed(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.png": picture(1), "b.png": picture(2)})
    data = bytearray(path.read_bytes())
    place = data.rfind(b"PK\x01\x02", 0, data.rfind(b"b.png"))
    data[place + 8] |= 1
    path.write_bytes(data)
    found = find_sources([path])
    assert [one.name for one in found.sources] == ["a.png"]
    assert [one.reason for one in found.skipped] == ["is encrypted"]
    with pytest.raises(PictureError, match="is encrypted"):
        read_member(str(path), "b.png")


def test_a_picture_larger_than_the_limit_is_refused_unread(
    tmp_path: Path, limited: Callable[..., None]
) -> None:
    limited(max_file_mb=4)
    path = packed(tmp_path / "bomb.zip", {"a.png": bytes(5 << 20)})
    with pytest.raises(PictureError, match=r"is larger than 4 MB \(setting 'max file MB'\)"):
        read_member(str(path), "a.png")


def test_a_lying_size_gives_no_more_than_it_says(tmp_path: Path) -> None:
    path = packed(tmp_path / "lie.zip", {"a.png": bytes(1 << 20)})
    data = bytearray(path.read_bytes())
    place = data.rfind(b"PK\x01\x02")
    data[place + 24 : place + 28] = (100).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(PictureError, match="is damaged in its archive"):
        read_member(str(path), "a.png")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive at all" * 100])
def test_what_is_no_archive_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(SourceError, match=r"a\.zip: is no zip archive, or is damaged"):
        find_sources([tmp_path / "a.zip"])


def test_damage_to_one_picture_costs_that_picture(tmp_path: Path) -> None:
    files = {f"{n}.png": picture(n) for n in range(5)}
    path = packed(tmp_path / "a.zip", files, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    place = data.find(files["3.png"])
    data[place + 40] ^= 0xFF
    path.write_bytes(data)
    *_, reading = read_dataset(find_sources([path]), SPEC)
    assert [one.name for one in reading.dataset.sources] == ["0.png", "1.png", "2.png", "4.png"]
    assert [one.reason for one in reading.dataset.skipped] == ["is damaged in its archive"]


def test_an_archive_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.png": picture(10)})
    source = find_sources([path]).sources[0]
    assert read_image(source).getpixel((0, 0)) == (10, 0, 245)
    packed(tmp_path / "b.zip", {"a.png": picture(200), "b.png": picture(1)}).replace(path)
    assert read_image(source).getpixel((0, 0)) == (200, 0, 55)
    packed(tmp_path / "c.zip", {"b.png": picture(1)}).replace(path)
    with pytest.raises(PictureError, match="is no longer in its archive"):
        read_image(source)
    path.unlink()
    with pytest.raises(PictureError, match="is no longer there"):
        image_size(source)


def test_an_archive_is_taken_once(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.png": picture(10)})
    (tmp_path / "b.zip").symlink_to(path)
    assert len(find_sources([tmp_path, path]).sources) == 1


@pytest.mark.parametrize(
    ("name", "pictures", "labels"),
    [("clothing.zip", 5756, 21), ("flags.zip", None, None), ("sign-digits.zip", None, 10)],
)
def test_the_shared_archives_open(name: str, pictures: int | None, labels: int | None) -> None:
    path = shared("data", name)
    if not path.exists():
        pytest.skip(f"the shared data are not there: {path}")
    found = find_sources([path])
    with zipfile.ZipFile(path) as archive:
        files = [one for one in archive.namelist() if not one.endswith("/")]
    sides = [one for one in files if "__MACOSX" in one or "/." in one]
    assert len(found.sources) + len(found.skipped) == len(files) - len(sides)
    assert pictures is None or len(found.sources) in range(pictures, pictures + 10)
    assert labels is None or len({one.label for one in found.sources}) == labels
    few = Found(found.sources[:40], ())
    assert len(read(few, propose_spec(few.sources))) > 30
