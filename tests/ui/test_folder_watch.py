"""Watched folders: what comes into them is added once it is complete, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import WAIT_MS, open_pictures, save, train, wait_idle
from PIL import Image
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.panels import folder_watch as folder_watch_module


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_watch_module, "_SETTLE_MS", 60)


@pytest.fixture
def watched(qtbot: QtBot, window: MainWindow, pictures: Path) -> MainWindow:
    open_pictures(qtbot, window.session, pictures)
    watch(qtbot, window)
    return window


def watch(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_by_name["watch"].trigger()
    qtbot.waitUntil(lambda: window.folder_watch._seen is not None, timeout=WAIT_MS)


def draw(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(draw_line(0.3)).save(path)
    return path


def wait_for(qtbot: QtBot, window: MainWindow, count: int) -> None:
    qtbot.waitUntil(lambda: len(window.session.sources) == count, timeout=WAIT_MS)
    wait_idle(qtbot, window.session)


def test_it_is_off_until_it_is_wanted(qtbot: QtBot, window: MainWindow, pictures: Path) -> None:
    action = window.actions_by_name["watch"]
    assert not action.isEnabled()
    open_pictures(qtbot, window.session, pictures)
    assert action.isEnabled()
    assert not action.isChecked()
    assert not window.folder_watch._watcher.directories()
    watch(qtbot, window)
    assert action.isChecked()
    assert window.status_line.message == "Watching 3 folders for new pictures."
    action.trigger()
    assert not action.isChecked()
    assert not window.folder_watch._watcher.directories()


def test_a_new_picture_is_placed_on_the_map_without_training(
    qtbot: QtBot, watched: MainWindow, pictures: Path
) -> None:
    session = watched.session
    session.set_params(SomParams(rows=2, columns=3, epochs=3))
    train(qtbot, session)
    weights = session.map.weights.copy()
    path = draw(pictures / "flat" / "new.png")
    wait_for(qtbot, watched, 13)
    assert session.sources[-1].label == "flat"
    assert str(path) in session.map.unit_of
    assert (session.map.weights == weights).all()
    assert session.modified


def test_a_new_folder_is_watched_too(qtbot: QtBot, watched: MainWindow, pictures: Path) -> None:
    draw(pictures / "middle" / "1.png")
    wait_for(qtbot, watched, 13)
    assert session_labels(watched) == {"flat", "steep", "middle"}
    draw(pictures / "middle" / "2.png")
    wait_for(qtbot, watched, 14)


def session_labels(window: MainWindow) -> set[str | None]:
    return {source.label for source in window.session.sources}


def test_what_was_there_before_is_not_added(
    qtbot: QtBot, window: MainWindow, pictures: Path
) -> None:
    open_pictures(qtbot, window.session, pictures)
    draw(pictures / "flat" / "before.png")
    watch(qtbot, window)
    draw(pictures / "flat" / "after.png")
    wait_for(qtbot, window, 13)
    assert Path(window.session.sources[-1].path).name == "after.png"


def test_what_was_taken_out_does_not_come_back(
    qtbot: QtBot, watched: MainWindow, pictures: Path
) -> None:
    session = watched.session
    session.choose([session.sources[0].address])
    session.curator.remove(session.chosen)
    assert len(session.sources) == 11
    draw(pictures / "flat" / "new.png")
    wait_for(qtbot, watched, 12)
    assert Path(session.sources[-1].path).name == "new.png"


def test_a_file_that_is_being_written_is_waited_for(
    qtbot: QtBot, watched: MainWindow, pictures: Path
) -> None:
    whole = draw(pictures.parent / "whole.png").read_bytes()
    path = pictures / "flat" / "slow.png"
    with path.open("wb") as file:

        def grow() -> None:
            """Each look finds more of it than the one before."""
            file.write(whole[file.tell() : file.tell() + 1])
            file.flush()

        watched.folder_watch._job.ended.connect(grow)
        grow()
        qtbot.waitUntil(lambda: file.tell() > 5, timeout=WAIT_MS)
        assert len(watched.session.sources) == 12
        watched.folder_watch._job.ended.disconnect(grow)
        file.write(whole[file.tell() :])
    wait_for(qtbot, watched, 13)
    assert not watched.session.skipped


def test_pictures_wait_until_a_training_has_ended(
    qtbot: QtBot, watched: MainWindow, pictures: Path
) -> None:
    session = watched.session
    session.set_params(SomParams(rows=6, columns=6, epochs=100_000))
    session.train()
    qtbot.waitUntil(lambda: len(session.history) > 1, timeout=WAIT_MS)
    draw(pictures / "flat" / "new.png")
    qtbot.waitUntil(watched.folder_watch._timer.isActive, timeout=WAIT_MS)
    session.stop()
    wait_for(qtbot, watched, 13)
    assert len(session.map.units) == 13


def test_another_collection_is_not_watched(qtbot: QtBot, watched: MainWindow) -> None:
    watched.session.open_sample("lines")
    wait_idle(qtbot, watched.session)
    assert not watched.actions_by_name["watch"].isChecked()
    watched.actions_by_name["watch"].trigger()
    assert "no folder to watch" in watched.status_line.message
    assert not watched.actions_by_name["watch"].isChecked()


def test_a_project_knows_its_folders_by_its_pictures(
    qtbot: QtBot, watched: MainWindow, pictures: Path, tmp_path: Path
) -> None:
    session = watched.session
    assert save(session, tmp_path / "map.i2m")
    session.open_project(tmp_path / "map.i2m")
    assert not session.watching
    watch(qtbot, watched)
    draw(pictures / "steep" / "new.png")
    wait_for(qtbot, watched, 13)
    assert session.sources[-1].label == "steep"


def test_too_many_folders_are_said(
    qtbot: QtBot, window: MainWindow, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_watch_module, "MOST_FOLDERS", 2)
    open_pictures(qtbot, window.session, pictures)
    watch(qtbot, window)
    assert window.status_line.message.startswith("Watching 2 of 3 folders;")
    assert len(window.folder_watch._watcher.directories()) == 2


def test_pictures_that_were_moved_are_watched_where_they_are_now(
    qtbot: QtBot, watched: MainWindow, pictures: Path, tmp_path: Path
) -> None:
    pictures.rename(tmp_path / "moved")
    qtbot.waitUntil(lambda: not watched.folder_watch._timer.isActive(), timeout=WAIT_MS)
    watched.session.locate(tmp_path)
    wait_idle(qtbot, watched.session)
    qtbot.waitUntil(
        lambda: str(tmp_path / "moved" / "flat") in watched.folder_watch._watcher.directories(),
        timeout=WAIT_MS,
    )
    qtbot.waitUntil(lambda: watched.folder_watch._seen is not None, timeout=WAIT_MS)
    draw(tmp_path / "moved" / "flat" / "new.png")
    wait_for(qtbot, watched, 13)
