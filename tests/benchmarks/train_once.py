"""Trains a map on an array of vectors and says how much memory the process ever held, in bytes."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import numpy as np

from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import train

_STATUS = Path("/proc/self/status")


def main(path: str, side: int, mode: str) -> None:
    vectors = np.load(path)
    for _ in train(vectors, SomParams(rows=side, columns=side, mode=mode, epochs=2)):
        pass
    sys.stdout.write(str(peak_bytes()))


def peak_bytes() -> int:
    """Return the most memory this process held; Linux counts the one that started it in rusage."""
    if _STATUS.exists():
        (line,) = (line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return 1024 * int(line.split()[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
