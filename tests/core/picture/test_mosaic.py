"""The map as one picture: every tile in its place, with the right grey."""

from __future__ import annotations

import numpy as np
import pytest
from data import noise
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.picture.cells import Cells
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


@pytest.mark.parametrize("size", [(16, 16), (20, 12), (9, 15)])
@pytest.mark.parametrize(("rows", "columns"), [(3, 4), (1, 5), (4, 1)])
def test_hexagons_lie_where_their_cells_are(size: tuple[int, int], rows: int, columns: int) -> None:
    grid = Grid(rows, columns, "grid", "hexagonal")
    greys = np.linspace(50, 250, grid.units).astype(np.uint8)
    pictures = np.broadcast_to(greys[:, None, None, None], (grid.units, *size[::-1], 1))
    sheet = mosaic(pictures, grid)
    cells = Cells(grid, size[1] / size[0])
    assert sheet.shape[1] == pytest.approx(cells.width * size[0], abs=1)
    assert sheet.shape[0] == pytest.approx(cells.height * size[0], abs=1)
    for unit, (x, y) in enumerate((cells.middles * size[0]).astype(int).tolist()):
        assert sheet[y, x].tolist() == [greys[unit]] * 3 + [255]
    if min(size) > 8:
        corners = sheet[[0, 0, -1, -1], [0, -1, 0, -1], 3]
        assert not corners.any()  # ground beside the tips


def test_hexagons_of_one_pixel_are_drawn() -> None:
    pictures = np.arange(1, 7, dtype=np.uint8).reshape(6, 1, 1, 1)
    sheet = mosaic(pictures, Grid(2, 3, "grid", "hexagonal"))
    assert set(sheet[..., 0].reshape(-1).tolist()) >= {1, 2, 3, 4, 5, 6}


def test_hexagons_leave_no_gaps_between_them() -> None:
    grid = Grid(5, 6, "grid", "hexagonal")
    sheet = mosaic(np.full((30, 16, 16, 3), 9, np.uint8), grid)
    inside = sheet[12:-12, 16:-16, 3]
    assert (inside == 255).mean() > 0.995


def test_a_hexagon_shows_the_middle_of_its_picture() -> None:
    picture = np.zeros((1, 20, 20, 3), np.uint8)
    picture[0, :, 8:12] = (255, 10, 60)  # an upright bar
    sheet = mosaic(picture, Grid(1, 1, "grid", "hexagonal"))
    assert sheet.shape == (23, 20, 4)
    assert sheet[11, 10].tolist() == [255, 10, 60, 255]
    assert sheet[11, 4].tolist() == [0, 0, 0, 255]
