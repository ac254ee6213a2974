"""The hyperparameter dock: a form made from the declared settings."""

from __future__ import annotations

import html
from typing import Any, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.spec import ImageSpec, spec_for
from image2map_gui.core.options import Option, options_of
from image2map_gui.core.som.params import MAX_UNITS, PRESETS, SomParams, preset
from image2map_gui.core.som.size import SIZES
from image2map_gui.ui.icons import icon
from image2map_gui.ui.session import Session
from image2map_gui.ui.theme import SPACE, marker

_OWN = "own"
_ABBREVIATIONS = ("l1", "l2", "pca", "rgb")
_SHAPE = ("rows", "columns", "topology", "tiling", "unit_distance", "seed")
Settings = TypeVar("Settings", SomParams, ImageSpec)


class HyperparameterDock(QWidget):
    """Edits the parameters of the next training; a map that is there is never touched."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._fields: dict[str, Field] = {}
        self._preset = QComboBox()
        self._preset.setAccessibleName("Preset")
        for name in (*PRESETS, _OWN):
            self._preset.addItem(name.capitalize(), name)
        self._remark = QLabel()
        self._remark.setWordWrap(True)
        self._remark.hide()
        self._remark.setTextFormat(Qt.TextFormat.PlainText)
        self._reset = QPushButton("Reset all")
        self._reset.setToolTip("Set every field to its default")
        self._suggest = QPushButton("Suggest size")
        self._suggest.setToolTip(
            "Choose rows and columns by the number and variety of the pictures"
        )
        menu = QMenu(self._suggest)
        for size in SIZES:
            menu.addAction(f"{size.capitalize()} map").setData(size)
        menu.triggered.connect(self._suggest_size)
        self._suggest.setMenu(menu)
        self._lay_out()
        self._preset.activated.connect(self._preset_chosen)
        self._reset.clicked.connect(self._reset_all)
        session.settings_changed.connect(self._refresh)
        session.map_changed.connect(self._remark_changes)
        session.activity_changed.connect(self._refresh)
        session.collection_changed.connect(self._refresh)
        self._refresh()

    def field(self, name: str) -> Field:
        """Return the field of a setting by its name."""
        return self._fields[name]

    def _lay_out(self) -> None:
        form = QVBoxLayout()
        form.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        top = QHBoxLayout()
        top.addWidget(QLabel("Preset"))
        top.addWidget(self._preset, 1)
        top.addWidget(self._suggest)
        top.addWidget(self._reset)
        form.addLayout(top)
        form.addWidget(self._remark)
        for settings in (SomParams, ImageSpec):
            for title, options in _grouped(settings).items():
                form.addWidget(self._group(title, options))
        form.addStretch(1)
        widest = max(field.caption.sizeHint().width() for field in self._fields.values())
        for field in self._fields.values():
            field.caption.setMinimumWidth(widest)
        inside = QWidget()
        inside.setLayout(form)
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        self.setMinimumWidth(inside.minimumSizeHint().width() + 24)

    def _group(self, title: str, options: list[Option]) -> QGroupBox:
        box = QGroupBox(title)
        form = QFormLayout(box)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for option in options:
            field = Field(option)
            field.edited.connect(self._edited)
            self._fields[option.name] = field
            form.addRow(field.caption, field)
        return box

    @Slot()
    def _edited(self) -> None:
        try:
            params, spec = self._typed(SomParams), self._typed(ImageSpec)
        except ParameterError as error:
            self._say(str(error))
            return
        self._session.set_params(params)
        if self._session.sources:
            self._session.set_spec(spec)
        self._refresh()

    def _typed(self, settings: type[Settings]) -> Settings:
        names = (option.name for option in options_of(settings))
        return settings(**{name: self._fields[name].value() for name in names})

    @Slot(int)
    def _preset_chosen(self, index: int) -> None:
        name = self._preset.itemData(index)
        if name == _OWN:
            self._refresh()
            return
        if self._session.spec is not None:
            self._session.set_spec(spec_for(name, self._session.spec))
        self._session.set_params(_like(name, self._session.params))

    @Slot(QAction)
    def _suggest_size(self, action: QAction) -> None:
        self._session.suggest_size(action.data())

    @Slot()
    def _reset_all(self) -> None:
        self._session.set_params(SomParams())

    @Slot()
    def _refresh(self) -> None:
        """Show the session's settings; nothing that does not go together can be chosen."""
        self._suggest.setEnabled(self._session.dataset is not None)
        params, spec = self._session.params, self._session.spec
        for option in options_of(SomParams):
            field = self._fields[option.name]
            field.offer(params)
            field.show_value(getattr(params, option.name), option.applies(params))
        for option in options_of(ImageSpec):
            field = self._fields[option.name]
            field.show_value(getattr(spec or ImageSpec(), option.name), spec is not None)
        self._limit(params)
        self._preset.setCurrentIndex(self._preset.findData(_preset_of(params)))
        self._remark_changes()

    def _limit(self, params: SomParams) -> None:
        self._fields["rows"].limit(high=max(1, MAX_UNITS // params.columns))
        self._fields["columns"].limit(high=max(1, MAX_UNITS // params.rows))
        if params.radius_start is not None:
            self._fields["radius_end"].limit(high=params.radius_start)
        else:
            self._fields["radius_end"].limit(high=None)
        self._fields["rate_end"].limit(high=params.rate_start)
        even = params.topology == "mesh" and params.tiling == "hexagonal"
        self._fields["rows"].stride(2 if even else 1)

    @Slot()
    def _remark_changes(self) -> None:
        state = self._session.map
        changed = state is not None and (
            state.params != self._session.params or state.spec != self._session.spec
        )
        self._say("Changed settings apply to the next training." if changed else "")

    def _say(self, text: str) -> None:
        if text == self._remark.text():
            return  # the map changes 30 times a second
        self._remark.setText(text)
        self._remark.setVisible(bool(text))
        self._remark.setStyleSheet(f"color: {marker(self.palette()).name()}")


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

    def show_value(self, value: Any, applies: bool) -> None:
        """Show a value without telling that it was edited."""
        parts = value if isinstance(value, tuple) else (value,)
        for editor, part in zip(self._editors, parts, strict=True):
            editor.blockSignals(True)
            _write(editor, part, self.option)
            editor.blockSignals(False)
            editor.setEnabled(applies)
        self.caption.setEnabled(applies)
        self._reset.setVisible(applies and value != self.option.default)
        self._explain(applies)

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

    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_reset"):
            self._reset.setIcon(icon("reset", self.palette()))

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

    def _explain(self, applies: bool) -> None:
        option = self.option
        text = f"<p>{html.escape(option.help)}</p><p>{html.escape(_facts(option))}</p>"
        if not applies:
            text += f"<p><i>{html.escape(_why_not(option))}</i></p>"
        for widget in (self.caption, *self._editors):
            widget.setToolTip(text)

    @Slot()
    def _changed(self) -> None:
        self.edited.emit()

    @Slot()
    def _reset_clicked(self) -> None:
        self.show_value(self.option.default, True)
        self.edited.emit()


def _grouped(settings: type) -> dict[str, list[Option]]:
    groups: dict[str, list[Option]] = {}
    for option in options_of(settings):
        groups.setdefault(option.group, []).append(option)
    return groups


def _editors(option: Option) -> list[QWidget]:
    if option.choices:
        box = QComboBox()
        for choice in option.choices:
            box.addItem(_shown(choice), choice)
        return [box]
    if option.kind is bool:
        return [QCheckBox()]
    if option.kind is float:
        return [_decimal_editor(option)]
    sides = ("wide", "high") if option.kind is tuple else ("",)
    return [_whole_editor(option, side) for side in sides]


def _shown(choice: str) -> str:
    """Write a choice for a person: PCA, Cut gaussian, 0..1."""
    if choice in _ABBREVIATIONS:
        return choice.upper()
    return choice[0].upper() + choice[1:].replace("-", " ") if choice[0].isalpha() else choice


def _whole_editor(option: Option, side: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(int(option.low or 0), int(option.high or 0))
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
    return editor.value() if isinstance(editor, QSpinBox) else None


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
        editor.setValue(value)


def _facts(option: Option) -> str:
    unit = f" {option.unit}" if option.unit and not option.choices else ""
    auto = "auto, or " if option.optional else ""
    return f"Allowed: {auto}{option.range_text}{unit}. Default: {option.text(option.default)}."


def _why_not(option: Option) -> str:
    if option.needs is None:
        return "Open pictures first."
    name, values = option.needs
    return f"Has an effect only with {name} {' or '.join(values)}."


def _preset_of(params: SomParams) -> str:
    return next((name for name in PRESETS if _like(name, params) == params), _OWN)


def _like(name: str, here: SomParams) -> SomParams:
    """Return a preset with the shape and the seed that are set, unless it names another shape."""
    kept = {field: getattr(here, field) for field in _SHAPE if field not in PRESETS[name]}
    return preset(name, **kept)
