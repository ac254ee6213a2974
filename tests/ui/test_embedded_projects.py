"""A project whose pictures came with it works in the window without their files."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, wait_idle
from data import draw_lines, train_model
from PySide6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.sources import Source, find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project.embedded import THUMBNAILS, VECTORS, embedded_of
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import brought_all, project_of
from image2map_gui.core.project.save import save_project
from image2map_gui.ui.session.session import Session


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Save a map whose pictures came with it; their files are gone."""
    folder = draw_lines(tmp_path / "lines", 12)
    *_, reading = read_dataset(find_sources([folder]), ImageSpec(size=(8, 8)))
    dataset = reading.dataset
    model, last = train_model(dataset, rows=2, columns=2, epochs=2)
    made = project_of(dataset, model.params, last, (), 1.0)
    embedded = embedded_of(dataset, VECTORS, made.sources)
    path = tmp_path / "map.i2m"
    save_project(dataclasses.replace(made, embedded=embedded, absolute_paths=False), path)
    shutil.rmtree(folder)
    return path


@pytest.mark.parametrize("what", [VECTORS, THUMBNAILS])
def test_pictures_without_files_are_seen(
    qtbot: QtBot, session: Session, project: Path, what: str
) -> None:
    kept = load_project(project)
    dataset = brought_all(kept)
    assert dataset is not None
    small = dataclasses.replace(kept, embedded=embedded_of(dataset, what, kept.sources))
    save_project(small, project)
    session.open_project(project)
    assert (session.dataset is None) == (what == THUMBNAILS)
    for row in (0, 7):
        source = session.sources[row]
        assert not Path(source.path).exists()

        def pixmap(source: Source = source) -> QPixmap | None:
            return session.thumbnails.pixmap(source)

        qtbot.waitUntil(lambda: pixmap() is not None, timeout=WAIT_MS)
        image = pixmap().toImage()
        seen = dataset.pictures(np.array([row]))[0]
        assert (image.height(), image.width()) == seen.shape[:2]
        drawn = [[image.pixelColor(x, y).red() for x in range(8)] for y in range(8)]
        assert np.array_equal(drawn, seen[:, :, 0])


def test_a_map_is_trained_again_without_the_files(
    qtbot: QtBot, session: Session, project: Path, tmp_path: Path
) -> None:
    before = load_project(project)
    session.open_project(project)
    qtbot.waitUntil(lambda: session.map is not None, timeout=WAIT_MS)
    wait_idle(qtbot, session)
    assert session.dataset is not None
    assert len(session.dataset) == 12
    session.train()
    wait_idle(qtbot, session)
    assert session.model is not None
    assert int(session.model.hits.sum()) == 12
    after = session.project()
    assert before.embedded is not None
    assert after.embedded is not None
    assert before.embedded.vectors is not None
    assert after.embedded.vectors is not None
    assert np.array_equal(after.embedded.vectors, before.embedded.vectors)
    assert after.absolute_paths is False
