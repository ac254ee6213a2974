"""Nothing is called, run, unpickled or told that must not be."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from audited import FIRST, OTHERS, everything, labelled_lines
from data import PROJECT, shared
from PIL import Image

full_only = [pytest.mark.faults, pytest.mark.timeout(1800)]
HERE = Path(__file__).parent
# Helpers that decode are told by pickles what to do. They come from the process that started them
# through a pipe that nobody else has; what they answer is bytes.
BY_OUR_OWN_PIPE = re.compile(r"pickle\.find_class\t.*(multiprocessing/(connection|spawn)\.py)")


def watched(folder: Path, *arguments: object) -> Counter[str]:
    """Run everything and return what was done that could reach beyond the process."""
    log = folder / "audit.txt"
    done = subprocess.run(
        [sys.executable, HERE / "audited.py", folder, *map(str, arguments)],
        env=os.environ
        | {"PYTHONPATH": f"{HERE / 'audit'}:{PROJECT}:{HERE.parent}", "I2M_AUDIT": str(log)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    lines = log.read_text().splitlines() if log.exists() else []
    allowed = [line for line in lines if BY_OUR_OWN_PIPE.search(line)]
    sys.stdout.write(f"{len(lines)} events, {len(allowed)} of them from our own pipe\n")
    return Counter(line for line in lines if line not in allowed)


@pytest.mark.parametrize(
    "which", [pytest.param("some", marks=pytest.mark.slow), pytest.param("all", marks=full_only)]
)
def test_nothing_is_called_run_or_unpickled(tmp_path: Path, which: str) -> None:
    labelled_lines(tmp_path / "pictures")
    arguments = [which]
    if which == "all" and shared("corpus").is_dir():
        for name in ("images_bad", "images_odd", "files_bad"):
            with tarfile.open(shared("corpus", f"{name}.tar.gz")) as packed:
                packed.extractall(tmp_path / "corpus", filter="data")
        arguments.append(str(tmp_path / "corpus"))
    assert not watched(tmp_path, *arguments)
    assert not list(tmp_path.rglob("I2M_*"))


def test_the_watch_sees_what_it_must(tmp_path: Path) -> None:
    code = (
        "import os, pickle, socket, subprocess\n"
        "os.system('true')\n"
        "subprocess.run(['true'])\n"
        "socket.socket().bind(('127.0.0.1', 0))\n"
        "pickle.loads(pickle.dumps(os.getcwd))\n"
    )
    log = tmp_path / "audit.txt"
    seen = os.environ | {"PYTHONPATH": str(HERE / "audit"), "I2M_AUDIT": str(log)}
    subprocess.run([sys.executable, "-c", code], env=seen, check=True)
    events = {line.partition("\t")[0] for line in log.read_text().splitlines()}
    assert events >= {"os.system", "subprocess.Popen", "socket.bind", "pickle.find_class"}


# --- what exports tell ------------------------------------------------------------------------

SECRET = "Secret Place 48.2082 N"
TABLES = ("answers.csv", "units.csv", "todo.csv")
NAMES = ("=cmd|' /C calc'!A0.png", "+1.png", "-1.png", "@SUM(1).png", "\tx.png", "\rx.png",
         "<img src=x onerror=alert(1)>.png")  # fmt: skip


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with everything exported of pictures with GPS, from a telling place."""
    folder = tmp_path_factory.mktemp("exported") / "home-of-somebody"
    dice = np.random.default_rng(0)
    for number, name in enumerate(("a.png", "b.png", "c.png", *NAMES)):
        picture = Image.fromarray(dice.integers(0, 256, (12, 12, 3), np.uint8))
        exif = Image.Exif()
        exif[0x010E] = SECRET
        exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 12.0, 29.5), 3: "E", 4: (16.0, 22.0, 5.0)})
        path = folder / "pictures" / ("=one", "two")[number % 2] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, "PNG", exif=exif, pnginfo=None)
        with Image.open(path) as written:
            assert written.getexif()[0x010E] == SECRET
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        patch.setenv("USERPROFILE", str(folder))
        everything(folder, (*FIRST, *OTHERS))
    return folder


def contents(path: Path) -> Iterator[bytes]:
    """All that is in a file, packed or not."""
    yield path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from map(packed.read, packed.namelist())


def files(exported: Path) -> Iterator[Path]:
    found = [path for path in sorted((exported / "out").iterdir()) if path.is_file()]
    assert len(found) > 15
    return iter(found)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_no_gps_and_no_remarks_leave_with_pictures(exported: Path) -> None:
    for path in [*files(exported), exported / "map.i2m"]:
        data = path.read_bytes()
        assert SECRET.encode() not in data, path
        if path.suffix in (".png", ".gif", ".webp"):
            with Image.open(path) as picture:
                assert not picture.getexif(), path
                assert not {"exif", "xmp", "comment"} & set(picture.info), path


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_no_place_of_pictures_is_told_unless_asked(exported: Path) -> None:
    for path in [*files(exported), exported / "map.i2m"]:
        assert not any(b"home-of-somebody" in data for data in contents(path)), path
    assert b"\n~/pictures/" in (exported / "out/answers.csv").read_bytes()


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_no_cell_is_a_formula(exported: Path) -> None:
    cells = 0
    for name in TABLES:
        with (exported / "out" / name).open(newline="", encoding="utf-8") as file:
            for row in csv.reader(file):
                for cell in row:
                    cells += 1
                    assert not cell.startswith(("=", "+", "@", "\t", "\r")), cell
                    assert not cell.startswith("-") or float(cell) < 0
    assert cells > 100


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.policy = ""
        self.found: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found[tag] += 1
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""
        assert not [name for name in given if name.startswith("on")]
        assert not re.match(
            r"(?!data:image/png;base64,)", given.get("src") or "data:image/png;base64,"
        )


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_the_report_runs_and_loads_nothing(exported: Path) -> None:
    page = Elements()
    page.feed((exported / "out/h.html").read_text(encoding="utf-8"))
    assert page.policy.startswith("default-src 'none'")
    assert not {"script", "iframe", "object", "embed", "form", "link", "base"} & set(page.found)


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_copies_keep_their_names_and_lie_where_they_must(exported: Path) -> None:
    copies = [path for path in (exported / "out/sorted").rglob("*") if path.is_file()]
    assert len(copies) == 3 + len(NAMES)
    for path in copies:
        assert path.resolve().is_relative_to(exported / "out/sorted")
