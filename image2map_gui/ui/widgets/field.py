"""One setting in a form: made from its declaration, with unit, range, help and reset."""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QToolButton,
    QWidget,
)

from image2map_gui.core.options import Option
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.icons import icon
from image2map_gui.ui.wording import shown_choice


class Field(QWidget):
    """One setting: a caption, an editor with unit and range, and a button that resets it."""

    edited = Signal()

    def __init__(self, option: Option, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.option = option
        self.caption = QLabel(option.label)
        self._editors = _editors(option)
        self._reset = QToolButton()
        self._reset.setAutoRaise(True)
        self._reset.setIcon(icon("reset", self.palette()))
        self._reset.setAccessibleName(f"Reset {option.label}")
        self._reset.setToolTip(f"Back to {option.text(option.default)}")
        self._reset.clicked.connect(self._reset_clicked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for editor in self._editors:
            layout.addWidget(editor, 1)
            self._prepare(editor)
        layout.addWidget(self._reset)
        self.caption.setBuddy(self._editors[0])
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)

    def value(self) -> Any:
        """Return what is set."""
        values = [_read(editor, self.option) for editor in self._editors]
        return tuple(values) if self.option.kind is tuple else values[0]

    def show_value(self, value: Any, applies: bool, why_not: str = "") -> None:
        """Show a value without telling that it was edited; one without effect says why."""
        parts = value if isinstance(value, tuple) else (value,)
        for editor, part in zip(self._editors, parts, strict=True):
            editor.blockSignals(True)
            _write(editor, part, self.option)
            editor.blockSignals(False)
            editor.setEnabled(applies)
        self.caption.setEnabled(applies)
        self._reset.setVisible(applies and value != self.option.default)
        self._explain(applies, why_not)

    def offer(self, values: Any) -> None:
        """Let only those choices be chosen that go together with the other settings."""
        for editor in self._editors:
            if isinstance(editor, QComboBox) and isinstance(
                model := editor.model(), QStandardItemModel
            ):
                for row in range(editor.count()):
                    allowed = self.option.allows(editor.itemData(row), values)
                    model.item(row).setEnabled(allowed)

    def limit(self, high: float | None) -> None:
        """Let no value above ``high`` be chosen."""
        top = self.option.high if high is None else min(high, self.option.high or high)
        for editor in self._editors:
            editor.blockSignals(True)
            if isinstance(editor, QSpinBox):
                editor.setMaximum(int(top or 0))
            elif isinstance(editor, QDoubleSpinBox):
                editor.setMaximum(float(top or 0))
            editor.blockSignals(False)

    def stride(self, step: int) -> None:
        """Step over values that are not allowed: a whole number goes up and down by this."""
        for editor in self._editors:
            if isinstance(editor, QSpinBox):
                editor.setSingleStep(step)

    @guarded
    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_reset"):
            self._reset.setIcon(icon("reset", self.palette()))

    @guarded
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the wheel for scrolling the form unless a field was clicked first."""
        if event.type() == QEvent.Type.Wheel and not watched.hasFocus():  # type: ignore[attr-defined]
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _prepare(self, editor: QWidget) -> None:
        editor.setAccessibleName(self.option.label)
        editor.setAcceptDrops(False)
        editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        editor.installEventFilter(self)
        if isinstance(editor, QComboBox):
            editor.activated.connect(self._changed)
        elif isinstance(editor, QCheckBox):
            editor.toggled.connect(self._changed)
        elif isinstance(editor, QSpinBox | QDoubleSpinBox):
            editor.valueChanged.connect(self._changed)

    def _explain(self, applies: bool, why_not: str) -> None:
        option = self.option
        text = f"<p>{html.escape(option.help)}</p><p>{html.escape(_facts(option))}</p>"
        if not applies:
            text += f"<p><i>{html.escape(why_not or _why_not(option))}</i></p>"
        for widget in (self.caption, *self._editors):
            widget.setToolTip(text)

    @Slot()
    def _changed(self) -> None:
        self.edited.emit()

    @Slot()
    def _reset_clicked(self) -> None:
        self.show_value(self.option.default, True)
        self.edited.emit()


def _editors(option: Option) -> list[QWidget]:
    if option.choices:
        box = QComboBox()
        for choice in option.choices:
            box.addItem(shown_choice(choice), choice)
        return [box]
    if option.kind is bool:
        return [QCheckBox()]
    if option.kind is float:
        return [_decimal_editor(option)]
    sides = ("wide", "high") if option.kind is tuple else ("",)
    return [_whole_editor(option, side) for side in sides]


def _whole_editor(option: Option, side: str) -> QSpinBox:
    box = QSpinBox()
    low = int(option.low or 0)
    box.setRange(low - 1 if option.optional else low, int(option.high or 0))
    if option.optional:
        box.setSpecialValueText("Auto")
    box.setKeyboardTracking(False)
    box.setSuffix(f" px {side}" if side else f" {option.unit}" if option.unit else "")
    return box


def _decimal_editor(option: Option) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    low, high = float(option.low or 0), float(option.high or 0)
    small = high <= 1
    box.setDecimals(4 if small else 2)
    box.setSingleStep(0.01 if small else 0.25)
    box.setRange(low - box.singleStep() if option.optional else low, high)
    if option.optional:
        box.setSpecialValueText("Auto")
    box.setKeyboardTracking(False)
    box.setSuffix(f" {option.unit}" if option.unit else "")
    return box


def _read(editor: QWidget, option: Option) -> Any:
    if isinstance(editor, QComboBox):
        return editor.currentData()
    if isinstance(editor, QCheckBox):
        return editor.isChecked()
    if isinstance(editor, QDoubleSpinBox):
        value = round(editor.value(), editor.decimals())
        return None if option.optional and value < float(option.low or 0) else value
    if not isinstance(editor, QSpinBox):
        return None
    return None if option.optional and editor.value() < int(option.low or 0) else editor.value()


def _write(editor: QWidget, value: Any, option: Option) -> None:
    if isinstance(editor, QComboBox):
        editor.setCurrentIndex(editor.findData(value))
    elif isinstance(editor, QCheckBox):
        editor.setChecked(value)
    elif isinstance(editor, QDoubleSpinBox):
        editor.setMaximum(float(option.high or 0))
        editor.setValue(editor.minimum() if value is None else value)
    elif isinstance(editor, QSpinBox):
        editor.setMaximum(int(option.high or 0))
        editor.setValue(editor.minimum() if value is None else value)


def _facts(option: Option) -> str:
    unit = f" {option.unit}" if option.unit and not option.choices else ""
    auto = "auto, or " if option.optional else ""
    return f"Allowed: {auto}{option.range_text}{unit}. Default: {option.text(option.default)}."


def _why_not(option: Option) -> str:
    if option.needs is None:
        return "Has no effect now."
    name, values = option.needs
    return f"Has an effect only with {name} {' or '.join(values)}."
