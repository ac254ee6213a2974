"""Real pictures in cells: the nearest of each unit, against a loop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data import lines_dataset, train_model, write_picture

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.sources import find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import train_map
from image2map_gui.core.picture.members import (
    fill_cells,
    mean_pictures,
    medoids,
    nearest_members,
    show_differences,
)
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
    found = nearest_members(made.picture_units, made.picture_distances, 15, 4)
    for unit in range(15):
        own = np.flatnonzero(made.picture_units == unit)
        expected = own[np.argsort(made.picture_distances[own], kind="stable")][:4].tolist()
        assert found[unit].tolist() == expected + [-1] * (4 - len(expected))


def test_cells_show_their_nearest_picture_and_grey_where_there_is_none(tmp_path: Path) -> None:
    made = project(tmp_path)
    members = nearest_members(made.picture_units, made.picture_distances, 15, 1)
    gone = int(members[made.picture_units[0], 0])
    Path(made.sources[gone].path).unlink()
    *_, last = fill_cells(made.sources, members, made.spec)
    assert last.pictures is not None
    assert last.pictures.shape == (15, 64, 64, 3)
    nearest = members[:, 0]
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
    members = nearest_members(made.picture_units, made.picture_distances, 15, 4)
    *_, last = fill_cells(made.sources, members, made.spec)
    assert last.pictures is not None
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


def test_a_medoid_is_nearest_to_all_others_of_its_unit() -> None:
    dataset = lines_dataset()
    model, snapshot = train_model(dataset, rows=3, columns=4, epochs=4)
    found = medoids(dataset.vectors, snapshot.winners, 12, model.metric)
    for unit in range(12):
        own = np.flatnonzero(snapshot.winners == unit)
        if not len(own):
            assert found[unit, 0] == -1
            continue
        apart = np.linalg.norm(dataset.vectors[own][:, None] - dataset.vectors[own], axis=-1)
        assert apart.sum(axis=1)[own.tolist().index(found[unit, 0])] == pytest.approx(
            apart.sum(axis=1).min(), rel=1e-5
        )


@pytest.mark.parametrize("features", ["pixels", "hog"])
def test_means_of_units_are_those_of_their_pictures(tmp_path: Path, features: str) -> None:
    for index in range(12):
        write_picture(tmp_path / f"{index}.png", np.full((12, 12), 20 * index, np.uint8))
    spec = ImageSpec((12, 12), features=features)
    *_, reading = read_dataset(find_sources([tmp_path]), spec)
    units = np.array([0, 0, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3])
    made = mean_pictures(reading.dataset, units, 4)
    for unit in (0, 1, 3):
        assert abs(made[unit].astype(float) - 20 * np.flatnonzero(units == unit).mean()).max() <= 1
    assert (made[2] == 225).all()


def test_differences_are_grey_where_picture_and_unit_are_alike(tmp_path: Path) -> None:
    made = project(tmp_path)
    assert made.model is not None
    prototypes = made.model.prototypes
    nearest = nearest_members(made.picture_units, made.picture_distances, 15, 1)[:, 0]
    *_, filling = show_differences(made.sources, nearest, made.spec, prototypes)
    assert filling.pictures is not None
    for unit, row in enumerate(nearest.tolist()):
        if row < 0:
            assert (filling.pictures[unit] == 225).all()
            continue
        vector, _ = made.spec.read(made.sources[row])
        picture = made.spec.pictures(vector[None])[0].astype(int)
        expected = 128 + np.floor((picture - prototypes[unit].astype(int)) / 2)
        np.testing.assert_array_equal(filling.pictures[unit], expected)


def test_a_picture_that_is_gone_leaves_its_difference_empty(tmp_path: Path) -> None:
    made = project(tmp_path)
    assert made.model is not None
    nearest = nearest_members(made.picture_units, made.picture_distances, 15, 1)[:, 0]
    gone = int(np.flatnonzero(nearest >= 0)[0])
    Path(made.sources[nearest[gone]].path).unlink()
    *_, filling = show_differences(made.sources, nearest, made.spec, made.model.prototypes)
    assert filling.pictures is not None
    assert (filling.pictures[gone] == 225).all()
    assert (filling.pictures[nearest >= 0] != 225).any()


def test_features_have_no_differences() -> None:
    spec = ImageSpec(features="hog")
    with pytest.raises(ParameterError, match="features, not pictures"):
        next(show_differences((), np.array([-1]), spec, np.zeros((1, 2, 2, 3), np.uint8)))
