"""Best-matching units against a plain search in float64."""

from __future__ import annotations

import numpy as np
import pytest
from data import noise
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from image2map_gui.core.som.winners import (
    Prepared,
    Scores,
    block_rows,
    distances_between,
    nearest_blocks,
    nearest_units,
)

METRICS = ("euclidean", "cosine")


def naive_distance(vector: list[float], unit: list[float], metric: str) -> float:
    x, w = np.array(vector, np.float64), np.array(unit, np.float64)
    if metric == "euclidean":
        return float(np.sqrt(((x - w) ** 2).sum()))
    lengths = np.sqrt((x**2).sum()) * np.sqrt((w**2).sum())
    cosine = (x * w).sum() / lengths if lengths > 0 else 0.0
    return float(1 - min(1.0, max(-1.0, cosine)))


def naive_distances(
    vectors: NDArray[np.floating], weights: NDArray[np.floating], metric: str
) -> NDArray[np.float64]:
    return np.array(
        [
            [naive_distance(vector, unit, metric) for unit in weights.tolist()]
            for vector in vectors.tolist()
        ]
    ).reshape(len(vectors), len(weights))


@st.composite
def problems(
    draw: st.DrawFn, values: st.SearchStrategy[float]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    features = draw(st.integers(1, 5))
    count, units = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    return (
        draw(arrays(np.float32, (count, features), elements=values)),
        draw(arrays(np.float32, (units, features), elements=values)),
    )


floats = st.floats(-1000, 1000, width=32)
small_whole = st.integers(-3, 3).map(float)


@pytest.mark.parametrize("metric", METRICS)
@given(problem=problems(st.one_of(floats, small_whole)), count=st.integers(1, 12))
@pytest.mark.slow
def test_nearest_units_are_those_of_a_plain_search(
    metric: str, problem: tuple[NDArray[np.float32], NDArray[np.float32]], count: int
) -> None:
    vectors, weights = problem
    units, distances = nearest_units(vectors, weights, metric, count)
    wanted = min(count, len(weights))
    assert units.shape == distances.shape == (len(vectors), wanted)
    naive = naive_distances(vectors, weights, metric)
    tight = {"rel": 1e-9, "abs": 1e-9}
    assert distances == pytest.approx(np.sort(naive, axis=1)[:, :wanted], **tight)
    assert distances == pytest.approx(np.take_along_axis(naive, units, axis=1), **tight)
    assert (np.diff(distances, axis=1) >= 0).all()
    assert all(len(set(row)) == wanted for row in units.tolist())


@given(problem=problems(small_whole))
def test_ties_go_to_the_lower_unit(
    problem: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> None:
    vectors, weights = problem  # whole numbers: the squares are exact, and often equal
    squares = ((vectors[:, None, :] - weights[None, :, :]) ** 2).sum(axis=2)
    expected = np.argsort(squares, axis=1, kind="stable")
    units, _ = nearest_units(vectors, weights, "euclidean", len(weights))
    assert np.array_equal(units, expected)


@pytest.mark.parametrize("metric", METRICS)
def test_equal_units_are_taken_in_order(metric: str) -> None:
    weights = np.tile(np.float32([0.25, 0.5, 0.125]), (7, 1))
    units, distances = nearest_units(noise(20, 3).astype(np.float32), weights, metric, 3)
    assert (units == [0, 1, 2]).all()
    assert (distances == distances[:, :1]).all()


@pytest.mark.parametrize("offset", [255.0, 1000.0])
def test_far_from_the_origin_no_winner_is_wrong(offset: float) -> None:
    rng = np.random.default_rng(3)
    weights = (offset + rng.uniform(-0.1, 0.1, (100, 784))).astype(np.float32)
    vectors = weights[rng.permutation(100)]
    units, distances = nearest_units(vectors, weights, "euclidean", 2)
    assert np.array_equal(weights[units[:, 0]], vectors)
    assert (distances[:, 0] == 0).all()
    assert (distances[:, 1] > 1).all()
    # The fast scores that training uses are as reliable here.
    data = Prepared(vectors, "euclidean")
    assert data.centre is not None
    scores = Scores(weights, "euclidean", data.centre).of(data.block(slice(None)))
    assert np.array_equal(scores.argmax(axis=1), units[:, 0])
    assert data.distances(slice(None), scores.max(axis=1)) == pytest.approx(np.zeros(100), abs=0.01)


def test_a_large_offset_changes_no_winner() -> None:
    offset = np.float32(4096)
    vectors = (np.round(noise(200, 20) * 64) / 64).astype(np.float32)  # exact also when moved
    weights = (np.round(noise(30, 20, seed=1) * 64) / 64).astype(np.float32)
    units, distances = nearest_units(vectors + offset, weights + offset, "euclidean", 3)
    near, far = nearest_units(vectors, weights, "euclidean", 3)
    assert np.array_equal(units, near)
    assert np.array_equal(distances, far)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("offset", [0, 255])
def test_the_answer_does_not_depend_on_the_other_vectors(metric: str, offset: int) -> None:
    vectors = (noise(150, 31) * 0.2 + offset).astype(np.float32)
    weights = (noise(40, 31, seed=1) * 0.2 + offset).astype(np.float32)
    units, distances = nearest_units(vectors, weights, metric, 3)
    for index, vector in enumerate(vectors):
        alone, how_far = nearest_units(vector[None], weights, metric, 3)
        assert np.array_equal(alone[0], units[index])
        assert np.array_equal(how_far[0], distances[index])
    backwards, _ = nearest_units(vectors[::-1], weights, metric, 3)
    assert np.array_equal(backwards[::-1], units)


@pytest.mark.parametrize("metric", METRICS)
def test_many_vectors_are_searched_block_by_block(metric: str) -> None:
    vectors, weights = noise(5000, 3).astype(np.float32), noise(5, 3, seed=1).astype(np.float32)
    blocks = [rows for rows, _, _ in nearest_blocks(vectors, weights, metric)]
    assert len(blocks) > 1
    assert [rows.start for rows in blocks] == [0, *(rows.stop for rows in blocks[:-1])]
    assert blocks[-1].stop == len(vectors)
    units, distances = nearest_units(vectors, weights, metric)
    naive = np.stack(
        [distances_between(vectors, np.tile(unit, (len(vectors), 1)), metric) for unit in weights],
        axis=1,
    )
    assert np.array_equal(units[:, 0], naive.argmin(axis=1))
    assert np.array_equal(distances[:, 0], naive.min(axis=1))


def test_cosine_ignores_length_and_keeps_the_sign() -> None:
    weights = np.float32([[1, 0], [0, 3], [-2, 0]])
    vectors = np.float32([[0.1, 0], [0, 100], [-5, 0]])
    units, distances = nearest_units(vectors, weights, "cosine", 3)
    assert units.tolist() == [[0, 1, 2], [1, 0, 2], [2, 1, 0]]
    assert distances == pytest.approx(np.array([[0, 1, 2], [0, 1, 1], [0, 1, 2]]), abs=1e-12)


def test_a_black_picture_goes_to_the_first_unit_under_cosine() -> None:
    units, distances = nearest_units(
        np.zeros((2, 3), np.float32), noise(4, 3).astype(np.float32), "cosine", 2
    )
    assert units.tolist() == [[0, 1], [0, 1]]
    assert distances.tolist() == [[1, 1], [1, 1]]


def test_a_zero_unit_is_no_better_than_a_right_angle_under_cosine() -> None:
    weights = np.float32([[-1, 0], [0, 0], [0, 1]])
    units, distances = nearest_units(np.float32([[1, 0]]), weights, "cosine", 3)
    assert units.tolist() == [[1, 2, 0]]
    assert distances.tolist() == [[1, 1, 2]]


@pytest.mark.parametrize("metric", METRICS)
def test_no_vectors_have_no_units(metric: str) -> None:
    units, distances = nearest_units(np.zeros((0, 3), np.float32), np.ones((4, 3)), metric, 2)
    assert units.shape == distances.shape == (0, 2)


@given(st.integers(1, 40_000), st.integers(1, 800_000))
def test_a_block_is_short_work_and_little_memory(units: int, features: int) -> None:
    rows = block_rows(units, features)
    assert rows >= 1
    assert rows <= 16 or rows * units * features <= 600_000_000
    assert rows <= 16 or rows * units * 4 <= 32 << 20
