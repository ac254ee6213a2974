"""The bars a run is held to: one row per figure that was measured, and the tables of all rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest


@dataclasses.dataclass(frozen=True)
class Row:
    """One figure beside its bar; ``met`` is ``None`` where nothing could be measured."""

    what: str
    measured: str
    figure: str
    bar: str
    met: bool | None

    @property
    def verdict(self) -> str:
        """What the last column of the table says."""
        return {True: "pass", False: "MISS", None: "-"}[self.met]

    def __str__(self) -> str:
        return f"{self.what}: {self.figure} ({self.measured}), bar {self.bar}"


class Bars:
    """All rows of a run, in the order in which they were measured."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def at_most(self, what: str, value: float, bar: float, unit: str, measured: str) -> Row:
        """Add a figure that must not be above its bar."""
        return self._add(what, value, f"<= {bar:g}{unit}", value <= bar, unit, measured)

    def at_least(self, what: str, value: float, bar: float, unit: str, measured: str) -> Row:
        """Add a figure that must not be below its bar."""
        return self._add(what, value, f">= {bar:g}{unit}", value >= bar, unit, measured)

    def skip(self, what: str, why: str) -> None:
        """Leave a row out of the judgement, visibly, and end its test."""
        self.rows.append(Row(what, why, "-", "-", None))
        pytest.skip(why)

    def _add(self, what: str, value: float, bar: str, met: bool, unit: str, measured: str) -> Row:
        row = Row(what, measured, f"{value:.3g}{unit}", bar, met)
        self.rows.append(row)
        return row


def missed(*rows: Row) -> str:
    """Name the rows that missed their bars; empty if none did."""
    return "; ".join(str(row) for row in rows if not row.met)


@dataclasses.dataclass(frozen=True)
class Cost:
    """What an epoch costs at one size."""

    series: str
    images: int
    units: int
    values: int
    batch: float
    online: float

    @property
    def comparisons(self) -> int:
        """How many values are compared in an epoch."""
        return self.images * self.units * self.values

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the table: batch per epoch and per image, online per image."""
        return (
            self.series,
            f"{self.images:,}",
            f"{self.units:,}",
            f"{self.values:,}",
            f"{1e3 * self.batch:,.0f} ms",
            f"{1e6 * self.batch / self.images:.1f} us",
            f"{1e6 * self.online:.0f} us",
        )


def bars_table(rows: Sequence[Row]) -> list[str]:
    """Return the lines of the table of bars."""
    head = ("what", "measured", "ratio", "bar", "")
    return lines_of(head, [(r.what, r.measured, r.figure, r.bar, r.verdict) for r in rows])


def costs_table(costs: Sequence[Cost]) -> list[str]:
    """Return the lines of the table of cost against size."""
    head = ("varied", "images", "units", "values", "batch epoch", "per image", "online image")
    return lines_of(head, [cost.cells for cost in costs])


def lines_of(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Lay out columns of text, each as wide as its widest cell."""
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    ruler = tuple("-" * width for width in widths)
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, ruler, *rows)
    ]
