"""How good answers are: per label, how far their confidence can be trusted, the worst mistakes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.som.quality.labelling import label_counts

_BINS = 10
_COVERAGES = (1.0, 0.98, 0.95, 0.9, 0.8, 0.7, 0.5)
_MISTAKES = 20


@dataclasses.dataclass(frozen=True)
class ClassScore:
    """How well one label is told: of those given it how many are right, of its pictures how many.

    NaN where nothing was given it, or no picture has it.
    """

    label: str
    pictures: int
    precision: float
    recall: float
    f1: float


@dataclasses.dataclass(frozen=True)
class Bin:
    """Answers of about the same confidence: how sure they were on average, how many were right."""

    low: float
    high: float
    pictures: int
    confidence: float
    accuracy: float


@dataclasses.dataclass(frozen=True)
class Coverage:
    """Accuracy when only the surest are answered; ``confidence`` is that of the least sure one."""

    share: float
    pictures: int
    accuracy: float
    confidence: float


@dataclasses.dataclass(frozen=True)
class Mistake:
    """A picture that was given a wrong label."""

    path: str
    true: str
    given: str
    confidence: float
    unit: int


@dataclasses.dataclass(frozen=True, eq=False)
class Scores:
    """Figures of answers to pictures whose label is known.

    Attributes
    ----------
    pictures
        How many have a label.
    answered, accuracy
        How many of those were given a label, and the share of them that is right; NaN of none.
    accuracy_of_all
        Share of all that would be right if none were rejected.
    calibration_error
        Mean difference of confidence and accuracy over ten bins of confidence, weighted by
        pictures: the expected calibration error (Naeini and others, 2015).
    names, confusion
        The labels, and pictures by true and found label, ``(labels, labels)``; these and the
        figures of labels and of confidence are over all pictures, none rejected.
    mistakes
        The most confident ones, surest first.
    """

    pictures: int
    answered: int
    accuracy: float
    accuracy_of_all: float
    calibration_error: float
    names: tuple[str, ...]
    confusion: NDArray[np.int64]
    classes: tuple[ClassScore, ...]
    bins: tuple[Bin, ...]
    coverage: tuple[Coverage, ...]
    mistakes: tuple[Mistake, ...]


def scores_of(matches: Sequence[Match], names: Sequence[str] = ()) -> Scores | None:
    """Compare answers with the labels of their pictures; ``None`` if no picture has both.

    ``names`` are labels that get their row and column even if no picture has them.
    """
    known = [
        match for match in matches if match.source.label is not None and match.guess is not None
    ]
    if not known:
        return None
    answered = [match for match in known if not match.rejected]
    right = np.array([match.guess == match.source.label for match in known])
    sure = np.array([match.confidence for match in known])
    told, confusion, classes = _by_label(known, names)
    return Scores(
        pictures=len(known),
        answered=len(answered),
        accuracy=_mean([match.label == match.source.label for match in answered]),
        accuracy_of_all=float(right.mean()),
        calibration_error=calibration_error(sure, right),
        names=told,
        confusion=confusion,
        classes=classes,
        bins=reliability(sure, right),
        coverage=_coverage(sure, right),
        mistakes=_mistakes(answered),
    )


def reliability(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = _BINS
) -> tuple[Bin, ...]:
    """Put answers ``(n,)`` into equally wide bins of confidence; those that are empty are left out.

    A bin includes its upper end, and the first one 0.
    """
    place = np.clip(np.ceil(confidence * bins).astype(np.intp) - 1, 0, bins - 1)
    return tuple(
        Bin(
            low=one / bins,
            high=(one + 1) / bins,
            pictures=int(np.count_nonzero(place == one)),
            confidence=float(confidence[place == one].mean()),
            accuracy=float(right[place == one].mean()),
        )
        for one in np.unique(place).tolist()
    )


def calibration_error(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = _BINS
) -> float:
    """Return the expected calibration error of answers ``(n,)``; NaN of none."""
    if not len(confidence):
        return math.nan
    found = reliability(confidence, right, bins)
    return sum(abs(one.confidence - one.accuracy) * one.pictures for one in found) / len(right)


def _by_label(
    matches: Sequence[Match], more: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.int64], tuple[ClassScore, ...]]:
    from sklearn.metrics import precision_recall_fscore_support

    true = [str(match.source.label) for match in matches]
    given = [str(match.guess) for match in matches]
    names = sorted({*true, *given, *more})
    rows, columns = np.searchsorted(names, true), np.searchsorted(names, given)
    table = label_counts(rows, columns, (len(names), len(names)))
    figures = precision_recall_fscore_support(true, given, labels=names, zero_division=np.nan)
    classes = tuple(
        ClassScore(name, int(count), float(precision), float(recall), float(f1))
        for name, precision, recall, f1, count in zip(names, *figures, strict=True)
    )
    return tuple(names), table, classes


def _coverage(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Coverage, ...]:
    """Tell how accurate the surest are; of those that are as sure as the last one, on average."""
    order = np.argsort(-sure, kind="stable")
    _, places = np.unique(-sure, return_inverse=True)
    shares = np.bincount(places, right) / np.bincount(places)
    ranked = shares[places[order]]
    counts = [max(1, round(share * len(order))) for share in _COVERAGES]
    return tuple(
        Coverage(share, count, float(ranked[:count].mean()), float(sure[order[count - 1]]))
        for share, count in zip(_COVERAGES, counts, strict=True)
    )


def _mistakes(matches: Sequence[Match]) -> tuple[Mistake, ...]:
    wrong = [match for match in matches if match.label != match.source.label]
    wrong.sort(key=lambda match: -match.confidence)
    return tuple(
        Mistake(
            path=match.source.address,
            true=str(match.source.label),
            given=str(match.label),
            confidence=match.confidence,
            unit=match.unit,
        )
        for match in wrong[:_MISTAKES]
    )


def _mean(values: Sequence[bool]) -> float:
    return float(np.mean(values)) if values else math.nan
