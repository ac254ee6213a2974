"""The dialog for a mistake in the program: what it means, and all about it to be copied."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.ui.icons import pixmap
from image2map_gui.ui.safety.errors import Report
from image2map_gui.ui.theme import SPACE, marker
from image2map_gui.ui.widgets.labels import beside_sign, heading, plain_label

_HEAD = "Something went wrong that should not have"
_MEANS = (
    "This is a mistake in the program, not in your pictures. What is open is still there: save it "
    "under another name to be sure. With the details below the mistake can be found and mended; "
    "nothing is sent by itself."
)
_SIDE = 32


class ErrorDialog(QDialog):
    """Tells of one mistake and counts how often it comes again."""

    def __init__(self, report: Report, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Image2Map")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.report = report
        ink = marker(self.palette())
        sign = pixmap("warning", ink, _SIDE, self.devicePixelRatioF())
        head, means = heading(_HEAD), plain_label(_MEANS)
        self._summary = plain_label()
        self._summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setAcceptDrops(False)
        self.details.setAccessibleName("Details of the mistake")
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton("Copy details", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * SPACE)
        layout.addLayout(beside_sign(sign, head, means, self._summary))
        layout.addWidget(self.details, 1)
        layout.addWidget(buttons)
        self.resize(680, 460)
        self.show_report(report)

    def show_report(self, report: Report) -> None:
        """Tell that the same happened again."""
        self.report = report
        times = "" if report.count == 1 else f"  ({report.count:,} times)"
        self._summary.setText(" ".join(report.summary.split()) + times)
        if not self.details.toPlainText():
            self.details.setPlainText(report.details)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.details)
