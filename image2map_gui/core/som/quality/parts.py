"""Figures that take long, worked out part by part."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias, TypeVar

Value = TypeVar("Value")
Parts: TypeAlias = Generator[float, None, Value]  # yields the share that is done


def whole(parts: Generator[object, None, Value]) -> Value:
    """Work out all parts at once and return the figure."""
    try:
        while True:
            next(parts)
    except StopIteration as end:
        figure: Value = end.value
        return figure


def within(low: float, high: float, parts: Parts[Value]) -> Parts[Value]:
    """Pass parts on as the share of the work from ``low`` to ``high`` that they are."""
    try:
        while True:
            yield low + (high - low) * next(parts)
    except StopIteration as end:
        figure: Value = end.value
        return figure
