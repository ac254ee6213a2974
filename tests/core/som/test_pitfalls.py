"""The forty known pitfalls of self-organizing maps, one test each: this program avoids them."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import itertools
import json
import math
import random
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data import PROJECT, lines_dataset, noise, train_model, write_picture
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial.distance import cdist
from threadpoolctl import threadpool_limits

from image2map_gui.core.errors import ParameterError, ProjectError, TrainingError
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.sources import find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.options import options_of
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project, project_of
from image2map_gui.core.project.save import save_project
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.presets import preset
from image2map_gui.core.som.quality.edges import edges
from image2map_gui.core.som.quality.fit import explained_variance
from image2map_gui.core.som.quality.preservation import neighbour_preservation
from image2map_gui.core.som.quality.product import topographic_product
from image2map_gui.core.som.quality.topography import topographic_error
from image2map_gui.core.som.quality.usage import empty_units
from image2map_gui.core.som.train import EpochFigures, Snapshot, train
from image2map_gui.core.som.weights import principal_components
from image2map_gui.core.som.winners import nearest_units

Floats = NDArray[np.floating]
OPTIONS = {one.name: one for one in options_of(SomParams)}
NEIGHBOURHOODS = OPTIONS["neighbourhood"].choices
OPEN_DECAYS = ("constant", "original-exponential", "original-linear")  # these reach no end


def trained(vectors: Floats, start: Floats | None = None, **values: Any) -> list[Snapshot]:
    """Return the snapshots before the first epoch and after each, and the settled one."""
    snapshots = list(train(vectors, SomParams(**values), start))
    return [one for one in snapshots if one is snapshots[0] or one.milestone or one.settled]


def figures(snapshots: list[Snapshot]) -> list[EpochFigures]:
    return [one.figures for one in snapshots if one.milestone and one.figures is not None]


def winners_of(vectors: Floats, weights: Floats, metric: str = "euclidean") -> list[int]:
    winners: list[int] = nearest_units(vectors, weights, metric)[0][:, 0].tolist()
    return winners


def shares(grid: Grid, name: str, radius: float) -> Floats:
    """How strongly each unit learns with each winner."""
    return Kernel(grid, name, radius).rows(np.arange(grid.units))


def most_memory(work: Callable[[], object]) -> int:
    """Return how many bytes ``work`` held at once, at most."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# --- Winners ---


def test_row_01_winners_in_float32_are_right_far_from_the_origin() -> None:
    rng = np.random.default_rng(0)
    weights = (255 + rng.uniform(-0.1, 0.1, (100, 784))).astype(np.float32)
    expanded = (weights**2).sum(axis=1) - 2 * weights @ weights.T
    assert np.mean(expanded.argmin(axis=1) != np.arange(100)) > 0.5, "the pitfall is real"
    units, distances = nearest_units(weights, weights, "euclidean")
    assert units[:, 0].tolist() == list(range(100))
    assert not distances.any()
    first, once, _ = trained(weights, weights, rows=10, epochs=1, radius_start=0.0, radius_end=0.0)
    assert once.winners is not None
    assert once.winners.tolist() == list(range(100))
    assert np.array_equal(first.weights, weights)


@pytest.mark.parametrize("metric", ["cosine", "correlation"])
def test_row_02_black_pictures_and_units_are_like_nothing(metric: str) -> None:
    black, weights = np.zeros((3, 5), np.float32), noise(4, 5).astype(np.float32)
    units, distances = nearest_units(black, weights, metric, 4)
    assert units.tolist() == [[0, 1, 2, 3]] * 3
    assert (distances == 1).all()
    _, distances = nearest_units(weights, black, metric)
    assert (distances == 1).all()
    for mode in OPTIONS["mode"].choices:
        last = trained(np.concatenate([black, weights]), rows=3, metric=metric, mode=mode)[-1]
        assert np.isfinite(last.weights).all()


def test_row_03_opposites_are_farther_than_right_angles() -> None:
    angles = np.radians([180, 170, 100, 90, 10])
    weights = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    units, distances = nearest_units(np.array([[1.0, 0.0]]), weights, "cosine", 5)
    assert units.tolist() == [[4, 3, 2, 1, 0]]
    assert distances[0] == pytest.approx(1 - np.cos(angles[::-1]))


@pytest.mark.parametrize("metric", OPTIONS["metric"].choices)
def test_row_04_ties_go_to_the_lowest_unit_and_equal_samples_are_told_apart(metric: str) -> None:
    alike = np.tile(np.array([0.25, 0.5, 0.125], np.float32), (9, 1))
    params = SomParams(rows=3, columns=4, init="sample", metric=metric)
    vectors = noise(20, 3).astype(np.float32)
    assert winners_of(vectors, alike, params.measure) == [0] * 20
    first = next(iter(train(alike, params))).weights
    assert len(np.unique(first, axis=0)) == 12


# --- The lattice ---


def test_row_05_wrapped_hexagons_need_an_even_number_of_rows() -> None:
    with pytest.raises(ParameterError, match="even number of rows: 4 or 6, not 5"):
        SomParams(rows=5, topology="mesh", tiling="hexagonal")
    for rows, columns in ((4, 3), (6, 4), (10, 7)):
        params = SomParams(rows=rows, columns=columns, topology="mesh", tiling="hexagonal")
        far = np.sort(Grid.of(params).distances(), axis=1)
        assert far[:, 1:7] == pytest.approx(1)
        assert (far[:, 7:] > 1.5).all()


@pytest.mark.parametrize(("rows", "columns"), [(4, 10), (10, 4)])
@pytest.mark.parametrize("tiling", ["square", "hexagonal"])
def test_row_06_each_axis_wraps_at_its_own_length(rows: int, columns: int, tiling: str) -> None:
    grid = Grid(rows, columns, "mesh", tiling)
    across, down = grid.columns - 1, (grid.rows - 1) * grid.columns
    far = grid.distances(np.array([0]))[0]
    assert far[[across, down]] == pytest.approx(1)
    assert far[columns // 2] == pytest.approx(columns / 2)
    if tiling == "square":
        assert far[rows // 2 * columns] == pytest.approx(rows / 2)
    else:  # every second row is shifted by a half
        middle = math.hypot(rows / 2 * math.sqrt(3) / 2, rows // 2 % 2 / 2)
        assert far[rows // 2 * columns] == pytest.approx(middle)


@pytest.mark.parametrize("topology", ["grid", "mesh", "cylinder"])
@pytest.mark.parametrize(("rows", "columns"), [(4, 5), (6, 5), (6, 4), (4, 6)])
def test_row_07_one_table_of_hexagons_serves_distances_edges_and_errors(
    topology: str, rows: int, columns: int
) -> None:
    grid = Grid(rows, columns, topology, "hexagonal")
    near = np.argwhere(np.isclose(grid.distances(), 1)).tolist()
    assert [list(pair) for pair in zip(*edges(grid), strict=True)] == near
    units = np.arange(grid.units)
    all_pairs = [grid.neighbours(unit).tolist() for unit in range(grid.units)]
    assert [[i, j] for i, found in enumerate(all_pairs) for j in found] == near
    first, second = np.repeat(units, grid.units), np.tile(units, grid.units)
    torn = topographic_error(first, second, grid)
    assert torn == pytest.approx(1 - len(near) / grid.units**2)


@pytest.mark.parametrize("tiling", ["square", "hexagonal"])
def test_row_08_of_all_ways_round_the_shortest_counts(tiling: str) -> None:
    grid, height = Grid(4, 6, "mesh", tiling), 1 if tiling == "square" else math.sqrt(3) / 2
    x, y = grid.centres.T
    ways = [
        np.hypot(x[:, None] - x + a * 6, y[:, None] - y + b * 4 * height)
        for a, b in itertools.product((-1, 0, 1), repeat=2)
    ]
    expected = np.exp(-(np.min(ways, axis=0) ** 2) / (2 * 1.5**2))
    assert shares(grid, "gaussian", 1.5) == pytest.approx(expected)
    assert shares(grid, "gaussian", 1.5)[0].max() == 1


# --- The neighbourhood ---


def test_row_09_cut_offs_are_inclusive_and_a_small_radius_still_reaches_the_neighbours() -> None:
    line = Grid(1, 5)
    for name in ("bubble", "cut-gaussian", "lap", "exp"):
        assert (shares(line, name, 2.0)[0] > 0).tolist() == [True, True, True, False, False]
    assert shares(line, "gaussian", 0.5)[0, 1] == pytest.approx(math.exp(-2))
    start = np.array([[0.0], [1.0], [2.0]])
    snapshots = trained(np.array([[-1.0]]), start, rows=1, columns=3, epochs=1, radius_end=0.5)
    assert (snapshots[-1].weights[:2] == -1).all()


@pytest.mark.parametrize("name", NEIGHBOURHOODS)
@pytest.mark.parametrize("radius", [0.0, 5e-324, 1e-9])
def test_row_10_without_a_radius_only_the_winner_learns(name: str, radius: float) -> None:
    assert np.array_equal(shares(Grid(3, 3), name, radius), np.eye(9))
    mode = "online" if name == "mexican-hat" else "batch"
    ends: dict[str, Any] = {"radius_start": radius, "radius_end": radius}
    snapshots = trained(noise(30, 4), rows=3, columns=3, neighbourhood=name, mode=mode, **ends)
    assert np.isfinite(snapshots[-1].weights).all()


def test_row_11_the_radius_means_one_thing_and_presets_are_converted_to_it() -> None:
    at_radius = {"gaussian": math.exp(-0.5), "cut-gaussian": math.exp(-0.5), "bubble": 1.0}
    at_radius |= {"epanechnikov": 0.0, "triangle": 0.0, "mexican-hat": 0.0}
    at_radius |= {"lap": math.exp(-9 / (2 * math.sqrt(3))), "exp": math.exp(-9 / 3)}
    assert set(at_radius) == set(NEIGHBOURHOODS)
    for name, expected in at_radius.items():
        assert shares(Grid(1, 5), name, 3.0)[0, 3] == pytest.approx(expected), name
    assert preset("minisom").radius_start == preset("sofm").radius_start == 1.0


def test_row_12_units_without_pictures_are_counted_and_kept() -> None:
    last = trained(noise(7, 3), rows=5, columns=5, radius_end=0.3)[-1]
    assert last.winners is not None
    used = len(set(last.winners.tolist()))
    assert last.weights.shape == (25, 3)
    assert empty_units(last.winners, 25) == 25 - used >= 18


@pytest.mark.parametrize("mode", ["batch", "minibatch"])
@pytest.mark.parametrize(("name", "radius"), [("bubble", 0.5), ("gaussian", 0.05)])
def test_row_13_units_that_no_picture_reaches_keep_their_weights(
    mode: str, name: str, radius: float
) -> None:
    vectors, start = noise(5, 3).astype(np.float32), noise(40, 3, seed=1).astype(np.float32)
    values: dict[str, Any] = {
        "rows": 1,
        "columns": 40,
        "epochs": 1,
        "mode": mode,
        "neighbourhood": name,
    }
    _, after, _ = trained(vectors, start, radius_start=radius, radius_end=radius, **values)
    away = np.setdiff1d(np.arange(40), winners_of(vectors, start))
    assert len(away) >= 35
    assert np.array_equal(after.weights[away], start[away])


# --- What cannot be learned from ---


def test_row_14_there_are_no_missing_values_a_picture_with_one_is_refused_by_its_number() -> None:
    vectors = noise(20, 3)
    vectors[12, 1] = np.nan
    with pytest.raises(TrainingError, match=r"^Picture 13 holds a value that is no finite number"):
        trained(vectors)


def test_row_15_a_picture_of_nothing_is_refused_and_unreadable_ones_are_left_out_with_a_reason(
    tmp_path: Path,
) -> None:
    with pytest.raises(TrainingError, match=r"^Picture 2 holds a value that is no finite number"):
        trained(np.array([[1.0, 2.0], [np.nan, np.nan], [3.0, 4.0]]))
    write_picture(tmp_path / "good.png")
    (tmp_path / "empty.png").write_bytes(b"")
    *_, reading = read_dataset(find_sources([tmp_path]), ImageSpec(size=(4, 4)))
    assert [source.name for source in reading.dataset.sources] == ["good.png"]
    ((path, reason),) = [(one.path, one.reason) for one in reading.dataset.skipped]
    assert path.endswith("empty.png")
    assert reason


# --- Rates, decays and the end ---


@pytest.mark.parametrize("mode", ["batch", "minibatch"])
def test_row_16_a_mexican_hat_is_refused_in_batches_and_held_within_the_data_online(
    mode: str,
) -> None:
    with pytest.raises(ParameterError, match=f"'mexican-hat' goes only with .*'{mode}'"):
        SomParams(mode=mode, neighbourhood="mexican-hat")
    values: dict[str, Any] = {"mode": "online", "neighbourhood": "mexican-hat", "rate_start": 1.0}
    for snapshot in trained(noise(60, 4), rows=5, columns=5, epochs=10, **values):
        assert 0 <= snapshot.weights.min() <= snapshot.weights.max() <= 1


@pytest.mark.parametrize("name", NEIGHBOURHOODS)
@pytest.mark.parametrize("radius", [0.0, 0.2, 1.0, 3.7, 500.0])
def test_row_17_every_neighbourhood_is_one_at_the_winner_and_nowhere_more(
    name: str, radius: float
) -> None:
    table = shares(Grid(4, 6, "cylinder"), name, radius)
    assert (np.diagonal(table) == 1).all()
    assert table.max() == 1


def test_row_18_a_rate_that_does_nothing_is_not_offered() -> None:
    assert [OPTIONS[name].applies(SomParams()) for name in ("rate_start", "rate_end")] == [
        False
    ] * 2
    vectors = noise(50, 4)
    fast, slow = (trained(vectors, rows=3, rate_start=rate) for rate in (1.0, 0.1))
    assert np.array_equal(fast[-1].weights, slow[-1].weights)
    assert {one.rate for one in figures(fast)} == {None}
    for mode in ("online", "minibatch"):
        assert OPTIONS["rate_start"].applies(SomParams(mode=mode))
        fast, slow = (trained(vectors, rows=3, rate_start=r, mode=mode) for r in (1.0, 0.1))
        assert not np.allclose(fast[1].weights, slow[1].weights)


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.0001, 2, math.nan])
def test_row_19_a_rate_beyond_one_or_of_nothing_is_refused(rate: float) -> None:
    for name in ("rate_start", "rate_end"):
        values: dict[str, Any] = {name: rate}
        with pytest.raises(ParameterError, match=r"^Rate .* is not allowed"):
            SomParams(mode="online", **values)


@pytest.mark.parametrize(
    "kind", [k for k in OPTIONS["radius_decay"].choices if k not in OPEN_DECAYS]
)
def test_row_20_decays_use_both_ends_and_begin_at_once(kind: str) -> None:
    values: dict[str, Any] = {
        "radius_start": 4.0,
        "radius_end": 0.5,
        "radius_decay": kind,
        "rate_decay": kind,
    }
    values |= {"rate_start": 0.6, "rate_end": 0.02, "epochs": 10, "mode": "online"}
    found = figures(trained(noise(9, 2), rows=3, **values))
    for course, start, end in (
        ([one.radius for one in found], 4.0, 0.5),
        ([one.rate or 0.0 for one in found], 0.6, 0.02),
    ):
        assert (course[0], course[-1]) == (start, end)
        assert course == sorted(course, reverse=True)
        assert course[2] < start, "not even five steps take three epochs of ten"


@pytest.mark.parametrize("kind", OPTIONS["radius_decay"].choices)
def test_row_21_training_ends_with_its_epochs_whatever_radius_and_rate_have_come_to(
    kind: str,
) -> None:
    values: dict[str, Any] = {
        "radius_decay": kind,
        "rate_decay": kind,
        "mode": "online",
        "radius_end": 0.0,
    }
    *_, last, settled = trained(noise(9, 2), rows=2, columns=2, epochs=30, **values)
    assert (last.epoch, last.fraction, settled.epoch) == (30, 1, 30)


def test_row_22_going_on_does_not_spread_the_map_anew() -> None:
    vectors = noise(200, 6)
    first = trained(vectors, rows=8, columns=8)
    again = trained(vectors, first[-1].weights, rows=8, columns=8)
    assert figures(first)[0].radius == 4
    assert figures(again)[0].radius == 1
    assert np.array_equal(again[0].weights, first[-1].weights)
    assert again[-1].quantization_error < 1.01 * first[-1].quantization_error


# --- Few units, few pictures, few values ---


@pytest.mark.parametrize("topology", OPTIONS["topology"].choices)
@pytest.mark.parametrize("shape", [(1, 7), (7, 1), (2, 7), (7, 2)])
@pytest.mark.slow
def test_row_23_maps_of_one_or_two_rows_are_maps(topology: str, shape: tuple[int, int]) -> None:
    vectors = noise(80, 1) * [1.0, 2.0, 3.0] + 0.2 * noise(80, 3, 1)
    for tiling, init in itertools.product(("square", "hexagonal"), ("pca", "sample")):
        if (tiling, topology, shape[0] % 2) == ("hexagonal", "mesh", 1):
            continue  # refused, row 5
        values: dict[str, Any] = {
            "rows": shape[0],
            "columns": shape[1],
            "topology": topology,
            "tiling": tiling,
        }
        first, *_, last = trained(vectors, init=init, **values)
        assert np.isfinite(first.weights).all()
        if init == "pca":
            assert first.weights.mean(axis=0) == pytest.approx(vectors.mean(axis=0))
        assert all(0 <= error <= 1 for _, error in last.topographic_errors)
        assert explained_variance(vectors, last.weights, np.asarray(last.winners)) > 0.9


def test_row_24_of_one_value_a_line_is_learned_and_an_angle_is_but_its_sign() -> None:
    vectors = np.linspace(-1, 1, 41)[:, None]
    for topology in ("line", "grid"):
        last = trained(vectors, rows=1, columns=5, topology=topology)[-1]
        assert len(set(np.sign(np.diff(last.weights[:, 0])))) == 1
        assert last.quantization_error < 0.15
    _, distances = nearest_units(vectors, np.array([[-3.0], [0.0], [0.2]]), "cosine", 3)
    assert np.unique(distances).tolist() == [0, 1, 2]


@pytest.mark.parametrize("init", OPTIONS["init"].choices)
@pytest.mark.parametrize("count", [1, 2, 11])
def test_row_25_fewer_pictures_than_units_are_enough(init: str, count: int) -> None:
    vectors = noise(count, 4)
    last = trained(vectors, rows=4, columns=5, init=init, radius_end=0.3)[-1]
    assert last.weights.shape == (20, 4)
    if count == 1:
        assert last.weights == pytest.approx(np.repeat(vectors, 20, axis=0), abs=0.01)
    else:
        assert explained_variance(vectors, last.weights, np.asarray(last.winners)) > 0.8


def test_row_26_what_is_constant_divides_nothing() -> None:
    plain = ImageSpec(size=(3, 3)).vector(Image.new("L", (3, 3), 51))
    assert plain == pytest.approx(0.2)
    vectors = np.hstack([noise(30, 2), np.full((30, 1), 0.7)])
    for init in OPTIONS["init"].choices:
        last = trained(vectors, rows=3, columns=3, init=init)[-1]
        assert last.weights[:, 2] == pytest.approx(0.7, abs=1e-3)
    alike = np.full((9, 4), 0.3)
    assert math.isnan(explained_variance(alike, alike[:1], np.zeros(9, np.intp)))
    assert trained(alike, rows=2, columns=2)[-1].weights == pytest.approx(0.3, abs=1e-2)


def test_row_27_duplicates_share_a_unit_and_take_no_logarithm_of_nothing() -> None:
    vectors = np.repeat(noise(6, 4), 5, axis=0)
    last = trained(vectors, rows=4, columns=4)[-1]
    assert all(len(set(five)) == 1 for five in np.asarray(last.winners).reshape(6, 5).tolist())
    grid, weights = Grid(4, 4), np.repeat(noise(8, 4), 2, axis=0)
    assert np.isfinite(topographic_product(weights, grid))
    preserved = neighbour_preservation(vectors, np.asarray(last.winners), grid)
    assert 0 <= preserved.trustworthiness <= 1


# --- What is reported ---


@pytest.mark.parametrize("metric", OPTIONS["metric"].choices)
def test_row_28_the_error_is_measured_as_the_map_was_trained(metric: str) -> None:
    vectors = noise(80, 6)
    last = trained(vectors, rows=4, columns=4, metric=metric)[-1]
    names = {"manhattan": "cityblock", "minkowski": "minkowski"}
    more = {"p": 3} if metric == "minkowski" else {}
    far = cdist(vectors, last.weights, names.get(metric, metric), **more)
    assert np.asarray(last.winners).tolist() == far.argmin(axis=1).tolist()
    assert last.quantization_error == pytest.approx(far.min(axis=1).mean())


def test_row_29_a_topographic_error_says_what_a_neighbour_is() -> None:
    counted: dict[str, Any] = {"square": [8, 4], "hexagonal": [6]}
    for tiling, expected in counted.items():
        last = trained(noise(400, 8), rows=8, columns=8, tiling=tiling, radius_end=0.5)[-1]
        assert [adjacency for adjacency, _ in last.topographic_errors] == expected
    last = trained(noise(400, 8), rows=8, columns=8, radius_end=0.5)[-1]
    errors = dict(last.topographic_errors)
    assert errors[8] < errors[4]
    first, second = np.array([0, 0, 0]), np.array([1, 9, 10])  # beside, across the corner, neither
    assert topographic_error(first, second, Grid(8, 8), 8) == pytest.approx(1 / 3)
    assert topographic_error(first, second, Grid(8, 8), 4) == pytest.approx(2 / 3)


def test_row_30_pictures_to_classify_are_scaled_as_those_of_the_training(tmp_path: Path) -> None:
    for name, grey in (("dark", 10), ("bright", 250), ("middling", 130)):
        write_picture(tmp_path / f"{name}.png", grey)
    spec = ImageSpec(size=(4, 4), value_range="-1..1")
    *_, together = read_dataset(find_sources([tmp_path]), spec)
    for index, source in enumerate(together.dataset.sources):
        assert np.array_equal(spec.read(source)[0], together.dataset.vectors[index])
    model, snapshot = train_model(together.dataset, rows=2, columns=2, epochs=2)
    project = project_of(together.dataset, model.params, snapshot, (), 0.0)
    assert saved_and_loaded(project, tmp_path).spec == spec


# --- Chance ---


def test_row_31_chance_is_private_and_a_seed_gives_one_map() -> None:
    def world() -> tuple[object, ...]:
        state = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
        return random.getstate(), state["key"].tolist()

    vectors, before = noise(100, 8), world()
    values: dict[str, Any] = {
        "rows": 3,
        "columns": 3,
        "mode": "online",
        "init": "sample",
        "epochs": 3,
    }
    maps = [trained(vectors, seed=seed, **values)[-1].weights for seed in (4, 4, 5)]
    assert world() == before
    assert np.array_equal(maps[0], maps[1])
    assert not np.allclose(maps[0], maps[2])
    with threadpool_limits(1):
        assert trained(vectors, seed=4, **values)[-1].weights == pytest.approx(maps[0])


def test_row_32_every_epoch_has_an_order_of_its_own() -> None:
    # One unit that takes over each picture whole is, after an epoch, the last picture of it.
    values: dict[str, Any] = {"rate_start": 1.0, "rate_end": 1.0, "mode": "online", "epochs": 60}
    snapshots = trained(np.arange(12.0)[:, None], rows=1, columns=1, **values)
    last_shown = [float(one.weights[0, 0]) for one in snapshots if one.milestone]
    assert set(last_shown) == set(range(12))


def test_row_33_components_have_an_order_and_a_sign() -> None:
    turned, _ = np.linalg.qr(noise(5, 5))
    vectors = np.random.default_rng(1).normal(size=(900, 5)) * [0.1, 6, 0.2, 2, 0.1] @ turned
    for data in (vectors, -vectors, vectors[::-1]):
        _, components, spreads = principal_components(data, 2, np.random.default_rng(0))
        assert np.abs(components @ turned[[1, 3]].T) == pytest.approx(np.eye(2), abs=0.03)
        assert spreads == pytest.approx([6, 2], rel=0.1)
        assert (components[np.arange(2), np.abs(components).argmax(axis=1)] > 0).all()
    first = trained(vectors, rows=3, columns=6, init="pca", epochs=1)[0].weights.reshape(3, 6, 5)
    assert np.linalg.norm(first[0, -1] - first[0, 0]) == pytest.approx(12, rel=0.1)
    assert np.linalg.norm(first[-1, 0] - first[0, 0]) == pytest.approx(4, rel=0.1)


# --- Time and memory ---


def test_row_34_components_of_12288_values_need_no_table_of_their_squares() -> None:
    vectors = noise(150, 12_288).astype(np.float32)
    used = most_memory(lambda: principal_components(vectors, 2, np.random.default_rng(0)))
    assert used < 100 << 20  # the table would take 1.2 GB


@pytest.mark.slow
def test_row_35_distances_of_all_pictures_to_all_units_are_never_kept() -> None:
    vectors, weights = noise(20_000, 2).astype(np.float32), noise(2500, 2, 1).astype(np.float32)
    whole = 4 * len(vectors) * len(weights)
    assert most_memory(lambda: nearest_units(vectors, weights, "euclidean")) < whole / 3
    values: dict[str, Any] = {"rows": 50, "columns": 50, "epochs": 1}
    assert most_memory(lambda: trained(vectors, weights, **values)) < whole / 3


@pytest.mark.parametrize(("name", "side"), [("gaussian", 100), ("triangle", 70)])
@pytest.mark.slow
def test_row_36_influences_of_all_units_on_all_are_never_kept(name: str, side: int) -> None:
    grid = Grid(side, side)
    sums = np.ones((grid.units, 2))
    used = most_memory(lambda: Kernel(grid, name, 2.0).smooth(sums))
    assert used < 8 * grid.units**2 * 0.6


@pytest.mark.slow
def test_row_37_there_is_no_matplotlib_and_hexagons_are_regular_where_they_are_drawn() -> None:
    for module in (PROJECT / "image2map_gui").rglob("*.py"):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        named = {
            alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names
        }
        named |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert not [name for name in named if name.partition(".")[0] == "matplotlib"], module
    assert not [one for one in requires("image2map") or () if re.match("matplotlib", one)]
    grid = Grid(5, 6, "grid", "hexagonal")
    assert cdist(grid.centres, grid.centres)[14][grid.neighbours(14)] == pytest.approx(np.ones(6))


@pytest.mark.slow
def test_row_38_figures_of_all_pairs_of_pictures_take_a_sample_and_say_so() -> None:
    vectors = noise(9000, 3)
    found = []
    grid, winners = Grid(6, 6), np.arange(9000) % 36
    used = most_memory(
        lambda: found.append(neighbour_preservation(vectors, winners, grid)),
    )
    assert used < 8 * 9000**2 / 2
    assert found[0].sampled == 2000
    assert neighbour_preservation(vectors, winners, grid) == found[0]
    few = neighbour_preservation(vectors[:300], winners[:300], grid)
    assert few.sampled == 300


# --- Files ---


def saved_and_loaded(project: Project, folder: Path) -> Project:
    save_project(project, folder / "map.i2m")
    return load_project(folder / "map.i2m")


def small_project() -> Project:
    dataset = lines_dataset()
    model, snapshot = train_model(dataset, rows=3, columns=3, epochs=2)
    return project_of(dataset, model.params, snapshot, (), 0.0)


def test_row_39_weights_are_saved_to_the_last_bit(tmp_path: Path) -> None:
    project = small_project()
    again = saved_and_loaded(project, tmp_path)
    assert project.model is not None
    assert again.model is not None
    assert again.model.weights.tobytes() == project.model.weights.tobytes()
    assert again.model.weights.dtype == np.float32
    assert not np.array_equal(np.round(again.model.weights, 6), again.model.weights)


@dataclasses.dataclass
class Trap:
    """What does something when it is unpickled."""

    path: Path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_row_40_a_project_with_a_pickle_in_it_is_refused_and_the_pickle_is_not_run(
    tmp_path: Path,
) -> None:
    good, bad, touched = (tmp_path / name for name in ("map.i2m", "bad.i2m", "touched"))
    save_project(small_project(), good)
    trap = tmp_path / "trap.npy"
    np.save(trap, np.array([Trap(touched)] * 9, object), allow_pickle=True)
    np.load(trap, allow_pickle=True)
    assert touched.exists(), "the trap works"
    touched.unlink()
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        manifest["arrays"]["hits"]["sha256"] = hashlib.sha256(trap.read_bytes()).hexdigest()
        new.writestr("manifest.json", json.dumps(manifest))
        for name in set(old.namelist()) - {"manifest.json"}:
            new.writestr(name, trap.read_bytes() if name == "hits.npy" else old.read(name))
    with pytest.raises(ProjectError, match=r"bad\.i2m"):
        load_project(bad)
    assert not touched.exists()
