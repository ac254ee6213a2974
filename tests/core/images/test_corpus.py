"""The shared collection of hostile and odd files: all are read or refused, none does harm."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

import numpy as np
import pytest
from data import PROJECT, draw_lines, image2map, shared
from numpy.typing import NDArray
from PIL import Image

from image2map_gui.cli import main
from image2map_gui.core.errors import Image2MapError, PictureError, ProjectError
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.idx import read_idx
from image2map_gui.core.images.proposal import propose_spec
from image2map_gui.core.images.sources import Source, find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project.load import load_project

SECONDS = 5.0
PICTURES_MB, FILES_MB = 500, 700  # what a whole import may take; one honest IDX file has 512 MB

Pixels = NDArray[np.float64]


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


def test_helpers_come_to_the_same_verdicts(pictures: Path) -> None:
    expectations = dict(manifest(pictures))
    *_, reading = read_dataset(find_sources([pictures]), ImageSpec(size=(9, 7)))
    dataset = reading.dataset
    accepted = {source.path for source in dataset.sources}
    refused = {one.path: one.reason for one in dataset.skipped}
    everything = {str(path) for path in pictures.iterdir()}
    assert len(accepted) + len(refused) == len(everything)
    assert accepted | set(refused) == everything
    assert np.isfinite(dataset.vectors).all()
    for path, expected in expectations.items():
        if expected.startswith("REJECT") and " or " not in expected:
            assert str(path) in refused, path
        elif expected.startswith("ACCEPT") and " or " not in expected:
            assert str(path) in accepted, (path, refused.get(str(path)))
    for reason in refused.values():
        assert "made the decoder fail" not in reason
        assert len(reason.splitlines()) == 1


WATCH = """
import os, sys
program = [sys.executable, "-m", "image2map_gui", *sys.argv[1:]]
_, status, used = os.wait4(os.spawnv(os.P_NOWAIT, sys.executable, program), 0)
open("peak", "w").write(str(used.ru_maxrss >> 10))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak_of(*arguments: object, folder: Path) -> tuple[int, str, str, int]:
    """Run the command line; its exit code, what it said, and the most memory of any process.

    A small process starts and watches it: whatever is forked begins with its parent's figure.
    """
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *map(str, arguments)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr, int((folder / "peak").read_text())


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("pages", ["first", "all"])
def test_the_command_line_imports_the_whole_folder(
    pictures: Path, tmp_path: Path, pages: str
) -> None:
    began = time.perf_counter()
    code, out, err, peak = peak_of(
        "train", pictures, "-o", tmp_path / "map.i2m", "--rows", 2, "--columns", 2,
        "--epochs", 1, "--pages", pages, "--json", folder=tmp_path,
    )  # fmt: skip
    assert code == 0, err
    assert "Traceback" not in err
    assert peak < PICTURES_MB
    assert time.perf_counter() - began < 60
    answer = json.loads(out)
    files = len(list(pictures.iterdir()))
    if pages == "first":
        assert answer["images"] + len(answer["skipped"]) == files
    else:
        assert answer["images"] + len(answer["skipped"]) > files
    assert load_project(tmp_path / "map.i2m").model is not None


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_command_line_answers_of_each_file_in_one_line(
    pictures: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "map.i2m"
    lines = draw_lines(tmp_path / "lines", 8)
    assert main(["train", str(lines), "-o", str(model), "--rows", "2", "--columns", "2"]) == 0
    capfd.readouterr()
    for path, expected in manifest(pictures):
        began = time.perf_counter()
        code = main(["classify", str(model), str(path)])
        said = capfd.readouterr()
        assert time.perf_counter() - began < SECONDS + 1, path
        sizeless = re.sub(r"ACCEPT \d+x\d+", "ACCEPT", expected)  # the answers tell no size
        assert allowed(sizeless, {0: "read", 1: "refused"}[code]), (path, expected)
        one, other = (said.out, said.err) if code == 0 else (said.err, said.out)
        assert len(one.splitlines()) == 1, path
        assert other == "" or "TIFF" in other, path  # libtiff writes where it likes


# The right pixels


def turned(pixels: Pixels, orientation: int) -> Pixels:
    """Bring pixels upright, in the words of the EXIF standard."""
    if orientation > 4:
        pixels = pixels.swapaxes(0, 1)
    across = orientation in (2, 3, 6, 7)
    down = orientation in (3, 4, 7, 8)
    return pixels[:: -1 if down else 1, :: -1 if across else 1]


def on_white(colours: Pixels, alpha: Pixels) -> Pixels:
    return colours * alpha / 255 + 255 - alpha


def of_a_palette(image: Image.Image, raw: Pixels) -> Pixels:
    key = image.info.get("transparency")
    table = np.zeros((256, 4))
    table[:, 3] = 255
    colours = np.array(image.getpalette("RGB"), np.float64).reshape(-1, 3)
    table[: len(colours), :3] = colours
    if isinstance(key, bytes):
        table[: len(key), 3] = list(key)
    elif key is not None:
        table[key, 3] = 0
    picked = table[raw.astype(int)]
    return on_white(picked[..., :3], picked[..., 3:])


def of_jfif(raw: Pixels) -> Pixels:
    y, blue, red = raw[..., 0], raw[..., 1] - 128, raw[..., 2] - 128
    channels = (y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue)
    return np.clip(np.stack(channels, axis=-1), 0, 255)


def stretched(raw: Pixels, white: float) -> Pixels:
    low, high = raw.min(), raw.max()
    if low >= 0 and high <= white:
        low, high = 0, white
    return (raw - low) / (high - low) * 255


def plain(image: Image.Image, raw: Pixels) -> Pixels:
    key = image.info.get("transparency")
    if key is None:
        return raw
    alike = raw == np.array(key)
    return np.where(alike.all(axis=-1, keepdims=True) if raw.ndim == 3 else alike, 255, raw)


RULES: dict[str, Callable[[Image.Image, Pixels], Pixels]] = {
    "1": lambda image, raw: plain(image, raw * 255),
    "L": plain,
    "RGB": plain,
    "P": of_a_palette,
    "LA": lambda image, raw: on_white(raw[..., :-1], raw[..., -1:]),
    "RGBA": lambda image, raw: on_white(raw[..., :-1], raw[..., -1:]),
    "CMYK": lambda image, raw: (255 - raw[..., :3]) * (255 - raw[..., 3:]) / 255,
    "YCbCr": lambda image, raw: of_jfif(raw),
    "I;16": lambda image, raw: raw // 256,
    "I;16B": lambda image, raw: raw // 256,
    "I": lambda image, raw: stretched(raw, 65_535),
    "F": lambda image, raw: stretched(raw, 1),
}


def by_the_rule(path: Path) -> Pixels | None:
    """What a picture must look like, worked out by hand from its raw numbers.

    ``None`` where it has a colour profile of use, which tests of its own look after.
    """
    with Image.open(path) as image:
        image.load()
        if "icc_profile" in image.info and not path.name.startswith("icc_"):
            return None
        raw = np.asarray(image).astype(np.float64)
        orientation = 1 if image.format == "TIFF" else image.getexif().get(0x0112, 1)
        return turned(RULES[image.mode](image, raw), orientation)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked("images_odd", tmp_path_factory)


def test_every_odd_picture_has_the_pixels_of_the_rule(odd: Path) -> None:
    checked, left_aside, wrong = 0, [], {}
    for path, expected in manifest(odd):
        if not expected.startswith("ACCEPT") or path.suffix in (".eps", ".j2k"):
            continue
        wanted = by_the_rule(path)
        if wanted is None:
            left_aside.append(path.name)
            continue
        found = np.asarray(read_image(Source(str(path)))).astype(np.float64)
        if wanted.ndim == 2 and found.ndim == 3:
            wanted = np.repeat(wanted[..., None], 3, axis=-1)
        if wanted.ndim == 3 and found.ndim == 2:
            found = found[..., None]
        assert found.shape == wanted.shape, path
        checked += 1
        if (error := np.abs(found - wanted).mean()) > 1:
            wrong[path.name] = error
    assert not wrong
    assert checked > 70
    assert len(left_aside) < 6, left_aside


def test_one_picture_in_many_clothes_is_one_picture(odd: Path) -> None:
    """The generated family of 48 x 32 pixels: whatever holds it, it looks the same."""
    plain = np.asarray(read_image(Source(str(odd / "double.tar.gz.png")))).astype(float)
    for name, tolerance in {
        "anim.png": 0, "backup.png~": 0, "cmyk.tif": 0, "icc_garbage.png": 0,
        "trailing_zip_polyglot.png": 0, "wrong_ext_png.jpg": 0, "wrong_ext_jpeg.png": 10,
        "trailing_html.jpg": 10, "progressive.jpg": 12, "Mixed.JpEg": 10, "ycbcr.tif": 10,
    }.items():  # fmt: skip
        found = np.asarray(read_image(Source(str(odd / name)))).astype(float)
        assert np.abs(found - plain).mean() <= tolerance, name
    for orientation in (1, 4, 5, 6, 8):
        path = odd / f"exif_orientation_{orientation}.jpg"
        found = np.asarray(read_image(Source(str(path)))).astype(float)
        assert np.abs(found - turned(plain, orientation)).mean() <= 10, path
    for ending, tolerance in (("png", 0), ("webp", 10)):
        path = odd / f"exif_orientation_6.{ending}"
        found = np.asarray(read_image(Source(str(path)))).astype(float)
        assert np.abs(found - turned(plain, 6)).mean() <= tolerance, path
    hidden = np.asarray(read_image(Source(str(odd / "rgba_fully_transparent.png"))))
    assert (hidden == 255).all()


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


def is_array(path: Path) -> bool:
    return path.suffix in (".npy", ".npz", ".zip") or "idx" in path.name


@pytest.mark.timeout(300)
def test_every_file_that_is_no_set_of_pictures_is_refused_as_one(files: Path) -> None:
    """As pictures: found and read, or refused in a sentence, within time."""
    wrong = {}
    for path, expected in manifest(files):
        if not is_array(path) or "honest_512MB" in path.name:
            continue
        began = time.perf_counter()
        try:
            *_, reading = read_dataset(find_sources([path]), ImageSpec(size=(9, 7)))
            dataset = reading.dataset
            said = "read" if len(dataset) else "refused"
            assert np.isfinite(dataset.vectors).all()
            assert all(len(one.reason.splitlines()) == 1 for one in dataset.skipped)
        except Image2MapError as error:
            said = "refused"
            assert len(str(error).splitlines()) == 1, path  # noqa: PT017
        assert time.perf_counter() - began < SECONDS, path
        if path.name.startswith(("npy_", "idx_", "npz_bomb", "npz_pickle", "npz_header", "zip_")):
            sure = " or " not in expected
            if (
                sure
                and re.split(r"\W", expected)[0] != {"read": "ACCEPT", "refused": "REJECT"}[said]
            ):
                wrong[path.name] = (expected, said)
    labels = {name for name in wrong if "labels" in name}
    assert set(wrong) == labels, wrong  # labels alone are no pictures


@pytest.mark.timeout(300)
@pytest.mark.slow
def test_the_command_line_imports_the_folder_of_bad_files(files: Path, tmp_path: Path) -> None:
    code, out, err, peak = peak_of(
        "train", files, "-o", tmp_path / "map.i2m", "--rows", 2, "--columns", 2, "--epochs", 1,
        "--json", folder=tmp_path,
    )  # fmt: skip
    assert code == 0, err
    assert err == ""
    assert peak < FILES_MB
    assert all(one["reason"] for one in json.loads(out)["skipped"])


@pytest.mark.slow
def test_bad_files_are_no_projects_for_the_command_line_either(
    files: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for path, _ in manifest(files):
        began = time.perf_counter()
        assert main(["info", str(path)]) == 1, path
        said = capfd.readouterr()
        assert time.perf_counter() - began < SECONDS, path
        assert len(said.err.splitlines()) == 1, path
        assert said.out == ""
    answer = image2map("info", files / "npz_pickle.npz")
    assert answer.code == 1
