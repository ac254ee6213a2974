"""Sentences and quantities in words, for more than one part of the window."""

from __future__ import annotations

import math
from collections.abc import Sequence

from image2map_gui.core.images.sources import Skipped
from image2map_gui.core.som.train import Snapshot


def first_reason(skipped: Sequence[Skipped]) -> str:
    """Say why the first of some files was skipped."""
    if not skipped:
        return "there are none."
    more = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
    return f"{skipped[0].path} {skipped[0].reason}{more}."


def picture_count(count: int) -> str:
    """Say how many pictures there are."""
    return f"{count:,} picture{'' if count == 1 else 's'}"


def rate_text(seconds_per_epoch: float) -> str:
    """Say how fast a training runs."""
    if seconds_per_epoch <= 0:
        return ""
    rate = 1 / seconds_per_epoch
    return f"{rate:.0f} epochs/s" if rate >= 1.5 else f"{seconds_per_epoch:.1f} s per epoch"


def duration_text(seconds: float) -> str:
    """Say how long something takes, rounded to what a person wants to know."""
    if not math.isfinite(seconds):
        return "unknown time"
    if seconds < 90:
        return f"{math.ceil(seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def ending_text(last: Snapshot) -> str:
    """Say why a training ended before its last epoch."""
    if last.ended == "settled":
        return f"The map has settled: its units hardly moved any more in epoch {last.epoch:,}."
    why = "The time was up" if last.ended == "time limit" else "Stopped"
    return f"{why} after epoch {last.epoch:,} of {last.epochs:,}; the map is usable."
