"""The map as one picture: every tile in its place, with the right grey."""

from __future__ import annotations

import numpy as np
import pytest
from data import noise
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.picture.mosaic import mosaic
from image2map_gui.core.som.grid import Grid


@pytest.mark.parametrize("value_range", ["0..1", "-1..1"])
@pytest.mark.parametrize("topology", ["grid", "mesh", "line", "ring"])
def test_every_unit_is_drawn_in_its_cell(topology: str, value_range: str) -> None:
    grid = Grid(3, 4, topology)
    spec = ImageSpec(size=(5, 2), value_range=value_range)
    low, high = spec.limits
    greys = np.arange(12) * 20
    weights = np.repeat(low + (high - low) * greys[:, None] / 255, spec.length, axis=1)
    sheet = mosaic(spec.pictures(weights.astype(np.float32)), grid)
    assert sheet.shape == (3 * 2, 4 * 5, 3)
    assert sheet.dtype == np.uint8
    assert sheet.flags.c_contiguous
    for unit, (row, column) in enumerate(grid.cells.tolist()):
        tile = sheet[2 * row : 2 * row + 2, 5 * column : 5 * column + 5]
        assert (tile == 20 * unit).all()


def test_the_second_row_of_a_line_runs_backwards() -> None:
    sheet = mosaic(ImageSpec(size=(1, 1)).pictures(np.arange(6)[:, None] / 255), Grid(2, 3, "line"))
    assert sheet[:, :, 0].tolist() == [[0, 1, 2], [5, 4, 3]]


def test_pixels_of_a_tile_keep_their_places_and_colours() -> None:
    spec = ImageSpec(size=(3, 2), colour="rgb")
    weights = np.arange(2 * 18).reshape(2, 18) / 255
    sheet = mosaic(spec.pictures(weights), Grid(1, 2))
    assert sheet[0, 0].tolist() == [0, 1, 2]
    assert sheet[0, 1].tolist() == [3, 4, 5]
    assert sheet[1, 0].tolist() == [9, 10, 11]
    assert sheet[0, 3].tolist() == [18, 19, 20]
    assert sheet[1, 5].tolist() == [33, 34, 35]


def test_values_beyond_black_and_white_are_cut_off() -> None:
    weights = np.float32([[-3], [0], [1], [7]])
    sheet = mosaic(ImageSpec(size=(1, 1)).pictures(weights), Grid(1, 4))
    assert sheet[0, :, 0].tolist() == [0, 0, 255, 255]


@given(st.sampled_from(["0..1", "-1..1"]), st.sampled_from(["grey", "rgb"]), st.integers(0, 1000))
def test_the_mosaic_shows_the_same_pictures_as_the_spec(
    value_range: str, colour: str, seed: int
) -> None:
    spec = ImageSpec(size=(4, 3), colour=colour, value_range=value_range)
    grid = Grid(2, 3)
    low, high = spec.limits
    weights = (low + (high - low) * noise(6, spec.length, seed)).astype(np.float32)
    sheet = mosaic(spec.pictures(weights), grid).astype(int)
    for unit, picture in enumerate(spec.pictures(weights).astype(int)):
        row, column = grid.cells[unit]
        tile = sheet[3 * row : 3 * row + 3, 4 * column : 4 * column + 4]
        assert np.abs(tile - picture).max() <= 1


def test_rows_of_hexagons_lie_like_bricks() -> None:
    spec = ImageSpec(size=(4, 2), colour="grey")
    weights = np.repeat(np.linspace(0.2, 1, 6, dtype=np.float32)[:, None], 8, axis=1)
    sheet = mosaic(spec.pictures(weights), Grid(2, 3, "grid", "hexagonal"))
    assert sheet.shape == (4, 14, 4)
    assert (sheet[:2, 12:, 3] == 0).all()
    assert (sheet[2:, :2, 3] == 0).all()
    assert (sheet[:2, :12, 3] == 255).all()
    assert (sheet[2:, 2:, 3] == 255).all()
    assert (sheet[:2, :4, 0] == round(255 * 0.2)).all()
    assert (sheet[2:, 10:, 1] == 255).all()
