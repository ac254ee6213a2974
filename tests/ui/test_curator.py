"""Edits of labels and of names of clusters: what stays, and where it is kept."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from conftest import WAIT_MS, Person, save
from pytestqt.qtbot import QtBot

from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.manifest import clusters_of
from image2map_gui.ui.main_window import MainWindow


def test_a_label_that_another_is_merged_into_keeps_its_place_and_key(
    qtbot: QtBot, mapped: MainWindow
) -> None:
    curator = mapped.session.curator
    addresses = [one.address for one in mapped.session.sources]
    for name, part in (("a", addresses[:3]), ("b", addresses[3:6]), ("c", addresses[6:])):
        curator.label(part, name)
    curator.colour_label("a", "#112233")
    curator.rename_label("a", "c")
    assert curator.labels == [("b", 3), ("c", 9)]
    assert curator.inks.names == ("b", "c")
    curator.undo()
    assert curator.labels == [("a", 3), ("b", 3), ("c", 6)]
    curator.rename_label("a", "d")
    assert [name for name, _ in curator.labels] == ["d", "b", "c"], "a new name takes its place"


def named(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """Wait until the clusters are shown, and one of them under this name if there is one."""
    layers = window.session.layers
    qtbot.waitUntil(lambda: layers.plane is not None and not layers._runner.busy, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not name or name in layers.plane.kinds, timeout=WAIT_MS)


@pytest.mark.slow
def test_the_name_of_a_cluster_is_undone_saved_and_goes_with_its_project(
    qtbot: QtBot, mapped: MainWindow, person: Person, tmp_path: Path
) -> None:
    session, layers = mapped.session, mapped.session.layers
    path, other = tmp_path / "a.i2m", tmp_path / "b.i2m"
    assert save(session, path)
    assert save(session, other)
    assert not session.modified
    layers.choose(dataclasses.replace(layers.wished("clusters"), clusters=2))
    named(qtbot, mapped, "")
    usual = layers.plane.kinds
    session.select_unit(int(session.map.units[0]))
    person.answers["cluster_name"] = "mine"
    mapped.actions_by_name["name-cluster"].trigger()
    named(qtbot, mapped, "mine")
    assert session.modified
    mapped.actions_by_name["undo"].trigger()
    qtbot.waitUntil(lambda: layers.plane.kinds == usual, timeout=WAIT_MS)
    assert mapped.actions_by_name["redo"].text() == "&Redo name a cluster “mine”"
    mapped.actions_by_name["redo"].trigger()
    named(qtbot, mapped, "mine")
    assert save(session, path)
    assert not session.modified
    session.open_project(other)
    qtbot.waitUntil(lambda: layers.plane.kinds == usual, timeout=WAIT_MS)
    session.open_project(path)
    named(qtbot, mapped, "mine")
    assert not session.modified
    units = load_project(path).clusters[0].units
    assert {int(layers.plane.values[unit]) for unit in units} == {layers.plane.kinds.index("mine")}


def test_names_of_clusters_that_are_not_there_are_refused() -> None:
    for units in ([], [1, 1], [2, 1], [-1], [12], ["1"], [True]):
        with pytest.raises(ValueError, match="agree"):
            clusters_of([{"name": "mine", "units": units}], 12)
    assert clusters_of([{"name": "mine", "units": [0, 11]}], 12)[0].units == (0, 11)
