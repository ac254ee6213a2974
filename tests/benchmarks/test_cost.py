"""How the cost of an epoch grows with pictures, units and values."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from bars import Cost
from drawn import Vectors, strokes
from pace import best_epoch

from image2map_gui.core.som.params import SomParams

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("all_cores"),
]
_EPOCHS = 4
_ONLINE_IMAGES = 640
_PER_DOUBLING = 2.2


def cost_of(series: str, vectors: Vectors, side: int, online_images: int) -> Cost:
    """Measure a batch epoch, and one picture of an online epoch."""
    params = SomParams(rows=side, columns=side, epochs=_EPOCHS)
    few = vectors[:online_images]
    online = SomParams(rows=side, columns=side, epochs=_EPOCHS, mode="online")
    return Cost(
        series,
        images=len(vectors),
        units=side * side,
        values=vectors.shape[1],
        batch=best_epoch(vectors, params),
        online=best_epoch(few, online) / len(few),
    )


def too_steep(costs: Sequence[Cost]) -> list[str]:
    """Say where cost grows by more than 2.2 per doubling from the smallest to the largest size."""
    small, large = costs[0], costs[-1]
    size = large.comparisons / small.comparisons
    allowed = _PER_DOUBLING ** math.log2(size)
    growths = {
        "batch": large.batch / small.batch,
        "online": large.online * large.images / (small.online * small.images),
    }
    return [
        f"{mode}: {growth:.1f} times the cost for {size:.1f} times the size"
        for mode, growth in growths.items()
        if growth > allowed
    ]


def test_cost_grows_with_the_pictures(costs: list[Cost], mnist_digits: Vectors) -> None:
    counts = (15_000, 30_000, 60_000)
    found = [
        cost_of("images", mnist_digits[:count], 20, _ONLINE_IMAGES * count // counts[0])
        for count in counts
    ]
    costs += found
    assert not too_steep(found)


def test_cost_grows_with_the_units(costs: list[Cost], mnist_digits: Vectors) -> None:
    found = [
        cost_of("units", mnist_digits[:10_000], side, _ONLINE_IMAGES) for side in (10, 20, 50, 100)
    ]
    costs += found
    assert not too_steep(found)


def test_cost_grows_with_the_values(costs: list[Cost]) -> None:
    found = [
        cost_of("values", strokes(4_000, side, channels), 20, _ONLINE_IMAGES)
        for side, channels in ((16, 1), (28, 1), (32, 3), (64, 3))
    ]
    costs += found
    assert not too_steep(found)
