"""Safeguards: log, error reports, autosave and signals around a window, put together once."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Slot

from image2map_gui.ui.dialogs.error_dialog import ErrorDialog
from image2map_gui.ui.dialogs.recovery_dialog import RecoveryDialog
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.safety.crashes import CrashFile
from image2map_gui.ui.safety.errors import Errors, Report
from image2map_gui.ui.safety.log import LOGGER, start_log, stop_log
from image2map_gui.ui.safety.messages import MISTAKE
from image2map_gui.ui.safety.presence import Presence
from image2map_gui.ui.session.autosave import Autosave
from image2map_gui.ui.session.recovery import CRASH, Orphan, SideFile, left_by_others
from image2map_gui.ui.settings import Safety

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # not all of them everywhere
_TICK_MS = 100  # how soon Python hears of a signal while Qt waits
_SAVING_SECONDS = 1.2  # for what is not saved when the program is told to end
_SHOWN = 40  # mistakes of so many kinds are shown; the rest is logged


class Safeguards(QObject):
    """Sees to it that nothing is lost and nothing goes wrong in silence, while a window is open."""

    def __init__(self, window: MainWindow, folder: Path | None) -> None:
        super().__init__(window)
        self._window = window
        self._session = session = window.session
        self._orphans: tuple[Orphan, ...] = ()
        self._dialog: ErrorDialog | None = None
        self._shown: set[tuple[str, str]] = set()
        self._signal = 0
        window.log_file = start_log(folder)
        self.errors = Errors(self)
        self.errors.caught.connect(self._tell)
        self.errors.install()
        self.presence = Presence(None if folder is None else folder / "recovery")
        self._crashes = CrashFile(self.presence.file(CRASH))
        self.autosave = Autosave(session, SideFile(self.presence), self)
        self.autosave.failed.connect(session.failed)
        session.safety_changed.connect(self._set_safety)
        self._ticker = QTimer(self)
        self._ticker.timeout.connect(self._heed)
        self._ticker.start(_TICK_MS)
        self._before = {
            number: signal.signal(number, self._note)
            for number in (getattr(signal, name, None) for name in _ENDING)
            if number is not None
        }

    def start(self) -> None:
        """Begin, now that the window is there: offer what a crash has left."""
        self.autosave.set_interval(self._window.settings.safety.autosave)
        left = left_by_others(self.presence)
        for stack in left.stacks:
            LOGGER.critical("an earlier run of the program crashed\n%s", stack)
        if left.stacks:
            self._session.failed.emit(
                "Image2Map crashed the last time it ran; sorry for that. What is known of it "
                "stands in the log: Help > Show log folder."
            )
        if left.orphans:
            self._offer(left.orphans)

    def end(self) -> int:
        """End with the window; returns the exit code if a signal was the reason, else 0."""
        self._ticker.stop()
        self.autosave.halt()
        if not self._signal and (self._window.left or not self._session.unsaved):
            self.autosave.remove()
        for orphan in self._orphans:
            orphan.gone.release()
        self._crashes.close()
        if not self._session_is_kept:
            self.presence.leave()
        self.errors.uninstall()
        for number, handler in self._before.items():
            signal.signal(number, handler)
        LOGGER.info("ended")
        stop_log()
        return 128 + self._signal if self._signal else 0

    # --- after a crash ------------------------------------------------------------------------

    def _offer(self, orphans: tuple[Orphan, ...]) -> None:
        self._orphans = orphans
        dialog = RecoveryDialog(orphans, self._window)
        dialog.restored.connect(self._restore)
        dialog.discarded.connect(self._discard)
        dialog.open()

    @Slot(object)
    def _restore(self, orphan: Orphan) -> None:
        about, session = orphan.about, self._session
        path = Path(about.path) if about.path else None
        if not session.restore(orphan.file, path, about.original):
            return
        self._orphans = tuple(one for one in self._orphans if one is not orphan)
        self.autosave.adopt(orphan)
        text = f"Restored {about.name}; it is not saved yet."
        if about.unfinished:
            text += f" Map > Finish the training goes on after epoch {about.epochs:,}."
        session.noticed.emit(text)

    @Slot(object)
    def _discard(self, orphan: Orphan) -> None:
        self._orphans = tuple(one for one in self._orphans if one is not orphan)
        orphan.gone.discard()

    # --- mistakes in the program --------------------------------------------------------------

    @Slot(object)
    def _tell(self, report: Report) -> None:
        """Show a dialog for each kind of mistake, one at a time; the rest only counts."""
        self._session.messages.add(MISTAKE, report.summary, report.details)
        dialog = self._dialog
        if dialog is not None:
            if dialog.report.kind == report.kind:
                dialog.show_report(report)
            return
        if report.kind in self._shown or len(self._shown) >= _SHOWN:
            return
        self._shown.add(report.kind)
        self._dialog = ErrorDialog(report, self._window)
        self._dialog.finished.connect(self._closed)
        self._dialog.open()

    @Slot()
    def _closed(self) -> None:
        self._dialog = None

    # --- signals ------------------------------------------------------------------------------

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._signal = self._signal or number

    @Slot()
    def _heed(self) -> None:
        """End because the system says so: keep what is not saved, and ask nothing."""
        if not self._signal:
            return
        self._ticker.stop()
        try:
            kept = self.autosave.save_within(_SAVING_SECONDS)
            LOGGER.info("ended by signal %d, all kept: %s", self._signal, kept)
            self._window.leaving = True
            self._window.close()
        finally:
            QCoreApplication.exit(128 + self._signal)

    @Slot(object)
    def _set_safety(self, safety: Safety) -> None:
        self.autosave.set_interval(safety.autosave)

    @property
    def _session_is_kept(self) -> bool:
        side = self.presence.file(".json")
        return side is not None and side.exists()
