"""Labels of units, on examples worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from data import model_with

from image2map_gui.core.analysis.labels import unit_labels


def test_a_unit_has_the_label_of_most_of_its_pictures() -> None:
    model = model_with([[0], [1], [2]], {"cat": [3, 0, 1], "dog": [1, 2, 4]})
    labels = unit_labels(model)
    assert labels.label.tolist() == [0, 1, 1]
    # One picture of each label is added: (3 + 1) / (4 + 2), (2 + 1) / (2 + 2), (4 + 1) / (5 + 2).
    assert labels.confidence == pytest.approx([4 / 6, 3 / 4, 5 / 7])


def test_a_tie_goes_to_the_first_name() -> None:
    model = model_with([[0], [1]], {"ant": [2, 0], "bee": [2, 1], "cow": [0, 1]})
    assert unit_labels(model).label.tolist() == [0, 1]
    assert unit_labels(model).confidence == pytest.approx([3 / 7, 2 / 5])


def test_a_unit_without_labelled_pictures_takes_those_of_the_nearest_labelled_one() -> None:
    # Nearest in the space of the weights, not on the map: unit 1 lies at 9, close to unit 2.
    model = model_with([[0], [9], [10], [-1]], {"cat": [3, 0, 0, 0], "dog": [0, 0, 1, 0]})
    labels = unit_labels(model)
    assert labels.label.tolist() == [0, 1, 1, 0]
    assert labels.confidence == pytest.approx([4 / 5, 2 / 3, 2 / 3, 4 / 5])


def test_nearest_is_meant_in_the_metric_of_the_map() -> None:
    weights = [[1, 0], [0, 1], [9, 1]]
    counts = {"cat": [1, 0, 0], "dog": [0, 1, 0]}
    assert unit_labels(model_with(weights, counts, metric="cosine")).label.tolist() == [0, 1, 0]
    weights = [[9, 0], [0, 1], [1, 0.5]]
    assert unit_labels(model_with(weights, counts, metric="cosine")).label.tolist() == [0, 1, 0]
    assert unit_labels(model_with(weights, counts)).label.tolist() == [0, 1, 1]


@pytest.mark.parametrize("counts", [{}, {"cat": [0, 0], "dog": [0, 0]}])
def test_without_labels_no_unit_has_one(counts: dict[str, list[int]]) -> None:
    labels = unit_labels(model_with([[0], [1]], counts))
    assert labels.label.tolist() == [-1, -1]
    assert np.isnan(labels.confidence).all()


def test_one_label_alone_is_certain() -> None:
    labels = unit_labels(model_with([[0], [1]], {"cat": [5, 0]}))
    assert labels.label.tolist() == [0, 0]
    assert labels.confidence.tolist() == [1, 1]


def test_asked_for_some_units_it_tells_the_same_of_them() -> None:
    weights = [[0.0, 0.0], [1.0, 0.0], [0.1, 0.0], [0.0, 0.2], [0.9, 0.1]]
    model = model_with(weights, {"a": [3, 0, 0, 0, 0], "b": [1, 2, 0, 0, 0]})
    everyone = unit_labels(model)
    units = np.array([4, 0, 2, 4, 3])
    some = unit_labels(model, units)
    np.testing.assert_array_equal(some.label, everyone.label[units])
    np.testing.assert_array_equal(some.confidence, everyone.confidence[units])
