"""The dialog for what holds for the whole program: limits of pictures, and of what is kept."""

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

from image2map_gui.core.frames import Keeping
from image2map_gui.core.images.limits import Limits
from image2map_gui.core.options import options_of
from image2map_gui.ui.settings import Safety
from image2map_gui.ui.widgets.field import Field

_WIDTH = 440
_ABOUT = (
    "Files beyond these limits are skipped, and the list of skipped files names the limit. "
    "Changes hold for what is opened from then on."
)
_ABOUT_KEEPING = (
    "Earlier epochs to go back to, and earlier runs to be restored. Changes hold from the next "
    "training or saving on."
)
_ABOUT_SAFETY = "What is not saved is kept aside, so that no crash and no power cut takes it away."


class Preferences(QDialog):
    """Shows limits in a form made from their declarations, to be changed or left alone."""

    def __init__(
        self,
        present: Limits,
        keeping: Keeping | None = None,
        parent: QWidget | None = None,
        safety: Safety | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self.fields = {option.name: Field(option) for option in options_of(Limits)}
        self.kept_fields = {option.name: Field(option) for option in options_of(Keeping)}
        self.safety_fields = {option.name: Field(option) for option in options_of(Safety)}
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel | kinds.RestoreDefaults)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        buttons.button(kinds.RestoreDefaults).clicked.connect(self._restore)
        layout = QVBoxLayout(self)
        layout.addWidget(self._group("Limits", _ABOUT, self.fields))
        layout.addWidget(self._group("Kept of trainings", _ABOUT_KEEPING, self.kept_fields))
        layout.addWidget(self._group("Unsaved work", _ABOUT_SAFETY, self.safety_fields))
        layout.addWidget(buttons)
        self._show(present, keeping or Keeping(), safety or Safety())
        self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))

    def _group(self, title: str, text: str, fields: dict[str, Field]) -> QGroupBox:
        about = QLabel(text)
        about.setTextFormat(Qt.TextFormat.PlainText)
        about.setWordWrap(True)
        group = QGroupBox(title)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for field in fields.values():
            form.addRow(field.caption, field)
            field.edited.connect(self._edited)
        inside = QVBoxLayout(group)
        inside.addWidget(about)
        inside.addSpacing(8)
        inside.addLayout(form)
        return group

    @property
    def limits(self) -> Limits:
        """What is set for pictures."""
        return Limits(**{name: field.value() for name, field in self.fields.items()})

    @property
    def keeping(self) -> Keeping:
        """What is set for trainings."""
        return Keeping(**{name: field.value() for name, field in self.kept_fields.items()})

    @property
    def safety(self) -> Safety:
        """What is set for unsaved work."""
        return Safety(**{name: field.value() for name, field in self.safety_fields.items()})

    def _show(self, limits: Limits, keeping: Keeping, safety: Safety) -> None:
        shown = (
            (limits, self.fields),
            (keeping, self.kept_fields),
            (safety, self.safety_fields),
        )
        for values, fields in shown:
            for name, field in fields.items():
                field.show_value(getattr(values, name), applies=True)

    @Slot()
    def _edited(self) -> None:
        self._show(self.limits, self.keeping, self.safety)

    @Slot()
    def _restore(self) -> None:
        self._show(Limits(), Keeping(), Safety())
