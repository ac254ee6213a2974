"""Sentences and quantities in words, for more than one part of the window."""

from __future__ import annotations

import math
from collections.abc import Sequence

from image2map_gui.core.images.sources import Skipped
from image2map_gui.core.som.train import Snapshot

_ABBREVIATIONS = ("clahe", "hog", "hsv", "l1", "l2", "lbp", "pca", "rgb")
_NAMES = {"lab-histogram": "Lab histogram", "whitened-pca": "Whitened PCA", "z-score": "z-score"}
_WORTH_SAYING = 5  # seconds left


def plural(count: int, thing: str) -> str:
    """Return a number with the thing it counts."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def bytes_text(count: int) -> str:
    """Return a number of bytes in a unit that suits it."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return (
                f"{count / size:.3g} {unit}" if count < 1000 * size else f"{count / size:,.0f} GB"
            )
    return plural(count, "byte")


def visible(text: str) -> str:
    """Return a text in one line, whatever a file may be called: what has no sign is spelled out."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def first_reason(skipped: Sequence[Skipped]) -> str:
    """Say why the first of some files was skipped."""
    if not skipped:
        return "there are none."
    more = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
    return f"{skipped[0].path} {skipped[0].reason}{more}."


def count_text(doing: str, done: int, total: int, rate: float) -> str:
    """Say how far a job over many pictures is, how fast it goes, and how long it will take."""
    text = f"{doing}: {done:,} of {total:,}"
    if rate <= 0 or done >= total:
        return text
    left = (total - done) / rate
    text += f" · {rate:,.0f} per second" if rate >= 1 else ""
    return f"{text} · {duration_text(left)} left" if left > _WORTH_SAYING else text


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


def shown_choice(choice: str) -> str:
    """Write a choice for a person: PCA, Cut gaussian, 0..1."""
    if choice in _ABBREVIATIONS:
        return choice.upper()
    if choice in _NAMES:
        return _NAMES[choice]
    return choice[0].upper() + choice[1:].replace("-", " ") if choice[0].isalpha() else choice


def judged_on(held_out: int) -> str:
    """Say which pictures the accuracy of a tuning is of."""
    if held_out:
        return f"on {plural(held_out, 'picture')} held out"
    return "on the pictures it was tuned on, as none were held out; that flatters"
