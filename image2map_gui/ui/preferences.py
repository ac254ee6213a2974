"""The dialog for what holds for the whole program: the limits of what is read as a picture."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.images.limits import Limits
from image2map_gui.core.options import options_of
from image2map_gui.ui.field import Field

_WIDTH = 440
_ABOUT = (
    "Files beyond these limits are skipped, and the list of skipped files names the limit. "
    "Changes hold for what is opened from then on."
)


class Preferences(QDialog):
    """Shows limits in a form made from their declarations, to be changed or left alone."""

    def __init__(self, present: Limits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self.fields = {option.name: Field(option) for option in options_of(Limits)}
        about = QLabel(_ABOUT)
        about.setTextFormat(Qt.TextFormat.PlainText)
        about.setWordWrap(True)
        group = QGroupBox("Limits")
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for field in self.fields.values():
            form.addRow(field.caption, field)
            field.edited.connect(self._edited)
        inside = QVBoxLayout(group)
        inside.addWidget(about)
        inside.addSpacing(8)
        inside.addLayout(form)
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel | kinds.RestoreDefaults)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        buttons.button(kinds.RestoreDefaults).clicked.connect(self._restore)
        layout = QVBoxLayout(self)
        layout.addWidget(group)
        layout.addWidget(buttons)
        self._show(present)
        self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))

    @property
    def limits(self) -> Limits:
        """What is set."""
        return Limits(**{name: field.value() for name, field in self.fields.items()})

    def _show(self, limits: Limits) -> None:
        for name, field in self.fields.items():
            field.show_value(getattr(limits, name), applies=True)

    @Slot()
    def _edited(self) -> None:
        self._show(self.limits)

    @Slot()
    def _restore(self) -> None:
        self._show(Limits())
