"""Edits of labels: what stays where it was."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

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
