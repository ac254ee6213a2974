"""What is kept of a training: hits, labels, distances."""

from __future__ import annotations

import numpy as np
import pytest
from data import labelled_vectors, noise, train_model

from image2map_gui.core.errors import TrainingError
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import model_of
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import train

SPEC = ImageSpec(size=(2, 1))


def test_hits_labels_and_distances_are_those_of_the_pictures() -> None:
    labels = ["b", None, "a", "b", "a", None] * 5
    dataset = labelled_vectors(noise(30, 2), labels, SPEC)
    model, snapshot = train_model(dataset, rows=2, columns=3, epochs=3)
    assert snapshot.winners is not None
    winners = snapshot.winners.tolist()
    assert model.hits.tolist() == [winners.count(unit) for unit in range(6)]
    assert model.label_names == ("a", "b")
    expected = [
        [list(zip(winners, labels, strict=True)).count((unit, name)) for name in ("a", "b")]
        for unit in range(6)
    ]
    assert model.label_counts.tolist() == expected
    assert snapshot.distances is not None
    assert model.distances.tolist() == sorted(snapshot.distances.tolist())
    assert model.quantization_error == snapshot.quantization_error
    assert model.topographic_errors == snapshot.topographic_errors
    assert np.array_equal(model.weights, snapshot.weights)
    assert model.spec == SPEC
    assert model.grid == Grid(2, 3)


def test_without_labels_the_table_has_no_columns() -> None:
    model, _ = train_model(labelled_vectors(noise(9, 2), [None] * 9, SPEC), rows=2, columns=2)
    assert model.label_names == ()
    assert model.label_counts.shape == (4, 0)


def test_the_units_can_be_looked_at_as_pictures() -> None:
    spec = ImageSpec(size=(3, 2), value_range="-1..1")
    dataset = labelled_vectors(noise(20, 6) * 2 - 1, [None] * 20, spec)
    model, _ = train_model(dataset, rows=2, columns=2, epochs=2)
    assert model.prototypes.shape == (4, 2, 3, 1)
    expected = np.clip((model.weights + 1) * 127.5, 0, 255).reshape(4, 2, 3, 1)
    assert model.prototypes == pytest.approx(expected, abs=0.51)


def test_a_map_still_in_training_has_a_model_after_the_first_epoch() -> None:
    dataset = labelled_vectors(noise(20, 2), ["a"] * 20, SPEC)
    params = SomParams(rows=2, columns=2, epochs=5)
    steps = train(dataset.vectors, params)
    with pytest.raises(TrainingError, match="not seen all pictures"):
        model_of(dataset, params, next(steps))
    first = next(snapshot for snapshot in steps if snapshot.milestone)
    model = model_of(dataset, params, first)
    assert model.hits.sum() == 20
    assert model.label_counts.sum() == 20


def test_a_model_keeps_float32_weights_also_of_a_training_in_float64() -> None:
    dataset = labelled_vectors(noise(20, 2), [None] * 20, SPEC)
    params = SomParams(rows=2, columns=2, epochs=2)
    *_, last = train(dataset.vectors.astype(np.float64), params)
    assert model_of(dataset, params, last).weights.dtype == np.float32
