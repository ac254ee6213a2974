"""Labels of units, on examples worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from data import labelled_vectors, model_with

from image2map_gui.core.analysis.examples import examples_of
from image2map_gui.core.analysis.frequencies import smoothed
from image2map_gui.core.analysis.labels import (
    frequency_labels,
    proximity_labels,
    spread,
    unit_labels,
)
from image2map_gui.core.images.spec import ImageSpec


def test_a_unit_has_the_label_of_most_of_its_pictures() -> None:
    model = model_with([[0], [1], [2]], {"cat": [3, 0, 1], "dog": [1, 2, 4]})
    labels = unit_labels(model)
    assert labels.label.tolist() == [0, 1, 1]
    shares = smoothed(model.label_counts, model.grid).shares
    assert labels.confidence.tolist() == shares[[0, 1, 2], [0, 1, 1]].tolist()


def test_a_tie_goes_to_the_first_name() -> None:
    model = model_with([[0], [1]], {"ant": [2, 0], "bee": [2, 1], "cow": [0, 1]})
    assert unit_labels(model).label.tolist() == [0, 1]
    shares = smoothed(model.label_counts, model.grid).shares
    assert unit_labels(model).confidence.tolist() == shares[[0, 1], [0, 1]].tolist()


def test_a_unit_without_labelled_pictures_takes_those_of_the_nearest_labelled_one() -> None:
    # Nearest in the space of the weights, not on the map: unit 1 lies at 9, close to unit 2.
    model = model_with([[0], [9], [10], [-1]], {"cat": [3, 0, 0, 0], "dog": [0, 0, 1, 0]})
    labels = unit_labels(model)
    assert labels.label.tolist() == [0, 1, 1, 0]
    shares = smoothed(model.label_counts, model.grid).shares
    overall = np.array([4 / 6, 2 / 6])  # with one more picture of each label
    kept = 1 / (1 + (1 / 10) ** 2 / 2)  # it is 1 away, labelled ones are 10 from each other
    for unit, teacher, label in ((1, 2, 1), (3, 0, 0)):
        low = min(overall[label], shares[teacher, label])
        expected = low + kept * (shares[teacher, label] - low)
        assert labels.confidence[unit] == pytest.approx(expected)
        assert labels.confidence[unit] <= labels.confidence[teacher]
    assert labels.confidence[3] < labels.confidence[0]


def test_the_farther_a_unit_is_from_its_teacher_the_less_it_is_sure() -> None:
    model = model_with(
        [[0], [4], [1], [100], [-50]], {"cat": [5, 0, 0, 0, 0], "dog": [0, 0, 0, 5, 0]}
    )
    sure = unit_labels(model).confidence
    assert sure[0] > sure[2] > sure[1] > sure[4] >= 0.5
    same = model_with([[0], [0], [7], [0]], {"cat": [5, 0, 0, 0], "dog": [0, 0, 0, 5]})
    told = unit_labels(same).confidence
    assert told[1] == told[0]
    assert told[2] == 0.5


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


def test_one_label_alone_is_nearly_certain() -> None:
    labels = unit_labels(model_with([[0], [1]], {"cat": [5, 0]}))
    assert labels.label.tolist() == [0, 0]
    assert 0.8 < labels.confidence.min() <= labels.confidence.max() < 1


def test_asked_for_some_units_it_tells_the_same_of_them() -> None:
    weights = [[0.0, 0.0], [1.0, 0.0], [0.1, 0.0], [0.0, 0.2], [0.9, 0.1]]
    model = model_with(weights, {"a": [3, 0, 0, 0, 0], "b": [1, 2, 0, 0, 0]})
    everyone = unit_labels(model)
    units = np.array([4, 0, 2, 4, 3])
    some = unit_labels(model, units)
    np.testing.assert_array_equal(some.label, everyone.label[units])
    np.testing.assert_array_equal(some.confidence, everyone.confidence[units])


# Other ways to label units, and labels for all pictures from some


def test_by_frequency_a_rare_label_keeps_the_unit_it_is_at_home_on() -> None:
    # Four of 100 cats stray to unit 1, where all three dogs are.
    model = model_with([[0], [1], [2]], {"cat": [96, 4, 0], "dog": [0, 3, 0]})
    assert unit_labels(model).label.tolist() == [0, 0, 0]
    told = frequency_labels(model)
    assert told.label.tolist() == [0, 1, 1]
    shares = smoothed(model.label_counts, model.grid).shares
    assert told.confidence[:2].tolist() == shares[[0, 1], [0, 1]].tolist()
    assert told.confidence[2] < told.confidence[1]


def test_by_proximity_the_picture_nearest_to_the_prototype_names_the_unit() -> None:
    model = model_with([[0], [10]], {"cat": [2, 0], "dog": [1, 1]})
    pictures = labelled_vectors(
        [[1], [2], [0.5], [10.2], [9.9]], ["cat", "cat", "dog", "dog", None], ImageSpec(size=(1, 1))
    )
    told = proximity_labels(model, examples_of(pictures))
    assert told.label.tolist() == [1, 1]
    shares = smoothed(model.label_counts, model.grid).shares
    assert told.confidence.tolist() == shares[[0, 1], [1, 1]].tolist()


def test_a_label_the_map_does_not_know_is_not_sure_at_all() -> None:
    model = model_with([[0], [10]], {"cat": [2, 1]})
    told = proximity_labels(
        model, examples_of(labelled_vectors([[0], [10]], ["cat", "emu"], model.spec))
    )
    assert told.label.tolist() == [0, 1]
    assert told.confidence[0] > 0.9
    assert told.confidence[1] == 0


def test_some_labels_spread_over_the_map() -> None:
    model = model_with([[0], [1], [10], [11]], {"old": [1, 1, 1, 1]})
    units = np.array([0, 0, 1, 2, 2, 3, -1, -1])
    given = ["cat", None, None, "dog", None, None, None, "cow"]
    found = spread(model, units, given)
    assert found.labels == ("cat", "cat", "cat", "dog", "dog", "dog", None, "cow")
    assert found.model.label_names == ("cat", "dog")
    assert found.model.label_counts.tolist() == [[1, 0], [0, 0], [0, 1], [0, 0]]
    assert found.confidence[[0, 3, 7]].tolist() == [1, 1, 1]
    assert np.isnan(found.confidence[6])
    assert ((found.confidence[[1, 2, 4, 5]] > 0) & (found.confidence[[1, 2, 4, 5]] < 1)).all()


def test_without_any_label_nothing_spreads() -> None:
    model = model_with([[0], [1]], {"old": [1, 1]})
    found = spread(model, np.array([0, 1]), [None, None])
    assert found.labels == (None, None)
    assert np.isnan(found.confidence).all()
