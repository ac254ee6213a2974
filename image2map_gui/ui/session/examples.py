"""Makes pictures before and after their preparation, whenever the settings have changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from image2map_gui.core.images.example import Example, Exemplifying, make_examples
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.ui.jobs.runner import Outcome, Runner

_AFTER_MS = 120  # since the last wish; a spin box sends many


class Examples(QObject):
    """The examples of the newest wish, as they come."""

    changed = Signal()
    completed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.made: dict[str, Example] = {}
        self._wish: tuple[tuple[Source, ...], ImageSpec | None] = ((), None)
        self._runner = Runner(self)
        self._runner.framed.connect(self._framed)
        self._runner.ended.connect(self._ended)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(self._make)

    def ask(self, sources: Sequence[Source], spec: ImageSpec | None) -> None:
        """Wish for some pictures, prepared in some way; an older wish is forgotten."""
        wish = tuple(sources), spec
        if wish != self._wish:
            self._wish = wish
            self._timer.start()

    def halt(self) -> None:
        """End the job and wait for it."""
        self._timer.stop()
        self._runner.halt()

    @Slot()
    def _make(self) -> None:
        sources, spec = self._wish
        self._runner.halt()
        if sources and spec is not None:
            self._runner.start(make_examples(sources, spec))

    @Slot(object, object)
    def _framed(self, value: Exemplifying, _painted: object) -> None:
        self.made |= _by_address(value)  # until all are there, the others stay as they were
        self.changed.emit()

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        if outcome.completed:
            self.made = _by_address(outcome.last)
            self.changed.emit()
            self.completed.emit()


def _by_address(value: Exemplifying) -> dict[str, Example]:
    return {example.source.address: example for example in value.examples}
