"""Figures of a collection, counted by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data import write_idx, write_picture
from PIL import Image

from image2map_gui.core.images import statistics as statistics_module
from image2map_gui.core.images.sources import Skipped, Source, find_sources, sample_sources
from image2map_gui.core.images.statistics import Statistics, surveying


def survey(sources: tuple[Source, ...], skipped: tuple[Skipped, ...] = ()) -> Statistics:
    *_, last = surveying(sources, skipped)
    assert last.statistics is not None
    assert last.fraction == 1
    return last.statistics


def test_files_of_many_kinds_are_counted(tmp_path: Path) -> None:
    write_picture(tmp_path / "cat" / "1.png", np.zeros((30, 40), np.uint8))
    write_picture(tmp_path / "cat" / "2.png", np.zeros((30, 40, 3), np.uint8))
    write_picture(tmp_path / "dog" / "3.jpg", np.zeros((10, 20, 3), np.uint8))
    write_picture(tmp_path / "dog" / "4.png", np.zeros((100, 90), np.uint16))
    Image.new("RGBA", (40, 30)).save(tmp_path / "dog" / "5.webp")
    found = find_sources([tmp_path])
    got = survey(found.sources)
    assert (got.pictures, got.unreadable, got.files) == (5, 0, 5)
    assert got.widths == (20, 40, 90)
    assert got.heights == (10, 30, 100)
    assert got.sizes == (("40 x 30", 3), ("20 x 10", 1), ("90 x 100", 1))
    assert got.formats == (("PNG", 3), ("JPEG", 1), ("WEBP", 1))
    assert dict(got.colours) == {
        "grey": 1,
        "colour": 2,
        "colour with transparency": 1,
        "grey, 16 bits": 1,
    }
    assert got.labels == (("dog", 3), ("cat", 2))
    assert got.file_bytes == sum(path.stat().st_size for path in tmp_path.rglob("*.*"))


def test_a_picture_on_its_side_has_the_size_it_is_shown_in(tmp_path: Path) -> None:
    image = Image.new("RGB", (50, 20))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)
    assert survey((Source(str(tmp_path / "a.jpg")),)).sizes == (("20 x 50", 1),)


def test_what_cannot_be_read_and_what_was_skipped_is_counted(tmp_path: Path) -> None:
    good = write_picture(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("no picture")
    skipped = (Skipped("/x", "is damaged (cut)"), Skipped("/y", "is damaged (broken)"))
    got = survey((Source(str(good)), Source(str(tmp_path / "b.png")), Source("/none")), skipped)
    assert (got.pictures, got.unreadable) == (3, 2)
    assert got.skipped == (("is damaged", 2),)
    assert got.labels == (("", 3),)


def test_a_collection_that_is_gone_has_no_sizes() -> None:
    got = survey((Source("/none"),))
    assert got.widths is None
    assert got.sizes == ()


def test_pictures_of_one_file_are_looked_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Source] = []
    real = statistics_module.picture_head

    def noted(source: Source) -> bytes:
        asked.append(source)
        return real(source)

    monkeypatch.setattr(statistics_module, "picture_head", noted)
    write_idx(tmp_path / "a-images-idx3-ubyte", np.zeros((700, 8, 9), np.uint8))
    got = survey(find_sources([tmp_path]).sources + sample_sources("colours").sources)
    assert len(asked) == 2
    assert got.formats == (("IDX", 700), ("drawn", 100))
    assert dict(got.sizes)["9 x 8"] == 700


def test_no_pixel_is_decoded(tmp_path: Path) -> None:
    """A picture whose pixels are cut off has a head all the same."""
    path = write_picture(tmp_path / "a.png", np.zeros((500, 600, 3), np.uint8))
    path.write_bytes(path.read_bytes()[:60])
    assert survey((Source(str(path)),)).sizes == (("600 x 500", 1),)


def test_every_page_has_its_own_size(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.new("L", (30, 20)).save(path, save_all=True, append_images=[Image.new("L", (10, 40))])
    got = survey(find_sources([path], pages="all").sources)
    assert got.sizes == (("10 x 40", 1), ("30 x 20", 1))
    assert (got.files, got.file_bytes) == (1, path.stat().st_size)
