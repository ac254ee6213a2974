"""Results that others have published, reached by this program's own rules."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from data import lines_dataset, noise
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.presets import preset
from image2map_gui.core.som.quality.fit import distortion, explained_variance
from image2map_gui.core.som.train import train
from image2map_gui.core.som.winners import nearest_units

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]
SEEDS = range(20)

# --- LINES on a ring: a line that turns through 180 degrees and is then the first one again ---


def ring_of_lines(drawings: NDArray[np.float32], name: str, **changes: Any) -> tuple[float, int]:
    """Return the topographic error of a ring of 8, and its longest jump between two drawings.

    The drawings come in the order of their angles, and the last is followed by the first.
    """
    params = preset(name, rows=1, columns=8, topology="ring", **changes)
    *_, last = train(drawings, params)
    assert last.winners is not None
    following = np.roll(last.winners, -1)
    jumps = Grid.of(params).distances()[last.winners, following]
    return dict(last.topographic_errors)[2], int(jumps.max())


@pytest.mark.parametrize(("name", "mode"), [("fine", "batch"), ("balanced", "online")])
@pytest.mark.slow
def test_a_ring_of_8_units_keeps_the_order_of_the_turning_line(name: str, mode: str) -> None:
    drawings = lines_dataset().vectors
    found = [ring_of_lines(drawings, name, mode=mode, seed=seed) for seed in SEEDS]
    errors, jumps = zip(*found, strict=True)
    assert np.mean(errors) < 0.05
    assert sum(jump <= 2 for jump in jumps) >= 18


# --- A line of 20 units on a spiral, against the first principal component ---


def spiral(seed: int, count: int = 400) -> Floats:
    """Points along one turn of a spiral in the plane, with a little noise."""
    rng = np.random.default_rng(seed)
    turn = rng.uniform(0.25, 1, count)
    along = np.stack([np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)], axis=1)
    return np.asarray(turn[:, None] * along + rng.normal(0, 0.03, (count, 2)))


def left_by_the_first_component(points: Floats) -> float:
    """Share of the variance that is not along the direction of largest variance."""
    variances = np.linalg.eigvalsh(np.cov(points.T))
    return float(variances[0] / variances.sum())


@pytest.mark.parametrize("mode", ["batch", "online"])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.slow
def test_a_line_of_20_units_explains_a_spiral_that_a_straight_line_cannot(
    seed: int, mode: str
) -> None:
    points = spiral(seed)
    assert left_by_the_first_component(points) > 0.2
    params = preset("balanced", rows=1, columns=20, topology="line", mode=mode, seed=seed)
    *_, last = train(points, params)
    assert last.winners is not None
    assert 1 - explained_variance(points, last.weights, last.winners) < 0.07


# --- Energy: Heskes, "Energy functions for self-organizing maps", 1999 ---
#
# E(W, b) = mean over x of sum_j h(d(b(x), j)) |x - w_j|^2 falls with each half of a step: choosing
# b(x) to make the inner sum least (Heskes' winner, not the nearest unit), and moving the units by
# the batch rule. So with his winners it never rises, and with nearest units the second half still
# lowers it.

LATTICES = (
    Grid(4, 5),
    Grid(4, 5, "mesh"),
    Grid(4, 5, "cylinder", "hexagonal"),
    Grid(1, 12, "ring"),
    Grid(1, 1),
)
NAMES = ("gaussian", "cut-gaussian", "bubble", "epanechnikov", "triangle")
every_lattice = pytest.mark.parametrize(
    "grid", LATTICES, ids=lambda grid: f"{grid.topology}-{grid.units}-{grid.tiling}"
)
every_neighbourhood = pytest.mark.parametrize("name", NAMES)
_FAR = 1e3
_ROUNDING = 1e-10


def fixed(grid: Grid, name: str, radius: float, epochs: int) -> SomParams:
    """Batch training with one radius from beginning to end."""
    return SomParams(
        rows=grid.rows,
        columns=grid.columns,
        topology=grid.topology,
        tiling=grid.tiling,
        neighbourhood=name,
        radius_start=radius,
        radius_end=radius,
        radius_decay="constant",
        epochs=epochs,
    )


def milestones(vectors: Floats, params: SomParams, start: Floats | None = None) -> list[Floats]:
    """Weights before the first epoch and after each."""
    snapshots = list(train(vectors, params, start))
    return [one.weights for one in snapshots if one is snapshots[0] or one.milestone]


def batch_step(vectors: Floats, weights: Floats, winners: Indices, params: SomParams) -> Floats:
    """Move the units once by the batch rule, each vector belonging to the unit it is given.

    Further components, in which a vector is like its own unit and far from all others, make that
    unit the nearest.
    """
    marks = _FAR * np.eye(params.units)
    longer = np.hstack([vectors, marks[winners]])
    found, _ = nearest_units(longer, np.hstack([weights, marks]), "euclidean")
    assert np.array_equal(found[:, 0], winners)
    _, after = milestones(longer, params, np.hstack([weights, marks]))
    return after[:, : vectors.shape[1]]


def heskes_winners(vectors: Floats, weights: Floats, kernel: Kernel) -> Indices:
    """``argmin_i sum_j h(d(i, j)) |x - w_j|^2`` for each vector."""
    squares = ((vectors[:, None, :] - weights) ** 2).sum(axis=2)
    reach = kernel.rows(np.arange(len(weights)))
    return np.asarray((squares @ reach.T).argmin(axis=1))


def nearest(vectors: Floats, weights: Floats) -> Indices:
    return nearest_units(vectors, weights, "euclidean")[0][:, 0]


@every_lattice
@every_neighbourhood
@pytest.mark.parametrize("radius", [0.6, 1.5, 3.0])
@pytest.mark.slow
def test_with_heskes_winners_the_energy_never_rises(grid: Grid, name: str, radius: float) -> None:
    vectors: Floats = noise(150, 4)
    weights: Floats = noise(grid.units, 4, seed=1)
    kernel, params = Kernel(grid, name, radius), fixed(grid, name, radius, 1)
    winners = heskes_winners(vectors, weights, kernel)
    energies = [distortion(vectors, weights, winners, kernel)]
    for _ in range(12):
        weights = batch_step(vectors, weights, winners, params)
        energies.append(distortion(vectors, weights, winners, kernel))
        winners = heskes_winners(vectors, weights, kernel)
        energies.append(distortion(vectors, weights, winners, kernel))
    assert all(after <= before + _ROUNDING for before, after in itertools.pairwise(energies))
    assert energies[-1] < 0.99 * energies[0]


@every_lattice
@every_neighbourhood
def test_an_epoch_is_the_best_answer_to_the_winners_it_found(grid: Grid, name: str) -> None:
    vectors = noise(150, 4)
    kernel = Kernel(grid, name, 1.5)
    steps = milestones(vectors, fixed(grid, name, 1.5, 8), noise(grid.units, 4, seed=1))
    rng = np.random.default_rng(2)
    for before, after in itertools.pairwise(steps):
        winners = nearest(vectors, before)
        energy = distortion(vectors, after, winners, kernel)
        assert energy <= distortion(vectors, before, winners, kernel) + _ROUNDING
        aside = after + rng.normal(0, 0.01, after.shape)
        assert energy < distortion(vectors, aside, winners, kernel)


@given(seed=st.integers(0, 10_000), units=st.integers(1, 9), count=st.integers(1, 60))
def test_at_radius_0_the_squared_error_never_rises(seed: int, units: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    vectors, start = rng.normal(size=(count, 3)), rng.normal(size=(units, 3))
    params = fixed(Grid(1, units), "gaussian", 0, 8)
    errors = [
        distortion(
            vectors, weights, nearest(vectors, weights), Kernel(Grid.of(params), "bubble", 0)
        )
        for weights in milestones(vectors, params, start)
    ]
    assert all(after <= before + _ROUNDING for before, after in itertools.pairwise(errors))
