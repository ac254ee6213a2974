"""The classified pictures: asks where pictures belong, beside whatever else is running."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from image2map_gui.core.analysis.classify import Classifying, Match, match_vectors
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.model import MapModel
from image2map_gui.ui.jobs.answer_jobs import Ground, Memory, answer, answer_again, as_read
from image2map_gui.ui.jobs.runner import Outcome, Runner
from image2map_gui.ui.wording import first_reason, plural

_WAY_SECONDS = 0.5
_AT_ONCE = 10**8  # products of numbers: so much is done within the thread of the window

_Steps = Callable[[Ground], Iterator[Classifying]]


class Answers(QObject):
    """The matches found so far, the newest first, and the jobs that find more, one after another.

    ``rules`` say how pictures are answered; when they change, all matches are answered anew.
    ``look`` returns the map as it is when a job begins, ``None`` if there is none.
    """

    changed = Signal()
    found = Signal(object)
    busy_changed = Signal()
    rules_changed = Signal()
    noticed = Signal(str)
    failed = Signal(str)
    broke = Signal(object)

    def __init__(
        self, beside: Runner, look: Callable[[], Ground | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._beside = beside  # gives way to a question, for a moment
        self._look = look
        self.matches: list[Match] = []
        self.kept: frozenset[str] = frozenset()  # addresses that outlast a clearing
        self.rules = Rules()
        self._waiting: deque[_Steps] = deque()
        self._memory = Memory()
        self._repeating = False  # the job answers the matches anew
        self._outdated = False  # it will have to be done once more
        self._runner = Runner(self)
        self._runner.ended.connect(self._ended)

    @property
    def busy(self) -> bool:
        """Whether pictures are being classified."""
        return self._runner.busy

    def ground(self) -> Ground | None:
        """Return what answers stand on now, ``None`` without a map."""
        return self._look()

    # --- asking -----------------------------------------------------------------------------

    def ask(self, paths: Sequence[str | Path], pages: str = "first") -> None:
        """Find out where the pictures at some paths belong, after those asked about before."""
        self._waiting.append(lambda ground: answer(ground, self.rules, paths, pages, self._memory))
        if self.busy:
            waiting = plural(len(self._waiting), "drop")
            wait = "waits" if len(self._waiting) == 1 else "wait"
            self.noticed.emit(f"Pictures are being classified; {waiting} {wait} for them.")
        self._go_on()

    def set_rules(self, rules: Rules) -> None:
        """Answer by other rules from now on, also what was answered before."""
        if rules != self.rules:
            self.rules = rules
            self.rules_changed.emit()
            self._repeat()

    def move_to(self, model: MapModel) -> None:
        """Answer all matches anew on another map of the same kind, at once if that is soon done."""
        soon = self.matches and not self.busy and not self.rules.needs_pictures
        if soon and _work_of(model, len(self.matches)) <= _AT_ONCE:
            self.matches = list(match_vectors(model, as_read(model, self.matches), self.rules))
            self.changed.emit()
        else:
            self._repeat()

    def _repeat(self) -> None:
        """Answer all matches anew; what is being answered stands on the map or rules before, too.

        So it is answered once more when it has ended.
        """
        self._outdated = self.busy or bool(self.matches)
        self._go_on()

    def _go_on(self) -> None:
        """Start the next job unless one is running."""
        self._outdated = self._outdated and (self.busy or bool(self.matches))
        if self.busy or not (self._waiting or self._outdated):
            return
        ground = self._look()
        if ground is None:
            self._waiting.clear()
            self._outdated = False
            return
        self._repeating = not self._waiting
        if self._waiting:
            steps = self._waiting.popleft()(ground)
        else:
            self._outdated = False
            steps = answer_again(ground, self.rules, tuple(self.matches), self._memory)
        self._beside.give_way(_WAY_SECONDS)
        self._runner.start(steps)
        self.busy_changed.emit()

    # --- what was found ---------------------------------------------------------------------

    def clear(self) -> None:
        """Forget all matches but those that are kept; if there are only such, forget these."""
        kept = [match for match in self.matches if match.source.address in self.kept]
        self.matches = kept if len(kept) < len(self.matches) else []
        self.kept = self.kept if self.matches else frozenset()
        self.changed.emit()

    def remove(self, addresses: Collection[str]) -> None:
        """Forget some matches."""
        self.matches = [one for one in self.matches if one.source.address not in addresses]
        self.kept -= frozenset(addresses)
        self.changed.emit()

    def keep(self, addresses: Collection[str], *, on: bool) -> None:
        """Let some matches outlast a clearing, or not any more."""
        fresh = frozenset(addresses)
        self.kept = self.kept | fresh if on else self.kept - fresh
        self.changed.emit()

    def forget(self) -> None:
        """Forget everything: the map that all this was about has gone."""
        if self.busy:
            self.halt()
            self._beside.go_on()
            self.busy_changed.emit()
        self.matches, self.kept = [], frozenset()
        self._memory = Memory()

    def halt(self) -> None:
        """End the job and wait for it; what waits is forgotten."""
        self._waiting.clear()
        self._outdated = False
        self._runner.halt()

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        self._beside.go_on()
        if outcome.error is not None:
            self.broke.emit(outcome.error)
        elif isinstance(outcome.last, Classifying) and outcome.completed:
            (self._replace if self._repeating else self._keep)(outcome.last)
        self._go_on()
        self.busy_changed.emit()

    def _replace(self, last: Classifying) -> None:
        """Take over answers to matches that are still there."""
        fresh = {match.source.address: match for match in last.matches}
        self.matches = [fresh.get(match.source.address, match) for match in self.matches]
        self.changed.emit()

    def _keep(self, last: Classifying) -> None:
        if last.skipped:
            count = f"{len(last.skipped):,} files" if len(last.skipped) > 1 else "1 file"
            self.failed.emit(f"{count} could not be classified: {first_reason(last.skipped)}")
        if last.matches:
            known = {match.source.address for match in last.matches}
            older = [match for match in self.matches if match.source.address not in known]
            self.matches = [*last.matches, *older]
            self.changed.emit()
            self.found.emit(last.matches[0])


def _work_of(model: MapModel, matches: int) -> int:
    """Return how many products it takes to answer so many pictures, and to get ready for it."""
    units, values = model.weights.shape
    return int((units + matches) * units * values)
