"""The preset ``classic`` against a plain loop of the rule of the program's forerunner."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from image2map_gui.core.images.samples import draw_sample
from image2map_gui.core.som.params import SomParams, preset
from image2map_gui.core.som.schedule import decay
from image2map_gui.core.som.train import start_radius, train

Floats = NDArray[np.float64]


def lines(count: int = 100) -> Floats:
    drawn = [draw_sample("lines", index, count).reshape(-1) for index in range(count)]
    return 2 * np.array(drawn, np.float64) / 255 - 1


def faded(start: float, end: float, epoch: int, epochs: int) -> float:
    """What the forerunner computed after ``epoch`` epochs."""
    share = epoch / epochs
    return (start - end) * (1 - share) * math.exp(-share) + end


def forerunner(data: Floats, weights: Floats, side: int, epochs: int, *, line: bool) -> Floats:
    """Train as the forerunner did: one picture, one unit at a time, in the order given."""
    weights = weights.copy()
    units = len(weights)
    places = [(unit,) if line else divmod(unit, side) for unit in range(units)]
    full = units if line else int(math.sqrt(units))
    alpha, radius = 0.1, float(full)
    for epoch in range(epochs):
        for vector in data:
            best = closest_by_angle(weights, vector)
            for unit in range(units):
                far = math.dist(places[best], places[unit])
                if far <= radius:
                    phi = math.exp(-(far**2) / (2 * math.sqrt(radius))) if far else 1.0
                    weights[unit] += alpha * phi * (vector - weights[unit])
        alpha = faded(0.1, 0.01, epoch, epochs)
        radius = faded(full, 0, epoch, epochs)
    return weights


def closest_by_angle(weights: Floats, vector: Floats) -> int:
    best, most = 0, -math.inf
    for unit, weight in enumerate(weights):
        scale = math.sqrt(weight @ weight) * math.sqrt(vector @ vector)
        likeness = float(weight @ vector) / (scale or 1.0)
        if likeness > most:
            best, most = unit, likeness
    return best


@pytest.mark.parametrize(("topology", "rows", "columns"), [("grid", 5, 5), ("line", 1, 12)])
def test_classic_is_the_forerunner_step_by_step(topology: str, rows: int, columns: int) -> None:
    data = lines(40)
    params = preset("classic", rows=rows, columns=columns, topology=topology, epochs=4, seed=3)
    snapshots = list(train(data, params))
    ours = snapshots[-1].weights
    theirs = forerunner(data, snapshots[0].weights, columns, 4, line=topology == "line")
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_classic_starts_and_decays_as_the_forerunner() -> None:
    params = preset("classic", rows=4, columns=4, epochs=3)
    start = next(iter(train(lines(), params))).weights
    assert -1 <= start.min() < -0.9
    assert 0.9 < start.max() <= 1
    assert start_radius(params) == 4
    assert start_radius(preset("classic", rows=1, columns=9, topology="line")) == 9
    radii = [decay(params.radius_decay, 4, 0, epoch, 3) for epoch in range(3)]
    assert radii == pytest.approx([4, 4, 4 * (2 / 3) * math.exp(-1 / 3)])
    assert radii[2] == pytest.approx(1.911, abs=1e-3)


def test_the_articles_map_shrinks_by_a_twentieth_per_epoch() -> None:
    params = preset("mnist-50x50")
    radii = [decay("exponential", 50.0, params.radius_end, epoch, 90) for epoch in range(90)]
    np.testing.assert_allclose(np.array(radii[1:]) / np.array(radii[:-1]), 0.95)
    assert radii[-1] >= 0.5 > 0.95 * radii[-1]
    rates = [decay("exponential", 0.5, params.rate_end, epoch, 90) for epoch in range(90)]
    np.testing.assert_allclose(np.array(rates[1:]) / np.array(rates[:-1]), 0.95)


def test_minisoms_decay_ends_at_a_third() -> None:
    params = preset("minisom", epochs=11)
    rates = [decay(params.rate_decay, 0.5, params.rate_end, epoch, 11) for epoch in range(11)]
    assert rates == pytest.approx([0.5 / (1 + 2 * epoch / 10) for epoch in range(11)])


def test_every_preset_trains(subtests: pytest.Subtests) -> None:
    data = lines(30).astype(np.float32)
    for name in ("balanced", "fast", "fine", "classic", "minisom", "sofm", "mnist-50x50"):
        with subtests.test(name):
            params = preset(name, rows=4, columns=4, epochs=3)
            last = list(train(data, params))[-1]
            assert last.settled
            assert np.isfinite(last.weights).all()


def test_presets_take_changes() -> None:
    assert preset("fast", rows=3) == SomParams(rows=3, epochs=8)
