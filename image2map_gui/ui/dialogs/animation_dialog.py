"""The dialog that asks how the learning is to be made a moving picture."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.export.animation import FPS, SECONDS_HELD

_FORMATS = (
    ("GIF: shown everywhere, at most 256 colours", ".gif"),
    ("WebP: exact and small", ".webp"),
    ("Animated PNG: exact", ".png"),
)
_SIZES = (("Half", 0.5), ("Normal", 1.0), ("Double", 2.0))
_WIDTH = 420


@dataclasses.dataclass(frozen=True)
class Animation:
    """How an animation is to be made."""

    suffix: str = ".gif"
    fps: float = FPS
    scale: float = 1.0
    numbered: bool = True


class AnimationDialog(QDialog):
    """Shows the choices for an animation of so many epochs."""

    def __init__(self, usual: Animation, epochs: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Animation of the learning")
        self._epochs = epochs
        self.format = QComboBox()
        for text, suffix in _FORMATS:
            self.format.addItem(text, suffix)
        self.format.setCurrentIndex(self.format.findData(usual.suffix))
        self.fps = QDoubleSpinBox()
        self.fps.setRange(0.5, 50)
        self.fps.setDecimals(1)
        self.fps.setSuffix(" epochs per second")
        self.fps.setValue(usual.fps)
        self.extent = QComboBox()
        for text, scale in _SIZES:
            self.extent.addItem(text, scale)
        self.extent.setCurrentIndex(self.extent.findData(usual.scale))
        self.numbered = QCheckBox("Write the epoch into the picture")
        self.numbered.setChecked(usual.numbered)
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, field in (("Format", self.format), ("Speed", self.fps), ("Size", self.extent)):
            caption = QLabel(name)
            caption.setBuddy(field)
            field.setAccessibleName(f"{name} of the animation")
            form.addRow(caption, field)
        form.addRow("", self.numbered)
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Cancel)
        buttons.addButton("Save as…", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._words)
        layout.addWidget(buttons)
        self.fps.valueChanged.connect(self._tell)
        self._tell()
        self.resize(_WIDTH, self.sizeHint().height())

    @property
    def animation(self) -> Animation:
        """What is chosen."""
        return Animation(
            self.format.currentData(),
            self.fps.value(),
            self.extent.currentData(),
            self.numbered.isChecked(),
        )

    @Slot()
    def _tell(self) -> None:
        seconds = (self._epochs - 1) / self.fps.value() + SECONDS_HELD
        self._words.setText(
            f"The map with the layer that is shown now, {self._epochs:,} epochs in "
            f"{seconds:.1f} s, repeated without end."
        )
