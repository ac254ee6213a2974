"""The exporter: writes what others are to have, as the work of the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QObject, Signal

from image2map_gui.ui.jobs.export_jobs import Exporting
from image2map_gui.ui.jobs.runner import Outcome
from image2map_gui.ui.session.work import Work

Then = Callable[[Exporting], None]


class Exporter(QObject):
    """Starts exports, and says what has come of them."""

    noticed = Signal(str)

    def __init__(self, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work

    def export(self, steps: Iterable[Exporting], then: Then | None = None) -> None:
        """Write something; ``then`` is called with the last step once it is done."""
        if self._work.free("This can be exported when the running job has ended."):
            self._work.run("exporting", steps, partial(self._keep, then))

    def _keep(self, then: Then | None, outcome: Outcome) -> None:
        last = outcome.last
        if outcome.error is not None or not isinstance(last, Exporting):
            return
        if last.said:
            self.noticed.emit(last.said)
        if then is not None and outcome.completed:
            then(last)
