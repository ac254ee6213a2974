"""Mistakes in the handlers of events are told, and the program goes on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from image2map_gui.ui.guard import guarded


class Clumsy(QWidget):
    """Cannot be shown nor closed without a mistake, and watches others as badly."""

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        raise ValueError("in showing")

    @guarded
    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        raise ValueError("in closing")

    @guarded
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.EnabledChange:
            raise ValueError("in watching")
        return super().eventFilter(watched, event)


def test_a_mistake_is_told_and_nothing_ends(qtbot: QtBot) -> None:
    widget, other = Clumsy(), QWidget()
    qtbot.addWidget(widget, before_close_func=lambda closing: closing.hide())
    qtbot.addWidget(other)
    other.installEventFilter(widget)
    with qtbot.captureExceptions() as mistakes:
        widget.show()
        closed = widget.close()
        other.setEnabled(False)
    assert [str(mistake[1]) for mistake in mistakes] == ["in showing", "in closing", "in watching"]
    assert not closed
    assert widget.isVisible()
    assert not other.isEnabled()
    other.removeEventFilter(widget)
    widget.closeEvent = lambda event: event.accept()  # type: ignore[method-assign]


def test_what_ends_the_program_is_let_through() -> None:
    @guarded
    def end() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        end()
