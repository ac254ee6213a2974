"""Names in natural order (2 before 10), sorted in short steps: a folder may hold very many."""

from __future__ import annotations

import heapq
from collections.abc import Generator, Sequence

from natsort import natsort_keygen, ns

_STEP = 1000  # names; some 10 ms of work

_key = natsort_keygen(alg=ns.IGNORECASE)


def in_natural_order(names: Sequence[str]) -> Generator[None, None, list[str]]:
    """Return names in natural order, yielding after some 10 ms of work at the most."""
    runs = []
    for start in range(0, len(names), _STEP):
        part = names[start : start + _STEP]
        runs.append(sorted(zip(map(_key, part), part, strict=True), key=lambda pair: pair[0]))
        yield
    ordered = []
    for count, (_, name) in enumerate(heapq.merge(*runs, key=lambda pair: pair[0]), 1):
        ordered.append(name)
        if count % _STEP == 0:
            yield
    return ordered
