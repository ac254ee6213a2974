"""What is counted during an epoch."""

from __future__ import annotations

import math

import numpy as np
import pytest

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.tally import Tally


def test_winners_and_distances_are_noted_where_they_belong() -> None:
    tally = Tally(5, Grid(1, 4), None)
    tally.add(slice(0, 2), np.array([3, 1]), np.array([0.5, 1.5]))
    tally.add(np.array([4, 2]), np.array([0, 2]), np.array([2.0, 4.0]))
    tally.add(slice(3, 4), np.array([3]), np.array([2.0]))
    assert tally.winners.tolist() == [3, 1, 2, 3, 0]
    assert tally.quantization_error == pytest.approx(2)


def test_changed_counts_pictures_with_another_winner_than_before() -> None:
    assert Tally(3, Grid(1, 4), None).changed is None
    tally = Tally(3, Grid(1, 4), np.array([1, 2, 3]))
    tally.add(slice(None), np.array([1, 0, 2]), np.zeros(3))
    assert tally.changed == 2


def test_the_topographic_error_is_the_share_of_torn_pictures() -> None:
    tally = Tally(4, Grid(1, 4), None)
    assert math.isnan(tally.topographic_error)
    tally.judge(np.array([0, 0]), np.array([1, 2]))
    tally.judge(np.array([3, 3]), np.array([2, 0]))
    assert tally.topographic_error == 0.5


def test_of_many_pictures_some_2000_are_judged() -> None:
    assert Tally(1, Grid(1, 2), None).stride == 1
    assert Tally(3999, Grid(1, 2), None).stride == 1
    assert Tally(60_000, Grid(1, 2), None).stride == 30
