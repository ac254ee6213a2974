"""Runs the program's window as the command does, and does one thing in it; tests kill it."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QThread, QTimer, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from image2map_gui.core.project.load import load_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui import app, safeguards
from image2map_gui.ui.dialogs.error_dialog import ErrorDialog
from image2map_gui.ui.dialogs.recovery_dialog import RecoveryDialog
from image2map_gui.ui.jobs import answer_jobs, jobs
from image2map_gui.ui.jobs.export_jobs import Exporting
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.recovery import ABOUT

_SOON_MS = 50


def say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


class Act(QObject):
    """What is done in the window, one method for each way to start this script."""

    def __init__(self, window: MainWindow, guard: safeguards.Safeguards) -> None:
        super().__init__(window)
        self.window = window
        self.session = window.session
        self.guard = guard
        self.session.failed.connect(self.say_failure)
        self.session.epoch_ended.connect(self.say_epoch)
        guard.autosave.written.connect(self.say_written)

    @Slot(str)
    def say_failure(self, text: str) -> None:
        say(failed=text)

    @Slot(object)
    def say_epoch(self, figures: object) -> None:
        say(epoch=len(self.session.history))

    @Slot()
    def say_written(self) -> None:
        about = json.loads(self.guard.presence.file(ABOUT).read_text("utf-8"))
        say(written=True, kept=about["epochs"])

    def soon(self, do: Callable[[], None], after: int = _SOON_MS) -> None:
        QTimer.singleShot(after, self, do)

    def leave(self) -> None:
        """Close without saving."""
        self.window.leaving = True
        self.window.close()

    # --- training -----------------------------------------------------------------------------

    def train(self, epochs: str = "100000") -> None:
        """Train what is opened by the command, for as long as nobody kills it."""
        if not self.session.sources or self.session.activity:
            self.soon(lambda: self.train(epochs))
            return
        self.session.set_params(SomParams(rows=12, columns=12, epochs=int(epochs)))
        self.session.train()

    def train_and_leave(self) -> None:
        """Train a little, and discard it all."""
        self.train("3")
        self.leave_when_trained()

    def leave_when_trained(self) -> None:
        if self.session.model is None or self.session.activity:
            self.soon(self.leave_when_trained)
        else:
            self.soon(self.leave, 600)

    def look_and_stay(self) -> None:
        """Say what is offered, and stay open."""
        self.tell_offer()

    def ask(self) -> None:
        """Open a dialog that waits for an answer."""
        self.soon(lambda: say(ready=True), 100)
        self.window.actions_by_name["about"].trigger()

    def wait(self) -> None:
        """Do nothing until somebody ends it."""
        say(ready=True)

    # --- after a crash ------------------------------------------------------------------------

    def look(self) -> None:
        """Say what is offered, and leave it for later."""
        self.tell_offer()
        self.leave()

    def restore(self) -> None:
        """Restore what is offered, say what came of it, and end without any farewell."""
        dialog = self.tell_offer()
        if dialog is not None:
            dialog.restore.click()
        self.tell_open()
        self.soon(lambda: os._exit(0), 0)

    def restore_and_finish(self) -> None:
        """Restore, train to the end, and say what came of it."""
        dialog = self.tell_offer()
        assert dialog is not None
        dialog.restore.click()
        say(unfinished=self.session.unfinished)
        self.session.finish_training()
        self.tell_when_trained()

    def tell_when_trained(self) -> None:
        if self.session.activity or self.session.unfinished:
            self.soon(self.tell_when_trained)
        else:
            self.tell_open()
            self.leave()

    def discard(self) -> None:
        """Discard what is offered."""
        dialog = self.tell_offer()
        if dialog is not None:
            dialog.discard.click()
        self.leave()

    def tell_offer(self) -> RecoveryDialog | None:
        found = self.window.findChildren(RecoveryDialog)
        say(offers=len(found), message=self.window.status_line.message)
        if not found:
            return None
        dialog = found[0]
        texts = [dialog.list.item(row).text() for row in range(dialog.list.count())]
        say(head=dialog.head.text(), means=dialog.means.text(), entries=texts)
        return dialog

    def tell_open(self) -> None:
        session = self.session
        say(
            path=None if session.path is None else str(session.path),
            modified=session.modified,
            history=len(session.history),
            sources=len(session.sources),
            model=session.model is not None,
            message=self.window.status_line.message,
        )

    # --- jobs that break ----------------------------------------------------------------------

    def fail_training(self) -> None:
        """Train until an epoch in which something breaks."""
        jobs.train_map = broken_after(jobs.train_map, lambda step: step.epoch >= 5)
        self.train("1000")
        self.tell_failed(4)

    def fail_reading(self) -> None:
        """Open other pictures, in whose reading something breaks."""
        self.when_trained(self.read_and_fail)

    def read_and_fail(self) -> None:
        jobs.read_dataset = broken_after(jobs.read_dataset, lambda step: True)
        self.session.open_pictures([self.folder])
        self.tell_failed(3)

    def fail_classifying(self) -> None:
        """Classify pictures, in which something breaks."""
        self.when_trained(self.classify_and_fail)

    def classify_and_fail(self) -> None:
        answer_jobs.finding = broken_after(answer_jobs.finding, lambda step: True)
        self.session.classify([self.folder])
        self.tell_failed(3)

    def fail_export(self) -> None:
        """Export something, in which something breaks."""
        self.when_trained(self.export_and_fail)

    def export_and_fail(self) -> None:
        steps = iter([Exporting(0.5, "Writing")])
        self.session.export(broken_after(lambda: steps, lambda step: True)())
        self.tell_failed(3)

    def when_trained(self, then: Callable[[], None]) -> None:
        """Train for three epochs, then do something."""
        if not self.session.sources or self.session.activity:
            self.soon(lambda: self.when_trained(then))
        elif self.session.model is None:
            self.train("3")
            self.soon(lambda: self.when_trained(then))
        else:
            then()

    @property
    def folder(self) -> Path:
        return Path(self.session.sources[0].path).parent

    def tell_failed(self, least: int) -> None:
        """Say what is seen of a failure, and whether what there was can be saved."""
        dialogs = [one for one in self.window.findChildren(ErrorDialog) if one.isVisible()]
        if not dialogs or self.session.activity or self.session.answering:
            self.soon(lambda: self.tell_failed(least))
            return
        say(
            dialogs=len(dialogs),
            activity=self.session.activity,
            status=self.window.status_line.message,
            history=len(self.session.history),
            least=least,
        )
        path = Path.home() / "kept.i2m"
        self.session.save(path)
        self.tell_saved(path)

    def tell_saved(self, path: Path) -> None:
        if path.exists() and not self.session.modified:
            say(saved=load_project(path).model is not None)
            self.leave()
        else:
            self.soon(lambda: self.tell_saved(path))

    # --- mistakes -----------------------------------------------------------------------------

    def abort(self) -> None:
        """Die as a native library dies."""
        self.soon(os.abort, 0)

    def mistakes(self) -> None:
        """Make every kind of mistake, and say what is seen of them."""
        self.painter = _Painter()
        self.painter.show()
        self.thread = _Thread(self)
        self.thread.start()
        python = threading.Thread(target=_fail, args=("in a Python thread",))
        python.start()
        python.join()
        self.soon(lambda: _fail("in a slot"), 0)
        self.ticker = QTimer(self)
        self.ticker.timeout.connect(_fail_in_timer)
        self.ticker.start(5)
        self.most = 0
        self.watcher = QTimer(self)
        self.watcher.timeout.connect(self.count_dialogs)
        self.watcher.start(10)
        self.soon(self.tell_mistakes, 900)

    def count_dialogs(self) -> None:
        self.painter.update()
        dialogs = self.window.findChildren(ErrorDialog)
        self.most = max(self.most, len([one for one in dialogs if one.isVisible()]))

    def tell_mistakes(self) -> None:
        self.ticker.stop()
        self.watcher.stop()
        self.thread.wait()
        self.painter.hide()
        shown = [message for message in self.session.messages.all if message.details]
        say(most=self.most, painted=self.painter.count, entries=len(shown))
        say(texts=sorted({message.text for message in shown}), details=shown[0].details)
        self.leave()


class _Painter(QWidget):
    """Makes a mistake whenever it is painted."""

    count = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.count += 1
        _fail("in a paintEvent")


class _Thread(QThread):
    def run(self) -> None:
        _fail("in a QThread")


def _fail(where: str) -> None:
    raise ArithmeticError(where)


def _fail_in_timer() -> None:
    _fail("in a timer")


def broken_after(
    steps: Callable[..., Iterator[Any]], when: Callable[[Any], bool]
) -> Callable[..., Iterator[Any]]:
    """Return steps that break when one of them is as it is said."""

    def broken(*arguments: Any, **options: Any) -> Iterator[Any]:
        made = steps(*arguments, **options)
        message = None
        while True:
            try:
                step = next(made) if message is None else made.send(message)
            except StopIteration as end:
                return end.value
            if when(step):
                raise ArithmeticError("broken on purpose")
            message = yield step

    return broken


def main(act: str, *paths: str) -> int:
    name, *arguments = act.split(":")
    begin = safeguards.Safeguards.start

    def start(self: safeguards.Safeguards) -> None:
        begin(self)
        acting = Act(self._window, self)
        acting.soon(lambda: getattr(acting, name)(*arguments), 300)

    safeguards.Safeguards.start = start
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell ignores it
    return app.run([str(Path(path)) for path in paths])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
