"""The session: what is open, what is running, and that nothing gets lost."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, idle, open_pictures, save, train, wait_idle
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from image2map_gui.core.errors import TrainingError
from image2map_gui.core.images.samples import draw_line, write_sample
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project.load import load_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.session import trainer as trainer_module
from image2map_gui.ui.session.session import Session

SMALL = SomParams(rows=3, columns=4, epochs=5)


def long_training(rows: int = 8) -> SomParams:
    return SomParams(rows=rows, columns=8, epochs=100_000)


def test_open_folder_reads_pictures_and_labels(
    qtbot: QtBot, session: Session, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    assert len(session.sources) == 12
    assert {source.label for source in session.sources} == {"flat", "steep"}
    assert session.dataset is not None
    assert session.dataset.vectors.shape == (12, 256)
    assert session.modified


def test_training_tells_every_epoch_and_ends_with_a_model(
    qtbot: QtBot, session: Session, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    epochs: list[int] = []
    session.epoch_ended.connect(lambda figures: epochs.append(figures.epoch))
    train(qtbot, session)
    assert epochs == [1, 2, 3, 4, 5]
    assert [figures.epoch for figures in session.history] == epochs
    assert session.model is not None
    assert session.map is not None
    assert session.map.units is not None
    assert len(session.map.units) == 12
    assert session.map.sheet.shape == (3 * 16, 4 * 16, 3)


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (["text.png"], "is not a picture this program can read"),
        (["empty"], "there are no pictures in it"),
        (["notes"], "is not a picture"),
        (["missing"], "there is no such file or folder"),
    ],
)
def test_bad_input_is_one_clear_sentence(
    qtbot: QtBot, session: Session, tmp_path: Path, paths: list[str], words: str
) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.txt").write_text("hello")
    with qtbot.waitSignal(session.failed, timeout=WAIT_MS) as failure:
        session.open_pictures([tmp_path / path for path in paths])
    (message,) = failure.args
    assert words in message
    assert str(tmp_path / paths[0]) in message
    wait_idle(qtbot, session)
    assert not session.sources


def test_a_broken_project_leaves_what_is_open_alone(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    broken = tmp_path / "broken.i2m"
    broken.write_bytes(b"PK\x03\x04 and nothing more")
    with qtbot.waitSignal(session.failed, timeout=WAIT_MS) as failure:
        session.open_project(broken)
    assert str(broken) in failure.args[0]
    assert len(session.sources) == 12


def test_a_folder_that_cannot_be_opened_leaves_what_is_open(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    train(qtbot, session)
    save(session, tmp_path / "map.i2m")
    (tmp_path / "empty").mkdir()
    with qtbot.waitSignal(session.failed, timeout=WAIT_MS):
        session.open_pictures([tmp_path / "empty"])
    wait_idle(qtbot, session)
    assert len(session.sources) == 12
    assert session.model is not None
    assert session.path == tmp_path / "map.i2m"
    session.open_sample("lines")
    wait_idle(qtbot, session)
    assert len(session.sources) == 100
    assert session.map is None
    assert session.path is None


@pytest.mark.slow
def test_stopping_to_read_pictures_again_keeps_them_all(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    write_sample("lines", tmp_path / "many", 3000, 8)
    open_pictures(qtbot, session, tmp_path / "many")
    session.set_spec(ImageSpec(size=(20, 20)))
    session.train()
    assert session.activity == "reading"
    session.stop()
    wait_idle(qtbot, session)
    assert len(session.sources) == 3000
    assert session.map is None


def test_pause_holds_and_resume_goes_on(qtbot: QtBot, session: Session, pictures: Path) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(long_training())
    session.train()
    qtbot.waitUntil(lambda: len(session.history) > 2, timeout=WAIT_MS)
    session.pause()
    assert session.paused
    qtbot.waitUntil(lambda: session._job.waiting, timeout=WAIT_MS)
    QApplication.processEvents()
    reached, last = len(session.history), session._job._worker.last
    assert last.epoch == session.history[-1].epoch
    QApplication.processEvents()
    assert session._job._worker.last is last
    assert len(session.history) == reached
    session.resume()
    qtbot.waitUntil(lambda: len(session.history) > reached, timeout=WAIT_MS)
    session.halt()


def test_step_trains_one_epoch_at_a_time(qtbot: QtBot, session: Session, pictures: Path) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(long_training())
    session.step()
    qtbot.waitUntil(lambda: len(session.history) == 1 and session.paused, timeout=WAIT_MS)
    session.step()
    qtbot.waitUntil(lambda: len(session.history) == 2 and session.paused, timeout=WAIT_MS)
    session.stop()
    qtbot.waitUntil(lambda: session.model is not None, timeout=WAIT_MS)
    assert [figures.epoch for figures in session.history] == [1, 2]


def test_stop_keeps_the_map_reached_so_far(qtbot: QtBot, session: Session, pictures: Path) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(long_training())
    session.train()
    qtbot.waitUntil(lambda: len(session.history) > 3, timeout=WAIT_MS)
    with qtbot.waitSignal(session.noticed, timeout=WAIT_MS) as notice:
        session.stop()
    assert "the map is usable" in notice.args[0]
    wait_idle(qtbot, session)
    assert session.model is not None
    assert session.model.hits.sum() == 12
    assert session.modified


def test_save_and_open_gives_the_same_map(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    train(qtbot, session)
    before = session.map
    assert save(session, tmp_path / "map.i2m")
    assert not session.modified
    session.new()
    assert session.map is None
    session.open_project(tmp_path / "map.i2m")
    assert before is not None
    assert session.map is not None
    np.testing.assert_array_equal(session.map.weights, before.weights)
    np.testing.assert_array_equal(session.map.units, before.units)
    assert session.map.pictures == before.pictures
    assert len(session.history) == 5
    assert not session.modified


def test_a_map_can_be_saved_while_it_is_trained(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(long_training())
    session.train()
    qtbot.waitUntil(lambda: session.present_model() is not None, timeout=WAIT_MS)
    assert save(session, tmp_path / "early.i2m")
    session.halt()
    project = load_project(tmp_path / "early.i2m")
    assert project.model is not None
    assert len(project.picture_units) == 12


def test_a_failed_save_keeps_the_mark_and_says_why(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    with qtbot.waitSignal(session.failed, timeout=WAIT_MS) as failure:
        assert not save(session, tmp_path / "nowhere" / "map.i2m")
    assert "nowhere" in failure.args[0]
    assert session.modified


def test_a_map_goes_on_from_where_it_is(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    train(qtbot, session)
    save(session, tmp_path / "map.i2m")
    session.open_project(tmp_path / "map.i2m")
    assert session.map is not None
    before = session.map.weights
    session.go_on()
    wait_idle(qtbot, session)
    qtbot.waitUntil(lambda: session.model is not None, timeout=WAIT_MS)
    assert [figures.epoch for figures in session.history] == list(range(1, 11))
    assert {figures.radius for figures in session.history[5:]} == {SMALL.radius_end}
    assert session.model.params == SMALL
    assert np.abs(session.map.weights - before).max() < 0.5
    assert session.modified


def test_added_pictures_are_placed_on_the_map_and_saved_with_it(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    train(qtbot, session)
    assert session.map is not None
    weights = session.map.weights
    extra = tmp_path / "extra.png"
    Image.fromarray(draw_line(0.3)).save(extra)
    session.add_pictures([extra])
    wait_idle(qtbot, session)
    assert len(session.sources) == 13
    assert session.map.weights is weights, "the map stays as it is"
    assert session.map.pictures == session.sources
    assert extra.name in {source.name for source, _ in _everyone(session)}
    save(session, tmp_path / "more.i2m")
    assert len(load_project(tmp_path / "more.i2m").sources) == 13


def test_pictures_that_are_there_already_are_not_added_twice(
    qtbot: QtBot, session: Session, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    with qtbot.waitSignal(session.failed, timeout=WAIT_MS) as failure:
        session.add_pictures([pictures])
    assert "already" in failure.args[0]
    wait_idle(qtbot, session)
    assert len(session.sources) == 12


def test_another_size_is_read_again_before_the_training(
    qtbot: QtBot, session: Session, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    session.set_spec(ImageSpec(size=(8, 6), fit="stretch"))
    train(qtbot, session)
    assert session.map is not None
    assert session.map.weights.shape == (12, 48)


def test_a_project_can_be_trained_again_from_its_files(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    train(qtbot, session)
    save(session, tmp_path / "map.i2m")
    session.open_project(tmp_path / "map.i2m")
    next(pictures.glob("flat/*.png")).unlink()
    session.set_params(dataclasses.replace(SMALL, seed=1))
    train(qtbot, session)
    assert len(session.sources) == 11
    assert [skipped.reason for skipped in session.skipped] == ["is no longer there"]


def test_classified_pictures_move_with_a_map_in_training(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(long_training())
    session.train()
    qtbot.waitUntil(lambda: session.present_model() is not None, timeout=WAIT_MS)
    drawing = tmp_path / "new.png"
    Image.fromarray(draw_line(0.1)).save(drawing)
    with qtbot.waitSignal(session.matches_changed, timeout=WAIT_MS):
        session.classify([drawing])
    assert len(session.matches) == 1
    session.stop()
    qtbot.waitUntil(lambda: session.model is not None and idle(session), timeout=WAIT_MS)
    match = session.matches[0]
    assert session.map is not None
    distances = np.linalg.norm(session.map.weights - match.vector, axis=1)
    assert match.unit == int(distances.argmin())


def test_an_unreadable_drop_is_told_and_loses_nothing(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    train(qtbot, session)
    bad = tmp_path / "text.png"
    bad.write_text("no picture")
    with qtbot.waitSignal(session.failed, timeout=WAIT_MS) as failure:
        session.classify([bad])
    assert str(bad) in failure.args[0]
    wait_idle(qtbot, session)
    assert session.map is not None
    assert session.matches == []


def test_a_failing_training_says_so_and_is_not_taken_for_finished(
    qtbot: QtBot, session: Session, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    real = trainer_module.learn

    def breaks(*arguments: object):
        for count, snapshot in enumerate(real(*arguments)):
            yield snapshot
            if count == 4:
                raise TrainingError("Training stopped in epoch 4: a weight is no number.")

    monkeypatch.setattr(trainer_module, "learn", breaks)
    with qtbot.waitSignal(session.failed, timeout=WAIT_MS) as failure:
        session.train()
    assert "epoch 4" in failure.args[0]
    wait_idle(qtbot, session)
    assert session.map is not None
    assert session.model is not None, "the last good map is kept"


def test_late_epochs_of_a_halted_training_are_not_counted(
    qtbot: QtBot, session: Session, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    for rows in (3, 5, 8):
        session.set_params(long_training(rows))
        session.train()
        qtbot.waitUntil(lambda: len(session.history) > 2, timeout=WAIT_MS)
        session.halt()
        session.train()
        qtbot.waitUntil(lambda: len(session.history) > 2, timeout=WAIT_MS)
        epochs = [figures.epoch for figures in session.history]
        assert epochs == list(range(1, len(epochs) + 1))
        session.new()
        QApplication.processEvents()
        assert session.history == []
        open_pictures(qtbot, session, pictures)


def test_a_second_job_is_refused_in_words(qtbot: QtBot, session: Session, pictures: Path) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(long_training())
    session.train()
    with qtbot.waitSignal(session.noticed, timeout=WAIT_MS):
        session.train()
    with qtbot.waitSignal(session.noticed, timeout=WAIT_MS):
        session.add_pictures([pictures])
    session.halt()


def _everyone(session: Session):
    assert session.map is not None
    for unit in range(session.map.grid.units):
        yield from session.map.members(unit)


def test_training_on_pictures_that_are_all_gone_says_so_once(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    train(qtbot, session)
    save(session, tmp_path / "map.i2m")
    session.open_project(tmp_path / "map.i2m")
    for path in pictures.rglob("*.png"):
        path.unlink()
    said: list[str] = []
    session.failed.connect(said.append)
    for begin in (session.train, session.go_on, lambda: session.add_pictures([tmp_path])):
        said.clear()
        with qtbot.waitSignal(session.failed, timeout=WAIT_MS):
            begin()
        wait_idle(qtbot, session)
        assert len(said) == 1
        assert "No picture could be read" in said[0]
    assert session.map is not None
    assert len(session.sources) == 12


def test_settings_of_the_next_training_are_saved_beside_those_of_the_map(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    train(qtbot, session)
    assert session.dataset is not None
    params = dataclasses.replace(SMALL, rows=9)
    spec = dataclasses.replace(session.dataset.spec, invert=True)
    session.set_params(params)
    session.set_spec(spec)
    assert save(session, tmp_path / "map.i2m")
    session.new()
    session.open_project(tmp_path / "map.i2m")
    assert (session.params, session.spec) == (params, spec)
    assert session.model is not None
    assert session.model.params == SMALL
    assert not session.model.spec.invert


def test_a_map_counts_as_unsaved_while_it_is_finished(
    qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    assert save(session, tmp_path / "map.i2m")
    seen: list[tuple[bool, bool]] = []

    def look() -> None:
        if session.activity == "settling":
            seen.append((session.modified, session.unsaved))

    session.activity_changed.connect(look)
    session.set_params(long_training())
    session.train()
    qtbot.waitUntil(lambda: session.map is not None, timeout=WAIT_MS)
    session.stop()
    wait_idle(qtbot, session)
    assert seen
    assert set(seen) == {(True, True)}
