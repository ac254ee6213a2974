"""HEIC: read like any other picture where pillow-heif is there, explained where it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from data import PROJECT, image2map
from numpy.typing import NDArray
from PIL import Image

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images import heif
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.decode import image_size, read_image
from image2map_gui.core.images.limits import Limits
from image2map_gui.core.images.sources import Source, find_sources
from image2map_gui.core.images.spec import ImageSpec

HEAD = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
MISSING = "is a HEIC picture, which needs the extra 'heif' (python -m pip install pillow-heif)"


def corners() -> NDArray[np.uint8]:
    found = np.zeros((64, 96, 3), np.uint8)
    found[:32, :48], found[:32, 48:], found[32:, :48] = (250, 20, 20), (20, 250, 20), (20, 20, 250)
    return found


def read(path: Path) -> NDArray[np.int_]:
    return np.asarray(read_image(Source(str(path)))).astype(int)


@pytest.fixture
def library() -> None:
    library = pytest.importorskip("pillow_heif")
    library.register_heif_opener()  # to write them


def save(path: Path, pixels: NDArray[np.uint8], **values: object) -> Path:
    Image.fromarray(pixels).save(path, "HEIF", quality=95, **values)
    return path


@pytest.mark.usefixtures("library")
def test_it_is_read_by_name_and_by_content(tmp_path: Path) -> None:
    save(tmp_path / "a.heic", corners())
    save(tmp_path / "b.HEIF", corners())
    save(tmp_path / "c.jpg", corners())
    save(tmp_path / "no ending", corners())
    found = find_sources([tmp_path])
    assert len(found.sources) == 4
    *_, reading = read_dataset(found, ImageSpec(size=(12, 8), fit="stretch", colour="rgb"))
    assert reading.dataset.skipped == ()
    for source in found.sources:
        pixels = np.asarray(read_image(source)).astype(int)
        assert np.abs(pixels - corners())[4::8, 4::8].max() <= 12
        assert image_size(source) == (96, 64)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("turn", range(1, 9))
def test_it_is_turned_upright_once(tmp_path: Path, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    path = save(tmp_path / "turned.heic", corners(), exif=exif.tobytes())
    sideways = corners().transpose(1, 0, 2)
    upright = {  # what the viewer must do, in the words of the EXIF standard
        1: corners(),
        2: corners()[:, ::-1],
        3: corners()[::-1, ::-1],
        4: corners()[::-1],
        5: sideways,
        6: sideways[:, ::-1],
        7: sideways[::-1, ::-1],
        8: sideways[::-1],
    }[turn]
    found = read(path)
    assert found.shape == upright.shape
    assert np.abs(found - upright)[4::8, 4::8].max() <= 12
    assert image_size(Source(str(path))) == upright.shape[1::-1]


@pytest.mark.usefixtures("library")
def test_transparency_shows_the_ground(tmp_path: Path) -> None:
    pixels = np.dstack([corners(), np.full((64, 96), 255, np.uint8)])
    pixels[:, 48:, 3] = 0
    path = save(tmp_path / "a.heic", pixels)
    for ground in (255, 0):
        found = np.asarray(read_image(Source(str(path)), background=ground)).astype(int)
        assert np.abs(found[8:24, 56:88] - ground).max() <= 3
        assert np.abs(found - corners())[8:24, 8:40].max() <= 12


@pytest.mark.usefixtures("library")
def test_the_thumbnail_beside_it_is_never_taken_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    Image.fromarray(np.kron(corners(), np.ones((8, 8, 1), np.uint8))).save(
        path, "HEIF", thumbnails=[128]
    )
    small = read_image(Source(str(path)), at_least=(16, 16))
    assert small.size == (768, 512)


@pytest.mark.usefixtures("library")
def test_what_is_cut_short_or_too_large_is_refused(tmp_path: Path, limited: object) -> None:
    path = save(tmp_path / "a.heic", corners())
    whole = path.read_bytes()
    limited(max_side=64)  # type: ignore[operator]
    with pytest.raises(PictureError, match="has a side of 96 pixels"):
        read(path)
    limited(**{})  # type: ignore[operator]
    assert Limits().max_side > 96
    for share in (0.05, 0.3, 0.6, 0.95):
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(PictureError):
            read(path)


def test_without_the_extra_the_reason_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(HEAD + bytes(100))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    heif._registered.cache_clear()
    try:
        for look in (read_image, image_size):
            with pytest.raises(PictureError) as refusal:
                look(Source(str(path)))
            assert str(refusal.value) == MISSING
    finally:
        heif._registered.cache_clear()


@pytest.mark.slow
def test_without_the_extra_others_are_read_and_it_is_listed(
    tmp_path: Path, lines_folder: Path
) -> None:
    """As helpers and the command line see it, in processes where the library cannot be found."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "pillow_heif.py").write_text("raise ImportError")
    folder = tmp_path / "pictures"
    folder.mkdir()
    for path in sorted(lines_folder.iterdir())[:5]:
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "IMG_1.HEIC").write_bytes(HEAD + bytes(100))
    said = image2map(
        "train", folder, "-o", tmp_path / "a.i2m", "--rows", 2, "--columns", 2, "--json",
        PYTHONPATH=f"{tmp_path / 'hidden'}:{PROJECT}",
    ).json  # fmt: skip
    assert said["images"] == 5
    assert said["skipped"] == [{"path": str(folder / "IMG_1.HEIC"), "reason": MISSING}]


@pytest.mark.usefixtures("library")
def test_the_library_looks_at_files_in_helper_processes_only(tmp_path: Path) -> None:
    save(tmp_path / "a.heic", corners())
    code = (
        "import sys\n"
        "from image2map_gui.core.images.dataset import read_dataset\n"
        "from image2map_gui.core.images.proposal import propose_spec\n"
        "from image2map_gui.core.images.sources import find_sources\n"
        f"found = find_sources([{str(tmp_path)!r}])\n"
        "spec = propose_spec(found.sources)\n"
        "assert spec.size == (39, 26) and spec.colour == 'rgb', spec\n"
        "*_, reading = read_dataset(found, spec)\n"
        "assert len(reading.dataset) == 1\n"
        "assert 'pillow_heif' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True, timeout=60)


def test_the_library_is_not_loaded_before_such_a_picture_comes(lines_folder: Path) -> None:
    code = (
        "import sys\n"
        "from image2map_gui.core.images.decode import read_image\n"
        "from image2map_gui.core.images.sources import find_sources\n"
        f"for source in find_sources([{str(lines_folder)!r}]).sources: read_image(source)\n"
        "assert 'pillow_heif' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True, timeout=60)
