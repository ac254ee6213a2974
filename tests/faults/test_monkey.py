"""A monkey at the window does random things: nothing aborts, nothing is left running."""

from __future__ import annotations

from pathlib import Path

import pytest
from windows import assert_calm, start


def let_loose(seed: int, count: int, folder: Path) -> None:
    done = start("monkey.py", seed, count, folder, cwd=folder, limit=60 + count)
    assert_calm(done)
    assert f"did {count:,} things" in done.stdout.replace(f"did {count} ", f"did {count:,} ")


def test_a_monkey_does_no_harm(tmp_path: Path) -> None:
    let_loose(1, 10, tmp_path)


@pytest.mark.faults
@pytest.mark.timeout(4000)
@pytest.mark.parametrize("seed", range(100, 105))
def test_a_monkey_does_no_harm_for_long(tmp_path: Path, seed: int) -> None:
    let_loose(seed, 2000, tmp_path)


@pytest.mark.faults
@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", [1, 2])
def test_parts_are_moved_about_for_long(tmp_path: Path, seed: int) -> None:
    done = start("layouts.py", seed, 1000, cwd=tmp_path, limit=300)
    assert_calm(done)
    assert "moved 1000 times" in done.stdout
