"""Action: one thing a person can do, as the table of actions holds it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from PySide6.QtGui import QKeySequence

from image2map_gui.ui.handlers.context import Context
from image2map_gui.ui.session.session import Session


@dataclasses.dataclass(frozen=True)
class Action:
    """One thing a person can do."""

    name: str
    menu: str
    text: str
    run: Callable[[Context], None]
    shortcut: str | QKeySequence.StandardKey = ""
    icon: str = ""
    tip: str = ""
    enabled: Callable[[Session], bool] = lambda session: True
    separated: bool = False
    title: Callable[[Session], str] | None = None  # a text that changes
    checked: Callable[[Session], bool] | None = None
