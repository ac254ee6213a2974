"""Drops of any kind at any time: clear words, nothing modal, nothing lost."""

from __future__ import annotations

import shutil
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, wait_idle
from PIL import Image
from PySide6.QtCore import QMimeData, QObject, QPointF, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.project.load import load_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow

COPY, LEFT = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drop(window: MainWindow, data: QMimeData) -> bool:
    """Drop something on the left half, where it is classified; returns whether it was taken."""
    place = QPointF(window.width() / 4, window.height() / 2)
    enter = QDragEnterEvent(place.toPoint(), COPY, data, LEFT, NONE)
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        assert window.overlay.isVisible(), "the reason is shown"
        QApplication.sendEvent(window, QDragLeaveEvent())
        assert not window.overlay.isVisible()
        return False
    QApplication.sendEvent(window, QDragMoveEvent(place.toPoint(), COPY, data, LEFT, NONE))
    event = QDropEvent(place, COPY, data, LEFT, NONE)
    QApplication.sendEvent(window, event)
    assert QApplication.activeModalWidget() is None
    assert not window.overlay.isVisible()
    return event.isAccepted()


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    path = tmp_path / "new.png"
    Image.fromarray(draw_line(0.12, 16)).save(path)
    return path


def test_pictures_of_a_browser_are_classified(
    qtbot: QtBot, mapped: MainWindow, drawing: Path
) -> None:
    data = QMimeData()
    data.setImageData(QImage(str(drawing)))
    data.setUrls([QUrl("https://example.org/picture.png")])
    assert drop(mapped, data)
    qtbot.waitUntil(lambda: len(mapped.session.matches) == 1, timeout=WAIT_MS)
    QGuiApplication.clipboard().setImage(QImage(str(drawing)))
    mapped.actions_by_name["paste"].trigger()
    qtbot.waitUntil(lambda: len(mapped.session.matches) == 2, timeout=WAIT_MS)
    first, second = mapped.session.matches
    assert first.unit == second.unit
    wait_idle(qtbot, mapped.session)


def test_words_and_links_are_refused(mapped: MainWindow) -> None:
    words, link = QMimeData(), QMimeData()
    words.setText("a line of text")
    link.setUrls([QUrl("https://example.org/picture.png")])
    for data in (words, link):
        assert not drop(mapped, data)
    assert not mapped.session.answering


@pytest.mark.parametrize("activity", ["training", "reading"])
def test_pictures_are_classified_while_something_else_runs(
    qtbot: QtBot, mapped: MainWindow, drawing: Path, pictures: Path, activity: str
) -> None:
    session = mapped.session
    if activity == "training":
        session.set_params(SomParams(rows=3, columns=4, epochs=100_000))
        session.train()
        qtbot.waitUntil(lambda: session.present_model() is not None, timeout=WAIT_MS)
    else:
        more = pictures.parent / "more"
        shutil.copytree(pictures, more)
        session.add_pictures([more])
    assert session.activity == activity
    assert drop(mapped, files(drawing))
    qtbot.waitUntil(lambda: len(session.matches) == 1, timeout=WAIT_MS)
    session.stop()
    wait_idle(qtbot, session)
    qtbot.waitUntil(lambda: session.model is not None, timeout=WAIT_MS)
    wait_idle(qtbot, session)
    match = session.matches[0]
    far = np.linalg.norm(session.map.weights - match.vector, axis=1)
    assert match.unit == int(far.argmin())


def test_a_drop_on_a_map_without_answers_yet_is_told(
    qtbot: QtBot, mapped: MainWindow, drawing: Path
) -> None:
    session = mapped.session
    said: list[str] = []
    session.noticed.connect(said.append)
    session.new()
    session.classify([drawing])
    assert said == ["There is no map yet: train one, then drop pictures on it."]


def test_what_cannot_be_read_among_others_is_told(
    qtbot: QtBot, mapped: MainWindow, drawing: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    with qtbot.waitSignal(mapped.session.failed, timeout=WAIT_MS) as failure:
        assert drop(mapped, files(drawing, bad, tmp_path / "gone.png"))
    assert failure.args[0].startswith("2 files could not be classified:")
    assert [match.source.path for match in mapped.session.matches] == [str(drawing)]
    wait_idle(qtbot, mapped.session)


@pytest.mark.slow
def test_drops_on_the_collection_wait_for_the_running_job(
    qtbot: QtBot, mapped: MainWindow, drawing: Path, tmp_path: Path
) -> None:
    session = mapped.session
    said: list[str] = []
    session.noticed.connect(said.append)
    classified = tmp_path / "classified.png"
    Image.fromarray(draw_line(0.3, 16)).save(classified)
    session.classify([classified])
    qtbot.waitUntil(lambda: len(session.matches) == 1, timeout=WAIT_MS)
    session.set_params(SomParams(rows=3, columns=4, epochs=100_000))
    session.train()
    qtbot.waitUntil(lambda: session.present_model() is not None, timeout=WAIT_MS)
    session.add_pictures([drawing])
    session.classify([classified])  # the answers of the map before are gone
    qtbot.waitUntil(lambda: len(session.matches) == 1, timeout=WAIT_MS)
    mapped.actions_by_name["matches-add"].trigger()
    waits = "These pictures are added as soon as the running job has ended."
    assert said[-2:].count(waits) >= 1
    assert said.count(waits) == 2
    assert len(session.sources) == 12
    session.stop()
    qtbot.waitUntil(lambda: len(session.sources) == 14, timeout=WAIT_MS)
    wait_idle(qtbot, session)
    assert {str(drawing), str(classified)} <= set(session.map.unit_of), "both lie on the map"
    session.train()
    session.add_pictures([drawing])
    session.new()
    assert session.sources == (), "what is closed takes along what waited for it"


def test_pictures_are_classified_while_a_project_is_saved(
    qtbot: QtBot, mapped: MainWindow, drawing: Path, tmp_path: Path
) -> None:
    session = mapped.session
    assert drop(mapped, files(drawing))
    session.save(tmp_path / "a.i2m")
    assert session.saver.busy
    assert drop(mapped, files(drawing))
    assert session.saver.wait()
    qtbot.waitUntil(lambda: len(session.matches) == 1 and not session.answering, timeout=WAIT_MS)
    wait_idle(qtbot, session)
    assert len(load_project(tmp_path / "a.i2m").sources) == 12


def test_a_dropped_archive_is_classified(
    qtbot: QtBot, mapped: MainWindow, pictures: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "new.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(pictures.rglob("*.png")):
            file.write(path, path.relative_to(pictures))
        file.writestr("notes.txt", "no picture")
        file.writestr("bad.png", "no picture")
    with qtbot.waitSignal(mapped.session.failed, timeout=WAIT_MS) as failure:
        assert drop(mapped, files(archive))
    assert failure.args[0].startswith("2 files could not be classified:")
    assert len(mapped.session.matches) == 12
    units = mapped.session.map.unit_of
    for match in mapped.session.matches:
        inside = match.source.member
        assert match.unit == units[str(pictures / inside)], "the same picture, the same unit"
    wait_idle(qtbot, mapped.session)


class Heart(QObject):
    """Counts how often the window could have reacted, and its longest pause."""

    def __init__(self) -> None:
        super().__init__()
        self.beats, self.longest, self._last = 0, 0.0, time.perf_counter()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._beat)
        self._timer.start(0)

    @Slot()
    def _beat(self) -> None:
        now = time.perf_counter()
        self.beats += 1
        self.longest, self._last = max(self.longest, now - self._last), now

    def stop(self) -> None:
        self._timer.stop()


@pytest.mark.slow
def test_ten_thousand_pictures_are_answered_while_the_window_lives(
    qtbot: QtBot, mapped: MainWindow, drawing: Path, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{index:05}.png" for index in range(10_000)]
    for path in paths:
        path.write_bytes(drawing.read_bytes())
    heart = Heart()
    assert drop(mapped, files(*paths))
    with qtbot.waitSignal(mapped.session.matches_changed, timeout=3 * WAIT_MS):
        pass
    heart.stop()
    assert len(mapped.session.matches) == 10_000
    assert heart.beats > 1_000
    wait_idle(qtbot, mapped.session)


@pytest.mark.slow
def test_ten_thousand_files_are_taken_at_once(
    qtbot: QtBot, mapped: MainWindow, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{index}.png" for index in range(10_000)]
    assert drop(mapped, files(*paths)), "nothing is looked at before the drop returns"
    with qtbot.waitSignal(mapped.session.failed, timeout=WAIT_MS) as failure:
        pass
    assert "(and 9,999 more)" in failure.args[0]
    assert mapped.session.matches == []
    wait_idle(qtbot, mapped.session)
