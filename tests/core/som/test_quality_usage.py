"""How evenly units are used, and how they go with labels: by hand and against loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from data import noise
from hypothesis import given, settings
from hypothesis import strategies as st

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality.labelling import (
    adjusted_rand_index,
    class_entropies,
    class_entropy,
    label_counts,
    normalized_mutual_information,
    purity,
    single_label_units,
)
from image2map_gui.core.som.quality.usage import empty_units, hit_entropy, magnification

COUNTS = np.array([[3, 1], [0, 4], [0, 0], [2, 2]])


def test_empty_units_are_nobodys_winner() -> None:
    assert empty_units(np.array([0, 0, 3]), 5) == 3
    assert empty_units(np.zeros(0, np.intp), 5) == 5


def test_hit_entropy_says_how_evenly_units_win() -> None:
    assert hit_entropy(np.array([5, 5, 5])) == pytest.approx(1)
    assert hit_entropy(np.array([9, 0, 0])) == 0
    expected = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25)) / math.log(4)
    assert hit_entropy(np.array([3, 1, 0, 0])) == pytest.approx(expected)
    assert math.isnan(hit_entropy(np.array([7])))
    assert math.isnan(hit_entropy(np.zeros(3, int)))


def test_magnification_is_the_slope_of_hits_over_spacing() -> None:
    # Steps 1, 2, 4, 8 along a line: spacings 1, 1.5, 3, 6, 8.
    weights = np.cumsum([0.0, 1, 2, 4, 8])[:, None]
    spacing = np.array([1, 1.5, 3, 6, 8])
    line = Grid(1, 5, "line")
    assert magnification(np.full(5, 7), weights, line) == pytest.approx(0, abs=1e-12)
    assert magnification((144 / spacing).astype(int), weights, line) == pytest.approx(-1)
    hits = np.array([9, 0, 4, 2, 5])
    used = hits > 0
    slope = np.polyfit(np.log(spacing[used]), np.log(hits[used]), 1)[0]
    assert magnification(hits, weights, line) == pytest.approx(slope)


def test_magnification_needs_units_that_differ() -> None:
    even = Grid(3, 3)
    assert math.isnan(magnification(np.arange(1, 10), even.centres, even))
    assert math.isnan(magnification(np.ones(9, int), np.ones((9, 2)), even))
    assert math.isnan(magnification(np.array([4, 0, 4]), noise(3, 2), Grid(1, 3)))
    assert math.isnan(magnification(np.array([4]), np.ones((1, 2)), Grid(1, 1)))
    assert math.isnan(magnification(np.zeros(9, int), noise(9, 2), even))


def test_label_figures_by_hand() -> None:
    assert purity(COUNTS) == (3 + 4 + 2) / 12
    assert single_label_units(COUNTS) == 1
    quarter = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    entropies = class_entropies(COUNTS)
    assert entropies[[0, 1, 3]] == pytest.approx([quarter, 0, math.log(2)])
    assert math.isnan(entropies[2])
    assert class_entropy(COUNTS) == pytest.approx((4 * quarter + 4 * math.log(2)) / 12)


def test_without_labels_nothing_is_known() -> None:
    nobody = np.zeros(0, np.intp)
    for counts in (np.zeros((3, 2), int), np.zeros((3, 0), int)):
        assert math.isnan(purity(counts))
        assert math.isnan(class_entropy(counts))
        assert np.isnan(class_entropies(counts)).all()
        assert single_label_units(counts) == 0
    assert math.isnan(normalized_mutual_information(nobody, nobody))
    assert math.isnan(adjusted_rand_index(nobody, nobody))


def test_agreement_does_not_depend_on_names_of_units() -> None:
    labels = np.array([0, 0, 1, 1, 2])
    for units in (labels, labels + 7, np.array([5, 5, 2, 2, 0])):
        assert normalized_mutual_information(units, labels) == pytest.approx(1)
        assert adjusted_rand_index(units, labels) == pytest.approx(1)
    one = np.zeros(5, np.intp)
    assert normalized_mutual_information(one, labels) == pytest.approx(0)
    assert adjusted_rand_index(one, labels) == pytest.approx(0)
    assert normalized_mutual_information(one[:1], one[:1]) == adjusted_rand_index(one, one) == 1


@settings(max_examples=40, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=2, max_size=25),
)
def test_label_figures_are_those_of_plain_loops(pairs: list[tuple[int, int]]) -> None:
    units, labels = np.array(pairs).T
    counts = label_counts(units, labels, (5, 3))
    n = len(pairs)
    groups = {unit: [label for at, label in pairs if at == unit] for unit in range(5)}
    assert counts.tolist() == [[groups[unit].count(c) for c in range(3)] for unit in range(5)]
    assert purity(counts) == pytest.approx(
        sum(max(map(group.count, group)) for group in groups.values() if group) / n
    )
    assert single_label_units(counts) == sum(len(set(group)) == 1 for group in groups.values())

    def entropy(values: list[object]) -> float:
        shares = [values.count(value) / len(values) for value in set(map(str, values))]
        return -sum(share * math.log(share) for share in shares)

    names = [[str(value) for value in side] for side in (units, labels, pairs)]
    given_units = entropy([*names[2]]) - entropy([*names[0]])
    assert class_entropy(counts) == pytest.approx(given_units, abs=1e-12)
    shared = entropy([*names[1]]) - given_units
    both = entropy([*names[0]]) + entropy([*names[1]])
    expected = 2 * shared / both if both else 1
    assert normalized_mutual_information(units, labels) == pytest.approx(expected, abs=1e-9)

    together = [[a[s] == b[s] for s in (0, 1)] for i, a in enumerate(pairs) for b in pairs[:i]]
    in_unit, in_label = (sum(side) for side in zip(*together, strict=True))
    agree = sum(map(all, together))
    chance = in_unit * in_label / len(together)
    most = (in_unit + in_label) / 2
    index = (agree - chance) / (most - chance) if most != chance else 1
    assert adjusted_rand_index(units, labels) == pytest.approx(index, abs=1e-9)
