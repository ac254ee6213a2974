"""A monkey at the window: random actions, clicks, keys and drops; run by test_monkey.

``python monkey.py SEED COUNT FOLDER`` does COUNT things, drawn by SEED, with files in FOLDER only.
What nobody foresaw is written to the standard error output, with what was done before.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import random
import resource
import sys
import threading
import time
import traceback
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import numpy as np
import shiboken6
from PIL import Image
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QEventLoop,
    QMimeData,
    QObject,
    QPoint,
    QPointF,
    Qt,
    QThread,
    QTimer,
    QtMsgType,
    QUrl,
    Slot,
    qInstallMessageHandler,
)
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QPalette,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMenu, QWidget

from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui import app
from image2map_gui.ui.actions.table import ACTIONS
from image2map_gui.ui.dialogs.dialogs import Dialogs
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Settings

_TEXTS = ("7", "-1", "0", "1e9", "ü <b>x</b>", "line", "\u202eabc", "x" * 300, "", "a/b", "=1+1")
_KEYS = (
    *("Left", "Right", "Up", "Down", "Home", "End", "PageUp", "PageDown", "Tab", "Backtab"),
    *("Return", "Escape", "Space", "Delete", "Backspace", "F2", "F5", "F6", "Plus", "Minus"),
    *"ABDEHLMNPUW01239",
)
_MOST_UNITS = 150
_STUCK_SECONDS = 120
_ODD = ("propagateSizeHints", "This plugin does not support raise", "grabbing the ")


class Files:
    """The files that the monkey may touch, in one folder."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self._chance = chance
        self.pictures = folder / "pictures"
        for label, turn in (("flat", 0.0), ("steep", 1.5), ("<i>odd</i> & =1", 0.8)):
            place = self.pictures / label.replace("/", "")
            place.mkdir(parents=True)
            for index in range(8):
                self._draw(place / f"line {index}.png", turn + 0.05 * index)
        more = folder / "more"
        more.mkdir()
        for index in range(5):
            self._draw(more / f"new {index}.png", 0.3 * index)
        (more / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
        (more / "notes.txt").write_text("nothing to see")
        Path(os.fsdecode(os.fsencode(more) + b"/caf\xe9.png")).write_bytes(
            (more / "new 0.png").read_bytes()
        )
        (folder / "empty").mkdir()
        (folder / "out").mkdir()
        (folder / "broken.i2m").write_bytes(b"PK\x03\x04 broken")
        (folder / "labels.csv").write_text("path,label\nline 1.png,one\nnew 1.png,two\n")

    def _draw(self, path: Path, turn: float) -> None:
        grey = draw_line(turn, 16)
        tint = [self._chance.random() for _ in range(3)]
        Image.fromarray(np.uint8(grey[..., None] * np.array(tint))).save(path)

    def some(self) -> list[Path]:
        """Return one or some paths of any kind."""
        known = [path for path in self.folder.rglob("*") if "cache" not in path.parts]
        return self._chance.sample(known, min(len(known), self._chance.choice([1, 1, 1, 3])))

    def folders(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_dir()]

    def projects(self) -> list[Path]:
        return [*self.folder.rglob("*.i2m"), self.folder / "gone.i2m"]

    def disturb(self) -> str:
        """Take a picture away, break it, or bring one."""
        found = sorted(self.pictures.rglob("*.png"))
        path = self._chance.choice(found) if found else self.pictures / "flat" / "again.png"
        what = self._chance.choice(["unlink", "cut", "draw", "draw"])
        path.parent.mkdir(parents=True, exist_ok=True)
        if what == "unlink":
            path.unlink(missing_ok=True)
        elif what == "cut":
            path.write_bytes(path.read_bytes()[:60] if path.exists() else b"")
        else:
            self._draw(path.with_stem(f"line {self._chance.randrange(12)}"), self._chance.random())
        return f"{what} {path.name}"


class Anybody(Dialogs):
    """Names files by lot; all other questions are asked with the real dialogs."""

    def __init__(self, parent: QWidget, files: Files, chance: random.Random) -> None:
        super().__init__(parent)
        self._files = files
        self._chance = chance

    def _one(self, paths: Sequence[Path]) -> Path | None:
        return self._chance.choice([None, *paths]) if paths else None

    def folder(self, start: str) -> Path | None:
        return self._one(self._files.folders())

    def folder_to_search(self, start: str) -> Path | None:
        return self._one(self._files.folders())

    def pictures(self, title: str, start: str) -> list[Path]:
        return self._files.some()

    def photo(self, start: str) -> Path | None:
        return self._one(self._files.some())

    def project(self, start: str) -> Path | None:
        return self._one(self._files.projects())

    def table_to_open(self, start: str) -> Path | None:
        return self._one([self._files.folder / "labels.csv", *self._files.some()])

    def folder_for_copies(self, start: str) -> Path | None:
        return self._one(self._files.folders())

    def _to_save(
        self, title: str, start: str, kinds: str, suffix: str, *, only: bool = False
    ) -> Path | None:
        out = self._files.folder / "out"
        names = [out / f"{name}{suffix}" for name in ("a", "b", "ü ö")]
        return self._one([*names, self._files.folder / "nowhere" / f"c{suffix}", out])


class Monkey(QObject):
    """Does random things to one window after the other."""

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__()
        self._chance = random.Random(seed)
        self._files = Files(folder, self._chance)
        self._folder = folder
        self._deeds: deque[str] = deque(maxlen=60)
        self.done: Counter[str] = Counter()
        self.seconds: dict[str, float] = defaultdict(float)
        self.errors = 0
        self._poked: tuple[object, int] = (None, 0)
        self._timer = QTimer(self)
        self._timer.setInterval(7)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._poke)
        self._window: MainWindow | None = None
        self._kinds: list[tuple[int, Callable[[], str]]] = [
            (30, self._act),
            (24, self._click),
            (14, self._press),
            (4, self._type),
            (5, self._drop),
            (3, self._wheel),
            (8, self._undo),
            (6, self._choose),
            (5, self._train),
            (3, self._disturb),
            (2, self._resize),
            (1, self._recolour),
            (2, self._close),
            (4, self._wait),
            (2, self._stop),
            (2, self._save),
        ]

    # --- running ----------------------------------------------------------------------------

    def run(self, count: int) -> None:
        """Do so many things."""
        sys.excepthook = self._report
        qInstallMessageHandler(self._message)
        QDesktopServices.setUrlHandler("file", self, "ignore_url")
        self._open()
        self._timer.start()
        weights = [weight for weight, _ in self._kinds]
        for number in range(count):
            faulthandler.dump_traceback_later(_STUCK_SECONDS, exit=True)
            (_, deed), *_ = self._chance.choices(self._kinds, weights)
            self._note(f"{number} {deed.__name__}")
            began = time.perf_counter()
            try:
                self._note(deed())
            except Exception:  # noqa: BLE001 - the same as in a slot
                self._report(*sys.exc_info())
            self.done[deed.__name__.lstrip("_")] += 1
            self._settle(self._chance.choice([0, 0, 1, 5, 15]))
            self._keep_small()
            self.seconds[deed.__name__.lstrip("_")] += time.perf_counter() - began
        faulthandler.dump_traceback_later(_STUCK_SECONDS, exit=True)
        self._shut()
        self._timer.stop()
        self._settle(20)
        faulthandler.cancel_dump_traceback_later()
        sys.excepthook = sys.__excepthook__

    def _settle(self, milliseconds: int) -> None:
        if milliseconds:
            loop = QEventLoop()
            QTimer.singleShot(milliseconds, loop.quit)
            loop.exec()
        else:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _open(self) -> None:
        settings = Settings(self._folder / "settings.json")
        session = Session()
        window = MainWindow(session, settings)
        window.dialogs = Anybody(window, self._files, self._chance)
        window.context = type(window.context)(session, window.dialogs, settings, window)
        window.actions_by_name._context = window.context
        session.thumbnails.keep_in(self._folder / "cache")
        session.saver.locks.keep_in(self._folder / "locks")
        self._window = window
        window.show()
        session.set_params(SomParams(rows=3, columns=4, epochs=4))
        if self._chance.random() < 0.7:
            session.open_pictures([self._files.pictures])
        self._settle(20)

    def _shut(self) -> None:
        """Close the window, whatever it asks."""
        window = self._window
        if window is None:
            return
        for _ in range(40):
            if window.close():
                break
            self._settle(5)
        else:
            sys.stderr.write("Traceback: the window does not close\n")
        session = window.session
        if session.activity or session.answering:
            sys.stderr.write("Traceback: a job was left running\n")
        window.deleteLater()
        session.deleteLater()
        self._window = None
        self._settle(5)
        gc.collect(1)

    def _keep_small(self) -> None:
        """Let no training last."""
        session = self.window.session
        params = session.params
        if params.units > _MOST_UNITS or params.epochs > 30:
            session.set_params(SomParams(rows=4, columns=5, epochs=5))
        if session.training and self._chance.random() < 0.1:
            session.stop()

    @property
    def window(self) -> MainWindow:
        assert self._window is not None
        return self._window

    # --- what goes wrong --------------------------------------------------------------------

    def _note(self, text: str) -> None:
        self._deeds.append(text)
        if os.environ.get("MONKEY_TALKS"):
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def _report(self, kind: Any, error: Any, trace: Any) -> None:
        self.errors += 1
        sys.stderr.write("".join(traceback.format_exception(kind, error, trace)))
        sys.stderr.write("   after: " + " | ".join(self._deeds) + "\n\n")
        if self.errors > 20:
            os._exit(3)

    def _message(self, kind: QtMsgType, _context: object, text: str) -> None:
        if kind != QtMsgType.QtDebugMsg and not any(odd in text for odd in _ODD):
            sys.stderr.write(f"Qt says: {text}\n   after: {' | '.join(list(self._deeds)[-8:])}\n")

    @Slot(QUrl)
    def ignore_url(self, url: QUrl) -> None:
        """Open nothing."""

    # --- dialogs ----------------------------------------------------------------------------

    @Slot()
    def _poke(self) -> None:
        """Do something to the menu or the dialog that waits for an answer."""
        self._timer.start()  # at first: a dialog may open another one
        popup = QApplication.activePopupWidget()
        modal = popup or QApplication.activeModalWidget()
        if modal is None:
            return
        last, times = self._poked
        self._poked = (modal, times + 1 if modal is last else 0)
        patience = self._chance.randrange(1, 12)
        if self._poked[1] > patience or isinstance(modal, QFileDialog):  # that deletes files, too
            self._end(modal)
        elif isinstance(modal, QMenu):
            QTest.keyClick(modal, self._chance.choice([Qt.Key.Key_Down, Qt.Key.Key_Escape]))
        else:
            self._note(f"poke {type(modal).__name__} {modal.windowTitle()!r}")
            self._hit(modal)

    def _end(self, modal: QWidget) -> None:
        if isinstance(modal, QFileDialog):
            modal.reject()
        elif isinstance(modal, QDialog) and self._chance.random() < 0.5:
            self._note(f"accept {type(modal).__name__}")
            modal.accept()
        else:
            self._note(f"close {type(modal).__name__}")
            modal.close()

    def _hit(self, top: QWidget) -> str:
        """Click or press a key somewhere in a window."""
        target = self._somewhere(top)
        if self._chance.random() < 0.3:
            key = getattr(Qt.Key, f"Key_{self._chance.choice(_KEYS)}")
            QTest.keyClick(target, key)
            return f"{key.name} in {target.metaObject().className()}"
        return self._click_on(target)

    # --- deeds ------------------------------------------------------------------------------

    def _act(self) -> str:
        enabled = [one.name for one in ACTIONS if self.window.actions_by_name[one.name].isEnabled()]
        name = self._chance.choice([name for name in enabled if name != "quit"])
        self._note(f"({name})")
        self.window.actions_by_name[name].trigger()
        return "."

    def _somewhere(self, top: QWidget) -> QWidget:
        inside = [
            one
            for one in top.findChildren(QWidget)
            if one.isVisible() and one.isEnabled() and not one.visibleRegion().isEmpty()
        ]
        return self._chance.choice(inside) if inside else top

    def _any_window(self) -> QWidget:
        tops = [
            top
            for top in QApplication.topLevelWidgets()
            if top.isVisible() and not isinstance(top, QMenu) and top is not self.window
        ]
        return self._chance.choice(tops) if tops and self._chance.random() < 0.4 else self.window

    def _click(self) -> str:
        return self._click_on(self._somewhere(self._any_window()))

    def _click_on(self, target: QWidget) -> str:
        chance = self._chance
        keys = Qt.KeyboardModifier
        which = chance.choice([keys.NoModifier] * 5 + [keys.ShiftModifier, keys.ControlModifier])
        button = Qt.MouseButton.RightButton if chance.random() < 0.1 else Qt.MouseButton.LeftButton
        place = QPoint(
            chance.randrange(max(1, target.width())), chance.randrange(max(1, target.height()))
        )
        self._note(f"at {target.metaObject().className()} {target.accessibleName()!r}")
        if chance.random() < 0.1:
            QTest.mouseDClick(target, button, which, place)
        elif chance.random() < 0.15:
            QTest.mousePress(target, button, which, place)
            for _ in range(4):
                place += QPoint(chance.randrange(-30, 31), chance.randrange(-30, 31))
                if shiboken6.isValid(target):
                    QTest.mouseMove(target, place)
            # As with a real mouse: what is dragged holds it, and is told when it is let go.
            holder = QWidget.mouseGrabber() or (target if shiboken6.isValid(target) else None)
            if holder is not None:
                QTest.mouseRelease(holder, button, which, place)
        else:
            QTest.mouseClick(target, button, which, place)
        return button.name

    def _press(self) -> str:
        focus = QApplication.focusWidget() or self.window
        key = getattr(Qt.Key, f"Key_{self._chance.choice(_KEYS)}")
        keys = Qt.KeyboardModifier
        which = self._chance.choice([keys.NoModifier] * 4 + [keys.ShiftModifier])
        self._note(f"{key.name} at {focus.metaObject().className()}")
        QTest.keyClick(focus, key, which)
        return "."

    def _type(self) -> str:
        focus = QApplication.focusWidget() or self.window
        text = self._chance.choice(_TEXTS)
        none = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(focus, QKeyEvent(QEvent.Type.KeyPress, 0, none, text))
        if self._chance.random() < 0.5 and shiboken6.isValid(focus):
            QTest.keyClick(focus, Qt.Key.Key_Return)
        return repr(text[:20])

    def _drop(self) -> str:
        data = QMimeData()
        kind = self._chance.random()
        paths = self._files.some()
        if kind < 0.8:
            data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        elif kind < 0.9:
            data.setUrls([QUrl("https://example.org/a.png")])
        else:
            data.setText("nothing")
        window = self.window
        place = QPoint(self._chance.randrange(window.width()), window.height() // 2)
        button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        copy = Qt.DropAction.CopyAction
        QApplication.sendEvent(window, QDragEnterEvent(place, copy, data, button, none))
        if self._chance.random() < 0.9:
            QApplication.sendEvent(window, QDropEvent(QPointF(place), copy, data, button, none))
        else:
            QApplication.sendEvent(window, QEvent(QEvent.Type.DragLeave))
        return ", ".join(path.name for path in paths)

    def _wheel(self) -> str:
        target = self._somewhere(self._any_window())
        place = QPointF(target.rect().center())
        way = self._chance.choice([-120, 120, 480])
        event = QWheelEvent(
            place, QPointF(target.mapToGlobal(target.rect().center())), QPoint(), QPoint(0, way),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(target, event)
        return target.metaObject().className()

    def _undo(self) -> str:
        names = [self._chance.choice(["undo", "undo", "redo"])] * self._chance.randrange(1, 6)
        for name in names:
            self.window.actions_by_name[name].trigger()
            if self._chance.random() < 0.5:
                self._settle(0)
        return names[0] * len(names)

    def _choose(self) -> str:
        session = self.window.session
        if session.map is not None and self._chance.random() < 0.5:
            units = self._chance.sample(range(session.map.grid.units), 1)
            session.selection.select_units(units)
            return f"units {units}"
        count = min(len(session.sources), self._chance.randrange(0, 6))
        session.choose([one.address for one in self._chance.sample(session.sources, count)])
        return f"{count} pictures"

    def _train(self) -> str:
        self.window.actions_by_name[self._chance.choice(["train", "step", "go-on"])].trigger()
        return self.window.session.activity

    def _stop(self) -> str:
        self.window.session.stop()
        return "."

    def _save(self) -> str:
        """Save under a known name, which may be read-only, or changed by somebody else."""
        path = self.window.session.path
        if path is not None and path.exists() and self._chance.random() < 0.3:
            if self._chance.random() < 0.5:
                path.chmod(self._chance.choice([0o444, 0o644]))
            else:
                path.write_bytes(path.read_bytes() + b"x")
        self.window.actions_by_name["save"].trigger()
        return str(path)

    def _disturb(self) -> str:
        return self._files.disturb()

    def _resize(self) -> str:
        self.window.resize(self._chance.randrange(600, 1900), self._chance.randrange(300, 1100))
        return "."

    def _recolour(self) -> str:
        dark = self._chance.random() < 0.5
        palette = QPalette(QColor(40, 40, 40)) if dark else QPalette(QColor(240, 240, 240))
        QGuiApplication.setPalette(palette)
        return "dark" if dark else "light"

    def _close(self) -> str:
        if self.window.close():
            self._shut()
            self._open()
            return "closed"
        return "stayed open"

    def _wait(self) -> str:
        self._settle(self._chance.randrange(10, 120))
        return self.window.session.activity


def running_threads() -> list[str]:
    """Return the threads that run beside this one."""
    left = [
        repr(one)
        for one in gc.get_objects()
        if isinstance(one, QThread) and shiboken6.isValid(one) and one.isRunning()
        if one is not QThread.currentThread()
    ]
    ours = [
        one.name
        for one in threading.enumerate()
        if one is not threading.main_thread() and not isinstance(one, threading._DummyThread)
    ]
    return left + ours


def main(seed: int, count: int, folder: Path) -> int:
    gc.disable()  # as in the program, garbage is collected in this thread only
    faulthandler.enable()
    os.chdir(folder)
    app._application()
    monkey = Monkey(folder, seed)
    began = time.perf_counter()
    monkey.run(count)
    seconds = time.perf_counter() - began
    left = running_threads()
    if left:
        sys.stderr.write(f"Traceback: threads are left: {left}\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    for name, times in monkey.done.most_common():
        sys.stdout.write(f"{name}: {times}, {monkey.seconds[name]:.1f} s\n")
    sys.stdout.write(f"did {sum(monkey.done.values())} things in {seconds:.0f} s, {peak} MB\n")
    return 1 if monkey.errors or left else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
