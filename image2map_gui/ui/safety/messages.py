"""The messages of this run of the program: the last notices and errors, to be read again."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from PySide6.QtCore import QObject, Signal, Slot

from image2map_gui.ui.safety.log import LOGGER, printable

NOTICE, ERROR, MISTAKE = "Notice", "Error", "Mistake in the program"
_MOST = 300


@dataclasses.dataclass(frozen=True)
class Message:
    """One of them; ``details`` are for those who mend the program, ``count`` says how often."""

    kind: str
    text: str
    when: datetime
    details: str = ""
    count: int = 1


class Messages(QObject):
    """Keeps the newest messages; one that comes again at once is only counted."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[Message] = []

    @property
    def all(self) -> tuple[Message, ...]:
        """All that are kept, the oldest first."""
        return tuple(self._all)

    def add(self, kind: str, text: str, details: str = "") -> None:
        """Keep a message."""
        last = self._all[-1] if self._all else None
        now = datetime.now().astimezone()
        if last is not None and (last.kind, last.text) == (kind, text):
            self._all[-1] = dataclasses.replace(last, when=now, count=last.count + 1)
        else:
            self._all.append(Message(kind, text, now, details))
            del self._all[:-_MOST]
        self.changed.emit()

    @Slot(str)
    def add_notice(self, text: str) -> None:
        """Keep a remark."""
        LOGGER.info("%s", printable(text))
        self.add(NOTICE, text)

    @Slot(str)
    def add_error(self, text: str) -> None:
        """Keep what went wrong for a reason that a person can understand."""
        LOGGER.warning("%s", printable(text))
        self.add(ERROR, text)

    def clear(self) -> None:
        """Forget all of them."""
        self._all.clear()
        self.changed.emit()
