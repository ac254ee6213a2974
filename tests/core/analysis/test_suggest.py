"""Suggestions which pictures to label: by hand, and against labels given by lot."""

from __future__ import annotations

import numpy as np
import pytest
from data import labelled_vectors, model_with, train_model

from image2map_gui.core.analysis.labels import spread, unit_labels
from image2map_gui.core.analysis.suggest import suggest
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.som.winners import nearest_units


def test_the_picture_nearest_to_the_prototype_speaks_for_the_largest_group() -> None:
    model = model_with([[0], [1], [50], [100]], {}, distances=[0.0])
    units = np.array([0] * 5 + [1] * 4 + [2] + [3] * 3 + [-1])
    distances = np.array([3, 1, 2, 4, 5, 9, 8, 7, 6, 0, 2, 3, 1, 0.0])
    found = suggest(model, units, distances, [None] * 14, 2)
    assert [one.unit for one in found] == [0, 3]
    assert [one.row for one in found] == [1, 12]
    assert [one.pictures for one in found] == [5, 3]
    assert all(np.isnan(one.sure) for one in found)


def test_what_is_labelled_already_is_not_asked_again() -> None:
    model = model_with([[0], [1], [50], [100]], {})
    units = np.array([0, 0, 0, 1, 1, 2, 2, 3, 3, 3])
    labels = ["cat", None, None, None, None, None, None, "dog", None, None]
    found = suggest(model, units, np.arange(10.0), labels, 1)
    assert [one.unit for one in found] == [2]
    assert 0 < found[0].sure < 1
    everything = suggest(model, units, np.arange(10.0), labels, 99)
    assert len(everything) == 4
    assert all(labels[one.row] is None for one in everything)
    assert suggest(model, units, np.arange(10.0), ["cat"] * 10) == []
    assert suggest(model, np.full(10, -1), np.zeros(10), [None] * 10) == []


def test_where_nothing_would_help_nothing_is_suggested() -> None:
    model = model_with([[0], [1]], {})
    units, labels = np.array([0, 0, 1, 1]), ["cat", None, "cat", None]
    assert suggest(model, units, np.arange(4.0), labels) == []


def test_suggested_labels_are_worth_more_than_labels_given_by_lot() -> None:
    random = np.random.default_rng(0)
    centres = random.normal(0, 1, (12, 8)) * 3
    groups = random.choice(12, 3000, p=np.arange(1, 13) / 78)
    vectors = centres[groups] + random.normal(0, 1, (3000, 8))
    truth = ["abcdef"[group % 6] for group in groups]
    data = labelled_vectors(vectors, [None] * 3000, ImageSpec(size=(8, 1)))
    model, snapshot = train_model(data, rows=8, columns=10, epochs=8)
    units, distances = snapshot.winners, snapshot.distances
    assert units is not None
    assert distances is not None

    def worth(rows: list[int]) -> float:
        chosen = set(rows)
        some = [label if row in chosen else None for row, label in enumerate(truth)]
        told = spread(model, units, some).labels
        return float(np.mean([one == other for one, other in zip(told, truth, strict=True)]))

    ours = worth([one.row for one in suggest(model, units, distances, [None] * 3000, 12)])
    lots = [worth(random.choice(3000, 12, replace=False).tolist()) for _ in range(10)]
    assert ours > np.mean(lots) + 0.05
    assert ours > 0.8


@pytest.mark.slow
def test_large_maps_are_covered_by_a_part_of_their_units() -> None:
    random = np.random.default_rng(0)
    weights = random.random((2600, 3))
    model = model_with(weights.tolist(), {}, rows=50)
    units = random.integers(0, 2600, 6000)
    found = suggest(model, units, random.random(6000), [None] * 6000, 25)
    assert len({one.unit for one in found}) == 25
    assert all(units[one.row] == one.unit for one in found)
    _, far = nearest_units(weights, weights[[one.unit for one in found]], "euclidean")
    _, by_lot = nearest_units(weights, weights[:25], "euclidean")
    assert far.mean() < by_lot.mean()
    assert unit_labels(model).label.max() == -1
