"""What is said of each unit, against plain loops on small maps of every shape."""

from __future__ import annotations

import math

import numpy as np
import pytest
from data import finish, model_with, noise
from scipy.spatial.distance import cdist

from image2map_gui.core.analysis.clusters import cluster_units
from image2map_gui.core.analysis.labels import unit_labels
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel
from image2map_gui.core.picture import label_planes, planes
from image2map_gui.core.picture.cells import Cells
from image2map_gui.core.picture.plane import Plane
from image2map_gui.core.picture.views import pie_radii
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.quality.expanded import expanded_u_matrix

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
    plane = label_planes.classes_plane(model)
    assert [plane.told(unit) for unit in range(6)] == [
        "cat", "nothing", "cat", "nothing", "cat", "dog",
    ]  # fmt: skip
    sure = label_planes.confidence_plane(model)
    assert sure.values[0] == unit_labels(model).confidence[0]
    assert np.isnan(sure.values[1])


def test_entropy_and_different_labels(model: MapModel) -> None:
    entropy = label_planes.entropy_plane(model)
    assert entropy.values[0] == pytest.approx(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)))
    assert entropy.values[4] == 0
    assert np.isnan(entropy.values[1])
    assert entropy.high == pytest.approx(math.log(2))
    assert label_planes.distinct_plane(model).values.tolist() == [2, 0, 2, 0, 1, 1]


def test_the_activation_of_a_label(model: MapModel) -> None:
    assert label_planes.activation_plane(model, "dog").values.tolist() == [1, 0, 1, 0, 0, 5]
    with pytest.raises(ParameterError, match="no label 'cow'; it has cat, dog"):
        label_planes.activation_plane(model, "cow")


def test_a_map_without_labels_says_so() -> None:
    bare = model_with(noise(4, 3).tolist(), {}, rows=2)
    for plane in (
        label_planes.classes_plane,
        label_planes.entropy_plane,
        label_planes.distinct_plane,
    ):
        with pytest.raises(ParameterError, match="no labels"):
            plane(bare)


def test_components_are_named_by_their_pixel(model: MapModel) -> None:
    plane = planes.component_plane(model.weights, model.spec, 2)
    assert plane.values.tolist() == model.weights[:, 2].astype(float).tolist()
    assert plane.title == "Pixel in row 1, column 3"
    with pytest.raises(ParameterError, match="no component 4"):
        planes.component_plane(model.weights, model.spec, 4)


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
    plane = Plane("Test", np.array([0, 1, np.nan, 2]), ramp="grey", high=2.0)
    assert plane.colours.tolist()[0] == [255, 255, 255]
    assert plane.colours.tolist()[3] == [20, 20, 20]
    assert plane.colours.tolist()[2] == [200, 200, 200]
    kinds = label_planes.classes_plane(model)
    assert len(kinds.colours) == 6
    assert kinds.colours[0].tolist() == kinds.colours[2].tolist() != kinds.colours[5].tolist()
    assert kinds.colours[1].tolist() == [200, 200, 200]


# --- walls, expanded U-matrix, pies, and names of clusters ---------------------------------------


GRIDS = [
    Grid(4, 5), Grid(4, 5, "mesh"), Grid(4, 5, "cylinder"), Grid(4, 5, "line"), Grid(4, 5, "ring"),
    Grid(4, 5, "grid", "hexagonal"), Grid(4, 5, "mesh", "hexagonal"), Grid(1, 20, "ring"),
]  # fmt: skip


def on_grid(grid: Grid, features: int = 3) -> MapModel:
    model = model_with(
        noise(grid.units, features).tolist(), {}, rows=grid.rows, topology=grid.topology
    )
    model.__dict__["grid"] = grid
    return model


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_walls_are_as_high_as_their_units_are_apart(grid: Grid) -> None:
    model = on_grid(grid)
    plane = planes.walls_plane(model)
    pairs, _ = Cells(grid).walls
    assert plane.details is not None
    assert plane.suits(Cells(grid))
    for (first, second), length in zip(pairs.tolist(), plane.details, strict=True):
        assert length == pytest.approx(math.dist(model.weights[first], model.weights[second]))
    adjacency = 4 if 4 in grid.adjacencies else None
    for unit in range(grid.units):
        near = grid.neighbours(unit, adjacency)
        apart = [math.dist(model.weights[unit], model.weights[other]) for other in near]
        assert plane.values[unit] == pytest.approx(np.mean(apart))
    assert (plane.low, plane.high) == (plane.details.min(), plane.details.max())


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_the_expanded_plane_tells_of_units_what_stands_in_their_cells(grid: Grid) -> None:
    model = on_grid(grid)
    plane = planes.expanded_plane(model)
    table = expanded_u_matrix(model.weights, grid)
    assert plane.suits(Cells(grid))
    assert not plane.suits(Cells(Grid(5, 4)))
    for unit, (row, column) in enumerate(grid.cells.tolist()):
        expected = table[2 * row, 2 * column + (row % 2 if grid.hexagonal else 0)]
        assert plane.values[unit] == expected


@pytest.mark.parametrize("statistic", ["mean", "median", "min", "max"])
def test_the_u_matrix_has_a_choice_of_statistics(statistic: str) -> None:
    model = on_grid(GRIDS[6])
    plane = planes.u_matrix_plane(model, statistic)
    for unit in range(20):
        near = model.grid.neighbours(unit)
        apart = [math.dist(model.weights[unit], model.weights[other]) for other in near]
        assert plane.values[unit] == pytest.approx(getattr(np, statistic)(apart))


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "manhattan"])
@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_topographic_errors_of_pictures(grid: Grid, metric: str) -> None:
    model = on_grid(grid, 4)
    model.__dict__["metric"] = Metric(metric)
    pictures = noise(150, 4, 7).astype(np.float32)
    plane = finish(planes.topographic_parts(model, pictures))
    order = np.argsort(_all_distances(pictures, model.weights, metric), axis=1)
    for unit in range(grid.units):
        seconds = order[order[:, 0] == unit, 1]
        torn = [second not in grid.neighbours(unit) for second in seconds]
        if torn:
            assert plane.values[unit] == pytest.approx(np.mean(torn))
        else:
            assert np.isnan(plane.values[unit])


def _all_distances(pictures: np.ndarray, weights: np.ndarray, metric: str) -> np.ndarray:
    name = {"manhattan": "cityblock"}.get(metric, metric)
    return cdist(pictures.astype(float), weights.astype(float), name)


def test_topographic_errors_need_pictures_and_two_units() -> None:
    with pytest.raises(ParameterError, match="pictures in memory"):
        finish(planes.topographic_parts(on_grid(GRIDS[0]), None))
    alone = on_grid(Grid(1, 1))
    plane = finish(planes.topographic_parts(alone, noise(5, 3).astype(np.float32)))
    assert plane.told(0) == "nothing"


def test_pies_tell_what_is_in_them(model: MapModel) -> None:
    plane = label_planes.pies_plane(model)
    assert plane.told(0) == "cat (3), dog (1)"
    assert plane.told(1) == "nothing"
    assert plane.kinds == ("cat", "dog")
    radii = pie_radii(plane, 1.0)
    assert (radii > 0).tolist() == [True, False, True, False, True, True]
    assert radii[5] == max(radii) <= 0.5
    assert (radii[0] / radii[2]) ** 2 == pytest.approx(2)  # four pictures and two


def test_the_number_of_labels_has_a_histogram(model: MapModel) -> None:
    assert label_planes.distinct_plane(model).frequencies == (2, 2, 2)


def test_clusters_are_named_by_their_labels() -> None:
    counts = {"a": [5, 0, 0, 1, 2, 1], "b": [0, 3, 0, 1, 1, 1], "c": [0, 0, 0, 1, 0, 0]}
    model = model_with(noise(6, 2).tolist(), counts)
    names = label_planes.cluster_names(model, np.arange(6))
    assert names == ("a", "b", "Cluster 3", "Cluster 4", "mostly a", "mostly a (2)")
    assert label_planes.cluster_names(model, np.zeros(6, np.intp)) == ("mostly a",)


def test_the_lightness_of_a_pixel_weighs_its_colours() -> None:
    weights = noise(6, 12).astype(np.float32)
    spec = ImageSpec(size=(2, 2), colour="rgb")
    plane = planes.component_plane(weights, spec, 7, lightness=True)  # green of the third pixel
    expected = weights[:, 6] * 0.299 + weights[:, 7] * 0.587 + weights[:, 8] * 0.114
    np.testing.assert_allclose(plane.values, expected, rtol=1e-6)
    assert plane.title == "Pixel in row 2, column 1, lightness"
    green = planes.component_plane(weights, spec, 7)
    assert green.title == "Pixel in row 2, column 1, green"
    np.testing.assert_array_equal(green.values, weights[:, 7].astype(float))


@pytest.mark.parametrize("shape", [(300, 90), (90, 300), (30, 200)])
@pytest.mark.parametrize("index", [0, 1, 4])
def test_principal_planes_of_many_numbers(shape: tuple[int, int], index: int) -> None:
    weights = (noise(*shape) * np.linspace(3, 0.1, shape[1])).astype(np.float32)
    model = model_with(weights.tolist(), {})
    plane = planes.principal_plane(model, index)
    centred = weights - weights.mean(axis=0, dtype=float)
    turned, spreads, _ = np.linalg.svd(centred, full_matrices=False)
    expected = turned[:, index] * spreads[index]
    if expected @ plane.values < 0:
        expected = -expected
    np.testing.assert_allclose(plane.values, expected, atol=2e-3 * plane.high)
    assert plane.values.max() == pytest.approx(plane.high)  # the farther end is the high one
    share = spreads[index] ** 2 / np.square(spreads).sum()
    assert f"({share:.0%} of the differences)" in plane.unit


@pytest.mark.parametrize("shape", [(90, 300), (300, 90), (9, 20)])
def test_principal_planes_of_units_that_are_alike_are_flat(shape: tuple[int, int]) -> None:
    plane = planes.principal_plane(model_with(np.full(shape, 0.3).tolist(), {}))
    assert not plane.values.any()
    assert "(0% of the differences)" in plane.unit


def test_principal_planes_are_found_where_one_unit_differs() -> None:
    weights = np.zeros((80, 400))
    weights[7] = 1
    plane = planes.principal_plane(model_with(weights.tolist(), {}))
    assert int(np.argmax(np.abs(plane.values))) == 7
    assert "(100% of the differences)" in plane.unit
