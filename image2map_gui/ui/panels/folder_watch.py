"""Adds pictures that come into the folders of the collection, for who wants that."""

from __future__ import annotations

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Slot

from image2map_gui.core.images.sources import Found, Source
from image2map_gui.core.images.watching import (
    Facts,
    Glance,
    glancing,
    labelled_like,
    settled,
    top_folders,
)
from image2map_gui.ui.jobs.runner import Outcome, Runner
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.wording import plural

MOST_FOLDERS = 500  # systems have room for some thousand of such watches, for all programs
_SETTLE_MS = 1000  # a file that has not changed for so long is complete


class FolderWatch(QObject):
    """Watches folders while the session wants it.

    Pictures that were there when the watch began are never added: who took them out of the
    collection does not want them back.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._watcher = QFileSystemWatcher(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._job = Runner(self)
        self._seen: set[str] | None = None  # addresses; None before the first look
        self._tops: tuple[str, ...] = ()
        self._facts: Facts = {}
        self._watcher.directoryChanged.connect(self._changed)
        self._timer.timeout.connect(self._look)
        self._job.ended.connect(self._looked)
        session.watching_changed.connect(self._switch)

    def stop(self) -> None:
        """Watch nothing any more; to be called before the window goes."""
        self._timer.stop()
        self._job.halt()
        if self._watcher.directories():
            self._watcher.removePaths(self._watcher.directories())
        self._seen = None
        self._facts = {}

    @Slot()
    def _switch(self) -> None:
        self.stop()
        session = self._session
        if not session.watching:
            return
        self._tops = session.folders or top_folders(session.sources)
        if not self._tops:
            session.noticed.emit("There is no folder to watch: these pictures lie in none.")
            session.watch(on=False)
            return
        self._look()

    @Slot()
    def _changed(self) -> None:
        """Look in a moment; not later for changes that go on and on."""
        if not self._timer.isActive():
            self._timer.start(_SETTLE_MS)

    @Slot()
    def _look(self) -> None:
        if self._session.activity or self._job.busy:
            self._timer.start(_SETTLE_MS)
        else:
            self._job.start(glancing(self._tops, self._known(), self._session.pages))

    def _known(self) -> frozenset[str]:
        """Return what is there and what ever was: what was taken out is not to come back."""
        there = {source.address for source in self._session.sources}
        if self._seen is not None:
            self._seen |= there
        return frozenset(there if self._seen is None else self._seen)

    @Slot(object)
    def _looked(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        now = outcome.last
        if not isinstance(now, Glance) or not now.ready or not self._session.watching:
            return
        left_out = self._watch(now.folders)
        if self._seen is None:
            known = (*now.fresh, *self._session.sources)
            self._seen = {source.address for source in known}
            self._tell(len(now.folders), left_out)
            return
        complete = settled(now, self._facts)
        self._facts = now.facts
        if len(complete) < len(now.fresh):
            self._timer.start(_SETTLE_MS)  # some may still be being written
        if complete:
            self._add(complete)

    def _add(self, fresh: tuple[Source, ...]) -> None:
        session = self._session
        if session.activity:
            self._timer.start(_SETTLE_MS)
            return
        if self._seen is not None:
            self._seen.update(source.address for source in fresh)
        session.noticed.emit(f"{plural(len(fresh), 'new picture')} in the watched folder.")
        session.add_found(Found(labelled_like(fresh, session.sources), ()))

    def _watch(self, folders: tuple[str, ...]) -> int:
        """Watch folders as far as there is room, and return how many are left out."""
        wanted = [folder for folder in folders[:MOST_FOLDERS] if folder.isprintable()]
        fresh = set(wanted) - set(self._watcher.directories())
        if fresh:
            self._watcher.addPaths(sorted(fresh))
        return len(folders) - len(self._watcher.directories())

    def _tell(self, folders: int, left_out: int) -> None:
        if left_out > 0:
            self._session.noticed.emit(
                f"Watching {folders - left_out:,} of {folders:,} folders; the others are looked at "
                "when something changes in these."
            )
        else:
            self._session.noticed.emit(f"Watching {plural(folders, 'folder')} for new pictures.")
