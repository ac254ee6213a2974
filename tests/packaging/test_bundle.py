"""The bundle is started, not only built: from a folder with an odd name, in a bare environment.

``IMAGE2MAP_BUNDLE=FOLDER`` tests a bundle that is already there instead of building one.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from image2map_gui import __version__

pytestmark = [pytest.mark.bundle, pytest.mark.timeout(1800)]

PACKAGING = Path(__file__).resolve().parent.parent.parent / "packaging"
PROGRAM = "image2map.exe" if sys.platform == "win32" else "image2map"
PICTURES = 80
COLOURS = 100


@pytest.fixture(scope="session")
def built():
    given = os.environ.get("IMAGE2MAP_BUNDLE")
    if given:
        return Path(given).resolve()
    subprocess.run([sys.executable, str(PACKAGING / "build.py")], check=True, timeout=1500)
    return PACKAGING / "dist" / "image2map"


@pytest.fixture(scope="session")
def bundle(built, tmp_path_factory):
    """The bundle, moved to where a person might put it."""
    place = tmp_path_factory.mktemp("bundle") / "Bilder für später" / "Image2Map 試し"
    try:
        shutil.copytree(built, place, symlinks=True, copy_function=os.link)
    except (OSError, shutil.Error):  # another disk
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(built, place, symlinks=True)
    return place


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "a folder with ünïcödé 地図"
    place.mkdir()
    return place


@pytest.fixture
def start(bundle, folder, tmp_path):
    """Run the program in the folder and return what it printed."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {"HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    kept = ("SYSTEMROOT", "TEMP")  # without these nothing at all starts on Windows
    environment |= {name: os.environ[name] for name in kept if name in os.environ}

    def run(*arguments, seconds=240):
        return subprocess.run(
            [str(bundle / PROGRAM), *map(str, arguments)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=seconds,
            check=False,
        )

    return run


def assert_quiet(result):
    assert (result.returncode, result.stderr) == (0, "")


def files_below(folder):
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_version(start):
    result = start("--version", seconds=30)
    assert_quiet(result)
    assert result.stdout == f"image2map {__version__}\n"


def test_demo_trains_and_saves_a_picture_of_the_window(start, folder):
    result = start("open", "--demo")
    assert_quiet(result)
    assert "image2map-demo.png" in result.stdout
    with Image.open(folder / "image2map-demo.png") as picture:
        picture.load()
        assert picture.format == "PNG"
        assert picture.width >= 600
        assert picture.height >= 400
        colours = picture.convert("RGB").getcolors(maxcolors=picture.width * picture.height)
    assert len(colours) > COLOURS
    assert max(count for count, _ in colours) < 0.9 * picture.width * picture.height


def test_train_classify_and_evaluate(start, folder):
    assert_quiet(start("sample", "lines", "lines", "--count", PICTURES))
    result = start("train", "lines", "-o", "lines.i2m", "--epochs", "5", "--json")
    assert_quiet(result)
    assert json.loads(result.stdout)["images"] == PICTURES
    assert (folder / "lines.i2m").is_file()

    result = start("classify", "lines.i2m", "lines", "--json")
    assert_quiet(result)
    matches = json.loads(result.stdout)["matches"]
    assert len(matches) == PICTURES
    assert len({match["unit"] for match in matches}) > 1

    result = start("evaluate", "lines.i2m", "lines", "--json")
    assert_quiet(result)
    assert json.loads(result.stdout)["images"] == PICTURES


def test_preparations_and_exports_are_in_the_bundle(start, folder):
    """They load libraries that nothing else does, some of them by name."""
    assert_quiet(start("sample", "lines", "lines", "--count", PICTURES))
    prepared = ("--features", "hog", "--contrast", "clahe", "--size", "32x32", "--reduction", "pca")
    assert_quiet(start("train", "lines", "-o", "lines.i2m", "--epochs", "2", *prepared))
    for view, out in (("clusters", "c.png"), ("report", "r.html"), ("exemplars", "e.svg")):
        assert_quiet(start("export", "lines.i2m", view, out))
        assert (folder / out).stat().st_size > 1000
    photo = next((folder / "lines").glob("*.png"))
    assert_quiet(start("quantize", photo, "-o", "q.png", "--palette", "q.gpl"))


def test_double_click_opens_the_window(start):
    """Without a display the window must refuse, which shows that it was the window's command."""
    result = start(seconds=30)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "no display" in result.stderr


def test_nothing_is_written_but_what_was_asked_for(start, bundle, folder):
    before = files_below(bundle)
    assert_quiet(start("open", "--demo"))
    assert files_below(bundle) == before
    assert [path.name for path in folder.iterdir()] == ["image2map-demo.png"]
    if os.name == "posix":  # an atomic save onto it, as root, would make it a plain file
        assert Path(os.devnull).is_char_device()


def test_no_link_in_the_bundle_leads_nowhere(bundle):
    assert [path for path in bundle.rglob("*") if path.is_symlink() and not path.exists()] == []


def test_resources_are_where_the_package_looks(bundle):
    resources = bundle / "_internal" / "image2map_gui" / "_resources"
    assert (resources / "icons" / "image2map.svg").is_file()
    assert (resources / "icons" / "ui" / "train.svg").is_file()
