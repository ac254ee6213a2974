"""The list of pictures: only what is on screen is decoded, and long lists are quick to set up."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import WAIT_MS, open_pictures
from PIL import Image
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.sources import Source
from image2map_gui.ui.session import thumbnails as thumbnails_module
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.widgets.gallery import Gallery, select_rows, selected_rows


def test_only_visible_rows_are_decoded(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: set[int] = set()
    real = thumbnails_module.small_picture

    def counted(source: Source, side: int):
        decoded.add(source.index)
        return real(source, side)

    monkeypatch.setattr(thumbnails_module, "small_picture", counted)
    gallery = Gallery(session.thumbnails, "test")
    qtbot.addWidget(gallery)
    gallery.resize(400, 300)
    sources = [Source("lines", index % 100, kind="sample") for index in range(100_000)]
    gallery.show_pictures(sources, ["line"] * len(sources))
    gallery.show()
    first = gallery.pictures.index(0, 0)
    qtbot.waitUntil(lambda: first.data(Qt.ItemDataRole.DecorationRole) is not None, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not session.thumbnails.busy, timeout=WAIT_MS)
    assert 0 < len(decoded) <= 40


def test_a_picture_that_is_gone_is_told_apart(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    gallery = Gallery(session.thumbnails, "test")
    qtbot.addWidget(gallery)
    gallery.show_pictures([Source(str(tmp_path / "gone.png"))], ["gone"])
    gallery.show()
    index = gallery.pictures.index(0, 0)
    qtbot.waitUntil(lambda: index.data(Qt.ItemDataRole.DecorationRole) is not None, timeout=WAIT_MS)
    assert index.data(Qt.ItemDataRole.DecorationRole).isNull()


def test_names_are_never_taken_for_markup(qtbot: QtBot, session: Session) -> None:
    gallery = Gallery(session.thumbnails, "test")
    qtbot.addWidget(gallery)
    gallery.show_pictures([Source("/x/<img src=a>.png", label="<b>")], ["x"])
    tip = gallery.pictures.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "<img" not in tip
    assert "<b>" not in tip


def test_files_can_be_dragged_out(qtbot: QtBot, session: Session, pictures: Path) -> None:
    open_pictures(qtbot, session, pictures)
    gallery = Gallery(session.thumbnails, "test")
    qtbot.addWidget(gallery)
    gallery.show_pictures(session.sources, [source.name for source in session.sources])
    model = gallery.pictures
    data = model.mimeData([model.index(0, 0), model.index(1, 0)])
    assert [url.toLocalFile() for url in data.urls()] == [
        source.path for source in session.sources[:2]
    ]
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.rowCount(QModelIndex()) == 12


def test_large_pictures_are_made_anew_and_shown_small_meanwhile(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "large.png"
    Image.effect_noise((600, 300), 50).save(path)
    gallery = Gallery(session.thumbnails, "test")
    qtbot.addWidget(gallery)
    gallery.show_pictures([Source(str(path))], ["large"])
    gallery.show()
    index = gallery.pictures.index(0, 0)
    qtbot.waitUntil(lambda: index.data(Qt.ItemDataRole.DecorationRole) is not None, timeout=WAIT_MS)
    small = index.data(Qt.ItemDataRole.DecorationRole)
    assert small.width() == 96
    gallery.set_side(200)
    gallery.viewport().repaint()
    assert index.data(Qt.ItemDataRole.DecorationRole).width() == 96
    qtbot.waitUntil(
        lambda: index.data(Qt.ItemDataRole.DecorationRole).width() == 256, timeout=WAIT_MS
    )
    assert gallery.visualRect(index).height() > 200


def test_rows_are_selected_in_ranges(qtbot: QtBot, session: Session) -> None:
    gallery = Gallery(session.thumbnails, "test")
    qtbot.addWidget(gallery)
    sources = [Source("lines", index, kind="sample") for index in range(20)]
    gallery.show_pictures(sources, [""] * 20)
    for rows in ([], [0], [19], [0, 1, 2], [3, 5, 6, 7, 19], list(range(20))):
        select_rows(gallery.selectionModel(), rows)
        assert selected_rows(gallery.selectionModel()) == rows
