"""What files say about their pictures; what is wrong in them is left out, and places always."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from data import write_picture
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from image2map_gui.core.images.metadata import Looking, Metadata, looking_up, read_metadata
from image2map_gui.core.images.sources import Source, find_sources


def looked(source: Source) -> Looking:
    *_, last = looking_up(source)
    return last


def photo(path: Path, **changes: object) -> Source:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = changes.get("make", "Nikon")
    exif[ExifTags.Base.Model] = changes.get("model", "Nikon D90")
    exif[ExifTags.Base.Orientation] = 6
    more = exif.get_ifd(ExifTags.IFD.Exif)
    more[ExifTags.Base.DateTimeOriginal] = "2021:05:04 10:11:12"
    more[ExifTags.Base.ExposureTime] = changes.get("seconds", IFDRational(1, 250))
    more[ExifTags.Base.FNumber] = IFDRational(56, 10)
    more[ExifTags.Base.ISOSpeedRatings] = 400
    more[ExifTags.Base.FocalLength] = IFDRational(50, 1)
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[1], place[2] = "N", (52.0, 31.0, 12.5)
    Image.new("RGB", (40, 30), "red").save(path, exif=exif)
    return Source(str(path))


def test_a_photo_tells_of_its_camera_but_not_where_it_was(tmp_path: Path) -> None:
    source = photo(tmp_path / "a.jpg")
    facts = looked(source).metadata
    assert facts is not None
    assert (facts.width, facts.height) == (30, 40), "as shown: it lies on its side"
    assert (facts.format, facts.colours) == ("JPEG", "colour")
    assert facts.bytes == (tmp_path / "a.jpg").stat().st_size
    assert facts.modified == (tmp_path / "a.jpg").stat().st_mtime
    assert (facts.taken, facts.camera) == ("2021-05-04 10:11", "Nikon D90")
    assert facts.exposure == "1/250 s, f/5.6, ISO 400, 50 mm"
    assert "52" not in read_metadata(source).decode().replace(str(facts.modified), "")


@pytest.mark.parametrize("seconds", [IFDRational(1, 0), IFDRational(0, 1), IFDRational(0, 0)])
def test_odd_numbers_are_left_out(tmp_path: Path, seconds: IFDRational) -> None:
    facts = looked(photo(tmp_path / "a.jpg", seconds=seconds)).metadata
    assert facts is not None
    assert facts.exposure == "f/5.6, ISO 400, 50 mm"


def test_odd_texts_become_short_lines(tmp_path: Path) -> None:
    source = photo(tmp_path / "a.jpg", make="Ni\nkon\x1b", model="x" * 500)
    facts = looked(source).metadata
    assert facts is not None
    assert facts.camera == "Ni kon " + "x" * 60


def test_pictures_without_a_file_of_their_own(tmp_path: Path) -> None:
    np.save(tmp_path / "many.npy", np.zeros((3, 8, 9), np.uint8))
    (first, *_) = find_sources([tmp_path / "many.npy"]).sources
    facts = looked(first).metadata
    assert facts is not None
    assert (facts.width, facts.height, facts.format, facts.bytes) == (9, 8, "NumPy", 0)
    facts = looked(Source("lines", 3, kind="sample")).metadata
    assert facts is not None
    assert (facts.format, facts.modified) == ("drawn", 0.0)


def test_a_picture_in_an_archive(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "a.png", "in/a.png")
    (source,) = find_sources([tmp_path / "a.zip"]).sources
    facts = looked(source).metadata
    assert facts is not None
    assert facts.format == "PNG"
    assert (facts.camera, facts.exposure) == ("", "")


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe1\x00\x10Exif\0\0II*\0"])
def test_what_is_no_picture_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    said = looked(Source(str(tmp_path / "a.jpg")))
    assert said.metadata is None
    assert said.reason
    assert said.milestone


def test_facts_are_plain(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    assert Metadata(**json.loads(read_metadata(Source(str(tmp_path / "a.png"))))).format == "PNG"
