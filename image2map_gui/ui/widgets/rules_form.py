"""A form for the rules by which pictures are answered: one line, or all of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.analysis.methods import LABELLINGS, METHODS, UNIT, Rules

_MOST = 1000
_LABELLING_TITLES = {
    "majority": "Most frequent label",
    "frequency": "Largest share of a label",
    "proximity": "Nearest picture",
}


class RulesForm(QWidget):
    """Shows rules and lets a person choose others; ``changed`` tells only what a person did."""

    changed = Signal(object)

    def __init__(self, rules: Rules, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = QToolButton()
        self.head.setAutoRaise(True)
        self.head.setCheckable(True)
        self.head.setArrowType(Qt.ArrowType.RightArrow)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setAccessibleName("How pictures are answered")
        self.head.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._make_fields()
        self._form = QWidget()
        self._rows = QFormLayout(self._form)
        self._rows.setContentsMargins(16, 0, 0, 4)
        for text, field in (
            ("&Method", self.method),
            ("&Nearest", self.count),
            ("&Units named by", self.labelling),
            ("Unlike be&yond", self.novel),
            ("No label &below", self.reject),
        ):
            self._rows.addRow(text, field)
        self._rows.addRow(self.reject_novel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.head)
        layout.addWidget(self._form)
        self._form.hide()
        self.show_rules(rules)
        self.head.toggled.connect(self._open)
        for box in (self.method, self.labelling):
            box.activated.connect(self._tell)
        for number in (self.count, self.novel, self.reject):
            number.valueChanged.connect(self._tell)
        self.reject_novel.toggled.connect(self._tell)

    def _make_fields(self) -> None:
        self.method, self.labelling = QComboBox(), QComboBox()
        for method in METHODS.values():
            self.method.addItem(method.title, method.name)
            self.method.setItemData(
                self.method.count() - 1, method.help, Qt.ItemDataRole.ToolTipRole
            )
        for name, said in LABELLINGS.items():
            self.labelling.addItem(_LABELLING_TITLES.get(name, name), name)
            tip = said[0].upper() + said[1:]
            self.labelling.setItemData(self.labelling.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.count = QSpinBox()
        self.count.setRange(1, _MOST)
        self.novel, self.reject = _percentage(100.0), _percentage(100.0)
        self.method.setAccessibleName("Method")
        self.labelling.setAccessibleName("How units are named")
        self.count.setAccessibleName("How many nearest units or pictures are asked")
        self.novel.setAccessibleName("Percentile beyond which a picture is unlike the others")
        self.novel.setToolTip(
            "A picture is unlike anything trained on if it is farther from its unit than this "
            "share of the training pictures"
        )
        self.reject.setAccessibleName("Confidence below which no label is given")
        self.reject.setToolTip("Answers that are less sure than this get no label")
        self.reject_novel = QCheckBox("No label for what is unlike the training pictures")
        self.reject_novel.setToolTip("Answers to pictures beyond that share get no label")
        for number in (self.count, self.novel, self.reject):
            number.setKeyboardTracking(False)
            number.lineEdit().setAcceptDrops(False)

    @property
    def rules(self) -> Rules:
        """What is chosen."""
        return Rules(
            method=self.method.currentData(),
            k=self.count.value(),
            novel=round(self.novel.value() / 100, 6),
            reject=round(self.reject.value() / 100, 6),
            reject_novel=self.reject_novel.isChecked(),
            labelling=self.labelling.currentData(),
        )

    def show_rules(self, rules: Rules) -> None:
        """Show rules that were chosen elsewhere."""
        fields: tuple[QWidget, ...] = (
            self.method, self.labelling, self.count, self.novel, self.reject, self.reject_novel,
        )  # fmt: skip
        for field in fields:
            field.blockSignals(True)
        self.method.setCurrentIndex(self.method.findData(rules.method))
        self.labelling.setCurrentIndex(self.labelling.findData(rules.labelling))
        self.count.setValue(rules.k)
        self.novel.setValue(100 * rules.novel)
        self.reject.setValue(100 * rules.reject)
        self.reject_novel.setChecked(rules.reject_novel)
        for field in fields:
            field.blockSignals(False)
        method = METHODS[rules.method]
        self.method.setToolTip(method.help)
        self._rows.setRowVisible(self.count, method.counted)
        self._rows.setRowVisible(self.labelling, rules.method == UNIT)
        self.head.setText(_summary(rules))  # a narrow dock cuts it off
        self.head.setToolTip(f"{_summary(rules)}\nShow or hide how pictures are answered")

    @Slot(bool)
    def _open(self, on: bool) -> None:
        self.head.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self._form.setVisible(on)

    @Slot()
    def _tell(self) -> None:
        chosen = self.rules
        self.show_rules(chosen)
        self.changed.emit(chosen)


def _summary(rules: Rules) -> str:
    """Say in a line how pictures are answered."""
    method = METHODS[rules.method]
    asked = f"{rules.k} n{method.title[1:]}" if method.counted else method.title
    refused = [f"below {100 * rules.reject:g} %"] if rules.reject else []
    refused += ["if unlike"] if rules.reject_novel else []
    parts = [asked, f"unlike beyond {100 * rules.novel:g} %"]
    parts += [f"no label {' or '.join(refused)}"] if refused else []
    return " · ".join(parts)


def _percentage(most: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(0.0, most)
    box.setDecimals(1)
    box.setSuffix(" %")
    return box
