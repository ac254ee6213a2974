"""Questions about pictures of the collection: which label, and how to divide them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.images.collection import Split
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.wording import plural

_MOST_SEED = 2**31 - 1
_WIDTH = 380


class LabelDialog(QDialog):
    """Asks for a label, with the known ones at hand; an empty one takes the label off."""

    def __init__(
        self, parent: QWidget | None, count: int, label: str, known: Sequence[str]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Label {plural(count, 'picture')}")
        self.line = QLineEdit(label)
        self.line.setAccessibleName("Label")
        self.line.setPlaceholderText("No label")
        self.line.selectAll()
        completer = QCompleter(list(known), self.line)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.line.setCompleter(completer)
        form = QFormLayout()
        form.addRow("Label", self.line)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(plain_label("Empty takes the label off. Files are not touched."))
        layout.addWidget(_buttons(self, "Label"))
        self.resize(_WIDTH, self.sizeHint().height())

    @property
    def label(self) -> str:
        """What was written."""
        return self.line.text().strip()


class SplitDialog(QDialog):
    """Asks which share of the pictures to keep for testing."""

    def __init__(self, parent: QWidget | None, present: Split | None, pictures: int) -> None:
        super().__init__(parent)
        self.setWindowTitle("Training and test pictures")
        self.none = False
        self._pictures = pictures
        split = present or Split()
        self.share = QDoubleSpinBox()
        self.share.setRange(0.1, 99.9)
        self.share.setDecimals(1)
        self.share.setSuffix(" %")
        self.share.setValue(100 * split.share)
        self.seed = QSpinBox()
        self.seed.setRange(0, _MOST_SEED)
        self.seed.setValue(split.seed)
        self.seed.setToolTip("The same seed keeps the same pictures")
        self.stratified = QCheckBox("The same share of every label")
        self.stratified.setChecked(split.stratified)
        self._words = plain_label()
        form = QFormLayout()
        form.addRow("Keep for testing", self.share)
        form.addRow("Seed", self.seed)
        form.addRow("", self.stratified)
        buttons = _buttons(self, "Split")
        if present is not None:
            whole = buttons.addButton("No split", QDialogButtonBox.ButtonRole.DestructiveRole)
            whole.setToolTip("Train on all pictures again")
            whole.clicked.connect(self._take_back)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._words)
        layout.addWidget(buttons)
        self.share.valueChanged.connect(self._say)
        self._say()
        self.resize(_WIDTH, self.sizeHint().height())

    @property
    def split(self) -> Split | None:
        """What was chosen, ``None`` for no split."""
        if self.none:
            return None
        return Split(
            round(self.share.value() / 100, 4), self.seed.value(), self.stratified.isChecked()
        )

    @Slot()
    def _say(self) -> None:
        test = round(self.share.value() / 100 * self._pictures)
        self._words.setText(
            f"{plural(test, 'picture')} of {self._pictures:,} stay out of the next training, and "
            "out of hits and quality. Pictures that are added later get their part; the others "
            "keep it."
        )

    @Slot()
    def _take_back(self) -> None:
        self.none = True
        self.accept()


def _buttons(dialog: QDialog, do: str) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    buttons.addButton(do, QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
    buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons
