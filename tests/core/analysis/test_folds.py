"""Each picture answered by a map that had not seen it."""

from __future__ import annotations

import numpy as np
import pytest
from data import labelled_vectors

from image2map_gui.core.analysis.folds import _parts, folding
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.som.params import SomParams

PARAMS = SomParams(rows=3, columns=4, epochs=4)


def blobs(count: int, spread: float, spec: ImageSpec | None = None) -> Dataset:
    random = np.random.default_rng(0)
    groups = random.integers(0, 3, count)
    vectors = random.random((3, 6))[groups] + random.normal(0, spread, (count, 6))
    labels = [None if row % 10 == 0 else "abc"[group] for row, group in enumerate(groups)]
    return labelled_vectors(vectors, labels, spec or ImageSpec(size=(6, 1)))


@pytest.mark.parametrize("method", ["unit", "pictures"])
def test_clear_groups_are_told_and_noise_is_not(method: str) -> None:
    for spread, low, high in ((0.02, 0.98, 1.0), (30.0, 0.2, 0.5)):
        *steps, end = folding(blobs(300, spread), PARAMS, Rules(method), 4)
        assert end.folds is not None
        assert low <= end.folds.mean <= high
        assert len(end.folds.accuracies) == 4
        assert end.folds.scores.pictures == 270
        # All parts are as large, give or take one.
        assert end.folds.mean == pytest.approx(end.folds.scores.accuracy, abs=0.01)
        assert end.folds.deviation >= 0
        fractions = [step.fraction for step in steps]
        assert fractions == sorted(fractions)
        assert not any(step.milestone for step in steps)
        assert {step.fold for step in steps} == {0, 1, 2, 3}


def test_what_is_measured_on_a_collection_is_measured_on_the_others() -> None:
    spec = ImageSpec(size=(6, 1), reduction="pca", variance=0.9)
    *_, end = folding(blobs(120, 0.05, spec), PARAMS, folds=3)
    assert end.folds is not None
    assert end.folds.mean > 0.9


def test_parts_are_as_large_and_hold_the_labels_evenly() -> None:
    labels = tuple("a" * 41 + "b" * 20 + "c" * 3)
    parts = _parts(labels, 4, 0)
    assert np.ptp(np.bincount(parts)) <= 1
    for label in "abc":
        counts = np.bincount(parts[np.array(labels) == label], minlength=4)
        assert np.ptp(counts) <= 1
    assert (_parts(labels, 4, 1) != parts).any()


@pytest.mark.parametrize("folds", [1, 200])
def test_too_few_or_too_many_parts_are_refused(folds: int) -> None:
    with pytest.raises(ParameterError, match="parts cannot be made"):
        next(folding(blobs(30, 0.1), PARAMS, folds=folds))
