"""Checks of what a project file says, each with the checked value for its answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def require(holds: bool) -> None:
    """Refuse a file that does not agree with itself."""
    if not holds:
        raise ValueError("the project does not agree with itself")


def is_place(value: Any, things: Sequence[Any]) -> bool:
    """Whether this is the place of one of the things."""
    return type(value) is int and 0 <= value < len(things)


def plain_list(value: Any) -> list[Any]:
    """Return a list."""
    require(isinstance(value, list))
    return list(value)


def texts(value: Any, count: int | None = None) -> tuple[str, ...]:
    """Return texts, exactly ``count`` of them if that is given."""
    found = tuple(plain_list(value))
    require(all(isinstance(text, str) for text in found))
    require(count is None or len(found) == count)
    return found


def whole(value: Any) -> int:
    """Return a whole number."""
    require(type(value) is int)
    return int(value)


def number(value: Any) -> float:
    """Return a finite number, NaN for null."""
    require(value is None or type(value) in (int, float))
    return math.nan if value is None else float(value)
