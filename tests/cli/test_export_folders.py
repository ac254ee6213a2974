"""``export MAP folders`` in processes of its own, with names as they should not be."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from data import draw_lines, run_command, write_picture
from test_hostile_folders import NAMES

SMALL = ("--rows", 2, "--columns", 2, "--epochs", 1, "--size", "6x6", "--quiet")
LABELS = [b"-rf", b"\xff", "right\u202etfel".encode(), b"new\nline", b"nul", b"q" * 255, b"{x}"]


def tree(folder: Path) -> dict[bytes, list[bytes]]:
    return {
        os.fsencode(one.name): sorted(os.fsencode(path.name) for path in one.iterdir())
        for one in folder.iterdir()
    }


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Train a map of pictures with odd names in folders with odd names; return the project."""
    content = write_picture(tmp_path / "one.png").read_bytes()
    for label in LABELS:
        folder = tmp_path / "pictures" / os.fsdecode(label)
        folder.mkdir(parents=True)
        for name in NAMES:
            (folder / os.fsdecode(name)).write_bytes(content)
    assert run_command("train", tmp_path / "pictures", "-o", tmp_path / "m.i2m", *SMALL).code == 0
    return tmp_path / "m.i2m"


def test_odd_names_and_labels_are_copied_and_nothing_leads_out(
    hostile: Path, tmp_path: Path
) -> None:
    answer = run_command("export", hostile, "folders", tmp_path / "out", "--by", "label")
    assert (answer.code, answer.err) == (0, "")
    assert f"{len(NAMES) * len(LABELS)} of" in answer.out
    made = tree(tmp_path / "out")
    assert len(made) == len(LABELS)
    assert all(names == sorted(NAMES) for names in made.values())
    assert {path.name for path in tmp_path.iterdir()} == {"one.png", "pictures", "m.i2m", "out"}
    for name in made:
        assert b"\n" not in name
        assert len(name) <= 255
    again = run_command(
        "export", hostile, "folders", tmp_path / "out", "--by", "label", "--into-existing"
    )
    assert again.code == 0
    assert all(len(names) == 2 * len(NAMES) for names in tree(tmp_path / "out").values())


def test_a_dry_run_tells_the_counts_and_writes_nothing(hostile: Path, tmp_path: Path) -> None:
    answer = run_command(
        "export", hostile, "folders", tmp_path / "out", "--by", "label", "--dry-run"
    )
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert len(lines) == len(LABELS) + 1
    assert sum(int(line.split()[0]) for line in lines[:-1]) == len(NAMES) * len(LABELS)
    assert "\x1b" not in answer.out
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("by", ["unit", "cluster"])
def test_units_and_clusters_have_folders(tmp_path: Path, by: str) -> None:
    folder = draw_lines(tmp_path / "pictures", 12)
    assert run_command("train", folder, "-o", tmp_path / "m.i2m", *SMALL).code == 0
    min(folder.iterdir()).unlink()
    answer = run_command("export", tmp_path / "m.i2m", "folders", tmp_path / "out", "--by", by)
    assert answer.code == 0
    assert "11 of 12 pictures copied" in answer.out
    assert "no such file" in answer.err
    made = tree(tmp_path / "out")
    assert sum(map(len, made.values())) == 11
    assert all(name.startswith(b"row 0" if by == "unit" else b"cluster ") for name in made)


def test_what_is_refused_is_one_sentence_and_nothing_is_written(tmp_path: Path) -> None:
    folder = draw_lines(tmp_path / "pictures", 4)
    project = tmp_path / "m.i2m"
    assert run_command("train", folder, "-o", project, *SMALL).code == 0
    before = sorted(folder.iterdir())
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").write_text("a")
    cases: list[tuple[Path, tuple[str, ...], str, int]] = [
        (folder / "in", (), "where the pictures come from", 1),
        (folder, ("--into-existing",), "where the pictures come from", 1),
        (tmp_path / "full", (), "is not empty", 1),
        (project, (), "is a file", 1),
        (tmp_path / "no" / "such", (), "no folder", 1),
        (tmp_path / "new", ("--by", "label"), "No picture has a label", 2),
        (tmp_path / "new", ("--by", "cluster", "--clusters", "9"), "9 clusters of 4", 2),
        (tmp_path / "new", ("--by", "size"), "invalid choice", 2),
    ]
    for out, more, words, code in cases:
        answer = run_command("export", project, "folders", out, *more)
        assert (answer.code, answer.out) == (code, ""), out
        assert words in answer.err
        assert len(answer.err.strip().splitlines()) == 1
    assert sorted(folder.iterdir()) == before
    assert not (tmp_path / "new").exists()
    shutil.rmtree(folder)
    answer = run_command("export", project, "folders", tmp_path / "new")
    assert answer.code == 1
    assert answer.err.count("no such file") == 4
