"""How unlike the training pictures others are, worked out by hand and on drawings."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from data import labelled_vectors, lines_dataset, model_with, train_model
from sklearn.metrics import roc_auc_score

from image2map_gui.core.analysis.classify import match_vectors
from image2map_gui.core.analysis.novelty import ENOUGH
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import distances_at_units


def test_a_unit_with_many_pictures_has_percentiles_of_its_own() -> None:
    wide, tight = np.arange(100.0), np.arange(100.0) / 100
    few = np.arange(ENOUGH - 1.0)
    units = np.repeat([0, 1, 2], [100, 100, len(few)])
    distances = np.concatenate([wide, tight, few])
    model = dataclasses.replace(
        model_with([[0], [1000], [2000]], {}, distances=np.sort(distances).tolist()),
        unit_distances=distances_at_units(units, distances, 3),
    )
    asked = [[50.5], [1000.505], [2050.5], [1050.5]]
    found = match_vectors(model, labelled_vectors(np.array(asked), [None] * 4, model.spec))
    of_map = [np.mean(distances < far) for far in (50.5, 0.505, 50.5, 50.5)]
    assert np.allclose([match.percentile for match in found], of_map)
    assert np.allclose([match.unit_percentile for match in found], [0.51, 0.51, of_map[2], 1])


def test_distances_are_kept_by_unit() -> None:
    found = distances_at_units(np.array([2, 0, 2, 2]), np.array([3.0, 9.0, 1.0, 2.0]), 4)
    assert [found.of(unit).tolist() for unit in range(4)] == [[9], [], [1, 2, 3], []]


def test_a_trained_map_knows_the_distances_on_its_units() -> None:
    model, snapshot = train_model(lines_dataset(), rows=3, columns=4, epochs=4)
    assert snapshot.winners is not None
    assert snapshot.distances is not None
    assert model.unit_distances is not None
    for unit in range(12):
        expected = np.sort(snapshot.distances[snapshot.winners == unit])
        assert model.unit_distances.of(unit).tolist() == expected.tolist()


def test_faint_strange_drawings_are_told_from_lines_by_what_their_unit_leaves_unexplained() -> None:
    random = np.random.default_rng(0)
    lines = lines_dataset()
    known, kept = lines.take(np.arange(0, 100, 2)), lines.take(np.arange(1, 100, 2))
    model, _ = train_model(known, rows=6, columns=6, epochs=10)
    low, high = kept.vectors.min(), kept.vectors.max()
    strange = []
    for _ in range(50):  # rings and discs
        y, x = np.mgrid[:16, :16] - random.uniform(6, 9, (2, 1, 1))
        far = np.hypot(x, y)
        inside = far < 3 if random.random() < 0.5 else abs(far - 5) < 1
        strange.append(np.where(inside, low, high).ravel())
    others = labelled_vectors(np.array(strange), [None] * 50, ImageSpec(size=(16, 16)))
    ours, theirs = (match_vectors(model, some) for some in (kept, others))
    truth = [0] * 50 + [1] * 50
    assert roc_auc_score(truth, [match.unlike for match in (*ours, *theirs)]) >= 0.95


def test_unlike_is_a_share_of_the_way_to_the_mean_picture() -> None:
    model = model_with([[0, 0], [4, 0]], {"cat": [3, 1]}, distances=[5.0])
    asked = labelled_vectors(np.array([[0, 0], [4, 3], [1, 0], [4, 20]]), [None] * 4, model.spec)
    found = [match.unlike for match in match_vectors(model, asked)]
    # The mean is (1, 0), nearer to which no picture can be than to its unit: no more than 1.
    assert found == pytest.approx([0, 3 / np.hypot(3, 3), 1, 4])
