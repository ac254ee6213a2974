"""How much memory a training takes, estimated before it begins."""

from __future__ import annotations

from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.params import SomParams

# Measured with tracemalloc on maps of 400 to 10,000 units and vectors of 300 to 20,000 numbers.
_COPIES = {"batch": 11, "minibatch": 11, "online": 7}  # of the weights, the sums among them
_BLOCKS = 64 << 20  # scores of a block of pictures, tables of influences
_PER_PICTURE = 100  # units, distances, an order, of three snapshots at a time
_SAMPLE = 2000  # pictures that the start is found from
_PAIRS_ON_A_LINE = 24  # bytes for each two units of a line: their steps and influences


def training_bytes(count: int, features: int, params: SomParams, itemsize: int = 4) -> int:
    """Return about how many bytes a training takes beside its vectors ``(count, features)``."""
    weights = params.units * features * itemsize
    needed = _COPIES[params.mode] * weights + _BLOCKS + _PER_PICTURE * count
    sample = min(count, _SAMPLE)
    needed += 16 * sample * features + 16 * min(sample, features) ** 2
    if len(Grid.of(params).axes) == 1:
        needed += _PAIRS_ON_A_LINE * params.units**2
    return needed
