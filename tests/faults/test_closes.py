"""Windows closed in the middle of things: no abort, no job left, every project whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from windows import assert_calm, start


def close_many(count: int, folder: Path) -> float:
    """Close so many windows; returns how many seconds the slowest took."""
    done = start("closes.py", count, folder, cwd=folder, limit=60 + 4 * count)
    assert_calm(done)
    assert done.stdout.strip().endswith(f"closed {count} windows")
    slowest = re.search(r"slowest took ([\d.]+) s", done.stdout)
    assert slowest is not None
    return float(slowest[1])


@pytest.mark.slow
def test_closing_at_random_moments_never_aborts(tmp_path: Path) -> None:
    close_many(3, tmp_path)


@pytest.mark.soak
@pytest.mark.faults
@pytest.mark.timeout(1000)
def test_two_hundred_closes_never_abort_and_take_no_time(tmp_path: Path) -> None:
    assert close_many(200, tmp_path) < 2
