"""What is exported is the old file or the whole new one: on full disks, without rights, killed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from audited import labelled_lines
from data import PROJECT

from image2map_gui.cli import main
from image2map_gui.core.errors import ProjectError
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.save import save_project

COMMANDS = {
    "map.png": "export MAP mosaic OUT",
    "map.svg": "export MAP mosaic OUT",
    "map.pdf": "export MAP u-matrix OUT",
    "units.csv": "export MAP assignments OUT",
    "weights.npz": "export MAP weights OUT",
    "report.html": "export MAP report OUT --quiet",
    "learning.gif": "export MAP history OUT --quiet",
    "learning.png": "export MAP history OUT --quiet",
    "learning.webp": "export MAP history OUT --quiet",
    "answers.csv": "classify MAP PICTURES --csv OUT",
    "todo.csv": "suggest MAP --ignore-labels --csv OUT",
    "sharper.i2m": "tune MAP -o OUT --quiet",
    "new.i2m": "train PICTURES -o OUT --epochs 1 --rows 2 --columns 2 --size 8x8 --quiet",
    "few.png": "quantize PICTURE -o OUT --rows 2 --columns 2 --quiet",
    "colours.gpl": "quantize PICTURE -o OTHER.png --palette OUT --rows 2 --columns 2 --quiet",
    "colours.json": "quantize PICTURE -o OTHER.png --palette OUT --rows 2 --columns 2 --quiet",
}
QUICK = ("units.csv", "map.png")
full_only = [pytest.mark.faults, pytest.mark.timeout(1800)]
some_or_all = pytest.mark.parametrize(
    "name",
    [*QUICK, *(pytest.param(name, marks=full_only) for name in COMMANDS if name not in QUICK)],
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with labelled pictures and a small map of them."""
    folder = tmp_path_factory.mktemp("made")
    labelled_lines(folder / "pictures")
    wanted = ["--rows", "3", "--columns", "3", "--epochs", "3", "--size", "8x8", "--quiet"]
    assert main(["train", str(folder / "pictures"), "-o", str(folder / "map.i2m"), *wanted]) == 0
    return folder


def arguments(name: str, made: Path, out: Path) -> list[str]:
    places = {
        "MAP": made / "map.i2m",
        "PICTURES": made / "pictures",
        "PICTURE": made / "pictures/flat/lines_01.png",
        "OTHER.png": made / "other.png",
        "OUT": out,
    }
    return [str(places.get(word, word)) for word in COMMANDS[name].split()]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if done.returncode:
        pytest.skip("no disk may be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path, left: int) -> None:
    """Leave so many bytes free on a disk."""
    free = shutil.disk_usage(folder).free
    (folder / "filler").write_bytes(bytes(max(0, free - left)))


@some_or_all
def test_a_full_disk_keeps_the_old_file(
    made: Path, small_disk: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    out = small_disk / name
    out.write_bytes(b"old" * 100)
    fill(small_disk, 0)
    assert main(arguments(name, made, out)) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"image2map: {out}: ")
    assert "no space left on the disk: " in said
    assert " free)" in said
    assert len(said.splitlines()) == 1
    assert out.read_bytes() == b"old" * 100
    assert {path.name for path in small_disk.iterdir()} == {name, "filler"}


def test_a_full_disk_keeps_the_old_project(made: Path, small_disk: Path) -> None:
    path = small_disk / "map.i2m"
    project = load_project(made / "map.i2m")
    save_project(project, path)
    save_project(project, path)
    before = path.read_bytes()
    fill(small_disk, 8 << 10)
    with pytest.raises(
        ProjectError, match=r"map\.i2m: could not be saved \(no space left on the d"
    ):
        save_project(project, path)
    assert path.read_bytes() == before
    assert {one.name for one in small_disk.iterdir()} == {"map.i2m", "map.i2m~", "filler"}


def test_a_full_disk_leaves_no_half_copies(
    made: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(small_disk, 24 << 10)
    assert main(["export", str(made / "map.i2m"), "folders", str(small_disk / "out")]) == 1
    assert "no space left" in capsys.readouterr().err
    whole = {path.read_bytes() for path in (made / "pictures").rglob("*.png")}
    copies = [path for path in (small_disk / "out").rglob("*") if path.is_file()]
    assert copies
    assert all(path.read_bytes() in whole for path in copies)


@pytest.mark.parametrize("times", [pytest.param(40, marks=full_only)])
@pytest.mark.parametrize(
    "name", ["units.csv", "map.png", "learning.gif", "report.html", "answers.csv", "new.i2m"]
)
def test_an_export_that_is_killed_leaves_the_old_file_or_the_new(
    made: Path, tmp_path: Path, name: str, times: int
) -> None:
    found = experiment("file", tmp_path / name, times, *arguments(name, made, tmp_path / name))
    assert found["killed"] > times / 4
    assert found.get("NEITHER", 0) == 0
    assert found.get("left over", 0) == 0


@pytest.mark.parametrize("times", [pytest.param(30, marks=full_only)])
def test_copies_that_are_killed_are_whole(made: Path, tmp_path: Path, times: int) -> None:
    found = experiment("copy", tmp_path, times, "export", made / "map.i2m", "folders")
    assert found["killed"] > times / 4
    assert found["whole"] > 0
    assert found.get("HALF", 0) == 0


def experiment(*arguments: object) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("exporting.py"), *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(PROJECT), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sys.stdout.write(done.stdout)
    return dict(json.loads(done.stdout))


# --- without rights ---------------------------------------------------------------------------

WITHOUT_RIGHTS = """
import sys
from pathlib import Path
from image2map_gui.cli import main
from image2map_gui.core.errors import ProjectError
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.save import save_project
made, folder, file, shut = map(Path, sys.argv[1:])
project = load_project(made)
for path in (folder / "a.i2m", file):
    try:
        save_project(project, path)
    except ProjectError as error:
        print(error)
main(["export", str(made), "assignments", str(folder / "a.csv")])
main(["export", str(made), "mosaic", str(file.with_suffix(".png"))])
main(["info", str(shut)])
"""


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
def test_without_rights_nothing_is_written_and_the_reason_is_told(
    made: Path, tmp_path: Path
) -> None:
    folder, shut = tmp_path / "folder", tmp_path / "shut.i2m"
    folder.mkdir(0o555)
    locked = [tmp_path / "locked.i2m", tmp_path / "locked.png"]
    for path in locked:
        path.write_bytes(b"old")
        path.chmod(0o444)
    shutil.copy(made / "map.i2m", shut)
    shut.chmod(0)
    prefix = ["setpriv"] + [
        f"--{which}=-dac_override,-dac_read_search" for which in ("bounding-set", "inh-caps")
    ]
    done = subprocess.run(
        [*(prefix if os.geteuid() == 0 else []), sys.executable, "-c", WITHOUT_RIGHTS,
         made / "map.i2m", folder, locked[0], shut],
        cwd=PROJECT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    said = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    assert said == [
        f"{folder}/a.i2m: could not be saved (Permission denied); nothing was changed there. "
        "Save under another name.",
        f"{locked[0]}: could not be saved (it is read-only); nothing was changed there. "
        "Save under another name.",
        f"image2map: {folder}/a.csv: cannot be written (Permission denied).",
        f"image2map: {locked[1]}: cannot be written (it is read-only).",
        f"image2map: {shut}: cannot be read (Permission denied).",
    ]
    assert [path.read_bytes() for path in locked] == [b"old", b"old"]
    assert not list(folder.iterdir())


# --- anywhere the same ------------------------------------------------------------------------

SAME = """
import hashlib, sys
from pathlib import Path
from image2map_gui.core.export.tables import write_assignments
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.save import save_project
made, out = map(Path, sys.argv[1:])
project = load_project(made)
write_assignments(out / "a.csv", project)
save_project(project, out / "a.i2m")
for name in ("a.csv", "a.i2m"):
    print(hashlib.sha256((out / name).read_bytes()).hexdigest())
"""
PLACES = [
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "Pacific/Kiritimati"},
    {"LC_ALL": "de_DE.UTF-8", "TZ": "Etc/GMT+12"},
    {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    {"LC_ALL": "ar_EG.UTF-8", "TZ": "Africa/Cairo"},
    {"LC_ALL": "POSIX", "PYTHONUTF8": "1"},
]


@pytest.mark.parametrize(
    "places",
    [pytest.param(PLACES[:1], marks=pytest.mark.slow), pytest.param(PLACES, marks=full_only)],
    ids=["one", "all"],
)
def test_tables_and_projects_are_the_same_everywhere(
    made: Path, tmp_path: Path, places: list[dict[str, str]]
) -> None:
    odd = tmp_path / "pictures" / "ç ж א.png"
    odd.parent.mkdir()
    shutil.copy(made / "pictures/flat/lines_01.png", odd)
    shutil.copy(odd, odd.with_name("=1+1.png"))
    project = tmp_path / "odd.i2m"
    wanted = ["--rows", "2", "--columns", "2", "--epochs", "2", "--size", "8x8", "--quiet"]
    assert main(["train", str(odd.parent), "-o", str(project), *wanted]) == 0

    def made_in(place: dict[str, str]) -> list[str]:
        out = subprocess.run(
            [sys.executable, "-c", SAME, project, tmp_path],
            cwd=PROJECT, env=os.environ | place, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return out.stdout.split()

    usual = made_in({})
    assert len(usual) == 2
    assert all(made_in(place) == usual for place in places)
