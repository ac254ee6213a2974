"""The shared collection of hostile and odd files: all are read or refused, none does harm."""

from __future__ import annotations

import os
import re
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from data import shared

from image2map_gui.core.errors import Image2MapError, PictureError, ProjectError
from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.idx import read_idx
from image2map_gui.core.images.proposal import propose_spec
from image2map_gui.core.images.sources import Source, find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project import load_project

SECONDS = 5.0


def unpacked(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = shared("corpus", f"{name}.tar.gz")
    if not archive.is_file():
        pytest.skip("the shared collection of hostile files is not here")
    folder = tmp_path_factory.mktemp(name)
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / name


def manifest(folder: Path) -> Iterator[tuple[Path, str]]:
    for line in (folder / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        name, *_, expected = line.split("\t")
        yield folder / os.fsdecode(unquote_to_bytes(name)), expected


@pytest.fixture(scope="module", params=["images_bad", "images_odd"])
def pictures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(request.param, tmp_path_factory)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked("files_bad", tmp_path_factory)


@pytest.fixture(autouse=True)
def no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    yield
    assert not (tmp_path / "I2M_PWNED").exists()
    assert not list(tmp_path.rglob("I2M_SLIP"))


def outcome(path: Path) -> str:
    """What the decoder makes of a file: ``48x32``, or ``refused``; anything else is raised."""
    began = time.perf_counter()
    try:
        image = read_image(Source(str(path)))
        said = f"{image.width}x{image.height}"
        assert image.mode in ("L", "RGB")
        for fit in ("crop", "pad", "stretch") if image.width * image.height < 100_000 else ():
            assert ImageSpec(size=(9, 7), fit=fit).vector(image).shape == (63,)
    except PictureError as error:
        said = "refused"
        assert str(error), path  # noqa: PT017
    assert time.perf_counter() - began < SECONDS, path
    return said


def allowed(expected: str, said: str) -> bool:
    size = re.search(r"ACCEPT (\d+x\d+)", expected)
    if expected.startswith("ACCEPT") and "or" not in expected.split():
        return said == size[1] if size else said != "refused"
    return said == "refused" or not re.match(r"REJECT(?! or EITHER| \(not finite\))", expected)


def test_every_picture_is_read_or_refused_as_it_should_be(pictures: Path) -> None:
    wrong = {
        ascii(path.name): (expected, said)
        for path, expected in manifest(pictures)
        if not allowed(expected, said := outcome(path))
    }
    assert not wrong


def test_for_every_picture_some_spec_is_proposed(pictures: Path) -> None:
    for path, _ in manifest(pictures):
        if path.stat().st_size < 20_000:  # larger ones are slow, and decoded in the test above
            assert isinstance(propose_spec([Source(str(path))]), ImageSpec)


def test_every_file_of_a_folder_is_found_or_listed(pictures: Path) -> None:
    found = find_sources([pictures])
    everything = sorted(str(path) for path in pictures.iterdir() if not path.is_dir())
    told = [source.path for source in found.sources] + [one.path for one in found.skipped]
    assert sorted(told) == everything
    assert all(one.reason for one in found.skipped)


@pytest.mark.parametrize(
    ("reader", "refusal"), [(load_project, ProjectError), (read_idx, PictureError)]
)
def test_every_file_that_is_no_project_and_no_idx_is_refused(
    files: Path, reader: Callable[[Path], object], refusal: type[Image2MapError]
) -> None:
    for path, expected in manifest(files):
        if reader is read_idx and ("idx_ok" in path.name or "labels" in path.name):
            continue
        if "honest_512MB" in path.name:
            continue  # half a gigabyte of memory in a test run is too much
        began = time.perf_counter()
        with pytest.raises(refusal) as refused:
            reader(path)
        assert time.perf_counter() - began < SECONDS, path
        assert len(str(refused.value).splitlines()) == 1
        if "newer version" in expected and reader is load_project:
            assert "damaged" in str(refused.value) or "newer version" in str(refused.value)


def test_good_idx_files_among_the_bad_ones_are_read(files: Path) -> None:
    for name in ("idx_ok-images-idx3-ubyte", "idx_ok-images-idx3-ubyte.gz"):
        assert read_idx(files / name).shape == (10, 28, 28)
        assert [source.label for source in find_sources([files / name]).sources] == [
            str(digit) for digit in range(10)
        ]
