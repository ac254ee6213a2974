"""What the answers promise, on real collections: places, accuracy, confidence, few labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data import shared

from image2map_gui.core.analysis.classify import classify_many, match_vectors
from image2map_gui.core.analysis.examples import examples_of
from image2map_gui.core.analysis.labels import spread
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.analysis.scores import Scores, scores_of
from image2map_gui.core.analysis.suggest import suggest
from image2map_gui.core.analysis.tuning import tuning
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.sources import Found, find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel, model_of, train_map
from image2map_gui.core.som.lvq import TuningSettings
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import Snapshot

MNIST, CLOTHING = shared("data", "mnist"), shared("data", "clothing.zip")
SPEC = ImageSpec(size=(28, 28))


def some(place: Path, step: int, start: int = 0, part: str = "train") -> Found:
    if not place.exists():
        pytest.skip(f"{place.name} is not here")
    found = find_sources([place], part)
    return Found(found.sources[start::step], ())


def read(found: Found) -> Dataset:
    *_, reading = read_dataset(found, SPEC)
    return reading.dataset


def trained(dataset: Dataset, **values: object) -> tuple[MapModel, Snapshot]:
    params = SomParams(**values)
    *_, snapshot = train_map(dataset, params)
    return model_of(dataset, params, snapshot), snapshot


@pytest.mark.parametrize(("place", "step"), [(MNIST, 30), (CLOTHING, 8)], ids=["mnist", "clothing"])
def test_every_training_picture_lands_on_its_training_unit(place: Path, step: int) -> None:
    found = some(place, step)
    model, snapshot = trained(read(found), rows=10, columns=12, epochs=6)
    assert snapshot.winners is not None
    for rules in (Rules(), Rules("units", 7)):
        *_, answer = classify_many(model, found, rules)
        assert [match.unit for match in answer.matches] == snapshot.winners.tolist()


class Digits:
    """A map of 6,000 digits and 2,000 others."""

    def __init__(self) -> None:
        self.known = read(some(MNIST, 10))
        self.others = read(some(MNIST, 5, part="t10k"))
        self.model, self.snapshot = trained(self.known, rows=12, columns=12, epochs=12)

    def scores(self, model: MapModel, rules: Rules) -> Scores:
        found = scores_of(match_vectors(model, self.others, rules, examples_of(self.known)))
        assert found is not None
        return found

    def spread(self, rows: list[int]) -> float:
        """Accuracy on the others when only some of the known have a label."""
        units, chosen = self.snapshot.winners, set(rows)
        assert units is not None
        labels = [one if row in chosen else None for row, one in enumerate(self.known.labels)]
        return self.scores(spread(self.model, units, labels).model, Rules()).accuracy


@pytest.fixture(scope="module")
def digits() -> Digits:
    return Digits()


@pytest.mark.parametrize(
    ("rules", "accuracy"),
    [(Rules(), 0.74), (Rules("neighbourhood"), 0.74), (Rules("units"), 0.75),
     (Rules("pictures"), 0.93)],
    ids=["unit", "neighbourhood", "units", "pictures"],
)  # fmt: skip
@pytest.mark.slow
def test_answers_are_right_and_know_how_often(
    digits: Digits, rules: Rules, accuracy: float
) -> None:
    scores = digits.scores(digits.model, rules)
    assert scores.accuracy >= accuracy
    # 0.05 with all 60,000 and 10,000 pictures; fewer are noisier, and means of units too modest.
    assert scores.calibration_error <= (0.1 if rules.method == "units" else 0.06)
    by_share = {one.share: one.accuracy for one in scores.coverage}
    assert by_share[0.9] > by_share[1.0] + 0.01
    assert by_share[0.5] > by_share[0.9]


@pytest.mark.slow
def test_tuning_makes_the_answers_better_and_leaves_confidence_true(digits: Digits) -> None:
    before = digits.scores(digits.model, Rules())
    *_, end = tuning(digits.model, digits.known, TuningSettings(epochs=6))
    assert end.tuned is not None
    after = digits.scores(end.tuned.model, Rules())
    assert after.accuracy > before.accuracy + 0.08
    assert after.calibration_error <= 0.06
    told = end.tuned.model.tuned
    assert told is not None
    assert told.after == pytest.approx(after.accuracy, abs=0.04)


def test_one_label_for_each_unit_is_nearly_as_good_as_all(digits: Digits) -> None:
    units, far = digits.snapshot.winners, digits.snapshot.distances
    assert units is not None
    assert far is not None
    nearest = [
        int(rows[far[rows].argmin()])
        for rows in (np.flatnonzero(units == unit) for unit in range(144))
        if len(rows)
    ]
    assert digits.spread(nearest) > digits.scores(digits.model, Rules()).accuracy - 0.04


@pytest.mark.slow
def test_suggested_labels_beat_labels_given_by_lot(digits: Digits) -> None:
    units, far = digits.snapshot.winners, digits.snapshot.distances
    assert units is not None
    assert far is not None
    count = len(digits.known)
    rows = [one.row for one in suggest(digits.model, units, far, [None] * count, 20)]
    random = np.random.default_rng(0)
    lots = [digits.spread(random.choice(count, 20, replace=False).tolist()) for _ in range(5)]
    assert digits.spread(rows) > np.mean(lots) + 0.03


@pytest.mark.slow
def test_digits_are_unlike_clothing() -> None:
    clothes = read(some(CLOTHING, 6))
    kept = read(some(CLOTHING, 30, start=1))
    model, _ = trained(clothes, rows=8, columns=8, epochs=8)
    strange = read(some(MNIST, 300))
    ours, theirs = (match_vectors(model, one) for one in (kept, strange))
    from sklearn.metrics import roc_auc_score

    truth = [0] * len(ours) + [1] * len(theirs)
    for figure in ("percentile", "unit_percentile", "unlike"):
        values = [getattr(match, figure) for match in (*ours, *theirs)]
        assert roc_auc_score(truth, values) >= 0.95, figure
    assert np.mean([match.novel for match in theirs]) > 0.9
    assert np.mean([match.novel for match in ours]) < 0.1
