"""Measuring a map in the window: on demand, in the background, and never for another map."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest
from conftest import WAIT_MS, Person, idle, open_pictures, save, train, wait_idle
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from image2map_gui.core.analysis.evaluate import evaluate
from image2map_gui.core.analysis.figures import figures, figures_text
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.panels.quality_panel import QualityPanel
from image2map_gui.ui.theme import faint_text

LEFT = Qt.MouseButton.LeftButton
DESCRIPTION = Qt.ItemDataRole.AccessibleDescriptionRole
LONG = SomParams(rows=50, columns=50, epochs=1)  # some seconds to measure


def press(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """Press one of the buttons of the panel, which is in front."""
    button = getattr(window.quality, name)
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, LEFT)


def measure(qtbot: QtBot, window: MainWindow) -> None:
    window.show_quality()
    press(qtbot, window, "measure_button")
    assert window.session.activity == "measuring"
    wait_idle(qtbot, window.session)


def groups(panel: QualityPanel) -> dict[str, list[QTreeWidgetItem]]:
    root = panel.table.invisibleRootItem()
    tops = [root.child(place) for place in range(root.childCount())]
    return {top.text(0): [top.child(place) for place in range(top.childCount())] for top in tops}


def rows(panel: QualityPanel) -> list[QTreeWidgetItem]:
    return [row for group in groups(panel).values() for row in group]


def told(window: MainWindow) -> str:
    """All figures that the window has, as text."""
    assert window.session.quality is not None
    return figures_text(window.session.quality)


def is_in_front(panel: QualityPanel) -> bool:
    return not panel.visibleRegion().isEmpty()


@pytest.fixture
def trained(qtbot: QtBot, window: MainWindow, pictures: Path) -> MainWindow:
    open_pictures(qtbot, window.session, pictures)
    window.session.set_params(SomParams(rows=4, columns=5, epochs=6))
    train(qtbot, window.session)
    return window


@pytest.mark.slow
def test_without_a_finished_map_there_is_nothing_to_measure(
    qtbot: QtBot, window: MainWindow, pictures: Path
) -> None:
    panel, action = window.quality, window.actions_by_name["measure"]
    window.show_quality()
    assert is_in_front(panel)
    assert panel.title.startswith("Train a map")
    assert not panel.measure_button.isEnabled()
    assert not action.isEnabled()
    assert not panel.table.isVisible()
    window.session.measure()
    assert "no finished map" in window.status_line.message
    open_pictures(qtbot, window.session, pictures)
    window.session.set_params(SomParams(rows=4, columns=4, epochs=100_000))
    window.session.train()
    qtbot.waitUntil(lambda: "forming" in panel.title, timeout=WAIT_MS)
    assert not panel.measure_button.isEnabled()
    assert not action.isEnabled()
    window.session.stop()
    wait_idle(qtbot, window.session)
    assert panel.title.startswith("Press Measure")
    assert panel.measure_button.isEnabled()
    assert action.isEnabled()


def test_all_figures_are_shown_by_groups(qtbot: QtBot, trained: MainWindow) -> None:
    measure(qtbot, trained)
    session, panel = trained.session, trained.quality
    assert session.model is not None
    assert session.dataset is not None
    expected = figures(evaluate(session.model, session.dataset))
    shown = groups(panel)
    assert list(shown) == ["Fit", "Order", "Use of the units", "Labels"]
    texts = {row.text(0): row.text(1) for row in rows(panel)}
    for one in expected:
        assert texts[one.title] == one.text
    assert panel.title == "12 pictures on 20 units"
    assert panel.table.isVisible()


def test_single_label_units_stand_above_what_they_must_be_read_with(
    qtbot: QtBot, trained: MainWindow
) -> None:
    measure(qtbot, trained)
    found = trained.session.quality
    assert found is not None
    assert found.labels is not None
    labels = groups(trained.quality)["Labels"]
    (place,) = (at for at, row in enumerate(labels) if row.text(0) == "Single-label units")
    below = [(row.text(0).strip(), row.text(1)) for row in labels[place + 1 : place + 5]]
    assert labels[place].text(1) == str(found.labels.single_label_units)
    assert below[:3] == [
        ("units", "20"),
        ("empty units", str(found.empty_units)),
        ("labelled pictures", "12"),
    ]
    assert below[3][0] == "topographic error, 8 neighbours"


def test_every_figure_is_explained_to_eyes_and_ears(qtbot: QtBot, trained: MainWindow) -> None:
    measure(qtbot, trained)
    panel = trained.quality
    assert panel.table.accessibleName()
    for row in rows(panel):
        said = row.data(0, DESCRIPTION)
        panel.table.setCurrentItem(row)
        assert panel.explanation == said
        assert said.split()[0] in row.toolTip(0)
        assert row.toolTip(0) == row.toolTip(1)
    first = rows(panel)[0]
    panel.table.setCurrentItem(first)
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    assert panel.table.currentItem() is not first
    assert panel.explanation == rows(panel)[1].data(0, DESCRIPTION)


def test_the_key_measures_and_brings_the_panel_to_the_front(
    qtbot: QtBot, trained: MainWindow
) -> None:
    panel = trained.quality
    assert not is_in_front(panel)
    qtbot.keyClick(trained, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: is_in_front(panel), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: trained.session.quality is not None, timeout=WAIT_MS)
    wait_idle(qtbot, trained.session)
    assert panel.table.isVisible()


def test_measuring_shows_how_far_it_is_and_can_be_stopped(
    qtbot: QtBot, window: MainWindow, pictures: Path
) -> None:
    session, panel = window.session, window.quality
    open_pictures(qtbot, session, pictures)
    session.set_params(LONG)
    train(qtbot, session)
    window.show_quality()
    press(qtbot, window, "measure_button")
    with qtbot.waitSignal(session.progressed, timeout=WAIT_MS):
        pass
    qtbot.waitUntil(lambda: "Measuring quality: " in panel.title, timeout=WAIT_MS)
    assert "Measuring quality: " in window.status_line.progress
    assert panel.measure_button.text() == "Stop"
    assert window.actions_by_name["stop"].isEnabled()
    assert window.actions_by_name["save"].isEnabled()
    assert not window.actions_by_name["train"].isEnabled()
    assert not panel.table.isVisible()
    press(qtbot, window, "measure_button")
    wait_idle(qtbot, session)
    assert session.quality is None
    assert panel.title.startswith("Press Measure")
    assert panel.measure_button.text() == "Measure"


def test_the_window_can_be_closed_while_measuring(
    qtbot: QtBot, window: MainWindow, pictures: Path, person: Person
) -> None:
    open_pictures(qtbot, window.session, pictures)
    window.session.set_params(LONG)
    train(qtbot, window.session)
    window.show_quality()
    press(qtbot, window, "measure_button")
    person.answers["save_first"] = "discard"
    assert window.close()
    assert idle(window.session)


@pytest.mark.slow
def test_figures_of_an_earlier_map_are_not_shown_for_another(
    qtbot: QtBot, trained: MainWindow, tmp_path: Path, pictures: Path
) -> None:
    session, panel = trained.session, trained.quality
    measure(qtbot, trained)
    for change in (
        lambda: session.train(),
        lambda: session.go_on(),
        lambda: session.add_pictures([shutil.copy(next(pictures.rglob("*.png")), tmp_path)]),
    ):
        assert session.quality is not None
        before = len(session.sources)
        change()
        qtbot.waitUntil(lambda: session.quality is None, timeout=WAIT_MS)
        wait_idle(qtbot, session)
        assert not panel.table.isVisible()
        assert not panel.copy_text.isVisible()
        assert "have changed" in panel.title
        measure(qtbot, trained)
        assert panel.title == f"{len(session.sources)} pictures on 20 units"
    assert len(session.sources) == before + 1
    session.new()
    assert panel.title.startswith("Train a map")
    assert not panel.table.isVisible()


def test_other_settings_for_the_next_training_neither_hide_nor_spoil_figures(
    qtbot: QtBot, trained: MainWindow
) -> None:
    session, wanted = trained.session, ImageSpec(size=(8, 8))
    measure(qtbot, trained)
    first = told(trained)
    session.set_spec(wanted)
    session.set_params(SomParams(rows=9, columns=9))
    assert told(trained) == first
    measure(qtbot, trained)
    assert told(trained) == first
    assert session.spec == wanted


@pytest.mark.slow
def test_an_opened_project_is_measured_by_reading_its_pictures(
    qtbot: QtBot, trained: MainWindow, tmp_path: Path, pictures: Path
) -> None:
    session, panel = trained.session, trained.quality
    measure(qtbot, trained)
    first = told(trained)
    save(session, tmp_path / "lines.i2m")
    session.open_project(tmp_path / "lines.i2m")
    assert session.dataset is None
    assert panel.title.startswith("Press Measure")
    measure(qtbot, trained)
    assert told(trained) == first
    session.open_project(tmp_path / "lines.i2m")
    next(pictures.rglob("*.png")).unlink()
    measure(qtbot, trained)
    assert panel.title == "11 pictures on 20 units; 1 could not be read any more"
    session.open_project(tmp_path / "lines.i2m")
    shutil.rmtree(pictures)
    measure(qtbot, trained)
    assert session.quality is None
    assert "None of the pictures can be read any more" in trained.status_line.message
    assert panel.title.startswith("Press Measure")


def test_figures_can_be_copied_as_text_and_as_a_table(qtbot: QtBot, trained: MainWindow) -> None:
    measure(qtbot, trained)
    found = trained.session.quality
    assert found is not None
    press(qtbot, trained, "copy_text")
    assert QGuiApplication.clipboard().text() == figures_text(found)
    press(qtbot, trained, "copy_table")
    table = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text())))
    assert [row["figure"] for row in table] == [one.name for one in figures(found)]
    assert float(table[0]["value"]) == found.quantization_error


def test_measuring_does_not_count_as_a_change(
    qtbot: QtBot, trained: MainWindow, tmp_path: Path
) -> None:
    save(trained.session, tmp_path / "lines.i2m")
    measure(qtbot, trained)
    assert not trained.session.modified


def test_the_palette_is_followed(qtbot: QtBot, trained: MainWindow, qapp: QApplication) -> None:
    measure(qtbot, trained)
    before, row = qapp.palette(), rows(trained.quality)[0]
    chosen = trained.quality.table.currentItem()
    dark = QPalette(before)
    for role, colour in (("Window", "#202020"), ("Base", "#101010"), ("WindowText", "#f0f0f0")):
        dark.setColor(getattr(QPalette.ColorRole, role), QColor(colour))
    light = row.foreground(2).color()
    assert light == faint_text(before)
    try:
        qapp.setPalette(dark)
        qapp.processEvents()
        assert row.foreground(2).color() == faint_text(dark) != light
        assert trained.quality.table.currentItem() is chosen
    finally:
        qapp.setPalette(before)
