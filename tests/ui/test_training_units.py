"""Every training picture lands on its own unit: on the command line, in Python, in the window."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import wait_idle
from data import shared, write_idx
from pytestqt.qtbot import QtBot
from test_drops import drop, files
from tqdm import tqdm

from image2map_gui.cli import main
from image2map_gui.core import api
from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.save import save_project
from image2map_gui.ui.main_window import MainWindow

DIGITS = 2000
LONG_MS = 400_000  # 5,756 photographs on a busy machine

Answer = tuple[str, int, str | None, float, float]


def lines(_folder: Path) -> list[Path]:
    return [shared("data", "lines")]


def clothing(_folder: Path) -> list[Path]:
    return [shared("data", "clothing.zip")]


def digits(folder: Path) -> list[Path]:
    """Return the first 2,000 digits as a collection of their own."""
    place = shared("data", "mnist")
    if not place.exists():
        return [place]
    for name, rest, shape in (
        ("train-images-idx3-ubyte", 16, (DIGITS, 28, 28)),
        ("train-labels-idx1-ubyte", 8, (DIGITS,)),
    ):
        with gzip.open(place / f"{name}.gz") as file:
            data = np.frombuffer(file.read(rest + int(np.prod(shape)))[rest:], np.uint8)
        write_idx(folder / name, data.reshape(shape))
    return [folder / "train-images-idx3-ubyte"]


def answers(matches: Sequence[Match]) -> list[Answer]:
    return sorted((m.source.address, m.unit, m.label, m.confidence, m.distance) for m in matches)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("collection", [lines, digits, clothing])
def test_the_command_line_the_library_and_the_window_agree_on_all_of_them(
    qtbot: QtBot,
    window: MainWindow,
    tmp_path: Path,
    collection: Callable[[Path], list[Path]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tqdm, "monitor_interval", 0)  # it would leave a thread
    places = collection(tmp_path)
    if not places[0].exists():
        pytest.skip(f"{places[0].name} is not here")
    project = api.train(api.load(*places, size=(16, 16)), rows=8, columns=10, epochs=3)
    saved = tmp_path / "map.i2m"
    save_project(project, saved)
    trained = {
        source.address: unit
        for source, unit in zip(project.sources, project.picture_units.tolist(), strict=True)
    }
    there = answers(api.classify(load_project(saved), *places))
    assert {address: unit for address, unit, *_ in there} == trained

    capsys.readouterr()
    assert main(["classify", str(saved), *map(str, places), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["matches"]
    assert {one["path"]: one["unit"] for one in told} == trained
    expected = {(address, label, sure) for address, _, label, sure, _ in there}
    assert {(one["path"], one["label"], one["confidence"]) for one in told} == _with_null(expected)

    session = window.session
    session.open_project(saved)
    assert drop(window, files(*places))
    qtbot.waitUntil(lambda: len(session.matches) == len(trained), timeout=LONG_MS)
    wait_idle(qtbot, session)
    for ours, theirs in zip(answers(session.matches), there, strict=True):
        assert ours[:3] == theirs[:3]
        np.testing.assert_array_equal(ours[3:], theirs[3:])  # to the last bit


def _with_null(rows: set[tuple[str, str | None, float]]) -> set[tuple[str, str | None, object]]:
    """Return what JSON says of confidences: no number becomes null."""
    return {(path, label, None if np.isnan(sure) else sure) for path, label, sure in rows}
