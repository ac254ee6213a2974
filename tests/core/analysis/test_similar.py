"""Growing a selection, and pictures like one: by hand, and against plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.analysis.similar import grown, like_on_map, like_vector
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.winners import distances_between

EUCLIDEAN = Metric("euclidean")


def test_a_selection_grows_where_prototypes_change_gently() -> None:
    """Along a line 0 1 2 9 10: from 1 the steps are 1 and 1, from 2 they are 1 and 7."""
    weights = np.array([[0.0], [1], [2], [9], [10]])
    grid = Grid(1, 5, "line")
    units, bound = grown(weights, grid, EUCLIDEAN, np.array([1]))
    assert (units.tolist(), bound) == ([0, 1, 2], 1.0)
    units, bound = grown(weights, grid, EUCLIDEAN, units)
    assert (units.tolist(), bound) == ([0, 1, 2], 3.0)  # the pairs 0 1, 1 2, 2 3 on average
    units, bound = grown(weights, grid, EUCLIDEAN, np.array([3]))
    assert (units.tolist(), bound) == ([3, 4], 4.0)


def test_a_unit_by_itself_has_no_neighbours() -> None:
    units, bound = grown(np.zeros((1, 3)), Grid(1, 1), EUCLIDEAN, np.array([0]))
    assert units.tolist() == [0]
    assert math.isnan(bound)
    assert grown(np.zeros((4, 3)), Grid(2, 2), EUCLIDEAN, np.zeros(0, np.intp))[0].tolist() == []


@given(
    grid=st.sampled_from(
        [Grid(3, 4), Grid(4, 4, "mesh"), Grid(3, 5, "grid", "hexagonal"), Grid(2, 6, "ring")]
    ),
    seed=st.integers(0, 999),
    count=st.integers(1, 6),
)
def test_growing_is_what_it_says(grid: Grid, seed: int, count: int) -> None:
    chance = np.random.default_rng(seed)
    weights = chance.normal(size=(grid.units, 3))
    chosen = np.sort(chance.choice(grid.units, count, replace=False))
    inside = set(chosen.tolist())
    far = lambda one, other: float(np.linalg.norm(weights[one] - weights[other]))  # noqa: E731
    touching = {frozenset((one, int(other))) for one in inside for other in grid.neighbours(one)}
    mean = np.mean([far(*pair) for pair in touching])
    expected = inside | {
        int(other)
        for one in inside
        for other in grid.neighbours(one)
        if far(one, int(other)) <= mean
    }
    units, bound = grown(weights, grid, EUCLIDEAN, chosen)
    assert bound == pytest.approx(mean)
    assert set(units.tolist()) == expected


def test_pictures_of_the_unit_come_first_then_those_of_units_nearby() -> None:
    """On a row of four units: from unit 1, units 0 and 2 are one step away, and 2 is more alike."""
    weights = np.array([[0.0], [5], [6], [7]])
    units = np.array([3, 1, 0, 2, 1, 0])
    distances = np.array([0.0, 0.4, 0.2, 0.9, 0.1, 0.1])
    found = like_on_map(weights, Grid(1, 4), EUCLIDEAN, (units, distances), 1, 10)
    assert found.rows.tolist() == [4, 1, 3, 5, 2, 0]
    assert found.distances.tolist() == [0, 0, 1, 5, 5, 2]
    assert like_on_map(weights, Grid(1, 4), EUCLIDEAN, (units, distances), 1, 2).rows.tolist() == [
        4, 1,
    ]  # fmt: skip


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "manhattan", "minkowski:3"])
def test_the_nearest_vectors_are_found_exactly(metric: str) -> None:
    vectors = np.random.default_rng(3).random((5000, 600), np.float32)
    steps = list(like_vector(vectors, vectors[17], Metric(metric), 30))
    assert steps[0].fraction == 0.0
    assert not any(step.milestone for step in steps[:-1])
    far = distances_between(vectors, np.repeat(vectors[17][None], len(vectors), 0), metric)
    expected = np.argsort(far, kind="stable")[:30]
    found = steps[-1].found
    assert found is not None
    assert found.rows.tolist() == expected.tolist()
    assert found.rows[0] == 17
    np.testing.assert_allclose(found.distances, far[expected], atol=1e-9)
    assert len(list(like_vector(vectors[:0], vectors[17], Metric(metric), 30))) == 2
