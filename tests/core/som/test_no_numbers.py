"""Trainings that leave the finite numbers: they say in which epoch, and hand out no such map."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError, TrainingError
from image2map_gui.core.som import train as train_module
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import Snapshot, train

MODES = ("batch", "online", "minibatch")
every_mode = pytest.mark.parametrize("mode", MODES)


def pictures(count: int = 200) -> NDArray[np.float32]:
    return np.random.default_rng(0).random((count, 12), np.float32)


def unbounded(params: SomParams, **values: float) -> SomParams:
    """Return parameters with values that nobody can ask for."""
    for name, value in values.items():
        object.__setattr__(params, name, value)
    return params


@every_mode
def test_a_rate_beyond_all_measure_is_refused(mode: str) -> None:
    with pytest.raises(ParameterError, match=r"1e\+?30"):
        SomParams(mode=mode, rate_start=1e30)


@pytest.mark.parametrize("mode", ["online", "minibatch"])
def test_a_rate_beyond_all_measure_stops_with_epoch_and_reason(mode: str) -> None:
    """As would any other mistake that lets the weights grow without end."""
    params = SomParams(rows=3, columns=3, mode=mode, epochs=9, batch_size=5)
    unbounded(params, rate_start=1e30, rate_end=1e30)
    check_stops(pictures(), params)


@every_mode
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_weight_that_is_no_number_stops_with_epoch_and_reason(
    mode: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = train_module._Run._rule

    def broken(self: Any, weights: NDArray[Any], *rest: Any) -> Any:
        made = yield from original(self, weights, *rest)
        (weights if made is None else made)[2, 0] = value
        return made

    params = SomParams(rows=3, columns=3, mode=mode, epochs=9)
    steps = train(pictures(), params)
    kept = [next(steps), next(steps)]
    while kept[-1].epoch < 2:
        kept.append(next(steps))
    monkeypatch.setattr(train_module._Run, "_rule", broken)
    with pytest.raises(TrainingError, match=r"stopped in epoch 3: a weight is no longer a finite"):
        kept.extend(steps)
    assert all(np.isfinite(snapshot.weights).all() for snapshot in kept)
    assert kept[-1].epoch == 2


@every_mode
@pytest.mark.parametrize("value", [1e308, -1e308, 1e16])
def test_pictures_beyond_all_measure_are_refused(mode: str, value: float) -> None:
    vectors = pictures().astype(np.float64)
    vectors[7, 3] = value
    with pytest.raises(TrainingError, match=r"^Picture 8 .*too large"):
        next(train(vectors, SomParams(mode=mode)))


@every_mode
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_a_start_beyond_all_measure_is_refused(mode: str, value: float) -> None:
    params = SomParams(rows=3, columns=3, mode=mode)
    start = np.zeros((9, 12), np.float32)
    start[4, 4] = value
    with pytest.raises(TrainingError, match="to start from holds a value that is no finite"):
        next(train(pictures(), params, start))


def check_stops(vectors: NDArray[Any], params: SomParams) -> None:
    kept: list[Snapshot] = []
    with pytest.raises(TrainingError, match=r"^Training stopped in epoch 1: .*rate"):
        kept.extend(train(vectors, params))
    assert all(np.isfinite(snapshot.weights).all() for snapshot in kept)
