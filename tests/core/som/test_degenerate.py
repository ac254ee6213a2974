"""Maps and collections at their limits: a result or a clear refusal, never weights that are NaN."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from data import noise
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError, TrainingError
from image2map_gui.core.options import options_of
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import Snapshot, train
from image2map_gui.core.som.winners import nearest_units

Floats = NDArray[np.floating]
CHOICES = {one.name: one.choices for one in options_of(SomParams) if one.choices}
LATTICES = [
    (topology, tiling)
    for topology, tiling in itertools.product(CHOICES["topology"], CHOICES["tiling"])
    if tiling == "square" or topology in ("grid", "mesh", "cylinder")
]
SHAPES = ((1, 1), (1, 6), (6, 1), (2, 5), (3, 4))


def singles(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    return vectors.astype(np.float32)


COLLECTIONS = {
    "one": singles(noise(1, 5)),
    "one that is black": np.zeros((1, 5), np.float32),
    "two": singles(noise(2, 5)),
    "fewer than units": singles(noise(4, 5)),
    "one value each": singles(noise(12, 1)),
    "one value of either sign": singles(noise(12, 1) - 0.5),
    "all black": np.zeros((12, 5), np.float32),
    "some black": singles(noise(12, 5) * (np.arange(12) % 3 > 0)[:, None]),
    "all alike": np.full((12, 5), 0.3, np.float32),
    "constant columns": singles(noise(12, 5) * [1, 0, 1, 0, 0] + 0.2),
    "plain greys": np.repeat(singles(noise(12, 1)), 5, axis=1),
    "three, again and again": np.repeat(singles(noise(3, 5)), 4, axis=0),
    "opposites": singles(np.concatenate([noise(6, 5), -noise(6, 5)])),
    "almost alike": singles(255 + 0.01 * noise(12, 5)),
    "tiny": singles(1e-15 * noise(12, 5)),
    "huge": singles(9e14 * noise(12, 5)),
    "huge beside tiny": singles(noise(12, 5) * [1e15, 1, 1e-15, 1e-30, 0]),
}
every_collection = pytest.mark.parametrize("name", COLLECTIONS)
every_mode = pytest.mark.parametrize("mode", CHOICES["mode"])
every_metric = pytest.mark.parametrize("metric", CHOICES["metric"])


def check(vectors: Floats, params: SomParams) -> Snapshot:
    """Train, and see that every snapshot and the result are sound; return the result."""
    low, high = float(vectors.min()), float(vectors.max())
    last = None
    for last in train(vectors, params):
        assert last.weights.shape == (params.units, vectors.shape[1])
        assert last.weights.dtype == vectors.dtype
        assert np.isfinite(last.weights).all()
    assert last is not None
    assert last.settled
    if params.init in ("auto", "sample") and params.neighbourhood == "gaussian":
        spread = (high - low) or abs(high) or 1.0
        assert last.weights.min() >= low - 2 * spread
        assert last.weights.max() <= high + 2 * spread
    check_settled(vectors, params, last)
    return last


def check_settled(vectors: Floats, params: SomParams, last: Snapshot) -> None:
    """See that each picture has a unit, a distance, and that the errors are numbers."""
    assert last.winners is not None
    assert last.distances is not None
    assert last.winners.shape == last.distances.shape == (len(vectors),)
    assert ((last.winners >= 0) & (last.winners < params.units)).all()
    assert (np.isfinite(last.distances) & (last.distances >= 0)).all()
    units, distances = nearest_units(vectors, last.weights, params.measure, 2)
    assert np.array_equal(last.winners, units[:, 0])
    assert np.array_equal(last.distances, distances[:, 0])
    assert last.quantization_error == pytest.approx(float(distances[:, 0].mean()))
    assert [adjacency for adjacency, _ in last.topographic_errors] == [*Grid.of(params).adjacencies]
    for _, error in last.topographic_errors:
        assert math.isnan(error) if params.units == 1 else 0 <= error <= 1


def is_odd_hexagonal_mesh(values: dict[str, Any]) -> bool:
    shape = values["tiling"], values["topology"]
    return shape == ("hexagonal", "mesh") and bool(values["rows"] % 2)


@every_metric
@every_mode
@pytest.mark.parametrize(("topology", "tiling"), LATTICES)
@pytest.mark.slow
def test_every_map_learns_every_collection(
    topology: str, tiling: str, mode: str, metric: str
) -> None:
    shapes = itertools.cycle(SHAPES)
    for vectors in COLLECTIONS.values():
        rows, columns = next(shapes)
        values: dict[str, Any] = {"rows": rows, "columns": columns, "epochs": 2, "batch_size": 7}
        values |= {"topology": topology, "tiling": tiling, "mode": mode, "metric": metric}
        if is_odd_hexagonal_mesh(values):
            with pytest.raises(ParameterError, match=f"even number of rows: .*, not {rows}"):
                SomParams(**values)
            values["rows"] += 1
        check(vectors, SomParams(**values))


@every_collection
@pytest.mark.parametrize("init", CHOICES["init"])
@pytest.mark.slow
def test_every_start_is_found_in_every_collection(name: str, init: str) -> None:
    for topology, (rows, columns) in zip(itertools.cycle(["grid", "ring"]), SHAPES, strict=False):
        params = SomParams(rows=rows, columns=columns, topology=topology, init=init, epochs=1)
        check(COLLECTIONS[name], params)


@pytest.mark.parametrize("neighbourhood", CHOICES["neighbourhood"])
@pytest.mark.parametrize("radius", [0.0, 0.3, 1000.0])
@pytest.mark.parametrize("shape", [(1, 6), (3, 4)])
@pytest.mark.slow
def test_every_neighbourhood_bears_every_radius(
    shape: tuple[int, int], neighbourhood: str, radius: float
) -> None:
    params = SomParams(
        rows=shape[0],
        columns=shape[1],
        mode="online" if neighbourhood == "mexican-hat" else "batch",
        neighbourhood=neighbourhood,
        radius_start=radius,
        radius_end=min(radius, 1.0),
        epochs=2,
    )
    for vectors in COLLECTIONS.values():
        check(vectors, params)


@every_mode
@every_metric
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused_by_the_picture_it_is_in(
    mode: str, metric: str, value: float
) -> None:
    for dtype, row in itertools.product((np.float32, np.float64), (0, 7, 11)):
        vectors = noise(12, 5).astype(dtype)
        vectors[row, 3] = value
        with pytest.raises(TrainingError, match=f"^Picture {row + 1} .*no finite number"):
            next(iter(train(vectors, SomParams(mode=mode, metric=metric))))


@pytest.mark.parametrize("vectors", [np.full((3, 4), 1e30), np.full((3, 4), -3e38, np.float32)])
def test_what_is_too_large_to_square_is_refused(vectors: Floats) -> None:
    with pytest.raises(TrainingError, match=r"^Picture 1 .*too large"):
        next(iter(train(vectors, SomParams())))


# --- Whatever people may ask for, of whatever pictures ---

_VALUES = st.one_of(st.sampled_from([0.0, 0.0, 1.0, -1.0, 255.0]), st.floats(-1e6, 1e6, width=32))


@st.composite
def collections(draw: st.DrawFn) -> Floats:
    """A few pictures, some of them perhaps the same."""
    count, features = draw(st.integers(1, 9)), draw(st.integers(1, 6))
    vectors: Floats = draw(arrays(np.float32, (count, features), elements=_VALUES))
    rows = draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=12))
    return vectors[rows]


@st.composite
def hyperparameters(draw: st.DrawFn) -> SomParams:
    """Any choices that go together."""
    values: dict[str, Any] = {
        name: draw(st.sampled_from(choices)) for name, choices in CHOICES.items()
    }
    values |= {
        "rows": draw(st.integers(1, 5)),
        "columns": draw(st.integers(1, 5)),
        "epochs": draw(st.integers(1, 4)),
        "exponent": draw(st.floats(1, 20)),
        "radius_start": draw(st.none() | st.floats(0, 50)),
        "radius_end": draw(st.floats(0, 3)),
        "fine_radius_end": draw(st.floats(0, 1)),
        "fine_epochs": 2,
        "extra_epochs": 2,
        "rate_start": draw(st.floats(0.0001, 1)),
        "rate_end": draw(st.floats(0.0001, 1)),
        "batch_size": draw(st.integers(1, 20)),
        "seed": draw(st.integers(0, 2**31 - 1)),
    }
    try:
        return SomParams(**values)
    except ParameterError:  # these do not go together, and are refused
        reject()


@settings(max_examples=80, suppress_health_check=[HealthCheck.filter_too_much])
@given(vectors=collections(), params=hyperparameters())
@pytest.mark.slow
def test_every_map_that_can_be_asked_for_is_sound(vectors: Floats, params: SomParams) -> None:
    check(vectors, params)
