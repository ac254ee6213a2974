"""How good answers are to pictures a map was not trained on, each picture in its turn."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.classify import Match, matching
from image2map_gui.core.analysis.examples import examples_of
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.analysis.scores import Scores, scores_of
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.model import model_of, train_map
from image2map_gui.core.som.params import SomParams

Indices = NDArray[np.intp]
_ANSWERING = 0.1  # share of a fold's work


@dataclasses.dataclass(frozen=True, eq=False)
class Folds:
    """Figures of all pictures, each answered by the one map that had not seen it.

    ``accuracies`` are those of the single maps; how much they differ says how far to trust their
    mean. ``matches`` are the answers, each picture's by that map.
    """

    scores: Scores
    accuracies: tuple[float, ...]
    matches: tuple[Match, ...] = ()

    @property
    def mean(self) -> float:
        """Mean accuracy of the maps."""
        return float(np.mean(self.accuracies))

    @property
    def deviation(self) -> float:
        """Standard deviation of their accuracies, over one less than their number."""
        return float(np.std(self.accuracies, ddof=1))


@dataclasses.dataclass(frozen=True)
class Folding:
    """How far it has come; the last step holds the figures."""

    fraction: float
    fold: int
    folds: Folds | None = None

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return self.folds is not None


def folding(
    dataset: Dataset, params: SomParams, rules: Rules | None = None, folds: int = 5, seed: int = 0
) -> Iterator[Folding]:
    """Train ``folds`` maps, each without one part of the pictures, and let it answer that part.

    This takes about as long as so many trainings. Pictures without a label take no part. The parts
    are drawn by lot, with the labels as even in them as can be.

    Parameters
    ----------
    dataset
        Pictures as they were read, not projected: what is measured on a collection is measured on
        the others each time.

    Raises
    ------
    ParameterError
        There are fewer labelled pictures, or fewer parts than two.
    """
    rules = rules or Rules()
    told = np.array([row for row, label in enumerate(dataset.labels) if label is not None], np.intp)
    if not 2 <= folds <= max(2, len(told)) or len(told) < 2:
        raise ParameterError(
            f"{folds} parts cannot be made of {len(told):,} labelled pictures: 2 parts at least, "
            "one picture in each."
        )
    labelled = dataset.take(told)
    part_of = _parts(labelled.labels, folds, seed)
    found: list[Match] = []
    accuracies: list[float] = []
    for fold in range(folds):
        matches: tuple[Match, ...] = ()
        for share, answers in _one_fold(labelled, part_of == fold, params, rules):
            matches = answers
            yield Folding((fold + share) / folds * 0.999, fold)
        found += matches
        scores = scores_of(matches)
        accuracies.append(math.nan if scores is None else scores.accuracy_of_all)
    together = scores_of(found)
    assert together is not None
    yield Folding(1.0, folds - 1, Folds(together, tuple(accuracies), tuple(found)))


def _one_fold(
    dataset: Dataset, kept: NDArray[np.bool_], params: SomParams, rules: Rules
) -> Iterator[tuple[float, tuple[Match, ...]]]:
    """Train on all but the pictures that are kept and answer these; the last step has answers."""
    seen = dataset.take(np.flatnonzero(~kept)).fitted()
    snapshot = None
    for snapshot in train_map(seen, params):
        yield snapshot.fraction * (1 - _ANSWERING), ()
    assert snapshot is not None
    examples = examples_of(seen) if rules.needs_pictures else None
    others = dataset.take(np.flatnonzero(kept)).projected(seen.projection)
    parts = matching(model_of(seen, params, snapshot), others, rules, examples)
    while True:
        try:
            yield 1 - _ANSWERING + _ANSWERING * next(parts), ()
        except StopIteration as end:
            yield 1.0, end.value
            return


def _parts(labels: tuple[str | None, ...], folds: int, seed: int) -> Indices:
    """Deal pictures out to parts, label by label, within a label by lot: ``(n,)``."""
    lot = np.random.default_rng(seed).permutation(len(labels))
    _, places = np.unique([str(label) for label in labels], return_inverse=True)
    order = np.lexsort((lot, places))
    parts = np.empty(len(labels), np.intp)
    parts[order] = np.arange(len(labels)) % folds
    return parts
