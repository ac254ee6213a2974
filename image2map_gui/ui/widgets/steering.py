"""Steering: radius, rate, length and speed of a training that runs, changed from its next epoch."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.som.course import Change
from image2map_gui.core.som.params import MAX_EPOCHS
from image2map_gui.ui.session.session import Session

_SPEEDS = (("Full speed", 0.0), ("An epoch in ½ s", 0.5), ("An epoch in 2 s", 2.0))
_Editor = QDoubleSpinBox | QSpinBox


class Steering(QGroupBox):
    """Shows where a running training stands and lets it go on from somewhere else.

    The fields follow the training until one is edited; "Apply" sends what was edited, "Reheat"
    starts again from the first radius and rate. Without a training the box is hidden.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("While it trains", parent)
        self._session = session
        self._edited: set[_Editor] = set()
        self.captions: list[QLabel] = []
        self.radius = QDoubleSpinBox()
        self.radius.setRange(0, 1000)
        self.radius.setSingleStep(0.25)
        self.radius.setSuffix(" units")
        self.rate = QDoubleSpinBox()
        self.rate.setDecimals(4)
        self.rate.setRange(0.0001, 1)
        self.rate.setSingleStep(0.01)
        self.epochs = QSpinBox()
        self.epochs.setRange(1, MAX_EPOCHS)
        self.epochs.setSuffix(" epochs")
        self.speed = QComboBox()
        for text, seconds in _SPEEDS:
            self.speed.addItem(text, seconds)
        self.apply = QPushButton("Apply")
        self.apply.setToolTip("Go on with these values from the next epoch on")
        self.reheat = QPushButton("Reheat")
        self.reheat.setToolTip(
            "Loosen the map: go on from the first radius and rate, and let them fade again"
        )
        self._rows = (
            ("Radius", self.radius, "The radius of the next epoch; from there it fades as planned"),
            ("Rate", self.rate, "The learning rate of the next epoch; a batch has none"),
            ("Still to come", self.epochs, "How many epochs are still to come"),
            ("Speed", self.speed, "Slower, to watch the map form; applies at once"),
        )
        self._lay_out()
        for editor in (self.radius, self.rate, self.epochs):
            editor.valueChanged.connect(self._value_edited)
        self.speed.activated.connect(self._speed_chosen)
        self.apply.clicked.connect(self._apply)
        self.reheat.clicked.connect(self._reheat)
        session.activity_changed.connect(self._follow)
        session.epoch_ended.connect(self._follow)
        self._follow()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for text, editor, tip in self._rows:
            caption = QLabel(text)
            self.captions.append(caption)
            caption.setBuddy(editor)
            editor.setAccessibleName(f"{text} while it trains")
            editor.setAcceptDrops(False)
            for widget in (caption, editor):
                widget.setToolTip(tip)
            form.addRow(caption, editor)
        buttons = QHBoxLayout()
        buttons.addWidget(self.apply)
        buttons.addWidget(self.reheat)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addLayout(buttons)

    @Slot()
    def _follow(self) -> None:
        """Show where the training stands, but leave alone what was edited."""
        session = self._session
        if not session.training:
            self._edited.clear()
            self.speed.setCurrentIndex(0)
            self.hide()
            return
        radius, rate, left = session.log.standing()
        for editor, value in ((self.radius, radius), (self.rate, rate), (self.epochs, float(left))):
            if editor not in self._edited:
                _show(editor, value)
        self.rate.setEnabled((session.map or session).params.mode != "batch")
        self.apply.setEnabled(bool(self._edited))
        self.show()

    @Slot()
    def _value_edited(self) -> None:
        editor = self.sender()
        if isinstance(editor, QDoubleSpinBox | QSpinBox):
            self._edited.add(editor)
            self.apply.setEnabled(True)

    @Slot()
    def _apply(self) -> None:
        edited, self._edited = self._edited, set()
        self._session.change(
            Change(
                radius=self.radius.value() if self.radius in edited else None,
                rate=self.rate.value() if self.rate in edited else None,
                epochs=self.epochs.value() if self.epochs in edited else None,
            )
        )
        self.apply.setEnabled(False)

    @Slot()
    def _reheat(self) -> None:
        self._edited.clear()
        self._session.reheat()

    @Slot(int)
    def _speed_chosen(self, index: int) -> None:
        self._session.change(Change(pause=self.speed.itemData(index)))


def _show(editor: _Editor, value: float) -> None:
    """Set a value without telling that it was edited."""
    editor.blockSignals(True)
    if isinstance(editor, QSpinBox):
        editor.setValue(round(value))
    else:
        editor.setValue(value)
    editor.blockSignals(False)
