"""Rates are those of the last seconds, and whoever works long is told to breathe."""

from __future__ import annotations

import pytest

from image2map_gui.core import progress
from image2map_gui.core.progress import Breath, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "time", made)
    return made


def test_a_rate_is_not_guessed_at_once(clock: Clock) -> None:
    pace = Pace()
    clock.now += 0.01
    assert pace.rate(50) == 0


def test_a_rate_forgets_how_slow_the_start_was(clock: Clock) -> None:
    pace = Pace()
    clock.now += 10
    assert pace.rate(10) == pytest.approx(1)
    for done in range(20, 1000, 10):
        clock.now += 0.1
        rate = pace.rate(done)
    assert rate == pytest.approx(100)


def test_breath_is_due_every_30_ms(clock: Clock) -> None:
    breath = Breath()
    assert not breath.due()
    clock.now += 0.031
    assert breath.due()
    assert not breath.due()
