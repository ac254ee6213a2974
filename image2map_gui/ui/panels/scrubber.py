"""The scrubber: goes back and forth over the epochs of the map, by hand or like a film."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from image2map_gui.ui.session.past import SPEEDS
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.theme import SPACE

BEFORE = ("time-start", "time-play-back", "time-back")
AFTER = ("time-on", "time-play", "time-now")
_REDRAW_MS = 50
_ICON = 18
_NOTHING = "Train a map; then you can go back to its earlier epochs here."
_FORGOTTEN = "No epochs are kept of this training."


class Scrubber(QWidget):
    """A slider over the epochs that are kept, between the buttons of its actions."""

    def __init__(
        self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Epoch that is shown")
        self.slider.setMinimumWidth(120)
        self.slider.setPageStep(10)
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setMinimumWidth(self.fontMetrics().horizontalAdvance("epoch 10,000 of 10,000"))
        self.speed = QComboBox()
        self.speed.setAccessibleName("Speed of playing")
        self.speed.setToolTip("How many of the epochs that are kept are played in a second")
        for speed in SPEEDS:
            self.speed.addItem(f"{speed} per second", speed)
        self.speed.setCurrentIndex(SPEEDS.index(session.times.speed))
        self.on_from_here = QToolButton()
        self.on_from_here.setDefaultAction(actions["train-from"])
        self.on_from_here.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self._lay_out(actions)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REDRAW_MS)
        self._timer.timeout.connect(self._follow)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderPressed.connect(session.times.stop)
        self.speed.activated.connect(self._speed_chosen)
        session.times.changed.connect(self._follow_soon)
        session.history_changed.connect(self._follow)
        session.map_changed.connect(self._follow_soon)
        self._follow()

    @property
    def words(self) -> str:
        """What is said about the epoch that is shown."""
        return self._words.text()

    def _lay_out(self, actions: Mapping[str, QAction]) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE, 2, SPACE, 2)
        layout.setSpacing(2)
        for name in BEFORE:
            layout.addWidget(_button(actions[name]))
        layout.addWidget(self.slider, 1)
        for name in AFTER:
            layout.addWidget(_button(actions[name]))
        layout.addSpacing(SPACE)
        layout.addWidget(self._words)
        layout.addWidget(self.on_from_here)
        layout.addSpacing(SPACE)
        layout.addWidget(self.speed)

    @Slot()
    def _follow_soon(self) -> None:
        """Follow a few times a second, however short the epochs are."""
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _follow(self) -> None:
        times, session = self._session.times, self._session
        epochs = times.epochs
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(0, len(epochs) - 1))
            if not self.slider.isSliderDown():
                self.slider.setValue(times.place_in(epochs))
        for widget in (self.slider, self.speed):
            widget.setEnabled(len(epochs) > 1)
        total = session.history[-1].epochs if session.history else 0
        if session.map is None or not session.history:
            text = _NOTHING if session.map is None else "epoch 0"
        elif not epochs:
            text = _FORGOTTEN
        else:
            shown = epochs[-1] if times.epoch is None else times.epoch
            text = f"epoch {shown:,} of {total:,}"
        self.on_from_here.setVisible(session.past)
        self._words.setText(text)
        self.slider.setAccessibleDescription(text)

    @Slot(int)
    def _slid(self, place: int) -> None:
        epochs = self._session.times.epochs
        if place < len(epochs):
            self._session.times.stop()
            self._session.times.go(epochs[place])

    @Slot(int)
    def _speed_chosen(self, index: int) -> None:
        self._session.times.set_speed(self.speed.itemData(index))


def _button(action: QAction) -> QToolButton:
    made = QToolButton()
    made.setDefaultAction(action)
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    made.setIconSize(QSize(_ICON, _ICON))
    made.setAutoRaise(True)
    made.setAccessibleName(action.iconText())
    return made
