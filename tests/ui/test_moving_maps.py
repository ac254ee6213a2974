"""The map changes under what a person has selected, classified or shown: nothing goes astray."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, idle, open_pictures, train, wait_idle
from PIL import Image
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.picture.planes import component_plane
from image2map_gui.core.runs import within
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.session import runs, trainer
from image2map_gui.ui.session.session import Session

PARAMS = SomParams(rows=6, columns=6, epochs=6, mode="online", seed=5)
SMALL = dataclasses.replace(PARAMS, rows=3, columns=3)


@pytest.fixture
def large(qtbot: QtBot, window: MainWindow, pictures: Path) -> Session:
    session = window.session
    open_pictures(qtbot, session, pictures)
    session.set_params(PARAMS)
    train(qtbot, session)
    window.complete()
    return session


def back_to(qtbot: QtBot, session: Session, epoch: int) -> None:
    session.times.go(epoch)

    def there() -> bool:
        past = session._document.past
        return past is not None and past.frame.epoch == epoch

    qtbot.waitUntil(there, timeout=WAIT_MS)


def train_another(qtbot: QtBot, session: Session, params: SomParams) -> None:
    """Train a second run and go back to the first."""
    session.set_params(params)
    train(qtbot, session)
    session.runs.restore(1)


def on_unit(session: Session, unit: int) -> set[str]:
    assert session.map is not None
    return {source.address for source in session.map.ranked(unit)}


def a_unit_that_changed(session: Session) -> int:
    """One on which other pictures lay in the epoch that is shown than lie there now."""
    shown, newest = session.map, session.newest
    assert shown is not None
    assert newest is not None
    (moved,) = np.nonzero(shown.units != newest.units)
    return int(shown.units[moved[0]])


def test_selecting_in_the_past_chooses_the_pictures_that_are_shown(
    qtbot: QtBot, large: Session
) -> None:
    back_to(qtbot, large, 1)
    unit = a_unit_that_changed(large)
    large.select_unit(unit)
    assert set(large.chosen) == on_unit(large, unit)
    large.times.now()  # and on the way back the choice follows
    assert large.unit == unit
    assert set(large.chosen) == on_unit(large, unit)


def test_the_chosen_pictures_follow_a_training(qtbot: QtBot, large: Session) -> None:
    large.train(one_epoch=True)
    qtbot.waitUntil(
        lambda: large.paused and large.map is not None and large.map.units is not None,
        timeout=WAIT_MS,
    )
    unit = int(large.map.units[0])
    large.select_unit(unit)
    large.resume()
    qtbot.waitUntil(lambda: large.model is not None and idle(large), timeout=WAIT_MS)
    assert large.unit == unit
    assert set(large.chosen) == on_unit(large, unit)


def test_chosen_pictures_keep_and_their_units_follow_to_another_map(
    qtbot: QtBot, window: MainWindow, large: Session
) -> None:
    train_another(qtbot, large, SMALL)
    some = [large.sources[0].address, large.sources[7].address]
    large.choose(some)
    large.runs.restore(2)
    assert list(large.chosen) == some
    expected = {large.map.unit_of[address] for address in some}
    assert set(large.selection.units.tolist()) == expected
    large.choose(())
    assert window.map_view.outlined == 0


def test_a_selection_on_a_larger_map_leaves_no_border_on_a_smaller(
    qtbot: QtBot, window: MainWindow, large: Session
) -> None:
    train_another(qtbot, large, SMALL)
    large.select_unit(35)
    large.selection.select_units([30, 31, 35])
    window.map_view._hovered = 35  # the pointer rests there
    large.choose(())
    large.selection.select_units([35])
    large.runs.restore(2)
    assert all(unit < 9 for unit in large.selection.units)
    assert large.unit is None or large.unit < 9
    assert window.map_view._hovered is None


def test_layers_under_the_pointer_are_those_of_the_epoch_shown(
    qtbot: QtBot, large: Session
) -> None:
    back_to(qtbot, large, 0)
    large.layers.choose(large.layers.wished("component"))
    qtbot.waitUntil(lambda: large.layers.plane is not None, timeout=WAIT_MS)
    state = large.map
    plane = component_plane(state.weights, state.spec, large.layers.wish.component)
    np.testing.assert_array_equal(large.layers.plane.values, plane.values)


@pytest.mark.slow
def test_finishing_a_map_cannot_be_stopped(
    qtbot: QtBot, large: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    large.set_params(dataclasses.replace(PARAMS, epochs=5000))
    large.train()
    qtbot.waitUntil(lambda: len(large.history) > 2, timeout=WAIT_MS)
    large.stop()
    qtbot.waitUntil(lambda: large.activity in ("settling", ""), timeout=WAIT_MS)
    large.stop()
    wait_idle(qtbot, large)
    assert large.model is not None
    assert [run.number for run in large.runs.all] == [1, 2]
    large.runs.restore(1)
    large.runs.restore(2)
    assert large.map.params.epochs == 5000


def test_going_on_that_fails_leaves_the_map_as_it_was(
    qtbot: QtBot, large: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, run = large.model, large.runs.shown

    def fails(*_arguments: object) -> object:
        raise MemoryError
        yield

    monkeypatch.setattr(trainer, "learn", fails)
    with qtbot.waitSignal(large.failed, timeout=WAIT_MS):
        large.go_on()
    wait_idle(qtbot, large)
    assert large.model is model
    assert large.runs.shown == run


def test_the_map_just_left_is_kept_before_all_others(qtbot: QtBot, large: Session) -> None:
    train_another(qtbot, large, dataclasses.replace(PARAMS, seed=6))
    listed = large.runs.all
    assert listed[1].kept is not None
    both = [dataclasses.replace(run, kept=listed[1].kept) for run in listed]
    room = round(1.5 * listed[1].kept.size)
    assert [run.kept is not None for run in within(both, room)] == [False, True]
    assert [run.kept is not None for run in within(both, room, first=1)] == [True, False]
    assert [run.kept is not None for run in within(both, 1, first=1)] == [True, False]


def test_epochs_of_a_run_are_kept_as_long_as_they_fit(
    qtbot: QtBot, large: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = large._document
    document.keeping = dataclasses.replace(document.keeping, frames=16)
    monkeypatch.setattr(runs, "MB", document.frames.size // 10)  # room for more than half of two
    large.runs.leave()
    assert list(document.run_frames) == [1]


@pytest.mark.slow
def test_pictures_are_added_to_a_map_that_sees_them_otherwise(
    qtbot: QtBot, large: Session, tmp_path: Path
) -> None:
    """Prepared for another training, the pictures in memory are not what the map is made of."""
    for spec in (ImageSpec(size=(8, 8)), dataclasses.replace(large.spec, invert=True)):
        large.runs.restore(1)
        large.set_spec(spec)
        train(qtbot, large)
        large.runs.restore(1)
        copies = tmp_path / str(spec.invert)
        copies.mkdir()
        for row in (0, 5, 9):
            with Image.open(large.sources[row].path) as image:
                image.save(copies / f"{row}.png")
        count = len(large.map.pictures)
        large.add_pictures([copies])
        qtbot.waitUntil(
            lambda count=count: idle(large) and len(large.map.pictures) == count + 3,
            timeout=WAIT_MS,
        )
        for row, unit, far in zip(
            (0, 5, 9), large.map.units[-3:], large.map.distances[-3:], strict=True
        ):
            assert unit == large.map.units[row]
            assert far == pytest.approx(large.map.distances[row], rel=1e-5)


def test_a_restored_map_has_no_answers_of_another(
    qtbot: QtBot, large: Session, pictures: Path
) -> None:
    train_another(qtbot, large, SMALL)
    large.classify([pictures])
    large.runs.restore(2)
    qtbot.waitUntil(lambda: not large.answering, timeout=WAIT_MS)
    assert all(match.unit < 9 for match in large.matches)


def test_showing_another_epoch_does_not_open_the_classified_pictures(
    qtbot: QtBot, window: MainWindow, large: Session, pictures: Path
) -> None:
    large.classify([pictures])
    qtbot.waitUntil(lambda: bool(large.matches) and not large.answering, timeout=WAIT_MS)
    window._docks["classified"].hide()
    back_to(qtbot, large, 2)
    assert not window._docks["classified"].isVisible()
