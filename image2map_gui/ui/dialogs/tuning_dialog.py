"""The dialog that asks how a map is to be tuned on its labels."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.som.lvq import RULES, TuningSettings
from image2map_gui.ui.widgets.labels import plain_label

_WIDTH = 420


class TuningDialog(QDialog):
    """Shows the choices; the map before stays among the runs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Tune on labels")
        usual = TuningSettings()
        self.method = QComboBox()
        for name, said in RULES.items():
            self.method.addItem(name.upper(), name)
            place = self.method.count() - 1
            self.method.setItemData(place, said, Qt.ItemDataRole.ToolTipRole)
        self.method.setAccessibleName("Rule")
        self.epochs = QSpinBox()
        self.epochs.setRange(1, 10_000)
        self.epochs.setValue(usual.epochs)
        self.epochs.setAccessibleName("Epochs")
        self.rate = QDoubleSpinBox()
        self.rate.setRange(0.001, 1.0)
        self.rate.setDecimals(3)
        self.rate.setSingleStep(0.01)
        self.rate.setValue(usual.rate)
        self.rate.setAccessibleName("Rate")
        form = QFormLayout()
        form.addRow("&Rule", self.method)
        form.addRow("&Epochs", self.epochs)
        form.addRow("R&ate", self.rate)
        words = plain_label(
            "The units move so that they tell the labels apart. A tenth of the labelled pictures "
            "is held out to tell what it brings. The map before stays among the runs."
        )
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton("Tune", QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.resize(_WIDTH, self.sizeHint().height())

    @property
    def settings(self) -> TuningSettings:
        """What was chosen."""
        return TuningSettings(
            method=self.method.currentData(),
            epochs=self.epochs.value(),
            rate=self.rate.value(),
        )
