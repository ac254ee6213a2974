"""Real pictures in cells: the nearest of each unit, against a loop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from data import write_picture

from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.sources import find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import train_map
from image2map_gui.core.picture.members import fill_cells, nearest_members
from image2map_gui.core.project.project import Project, project_of
from image2map_gui.core.som.params import SomParams


def project(folder: Path, count: int = 30) -> Project:
    for index in range(count):
        pixels = np.full((12, 12, 3), 0, np.uint8)
        pixels[..., index % 3] = 80 + 5 * index
        write_picture(folder / f"{index}.png", pixels)
    *_, reading = read_dataset(find_sources([folder]), ImageSpec((6, 6), colour="rgb"))
    params = SomParams(rows=3, columns=5, epochs=6)
    *_, snapshot = train_map(reading.dataset, params)
    return project_of(reading.dataset, params, snapshot, (), 0.0)


def test_members_are_the_nearest_of_their_unit(tmp_path: Path) -> None:
    made = project(tmp_path)
    found = nearest_members(made, 4)
    for unit in range(15):
        own = np.flatnonzero(made.picture_units == unit)
        expected = own[np.argsort(made.picture_distances[own], kind="stable")][:4].tolist()
        assert found[unit].tolist() == expected + [-1] * (4 - len(expected))


def test_cells_show_their_nearest_picture_and_grey_where_there_is_none(tmp_path: Path) -> None:
    made = project(tmp_path)
    gone = int(nearest_members(made, 1)[made.picture_units[0], 0])
    Path(made.sources[gone].path).unlink()
    *_, last = fill_cells(made)
    assert last.pictures is not None
    assert last.pictures.shape == (15, 64, 64, 3)
    nearest = nearest_members(made, 1)[:, 0]
    assert (nearest < 0).any()
    for unit, row in enumerate(nearest.tolist()):
        middle = last.pictures[unit, 32, 32].tolist()
        index = -1 if row in (-1, gone) else int(Path(made.sources[row].path).stem)
        expected = [225] * 3
        if index >= 0:
            expected = [0] * 3
            expected[index % 3] = 80 + 5 * index
        assert middle == expected


def test_a_collage_lies_row_by_row(tmp_path: Path) -> None:
    made = project(tmp_path)
    *_, last = fill_cells(made, 2)
    assert last.pictures is not None
    members = nearest_members(made, 4)
    unit = int(np.argmax((members >= 0).sum(axis=1)))
    side = last.pictures.shape[1] // 2
    for place, row in enumerate(members[unit].tolist()):
        down, across = divmod(place, 2)
        middle = last.pictures[unit, down * side + side // 2, across * side + side // 2].tolist()
        if row < 0:
            assert middle == [225] * 3
        else:
            index = int(Path(made.sources[row].path).stem)
            assert middle[index % 3] == 80 + 5 * index
