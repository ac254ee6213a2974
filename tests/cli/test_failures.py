"""A training that fails on the command line keeps the map it has reached, and never succeeds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data import draw_lines

from image2map_gui.cli import main
from image2map_gui.commands import training
from image2map_gui.commands.signals import TerminatedError
from image2map_gui.core.errors import TrainingError
from image2map_gui.core.project.load import load_project


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_lines(tmp_path_factory.mktemp("few") / "lines", 20)


def failing(error: BaseException, epoch: int) -> Callable[..., Iterator[Any]]:
    """Return a training that fails after an epoch; after none: at once."""
    original = training.train_map

    def broken(*arguments: Any) -> Iterator[Any]:
        for snapshot in original(*arguments):
            if snapshot.epoch >= epoch:
                if epoch:
                    yield snapshot
                raise error
            yield snapshot

    return broken


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (TrainingError("Training stopped in epoch 4: odd."), 1, "stopped in epoch 4: odd. The map"),
        (MemoryError(), 1, "There is not enough memory. The map after 3 of 9 epochs is saved in"),
        (KeyboardInterrupt(), 130, "interrupted after 3 of 9 epochs; the map reached so far"),
        (TerminatedError(), 143, "interrupted after 3 of 9 epochs; the map reached so far"),
    ],
)
def test_the_map_reached_is_saved(
    drawings: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    said: str,
) -> None:
    monkeypatch.setattr(training, "train_map", failing(error, 3))
    path = tmp_path / "m.i2m"
    assert main(["train", str(drawings), "-o", str(path), "--epochs", "9", "--json"]) == code
    told = capsys.readouterr()
    assert said in told.err
    report = json.loads(told.out)
    assert report["epochs"] == 3
    assert report["ended"] == ("failed" if code == 1 else "interrupted")
    project = load_project(path)
    assert len(project.history) == 3
    assert project.model is not None
    assert np.isfinite(project.model.weights).all()


@pytest.mark.parametrize(
    ("error", "code"),
    [(TrainingError("Not even one epoch."), 1), (MemoryError(), 1)],
)
def test_without_an_epoch_there_is_nothing_to_save(
    drawings: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
) -> None:
    monkeypatch.setattr(training, "train_map", failing(error, 0))
    path = tmp_path / "m.i2m"
    assert main(["train", str(drawings), "-o", str(path), "--epochs", "9"]) == code
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not path.exists()


def test_a_mistake_in_a_command_is_no_success(
    drawings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "train_map", failing(ArithmeticError("broken"), 2))
    path = tmp_path / "m.i2m"
    with pytest.raises(ArithmeticError):  # which Python ends with its traceback and exit code 1
        main(["train", str(drawings), "-o", str(path), "--epochs", "9"])
    assert not path.exists()
