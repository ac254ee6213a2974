"""Unsaved work: kept aside, offered after a crash, and gone when it is saved or discarded."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, Person, open_pictures, save, train, wait_idle
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from image2map_gui.core.files import fingerprint
from image2map_gui.core.frames import Keeping
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.save import save_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.dialogs.recovery_dialog import RecoveryDialog
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.safeguards import Safeguards
from image2map_gui.ui.safety.presence import Presence
from image2map_gui.ui.session.autosave import Autosave
from image2map_gui.ui.session.recovery import ABOUT, Orphan, SideFile, left_by_others
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Preferred, Safety

OFTEN, SELDOM = 0.002, 60.0  # minutes
SMALL = SomParams(rows=3, columns=4, epochs=5)
LONG = SomParams(rows=3, columns=4, epochs=100_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def presence(folder: Path, qtbot: QtBot) -> Iterator[Presence]:
    made = Presence(folder)
    yield made
    made.leave()


@pytest.fixture
def autosave(session: Session, presence: Presence) -> Iterator[Autosave]:
    made = Autosave(session, SideFile(presence), session)
    made.set_interval(SELDOM)
    yield made
    made.halt()


def written(qtbot: QtBot, autosave: Autosave) -> None:
    with qtbot.waitSignal(autosave.written, timeout=WAIT_MS):
        autosave.save_now()


def names(folder: Path) -> list[str]:
    """Return what is in a folder, but for locks."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def crash(presence: Presence) -> None:
    """Leave as a process does that is killed."""
    presence._lock.unlock()
    presence._lock = None


def others(folder: Path) -> tuple[Orphan, ...]:
    """Return what a new start finds, and let it go again."""
    new = Presence(folder)
    found = left_by_others(new).orphans
    for orphan in found:
        orphan.gone.release()
    new.leave()
    return found


# --- what is kept -----------------------------------------------------------------------------


def test_a_map_that_is_not_saved_is_kept_aside_and_restored_exactly(
    qtbot: QtBot, session: Session, autosave: Autosave, presence: Presence, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    with qtbot.waitSignal(autosave.written, timeout=WAIT_MS):  # by itself, after the training
        train(qtbot, session)
    crash(presence)
    (orphan,) = others(presence.folder)
    about = orphan.about
    assert (about.path, about.pictures, about.rows, about.columns) == ("", 12, 3, 4)
    assert (about.epochs, about.planned, about.unfinished) == (5, 5, False)
    assert about.contents == "12 pictures, map of 3 × 4 units after 5 epochs"  # noqa: RUF001
    project = load_project(orphan.file)
    assert project.model.weights.tobytes() == session.model.weights.tobytes()
    assert project.history == tuple(session.history)
    assert project.sources == session.sources
    other = Session()
    assert other.restore(orphan.file, None, None)
    assert other.modified
    assert other.path is None
    assert other.model.weights.tobytes() == session.model.weights.tobytes()
    assert not other.unfinished
    other.shutdown()


def test_while_a_training_runs_what_it_has_reached_is_kept(
    qtbot: QtBot, session: Session, autosave: Autosave, presence: Presence, pictures: Path
) -> None:
    autosave.set_interval(OFTEN)
    open_pictures(qtbot, session, pictures)
    session.set_params(LONG)
    session.train()
    qtbot.waitUntil(lambda: len(session.history) > 5, timeout=WAIT_MS)
    with qtbot.waitSignal(autosave.written, timeout=WAIT_MS):
        pass
    before = len(session.history)
    with qtbot.waitSignals([autosave.written] * 2, timeout=WAIT_MS):
        pass
    autosave.halt()
    reached = len(session.history)
    session.halt()
    crash(presence)
    (orphan,) = others(presence.folder)
    assert before <= orphan.about.epochs <= reached
    assert orphan.about.unfinished
    assert orphan.about.planned == 100_000
    project = load_project(orphan.file)
    assert len(project.history) == orphan.about.epochs
    assert project.frames.epochs[-1] <= orphan.about.epochs
    assert np.isfinite(project.model.weights).all()


def test_a_training_that_has_just_begun_is_kept_when_the_program_has_to_end(
    qtbot: QtBot, session: Session, autosave: Autosave, presence: Presence, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SomParams(rows=3, columns=4, epochs=100_000))
    session.train()
    session._job._timer.stop()  # the window has not yet looked at what is reached
    qtbot.waitUntil(lambda: len(session.history) >= 5, timeout=WAIT_MS)
    assert session._document.snapshot is None or session._document.snapshot.winners is None
    reached = len(session.history)
    assert autosave.save_within(5)
    autosave.halt()
    crash(presence)
    (orphan,) = others(presence.folder)
    assert len(load_project(orphan.file).history) >= reached - 1


def test_what_was_held_is_kept_although_the_newest_state_cannot_be_taken(
    qtbot: QtBot, session: Session, autosave: Autosave, presence: Presence, pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    open_pictures(qtbot, session, pictures)

    def broken() -> None:
        raise ValueError("a mistake")

    monkeypatch.setattr(session, "catch_up", broken)
    assert autosave.save_within(5)
    autosave.halt()
    crash(presence)
    (orphan,) = others(presence.folder)
    assert len(load_project(orphan.file).sources) == 12


def shown_epoch(session: Session) -> int | None:
    snapshot = session._document.snapshot
    return None if snapshot is None else snapshot.epoch


def test_a_training_that_was_cut_off_goes_on_to_its_end(
    qtbot: QtBot, session: Session, autosave: Autosave, presence: Presence, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SomParams(rows=3, columns=4, epochs=9))
    session.step()
    qtbot.waitUntil(lambda: session.paused and len(session.history) == 1, timeout=WAIT_MS)
    session.step()
    qtbot.waitUntil(lambda: session._job.waiting and len(session.history) == 2, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: shown_epoch(session) == 2, timeout=WAIT_MS)
    written(qtbot, autosave)
    autosave.halt()
    session.halt()
    crash(presence)
    (orphan,) = others(presence.folder)
    assert session.restore(orphan.file, None, None)
    assert session.unfinished
    start = session.model.weights
    radius = session.history[-1].radius
    session.finish_training()
    qtbot.waitUntil(lambda: len(session.history) == 9 and not session.activity, timeout=WAIT_MS)
    assert [figures.epoch for figures in session.history] == list(range(1, 10))
    assert session.history[2].radius < radius
    assert session.history[-1].radius == SomParams().radius_end
    assert session.times.epochs[:4] == (0, 1, 2, 3)
    assert (session._document.frames.frames[2].weights == start).all()
    assert not session.unfinished


def test_what_did_not_change_is_not_written_again(
    qtbot: QtBot, session: Session, autosave: Autosave, presence: Presence, pictures: Path
) -> None:
    autosave.save_now()
    assert names(presence.folder) == []  # nothing is open
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    train(qtbot, session)
    qtbot.waitUntil(lambda: autosave._kept is not None, timeout=WAIT_MS)
    before = names(presence.folder)
    autosave.save_now()
    assert not autosave._runner.busy
    assert names(presence.folder) == before
    session.set_params(SomParams(rows=3, columns=4, epochs=6))
    written(qtbot, autosave)
    assert names(presence.folder) != before
    assert len(names(presence.folder)) == 2  # the one before is gone


@pytest.mark.parametrize("how", ["save", "new"])
def test_what_is_saved_or_given_up_is_kept_no_longer(
    qtbot: QtBot,
    session: Session,
    autosave: Autosave,
    presence: Presence,
    pictures: Path,
    tmp_path: Path,
    how: str,
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    train(qtbot, session)
    qtbot.waitUntil(lambda: autosave._kept is not None, timeout=WAIT_MS)
    assert names(presence.folder)
    if how == "save":
        session.save(tmp_path / "map.i2m")
    else:
        session.new()
    qtbot.waitUntil(lambda: names(presence.folder) == [], timeout=WAIT_MS)


def test_no_interval_no_side_file(
    qtbot: QtBot, session: Session, autosave: Autosave, presence: Presence, pictures: Path
) -> None:
    autosave.set_interval(0)
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    train(qtbot, session)
    autosave.save_now()
    assert names(presence.folder) == []
    autosave.set_interval(SELDOM)
    written(qtbot, autosave)
    autosave.set_interval(0)
    assert names(presence.folder) == []


def test_a_side_file_that_cannot_be_written_is_told_once(
    qtbot: QtBot, session: Session, autosave: Autosave, presence: Presence, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    told: list[str] = []
    autosave.failed.connect(told.append)
    place, presence.folder = presence.folder, presence.folder / "not there"
    train(qtbot, session)
    qtbot.waitUntil(lambda: bool(told), timeout=WAIT_MS)
    autosave.save_now()
    qtbot.waitUntil(lambda: not autosave._runner.busy, timeout=WAIT_MS)
    assert len(told) == 1
    assert told[0].startswith("Unsaved work could not be kept for the case of a crash: ")
    presence.folder = place
    written(qtbot, autosave)


def test_without_a_place_that_is_said_once(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder, why in ((None, "no home folder"), (tmp_path / "file" / "x", "cannot be made")):
        made = Autosave(session, SideFile(Presence(folder)), session)
        told: list[str] = []
        made.failed.connect(told.append)
        made.set_interval(1)
        made.set_interval(2)
        assert len(told) == 1
        assert why in told[0]
        made.save_now()
        made.halt()


def test_a_mistake_in_autosave_is_reported_and_harms_nothing(
    qtbot: QtBot,
    session: Session,
    autosave: Autosave,
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    monkeypatch.setattr(SideFile, "writing", lambda *_: iter([1 / len("")] if False else broken()))
    told: list[str] = []
    autosave.failed.connect(told.append)
    with qtbot.captureExceptions() as errors:
        train(qtbot, session)
        qtbot.waitUntil(lambda: bool(told), timeout=WAIT_MS)
    assert [kind for kind, _, _ in errors] == [ZeroDivisionError]
    assert told == ["Unsaved work could not be kept for the case of a crash."]
    assert session.model is not None


def broken() -> Iterator[object]:
    yield 1 // 0


# --- who finds what ---------------------------------------------------------------------------


def test_the_work_of_another_window_is_left_alone(
    qtbot: QtBot, session: Session, autosave: Autosave, presence: Presence, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    train(qtbot, session)
    qtbot.waitUntil(lambda: autosave._kept is not None, timeout=WAIT_MS)
    before = names(presence.folder)
    assert others(presence.folder) == ()
    assert names(presence.folder) == before
    crash(presence)
    first, second = Presence(presence.folder), Presence(presence.folder)
    found = left_by_others(first)
    assert len(found.orphans) == 1
    assert left_by_others(second).orphans == ()  # the first one is asking already
    first.leave()
    second.leave()


def test_what_runs_leave_that_is_of_no_use_is_swept(folder: Path, qtbot: QtBot) -> None:
    folder.mkdir()
    for name in ("7-0123abcd.lock", "7-0123abcd.crash", "8-0123abcd.json"):
        (folder / name).write_text("")
    os.utime(folder / "7-0123abcd.lock", (0, 0))  # as after a power cut
    (folder / "notes.txt").write_text("mine")
    assert others(folder) == ()
    assert names(folder) == ["notes.txt"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"file": 7}', '{"file": "../../etc/passwd"}', "\ud800", "9" * 70_000],
)
def test_work_is_offered_even_if_what_was_told_about_it_is_damaged(
    qtbot: QtBot,
    session: Session,
    autosave: Autosave,
    presence: Presence,
    pictures: Path,
    text: str,
) -> None:
    open_pictures(qtbot, session, pictures)
    session.set_spec(session.dataset.spec)
    session._touch()
    written(qtbot, autosave)
    crash(presence)
    presence.folder.joinpath(f"{presence.name}{ABOUT}").write_bytes(
        text.encode("utf-8", "surrogatepass")
    )
    (orphan,) = others(presence.folder)
    assert orphan.about.contents == "contents not known"
    assert len(load_project(orphan.file).sources) == 12


# --- the offer --------------------------------------------------------------------------------


@pytest.fixture
def saved(qtbot: QtBot, session: Session, pictures: Path, tmp_path: Path) -> Path:
    """Return a project that was saved, is open and is changed since."""
    open_pictures(qtbot, session, pictures)
    session.set_params(SMALL)
    train(qtbot, session)
    path = tmp_path / "flowers <b>.i2m"
    session.save(path)
    qtbot.waitUntil(lambda: not session.modified, timeout=WAIT_MS)
    session.runs.rename(session.runs.shown, "better")
    return path


@pytest.fixture
def left(qtbot: QtBot, session: Session, saved: Path, folder: Path) -> Path:
    """Return the project again after a crash that left its changes in a side file."""
    presence = Presence(folder / "recovery")
    autosave = Autosave(session, SideFile(presence), session)
    autosave.set_interval(SELDOM)
    written(qtbot, autosave)
    autosave.halt()
    crash(presence)
    presence.folder = None  # nobody is there any more who could clean up
    session.modified = False
    session.new()
    return saved


@pytest.fixture
def guard(window: MainWindow, left: Path, folder: Path) -> Iterator[Safeguards]:
    made = Safeguards(window, folder)
    made.start()
    yield made
    window.session.modified = False
    for dialog in window.findChildren(RecoveryDialog):
        dialog.reject()
    made.end()


def offer(guard: Safeguards) -> RecoveryDialog:
    return guard._window.findChildren(RecoveryDialog)[-1]


def test_the_offer_says_what_and_of_when(guard: Safeguards, left: Path) -> None:
    dialog = offer(guard)
    assert dialog.isVisible()
    assert not guard._window.session.sources  # nothing is done unasked
    (text,) = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert text.startswith("flowers <b>.i2m in ")
    assert "12 pictures, map of 3 × 4 units after 5 epochs" in text  # noqa: RUF001
    assert "less than a minute ago" in text
    assert "Your file flowers <b>.i2m stays as it is until you save." in dialog.means.text()
    assert dialog.means.textFormat() == Qt.TextFormat.PlainText
    buttons = [dialog.restore, dialog.discard, dialog.later]
    assert [button.text() for button in buttons] == ["Restore", "Discard", "Later"]


def test_restored_work_is_unsaved_and_the_persons_file_untouched(
    qtbot: QtBot, guard: Safeguards, left: Path, folder: Path, person: Person
) -> None:
    session, before = guard._window.session, fingerprint(left)
    content = left.read_bytes()
    qtbot.mouseClick(offer(guard).restore, Qt.MouseButton.LeftButton)
    assert session.path == left
    assert session.modified
    assert guard._window.isWindowModified()
    assert session.runs.all[0].note == "better"
    assert "it is not saved yet" in guard._window.status_line.message
    qtbot.waitUntil(lambda: guard.autosave._kept is not None, timeout=WAIT_MS)
    assert not guard.autosave._adopted  # this run has a side file of its own by now
    assert left.read_bytes() == content
    assert fingerprint(left) == before
    guard._window.actions_by_name["save"].trigger()
    wait_idle(qtbot, session)
    qtbot.waitUntil(lambda: not session.modified, timeout=WAIT_MS)
    assert left.read_bytes() != content
    assert load_project(left).runs[0].note == "better"
    qtbot.waitUntil(
        lambda: not [name for name in names(folder / "recovery") if "crash" not in name],
        timeout=WAIT_MS,
    )


def test_a_second_crash_after_restoring_loses_nothing(
    qtbot: QtBot, guard: Safeguards, left: Path, folder: Path
) -> None:
    guard.autosave.halt()  # it comes before anything could be written
    qtbot.mouseClick(offer(guard).restore, Qt.MouseButton.LeftButton)
    (orphan,) = guard.autosave._adopted
    orphan.gone.release()
    crash(guard.presence)
    (again,) = others(folder / "recovery")
    assert again.about == orphan.about


def test_a_crash_just_after_restoring_offers_the_work_once(
    qtbot: QtBot, guard: Safeguards, left: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Autosave, "_ended", lambda *_: None)  # it comes before the old one goes
    qtbot.mouseClick(offer(guard).restore, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not guard.autosave._runner.busy, timeout=WAIT_MS)
    (orphan,) = guard.autosave._adopted
    orphan.gone.release()
    assert len(list((folder / "recovery").glob("*.i2m"))) == 2
    crash(guard.presence)
    (again,) = others(folder / "recovery")
    assert again.gone.name == guard.presence.name
    assert again.about.contents == orphan.about.contents


def test_discarded_work_is_gone(qtbot: QtBot, guard: Safeguards, left: Path, folder: Path) -> None:
    dialog, content = offer(guard), left.read_bytes()
    with qtbot.waitSignal(dialog.finished, timeout=WAIT_MS):
        qtbot.mouseClick(dialog.discard, Qt.MouseButton.LeftButton)
    assert others(folder / "recovery") == ()
    assert not list((folder / "recovery").glob("*.i2m"))
    assert left.read_bytes() == content


def test_later_means_the_next_start(
    qtbot: QtBot, guard: Safeguards, folder: Path, window: MainWindow
) -> None:
    qtbot.mouseClick(offer(guard).later, Qt.MouseButton.LeftButton)
    assert not window.session.sources
    assert others(folder / "recovery") == ()  # still this window's to answer
    guard.end()
    (orphan,) = others(folder / "recovery")
    assert orphan.about.name == "flowers <b>.i2m"


@pytest.mark.parametrize(("changed", "step"), [(False, 5), (False, 0), (True, 5)])
def test_restored_work_has_all_epochs_that_the_persons_file_keeps(
    qtbot: QtBot, session: Session, saved: Path, tmp_path: Path, changed: bool, step: int
) -> None:
    original, side = fingerprint(saved), tmp_path / "side.i2m"
    project = load_project(saved)
    few = dataclasses.replace(project.frames, frames=project.frames.frames[::step] if step else ())
    assert project.frames.epochs == (0, 1, 2, 3, 4, 5)
    save_project(dataclasses.replace(project, frames=few, sources=project.sources[:-1],
        picture_units=project.picture_units[:-1],
        picture_distances=project.picture_distances[:-1]), side)  # fmt: skip
    if changed:
        os.utime(saved, ns=(1, 1))
    assert session.restore(side, saved, original)
    frames = session._document.frames
    assert frames.epochs == ((0, 5) if changed else (0, 1, 2, 3, 4, 5))
    assert len(frames.sources) == 11
    for frame in frames.frames[1:]:
        assert frame.units.tolist() == project.frames.near(frame.epoch).units.tolist()[:11]
    assert save(session, tmp_path / "restored.i2m")
    assert load_project(tmp_path / "restored.i2m").frames.epochs == frames.epochs


def test_work_that_cannot_be_read_is_told_and_stays(
    qtbot: QtBot, guard: Safeguards, folder: Path, window: MainWindow
) -> None:
    (file,) = (folder / "recovery").glob("*.i2m")
    file.write_bytes(file.read_bytes()[:-100])
    qtbot.mouseClick(offer(guard).restore, Qt.MouseButton.LeftButton)
    assert "damaged" in window.status_line.message
    assert not window.session.sources
    assert file.exists()


# --- told to end ------------------------------------------------------------------------------


def test_what_is_not_saved_is_kept_when_the_system_ends_the_program(
    qtbot: QtBot, session: Session, autosave: Autosave, presence: Presence, pictures: Path
) -> None:
    assert autosave.save_within(1.0)  # nothing is open, nothing lost
    open_pictures(qtbot, session, pictures)
    session.set_params(LONG)
    session.train()
    qtbot.waitUntil(lambda: session.unsaved and len(session.history) > 5, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: getattr(session.newest, "units", None) is not None, timeout=WAIT_MS)
    reached = len(session.history)
    assert autosave.save_within(10.0)
    assert not session.activity
    crash(presence)
    (orphan,) = others(presence.folder)
    assert orphan.about.epochs >= reached


def test_saving_in_haste_gives_up_in_time(
    qtbot: QtBot, session: Session, autosave: Autosave, presence: Presence, pictures: Path
) -> None:
    open_pictures(qtbot, session, pictures)
    session._touch()
    assert not autosave.save_within(-1.0)
    assert others(presence.folder) == ()


# --- the setting ------------------------------------------------------------------------------


def test_the_interval_is_set_in_the_preferences(
    qtbot: QtBot, guard: Safeguards, window: MainWindow, person: Person
) -> None:
    assert guard.autosave._timer.interval() == 60_000
    person.answers["preferences"] = Preferred(safety=Safety(autosave=5))
    window.actions_by_name["preferences"].trigger()
    assert guard.autosave._timer.interval() == 300_000
    person.answers["preferences"] = Preferred(safety=Safety(autosave=0))
    window.actions_by_name["preferences"].trigger()
    assert not guard.autosave._timer.isActive()


def test_without_autosave_restored_work_stays_until_it_is_saved(
    qtbot: QtBot, guard: Safeguards, window: MainWindow, folder: Path, person: Person
) -> None:
    guard.autosave.set_interval(0)
    qtbot.mouseClick(offer(guard).restore, Qt.MouseButton.LeftButton)
    (orphan,) = guard.autosave._adopted
    for safety in (Safety(autosave=5), Safety(autosave=0)):
        person.answers["preferences"] = Preferred(safety=safety)
        window.actions_by_name["preferences"].trigger()
        assert orphan.file.exists()
    person.answers["preferences"] = Preferred(keeping=Keeping(runs=7), safety=Safety(autosave=0))
    with qtbot.assertNotEmitted(window.session.safety_changed):
        window.actions_by_name["preferences"].trigger()
    orphan.gone.release()
    assert [one.about.name for one in others(folder / "recovery")] == ["flowers <b>.i2m"]
    window.actions_by_name["save"].trigger()
    assert window.session.saver.wait()
    assert not orphan.file.exists()


def test_files_of_this_run_are_told_by_its_name(presence: Presence, folder: Path) -> None:
    assert presence.name.startswith(f"{os.getpid()}-")
    assert presence.file(".x") == folder / f"{presence.name}.x"
    assert json.dumps(presence.problem) == '""'
    assert folder.stat().st_mode & 0o077 == 0 or os.name == "nt"
