"""The estimate of a training's memory, beside what trainings really take."""

from __future__ import annotations

import tracemalloc
from collections import deque
from typing import Any

import numpy as np
import pytest

from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.room import _BLOCKS, training_bytes
from image2map_gui.core.som.train import train


@pytest.mark.parametrize(
    ("count", "features", "values"),
    [
        (30, 3000, {"rows": 20, "columns": 20, "mode": "batch"}),
        (30, 3000, {"rows": 20, "columns": 20, "mode": "online"}),
        (30, 3000, {"rows": 20, "columns": 20, "mode": "minibatch"}),
        (30, 3000, {"rows": 20, "columns": 20, "init": "sample"}),
        (30, 4, {"rows": 35, "columns": 35, "topology": "ring", "init": "sample"}),
    ],
)
def test_a_training_takes_about_what_was_estimated(
    count: int, features: int, values: dict[str, Any]
) -> None:
    params = SomParams(epochs=1, **values)
    vectors = np.random.default_rng(0).random((count, features), np.float32)
    tracemalloc.start()
    try:
        deque(train(vectors, params), maxlen=1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    estimated = training_bytes(count, features, params)
    assert peak <= estimated
    assert estimated - _BLOCKS <= 2 * peak
