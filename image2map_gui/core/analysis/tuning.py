"""A map tuned on labels: its units moved so that they tell them apart, and what that brought."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Generator, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.examples import Examples, examples_of
from image2map_gui.core.analysis.labels import unit_labels
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.exemplars import unit_pictures
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.model import MapModel, Tuned, distances_at_units
from image2map_gui.core.som.lvq import TuningSettings, learn
from image2map_gui.core.som.quality.labelling import label_counts
from image2map_gui.core.som.quality.parts import Parts, within
from image2map_gui.core.som.quality.topography import topographic_error
from image2map_gui.core.som.winners import nearest_blocks

Value = TypeVar("Value")
Indices = NDArray[np.intp]
_SEARCH = 0.08  # share of the work of finding the unit of every picture


@dataclasses.dataclass(frozen=True, eq=False)
class TunedMap:
    """A tuned map, and where the pictures lie on it now, ``(n,)`` each."""

    model: MapModel
    units: NDArray[np.int64]
    distances: NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Tuning:
    """How far a tuning has come; the last step holds its result.

    ``right`` is the share of this epoch's pictures that were told rightly, NaN before the first.
    """

    fraction: float
    epoch: int
    right: float
    tuned: TunedMap | None = None

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return self.tuned is not None


def tuning(
    model: MapModel,
    dataset: Dataset,
    settings: TuningSettings | None = None,
    held_out: float = 0.1,
    later: int = 0,
    left_out: Collection[str] = (),
) -> Iterator[Tuning]:
    """Tune a map on the labels of its training pictures, see :func:`learn`, in short steps.

    Each unit stands for the label it has by the pictures that move units; those that judge have no
    say in it, neither before nor afterwards. Afterwards all pictures are put on the map anew and
    everything that was counted on them is counted anew. The map keeps its settings and remembers
    that it was tuned; as an ordered picture of the collection it gets worse.

    Parameters
    ----------
    dataset
        The pictures on the map, read and projected.
    held_out
        Share of the labelled pictures that judge the result and move no unit, 0 to 0.9.
    later
        How many pictures at the end were added after the training; they are put on the map, but
        its distances are those of the others.
    left_out
        The addresses of pictures that neither move units nor judge, such as those that are kept
        for testing.

    Raises
    ------
    ParameterError
        There are fewer than two labels on the map or among the pictures that move it.
    """
    settings = settings or TuningSettings()
    if not 0 <= held_out <= 0.9:
        raise ParameterError(f"Held out: {held_out:g} is not from 0 to 0.9.")
    examples = examples_of(dataset)
    mine, judges = _divided(_taking_part(dataset, examples, left_out), held_out, settings.seed)
    if len(np.unique(examples.labels[mine])) < 2:
        raise ParameterError("Tuning needs pictures of at least two labels; label more pictures.")
    watched = judges if len(judges) else mine
    naming = within(0.0, _SEARCH / 2, _standing(model, examples, mine))
    of_units = yield from _passed(naming, 0, math.nan)
    if len(np.unique(of_units)) < 2:
        raise ParameterError("Tuning needs units of at least two labels; label more pictures.")
    parts = _accuracy(model, examples, of_units, watched)
    before = yield from _passed(within(_SEARCH / 2, _SEARCH, parts), 0, math.nan)
    weights, right = model.weights, math.nan
    for step in learn(
        examples.vectors[mine], examples.labels[mine], model.weights, of_units, model.metric,
        settings,
    ):  # fmt: skip
        right = step.right
        yield Tuning(_SEARCH + (1 - 3 * _SEARCH) * step.fraction, step.epoch, right)
        weights = weights if step.weights is None else step.weights
    low = 1 - 2 * _SEARCH
    told = Tuned(
        **dataclasses.asdict(settings),
        pictures=len(mine),
        held_out=len(judges),
        before=before,
        after=math.nan,
        labels=tuple(examples.names[label] for label in of_units.tolist()),
    )
    moved = dataclasses.replace(model, weights=weights, tuned=told)
    naming = within(low, low + _SEARCH / 2, _standing(moved, examples, mine))
    answers = yield from _passed(naming, settings.epochs, right)
    parts = within(low + _SEARCH / 2, low + _SEARCH, _accuracy(moved, examples, answers, watched))
    after = yield from _passed(parts, settings.epochs, right)
    moved = dataclasses.replace(moved, tuned=dataclasses.replace(told, after=after))
    counting = within(low + _SEARCH, 0.999, _recounted(moved, dataset, examples, later))
    result = yield from _passed(counting, settings.epochs, right)
    yield Tuning(1.0, settings.epochs, right, result)


def _passed(parts: Parts[Value], epoch: int, right: float) -> Generator[Tuning, None, Value]:
    """Pass parts on as steps of the tuning."""
    while True:
        try:
            share = next(parts)
        except StopIteration as end:
            value: Value = end.value
            return value
        yield Tuning(share, epoch, right)


def _taking_part(dataset: Dataset, examples: Examples, left_out: Collection[str]) -> Indices:
    """Return the places of the examples that are not left out."""
    out = frozenset(left_out)
    there = [dataset.sources[row].address not in out for row in examples.rows.tolist()]
    return np.flatnonzero(there)


def _divided(rows: Indices, held_out: float, seed: int) -> tuple[Indices, Indices]:
    """Divide labelled pictures by lot: those that move units, and those that judge."""
    order = rows[np.random.default_rng(seed).permutation(len(rows))]
    judges = int(held_out * len(rows))
    return np.sort(order[judges:]), np.sort(order[:judges])


def _standing(model: MapModel, examples: Examples, rows: Indices) -> Parts[Indices]:
    """Return the labels of the units by some of the examples, as places in their names."""
    on_units = np.empty(len(rows), np.intp)
    for part, units, _ in nearest_blocks(examples.vectors[rows], model.weights, model.metric):
        on_units[part] = units[:, 0]
        yield part.stop / len(rows)
    shape = len(model.weights), len(examples.names)
    counts = label_counts(on_units, examples.labels[rows], shape)
    named = dataclasses.replace(model, label_names=examples.names, label_counts=counts)
    return unit_labels(named).label


def _accuracy(
    model: MapModel, examples: Examples, of_units: Indices, rows: Indices
) -> Parts[float]:
    right = 0
    for part, units, _ in nearest_blocks(examples.vectors[rows], model.weights, model.metric):
        right += int(np.count_nonzero(of_units[units[:, 0]] == examples.labels[rows[part]]))
        yield part.stop / len(rows)
    return right / len(rows)


def _recounted(
    model: MapModel, dataset: Dataset, examples: Examples, later: int
) -> Parts[TunedMap]:
    """Count on the moved units what is known of the pictures."""
    count = len(dataset)
    first, second = np.empty(count, np.intp), np.empty(count, np.intp)
    far = np.empty(count, np.float64)
    for rows, units, distances in nearest_blocks(dataset.vectors, model.weights, model.metric, 2):
        first[rows], second[rows], far[rows] = units[:, 0], units[:, -1], distances[:, 0]
        yield rows.stop / count
    own = slice(0, count - later)
    grid = model.grid
    shape = grid.units, len(examples.names)
    exemplars = model.exemplars
    if exemplars is not None:
        exemplars = unit_pictures(dataset, model.weights, model.metric, first, far, thorough=True)
    fresh = dataclasses.replace(
        model,
        hits=np.bincount(first[own], minlength=grid.units),
        label_names=examples.names,
        label_counts=label_counts(first[examples.rows], examples.labels, shape),
        distances=np.sort(far[own]),
        unit_distances=distances_at_units(first[own], far[own], grid.units),
        quantization_error=float(far[own].mean()),
        topographic_errors=tuple(
            (adjacency, topographic_error(first[own], second[own], grid, adjacency))
            for adjacency in grid.adjacencies
        ),
        exemplars=exemplars,
    )
    return TunedMap(fresh, first.astype(np.int64), far)
