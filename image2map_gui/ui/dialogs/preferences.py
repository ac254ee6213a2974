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
from image2map_gui.ui.settings import Preferred, Safety, Tables
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


_ABOUT_TABLES = "Answers, labels, units and skipped files, saved as CSV or JSON."
_GROUPS: tuple[tuple[str, str, str, type], ...] = (
    ("limits", "Limits", _ABOUT, Limits),
    ("keeping", "Kept of trainings", _ABOUT_KEEPING, Keeping),
    ("safety", "Unsaved work", _ABOUT_SAFETY, Safety),
    ("tables", "Tables", _ABOUT_TABLES, Tables),
)


class Preferences(QDialog):
    """Shows preferences in a form made from their declarations, to be changed or left alone.

    ``fields`` are those of each group, by their names.
    """

    def __init__(self, present: Preferred, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self.fields = {
            name: {option.name: Field(option) for option in options_of(kind)}
            for name, _, _, kind in _GROUPS
        }
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel | kinds.RestoreDefaults)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        buttons.button(kinds.RestoreDefaults).clicked.connect(self._restore)
        layout = QVBoxLayout(self)
        for name, title, about, _ in _GROUPS:
            layout.addWidget(self._group(title, about, self.fields[name]))
        layout.addWidget(buttons)
        self._show(present)
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
    def preferred(self) -> Preferred:
        """What is set."""
        return Preferred(
            **{
                name: kind(**{key: field.value() for key, field in self.fields[name].items()})
                for name, _, _, kind in _GROUPS
            }
        )

    def _show(self, preferred: Preferred) -> None:
        for group, fields in self.fields.items():
            values = getattr(preferred, group)
            for name, field in fields.items():
                field.show_value(getattr(values, name), applies=True)

    @Slot()
    def _edited(self) -> None:
        self._show(self.preferred)

    @Slot()
    def _restore(self) -> None:
        self._show(Preferred())
