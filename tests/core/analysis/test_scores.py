"""Figures of answers, against another program and worked out by hand."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_score

from image2map_gui.core.analysis import scores
from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.analysis.scores import calibration_error, reliability, scores_of
from image2map_gui.core.images.sources import Source


def answered(true: str | None, guess: str | None, sure: float, rejected: str = "") -> Match:
    return Match(
        source=Source(f"/{true}-{guess}-{sure}.png", label=true), vector=np.zeros(1, np.float32),
        units=(3,), unit_distances=(0.0,), row=0, column=3, percentile=0.0, novel=False,
        label=None if rejected else guess, confidence=sure, guess=guess, rejected=rejected,
    )  # fmt: skip


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("abc"), st.floats(0, 1)), min_size=1
    )
)
@pytest.mark.slow
def test_figures_are_those_of_another_program(told: list[tuple[str, str, float]]) -> None:
    true, guesses, sure = (list(column) for column in zip(*told, strict=True))
    scores = scores_of([answered(*one) for one in told])
    assert scores is not None
    assert scores.accuracy == scores.accuracy_of_all == accuracy_score(true, guesses)
    names = list(scores.names)
    assert names == sorted({*true, *guesses})
    if len(names) > 1:  # of one alone it warns
        assert (scores.confusion == confusion_matrix(true, guesses, labels=names)).all()
    f1 = f1_score(true, guesses, labels=names, average=None, zero_division=np.nan)
    found = [one.f1 for one in scores.classes]
    np.testing.assert_allclose(found, f1, equal_nan=True)
    precision = precision_score(true, guesses, labels=names, average=None, zero_division=np.nan)
    np.testing.assert_allclose([one.precision for one in scores.classes], precision, equal_nan=True)
    assert [one.pictures for one in scores.classes] == [true.count(name) for name in names]
    right = [one == other for one, other in zip(true, guesses, strict=True)]
    naive = 0.0
    for low in range(10):
        inside = [
            place for place, value in enumerate(sure)
            if low / 10 < value <= (low + 1) / 10 or (low == 0 and value == 0)
        ]  # fmt: skip
        naive += abs(sum(sure[p] for p in inside) - sum(right[p] for p in inside)) / len(sure)
    assert scores.calibration_error == pytest.approx(naive, abs=1e-9)


def test_coverage_bins_and_mistakes_by_hand() -> None:
    scores = scores_of(
        [
            answered("a", "a", 0.95), answered("a", "b", 0.85), answered("b", "b", 0.83),
            answered("b", "a", 0.4), answered(None, "a", 0.99), answered("a", None, math.nan),
        ]
    )  # fmt: skip
    assert scores is not None
    assert (scores.pictures, scores.answered, scores.accuracy) == (4, 4, 0.5)
    assert [(one.low, one.pictures, one.accuracy) for one in scores.bins] == [
        (0.3, 1, 0), (0.8, 2, 0.5), (0.9, 1, 1),
    ]  # fmt: skip
    half = next(one for one in scores.coverage if one.share == 0.5)
    assert (half.pictures, half.accuracy, half.confidence) == (2, 0.5, 0.85)
    assert [(one.true, one.given, one.confidence, one.unit) for one in scores.mistakes] == [
        ("a", "b", 0.85, 3), ("b", "a", 0.4, 3),
    ]  # fmt: skip
    assert scores.mistakes[0].path == "/a-b-0.85.png"


def test_what_was_rejected_is_no_mistake_but_counts_among_all() -> None:
    scores = scores_of([answered("a", "a", 0.9), answered("a", "b", 0.2, "unsure")], ["z"])
    assert scores is not None
    assert (scores.pictures, scores.answered) == (2, 1)
    assert (scores.accuracy, scores.accuracy_of_all) == (1, 0.5)
    assert scores.mistakes == ()
    assert scores.names == ("a", "b", "z")
    nobody = scores_of(
        [dataclasses.replace(answered("a", "a", 0.1), label=None, rejected="unsure")]
    )
    assert nobody is not None
    assert nobody.answered == 0
    assert math.isnan(nobody.accuracy)


def test_without_labels_there_are_no_figures() -> None:
    assert scores_of([]) is None
    assert scores_of([answered(None, "a", 0.5), answered("a", None, math.nan)]) is None
    assert math.isnan(calibration_error(np.zeros(0), np.zeros(0, bool)))


def test_the_bounds_of_a_bin_belong_to_the_lower_one() -> None:
    found = reliability(np.array([0.0, 0.5, 0.51, 1.0]), np.array([True] * 4), 2)
    assert [one.pictures for one in found] == [2, 2]


def test_coverage_does_not_depend_on_the_order_of_equally_sure_answers() -> None:
    sure = np.array([0.9] * 3 + [0.6] * 7)
    right = np.array([True, True, False] + [True] * 3 + [False] * 4)
    found = scores._coverage(sure, right)
    assert found == scores._coverage(sure[::-1], right[::-1])
    half = found[-1]
    assert half.pictures == 5
    assert half.accuracy == pytest.approx((2 + 2 * 3 / 7) / 5)
