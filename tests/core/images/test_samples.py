"""The collections the program draws itself."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from image2map_gui.core.errors import SourceError
from image2map_gui.core.images.samples import SAMPLES, draw_line, draw_sample, write_sample


def test_the_line_turns_once_and_comes_back_to_its_start() -> None:
    drawings = np.array([draw_sample("lines", index) for index in range(100)]).astype(float)
    assert drawings.shape == (100, 16, 16)
    assert len(np.unique(drawings.reshape(100, -1), axis=0)) == 100
    steps = [
        float(np.linalg.norm(drawings[index] - drawings[(index + 1) % 100])) for index in range(100)
    ]
    # From the last drawing to the first is a step like any other: the collection is closed.
    assert min(steps) <= steps[-1] <= max(steps)
    assert max(steps) < 2.5 * min(steps)
    half = float(np.linalg.norm(drawings[0] - drawings[50]))
    assert half > 3 * max(steps)


def test_lines_lie_where_they_should() -> None:
    flat, upright = draw_line(0, 16), draw_line(math.pi / 2, 16)
    assert flat.dtype == np.uint8
    assert np.array_equal(flat.T, upright)
    assert flat[7, 2:14].min() > 100
    assert flat[0].max() == 0
    rising = draw_line(math.pi / 4, 17)
    assert rising[4, 12] > 200
    assert rising[4, 4] == 0
    assert np.array_equal(draw_line(0, 16), draw_line(math.pi, 16))


@pytest.mark.parametrize("size", [4, 16, 33])
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_sample_has_the_size_asked_for_and_varies(name: str, size: int) -> None:
    drawings = [draw_sample(name, index, 20, size) for index in range(20)]
    assert {drawing.shape[:2] for drawing in drawings} == {(size, size)}
    assert {drawing.dtype for drawing in drawings} == {np.dtype(np.uint8)}
    assert len({drawing.tobytes() for drawing in drawings}) >= 18


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_sample_is_written_as_pictures(name: str, tmp_path: Path) -> None:
    assert write_sample(name, tmp_path / "new/folder", 12, 16) == 12
    files = sorted((tmp_path / "new/folder").iterdir())
    assert [path.name for path in files] == [f"{name}_{index:02}.png" for index in range(1, 13)]
    for index, path in enumerate(files):
        with Image.open(path) as image:
            assert np.array_equal(np.asarray(image), draw_sample(name, index, 12, 16))


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "lines_3.png"
    mine.write_text("mine")
    with pytest.raises(SourceError, match=r"lines_3\.png: is there already"):
        write_sample("lines", tmp_path, 5, 8)
    assert mine.read_text() == "mine"
    with pytest.raises(SourceError, match="is there already"):
        write_sample("lines", mine, 5, 8)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SourceError, match="cannot be written"):
        write_sample("lines", tmp_path / "file/below", 5, 8)
    with pytest.raises(SourceError, match="no sample 'nope'"):
        write_sample("nope", tmp_path, 5, 8)
