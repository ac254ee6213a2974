"""The card of a classified picture: of the map that is there, and of nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import WAIT_MS, train, wait_idle
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.collection import Split
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow


def farthest(qtbot: QtBot, window: MainWindow, pictures: Path) -> int:
    """Classify pictures and let the card show the one on the highest unit."""
    session = window.session
    session.classify([pictures])
    wait_idle(qtbot, session)
    last = max(session.matches, key=lambda match: match.unit)
    session.answers.remove([one.source.address for one in session.matches if one is not last])
    assert window.answers.card.verdict
    return last.unit


@pytest.mark.slow
def test_a_smaller_map_has_no_card_of_the_one_before(
    qtbot: QtBot, mapped: MainWindow, pictures: Path
) -> None:
    session, card = mapped.session, mapped.answers.card
    assert farthest(qtbot, mapped, pictures) > 1
    session.set_params(SomParams(rows=1, columns=2, epochs=3))
    train(qtbot, session)
    assert not session.matches
    assert not card.verdict
    assert not card.alike.model().rowCount()
    session.set_params(SomParams(rows=6, columns=6, epochs=3))
    train(qtbot, session)
    small = session.runs.all[1].number
    assert farthest(qtbot, mapped, pictures) > 1
    session.runs.restore(small)
    assert session.map.grid.units == 2
    assert not card.verdict


def test_a_map_of_the_same_size_has_no_card_of_the_one_before(
    qtbot: QtBot, mapped: MainWindow, pictures: Path
) -> None:
    session, card = mapped.session, mapped.answers.card
    farthest(qtbot, mapped, pictures)
    train(qtbot, session)
    assert not card.verdict
    session.new()
    assert not card.verdict


def test_only_pictures_that_the_map_was_trained_on_are_called_so(
    qtbot: QtBot, mapped: MainWindow, pictures: Path
) -> None:
    session, alike = mapped.session, mapped.answers.card.alike
    session.curator.divide(Split(share=0.5))
    session.curator.exclude([session.trained_on[0].address])
    train(qtbot, session)
    known = {one.address for one in session.trained_on}
    assert len(known) == 5
    other = next(one for one in session.sources if one.address not in known)
    copy = pictures.parent / "copy.png"
    shutil.copy(other.path, copy)
    session.classify([copy])
    wait_idle(qtbot, session)
    qtbot.waitUntil(lambda: alike.model().rowCount() > 0, timeout=WAIT_MS)
    shown = [alike.pictures.source(row).address for row in range(alike.model().rowCount())]
    assert sorted(shown) == sorted(known)
