"""Each method against another program, or worked out one picture at a time."""

from __future__ import annotations

import numpy as np
import pytest
from data import labelled_vectors, noise, train_model
from sklearn.neighbors import KNeighborsClassifier

from image2map_gui.core.analysis import voting
from image2map_gui.core.analysis.classify import match_vectors, matching
from image2map_gui.core.analysis.examples import examples_of
from image2map_gui.core.analysis.frequencies import smoothed
from image2map_gui.core.analysis.labels import teachers_of
from image2map_gui.core.analysis.methods import METHODS, Rules
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel
from image2map_gui.core.som.quality.parts import whole
from image2map_gui.core.som.winners import nearest_units

SPEC = ImageSpec(size=(4, 1))


def blobs(count: int, seed: int, spread: float = 0.25) -> Dataset:
    random = np.random.default_rng(seed)
    names = "abc"
    labels = random.integers(0, 3, count)
    centres = noise(3, 4, seed=9)
    vectors = centres[labels] + random.normal(0, spread, (count, 4))
    return labelled_vectors(vectors, [names[label] for label in labels], SPEC)


@pytest.fixture(scope="module")
def model() -> MapModel:
    return train_model(blobs(400, 0), rows=6, columns=8, epochs=5)[0]


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "manhattan"])
@pytest.mark.parametrize("k", [1, 3, 7])
def test_nearest_pictures_are_those_of_another_program(k: int, metric: str) -> None:
    known, asked = blobs(300, 0), blobs(200, 1)
    model, _ = train_model(known, rows=4, columns=5, epochs=3, metric=metric)
    found = match_vectors(model, asked, Rules("pictures", k), examples_of(known))
    theirs = KNeighborsClassifier(k, metric=metric, algorithm="brute")
    theirs.fit(known.vectors, known.labels)
    shares = theirs.predict_proba(asked.vectors)
    clear = np.sort(shares, axis=1)[:, -1] - np.sort(shares, axis=1)[:, -2] > 1e-9
    guesses = np.array([match.guess for match in found])
    assert (guesses[clear] == theirs.predict(asked.vectors)[clear]).all()
    assert clear.mean() > 0.8
    if k == 7:  # more votes, more sure
        votes = shares.max(axis=1)[clear]
        sure = np.array([match.confidence for match in found])[clear]
        order = np.argsort(votes)
        assert sure[order[-10:]].mean() > sure[order[:10]].mean()


def test_of_as_many_votes_the_nearer_picture_wins() -> None:
    known = labelled_vectors(
        np.array([[1, 0, 0, 0], [2, 0, 0, 0], [-3, 0, 0, 0], [4, 0, 0, 0]]),
        ["b", "a", "a", "b"], SPEC,
    )  # fmt: skip
    model, _ = train_model(known, rows=1, columns=2, epochs=2)
    asked = labelled_vectors(np.zeros((1, 4)), [None], SPEC)
    for k, label in ((1, "b"), (2, "b"), (3, "a"), (4, "b"), (99, "b")):
        (match,) = match_vectors(model, asked, Rules("pictures", k), examples_of(known))
        assert match.guess == label, k


@pytest.mark.parametrize("k", [1, 3, 5, 99])
def test_nearest_units_are_the_mean_of_their_shares(model: MapModel, k: int) -> None:
    asked = blobs(50, 2)
    found = match_vectors(model, asked, Rules("units", k))
    shares = smoothed(model.label_counts, model.grid).shares[teachers_of(model)]
    for vector, match in zip(asked.vectors, found, strict=True):
        far = np.linalg.norm(model.weights.astype(float) - vector, axis=1)
        mean = shares[np.argsort(far)[:k]].mean(axis=0)
        assert match.guess == model.label_names[int(mean.argmax())]
        assert 1 / 3 <= match.confidence <= 1


def test_with_its_neighbours_a_unit_says_what_is_likeliest(model: MapModel) -> None:
    shares = smoothed(model.label_counts, model.grid).shares
    asked = blobs(50, 3)
    units, _ = nearest_units(asked.vectors, model.weights, model.metric)
    teachers = teachers_of(model)
    for unit, match in zip(
        units[:, 0], match_vectors(model, asked, Rules("neighbourhood")), strict=True
    ):
        mine = shares[teachers[unit]]
        assert match.guess == model.label_names[int(mine.argmax())]
        if teachers[unit] == unit:
            assert match.confidence == pytest.approx(mine.max())
        else:
            assert match.confidence < mine.max()


@pytest.mark.parametrize("method", METHODS)
def test_answers_do_not_depend_on_which_pictures_are_asked_together(
    model: MapModel, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, asked = examples_of(blobs(400, 0)), blobs(60, 4)
    rules = Rules(method)
    together = match_vectors(model, asked, rules, known)
    for index in (0, 17, 59):
        (alone,) = match_vectors(model, asked.take(np.array([index])), rules, known)
        assert alone.guess == together[index].guess
        assert alone.confidence == together[index].confidence
    monkeypatch.setattr(voting, "_AT_ONCE", 7)
    for ours, theirs in zip(match_vectors(model, asked, rules, known), together, strict=True):
        assert (ours.guess, ours.confidence) == (theirs.guess, theirs.confidence)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.slow
def test_confidence_is_calibrated_and_rejecting_the_unsure_helps(method: str) -> None:
    known, asked = blobs(1500, 0, spread=0.4), blobs(3000, 1, spread=0.4)
    model, _ = train_model(known, rows=10, columns=10, epochs=8)
    from image2map_gui.core.analysis.scores import scores_of

    scores = scores_of(match_vectors(model, asked, Rules(method, 5), examples_of(known)))
    assert scores is not None
    assert 0.5 < scores.accuracy < 0.95
    assert scores.calibration_error < 0.06
    shares = {one.share: one.accuracy for one in scores.coverage}
    assert shares[1.0] < shares[0.9] < shares[0.5]


def test_steps_tell_how_far_it_is(model: MapModel) -> None:
    shares = list(matching(model, blobs(300, 1), Rules("pictures"), examples_of(blobs(400, 0))))
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1


def test_pictures_without_labels_are_no_examples() -> None:
    with pytest.raises(ParameterError, match="No training picture has a label"):
        examples_of(labelled_vectors(noise(3, 4), [None] * 3, SPEC))
    some = examples_of(labelled_vectors(noise(3, 4), ["b", None, "a"], SPEC))
    assert some.names == ("a", "b")
    assert some.labels.tolist() == [1, 0]
    assert some.rows.tolist() == [0, 2]


@pytest.mark.parametrize("rules", [Rules("pictures", 1), Rules(labelling="proximity")])
def test_where_answers_are_judged_no_picture_is_asked_about_itself(rules: Rules) -> None:
    random = np.random.default_rng(0)
    vectors = random.random((200, 3)).astype(np.float32)
    labels = [str(label) for label in random.integers(5, size=200)]
    known = labelled_vectors(vectors, labels, ImageSpec(size=(3, 1)))
    model, _ = train_model(known, rows=15, columns=15, epochs=3)
    examples = examples_of(known)

    def right(**how: bool) -> float:
        matches = whole(matching(model, known, rules, examples, **how))
        return float(np.mean([match.guess == match.source.label for match in matches]))

    assert right() > 0.45
    assert right(judging=True) < 0.35
