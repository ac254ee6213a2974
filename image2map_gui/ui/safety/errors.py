"""Errors that nobody foresaw: caught wherever they happen, logged, and told once."""

from __future__ import annotations

import dataclasses
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
)

from image2map_gui.ui.safety.log import LOGGER, printable, shortened, versions_text

_OF_QT = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_WORTH_TELLING = (1, 2, 3, 10, 30, 100, 300, 1000)  # of the times that the same happens
_MOST_KINDS = 200
_PLACES = 4  # that tell two kinds of mistakes apart


@dataclasses.dataclass(frozen=True)
class Report:
    """A mistake in the program: what it is in a line, all about it, and how often it happened."""

    kind: tuple[str, str]
    summary: str
    trace: str
    count: int

    @property
    def details(self) -> str:
        """All that those who mend the program want to know; nothing of whose computer it is."""
        times = f" ({self.count:,} times)" if self.count > 1 else ""
        return f"{self.summary}{times}\n\n{shortened(self.trace).strip()}\n\n{versions_text()}\n"


class Errors(QObject):
    """Catches exceptions of slots, timers, painting and threads, and what Qt has to say.

    ``caught`` comes in the thread of the window, for each kind of mistake when it happens first,
    and later on with the number of times, so that one in a paintEvent is no avalanche. Whoever was
    listening before hears of everything too.
    """

    caught = Signal(object)
    _happened = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._counts: dict[tuple[str, str], int] = {}
        self._guard = threading.local()
        self._lock = threading.Lock()
        self._before: tuple[Any, ...] | None = None
        # Also from the window's own thread: nothing is shown in the middle of a painting.
        self._happened.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Listen from now on."""
        if self._before is not None:
            return
        hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
        self._before = (*hooks, qInstallMessageHandler(self._qt_said))
        sys.excepthook = self._exception
        threading.excepthook = self._exception_in_thread
        sys.unraisablehook = self._unraisable

    def uninstall(self) -> None:
        """Leave it to those who listened before, unless somebody else listens by now."""
        if self._before is None:
            return
        ours = self._exception, self._exception_in_thread, self._unraisable
        if sys.excepthook == ours[0]:
            sys.excepthook = self._before[0]
        if threading.excepthook == ours[1]:
            threading.excepthook = self._before[1]
        if sys.unraisablehook == ours[2]:
            sys.unraisablehook = self._before[2]
        now = qInstallMessageHandler(self._before[3])
        if now != self._qt_said:
            qInstallMessageHandler(now)
        self._before = None

    # --- who calls ----------------------------------------------------------------------------

    def _exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        count = 1
        if not issubclass(kind, KeyboardInterrupt):
            count = self._note(error, trace, threading.current_thread().name)
        before = self._before[0] if self._before is not None else sys.__excepthook__
        if before is not sys.__excepthook__ or count in _WORTH_TELLING:
            before(kind, error, trace)

    def _exception_in_thread(self, given: threading.ExceptHookArgs) -> None:
        if self._before is not None:
            self._before[1](given)
        if given.exc_value is not None:
            name = given.thread.name if given.thread is not None else ""
            self._note(given.exc_value, given.exc_traceback, name)

    def _unraisable(self, given: Any) -> None:
        if self._before is not None:
            self._before[2](given)
        if given.exc_value is not None:
            self._note(given.exc_value, given.exc_traceback, "where nobody could be told")

    def _qt_said(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        LOGGER.log(_OF_QT.get(kind, logging.WARNING), "Qt: %s", printable(text))
        before = self._before[3] if self._before is not None else None
        if before is not None:
            before(kind, context, text)
        elif kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and sys.stderr is not None:
            sys.stderr.write(f"{text}\n")

    # --- what becomes of it -------------------------------------------------------------------

    def _note(self, error: BaseException, trace: TracebackType | None, where: str) -> int:
        """Note a mistake; returns how often it has happened."""
        if getattr(self._guard, "inside", False):
            return 1  # a mistake in here must not come back in here
        self._guard.inside = True
        try:
            report = self._counted(error, trace)
            if report.count in _WORTH_TELLING:
                LOGGER.error("%s, in %s\n%s", report.summary, where, printable(report.trace))
            self._happened.emit(report)
            return report.count
        except Exception:  # noqa: BLE001 - there is nobody left who could be told
            LOGGER.critical("the report of an error failed\n%s", traceback.format_exc())
            return 1
        finally:
            self._guard.inside = False

    def _counted(self, error: BaseException, trace: TracebackType | None) -> Report:
        kind = type(error).__name__, _place(trace)
        with self._lock:
            if len(self._counts) > _MOST_KINDS:
                kind = "", ""
            self._counts[kind] = count = self._counts.get(kind, 0) + 1
        text = "".join(traceback.format_exception(type(error), error, trace, limit=-40))
        summary = printable(shortened(f"{type(error).__name__}: {error}")[:300])
        return Report(kind, summary, text, count)

    @Slot(object)
    def _tell(self, report: Report) -> None:
        if report.count in _WORTH_TELLING or report.count % _WORTH_TELLING[-1] == 0:
            self.caught.emit(report)


def report_error(error: BaseException) -> None:
    """Let an exception that was caught be told as if nobody had caught it."""
    hook: Callable[..., object] = sys.excepthook
    hook(type(error), error, error.__traceback__)


def _place(trace: TracebackType | None) -> str:
    """Return where an exception came from: the last calls on the way there."""
    frames = traceback.extract_tb(trace)[-_PLACES:]
    return " ".join(f"{frame.filename}:{frame.lineno}" for frame in frames)
