"""Going on from a map that is there, in the same or in another size."""

from __future__ import annotations

import numpy as np
import pytest

from image2map_gui.core.errors import TrainingError
from image2map_gui.core.som.course import going_on
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import train
from image2map_gui.core.som.weights import resized


def plane(grid: Grid) -> np.ndarray:
    """Weights that change evenly over the sheet, from 0 to 1 each way."""
    rows, columns = grid.positions[:, 0], grid.positions[:, 1]
    return np.stack([rows / max(1, grid.rows - 1), columns / max(1, grid.columns - 1)], axis=1)


@pytest.mark.parametrize(("rows", "columns"), [(7, 5), (2, 9), (3, 4), (1, 1)])
def test_an_even_sheet_stays_even_in_another_size(rows: int, columns: int) -> None:
    old, new = Grid(3, 4), Grid(rows, columns)
    expected = plane(new)
    np.testing.assert_allclose(resized(plane(old), old, new), expected, atol=1e-12)


def test_the_same_size_is_the_same_map() -> None:
    weights = np.random.default_rng(0).random((12, 5)).astype(np.float32)
    again = resized(weights, Grid(3, 4), Grid(3, 4, "mesh"))
    np.testing.assert_array_equal(again, weights)
    assert again.dtype == np.float32


def test_a_ring_is_filled_in_all_the_way_round() -> None:
    old, new = Grid(1, 4, "ring"), Grid(1, 8, "ring")
    weights = np.array([[0.0], [1.0], [2.0], [1.0]])
    assert resized(weights, old, new)[:, 0].tolist() == [0, 0.5, 1, 1.5, 2, 1.5, 1, 0.5]


def test_a_sheet_cannot_become_a_line() -> None:
    with pytest.raises(TrainingError, match="cannot start from a line"):
        resized(np.zeros((6, 2)), Grid(2, 3), Grid(1, 6, "line"))


def test_training_goes_on_from_the_weights_it_is_given() -> None:
    vectors = np.random.default_rng(1).random((80, 6), np.float32)
    params = SomParams(rows=4, columns=4, epochs=5)
    first = list(train(vectors, params))[-1]
    snapshots = list(train(vectors, params, first.weights))
    np.testing.assert_array_equal(snapshots[0].weights, first.weights)
    figures = [snapshot.figures for snapshot in snapshots if snapshot.milestone]
    assert figures[0].radius == 1.0, "the map is not spread anew"
    assert figures[-1].radius == params.radius_end
    assert snapshots[-1].quantization_error <= first.quantization_error * 1.01


def test_a_radius_that_was_chosen_is_kept() -> None:
    assert going_on(SomParams(radius_start=7)).radius_start == 7
    assert going_on(SomParams(radius_end=2.5)).radius_start == 2.5


def test_a_map_of_another_size_is_refused() -> None:
    vectors = np.zeros((9, 6), np.float32)
    with pytest.raises(TrainingError, match="9 units of 6 values; 16 of 6 are wanted"):
        next(iter(train(vectors, SomParams(rows=4, columns=4), np.zeros((9, 6)))))
