"""How good the presets' maps are: the published figures on MNIST and on the turning line."""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bars import Bars, Row, missed
from data import shared
from numpy.typing import NDArray

from image2map_gui.core.analysis.labels import unit_labels
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.sources import find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import model_of
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.presets import preset
from image2map_gui.core.som.quality.labelling import label_counts, purity, single_label_units
from image2map_gui.core.som.quality.topography import topographic_error
from image2map_gui.core.som.quality.usage import empty_units
from image2map_gui.core.som.train import train
from image2map_gui.core.som.winners import nearest_units

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1800)]
Floats = NDArray[np.floating]
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclasses.dataclass(frozen=True)
class Digits:
    """MNIST with pixels from 0 to 1: the 60,000 to train on, and the 10,000 to measure on."""

    seen: Dataset
    unseen: Dataset

    @functools.cached_property
    def answers(self) -> NDArray[np.intp]:
        """What the unseen digits are."""
        return np.array([int(label or -1) for label in self.unseen.labels])

    def figures(self, weights: Floats, grid: Grid) -> dict[str, float]:
        """Measure units ``(k, d)`` on the unseen digits."""
        units, distances = nearest_units(self.unseen.vectors, weights, "euclidean", 2)
        winners, second = units.T
        counts = label_counts(winners, self.answers, (grid.units, 10))
        return {
            "n": len(self.unseen),
            "k": grid.units,
            "QE": float(distances[:, 0].mean()),
            "TE8": topographic_error(winners, second, grid, 8),
            "TE4": topographic_error(winners, second, grid, 4),
            "purity": purity(counts),
            "single-digit units": single_label_units(counts),
            "empty units": empty_units(winners, grid.units),
        }


@dataclasses.dataclass(frozen=True)
class Trained:
    """A map of the 60,000, its figures on the 10,000, and what its epochs took."""

    figures: dict[str, float]
    seconds: float


@pytest.fixture(scope="module")
def digits(bars: Bars) -> Digits:
    folder = shared("data", "mnist")
    if not folder.is_dir():
        bars.skip("figures on MNIST", "the shared digits are not here")
    return Digits(*(read(folder, part, (28, 28)) for part in ("train", "t10k")))


@pytest.fixture(scope="module")
def trained(digits: Digits) -> Callable[[SomParams], Trained]:
    """Train a map on the 60,000 digits, each only once."""

    @functools.cache
    def once(params: SomParams) -> Trained:
        epochs = []
        for snapshot in train(digits.seen.vectors, params):
            if snapshot.milestone and snapshot.figures is not None:
                epochs.append(snapshot.figures.seconds)
        model = model_of(digits.seen, params, snapshot)
        figures = digits.figures(model.weights, model.grid)
        told = np.array([int(name) for name in model.label_names])[unit_labels(model).label]
        winners = nearest_units(digits.unseen.vectors, model.weights, params.measure)[0][:, 0]
        figures["accuracy"] = float(np.mean(told[winners] == digits.answers))
        return Trained(figures, float(np.mean(epochs)))

    return once


def read(folder: Path, part: str, size: tuple[int, int]) -> Dataset:
    *_, reading = read_dataset(find_sources([folder], part), ImageSpec(size=size))
    return reading.dataset


def judge(bars: Bars, what: str, name: str, value: float, sign: str, bar: float) -> Row:
    """Add a figure and its bar to the table."""
    row = Row(what, name, f"{value:.4g}", f"{sign} {bar:g}", _SIGNS[sign](value, bar))
    bars.rows.append(row)
    return row


def mention(bars: Bars, what: str, figures: dict[str, float], *names: str) -> None:
    """Add figures to the table that have no bar."""
    text = ", ".join(f"{name} {figures[name]:.5g}" for name in names)
    bars.rows.append(Row(what, text, "", "", None))


SHIPPED = {"QE": ("<", 5.642), "TE8": ("<", 0.0527), "TE4": ("<", 0.111), "purity": (">", 0.747)}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_10x10_beats_the_forerunners_own_map_in_everything_at_once(
    digits: Digits, trained: Callable[[SomParams], Trained], bars: Bars, seed: int
) -> None:
    found = trained(preset("balanced", seed=seed)).figures
    what = f"10x10 balanced, seed {seed}"
    rows = [judge(bars, what, name, found[name], *bar) for name, bar in SHIPPED.items()]
    assert not missed(*rows)


@pytest.mark.parametrize(("side", "bar"), [(20, 0.88), (50, 0.935)])
def test_the_units_labels_name_unseen_digits(
    trained: Callable[[SomParams], Trained], bars: Bars, side: int, bar: float
) -> None:
    found = trained(preset("fine", rows=side, columns=side)).figures
    row = judge(bars, f"{side}x{side} fine", "accuracy", found["accuracy"], ">=", bar)
    assert row.met, row


def test_50x50_units_answer_to_one_digit_each_and_unlike_exemplars_lie_in_order(
    digits: Digits, trained: Callable[[SomParams], Trained], bars: Bars
) -> None:
    """Single-digit units alone prove nothing: pictures drawn by lot have more of them.

    What such a map cannot have is order, so that both are asked for.
    """
    params = preset("fine", rows=50, columns=50)
    found, what = trained(params).figures, "50x50 fine, 10,000 unseen digits"
    rng = np.random.default_rng(0)
    lot = rng.choice(len(digits.seen), params.units, replace=False)
    control = digits.figures(digits.seen.vectors[lot], Grid.of(params))
    rows = [
        judge(bars, what, "single-digit units", found["single-digit units"], ">=", 1950),
        judge(bars, what, "TE8", found["TE8"], "<", 0.25),
        judge(bars, what, "TE8 / TE8 of the control", found["TE8"] / control["TE8"], "<", 0.5),
    ]
    beside = ("n", "k", "empty units", "single-digit units", "QE", "TE8", "purity")
    mention(bars, what, found, *beside)
    mention(bars, "control: 2,500 digits drawn by lot as units", control, *beside)
    assert not missed(*rows)


def test_ten_epochs_of_50x50_take_less_than_a_plain_program_needs(
    trained: Callable[[SomParams], Trained], bars: Bars
) -> None:
    seconds = 10 * trained(preset("fine", rows=50, columns=50)).seconds
    row = judge(bars, "50x50, 60,000 digits", "seconds for 10 epochs", seconds, "<", 85)
    assert row.met, row


def test_a_ring_follows_the_original_turning_line(bars: Bars) -> None:
    folder = shared("data", "lines")
    if not folder.is_dir():
        bars.skip("a ring of LINES", "the shared drawings are not here")
    lines = read(folder, "train", (16, 16))
    assert [source.name for source in lines.sources[:2]] == ["image_1.png", "image_2.png"]
    errors, jumps = [], []
    for seed in range(20):
        params = preset("fine", rows=1, columns=8, topology="ring", seed=seed)
        *_, last = train(lines.vectors, params)
        assert last.winners is not None
        errors.append(dict(last.topographic_errors)[2])
        ways = Grid.of(params).distances()[last.winners, np.roll(last.winners, -1)]
        jumps.append(int(ways.max()))
    what = "LINES on a ring of 8, fine, 20 seeds"
    rows = [
        judge(bars, what, "mean TE2", float(np.mean(errors)), "<", 0.05),
        judge(bars, what, "seeds without a jump over 2", sum(j <= 2 for j in jumps), ">=", 18),
    ]
    assert not missed(*rows)
