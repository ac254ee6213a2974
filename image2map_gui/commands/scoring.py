"""What ``classify`` and ``evaluate`` share: the rules of the answers, and figures of them."""

from __future__ import annotations

import argparse
import dataclasses
import math
from collections.abc import Generator
from typing import Any, TypeVar

from image2map_gui.commands.shared import figure, last, pictures_on_map, say, with_progress
from image2map_gui.core.analysis.classify import Match, matching
from image2map_gui.core.analysis.examples import Examples, examples_of
from image2map_gui.core.analysis.folds import folding
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.analysis.scores import scores_of
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.model import MapModel
from image2map_gui.core.project.project import Project
from image2map_gui.core.som.params import SomParams

Value = TypeVar("Value")
_WIDTH = 23
_WORST = 5


@dataclasses.dataclass(frozen=True)
class _Share:
    fraction: float


def rules_of(chosen: argparse.Namespace) -> Rules:
    """Return how pictures are to be answered."""
    return Rules(
        method=chosen.method,
        k=chosen.k,
        novel=chosen.novel,
        reject=chosen.reject,
        reject_novel=chosen.reject_novel,
        labelling=chosen.unit_labels,
    )


def examples_for(project: Project, rules: Rules, quiet: bool) -> Examples | None:
    """Read the training pictures of a project once more, if the rules need them.

    Raises
    ------
    Image2MapError
        They are needed, and are gone or have no labels.
    """
    return examples_of(pictures_on_map(project, quiet)) if rules.needs_pictures else None


def answer_record(
    model: MapModel, dataset: Dataset, rules: Rules, examples: Examples | None, *, quiet: bool
) -> dict[str, Any]:
    """Answer labelled pictures and return figures of the answers as JSON-ready values."""
    parts = matching(model, dataset, rules, examples, judging=True)
    matches: tuple[Match, ...] = _run(parts, quiet)
    scores = scores_of(matches, model.label_names)
    if scores is None:
        return {}
    return {
        "accuracy": scores.accuracy_of_all,
        "confusion": {"labels": list(scores.names), "counts": scores.confusion.tolist()},
        **dataclasses.asdict(rules),
        "answered": scores.answered,
        "accuracy_answered": scores.accuracy,
        "calibration_error": scores.calibration_error,
        "classes": [dataclasses.asdict(one) for one in scores.classes],
        "reliability": [dataclasses.asdict(one) for one in scores.bins],
        "coverage": [dataclasses.asdict(one) for one in scores.coverage],
        "mistakes": [dataclasses.asdict(one) for one in scores.mistakes],
    }


def folds_record(
    dataset: Dataset, params: SomParams, rules: Rules, folds: int, *, quiet: bool
) -> dict[str, Any]:
    """Train once per fold and return the figures as JSON-ready values."""
    title = f"Training {folds} maps"
    found = last(with_progress(folding(dataset, params, rules, folds), title, quiet)).folds
    assert found is not None
    return {
        "count": folds,
        "accuracies": list(found.accuracies),
        "accuracy": found.mean,
        "deviation": found.deviation,
        "calibration_error": found.scores.calibration_error,
    }


def say_answers(record: dict[str, Any]) -> None:
    """Print figures of answers as lines of text."""
    if "calibration_error" in record:
        _say_scores(record)
    folds = record.get("folds")
    if folds is not None:
        spread = f"+/- {folds['deviation']:.4f} over {folds['count']} maps"
        say(f"{'accuracy, held out':{_WIDTH}}{figure(folds['accuracy'])}  ({spread})")


def _say_scores(record: dict[str, Any]) -> None:
    say(f"{'calibration error':{_WIDTH}}{figure(record['calibration_error'])}  "
        "(confidence against accuracy)")  # fmt: skip
    if record["reject"] or record["reject_novel"]:
        remark = f"  ({record['answered']:,} of {record['labelled_images']:,} answered)"
        say(f"{'accuracy, answered':{_WIDTH}}{figure(record['accuracy_answered'])}{remark}")
    for one in record["coverage"][1:]:
        name = f"surest {100 * one['share']:.0f} %"
        say(f"{name:{_WIDTH}}{figure(one['accuracy'])}  (confidence {one['confidence']:.2f} up)")
    say(f"{'label':{_WIDTH}}precision  recall  F1      pictures")
    for one in record["classes"]:
        figures = "  ".join(_short(one[name]) for name in ("precision", "recall", "f1"))
        say(f"{one['label']:{_WIDTH}}{figures}  {one['pictures']:,}")
    for one in record["mistakes"][:_WORST]:
        say(f"mistaken: {one['path']}  {one['true']} told as {one['given']} "
            f"({100 * one['confidence']:.0f} %)")  # fmt: skip


def _short(value: float) -> str:
    return "  -   " if math.isnan(value) else f"{value:.4f}"


def _run(parts: Generator[float, None, Value], quiet: bool) -> Value:
    """Work through parts while a bar shows how far that has come, and return their result."""
    ended: list[Value] = []

    def steps() -> Generator[_Share, None, None]:
        while True:
            try:
                yield _Share(next(parts))
            except StopIteration as end:
                ended.append(end.value)
                return

    for _ in with_progress(steps(), "Classifying", quiet):
        pass
    return ended[0]
