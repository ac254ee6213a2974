"""The hyperparameter dock: a form made from the declared settings."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.spec import ImageSpec, spec_for
from image2map_gui.core.options import Option, options_of
from image2map_gui.core.som.params import MAX_UNITS, SomParams
from image2map_gui.core.som.presets import PRESET_HELP, PRESETS, preset
from image2map_gui.core.som.size import SIZES
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.theme import SPACE, marker
from image2map_gui.ui.widgets.field import Field
from image2map_gui.ui.widgets.preparation import Preparation
from image2map_gui.ui.widgets.steering import Steering

_OWN = "own"
_FOLDED = ("Fine phase", "Stop")  # groups that show only what has an effect
_SHOWN = "Pictures"  # the group that is shown at work
_SHAPE = ("rows", "columns", "topology", "tiling", "unit_distance", "seed")
Settings = TypeVar("Settings", SomParams, ImageSpec)
_TITLES = {"minisom": "MiniSom", "sofm": "SOFM", "mnist-50x50": "MNIST 50x50"}


class HyperparameterDock(QWidget):
    """Edits the parameters of the next training; a map that is there is never touched."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._fields: dict[str, Field] = {}
        self._forms: dict[str, QFormLayout] = {}
        self._shown: tuple[SomParams, ImageSpec | None, bool] | None = None
        self._preset = QComboBox()
        self._preset.setAccessibleName("Preset")
        for name in (*PRESETS, _OWN):
            self._preset.addItem(_TITLES.get(name, name.capitalize()), name)
            told = PRESET_HELP.get(name, "")
            tip = Qt.ItemDataRole.ToolTipRole
            self._preset.setItemData(self._preset.count() - 1, told[:1].upper() + told[1:], tip)
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
        self.steering = Steering(session)
        self.preparation = Preparation(session)
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
        form.addWidget(self.steering)
        for settings in (SomParams, ImageSpec):
            for title, options in _grouped(settings).items():
                form.addWidget(self._group(title, options))
        form.addStretch(1)
        widest = max(field.caption.sizeHint().width() for field in self._fields.values())
        for caption in (
            *(field.caption for field in self._fields.values()),
            *self.steering.captions,
        ):
            caption.setMinimumWidth(widest)
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
        form = self._forms[title] = QFormLayout(box)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        if title == _SHOWN:
            form.addRow(self.preparation)
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
            self._shown = None  # the form shows what is not set
            self._say(str(error))
            return
        self._shown = None
        self._session.settle(params, spec if self._session.sources else self._session.spec)
        self._refresh()

    def _typed(self, settings: type[Settings]) -> Settings:
        names = (option.name for option in options_of(settings))
        return settings(**{name: self._fields[name].value() for name in names})

    @Slot(int)
    def _preset_chosen(self, index: int) -> None:
        name = self._preset.itemData(index)
        if name == _OWN:
            self._shown = None
            self._refresh()
            return
        spec = self._session.spec
        if spec is not None:
            spec = spec_for(name, spec)
        self._session.settle(_like(name, self._session.params), spec, f"choose preset “{name}”")

    @Slot(QAction)
    def _suggest_size(self, action: QAction) -> None:
        self._session.suggest_size(action.data())

    @Slot()
    def _reset_all(self) -> None:
        self._session.set_params(SomParams(), "reset all settings")
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        """Show the session's settings; nothing that does not go together can be chosen."""
        params, spec = self._session.params, self._session.spec
        wanted = (params, spec, self._session.dataset is not None)
        if wanted == self._shown:
            return  # a job has begun or ended; that changes nothing here
        self._shown = wanted
        self._suggest.setEnabled(self._session.dataset is not None)
        for option in options_of(SomParams):
            field = self._fields[option.name]
            field.offer(params)
            applies = option.applies(params)
            field.show_value(getattr(params, option.name), applies)
            if option.group in _FOLDED:
                self._forms[option.group].setRowVisible(field, applies)
        for option in options_of(ImageSpec):
            field = self._fields[option.name]
            shown = spec or ImageSpec()
            applies = spec is not None and option.applies(shown)
            why_not = "Open pictures first." if spec is None else ""
            field.show_value(getattr(shown, option.name), applies, why_not)
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


def _grouped(settings: type) -> dict[str, list[Option]]:
    groups: dict[str, list[Option]] = {}
    for option in options_of(settings):
        groups.setdefault(option.group, []).append(option)
    return groups


def _preset_of(params: SomParams) -> str:
    return next((name for name in PRESETS if _like(name, params) == params), _OWN)


def _like(name: str, here: SomParams) -> SomParams:
    """Return a preset with the shape and the seed that are set, unless it names another shape."""
    kept = {field: getattr(here, field) for field in _SHAPE if field not in PRESETS[name]}
    return preset(name, **kept)
