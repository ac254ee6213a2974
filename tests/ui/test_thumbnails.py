"""Thumbnails: decoded beside the window, kept for the next start only where that is wanted."""

from __future__ import annotations

import functools
import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS
from data import write_idx, write_picture
from PySide6.QtGui import QColor, QImage, QPixmap
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.cache import Cache
from image2map_gui.core.images.pool import end_helpers
from image2map_gui.core.images.sources import Source
from image2map_gui.ui.session import thumbnails as thumbnails_module
from image2map_gui.ui.session.thumbnails import SIDE, Thumbnails


@pytest.fixture
def thumbnails(qtbot: QtBot) -> Iterator[Thumbnails]:
    made = Thumbnails()
    yield made
    made.shutdown()
    made.deleteLater()


def wait_for(qtbot: QtBot, thumbnails: Thumbnails, *sources: Source) -> list[QPixmap]:
    for source in sources:
        thumbnails.pixmap(source)
    qtbot.waitUntil(lambda: not thumbnails.busy, timeout=WAIT_MS)
    pixmaps = [thumbnails.pixmap(source) for source in sources]
    assert None not in pixmaps
    return [pixmap for pixmap in pixmaps if pixmap is not None]


def colour_of(pixmap: QPixmap) -> tuple[int, int, int]:
    colour = QColor(pixmap.toImage().pixel(pixmap.width() // 2, pixmap.height() // 2))
    return colour.red(), colour.green(), colour.blue()


def photograph(path: Path, colour: tuple[int, int, int]) -> Source:
    write_picture(path, np.broadcast_to(np.array(colour, np.uint8), (600, 800, 3)))
    return Source(str(path))


def kept(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
def test_each_picture_gets_its_own_thumbnail(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    sources = [photograph(tmp_path / f"{index}.png", (index, 90, 5)) for index in range(60)]
    assert thumbnails.pixmap(sources[0]) is None
    pixmaps = wait_for(qtbot, thumbnails, *sources)
    assert [colour_of(pixmap) for pixmap in pixmaps] == [(index, 90, 5) for index in range(60)]
    assert {(pixmap.width(), pixmap.height()) for pixmap in pixmaps} == {(SIDE, 72)}


def test_files_idx_pictures_and_samples_can_be_mixed(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    idx = str(write_idx(tmp_path / "a-images-idx3-ubyte", np.full((3, 4, 4), 50, np.uint8)))
    sources = [
        photograph(tmp_path / "a.png", (1, 2, 3)),
        Source(idx, 1, kind="idx"),
        Source("lines", 3, kind="sample"),
        Source(idx, 7, kind="idx"),
        Source(str(tmp_path / "gone.png")),
        photograph(tmp_path / "b.png", (4, 5, 6)),
    ]
    first, second, sample, beyond, gone, last = wait_for(qtbot, thumbnails, *sources)
    assert (colour_of(first), colour_of(last)) == ((1, 2, 3), (4, 5, 6))
    assert colour_of(second) == (50, 50, 50)
    assert sample.width() == SIDE
    assert beyond.isNull()
    assert gone.isNull()


def test_ready_is_told_in_the_thread_of_the_window_and_not_again_for_what_is_there(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    source = photograph(tmp_path / "a.png", (1, 2, 3))
    with qtbot.waitSignal(thumbnails.ready, timeout=WAIT_MS):
        thumbnails.pixmap(source)
    assert thumbnails.pixmap(source) is not None
    assert not thumbnails.busy


def test_the_latest_wishes_come_first_and_the_oldest_of_too_many_are_dropped(
    qtbot: QtBot, thumbnails: Thumbnails, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    real = thumbnails_module.small_picture

    def noted(source: Source, side: int) -> QImage:
        made.append(source.index)
        return real(source, side)

    monkeypatch.setattr(thumbnails_module, "small_picture", noted)
    monkeypatch.setattr(Thumbnails, "_start", lambda self: None)
    for index in range(500):
        thumbnails.pixmap(Source("lines", index, kind="sample"))
    monkeypatch.undo()
    monkeypatch.setattr(thumbnails_module, "small_picture", noted)
    thumbnails._start()
    qtbot.waitUntil(lambda: not thumbnails.busy, timeout=WAIT_MS)
    assert made == list(range(499, 99, -1))


def test_nothing_is_kept_unless_a_folder_is_named(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    wait_for(qtbot, thumbnails, photograph(tmp_path / "a.png", (1, 2, 3)))
    assert not home.exists()


def test_what_is_kept_serves_the_next_start(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    sources = [photograph(tmp_path / f"{index}.png", (200, index, 7)) for index in range(5)]
    first = Thumbnails(folder=folder)
    wait_for(qtbot, first, *sources)
    first.shutdown()
    assert len(kept(folder)) == 5
    for source in sources:  # what is shown next cannot have come from these
        facts = Path(source.path).stat()
        Path(source.path).write_bytes(bytes(facts.st_size))
        os.utime(source.path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    second = Thumbnails()
    second.keep_in(folder)
    for index, pixmap in enumerate(wait_for(qtbot, second, *sources)):
        assert np.abs(np.subtract(colour_of(pixmap), (200, index, 7))).max() < 8
    second.keep_in(None)
    second.shutdown()


def test_what_is_kept_stays_within_bounds(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache"
    sources = [photograph(tmp_path / f"{index}.png", (200, index, 7)) for index in range(30)]
    monkeypatch.setattr(thumbnails_module, "Cache", functools.partial(Cache, most_files=20))
    first = Thumbnails(folder=folder)
    wait_for(qtbot, first, *sources)
    first.shutdown()
    second = Thumbnails(folder=folder)
    wait_for(qtbot, second, sources[0])
    qtbot.waitUntil(lambda: second._worker is None, timeout=WAIT_MS)
    second.shutdown()
    assert len(kept(folder)) == 18


def test_a_folder_that_cannot_be_written_to_costs_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    made = Thumbnails(folder=tmp_path / "file" / "cache")
    (pixmap,) = wait_for(qtbot, made, photograph(tmp_path / "a.png", (1, 2, 3)))
    made.shutdown()
    assert colour_of(pixmap) == (1, 2, 3)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have such signals")
@pytest.mark.slow
def test_a_decoder_that_is_killed_costs_no_thumbnail(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    sources = [photograph(tmp_path / f"{index}.png", (index, 9, 9)) for index in range(80)]
    for source in sources:
        thumbnails.pixmap(source)
    with qtbot.waitSignal(thumbnails.ready, timeout=WAIT_MS):
        pass
    for process in multiprocessing.active_children():
        process.kill()
    pixmaps = wait_for(qtbot, thumbnails, *sources)
    assert [colour_of(pixmap) for pixmap in pixmaps] == [(index, 9, 9) for index in range(80)]


@pytest.mark.slow
def test_what_decodes_pictures_can_be_started_beforehand(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    end_helpers()
    before = set(multiprocessing.active_children())
    thumbnails.warm_up()
    (started,) = set(multiprocessing.active_children()) - before
    wait_for(qtbot, thumbnails, photograph(tmp_path / "a.png", (1, 2, 3)))
    assert set(multiprocessing.active_children()) - before == {started}


def test_the_window_can_go_while_pictures_are_decoded(qtbot: QtBot, tmp_path: Path) -> None:
    made = Thumbnails()
    for index in range(40):
        made.pixmap(photograph(tmp_path / f"{index}.png", (index, 9, 9)))
    began = time.perf_counter()
    made.shutdown()
    assert time.perf_counter() - began < 3
    assert made._worker is None
