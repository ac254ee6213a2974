"""How sure answers are when few pictures are labelled: about as often right as they say."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from data import labelled_vectors, train_model

from image2map_gui.core.analysis.classify import match_vectors
from image2map_gui.core.analysis.examples import examples_of
from image2map_gui.core.analysis.labels import recounted, unit_labels
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.analysis.scores import scores_of
from image2map_gui.core.analysis.suggest import suggest
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel

SPEC = ImageSpec(size=(8, 1))


class Clouds:
    """A map of 1,500 points of six clouds that overlap, none labelled, and as many others."""

    def __init__(self) -> None:
        random = np.random.default_rng(1)
        self.middles = random.normal(0, 1.1, (6, 8))
        self.vectors, self.truth = self._points(random)
        blank = labelled_vectors(self.vectors, [None] * 1500, SPEC)
        self.model, self.snapshot = train_model(blank, rows=10, columns=10, epochs=6)
        self.others = labelled_vectors(*self._points(random), SPEC)

    def _points(self, random: np.random.Generator) -> tuple[np.ndarray, list[str]]:
        clouds = random.integers(0, 6, 1500)
        points = self.middles[clouds] + random.normal(0, 1, (1500, 8))
        return points.astype(np.float32), ["abcdef"[cloud] for cloud in clouds]

    def labelled(self, count: int, way: str) -> tuple[MapModel, Dataset]:
        units, distances = self.snapshot.winners, self.snapshot.distances
        if way == "one of each unit":
            chosen = suggest(self.model, units, distances, [None] * 1500, count)
            rows = {one.row for one in chosen}
        else:
            rows = set(np.random.default_rng(3).permutation(1500)[:count].tolist())
        given = [label if row in rows else None for row, label in enumerate(self.truth)]
        model = recounted(self.model, units, [None] * 1500, given)
        return model, labelled_vectors(self.vectors, given, SPEC)


@pytest.fixture(scope="module")
def clouds() -> Clouds:
    return Clouds()


@pytest.mark.parametrize("way", ["one of each unit", "by lot"])
@pytest.mark.parametrize("count", [20, 40])
def test_few_labels_make_no_answer_certain(clouds: Clouds, count: int, way: str) -> None:
    model, known = clouds.labelled(count, way)
    matches = match_vectors(model, clouds.others, Rules(), examples_of(known))
    scores = scores_of(matches)
    assert scores is not None
    sure = np.mean([match.confidence for match in matches])
    assert sure == pytest.approx(scores.accuracy, abs=0.15)
    assert scores.calibration_error < 0.16
    assert scores.coverage[-1].accuracy > scores.accuracy - 0.035 * (count == 20)


@pytest.mark.parametrize("rules", [Rules("units", 3), Rules("pictures", 3), Rules("neighbourhood")])
def test_other_ways_are_not_certain_either(clouds: Clouds, rules: Rules) -> None:
    model, known = clouds.labelled(20, "one of each unit")
    matches = match_vectors(model, clouds.others, rules, examples_of(known))
    scores = scores_of(matches)
    assert scores is not None
    assert scores.calibration_error < 0.22


def test_rejecting_the_unsure_leaves_the_better_ones(clouds: Clouds) -> None:
    model, _ = clouds.labelled(40, "one of each unit")
    scores = scores_of(match_vectors(model, clouds.others, Rules(reject=0.7)))
    assert scores is not None
    assert 100 < scores.answered < 1400
    assert scores.accuracy > scores.accuracy_of_all + 0.05


@pytest.mark.parametrize("rules", [Rules(), Rules("units", 3), Rules("pictures", 3)])
def test_one_label_alone_leaves_room_for_another(clouds: Clouds, rules: Rules) -> None:
    given = ["a" if row < 5 else None for row in range(1500)]
    model = recounted(clouds.model, clouds.snapshot.winners, [None] * 1500, given)
    known = labelled_vectors(clouds.vectors, given, SPEC)
    some = dataclasses.replace(clouds.others.take(np.arange(20)))
    matches = match_vectors(model, some, rules, examples_of(known))
    assert max(match.confidence for match in matches) < 0.99


def test_no_unit_is_surer_than_the_one_it_learnt_from(clouds: Clouds) -> None:
    model, _ = clouds.labelled(20, "one of each unit")
    told = unit_labels(model)
    has = model.label_counts.any(axis=1)
    assert told.confidence[~has].max() <= told.confidence[has].max()
    assert told.confidence[~has].mean() < told.confidence[has].mean()
