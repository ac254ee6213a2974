"""Reading a collection: everything in order, nothing lost, and an end at any time."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import resource
import tarfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from data import labelled_vectors, noise, shared, write_idx, write_picture
from PIL import Image

from image2map_gui.core.images import dataset as dataset_module
from image2map_gui.core.images.dataset import Dataset, Reading, read_dataset
from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.sources import Found, find_sources, sample_sources
from image2map_gui.core.images.spec import ImageSpec

SPEC = ImageSpec(size=(6, 6))


def read(found: Found, spec: ImageSpec = SPEC) -> Dataset:
    *_, last = read_dataset(found, spec)
    return last.dataset


def grey_folder(folder: Path, count: int) -> Path:
    for index in range(count):
        write_picture(folder / f"{index}.png", index % 250)
    return folder


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the reading yield after every file."""
    monkeypatch.setattr(dataset_module, "_BREATH", 0.0)


def test_pictures_keep_their_order_although_they_are_read_side_by_side(tmp_path: Path) -> None:
    grey_folder(tmp_path, 150)
    for index in range(0, 150, 30):  # these are slow: later ones are done before them
        write_picture(tmp_path / f"{index}.png", np.full((2000, 2000), index, np.uint8))
    found = find_sources([tmp_path])
    dataset = read(found)
    assert dataset.sources == found.sources
    assert (dataset.vectors * 255).round()[:, 0].tolist() == list(range(150))


def test_vectors_are_those_of_the_single_pictures(tmp_path: Path) -> None:
    for index in range(5):
        pixels = np.random.default_rng(index).integers(0, 256, (9, 12, 3), np.uint8)
        write_picture(tmp_path / f"{index}.png", pixels)
    spec = ImageSpec(size=(5, 7), colour="rgb", value_range="-1..1")
    dataset = read(find_sources([tmp_path]), spec)
    assert dataset.vectors.shape == (5, 105)
    assert dataset.vectors.dtype == np.float32
    assert not dataset.vectors.flags.writeable
    assert dataset.spec == spec
    for source, vector in zip(dataset.sources, dataset.vectors, strict=True):
        assert np.array_equal(spec.read(source)[0], vector)


def test_files_that_cannot_be_read_are_listed_and_leave_no_gap(tmp_path: Path) -> None:
    grey_folder(tmp_path, 6)
    (tmp_path / "2.png").write_text("no picture")
    (tmp_path / "4.png").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("no picture either")
    dataset = read(find_sources([tmp_path]))
    assert [Path(source.path).stem for source in dataset.sources] == ["0", "1", "3", "5"]
    assert (dataset.vectors[:, 0] * 255).round().tolist() == [0, 1, 3, 5]
    reasons = {Path(one.path).name: one.reason for one in dataset.skipped}
    assert reasons == {
        "notes.txt": "is not a picture",
        "2.png": "is not a picture this program can read",
        "4.png": "is empty",
    }


def test_a_collection_of_which_nothing_can_be_read_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    dataset = read(find_sources([tmp_path]))
    assert len(dataset) == 0
    assert dataset.vectors.shape == (0, 36)
    assert len(dataset.skipped) == 1


def test_files_that_vanish_or_change_while_they_are_read_are_listed(tmp_path: Path) -> None:
    grey_folder(tmp_path, 5)
    found = find_sources([tmp_path])
    (tmp_path / "1.png").unlink()
    (tmp_path / "3.png").write_bytes((tmp_path / "3.png").read_bytes()[:40])
    dataset = read(found)
    assert [Path(source.path).stem for source in dataset.sources] == ["0", "2", "4"]
    assert len(dataset.skipped) == 2


def test_files_idx_pictures_and_samples_can_be_mixed(tmp_path: Path) -> None:
    grey_folder(tmp_path / "a", 2)
    pictures = np.full((3, 6, 6), 200, np.uint8)
    write_idx(tmp_path / "b-images-idx3-ubyte", pictures)
    found = find_sources([tmp_path / "b-images-idx3-ubyte", tmp_path / "a"])
    mixed = Found((*found.sources, *sample_sources("lines", 2).sources), ())
    dataset = read(mixed)
    assert [source.kind for source in dataset.sources] == ["idx"] * 3 + ["file"] * 2 + [
        "sample"
    ] * 2
    assert (dataset.vectors[:3] * 255).round().tolist() == [[200] * 36] * 3


@pytest.mark.usefixtures("eager")
def test_a_reading_tells_how_far_it_has_come(tmp_path: Path) -> None:
    grey_folder(tmp_path, 20)
    (tmp_path / "7.png").write_text("no picture")
    readings = list(read_dataset(find_sources([tmp_path]), SPEC))
    assert sorted({reading.done for reading in readings} - {0}) == list(range(1, 21))
    assert {reading.total for reading in readings} == {20}
    assert [reading.milestone for reading in readings] == [False] * (len(readings) - 1) + [True]
    fractions = [reading.fraction for reading in readings]
    assert all(earlier <= later for earlier, later in itertools.pairwise(fractions))
    assert fractions[-1] == 1
    assert readings[-1].read == 19


@pytest.mark.usefixtures("eager")
@pytest.mark.slow
def test_who_stops_early_keeps_what_was_read(tmp_path: Path) -> None:
    grey_folder(tmp_path, 40)
    (tmp_path / "1.png").write_text("no picture")
    before = threading.active_count()
    steps = read_dataset(find_sources([tmp_path]), SPEC)
    reading = next(reading for reading in steps if reading.done == 10)
    steps.close()
    kept = reading.dataset
    assert [Path(source.path).stem for source in kept.sources] == list("023456789")
    assert (kept.vectors[:, 0] * 255).round().tolist() == [0, 2, 3, 4, 5, 6, 7, 8, 9]
    assert threading.active_count() == before


@pytest.mark.usefixtures("eager")
def test_an_early_dataset_is_not_changed_by_what_is_read_later(tmp_path: Path) -> None:
    grey_folder(tmp_path, 20)
    steps = read_dataset(find_sources([tmp_path]), SPEC)
    early = next(reading for reading in steps if reading.done == 5).dataset
    vectors, sources = early.vectors.copy(), early.sources
    list(steps)
    assert np.array_equal(early.vectors, vectors)
    assert early.sources == sources


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    grey_folder(tmp_path, 3)
    found = find_sources([tmp_path])
    steps = read_dataset(found, SPEC)
    for path in tmp_path.iterdir():
        path.unlink()
    *_, last = steps
    assert last.read == 0


def test_a_thousand_small_files_take_little_time(tmp_path: Path) -> None:
    grey_folder(tmp_path, 1000)
    began = time.perf_counter()
    readings: list[Reading] = list(read_dataset(find_sources([tmp_path]), SPEC))
    assert time.perf_counter() - began < 20
    assert readings[-1].read == 1000


def test_a_picture_has_one_vector_however_it_comes(tmp_path: Path) -> None:
    waves = np.sin(np.arange(1600) / 7) * 100 + 128
    pixels = np.stack([np.add.outer(waves[:1200] / 2, waves / 2)] * 3, axis=-1).astype(np.uint8)
    for index in range(4):
        Image.fromarray(np.roll(pixels, 100 * index, axis=1)).save(tmp_path / f"{index}.jpg")
    spec = ImageSpec(size=(31, 23), colour="rgb", fit="pad")
    found = find_sources([tmp_path])
    dataset = read(found, spec)
    assert len(dataset) == 4
    for source, vector in zip(dataset.sources, dataset.vectors, strict=True):
        dropped = read(find_sources([source.path]), spec)
        assert np.array_equal(dropped.vectors, vector[None])
        assert np.array_equal(spec.read(source)[0], vector)
        reduced = read_image(source, spec.background, at_least=spec.size)
        assert reduced.size == (200, 150)  # an eighth: no more of it is decoded
        assert np.array_equal(spec.vector(reduced), vector)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have such signals")
@pytest.mark.usefixtures("eager")
@pytest.mark.slow
def test_decoders_that_are_killed_cost_no_picture(tmp_path: Path) -> None:
    grey_folder(tmp_path, 200)
    killed = set()
    for last in read_dataset(find_sources([tmp_path]), SPEC):
        if last.done in (20, 90):
            for process in multiprocessing.active_children():
                process.kill()
                killed.add(process.pid)
    assert killed
    assert (last.dataset.vectors[:, 0] * 255).round().tolist() == list(range(200))
    assert last.dataset.skipped == ()


def test_hostile_files_are_read_or_listed_one_by_one(tmp_path: Path) -> None:
    archive = shared("corpus", "images_bad.tar.gz")
    if not archive.is_file():
        pytest.skip("the shared collection of hostile files is not here")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    found = find_sources([tmp_path / "images_bad"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    readings = [(time.perf_counter(), reading) for reading in read_dataset(found, SPEC)]
    gaps = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(readings)]
    dataset = readings[-1][1].dataset
    assert len(dataset) + len(dataset.skipped) == len(found.sources) + len(found.skipped)
    assert all(one.reason for one in dataset.skipped)
    assert not [one for one in dataset.skipped if "made the decoder fail" in one.reason]
    assert sorted(gaps)[-3] < 0.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10  # in KB


# Splitting


@pytest.mark.parametrize(("share", "count"), [(0.8, 16), (0.5, 10), (0.01, 1), (1.0, 20)])
def test_a_split_divides_the_pictures(share: float, count: int) -> None:
    dataset = labelled_vectors(noise(20, 36), [str(index) for index in range(20)], SPEC)
    first, second = dataset.split(share, seed=3)
    assert (len(first), len(second)) == (count, 20 - count)
    everyone = [*first.sources, *second.sources]
    assert sorted(everyone, key=lambda source: int(source.label or "")) == list(dataset.sources)
    for part in (first, second):
        assert part.vectors.shape == (len(part), 36)
        places = [int(label or "") for label in part.labels]
        assert places == sorted(places)
        assert np.array_equal(part.vectors, dataset.vectors[places])
        assert not part.vectors.flags.writeable


def test_a_split_is_drawn_by_its_seed() -> None:
    dataset = labelled_vectors(noise(50, 36), [str(index) for index in range(50)], SPEC)
    assert dataset.split(0.5, 1)[0].labels == dataset.split(0.5, 1)[0].labels
    assert dataset.split(0.5, 1)[0].labels != dataset.split(0.5, 2)[0].labels
    assert dataset.split(0.5, 1)[0].labels != dataset.labels[:25]


def test_one_picture_is_never_split_away() -> None:
    dataset = labelled_vectors(noise(1, 36), [None], SPEC)
    first, second = dataset.split(0.2, 0)
    assert (len(first), len(second)) == (1, 0)
