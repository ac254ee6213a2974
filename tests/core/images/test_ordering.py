"""Natural order in steps is the natural order."""

from __future__ import annotations

import random

import pytest
from natsort import natsorted, ns

from image2map_gui.core.images.ordering import in_natural_order


def ordered(names: list[str]) -> tuple[list[str], int]:
    """Return names in order, and how often there was time for something else."""
    steps, pauses = in_natural_order(names), 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value, pauses
        pauses += 1


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 4321])
def test_many_names_come_in_the_order_of_natsort(count: int) -> None:
    names = [f"{'IMG' if index % 3 else 'img'} {index * 7}.png" for index in range(count)]
    random.Random(1).shuffle(names)
    found, _ = ordered(names)
    assert found == natsorted(names, alg=ns.IGNORECASE)


def test_names_that_compare_equal_keep_their_order() -> None:
    names = ["b.png"] + ["A.png", "a.png"] * 900
    assert ordered(names)[0] == natsorted(names, alg=ns.IGNORECASE)


def test_it_breathes_while_it_sorts() -> None:
    assert ordered([str(index) for index in range(10_000)])[1] >= 20
