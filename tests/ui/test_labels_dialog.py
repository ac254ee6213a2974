"""Labels: keys, order, names, merging, spreading over the map, tables; every step can be undone."""

from __future__ import annotations

import csv
import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, Person, save, wait_idle
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from image2map_gui.core.analysis.labels import spread
from image2map_gui.core.analysis.methods import FREQUENCY, LABELLINGS, MAJORITY, PROXIMITY
from image2map_gui.core.images.collection import SPREAD, LabelStyle
from image2map_gui.core.picture.ramps import kind_colours
from image2map_gui.core.project.load import load_project
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.tools.labels_dialog import LabelsDialog
from image2map_gui.ui.widgets.gallery import INK_ROLE


@pytest.fixture
def dialog(mapped: MainWindow) -> LabelsDialog:
    mapped.actions_by_name["labels"].trigger()
    QApplication.processEvents()
    return mapped.findChild(LabelsDialog)


BLUE = (0x1E, 0x90, 0xFF)


def has_colour(image: QImage, colour: tuple[int, ...]) -> bool:
    wanted = QColor(*colour).rgb()
    places = itertools.product(range(image.width()), range(image.height()))
    return any(image.pixel(x, y) == wanted for x, y in places)


def labels_of(session: Session) -> list[str | None]:
    return [source.label for source in session.sources]


def click(qtbot: QtBot, dialog: LabelsDialog, name: str) -> None:
    qtbot.mouseClick(dialog.buttons[name], Qt.MouseButton.LeftButton)


def undo(window: MainWindow) -> None:
    window.actions_by_name["undo"].trigger()


def test_keys_label_what_is_selected(qtbot: QtBot, mapped: MainWindow) -> None:
    session, canvas = mapped.session, mapped.map_view.canvas.parentWidget()
    session.select_unit(int(session.map.units[0]))
    there = set(session.chosen)
    QTest.keyClick(canvas, Qt.Key.Key_2)
    assert {one.label for one in session.sources if one.address in there} == {"steep"}
    undo(mapped)
    assert labels_of(session) == ["flat"] * 6 + ["steep"] * 6
    session.choose([session.sources[0].address])
    QTest.keyClick(mapped.browser.gallery, Qt.Key.Key_0)
    assert labels_of(session)[0] is None
    said: list[str] = []
    session.noticed.connect(said.append)
    QTest.keyClick(mapped.browser.list, Qt.Key.Key_9)
    assert said == ["There is no label 9 yet; F2 gives the selected pictures a new one."]
    QTest.keyClick(mapped.browser.gallery, Qt.Key.Key_1)
    assert labels_of(session)[0] == "flat"
    assert session.model.label_counts.sum() == 12


def test_they_are_listed_with_keys_and_counts(mapped: MainWindow, dialog: LabelsDialog) -> None:
    assert dialog.table.content.rows == [("1", "flat", 6), ("2", "steep", 6)]
    assert dialog.words.text().startswith("2 labels; 0 pictures without one.")
    mapped.session.curator.label([mapped.session.sources[0].address], None)
    assert dialog.table.content.rows == [("1", "flat", 5), ("2", "steep", 6)]
    assert "1 picture without one" in dialog.words.text()


def test_their_order_gives_their_keys(
    qtbot: QtBot, mapped: MainWindow, dialog: LabelsDialog
) -> None:
    dialog.table.go_to(1)
    click(qtbot, dialog, "up")
    assert [row[1] for row in dialog.table.content.rows] == ["steep", "flat"]
    assert dialog.chosen == "steep"
    assert not dialog.buttons["up"].isEnabled()
    mapped.session.choose([mapped.session.sources[0].address])
    QTest.keyClick(mapped.browser.gallery, Qt.Key.Key_1)
    assert labels_of(mapped.session)[0] == "steep"
    undo(mapped)
    undo(mapped)
    assert [row[1] for row in dialog.table.content.rows] == ["flat", "steep"]
    dialog.table.go_to(0)
    click(qtbot, dialog, "down")
    assert [row[1] for row in dialog.table.content.rows] == ["steep", "flat"]


def test_a_label_is_renamed_merged_and_taken_off(
    qtbot: QtBot, mapped: MainWindow, dialog: LabelsDialog, person: Person
) -> None:
    session = mapped.session
    dialog.table.go_to(1)
    person.answers["label"] = "upright"
    click(qtbot, dialog, "rename")
    assert labels_of(session) == ["flat"] * 6 + ["upright"] * 6
    assert session.model.label_names == ("flat", "upright")
    assert mapped.actions_by_name["undo"].text() == "&Undo rename label “steep”"
    dialog.table.go_to(1)
    person.answers["label"] = "flat"
    click(qtbot, dialog, "rename")
    assert labels_of(session) == ["flat"] * 12
    undo(mapped)
    undo(mapped)
    assert labels_of(session) == ["flat"] * 6 + ["steep"] * 6
    dialog.table.go_to(0)
    click(qtbot, dialog, "select")
    assert session.chosen == tuple(one.address for one in session.sources[:6])
    click(qtbot, dialog, "remove")
    assert labels_of(session) == [None] * 6 + ["steep"] * 6
    undo(mapped)
    assert session.model.label_counts.sum() == 12


def colours_shown(qtbot: QtBot, window: MainWindow, name: str) -> list[tuple[int, ...]]:
    """Return the colours of the labels in a layer, in the order of its legend."""
    layers = window.session.layers
    layers.choose(layers.wished(name))
    qtbot.waitUntil(lambda: layers.plane is not None and not layers.slow, timeout=WAIT_MS)
    return [tuple(colour) for colour in layers.plane.inks.tolist()]


def test_a_label_is_coloured_everywhere_and_reset(
    qtbot: QtBot, mapped: MainWindow, dialog: LabelsDialog, person: Person, tmp_path: Path
) -> None:
    session = mapped.session
    usual = [tuple(colour) for colour in kind_colours(2).tolist()]
    assert colours_shown(qtbot, mapped, "pies") == usual
    dialog.table.go_to(1)
    assert not dialog.buttons["palette"].isEnabled()
    person.answers["colour"] = "#1e90ff"
    click(qtbot, dialog, "colour")
    assert person.proposed == "#" + bytes(usual[1]).hex()
    qtbot.waitUntil(
        lambda: colours_shown(qtbot, mapped, "pies") == [usual[0], BLUE], timeout=WAIT_MS
    )
    assert mapped.actions_by_name["undo"].text() == "&Undo colour label “steep”"
    assert [row[1] for row in dialog.table.content.rows] == ["flat", "steep"], "no other order"
    index = dialog.table.content.index(1, 1)
    assert has_colour(index.data(Qt.ItemDataRole.DecorationRole).pixmap(12).toImage(), BLUE)
    row = next(row for row, one in enumerate(session.sources) if one.label == "steep")
    cell = mapped.browser.gallery.pictures.index(row, 0)
    mapped.browser.gallery.scrollTo(cell)
    assert cell.data(INK_ROLE) == BLUE
    assert has_colour(mapped.browser.gallery.grab().toImage(), BLUE)
    assert has_colour(mapped.grab().toImage(), BLUE)
    assert save(session, tmp_path / "a.i2m")
    assert load_project(tmp_path / "a.i2m").labels[1] == LabelStyle("steep", "#1e90ff")
    click(qtbot, dialog, "palette")
    assert session.modified
    qtbot.waitUntil(lambda: colours_shown(qtbot, mapped, "pies") == usual, timeout=WAIT_MS)
    undo(mapped)
    assert session.curator.inks.of("steep") == BLUE
    undo(mapped)
    assert session.curator.inks.of("steep") == usual[1]
    session.open_project(tmp_path / "a.i2m")
    assert session.curator.inks.of("steep") == BLUE
    assert dialog.table.content.inks.of("steep") == BLUE


def test_a_colour_follows_its_label(mapped: MainWindow) -> None:
    curator = mapped.session.curator
    curator.colour_label("steep", "#1e90ff")
    curator.rename_label("steep", "upright")
    assert curator.inks.of("upright") == BLUE
    curator.label([mapped.session.sources[0].address], "third")
    curator.rename_label("upright", "third")
    assert curator.inks.of("third") == BLUE, "one without a colour of its own takes it over"
    curator.undo()
    curator.colour_label("third", "#ff0000")
    curator.rename_label("upright", "third")
    assert curator.inks.of("third") == (255, 0, 0), "one that has its own keeps it"
    steps = mapped.actions_by_name["undo"].text()
    curator.colour_label("third", "#ff0000")
    curator.move_label("third", -9)
    assert mapped.actions_by_name["undo"].text() == steps, "what changes nothing is no step"


def test_the_order_is_that_of_layers_and_menus(
    qtbot: QtBot, mapped: MainWindow, dialog: LabelsDialog, person: Person
) -> None:
    layers = mapped.session.layers
    colours_shown(qtbot, mapped, "classes")
    assert layers.plane.kinds == ("flat", "steep")
    named = mapped.map_view.layer_bar.kind.currentData()
    assert named == "classes", "the layer is named over the map"
    dialog.table.go_to(1)
    click(qtbot, dialog, "up")
    qtbot.waitUntil(lambda: layers.plane.kinds == ("steep", "flat"), timeout=WAIT_MS)
    assert layers.labels == ("steep", "flat")
    mapped.actions_by_name["select-label"].trigger()
    assert person.shown[-1].index("steep") < person.shown[-1].index("flat")


def cluster_of(qtbot: QtBot, window: MainWindow, unit: int) -> set[int]:
    """Show two clusters and return the units of that of a unit."""
    layers = window.session.layers
    layers.choose(dataclasses.replace(layers.wished("clusters"), clusters=2))
    qtbot.waitUntil(lambda: layers.plane is not None, timeout=WAIT_MS)
    return set(np.flatnonzero(layers.plane.values == layers.plane.values[unit]).tolist())


def test_a_whole_cluster_is_labelled_in_one_step(
    qtbot: QtBot, mapped: MainWindow, person: Person
) -> None:
    session = mapped.session
    before = labels_of(session)
    said: list[str] = []
    session.noticed.connect(said.append)
    mapped.actions_by_name["label-cluster"].trigger()
    assert "select a unit" in said[-1]
    assert session.layers.wish.name == "clusters"
    unit = int(session.map.units[0])
    units = cluster_of(qtbot, mapped, unit)
    there = {row for row, one in enumerate(session.map.units.tolist()) if one in units}
    assert 0 < len(there) < 12
    session.select_unit(unit)
    person.answers["label"] = "whole"
    mapped.actions_by_name["label-cluster"].trigger()
    assert {row for row, name in enumerate(labels_of(session)) if name == "whole"} == there
    assert set(session.selection.units.tolist()) == units
    assert session.model.label_counts.sum() == 12
    assert "label a cluster “whole”" in mapped.actions_by_name["undo"].text()
    undo(mapped)
    assert labels_of(session) == before


def test_a_cluster_has_its_name_while_it_is_the_same(
    qtbot: QtBot, mapped: MainWindow, person: Person
) -> None:
    session = mapped.session
    layers = session.layers
    unit = int(session.map.units[0])
    cluster_of(qtbot, mapped, unit)
    usual = layers.plane.kinds
    session.select_unit(unit)
    person.answers["cluster_name"] = "  <b>the flat ones</b> "
    mapped.actions_by_name["name-cluster"].trigger()
    assert person.proposed in usual
    qtbot.waitUntil(lambda: "<b>the flat ones</b>" in layers.plane.kinds, timeout=WAIT_MS)
    assert layers.plane.told(unit) == "<b>the flat ones</b>"
    layers.choose(layers.wished("hits"))
    cluster_of(qtbot, mapped, unit)
    assert layers.plane.told(unit) == "<b>the flat ones</b>"
    layers.change(clusters=4)
    qtbot.waitUntil(lambda: layers.plane is not None, timeout=WAIT_MS)
    assert "<b>the flat ones</b>" not in layers.plane.kinds, "other clusters"
    cluster_of(qtbot, mapped, unit)
    person.answers["cluster_name"] = ""
    mapped.actions_by_name["name-cluster"].trigger()
    qtbot.waitUntil(lambda: layers.plane.kinds == usual, timeout=WAIT_MS)


def told_naively(session: Session, labels: list[str | None], way: str) -> list[str]:
    """The label of each unit, one after the other."""
    weights, units = session.model.weights.astype(float), session.map.units.tolist()
    pictures = session.dataset.vectors.astype(float)
    given = [(row, label) for row, label in enumerate(labels) if label is not None]
    own: dict[int, dict[str, float]] = {}
    for row, label in given:
        worth = 1 / sum(other == label for _, other in given) if way == FREQUENCY else 1
        shares = own.setdefault(units[row], {})
        shares[label] = shares.get(label, 0) + worth
    told = []
    for unit, weight in enumerate(weights):
        if way == PROXIMITY:
            far = {row: float(np.linalg.norm(pictures[row] - weight)) for row, _ in given}
            told.append(labels[min(far, key=far.get)])
            continue
        if unit not in own:
            far = {one: float(np.linalg.norm(weights[one] - weight)) for one in sorted(own)}
            shares = own[min(far, key=far.get)]
        else:
            shares = own[unit]
        told.append(max(sorted(shares), key=shares.get))
    return told


@pytest.mark.parametrize("way", list(LABELLINGS))
@pytest.mark.slow
def test_labels_spread_over_the_map(
    qtbot: QtBot, mapped: MainWindow, dialog: LabelsDialog, way: str
) -> None:
    session = mapped.session
    bare = [one.address for row, one in enumerate(session.sources) if row % 3]
    session.curator.label(bare, None)
    before = labels_of(session)
    dialog.way.setCurrentIndex(dialog.way.findData(way))
    click(qtbot, dialog, "spread")
    qtbot.waitUntil(lambda: not dialog.job.busy, timeout=WAIT_MS)
    after = labels_of(session)
    assert None not in after
    assert [new for old, new in zip(before, after, strict=True) if old is not None] == [
        old for old in before if old is not None
    ], "labels that were there stay"
    state = session.map
    expected = told_naively(session, before, way)
    assert [
        expected[unit] for old, unit in zip(before, state.units, strict=True) if old is None
    ] == [new for old, new in zip(before, after, strict=True) if old is None]
    if way == MAJORITY:
        assert tuple(after) == spread(session.model, state.units, before).labels
    (group,) = [one for one in session.project().selections if one.name == SPREAD]
    assert group.addresses == frozenset(bare)
    assert "8 pictures labelled" in dialog.words.text()
    undo(mapped)
    assert labels_of(session) == before
    assert session.project().selections == (), "one step undoes all of it"


def test_labels_spread_on_selected_units_alone(
    qtbot: QtBot, mapped: MainWindow, dialog: LabelsDialog
) -> None:
    session = mapped.session
    session.curator.label([one.address for one in session.sources[1:]], None)
    session.select_unit(int(session.map.units[-1]))
    there = set(session.chosen)
    dialog.only.setChecked(True)
    click(qtbot, dialog, "spread")
    qtbot.waitUntil(lambda: not dialog.job.busy, timeout=WAIT_MS)
    labelled = {one.address for one in session.sources if one.label is not None}
    assert labelled == there | {session.sources[0].address}


def test_what_cannot_be_spread_is_said(
    qtbot: QtBot, mapped: MainWindow, dialog: LabelsDialog, tmp_path: Path
) -> None:
    session = mapped.session
    assert save(session, tmp_path / "a.i2m")
    session.open_project(tmp_path / "a.i2m")
    dialog.way.setCurrentIndex(dialog.way.findData(PROXIMITY))
    click(qtbot, dialog, "spread")
    qtbot.waitUntil(lambda: "not in memory" in dialog.words.text(), timeout=WAIT_MS)
    dialog.way.setCurrentIndex(dialog.way.findData(MAJORITY))
    click(qtbot, dialog, "spread")
    qtbot.waitUntil(lambda: "Nothing to label" in dialog.words.text(), timeout=WAIT_MS)


def test_labels_go_into_a_table_and_come_back(
    qtbot: QtBot, mapped: MainWindow, dialog: LabelsDialog, person: Person, tmp_path: Path
) -> None:
    session, table = mapped.session, tmp_path / "labels.csv"
    person.answers["file_to_save"] = table
    click(qtbot, dialog, "export")
    wait_idle(qtbot, session)
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["path"], row["label"]) for row in rows] == [
        (one.address, one.label) for one in session.sources
    ]
    before = labels_of(session)
    session.curator.label([one.address for one in session.sources[:8]], "else")
    person.answers["table_to_open"] = table
    click(qtbot, dialog, "import")
    qtbot.waitUntil(lambda: labels_of(session) == before, timeout=WAIT_MS)
    undo(mapped)
    assert labels_of(session) == ["else"] * 8 + ["steep"] * 4
    table.write_text("path,label\nnobody.png,a\n", "utf-8")
    click(qtbot, dialog, "import")
    qtbot.waitUntil(lambda: "names no picture" in dialog.words.text(), timeout=WAIT_MS)
