"""``export history``: the learning as a moving picture, on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data import draw_lines, run_command
from PIL import Image


@pytest.fixture(scope="module")
def line_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lines")
    path = folder / "map.i2m"
    answer = run_command(
        "train", draw_lines(folder / "in"), "-o", path, "--rows", 1, "--columns", 8,
        "--topology", "line", "--epochs", 12, "--seed", 3, "--json",
    )  # fmt: skip
    assert answer.json["epochs"] == 12
    return path


@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
def test_eight_units_learn_lines(line_map: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out.{suffix}"
    answer = run_command("export", line_map, "history", out, "--fps", 5)
    assert (answer.code, answer.out) == (0, f"saved as {out}\n")
    run_command("export", line_map, "mosaic", tmp_path / "view.png", "--scale", 1)
    with Image.open(out) as image, Image.open(tmp_path / "view.png") as view:
        assert image.n_frames == 13
        assert image.size == view.size
        assert image.info["loop"] == 0
        image.seek(1)
        image.load()
        assert round(image.info["duration"]) == 200
        image.seek(12)
        last = np.asarray(image.convert("RGB"))
        assert round(image.info["duration"]) == 2000
        np.testing.assert_array_equal(last[40:], np.asarray(view.convert("RGB"))[40:])


def test_any_view_and_size(line_map: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.gif"
    answer = run_command(
        "export", line_map, "history", out, "--of", "u-matrix", "--scale", 0.5, "--no-epoch"
    )
    assert answer.code == 0, answer.err
    with Image.open(out) as image:
        assert image.n_frames == 13
        assert image.width < 400


def test_wrong_wishes_are_refused_in_one_line(line_map: Path, tmp_path: Path) -> None:
    for arguments, code, said in (
        (("history", tmp_path / "out.svg"), 2, "can be written as .gif, .png or .webp"),
        (("history", tmp_path / "out.gif", "--of", "collage"), 2, "invalid choice"),
        (("history", tmp_path / "out.gif", "--of", "classes"), 2, "no labels"),
        (("history", tmp_path / "out.gif", "--fps", 0), 2, "no number from 0.1 to 50"),
        (("history", tmp_path / "none" / "out.gif"), 1, "cannot be written"),
    ):
        answer = run_command("export", line_map, *arguments)
        assert answer.code == code
        assert said in answer.err
        assert len(answer.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_room_for_the_epochs_can_be_chosen(tmp_path: Path) -> None:
    pictures, path = draw_lines(tmp_path / "in"), tmp_path / "map.i2m"
    few = ("--rows", 1, "--columns", 4, "--epochs", 5, "--quiet")
    assert run_command("train", pictures, "-o", path, *few, "--saved-frames", 0).code == 0
    answer = run_command("export", path, "history", tmp_path / "out.gif")
    assert answer.code == 1
    assert "holds no epochs of its training" in answer.err
