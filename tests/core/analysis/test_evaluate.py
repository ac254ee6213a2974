"""How well a map fits and tells labels, on examples worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from data import labelled_vectors, lines_dataset, model_with, train_model

from image2map_gui.core.analysis.evaluate import evaluate

# Units at 0, 10, 20, 30 in a row; the first two are called a, the third b, the last has no picture.
COUNTS = {"a": [4, 2, 0, 0], "b": [1, 0, 3, 0]}
WEIGHTS = [[0], [10], [20], [30]]


def test_errors_and_empty_units_by_hand() -> None:
    model = model_with(WEIGHTS, {})
    vectors = [[1], [9], [11], [22]]  # second units: 1, 0, 2, 3
    found = evaluate(model, labelled_vectors(vectors, [None] * 4, model.spec))
    assert (found.images, found.units, found.empty_units) == (4, 4, 1)
    assert found.quantization_error == pytest.approx((1 + 1 + 1 + 2) / 4)
    assert found.topographic_errors == ((8, 0.0), (4, 0.0))
    spread = sum((x - 10.75) ** 2 for (x,) in vectors)
    assert found.explained_variance == pytest.approx(1 - (1 + 1 + 1 + 4) / spread)
    assert found.labels is None


def test_torn_pictures_are_counted_by_both_meanings_of_neighbour() -> None:
    model = model_with([[0], [9], [9], [1]], {}, rows=2)  # 0 1 / 2 3: unit 0 and 3 touch corners
    found = evaluate(model, labelled_vectors([[0.1], [8]], [None] * 2, model.spec))
    assert found.topographic_errors == ((8, 0.0), (4, 1.0))


def test_label_figures_by_hand() -> None:
    model = model_with(WEIGHTS, COUNTS)
    vectors = [[0], [1], [2], [11], [19], [21], [29], [9]]
    labels = ["a", "a", "b", "a", "b", "a", "b", None]
    found = evaluate(model, labelled_vectors(vectors, labels, model.spec)).labels
    assert found is not None
    # Told: a a a a b b b (the last unit is nearest to the third); units: 0 0 0 1 2 2 3.
    assert found.pictures == 7
    assert found.names == ("a", "b")
    assert found.confusion.tolist() == [[3, 1], [1, 2]]
    assert found.accuracy == pytest.approx(5 / 7)
    assert found.purity == pytest.approx((2 + 1 + 1 + 1) / 7)
    assert found.single_label_units == 2

    def entropy(*counts: int) -> float:
        return -sum(count / 7 * math.log(count / 7) for count in counts)

    shared = entropy(4, 3) + entropy(3, 1, 2, 1) - entropy(2, 1, 1, 1, 1, 1)
    assert found.nmi == pytest.approx(2 * shared / (entropy(4, 3) + entropy(3, 1, 2, 1)))


def test_a_label_the_map_does_not_know_is_never_told_right() -> None:
    model = model_with(WEIGHTS, COUNTS)
    found = evaluate(model, labelled_vectors([[0], [20]], ["z", "b"], model.spec)).labels
    assert found is not None
    assert found.names == ("a", "b", "z")
    assert found.confusion.tolist() == [[0, 0, 0], [0, 1, 0], [1, 0, 0]]
    assert found.accuracy == 0.5


def test_a_map_without_labels_has_no_accuracy_but_purity() -> None:
    model = model_with(WEIGHTS, {})
    found = evaluate(model, labelled_vectors([[0], [1], [20]], ["a", "b", "b"], model.spec)).labels
    assert found is not None
    assert found.accuracy is None
    assert found.purity == pytest.approx(2 / 3)
    assert found.confusion.tolist() == [[0, 0], [0, 0]]


def test_the_training_pictures_have_the_errors_the_training_reported() -> None:
    dataset = lines_dataset()
    for metric in ("euclidean", "cosine"):
        model, snapshot = train_model(dataset, rows=4, columns=6, epochs=4, metric=metric)
        found = evaluate(model, dataset)
        assert found.quantization_error == snapshot.quantization_error == model.quantization_error
        assert found.topographic_errors == snapshot.topographic_errors == model.topographic_errors
        assert found.empty_units == int((model.hits == 0).sum())


def test_a_map_of_one_unit_can_be_judged() -> None:
    model = model_with([[5]], {"a": [3]}, rows=1)
    found = evaluate(model, labelled_vectors([[4], [6]], ["a", "a"], model.spec))
    assert all(math.isnan(error) for _, error in found.topographic_errors)
    assert found.explained_variance == 0
    assert found.labels is not None
    assert found.labels.accuracy == 1
    assert np.array_equal(found.labels.confusion, [[2]])
