"""Pages of TIFF files: counted without decoding, read each as the picture it is."""

from __future__ import annotations

import io
import itertools
import struct
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.decode import image_size, read_image
from image2map_gui.core.images.small import small_image
from image2map_gui.core.images.sources import Source, find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.images.tiff import MAX_PAGES, at_page, page_places
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project
from image2map_gui.core.project.save import save_project
from image2map_gui.core.som.params import SomParams

SHADES = (10, 60, 110, 160, 210)


def page(shade: int, index: int = 0) -> Image.Image:
    """A page of its own size and shades, so that none can be taken for another."""
    pixels = np.full((8 + index, 12), shade, np.uint8)
    pixels[:, :6] //= 2
    return Image.fromarray(pixels)


def many(path: Path, **values: object) -> Path:
    first, *rest = [page(shade, index) for index, shade in enumerate(SHADES)]
    first.save(path, save_all=True, append_images=rest, **values)
    return path


def pixels(source: Source) -> NDArray[np.uint8]:
    return np.asarray(read_image(source))


def chain(*nexts: int, order: str = "<") -> bytes:
    """A TIFF of pages with one entry each that name the next page by its place in the chain."""
    data = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8)
    for following in nexts:
        entry = struct.pack(f"{order}HHII", 256, 4, 1, 1)
        place = 8 + 18 * following if following else 0
        data += struct.pack(f"{order}H", 1) + entry + struct.pack(f"{order}I", place)
    return data


def counted(data: bytes) -> int:
    began = time.perf_counter()
    places = page_places(io.BytesIO(data))
    assert time.perf_counter() - began < 1
    return len(places)


# What is found


def test_the_first_page_is_taken_unless_all_are_asked_for(tmp_path: Path) -> None:
    path = many(tmp_path / "scan.tif")
    assert find_sources([path]).sources == (Source(str(path)),)
    found = find_sources([path], pages="all").sources
    assert [source.index for source in found] == [-1, 1, 2, 3, 4]
    assert [source.name for source in found][::3] == ["scan.tif", "scan.tif 4"]
    assert [source.address for source in found][::3] == [str(path), f"{path}#3"]
    assert all(source.encoded for source in found)


def test_all_pages_hold_what_first_pages_did(tmp_path: Path) -> None:
    for name in ("a.tif", "b.TIFF"):
        many(tmp_path / name)
    page(3).save(tmp_path / "single.tif")
    page(3).save(tmp_path / "other.png")
    first = find_sources([tmp_path]).sources
    every = find_sources([tmp_path], pages="all").sources
    assert len(first) == 4
    assert len(every) == 12
    assert set(first) <= set(every)


def test_pages_keep_the_label_of_their_file(tmp_path: Path) -> None:
    for label in ("cats", "dogs"):
        (tmp_path / label).mkdir()
        many(tmp_path / label / "scan.tif")
    labels = [source.label for source in find_sources([tmp_path], pages="all").sources]
    assert labels == ["cats"] * 5 + ["dogs"] * 5


# What is read


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_deflate", "packbits", "jpeg"])
@pytest.mark.parametrize("big", [False, True])
def test_every_page_is_read_as_itself(tmp_path: Path, compression: str | None, big: bool) -> None:
    path = many(tmp_path / "scan.tif", compression=compression, big_tiff=big)
    with path.open("rb") as file:
        assert len(page_places(file)) == len(SHADES)
    for index, source in enumerate(find_sources([path], pages="all").sources):
        wanted = np.asarray(page(SHADES[index], index), int)
        assert image_size(source) == wanted.shape[::-1]
        tolerance = 6 if compression == "jpeg" else 0
        assert np.abs(pixels(source).astype(int) - wanted).max() <= tolerance


def test_a_page_is_turned_as_its_own_tag_says(tmp_path: Path) -> None:
    path = tmp_path / "turned.tif"
    exif = Image.Exif()
    exif[0x0112] = 6
    page(200).save(path, save_all=True, append_images=[page(100)], exif=exif)
    with Image.open(path) as image:
        image.seek(1)
        turned = image.tag_v2.get(0x0112) == 6
    second = Source(str(path), 1)
    assert pixels(second).shape == ((12, 8) if turned else (8, 12))
    assert image_size(second) == pixels(second).shape[::-1]


def test_pages_in_a_zip_archive(tmp_path: Path) -> None:
    scan = many(tmp_path / "scan.tif")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(scan, "in/scan.tif")
    found = find_sources([path], pages="all").sources
    assert [source.name for source in found][:2] == ["scan.tif", "scan.tif 2"]
    assert found[3].address == f"{path}/in/scan.tif#3"
    for source, alone in zip(found, find_sources([scan], pages="all").sources, strict=True):
        assert np.array_equal(pixels(source), pixels(alone))
    assert len(find_sources([path]).sources) == 1


def test_pages_go_the_whole_way(tmp_path: Path) -> None:
    """Read by helpers, made small, saved and opened again; a project is none the wiser."""
    path = many(tmp_path / "scan.tif")
    *_, reading = read_dataset(find_sources([path], pages="all"), ImageSpec(size=(6, 6)))
    dataset = reading.dataset
    assert len(dataset) == len(SHADES)
    means = dataset.vectors.mean(axis=1) * 255
    assert np.abs(means - np.array(SHADES) * 0.75).max() < 1.5
    assert small_image(dataset.sources[4], 96).getpixel((95, 95)) == (SHADES[4],) * 3
    project = Project(dataset.spec, SomParams(), dataset.sources, dataset.skipped)
    save_project(project, tmp_path / "a.i2m")
    assert load_project(tmp_path / "a.i2m").sources == dataset.sources


# What could go wrong


@pytest.mark.parametrize("order", ["<", ">"])
def test_chains_are_followed_to_their_end(order: str) -> None:
    assert counted(chain(1, 2, 0, order=order)) == 3
    assert counted(chain(0, order=order)) == 1


def test_chains_that_bite_their_tail_end_there() -> None:
    assert counted(chain(1, 2, 1)) == 3
    start_again = bytearray(chain(1, 2, 0))
    start_again[-4:] = (8).to_bytes(4, "little")
    assert counted(bytes(start_again)) == 3


def test_endless_and_broken_chains(tmp_path: Path) -> None:
    most = chain(*range(1, MAX_PAGES), 0)
    assert counted(most) == MAX_PAGES
    with pytest.raises(PictureError, match="more than 10,000 pages"):
        counted(chain(*range(1, MAX_PAGES + 50), 0))
    for length in range(len(chain(1, 0))):
        assert counted(chain(1, 0)[:length]) in (0, 1, 2)
    assert counted(b"no TIFF") == 0
    assert counted(b"II" + struct.pack("<HHHQ", 43, 8, 0, 2**64 - 1)) == 0
    huge = b"II" + struct.pack("<HHHQ", 43, 8, 0, 16) + struct.pack("<Q", 2**63) + bytes(40)
    assert counted(huge) == 1
    path = tmp_path / "endless.tif"
    path.write_bytes(chain(*range(1, MAX_PAGES + 50), 0))
    found = find_sources([path], pages="all")
    assert len(found.sources) == 1
    assert [one.reason for one in found.skipped] == ["has more than 10,000 pages"]


def test_pages_that_are_gone_or_never_were(tmp_path: Path) -> None:
    path = many(tmp_path / "scan.tif")
    whole = path.read_bytes()
    for index in (len(SHADES), 10**9):
        with pytest.raises(PictureError, match="page"):
            read_image(Source(str(path), index))
    for size, index in itertools.product((0, 4, 40), (1, 4)):
        path.write_bytes(whole[:size])
        with pytest.raises(PictureError):
            read_image(Source(str(path), index))
    assert at_page(whole, 1234).read(8) == whole[:4] + (1234).to_bytes(4, "little")
    page(1).save(path, "PNG")
    with pytest.raises(PictureError):
        read_image(Source(str(path), 1))


def test_a_damaged_page_costs_only_itself(tmp_path: Path) -> None:
    path = many(tmp_path / "scan.tif", compression="tiff_deflate")
    data = bytearray(path.read_bytes())
    with Image.open(path) as image:
        image.seek(2)
        place = image.tag_v2[273][0]
    data[place : place + 8] = bytes(8)
    path.write_bytes(data)
    *_, reading = read_dataset(find_sources([path], pages="all"), ImageSpec(size=(6, 6)))
    assert [source.index for source in reading.dataset.sources] == [-1, 1, 3, 4]
    assert [one.path for one in reading.dataset.skipped] == [f"{path}#2"]
