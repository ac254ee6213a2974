"""What is said of each unit, against plain loops on small maps of every shape."""

from __future__ import annotations

import math

import numpy as np
import pytest
from data import model_with, noise

from image2map_gui.core.analysis.clusters import cluster_units
from image2map_gui.core.analysis.labels import unit_labels
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.model import MapModel
from image2map_gui.core.picture import planes
from image2map_gui.core.som.grid import Grid

COUNTS = {"cat": [3, 0, 1, 0, 2, 0], "dog": [1, 0, 1, 0, 0, 5]}


@pytest.fixture
def model() -> MapModel:
    return model_with(noise(6, 4, 2).tolist(), COUNTS, rows=2)


def test_hits_and_empty_units(model: MapModel) -> None:
    hits = planes.hits_plane(model.hits)
    assert hits.values.tolist() == [4, 0, 2, 0, 2, 5]
    assert (hits.low, hits.high) == (0, 5)
    empty = planes.empty_plane(model.hits)
    assert [empty.told(unit) for unit in range(3)] == ["with pictures", "empty", "with pictures"]


def test_the_error_of_a_unit_is_the_mean_of_its_pictures() -> None:
    units, distances = np.array([2, 0, 2, 2]), np.array([1.0, 5.0, 2.0, 6.0])
    plane = planes.error_plane(units, distances, 4)
    assert plane.values[[0, 2]].tolist() == [5, 3]
    assert np.isnan(plane.values[[1, 3]]).all()
    assert (plane.low, plane.high) == (3, 5)
    assert plane.told(1) == "nothing"


@pytest.mark.parametrize("topology", ["grid", "mesh", "line", "ring", "cylinder"])
@pytest.mark.parametrize("tiling", ["square", "hexagonal"])
def test_the_topographic_error_of_a_unit(topology: str, tiling: str) -> None:
    if topology in ("line", "ring"):
        tiling = "square"
    grid = Grid(4, 4, topology, tiling)
    model = model_with(noise(16, 3).tolist(), {}, rows=4, topology=topology)
    model.__dict__["grid"] = grid
    draws = np.random.default_rng(3)
    first, second = draws.integers(0, 16, 200), draws.integers(0, 16, 200)
    plane = planes.topographic_error_plane(first, second, model)
    for unit in range(16):
        of_unit = np.flatnonzero(first == unit)
        torn = [second[picture] not in grid.neighbours(unit) for picture in of_unit]
        assert plane.values[unit] == pytest.approx(np.mean(torn))


def test_labels_are_those_of_most_pictures(model: MapModel) -> None:
    plane = planes.classes_plane(model)
    assert [plane.told(unit) for unit in range(6)] == [
        "cat", "nothing", "cat", "nothing", "cat", "dog",
    ]  # fmt: skip
    sure = planes.confidence_plane(model)
    assert sure.values[0] == unit_labels(model).confidence[0]
    assert np.isnan(sure.values[1])


def test_entropy_and_different_labels(model: MapModel) -> None:
    entropy = planes.entropy_plane(model)
    assert entropy.values[0] == pytest.approx(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)))
    assert entropy.values[4] == 0
    assert np.isnan(entropy.values[1])
    assert entropy.high == pytest.approx(math.log(2))
    assert planes.distinct_plane(model).values.tolist() == [2, 0, 2, 0, 1, 1]


def test_the_activation_of_a_label(model: MapModel) -> None:
    assert planes.activation_plane(model, "dog").values.tolist() == [1, 0, 1, 0, 0, 5]
    with pytest.raises(ParameterError, match="no label 'cow'; it has cat, dog"):
        planes.activation_plane(model, "cow")


def test_a_map_without_labels_says_so() -> None:
    bare = model_with(noise(4, 3).tolist(), {}, rows=2)
    for plane in (planes.classes_plane, planes.entropy_plane, planes.distinct_plane):
        with pytest.raises(ParameterError, match="no labels"):
            plane(bare)


def test_components_are_named_by_their_pixel(model: MapModel) -> None:
    plane = planes.component_plane(model, 2)
    assert plane.values.tolist() == model.weights[:, 2].astype(float).tolist()
    assert plane.title == "Pixel in row 1, column 3"
    with pytest.raises(ParameterError, match="no component 4"):
        planes.component_plane(model, 4)


def test_principal_planes_are_the_projections(model: MapModel) -> None:
    centred = model.weights.astype(float) - model.weights.mean(axis=0)
    values, axes = np.linalg.eigh(centred.T @ centred)
    for index in range(2):
        plane = planes.principal_plane(model, index)
        expected = centred @ axes[:, -1 - index]
        assert abs(float(plane.values @ expected)) == pytest.approx(values[-1 - index])
        assert plane.low == -plane.high


def test_the_distance_of_a_picture_to_every_unit(model: MapModel) -> None:
    picture = noise(1, 4, 9)[0]
    plane = planes.distance_plane(model.weights, model.metric, picture)
    expected = [math.dist(picture, weight) for weight in model.weights.tolist()]
    np.testing.assert_allclose(plane.values, expected, rtol=1e-5)


@pytest.mark.parametrize("method", ["ward", "k-means"])
def test_clusters_find_what_lies_apart(method: str) -> None:
    weights = noise(36, 5) * 0.1
    grid = Grid(6, 6)
    left = grid.cells[:, 1] < 3
    weights[left] += 5
    found = cluster_units(weights, grid, method)
    assert found.count == 2
    assert len(set(found.of_units[left])) == len(set(found.of_units[~left])) == 1
    assert found.of_units[0] == 0
    assert found.index < 0.3
    assert cluster_units(weights, grid, method, 5).count == 5


def test_clusters_of_ward_are_regions_of_the_map() -> None:
    """Equal weights at two ends of a line stay apart, unlike those of k-means."""
    weights = np.array([[0.0], [0.1], [9], [9.1], [0.05], [0.15]])
    grid = Grid(1, 6, "line")
    assert cluster_units(weights, grid, "ward", 3).of_units.tolist() == [0, 0, 1, 1, 2, 2]
    assert cluster_units(weights, grid, "k-means", 2).of_units.tolist() == [0, 0, 1, 1, 0, 0]


@pytest.mark.parametrize("method", ["ward", "k-means"])
@pytest.mark.parametrize("units", [1, 2, 3])
@pytest.mark.parametrize("alike", [False, True])
def test_the_smallest_maps_have_clusters(method: str, units: int, alike: bool) -> None:
    weights = np.ones((units, 2)) if alike else noise(units, 2)
    found = cluster_units(weights, Grid(1, units), method)
    assert found.of_units.shape == (units,)
    assert 1 <= found.count <= units


def test_impossible_clusters_are_refused() -> None:
    with pytest.raises(ParameterError, match="7 clusters of 6 units"):
        cluster_units(noise(6, 2), Grid(2, 3), "ward", 7)
    with pytest.raises(ParameterError, match="no method 'magic'"):
        cluster_units(noise(6, 2), Grid(2, 3), "magic")


def test_colours_follow_values_and_kinds(model: MapModel) -> None:
    plane = planes.Plane("Test", np.array([0, 1, np.nan, 2]), ramp="grey", high=2.0)
    assert plane.colours.tolist()[0] == [255, 255, 255]
    assert plane.colours.tolist()[3] == [20, 20, 20]
    assert plane.colours.tolist()[2] == [200, 200, 200]
    kinds = planes.classes_plane(model)
    assert len(kinds.colours) == 6
    assert kinds.colours[0].tolist() == kinds.colours[2].tolist() != kinds.colours[5].tolist()
    assert kinds.colours[1].tolist() == [200, 200, 200]
