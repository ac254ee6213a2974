"""The form: every setting is there, and nothing impossible can be chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import open_pictures, train
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSpinBox
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.options import options_of
from image2map_gui.core.som.params import MAX_UNITS, SomParams
from image2map_gui.ui.panels.hyperparameter_dock import HyperparameterDock
from image2map_gui.ui.session.session import Session


def editor(dock: HyperparameterDock, name: str, kind: type) -> object:
    return dock.field(name).findChild(kind)


def choose(dock: HyperparameterDock, name: str, choice: str) -> None:
    box = editor(dock, name, QComboBox)
    box.setCurrentIndex(box.findData(choice))
    box.activated.emit(box.currentIndex())


@pytest.mark.parametrize("settings", [SomParams, ImageSpec])
def test_every_setting_has_a_field_with_its_help(dock: HyperparameterDock, settings: type) -> None:
    for option in options_of(settings):
        field = dock.field(option.name)
        assert field.value() == option.default
        assert option.text(option.default) in field.caption.toolTip()
        assert field.caption.buddy().accessibleName() == option.label


def test_edits_reach_the_session(dock: HyperparameterDock, session: Session) -> None:
    editor(dock, "rows", QSpinBox).setValue(7)
    choose(dock, "topology", "mesh")
    editor(dock, "radius_end", QDoubleSpinBox).setValue(1.5)
    assert session.params == SomParams(rows=7, topology="mesh", radius_end=1.5)


def test_fields_without_effect_cannot_be_edited(dock: HyperparameterDock) -> None:
    rate = editor(dock, "rate_start", QDoubleSpinBox)
    size = editor(dock, "batch_size", QSpinBox)
    assert not rate.isEnabled()
    assert "online or minibatch" in rate.toolTip()
    choose(dock, "mode", "online")
    assert rate.isEnabled()
    assert not size.isEnabled()
    choose(dock, "mode", "minibatch")
    assert size.isEnabled()


def test_what_does_not_go_together_cannot_be_chosen(
    dock: HyperparameterDock, session: Session
) -> None:
    rows, columns = editor(dock, "rows", QSpinBox), editor(dock, "columns", QSpinBox)
    rows.setValue(500)
    columns.setValue(500)
    assert rows.value() * columns.value() <= MAX_UNITS
    assert session.params.units == rows.value() * columns.value()
    editor(dock, "radius_start", QDoubleSpinBox).setValue(2.0)
    end = editor(dock, "radius_end", QDoubleSpinBox)
    end.setValue(50)
    assert end.value() == 2.0
    choose(dock, "mode", "online")
    editor(dock, "rate_start", QDoubleSpinBox).setValue(0.2)
    last = editor(dock, "rate_end", QDoubleSpinBox)
    last.setValue(0.9)
    assert last.value() == 0.2


def test_auto_is_a_value_of_its_own(dock: HyperparameterDock, session: Session) -> None:
    radius = editor(dock, "radius_start", QDoubleSpinBox)
    assert radius.text() == "Auto"
    assert dock.field("radius_start").value() is None
    radius.setValue(3)
    assert session.params.radius_start == 3
    radius.setValue(radius.minimum())
    assert session.params.radius_start is None


def test_reset_of_one_and_of_all(qtbot: QtBot, dock: HyperparameterDock, session: Session) -> None:
    editor(dock, "rows", QSpinBox).setValue(7)
    editor(dock, "epochs", QSpinBox).setValue(99)
    button = dock.field("rows")._reset
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.params == SomParams(epochs=99)
    assert not button.isVisible()
    qtbot.mouseClick(dock._reset, Qt.MouseButton.LeftButton)
    assert session.params == SomParams()


def test_presets_keep_shape_and_seed(dock: HyperparameterDock, session: Session) -> None:
    editor(dock, "rows", QSpinBox).setValue(7)
    box = dock._preset
    assert box.currentData() == "balanced"
    box.setCurrentIndex(box.findData("fine"))
    box.activated.emit(box.currentIndex())
    assert session.params == SomParams(rows=7, epochs=60, radius_end=0.6)
    editor(dock, "epochs", QSpinBox).setValue(61)
    assert box.currentData() == "own"


def test_changes_are_marked_and_never_touch_the_map(
    qtbot: QtBot, dock: HyperparameterDock, session: Session, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    editor(dock, "epochs", QSpinBox).setValue(3)
    train(qtbot, session)
    assert not dock._remark.isVisible()
    before = session.map
    editor(dock, "rows", QSpinBox).setValue(4)
    assert session.map is before
    assert dock._remark.text() == "Changed settings apply to the next training."
    assert dock._remark.isVisible()


def test_a_size_can_be_suggested(
    qtbot: QtBot, dock: HyperparameterDock, session: Session, pictures: Path
) -> None:
    assert not dock._suggest.isEnabled()
    open_pictures(qtbot, session, pictures)
    assert dock._suggest.isEnabled()
    for action in dock._suggest.menu().actions():
        if action.data() == "big":
            action.trigger()
    assert session.params.units == pytest.approx(4 * 5 * 12**0.5, rel=0.2)
    assert dock.field("rows").value() == session.params.rows
