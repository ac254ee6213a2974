"""Copies and near-duplicates are found, and nothing that only looks a little alike."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from data import write_idx
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from image2map_gui.core.images import duplicates
from image2map_gui.core.images.duplicates import (
    TOLERANCE,
    Group,
    Prints,
    all_but_first,
    finding_duplicates,
)
from image2map_gui.core.images.sources import Source, find_sources


def groups(sources: tuple[Source, ...], tolerance: int | None = None) -> tuple[Group, ...]:
    *_, last = finding_duplicates(sources, tolerance)
    assert last.groups is not None
    return last.groups


def names(found: tuple[Group, ...]) -> list[list[str]]:
    return [[source.name for source in group.sources] for group in found]


def scene(seed: int) -> Image.Image:
    """Draw some soft coloured shapes, another picture for each seed."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    return small.resize((120, 90), Image.Resampling.BICUBIC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed in range(12):
        scene(seed).save(tmp_path / f"{seed}.png")
    return tmp_path


def test_only_the_same_bytes_are_copies(folder: Path) -> None:
    shutil.copy(folder / "3.png", folder / "3x copy.png")
    shutil.copy(folder / "3.png", folder / "another.png")
    scene(4).save(folder / "4x packed.png", compress_level=1)
    found = groups(find_sources([folder]).sources)
    assert names(found) == [["3.png", "3x copy.png", "another.png"]]
    assert found[0].exact
    assert [source.name for source in all_but_first(found)] == ["3x copy.png", "another.png"]


def test_files_of_a_size_of_their_own_are_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noted(source: Source) -> bytes:
        read.append(source.name)
        return source.name.encode()

    (folder / "a.png").write_bytes(b"x" * 100_001)
    (folder / "b.png").write_bytes(b"y" * 100_001)
    monkeypatch.setattr(duplicates, "digest", noted)
    monkeypatch.setattr(duplicates, "each", here)
    assert groups(find_sources([folder]).sources) == ()
    assert {"a.png", "b.png"} <= set(read)
    sizes = [path.stat().st_size for path in folder.iterdir()]
    assert len(read) == sum(sizes.count(size) > 1 for size in sizes)


def here(function, sources):
    for place, source in enumerate(sources):
        yield place, function(source)


@pytest.mark.parametrize("change", ["smaller", "packed", "lighter", "format"])
def test_changed_copies_are_found_near(folder: Path, change: str) -> None:
    image = scene(5)
    if change == "smaller":
        image.resize((60, 45)).save(folder / "5x changed.png")
    elif change == "packed":
        image.save(folder / "5x changed.jpg", quality=40)
    elif change == "lighter":
        ImageEnhance.Brightness(image).enhance(1.03).save(folder / "5x changed.png")
    else:
        image.save(folder / "5x changed.bmp")
    sources = find_sources([folder]).sources
    assert groups(sources) == ()
    found = groups(sources, TOLERANCE)
    assert [len(group.sources) for group in found] == [2]
    assert found[0].sources[0].name == "5.png"
    assert not found[0].exact


def test_the_same_drawing_in_other_colours_is_another_picture(tmp_path: Path) -> None:
    for name, colour in (("red", (200, 20, 20)), ("blue", (20, 20, 200))):
        image = Image.new("RGB", (90, 60), colour)
        image.paste((255, 255, 255), (30, 0, 60, 60))
        image.save(tmp_path / f"{name}.png")
    assert groups(find_sources([tmp_path]).sources, 64) == ()


def test_plain_pictures_of_other_shapes_are_other_pictures(tmp_path: Path) -> None:
    for name, size in (("wide", (90, 30)), ("tall", (30, 90)), ("small", (45, 15))):
        Image.new("RGB", size, (128, 128, 128)).save(tmp_path / f"{name}.png")
    found = groups(find_sources([tmp_path]).sources, TOLERANCE)
    assert names(found) == [["small.png", "wide.png"]]


def test_a_chain_of_small_changes_is_not_one_group() -> None:
    """Of pictures each like the next, those unlike the first are in another group."""
    edges = np.zeros((5, 4), np.uint64)
    for row in range(1, 5):
        edges[row:, 0] |= np.uint64(0b111 << (3 * row))
    found = near(edges, tolerance=3)
    assert found == [[0, 1], [2, 3]]


def near(edges: NDArray[np.uint64], tolerance: int) -> list[list[int]]:
    count = len(edges)
    sources = tuple(Source(f"/{row}.png") for row in range(count))
    looks = np.zeros((count, 192), np.uint8)
    shapes = np.zeros(count, np.float32)
    prints = Prints(sources, edges, looks, shapes, np.ones(count, np.bool_))
    *_, last = finding_duplicates(sources, tolerance, prints)
    assert last.groups is not None
    return [[sources.index(one) for one in group.sources] for group in last.groups]


@pytest.mark.parametrize("block", [1, 500, 1 << 20])
def test_blocks_find_what_a_plain_loop_finds(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_BLOCK", block)
    rng = np.random.default_rng(3)
    centres = rng.integers(0, 2**63, (9, 4)).astype(np.uint64)
    edges = centres[rng.integers(0, 9, 60)]
    for row in range(60):
        for bit in rng.integers(0, 60, rng.integers(0, 9)):
            edges[row, bit % 4] ^= np.uint64(1) << np.uint64(bit)
    expected, grouped = [], set()
    for first in range(60):
        if first in grouped:
            continue
        group = [first]
        for other in range(first + 1, 60):
            bits = sum(
                int(a ^ b).bit_count() for a, b in zip(edges[first], edges[other], strict=True)
            )
            if other not in grouped and bits <= 6:
                group.append(other)
        grouped.update(group)
        expected += [group] if len(group) > 1 else []
    assert near(edges, 6) == expected


def test_pictures_of_one_file_are_compared_by_their_pixels(tmp_path: Path) -> None:
    table = np.random.default_rng(0).integers(0, 256, (6, 8, 8), dtype=np.uint8)
    table[4] = table[1]
    write_idx(tmp_path / "a-images-idx3-ubyte", table)
    found = groups(find_sources([tmp_path]).sources)
    assert [[source.index for source in group.sources] for group in found] == [[1, 4]]


def test_what_cannot_be_read_has_no_near_duplicate(folder: Path) -> None:
    for name in ("bad 1.png", "bad 2.png"):
        (folder / name).write_text(f"no picture at all {name}")
    for name in ("same 1.png", "same 2.png"):
        (folder / name).write_text("damaged in the same way")
    found = groups((*find_sources([folder]).sources, Source("/gone.png")), TOLERANCE)
    assert names(found) == [["same 1.png", "same 2.png"]]
    assert found[0].exact


def test_prints_serve_another_search(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene(5).resize((60, 45)).save(folder / "5x changed.png")
    sources = find_sources([folder]).sources
    *_, first = finding_duplicates(sources, 0)
    monkeypatch.setattr(duplicates, "picture_print", None)
    *_, second = finding_duplicates(sources, 64, first.prints)
    assert len(second.groups or ()) == 1


def test_nothing_to_compare() -> None:
    assert groups(()) == ()
    assert groups((), TOLERANCE) == ()


def test_the_pages_of_a_file_are_no_copies_but_those_of_its_copy_are(tmp_path: Path) -> None:
    first, second = scene(1), scene(2)
    first.save(tmp_path / "a.tif", save_all=True, append_images=[second])
    shutil.copy(tmp_path / "a.tif", tmp_path / "b.tif")
    found = groups(find_sources([tmp_path], pages="all").sources)
    assert names(found) == [["a.tif", "b.tif"], ["a.tif 2", "b.tif 2"]]
