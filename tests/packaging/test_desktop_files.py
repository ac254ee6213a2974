"""The icons and the files that a Linux desktop reads are valid and agree with each other."""

import configparser
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

from image2map_gui import __version__

ROOT = Path(__file__).resolve().parent.parent.parent
LINUX = ROOT / "packaging" / "linux"
ICONS = ROOT / "resources" / "icons"
NAME = "io.github.image2map.Image2Map"
MIME_TYPE = "application/x-image2map"
MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"
SVG = "{http://www.w3.org/2000/svg}"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
UI_ICONS = [
    "add",
    "chevron-left",
    "chevron-right",
    "classify",
    "clear",
    "close",
    "dice",
    "exclude",
    "find",
    "first",
    "fit",
    "include",
    "info",
    "label",
    "list",
    "measure",
    "new",
    "open-folder",
    "open-project",
    "paste",
    "pause",
    "picture",
    "pin",
    "play-back",
    "redo",
    "remove",
    "reset",
    "sample",
    "save",
    "split",
    "step",
    "stop",
    "train",
    "undo",
    "warning",
    "zoom-in",
    "zoom-out",
]


@pytest.fixture(scope="module")
def entry():
    parser = configparser.RawConfigParser(delimiters="=")
    parser.optionxform = str
    parser.read(LINUX / f"{NAME}.desktop", encoding="utf-8")
    return parser["Desktop Entry"]


@pytest.fixture(scope="module")
def component():
    return ET.parse(LINUX / f"{NAME}.metainfo.xml").getroot()


@pytest.fixture(scope="module")
def mime_type():
    return ET.parse(LINUX / "image2map-mime.xml").getroot().find(f"{MIME}mime-type")


def run_tool(*command):
    """Run a validator where the machine has it; it is a convenience, not a requirement."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_desktop_entry_starts_the_window_with_files(entry):
    assert entry["Type"] == "Application"
    assert entry["Exec"] == "image2map-gui %F"
    assert entry["Terminal"] == "false"


def test_desktop_entry_opens_projects_and_pictures(entry):
    types = entry["MimeType"].rstrip(";").split(";")
    assert {MIME_TYPE, "image/png", "image/jpeg"} <= set(types)
    assert len(types) == len(set(types))


def test_desktop_validator_is_content():
    result = run_tool("desktop-file-validate", str(LINUX / f"{NAME}.desktop"))
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_description_names_the_desktop_entry(component, entry):
    assert component.get("type") == "desktop-application"
    assert component.findtext("id") == NAME
    assert component.findtext("launchable") == f"{NAME}.desktop"
    assert component.findtext("name") == entry["Name"]
    assert component.findtext("summary") == entry["Comment"]
    assert component.findtext("icon") == entry["Icon"]


def test_description_has_the_licence_and_the_newest_release(component):
    assert component.findtext("project_license") == "MIT"
    assert component.find("content_rating") is not None
    releases = component.findall("releases/release")
    assert releases[0].get("version") == __version__
    dates = [release.get("date") for release in releases]
    assert dates == sorted(dates, reverse=True)


def test_description_validator_is_content():
    file = str(LINUX / f"{NAME}.metainfo.xml")
    result = run_tool("appstreamcli", "validate", "--no-net", "--no-color", file)
    assert result.returncode == 0, result.stdout + result.stderr


def test_project_files_have_a_type(mime_type, component):
    assert mime_type.get("type") == MIME_TYPE
    assert mime_type.find(f"{MIME}glob").get("pattern") == "*.i2m"
    assert mime_type.find(f"{MIME}sub-class-of").get("type") == "application/zip"
    assert component.findtext("provides/mediatype") == MIME_TYPE


def test_type_database_takes_the_type(tmp_path):
    (tmp_path / "packages").mkdir()
    shutil.copy(LINUX / "image2map-mime.xml", tmp_path / "packages")
    result = run_tool("update-mime-database", str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert f"{MIME_TYPE}:*.i2m" in (tmp_path / "globs2").read_text(encoding="utf-8")


@pytest.mark.parametrize("size", SIZES)
def test_application_icon_has_its_size_and_round_corners(size):
    with Image.open(ICONS / f"image2map-{size}.png") as picture:
        assert picture.size == (size, size)
        assert picture.mode == "RGBA"
        assert picture.getpixel((0, 0))[3] < 128
        assert picture.getpixel((size // 2, size // 2))[3] == 255


def test_windows_icon_holds_the_usual_sizes():
    with Image.open(ICONS / "image2map.ico") as picture:
        assert {(size, size) for size in (16, 32, 48, 256)} <= set(picture.info["sizes"])


def test_application_icon_parses():
    root = ET.parse(ICONS / "image2map.svg").getroot()
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 256 256"


def test_no_icon_is_missing_or_unknown():
    assert sorted(path.stem for path in (ICONS / "ui").glob("*.svg")) == UI_ICONS


@pytest.mark.parametrize("name", UI_ICONS)
def test_icon_is_drawn_with_one_pen(name):
    text = (ICONS / "ui" / f"{name}.svg").read_text(encoding="utf-8")
    root = ET.fromstring(text)
    assert root.get("viewBox") == "0 0 24 24"
    assert set(re.findall(r'(?:stroke|fill)="([^"]*)"', text)) <= {"none", "#000000"}
    assert set(re.findall(r'stroke-width="([^"]*)"', text)) == {"1.8"}
    assert "style" not in text


@pytest.mark.parametrize("name", UI_ICONS)
def test_icon_is_seen_and_stays_inside_its_square(name):
    picture = drawn(ICONS / "ui" / f"{name}.svg", 48)
    alpha = picture.getchannel("A")
    ink = sum(alpha.tobytes()) / (255 * 48 * 48)
    assert 0.02 < ink < 0.5
    left, top, right, bottom = alpha.getbbox()
    assert min(left, top) >= 1
    assert max(right, bottom) <= 47


def drawn(path, size):
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    canvas = QImage(size, size, QImage.Format.Format_RGBA8888)
    canvas.fill(0)
    renderer = QSvgRenderer(str(path))
    assert renderer.isValid()
    painter = QPainter(canvas)
    renderer.render(painter)
    painter.end()
    return Image.frombytes("RGBA", (size, size), bytes(canvas.constBits()))
