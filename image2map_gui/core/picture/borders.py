"""The border between some cells of a map and all others, as lines and as closed loops."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
_FINE = 4096  # parts of a cell's width that corners are told apart by


def border_of(outlines: Points) -> Points:
    """Return the sides that only one of some cells has.

    Parameters
    ----------
    outlines
        The corners of the cells in order, ``(m, 4 or 6, 2)``; cells are 1 wide.

    Returns
    -------
    ndarray
        The two ends of each line, ``(lines, 2, 2)``; going along it, its cell is on the right.
    """
    ends = np.stack([outlines, np.roll(outlines, -1, axis=1)], axis=2).reshape(-1, 2, 2)
    if not len(ends):
        return ends
    places = np.round(ends * _FINE).astype(np.int64)
    codes = places[..., 0] * (1 << 32) + places[..., 1]  # one number for each corner
    codes.sort(axis=1)  # neighbours go along their common side in opposite ways
    _, first, count = np.unique(codes, axis=0, return_index=True, return_counts=True)
    return np.asarray(ends[np.sort(first[count == 1])])


def loops_of(lines: Points) -> list[Points]:
    """Join the lines of a border to closed loops, each by its corners ``(m, 2)``."""
    starts: dict[tuple[int, int], list[int]] = defaultdict(list)
    places = np.round(lines * _FINE).astype(np.int64).tolist()
    for line, (start, _) in enumerate(places):
        starts[tuple(start)].append(line)
    loops, left = [], set(range(len(places)))
    while left:
        line = left.pop()
        loop = [line]
        while ahead := [one for one in starts[tuple(places[line][1])] if one in left]:
            line = ahead[0]
            left.remove(line)
            loop.append(line)
        loops.append(lines[loop, 0])
    return loops
