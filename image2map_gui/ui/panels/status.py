"""The line at the bottom: what is running, how far it is, and what went wrong."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from image2map_gui.ui.guard import guarded
from image2map_gui.ui.icons import icon, pixmap
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.theme import SPACE, marker
from image2map_gui.ui.wording import plural, visible

_NOTICE_MS = 8000
_STEPS = 1000


class StatusLine(QWidget):
    """Progress on the left, messages in the middle; errors stay until they are closed."""

    skipped_wanted = Signal()
    locating_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._progress = QProgressBar()
        self._progress.setRange(0, _STEPS)
        self._progress.setFixedWidth(180)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Progress")
        self._activity = QLabel()
        self._stop = QPushButton("Stop")
        self._stop.setToolTip("Stop; what was reached so far is kept (Esc)")
        self._stop.setAccessibleName("Stop the running job")
        self._sign = QLabel()
        self._message = QLabel()
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._copy = QPushButton("Copy")
        self._copy.setToolTip("Copy this message")
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.setToolTip("Close this message")
        self._close.setAccessibleName("Close this message")
        self._skipped = QPushButton()
        self._skipped.setFlat(True)
        self._missing = QPushButton()
        self._missing.setFlat(True)
        self._missing.setToolTip("Choose the folder that the pictures are in now")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_NOTICE_MS)
        self._lay_out()
        self._connect()
        self._restyle()
        self._quiet()
        self._activity_changed()
        self._collection_changed()
        self._missing_changed()

    @property
    def message(self) -> str:
        """The message that is shown, empty if there is none."""
        return self._message.text()

    @property
    def progress(self) -> str:
        """What is said about the running job."""
        return self._activity.text()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE, 2, SPACE, 2)
        layout.setSpacing(SPACE)
        for widget in (self._progress, self._activity, self._stop, self._sign):
            layout.addWidget(widget)
        layout.addWidget(self._message, 1)
        for button in (self._copy, self._close, self._missing, self._skipped):
            layout.addWidget(button)
        self.setMinimumHeight(30)

    def _connect(self) -> None:
        session = self._session
        session.progressed.connect(self._progressed)
        session.activity_changed.connect(self._activity_changed)
        session.saver.changed.connect(self._activity_changed)
        session.saver.progressed.connect(self._filing)
        session.opener.changed.connect(self._activity_changed)
        session.opener.progressed.connect(self._filing)
        session.collection_changed.connect(self._collection_changed)
        session.failed.connect(self._failed)
        session.noticed.connect(self._noticed)
        self._timer.timeout.connect(self._quiet)
        self._close.clicked.connect(self._quiet)
        self._copy.clicked.connect(self._copy_message)
        self._skipped.clicked.connect(self.skipped_wanted)
        self._missing.clicked.connect(self.locating_wanted)
        session.missing.changed.connect(self._missing_changed)
        self._stop.clicked.connect(session.stop)

    @Slot(float, str)
    def _progressed(self, fraction: float, text: str) -> None:
        self._progress.setValue(round(_STEPS * fraction))
        self._activity.setText(f"{text} · paused" if self._session.paused else text)

    @Slot(float)
    def _filing(self, fraction: float) -> None:
        if not self._session.activity:
            self._progress.setValue(round(_STEPS * fraction))

    @Slot()
    def _activity_changed(self) -> None:
        session = self._session
        filing = self._filed()
        busy = bool(session.activity) or session.answering or bool(filing)
        self._progress.setVisible(busy)
        self._activity.setVisible(busy)
        self._stop.setVisible(bool(session.activity))
        if session.answering and not session.activity:
            self._progress.setRange(0, 0)
            self._activity.setText("Classifying pictures")
            return
        self._progress.setRange(0, _STEPS)
        if filing and not session.activity:
            self._activity.setText(filing)
        elif not busy:
            self._progress.setValue(0)
            self._activity.setText("")
        elif session.paused:
            self._activity.setText(self._activity.text().removesuffix(" · paused") + " · paused")

    def _filed(self) -> str:
        """Say which project is being read or written, if any."""
        for verb, path in (
            ("Opening", self._session.opener.path),
            ("Saving", self._session.saver.path),
        ):
            if path is not None:
                return f"{verb} {visible(path.name)}"
        return ""

    @Slot()
    def _collection_changed(self) -> None:
        count = len(self._session.skipped)
        self._skipped.setVisible(count > 0)
        self._skipped.setText(f"{count:,} file{'s' if count > 1 else ''} skipped: show list")

    @Slot()
    def _missing_changed(self) -> None:
        count = self._session.missing.count
        self._missing.setVisible(count > 0)
        self._missing.setText(f"{plural(count, 'picture')} missing: locate…")

    @Slot(str)
    def _failed(self, text: str) -> None:
        self._timer.stop()
        self._say(text, error=True)

    @Slot(str)
    def _noticed(self, text: str) -> None:
        if self._copy.isVisibleTo(self) and self._message.text():
            return  # an error is not pushed away by a remark
        self._say(text, error=False)
        self._timer.start()

    def _say(self, text: str, *, error: bool) -> None:
        self._message.setText(" ".join(text.split()))
        self._message.setToolTip("")
        self._sign.setVisible(error)
        self._copy.setVisible(error)
        self._close.setVisible(error)

    @Slot()
    def _quiet(self) -> None:
        self._timer.stop()
        self._message.clear()
        for widget in (self._sign, self._copy, self._close):
            widget.setVisible(False)

    @Slot()
    def _copy_message(self) -> None:
        QApplication.clipboard().setText(self._message.text())

    @guarded
    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_timer"):
            self._restyle()

    def _restyle(self) -> None:
        palette = self.palette()
        self._close.setIcon(icon("close", palette))
        self._missing.setIcon(icon("warning", palette))
        self._sign.setPixmap(pixmap("warning", marker(palette), 18, self.devicePixelRatioF()))
