"""Limits and pages on the command line: given as options, kept by the helpers that decode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data import run_command, write_picture
from PIL import Image

SMALL = ("--rows", 2, "--columns", 2, "--epochs", 2, "--size", "6x6")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures of all sorts that usual limits let pass."""
    pixels = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
    place = tmp_path / "pictures"
    for index in range(3):
        write_picture(place / f"small {index}.png", pixels[: 20 + index, :30])
    write_picture(place / "wide.png", pixels[:40])
    Image.fromarray(pixels[:64, :64]).save(place / "scans.jpg", progressive=True)
    Image.fromarray(np.zeros((1200, 1100, 3), np.uint8)).save(place / "large.bmp")
    return place


def skipped(folder: Path, *options: object) -> dict[str, str]:
    output = folder.parent / "map.i2m"
    answer: Any = run_command("train", folder, "-o", output, *SMALL, *options, "--json").json
    assert answer["images"] + len(answer["skipped"]) == 6
    return {Path(one["path"]).name: one["reason"] for one in answer["skipped"]}


def test_nothing_is_skipped_without_reason(folder: Path) -> None:
    assert skipped(folder) == {}


@pytest.mark.slow
def test_each_limit_can_be_lowered_and_names_itself(folder: Path) -> None:
    found = skipped(
        folder, "--max-file-mb", 2, "--max-side", 399, "--max-scans", 4, "--max-megapixels", 1
    )
    assert found == {
        "large.bmp": "is larger than 2 MB (setting 'max file MB')",
        "scans.jpg": "has more than 4 scans (setting 'max scans')",
        "wide.png": "has a side of 400 pixels; the limit is 399 (setting 'max side')",
    }
    assert list(skipped(folder, "--max-megapixels", 1).values()) == [
        "has 1 million pixels; it must have less than 1 (setting 'max megapixels')"
    ]


def test_limits_that_are_none_are_refused(folder: Path) -> None:
    for option, value in (("--max-side", 1), ("--seconds-per-picture", "nan"), ("--pages", "some")):
        answer = run_command("train", folder, "-o", folder.parent / "map.i2m", option, value)
        assert answer.code == 2
        assert option in answer.err
        assert len(answer.err.splitlines()) == 1


def test_all_pages_of_a_scan_are_classified_where_they_were_trained(tmp_path: Path) -> None:
    shades = (0, 60, 120, 180, 240)
    first, *rest = [Image.new("L", (8, 8), shade) for shade in shades]
    scan = tmp_path / "scan.tif"
    first.save(scan, save_all=True, append_images=rest)
    trained = tmp_path / "map.i2m"
    line = ("--topology", "line", "--rows", 1, "--columns", 5, "--size", "4x4", "--radius-end", 0)
    said = run_command("train", scan, "-o", trained, *line, "--pages", "all", "--json").json
    assert said["images"] == 5
    matches = run_command("classify", trained, scan, "--pages", "all", "--json").json["matches"]
    assert [match["path"] for match in matches] == [
        str(scan), *(f"{scan}#{page}" for page in range(1, 5))
    ]  # fmt: skip
    assert len({match["unit"] for match in matches}) == 5
    assert max(match["distance"] for match in matches) < 0.05
    for verb in ("classify", "evaluate"):
        record = run_command(verb, trained, scan, "--json").json
        assert len(record["matches"]) == 1 if verb == "classify" else record["images"] == 1
    assert run_command("evaluate", trained, scan, "--pages", "all", "--json").json["images"] == 5
