"""``export MAP report`` in a process of its own."""

from __future__ import annotations

import os
from pathlib import Path

from data import run_command, write_picture
from test_hostile_folders import NAMES

SMALL = ("--rows", 2, "--columns", 2, "--epochs", 2, "--size", "6x6", "--quiet")


def test_a_report_of_pictures_with_odd_names(tmp_path: Path) -> None:
    for label in ("<script>x</script>", "b&b"):
        for name in NAMES:
            write_picture(tmp_path / "home of me" / label / "x.png")
            (tmp_path / "home of me" / label / "x.png").rename(
                tmp_path / "home of me" / label / os.fsdecode(name)
            )
        (tmp_path / "home of me" / label / "<img src=q>.png").write_bytes(b"")
    project = tmp_path / "<i>m.i2m"
    assert run_command("train", tmp_path / "home of me", "-o", project, *SMALL).code == 0
    answer = run_command("export", project, "report", tmp_path / "r.html")
    assert (answer.code, answer.err) == (0, "")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Content-Security-Policy" in text
    for tag in ("<script", "<img src=q", "<i>"):
        assert tag not in text
    assert "&lt;script&gt;x" in text
    assert "is empty" in text
    assert str(tmp_path) not in text
    assert run_command("export", project, "report", tmp_path / "p.html", "--paths").code == 0
    assert str(tmp_path / "home of me") in (tmp_path / "p.html").read_text(encoding="utf-8")


def test_another_suffix_or_place_is_refused(tmp_path: Path) -> None:
    write_picture(tmp_path / "p" / "a.png")
    write_picture(tmp_path / "p" / "b.png", 9)
    project = tmp_path / "m.i2m"
    assert run_command("train", tmp_path / "p", "-o", project, *SMALL).code == 0
    for out, words, code in (
        ("r.pdf", "can be written as .html or .htm", 2),
        ("no/r.html", "cannot be written", 1),
        ("p", "is a folder", 1),
    ):
        answer = run_command("export", project, "report", tmp_path / out)
        assert (answer.code, answer.out) == (code, "")
        assert words in answer.err
        assert len(answer.err.strip().splitlines()) == 1
