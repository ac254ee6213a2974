"""The batch and mini-batch rules against their formulas, written as loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from data import finish, noise
from numpy.typing import NDArray

from image2map_gui.core.som import pruning
from image2map_gui.core.som.batch import batch_epoch, minibatch_epoch
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.kernel import Kernel
from image2map_gui.core.som.pruning import Pruning
from image2map_gui.core.som.schedule import influence
from image2map_gui.core.som.tally import Tally
from image2map_gui.core.som.winners import Prepared

Floats = NDArray[np.floating]
NAMES = ("gaussian", "bubble", "epanechnikov", "triangle")
GRIDS = tuple(
    Grid(rows, columns, topology)
    for (rows, columns), topology in itertools.product(
        ((3, 4), (1, 6)), ("line", "ring", "grid", "mesh")
    )
)


def naive_winner(vector: Floats, weights: Floats, metric: str) -> int:
    if metric == "euclidean":
        return int(((weights - vector) ** 2).sum(axis=1).argmin())
    lengths = np.sqrt((weights**2).sum(axis=1))
    scores = np.where(lengths > 0, weights @ vector / np.where(lengths > 0, lengths, 1), 0)
    return int(scores.argmax())


def naive_batch(
    vectors: Floats, weights: Floats, grid: Grid, name: str, radius: float, metric: str
) -> Floats:
    """``W_j = sum_x h(d(b(x), j)) x / sum_x h(d(b(x), j))``, picture by picture."""
    shares = influence(name, grid.distances(), radius)
    winners = [naive_winner(vector, weights, metric) for vector in vectors]
    new = weights.copy()
    for unit in range(len(weights)):
        below = sum(shares[winner, unit] for winner in winners)
        above = sum(
            shares[winner, unit] * vector for winner, vector in zip(winners, vectors, strict=True)
        )
        if below > 1e-30:
            new[unit] = above / below
    return new


def run_batch(
    vectors: Floats, weights: Floats, grid: Grid, name: str, radius: float, metric: str
) -> tuple[Floats, Tally]:
    tally = Tally(len(vectors), grid, None)
    kernel = Kernel(grid, name, radius)
    return finish(batch_epoch(Prepared(vectors, metric), weights, kernel, tally)), tally


def run_minibatch(
    vectors: Floats, weights: Floats, grid: Grid, order: list[int], size: int, rate: float
) -> Floats:
    moved = weights.copy()
    steps = minibatch_epoch(
        Prepared(vectors, "euclidean"),
        moved,
        Kernel(grid, "gaussian", 1.2),
        rate,
        np.array(order),
        size,
        Tally(len(vectors), grid, None),
    )
    finish(steps)
    return moved


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: f"{grid.topology}{grid.rows}")
def test_an_epoch_is_that_of_the_formula(grid: Grid, name: str, metric: str) -> None:
    vectors, weights = noise(300, 4), noise(grid.units, 4, seed=1)
    for radius in (0.0, 0.6, 2.0):
        expected = naive_batch(vectors, weights, grid, name, radius, metric)
        found, _ = run_batch(vectors, weights, grid, name, radius, metric)
        assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("offset", [0.0, 255.0])
def test_an_epoch_in_float32_is_that_of_the_formula(offset: float) -> None:
    grid = Grid(4, 5)
    vectors = (noise(2500, 30) * 0.3 + offset).astype(np.float32)
    weights = (noise(20, 30, seed=1) * 0.3 + offset).astype(np.float32)
    expected = naive_batch(
        vectors.astype(np.float64), weights.astype(np.float64), grid, "gaussian", 1.0, "euclidean"
    )
    found, _ = run_batch(vectors, weights, grid, "gaussian", 1.0, "euclidean")
    assert found.dtype == np.float32
    assert found == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize(("name", "radius"), [("bubble", 0.5), ("gaussian", 0.05), ("triangle", 0)])
def test_units_that_no_picture_reaches_stay_where_they_are(name: str, radius: float) -> None:
    weights = np.float32([[0, 0], [5, 5], [9, 9], [-7, -7]])
    vectors = np.float32([[0.5, 0], [1, 0], [8, 8.5]])
    found, tally = run_batch(vectors, weights, Grid(1, 4), name, radius, "euclidean")
    assert tally.winners.tolist() == [0, 0, 2]
    assert np.array_equal(found, np.float32([[0.75, 0], [5, 5], [8, 8.5], [-7, -7]]))


def test_the_given_weights_and_pictures_are_left_alone() -> None:
    vectors, weights = noise(50, 3), noise(6, 3, seed=1)
    before = vectors.copy(), weights.copy()
    run_batch(vectors, weights, Grid(2, 3), "gaussian", 1.0, "euclidean")
    assert np.array_equal(vectors, before[0])
    assert np.array_equal(weights, before[1])


def test_an_epoch_tells_how_many_pictures_it_has_seen() -> None:
    grid = Grid(2, 3)
    vectors, weights = noise(5000, 3).astype(np.float32), noise(6, 3, seed=1).astype(np.float32)
    tally = Tally(5000, grid, None)
    data = Prepared(vectors, "euclidean")
    seen = list(batch_epoch(data, weights, Kernel(grid, "gaussian", 1.0), tally))
    assert len(seen) > 1
    assert seen == sorted(set(seen))
    assert seen[-1] == 5000


def test_an_epoch_notes_winners_distances_and_torn_pictures() -> None:
    weights = np.array([[0.0], [10.0], [1.0], [20.0]])  # on a line 0 and 2 are no neighbours
    vectors = np.array([[0.2], [0.9], [9.0], [19.0]])
    _, tally = run_batch(vectors, weights, Grid(1, 4, "line"), "gaussian", 1.0, "euclidean")
    assert tally.winners.tolist() == [0, 2, 1, 3]
    assert tally.distances == pytest.approx([0.2, 0.1, 1, 1], abs=1e-6)
    assert tally.quantization_error == pytest.approx(2.3 / 4)
    # Second winners: 2, 0, 2, 1, of which unit 2 and 1 are neighbours, the others are not.
    assert tally.topographic_error == 0.75


def test_one_batch_of_everything_at_full_rate_is_the_batch_rule() -> None:
    grid = Grid(3, 4, "mesh")
    vectors, weights = noise(300, 5), noise(12, 5, seed=1)
    expected, _ = run_batch(vectors, weights, grid, "gaussian", 1.2, "euclidean")
    order = np.random.default_rng(5).permutation(300).tolist()
    for size in (300, 10_000):
        found = run_minibatch(vectors, weights, grid, order, size, 1.0)
        assert found == pytest.approx(expected, abs=1e-12)


def test_mini_batches_follow_each_other_by_the_rate() -> None:
    grid = Grid(3, 4)
    vectors, expected = noise(50, 5), noise(12, 5, seed=1)
    order = np.random.default_rng(5).permutation(50)
    found = run_minibatch(vectors, expected, grid, order.tolist(), 7, 0.3)
    for start in range(0, 50, 7):
        batch = vectors[order[start : start + 7]]
        goal = naive_batch(batch, expected, grid, "gaussian", 1.2, "euclidean")
        expected = expected + 0.3 * (goal - expected)
    assert found == pytest.approx(expected, abs=1e-12)


def test_mini_batches_of_one_picture_at_rate_one_copy_it() -> None:
    vectors = noise(9, 5)
    found = run_minibatch(vectors, noise(1, 5, seed=1), Grid(1, 1), list(range(9)), 1, 1.0)
    assert found == pytest.approx(vectors[-1:])


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "correlation"])
def test_a_pruned_search_gives_the_epoch_of_a_dense_one(
    metric: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "_PREPARATION", 0)  # else so few pictures are not worth it
    rng = np.random.default_rng(4)
    grid = Grid(25, 25, "grid")
    vectors = (rng.random((900, 6)) @ rng.random((6, 300))).astype(np.float32)
    vectors += 0.05 * rng.random((900, 300), np.float32)
    weights = (rng.random((625, 6)) @ rng.random((6, 300))).astype(np.float32)
    kernel = Kernel(grid, "gaussian", 3.0, np.float32)
    ours, theirs = (Tally(900, grid, None) for _ in range(2))
    data = Prepared(vectors, metric)
    pruned = finish(batch_epoch(data, weights, kernel, ours))
    assert data.pruning.sieve(weights, np.zeros(625, np.float32)) is not None
    monkeypatch.setattr(Pruning, "sieve", lambda *_: None)
    dense = finish(batch_epoch(Prepared(vectors, metric), weights, kernel, theirs))
    np.testing.assert_array_equal(ours.winners, theirs.winners)
    np.testing.assert_allclose(pruned, dense, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours.distances, theirs.distances, rtol=1e-2, atol=1e-3)
    assert ours.topographic_error == theirs.topographic_error > 0
