"""Going back in time: the scrubber, the curves, and what stays the newest map meanwhile."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, Person, open_pictures, save, train, wait_idle
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from image2map_gui.core.frames import Keeping
from image2map_gui.core.project.load import load_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.dialogs.animation_dialog import Animation, AnimationDialog
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session.session import Session

PARAMS = SomParams(rows=3, columns=4, mode="online", epochs=8, seed=5)


@pytest.fixture
def learned(qtbot: QtBot, window: MainWindow, pictures: Path) -> MainWindow:
    session = window.session
    open_pictures(qtbot, session, pictures)
    session.set_params(PARAMS)
    train(qtbot, session)
    window.complete()
    qtbot.waitUntil(lambda: window.scrubber.slider.maximum() == 8, timeout=WAIT_MS)
    return window


def go(qtbot: QtBot, session: Session, epoch: int) -> None:
    session.times.go(epoch)
    qtbot.waitUntil(lambda: shown(session) == epoch, timeout=WAIT_MS)


def shown(session: Session) -> int | None:
    """The epoch that is on the screen, not only wished for."""
    past = session._document.past
    return None if past is None else past.frame.epoch


def weights_of(session: Session, epoch: int) -> np.ndarray:
    return session._document.frames.near(epoch).weights


@pytest.mark.slow
def test_the_slider_shows_earlier_epochs_and_comes_back(qtbot: QtBot, learned: MainWindow) -> None:
    session, scrubber = learned.session, learned.scrubber
    newest = session.map
    assert scrubber.words == "epoch 8 of 8"
    scrubber.slider.setFocus()
    qtbot.keyClick(scrubber.slider, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: shown(session) == 0, timeout=WAIT_MS)
    assert session.map is not newest
    assert session.map.units is None
    np.testing.assert_array_equal(session.map.weights, weights_of(session, 0))
    qtbot.waitUntil(lambda: scrubber.words == "epoch 0 of 8", timeout=WAIT_MS)
    qtbot.keyClick(scrubber.slider, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shown(session) == 1, timeout=WAIT_MS)
    assert session.map.units is not None
    assert len(session.map.units) == len(session.map.pictures) == 12
    qtbot.keyClick(scrubber.slider, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: shown(session) is None, timeout=WAIT_MS)
    assert session.map is newest


def test_keys_step_through_the_epochs(qtbot: QtBot, learned: MainWindow) -> None:
    session = learned.session
    back, alt = Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier
    learned.activateWindow()
    for epoch in (7, 6, 5):
        qtbot.keyClick(learned, back, alt)
        qtbot.waitUntil(lambda epoch=epoch: shown(session) == epoch, timeout=WAIT_MS)
    qtbot.keyClick(learned, Qt.Key.Key_Right, alt)
    qtbot.waitUntil(lambda: shown(session) == 6, timeout=WAIT_MS)
    qtbot.keyClick(learned, Qt.Key.Key_Home, alt)
    qtbot.waitUntil(lambda: shown(session) == 0, timeout=WAIT_MS)
    qtbot.keyClick(learned, Qt.Key.Key_End, alt)
    qtbot.waitUntil(lambda: shown(session) is None, timeout=WAIT_MS)


@pytest.mark.slow
def test_it_plays_to_the_end_and_backwards(qtbot: QtBot, learned: MainWindow) -> None:
    session = learned.session
    session.times.set_speed(25)
    seen: list[int | None] = []
    session.times.moved.connect(lambda: seen.append(shown(session)))
    play, back = learned.actions_by_name["time-play"], learned.actions_by_name["time-play-back"]
    play.trigger()
    assert play.isChecked()
    qtbot.waitUntil(lambda: session.times.direction == 0, timeout=WAIT_MS)
    assert seen == [0, 1, 2, 3, 4, 5, 6, 7, None]
    assert not play.isChecked()
    seen.clear()
    back.trigger()
    qtbot.waitUntil(lambda: session.times.direction == 0, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: shown(session) == 0, timeout=WAIT_MS)
    assert seen == [7, 6, 5, 4, 3, 2, 1, 0]
    seen.clear()
    play.trigger()
    qtbot.waitUntil(lambda: 3 in seen, timeout=WAIT_MS)
    play.trigger()
    assert session.times.direction == 0
    assert shown(session) is not None


def test_curves_mark_the_epoch_and_a_click_goes_there(qtbot: QtBot, learned: MainWindow) -> None:
    session, curves = learned.session, learned.curves
    assert curves.time is None
    go(qtbot, session, 3)
    assert curves.time == 3
    plot = curves._plots[0]
    box = plot.getPlotItem().vb
    place = plot.mapFromScene(box.mapViewToScene(QPoint(6, 0)))
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.x(), 30))
    qtbot.waitUntil(lambda: shown(session) == 6, timeout=WAIT_MS)
    assert curves.time == 6
    session.times.now()
    assert curves.time is None


@pytest.mark.slow
def test_layers_hover_and_inspector_follow(qtbot: QtBot, learned: MainWindow) -> None:
    session = learned.session
    session.layers.choose(session.layers.wished("hits"))
    qtbot.waitUntil(lambda: session.layers.plane is not None, timeout=WAIT_MS)
    for epoch in (1, 4):
        go(qtbot, session, epoch)
        hits = np.bincount(weights_units(session, epoch), minlength=12)
        qtbot.waitUntil(
            lambda hits=hits: session.layers.plane.values.tolist() == hits.tolist(),
            timeout=WAIT_MS,
        )
        unit = int(hits.argmax())
        session.select_unit(unit)
        assert f"{hits[unit]} picture" in learned.inspector.facts
    go(qtbot, session, 0)
    qtbot.waitUntil(lambda: not session.layers.plane.values.any(), timeout=WAIT_MS)


def weights_units(session: Session, epoch: int) -> np.ndarray:
    return session._document.frames.near(epoch).units


@pytest.mark.slow
def test_saving_while_the_past_is_shown_saves_the_newest_map(
    qtbot: QtBot, learned: MainWindow, tmp_path: Path
) -> None:
    session = learned.session
    newest = session.map
    go(qtbot, session, 2)
    assert save(session, tmp_path / "map.i2m")
    saved = load_project(tmp_path / "map.i2m")
    assert saved.model is not None
    np.testing.assert_array_equal(saved.model.weights, newest.weights)
    np.testing.assert_array_equal(saved.picture_units, newest.units)
    assert saved.frames.epochs == tuple(range(9))
    assert shown(session) == 2
    session.open_project(tmp_path / "map.i2m")
    assert shown(session) is None
    np.testing.assert_array_equal(session.map.weights, newest.weights)
    go(qtbot, session, 2)
    np.testing.assert_array_equal(session.map.weights, saved.frames.frames[2].weights)


@pytest.mark.slow
def test_a_training_goes_on_while_the_past_is_shown(
    qtbot: QtBot, window: MainWindow, pictures: Path
) -> None:
    session = window.session
    open_pictures(qtbot, session, pictures)
    session.set_params(dataclasses.replace(PARAMS, epochs=3000))
    session.train()
    qtbot.waitUntil(lambda: len(session.history) > 20, timeout=WAIT_MS)
    go(qtbot, session, 4)
    seen, done = session.map, len(session.history)
    qtbot.waitUntil(lambda: len(session.history) > done + 50, timeout=WAIT_MS)
    assert session.map is seen
    assert window.scrubber.slider.value() < window.scrubber.slider.maximum()
    session.times.now()
    qtbot.waitUntil(lambda: session.map is not seen, timeout=WAIT_MS)
    first = session.map
    qtbot.waitUntil(lambda: session.map is not first, timeout=WAIT_MS)  # it follows again
    session.stop()
    wait_idle(qtbot, session)


@pytest.mark.slow
def test_editing_while_the_past_is_shown(qtbot: QtBot, learned: MainWindow) -> None:
    session = learned.session
    go(qtbot, session, 3)
    gone = session.sources[0]
    session.curator.remove([gone.address])
    qtbot.waitUntil(lambda: len(session.map.pictures) == 11, timeout=WAIT_MS)
    assert shown(session) == 3
    assert gone not in session.map.pictures
    session.curator.label([session.sources[0].address], "new")
    qtbot.waitUntil(lambda: session.map.pictures[0].label == "new", timeout=WAIT_MS)
    session.curator.undo()
    session.curator.undo()
    qtbot.waitUntil(lambda: len(session.map.pictures) == 12, timeout=WAIT_MS)
    assert len(session.newest.pictures) == 12


@pytest.mark.slow
def test_dropped_pictures_are_classified_on_the_newest_map(
    qtbot: QtBot, learned: MainWindow, pictures: Path
) -> None:
    session = learned.session
    said: list[str] = []
    session.noticed.connect(said.append)
    newest = session.newest
    go(qtbot, session, 1)
    session.classify([pictures / "flat" / "line 1.png"])
    wait_idle(qtbot, session)
    assert session.map is newest
    assert said == ["Back to the newest map: pictures are classified on it."]
    assert len(session.pins) == 1
    go(qtbot, session, 1)
    assert session.pins == []
    assert len(session.matches) == 1


@pytest.mark.slow
def test_training_on_from_an_earlier_epoch(qtbot: QtBot, learned: MainWindow) -> None:
    session = learned.session
    newest = session.map
    action = learned.actions_by_name["train-from"]
    assert not action.isEnabled()
    go(qtbot, session, 3)
    start = session.map.weights
    assert action.isEnabled()
    qtbot.waitUntil(learned.scrubber.on_from_here.isVisible, timeout=WAIT_MS)
    action.trigger()
    qtbot.waitUntil(lambda: session.model is not None and not session.activity, timeout=WAIT_MS)
    assert shown(session) is None
    assert [figures.epoch for figures in session.history] == list(range(1, 9))
    assert session.times.epochs == tuple(range(9))
    np.testing.assert_array_equal(weights_of(session, 3), start)
    assert len(session.runs.all) == 2
    session.runs.restore(1)
    np.testing.assert_array_equal(session.map.weights, newest.weights)


def test_going_on_adds_to_the_epochs(qtbot: QtBot, learned: MainWindow) -> None:
    session = learned.session
    go(qtbot, session, 3)
    session.go_on()
    qtbot.waitUntil(lambda: session.model is not None and not session.activity, timeout=WAIT_MS)
    assert session.times.epochs == tuple(range(17))
    session.times.now()
    assert session.map is session.newest


def test_a_new_training_starts_at_its_newest(qtbot: QtBot, learned: MainWindow) -> None:
    session = learned.session
    go(qtbot, session, 3)
    train(qtbot, session)
    assert shown(session) is None
    session.new()
    assert session.times.epochs == ()
    assert not learned.actions_by_name["time-play"].isEnabled()


def test_no_epochs_are_kept_where_there_is_no_room(qtbot: QtBot, learned: MainWindow) -> None:
    session = learned.session
    session._document.keeping = Keeping(frames=0)
    train(qtbot, session)
    assert session.times.epochs == ()
    qtbot.waitUntil(
        lambda: learned.scrubber.words == "No epochs are kept of this training.", timeout=WAIT_MS
    )
    assert not learned.scrubber.slider.isEnabled()


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp"])
@pytest.mark.slow
def test_the_learning_is_exported(
    qtbot: QtBot, learned: MainWindow, person: Person, tmp_path: Path, suffix: str
) -> None:
    session, out = learned.session, tmp_path / f"out{suffix}"
    session.layers.choose(session.layers.wished("u-matrix"))
    person.answers = {"animation": Animation(suffix, 5.0, 0.5), "file_to_save": out}
    learned.actions_by_name["export-animation"].trigger()
    wait_idle(qtbot, session)
    assert person.asked == ["animation", "file_to_save"]
    with Image.open(out) as image:
        assert image.n_frames == 9
        image.seek(1)
        image.load()
        assert round(image.info["duration"]) == 200


def test_the_dialog_of_the_animation(qtbot: QtBot) -> None:
    dialog = AnimationDialog(Animation(), 41)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.animation == Animation()
    qtbot.keyClick(dialog.format, Qt.Key.Key_Down)
    dialog.fps.setValue(20)
    qtbot.mouseClick(dialog.numbered, Qt.MouseButton.LeftButton)
    assert dialog.animation == Animation(".webp", 20.0, 1.0, numbered=False)
    assert "41 epochs in 4.0 s" in dialog._words.text()


def test_an_epoch_stays_when_the_training_goes_on_with_other_pictures(
    qtbot: QtBot, learned: MainWindow
) -> None:
    session = learned.session
    failures: list[str] = []
    session.failed.connect(failures.append)
    out = session.sources[0].address
    session.curator.exclude([out])
    session.go_on()
    wait_idle(qtbot, session)
    go(qtbot, session, 3)
    assert len(session.map.pictures) == 11
    session.curator.include([out])
    session.go_on()
    wait_idle(qtbot, session)
    session.times.refresh()
    qtbot.waitUntil(lambda: session.times._wanted is None, timeout=WAIT_MS)
    assert not failures
    assert shown(session) == 3
    frame = session._document.past.frame
    assert len(session.map.pictures) == int((frame.units >= 0).sum())
    np.testing.assert_array_equal(session.map.weights, weights_of(session, 3))
