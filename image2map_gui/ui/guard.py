"""A guard for the methods that Qt calls: what goes wrong in them is told, and ends nothing."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def guarded(method: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Return an event handler out of which no exception comes; it is told as if one had.

    PySide6 6.9 to 6.11 end the whole program, with a segmentation fault, when an exception leaves
    most handlers of events. An answer, where Qt wants one, is "not handled" then.
    """

    @functools.wraps(method)
    def safely(*given: Given.args, **more: Given.kwargs) -> Answer:
        try:
            return method(*given, **more)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not get out
            sys.excepthook(type(error), error, error.__traceback__)
            return False  # type: ignore[return-value]

    return safely
