"""Dialogs on small screens: what does not fit can be scrolled."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QVBoxLayout, QWidget

_FRAME = 24  # pixels that the system's frame takes, about
_TINY = 400


def fit(dialog: QDialog) -> None:
    """Let a dialog be no larger than its screen; call this before it is shown."""
    room = dialog.screen().availableSize()
    room.setHeight(room.height() - _FRAME)
    layout = dialog.layout()
    wanted = dialog.minimumSizeHint().expandedTo(dialog.minimumSize())
    tiny = min(room.width(), room.height()) < _TINY  # there even what comes later may be too large
    too_large = wanted.width() > room.width() or wanted.height() > room.height()
    if (tiny or too_large) and layout is not None:
        inside = QWidget()
        inside.setLayout(layout)  # which takes the widgets along
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        around = QVBoxLayout(dialog)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(scroll)
        dialog.setMinimumSize(0, 0)
    dialog.resize(dialog.size().boundedTo(room))
