"""The preset ``classic`` against a plain loop of the rule of the program's forerunner."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from data import shared
from numpy.typing import NDArray

from image2map_gui.core.images.idx import read_idx
from image2map_gui.core.images.samples import draw_sample
from image2map_gui.core.som.course import start_radius
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.presets import preset
from image2map_gui.core.som.schedule import decay
from image2map_gui.core.som.train import train

Floats = NDArray[np.float64]


def lines(count: int = 100) -> Floats:
    drawn = [draw_sample("lines", index, count).reshape(-1) for index in range(count)]
    return 2 * np.array(drawn, np.float64) / 255 - 1


PHI = {
    "lap": lambda d, r: math.exp(-(d**2) / (2 * math.sqrt(r))),
    "exp": lambda d, r: math.exp(-(d**2) / r),
    "epanechnikov": lambda d, r: 1 - d**2 / r**2,  # its "sqd"
    "triangle": lambda d, r: 1 - abs(d) / r,  # its "linear"
}


def faded(
    kind: str, start: float, end: float, epoch: int, epochs: int, rate: float | None
) -> float:
    """What the forerunner computed after ``epoch`` epochs."""
    if rate is not None:
        share = math.exp(-rate * epoch) if kind == "exponential" else 1 - rate * epoch
        return max(start * share, end)
    share = epoch / epochs
    fade = math.exp(-share) if kind == "exponential" else 1.0
    return (start - end) * (1 - share) * fade + end


def forerunner(
    data: Floats, weights: Floats, params: SomParams, radius: float
) -> tuple[Floats, list[int]]:
    """Train as the forerunner did: one picture, one unit at a time, in the order given."""
    weights = weights.copy()
    line = params.topology == "line"
    units = len(weights)
    places = [(unit,) if line else divmod(unit, params.columns) for unit in range(units)]
    kinds = [name.removeprefix("original-") for name in (params.rate_decay, params.radius_decay)]
    alpha, full, winners = params.rate_start, radius, []
    for epoch in range(params.epochs or 0):
        winners = []
        for vector in data:
            best = closest_by_angle(weights, vector)
            winners.append(best)
            for unit in range(units):
                far = math.dist(places[best], places[unit])
                if far == 0:
                    weights[unit] += alpha * (vector - weights[unit])
                elif far <= radius:
                    phi = PHI[params.neighbourhood](far, radius)
                    weights[unit] += alpha * phi * (vector - weights[unit])
        alpha = faded(
            kinds[0],
            params.rate_start,
            params.rate_end,
            epoch,
            params.epochs,
            params.rate_decay_rate,
        )
        radius = faded(
            kinds[1], full, params.radius_end, epoch, params.epochs, params.radius_decay_rate
        )  # fmt: skip
    return weights, winners


def closest_by_angle(weights: Floats, vector: Floats) -> int:
    """The unit of the largest cosine; of equal ones the first; 0 for a zero vector."""
    length = math.sqrt(vector @ vector)
    scales = np.sqrt((weights**2).sum(axis=1)) * length
    products = weights @ vector
    return int(np.divide(products, scales, out=np.zeros(len(weights)), where=scales > 0).argmax())


def digits() -> Floats:
    path = shared("data", "mnist", "t10k-images-idx3-ubyte.gz")
    if not path.exists():
        pytest.skip(f"the shared data are not there: {path}")
    return 2 * np.asarray(read_idx(path)[:500], np.float64).reshape(500, -1) / 255 - 1


@pytest.mark.parametrize("phi", PHI)
@pytest.mark.parametrize("kind", ["original-exponential", "original-linear"])
@pytest.mark.parametrize("rates", [(None, None), (0.3, 0.4)], ids=["to the end", "with rates"])
@pytest.mark.parametrize(("topology", "rows", "columns"), [("grid", 4, 4), ("line", 1, 12)])
@pytest.mark.parametrize("pictures", ["lines", "digits"])
def test_classic_is_the_forerunner_step_by_step(
    phi: str, kind: str, rates: tuple[float | None, float | None], topology: str, rows: int,
    columns: int, pictures: str,
) -> None:  # fmt: skip
    data = lines() if pictures == "lines" else digits()
    full = float(columns)  # the side of a square map, or all of a line
    params = preset(
        "classic", rows=rows, columns=columns, topology=topology, epochs=3, seed=3,
        neighbourhood=phi, rate_decay=kind, radius_decay=kind, radius_start=full,
        rate_decay_rate=rates[0], radius_decay_rate=rates[1],
    )  # fmt: skip
    snapshots = list(train(data, params))
    last_epoch = next(one for one in snapshots if one.milestone and one.epoch == 3)
    weights, winners = forerunner(data, snapshots[0].weights, params, full)
    np.testing.assert_array_equal(last_epoch.winners, winners)
    np.testing.assert_allclose(last_epoch.weights, weights, rtol=0, atol=1e-10)
    assert start_radius(dataclasses.replace(params, radius_start=None, neighbourhood="lap")) == full


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
