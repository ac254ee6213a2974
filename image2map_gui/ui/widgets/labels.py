"""Labels that show text as it is, whatever a file may be called."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from image2map_gui.ui.theme import SPACE


def plain_label(text: str = "", *, bold: bool = False) -> QLabel:
    """Return a label that wraps its lines and never takes its text for markup."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if bold:
        font = label.font()
        font.setBold(True)
        label.setFont(font)
    return label


def heading(text: str = "") -> QLabel:
    """Return a plain label for the first line of a dialog: bold and a little larger."""
    label = plain_label(text, bold=True)
    font = label.font()
    font.setPointSizeF(1.15 * font.pointSizeF())
    label.setFont(font)
    return label


def beside_sign(sign: QPixmap, *words: QLabel) -> QHBoxLayout:
    """Lay out what a dialog says, one label below the other, beside a sign."""
    picture = QLabel()
    picture.setPixmap(sign)
    column = QVBoxLayout()
    column.setSpacing(SPACE)
    for label in words:
        column.addWidget(label)
    layout = QHBoxLayout()
    layout.setSpacing(2 * SPACE)
    layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    layout.addLayout(column, 1)
    return layout
