"""The saver: writes the project in a thread of its own, whatever else is running."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, Signal, Slot

from image2map_gui.core.errors import Image2MapError, ProjectError
from image2map_gui.core.files import Fingerprint
from image2map_gui.core.project.project import Project
from image2map_gui.core.project.save import Saving, UnconfirmedError, saving
from image2map_gui.ui.jobs.runner import Outcome, Runner
from image2map_gui.ui.safety.lock import Locks
from image2map_gui.ui.session.document import Document


@dataclasses.dataclass(frozen=True)
class Saved:
    """What has become of a saving: ``error`` is ``None`` if all of it is on the disk.

    ``open`` tells whether what was to be saved is still open.
    """

    path: Path
    error: Image2MapError | None = None
    open: bool = True


Then = Callable[[Saved], None]


@dataclasses.dataclass(frozen=True)
class _Wish:
    """What was to be saved when that was asked for, and where."""

    path: Path
    then: Then | None
    replace: bool
    project: Callable[[], Project]
    stamp: tuple[object, ...]
    expected: Fingerprint | None


class Saver(QObject):
    """Saves a document as it is at the moment when that is asked for.

    Of several wishes for the same path that wait, the last one counts.

    ``saved`` comes when everything is on the disk, with the path, whether the document is still
    what was saved, and whether the pictures came with it; ``failed`` only where nobody else is told
    what has become of it.
    """

    changed = Signal()  # it has begun, or ended
    progressed = Signal(float)
    saved = Signal(object, bool, bool)
    failed = Signal(str)
    broke = Signal(object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.locks = Locks()
        self._runner = Runner(self)
        self._runner.framed.connect(self._framed)
        self._runner.ended.connect(self._ended)
        self._wish: _Wish | None = None
        self._next: dict[Path, _Wish] = {}  # the first of them is the next
        self._stamp: tuple[object, ...] | None = None  # of what is being saved, if it is open
        self._ok = True

    @property
    def busy(self) -> bool:
        """Whether a project is being written."""
        return self._wish is not None

    @property
    def path(self) -> Path | None:
        """Where it is being written."""
        return None if self._wish is None else self._wish.path

    def save(self, path: Path, then: Then | None = None, *, replace: bool = False) -> None:
        """Save under a name; ``then`` is told what has become of it.

        With ``replace`` a file that was changed by somebody else is replaced.
        """
        document = self._document
        own = path == document.path and not replace
        expected = document.original if own else None
        wish = _Wish(path, then, replace, document.frozen(), document.contents(), expected)
        if self.busy:
            self._next.pop(path, None)  # it was asked for last
            self._next[path] = wish
        else:
            self._start(wish)

    def wait(self) -> bool:
        """Wait for the end of what is being saved; returns whether the last saving worked.

        The window goes on being painted, but listens to nobody. If the program has to end
        meanwhile, it is not waited any longer.
        """
        while self.busy:
            loop = QEventLoop()
            self.changed.connect(loop.quit)
            if loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents) < 0:
                return False  # nothing is heard any more, not even that it has ended
        return self._ok

    def forget(self) -> None:
        """Go on saving what was open until now, but that is all: something else is open."""
        self._stamp = None
        waiting, self._next = tuple(self._next.values()), {}
        if not self.busy:
            self.locks.keep(None)
        for wish in waiting:
            text = f"{wish.path}: was not saved, since something else was opened before."
            self._tell(wish, ProjectError(text), still_open=False)

    def halt(self) -> None:
        """Stop saving; what was at the path is still there."""
        self._runner.halt()
        self._wish = None
        self._next.clear()
        self.locks.keep(None)

    def _start(self, wish: _Wish) -> None:
        self._wish, self._stamp, self._ok = wish, wish.stamp, False
        holder = self.locks.take(wish.path)
        if holder:
            self._end(
                ProjectError(
                    f"{wish.path}: is open in another window ({holder}); save under another name."
                )
            )
            return
        self._runner.start(_steps(wish.project, wish.path, wish.expected))
        self.changed.emit()

    @Slot(object, object)
    def _framed(self, step: Saving, _drawing: object) -> None:
        self.progressed.emit(step.fraction)

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        last = outcome.last
        if isinstance(outcome.error, UnconfirmedError):
            self._take_over_unsure(outcome.error.made)
        if outcome.error is not None or not isinstance(last, Saving) or last.fingerprint is None:
            self._end(self._told(outcome.error))
            return
        self._take_over(last.fingerprint, embedded=last.embedded)
        self._end(None)

    def _take_over(self, made: Fingerprint, *, embedded: bool) -> None:
        """Note where the document is saved now."""
        document, wish, stamp = self._document, self._wish, self._stamp
        if stamp is None or wish is None:
            return  # something else is open
        same = all(one is other for one, other in zip(stamp, document.contents(), strict=True))
        self._note(wish, made)
        self.saved.emit(wish.path, same, embedded)

    def _take_over_unsure(self, made: Fingerprint) -> None:
        """Note that the file there is this document's, which is not safe on the disk yet."""
        document, wish = self._document, self._wish
        if self._stamp is not None and wish is not None:
            self._note(wish, made)
            document.modified = document.touched = True

    def _note(self, wish: _Wish, made: Fingerprint) -> None:
        """Note what the document's own file is; what waits for it may replace it."""
        self._document.path, self._document.original = wish.path, made
        after = self._next.get(wish.path)
        if after is not None and not after.replace:
            self._next[wish.path] = dataclasses.replace(after, expected=made)

    def _told(self, error: Exception | None) -> Image2MapError:
        """Return an error that can be shown to a person."""
        if isinstance(error, Image2MapError):
            return error
        where = "" if self._wish is None else f"{self._wish.path}: "
        if isinstance(error, MemoryError):
            return ProjectError(f"{where}could not be saved: there is not enough memory.")
        if error is not None:
            self.broke.emit(error)
        return ProjectError(f"{where}could not be saved; nothing was changed there.")

    def _end(self, error: Image2MapError | None) -> None:
        wish, self._wish, self._ok = self._wish, None, error is None
        self.locks.keep(self._document.path)
        if wish is not None:
            self._tell(wish, error, still_open=self._stamp is not None)
        if self._next and not self.busy:
            self._start(self._next.pop(next(iter(self._next))))
        self.changed.emit()

    def _tell(self, wish: _Wish, error: Image2MapError | None, *, still_open: bool) -> None:
        if wish.then is not None:
            wish.then(Saved(wish.path, error, still_open))
        elif error is not None:
            self.failed.emit(str(error))


def _steps(
    project: Callable[[], Project], path: Path, expected: Fingerprint | None
) -> Iterator[Saving]:
    yield Saving(0, 1)
    yield from saving(project(), path, expected=expected)
