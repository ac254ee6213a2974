"""The window Messages: what was said and what went wrong since the program was started."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.ui.handlers.context import Context
from image2map_gui.ui.safety.log import shortened, versions_text
from image2map_gui.ui.safety.messages import NOTICE, Message
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.widgets.table import Row, Table
from image2map_gui.ui.wording import plural


class MessagesDialog(QDialog):
    """Stays open beside the window; the message that is chosen is shown whole below the list."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._messages = context.session.messages
        self._listed: dict[Row, Message] = {}
        self.setWindowTitle("Messages")
        self.title = plain_label(bold=True)
        self.table = Table(("Time", "Kind", "Message"), "Messages")
        self.whole = QPlainTextEdit()
        self.whole.setReadOnly(True)
        self.whole.setAcceptDrops(False)
        self.whole.setAccessibleName("The chosen message")
        self.whole.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy the messages that are selected, or all, with all details")
        self.clear = QPushButton("Clear")
        self.clear.setToolTip("Forget these messages; the log keeps them")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for button in (self.copy, self.clear):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
            button.setAutoDefault(False)
        self._lay_out(buttons)
        self.copy.clicked.connect(self._copy)
        self.clear.clicked.connect(self._messages.clear)
        buttons.rejected.connect(self.close)
        self.table.selectionModel().selectionChanged.connect(self._show_whole)
        self._messages.changed.connect(self._refresh)
        self._refresh()

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        self.table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(0, 90)
        self.table.setColumnWidth(1, 160)
        both = QSplitter(Qt.Orientation.Vertical)
        both.setChildrenCollapsible(False)
        both.addWidget(self.table)
        both.addWidget(self.whole)
        both.setStretchFactor(0, 3)
        both.setStretchFactor(1, 2)
        layout = QVBoxLayout(self)
        layout.addWidget(self.title)
        layout.addWidget(both, 1)
        layout.addWidget(buttons)
        self.resize(820, 520)

    @Slot()
    def _refresh(self) -> None:
        newest_first = self._messages.all[::-1]
        rows = [_row(message) for message in newest_first]
        self._listed = dict(zip(rows, newest_first, strict=True))
        self.table.content.show_rows(rows)
        self.title.setText(
            plural(len(rows), "message") if rows else "Nothing has been said so far."
        )
        for button in (self.copy, self.clear):
            button.setEnabled(bool(rows))
        self._show_whole()

    @Slot()
    def _show_whole(self) -> None:
        chosen = [self._listed[row] for row in self.table.chosen()]
        self.whole.setPlainText("\n\n".join(map(_text, chosen)))

    @Slot()
    def _copy(self) -> None:
        rows = self.table.chosen() or self.table.content.rows
        texts = [_text(self._listed[row]) for row in rows]
        QGuiApplication.clipboard().setText("\n\n".join([*texts, versions_text()]) + "\n")


def _row(message: Message) -> Row:
    times = f" ({message.count:,} times)" if message.count > 1 else ""
    return f"{message.when:%H:%M:%S}", message.kind, " ".join(message.text.split()) + times


def _text(message: Message) -> str:
    """Return all of a message, as it may be shown to others."""
    head = "" if message.kind == NOTICE else f"{message.kind}: "
    text = f"{message.when:%H:%M:%S} {head}{message.text}"
    return shortened(f"{text}\n{message.details}" if message.details else text)
