"""File > Export: real actions, jobs beside the window, files as the command line writes them."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, Person, open_pictures, train, wait_idle
from PIL import Image
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from image2map_gui.core.picture.wishes import Wish
from image2map_gui.core.som.course import Change
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session

EXPORTS = (
    "export-view", "export-animation", "export-report", "export-folders-unit",
    "export-folders-cluster", "export-folders-label", "export-assignments", "export-weights",
    "copy-command", "copy-python",
)  # fmt: skip


@pytest.fixture
def mapped(qtbot: QtBot, window: MainWindow, session: Session, pictures: Path) -> MainWindow:
    """A window with a finished map of labelled pictures."""
    open_pictures(qtbot, session, pictures)
    session.set_params(SomParams(rows=2, columns=3, epochs=4, seed=3))
    train(qtbot, session)
    return window


def trigger(qtbot: QtBot, window: MainWindow, name: str) -> str:
    """Choose an action, wait for its job, and return what the window says."""
    window.actions_by_name[name].trigger()
    wait_idle(qtbot, window.session)
    return window.status_line.message


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_the_menu_offers_all_of_them_once_there_is_a_map(
    qtbot: QtBot, window: MainWindow, pictures: Path
) -> None:
    (menu,) = [menu for menu in window.findChildren(QMenu) if menu.title() == "&Export"]
    offered = list(EXPORTS)  # and one that needs classified pictures
    offered.insert(offered.index("export-assignments"), "export-folders-answer")
    assert [one.objectName() for one in menu.actions() if not one.isSeparator()] == offered
    open_pictures(qtbot, window.session, pictures)
    assert not any(window.actions_by_name[name].isEnabled() for name in EXPORTS)
    window.session.set_params(SomParams(rows=2, columns=2, epochs=1))
    train(qtbot, window.session)
    assert all(window.actions_by_name[name].isEnabled() for name in EXPORTS)


def test_by_label_needs_labels(qtbot: QtBot, window: MainWindow, pictures: Path) -> None:
    open_pictures(qtbot, window.session, pictures / "flat")
    window.session.set_params(SomParams(rows=2, columns=2, epochs=1))
    train(qtbot, window.session)
    assert not window.actions_by_name["export-folders-label"].isEnabled()
    assert window.actions_by_name["export-folders-unit"].isEnabled()


@pytest.mark.parametrize("by", ["unit", "cluster", "label"])
@pytest.mark.slow
def test_pictures_are_copied_into_folders(
    qtbot: QtBot, mapped: MainWindow, person: Person, pictures: Path, tmp_path: Path, by: str
) -> None:
    before = {path: path.read_bytes() for path in files(pictures)}
    out = tmp_path / "out"
    out.mkdir()
    person.answers["folder_for_copies"] = out
    said = trigger(qtbot, mapped, f"export-folders-{by}")
    assert said.startswith("12 pictures copied into ")
    assert sorted(path.read_bytes() for path in files(out)) == sorted(before.values())
    assert {path: path.read_bytes() for path in files(pictures)} == before
    assert "into_existing" not in person.asked
    if by == "label":
        assert {path.parent.name for path in files(out)} == {"flat", "steep"}


def test_a_folder_that_is_not_empty_is_asked_about(
    qtbot: QtBot, mapped: MainWindow, person: Person, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    person.answers["folder_for_copies"] = out
    trigger(qtbot, mapped, "export-folders-label")
    assert person.asked[-1] == "into_existing"
    assert len(files(out)) == 1
    person.answers["into_existing"] = True
    trigger(qtbot, mapped, "export-folders-label")
    assert len(files(out)) == 13
    assert (out / "mine.txt").read_text() == "mine"


def test_what_could_not_be_copied_is_listed_and_wrong_places_are_refused(
    qtbot: QtBot, mapped: MainWindow, person: Person, pictures: Path, tmp_path: Path
) -> None:
    gone = pictures / "flat" / "line 3.png"
    gone.unlink()
    person.answers |= {"folder_for_copies": tmp_path / "out", "into_existing": True}
    trigger(qtbot, mapped, "export-folders-unit")
    assert len(files(tmp_path / "out")) == 11
    assert person.shown[-1].startswith(f"1 picture could not be copied\n{gone}: ")
    person.answers["folder_for_copies"] = pictures
    assert "where the pictures come from" in trigger(qtbot, mapped, "export-folders-unit")
    assert len(files(pictures)) == 11


def test_clusters_are_those_that_are_looked_at(
    qtbot: QtBot, mapped: MainWindow, person: Person, tmp_path: Path
) -> None:
    mapped.session.layers.choose(Wish("clusters", clusters=6))
    person.answers["folder_for_copies"] = tmp_path / "out"
    trigger(qtbot, mapped, "export-folders-cluster")
    names = {path.parent.name for path in files(tmp_path / "out")}
    hit = set(mapped.session.map.units.tolist())
    assert len(names) == len(hit) > 2


def test_the_report_holds_what_was_measured(
    qtbot: QtBot, mapped: MainWindow, person: Person, tmp_path: Path
) -> None:
    out = tmp_path / "r.html"
    person.answers["file_to_save"] = out
    assert trigger(qtbot, mapped, "export-report") == f"Saved as {out}"
    text = out.read_text(encoding="utf-8")
    assert "Trustworthiness" not in text
    assert str(tmp_path) not in text
    mapped.session.measure()
    wait_idle(qtbot, mapped.session)
    trigger(qtbot, mapped, "export-report")
    assert "Trustworthiness" in out.read_text(encoding="utf-8")


def test_the_map_is_saved_with_the_layer_over_it(
    qtbot: QtBot, mapped: MainWindow, person: Person, tmp_path: Path
) -> None:
    for name, wish in (("plain.png", Wish("none")), ("hits.png", Wish("hits"))):
        mapped.session.layers.choose(wish)
        person.answers["file_to_save"] = tmp_path / name
        assert trigger(qtbot, mapped, "export-view") == f"Saved as {tmp_path / name}"
    plain, hits = (Image.open(tmp_path / name) for name in ("plain.png", "hits.png"))
    with plain, hits:
        assert plain.width > 300
        assert plain.tobytes() != hits.tobytes()
    person.answers["file_to_save"] = tmp_path / "no" / "map.png"
    assert "cannot be written" in trigger(qtbot, mapped, "export-view")


def test_the_map_is_saved_with_the_pictures_in_its_cells(
    qtbot: QtBot, mapped: MainWindow, person: Person, tmp_path: Path
) -> None:
    session = mapped.session
    assert session.map is not None
    for name, kind in (("prototypes.svg", "prototypes"), ("nearest.svg", "nearest")):
        session.cells.choose(kind)
        qtbot.waitUntil(lambda: not session.cells.busy, timeout=WAIT_MS)
        person.answers["file_to_save"] = tmp_path / name
        trigger(qtbot, mapped, "export-view")
    texts = [
        (tmp_path / name).read_text(encoding="utf-8") for name in ("prototypes.svg", "nearest.svg")
    ]
    assert ["Nearest pictures" in text for text in texts] == [False, True]
    drawn = [found[1] for text in texts if (found := re.search('base64,([^"]+)', text))]
    assert len(set(drawn)) == 2


def test_tables_and_arrays_are_those_of_the_map(
    qtbot: QtBot, mapped: MainWindow, person: Person, tmp_path: Path
) -> None:
    person.answers["file_to_save"] = tmp_path / "units.csv"
    trigger(qtbot, mapped, "export-assignments")
    with (tmp_path / "units.csv").open(newline="", encoding="utf-8") as file:
        units = {row["path"]: int(row["unit"]) for row in csv.DictReader(file)}
    assert units == mapped.session.map.unit_of
    person.answers["file_to_save"] = tmp_path / "w.npz"
    trigger(qtbot, mapped, "export-weights")
    with np.load(tmp_path / "w.npz") as arrays:
        assert np.array_equal(arrays["weights"], mapped.session.model.weights)


def test_the_command_and_the_program_are_in_the_clipboard(
    qtbot: QtBot, mapped: MainWindow, pictures: Path
) -> None:
    said = trigger(qtbot, mapped, "copy-command")
    assert said == "Copied the command that trains this map again"
    text = QGuiApplication.clipboard().text()
    assert text.startswith(f"image2map train {pictures} -o ")
    assert "--rows 2 --columns 3" in text
    said = trigger(qtbot, mapped, "copy-python")
    assert said == "Copied the Python program that trains this map again"
    compile(QGuiApplication.clipboard().text(), "again.py", "exec")


@pytest.mark.slow
def test_a_training_that_was_steered_is_said_to_be_another(
    qtbot: QtBot, mapped: MainWindow
) -> None:
    session = mapped.session
    session.train(one_epoch=True)
    qtbot.waitUntil(lambda: session.paused and len(session.history) == 1, timeout=WAIT_MS)
    session.change(Change(radius=2.0))
    session.resume()
    wait_idle(qtbot, session)
    said = trigger(qtbot, mapped, "copy-command")
    assert "not the same map: radius, rate or length were changed" in said
    assert QGuiApplication.clipboard().text().startswith("# Not the same map again")


def test_leaving_a_dialog_exports_nothing(qtbot: QtBot, mapped: MainWindow, tmp_path: Path) -> None:
    before = files(tmp_path)
    for name in EXPORTS[:-2]:
        trigger(qtbot, mapped, name)
    assert files(tmp_path) == before
