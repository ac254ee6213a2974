"""What is dropped and pasted: files of every kind, several at once, pictures without a file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import WAIT_MS, open_pictures, train, wait_idle
from PIL import Image
from PySide6.QtCore import QByteArray, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.main_window import MainWindow
from image2map_gui.ui.widgets.mime import left_out, local_paths, picture_paths

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def urls(*given: Path | str) -> QMimeData:
    data = QMimeData()
    data.setUrls(
        [QUrl.fromLocalFile(str(one)) if isinstance(one, Path) else QUrl(one) for one in given]
    )
    return data


def raw(*lines: bytes) -> QMimeData:
    data = QMimeData()
    data.setData("text/uri-list", QByteArray(b"\r\n".join(lines)))
    return data


def drop(window: MainWindow, data: QMimeData, share: float = 0.25) -> None:
    place = QPointF(window.width() * share, window.height() / 2)
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place.toPoint(), action, data, button, keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(place, action, data, button, keys))


def paste(qtbot: QtBot, window: MainWindow, data: QMimeData, *, add: bool = False) -> None:
    QGuiApplication.clipboard().setMimeData(data)
    qtbot.keyClick(window, Qt.Key.Key_V, CONTROL | SHIFT if add else CONTROL)


@pytest.fixture
def trained(qtbot: QtBot, window: MainWindow, pictures: Path) -> MainWindow:
    open_pictures(qtbot, window.session, pictures)
    window.session.set_params(SomParams(rows=2, columns=3, epochs=3))
    train(qtbot, window.session)
    return window


def drawings(count: int) -> list[np.ndarray]:
    return [draw_line(0.3 * index, 16) for index in range(count)]


def as_zip(folder: Path) -> Path:
    for index, pixels in enumerate(drawings(5)):
        (folder / "in").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(folder / "in" / f"{index}.png")
    return Path(shutil.make_archive(str(folder / "packed"), "zip", folder / "in"))


def as_npz(folder: Path) -> Path:
    path = folder / "arrays.npz"
    np.savez(path, x_train=np.stack(drawings(5)), y_train=np.arange(5))
    return path


def as_npy(folder: Path) -> Path:
    np.save(folder / "array.npy", np.stack(drawings(5)))
    return folder / "array.npy"


def as_list(folder: Path) -> Path:
    as_zip(folder)
    path = folder / "list.csv"
    path.write_text("path,label\n" + "".join(f"in/{index}.png,x{index}\n" for index in range(5)))
    return path


KINDS = [as_zip, as_npz, as_npy, as_list]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_files_that_hold_many_pictures_are_opened_by_a_drop(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, kind: Callable[[Path], Path]
) -> None:
    drop(window, urls(kind(tmp_path)))
    qtbot.waitUntil(lambda: len(window.session.sources) == 5, timeout=WAIT_MS)
    wait_idle(qtbot, window.session)
    labelled = kind in (as_npz, as_list)
    assert len({source.label for source in window.session.sources}) == (5 if labelled else 1)
    assert window.session.skipped == ()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_files_that_hold_many_pictures_are_pasted_and_classified(
    qtbot: QtBot, trained: MainWindow, tmp_path: Path, kind: Callable[[Path], Path]
) -> None:
    paste(qtbot, trained, urls(kind(tmp_path)))
    qtbot.waitUntil(lambda: len(trained.session.matches) == 5, timeout=WAIT_MS)
    wait_idle(qtbot, trained.session)
    assert len(trained.session.sources) == 12


@pytest.mark.slow
def test_several_files_and_folders_are_taken_together(
    qtbot: QtBot, trained: MainWindow, tmp_path: Path
) -> None:
    packed = as_zip(tmp_path)
    single = tmp_path / "one #1 100%.png"
    Image.fromarray(draw_line(1.0, 16)).save(single)
    drop(trained, urls(packed, single, tmp_path / "in"))
    qtbot.waitUntil(lambda: len(trained.session.matches) == 11, timeout=WAIT_MS)
    wait_idle(qtbot, trained.session)
    paste(qtbot, trained, urls(packed, single), add=True)
    qtbot.waitUntil(lambda: len(trained.session.sources) == 18, timeout=WAIT_MS)
    wait_idle(qtbot, trained.session)


def test_a_picture_without_a_file_is_pasted_and_added(
    qtbot: QtBot, trained: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    image = QImage(16, 16, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkCyan)
    data = QMimeData()
    data.setImageData(image)
    data.setUrls([QUrl("https://example.org/a.png")])  # a browser tells where it comes from, too
    assert left_out(data) == ""
    paste(qtbot, trained, data)
    qtbot.waitUntil(lambda: len(trained.session.matches) == 1, timeout=WAIT_MS)
    wait_idle(qtbot, trained.session)
    drop(trained, data, share=0.75)
    qtbot.waitUntil(lambda: len(trained.session.sources) == 13, timeout=WAIT_MS)
    wait_idle(qtbot, trained.session)
    kept = trained.session.sources[-1].path
    assert kept.startswith(str(tmp_path))
    with Image.open(kept) as written:
        assert written.convert("RGB").getpixel((3, 3)) == (0, 128, 128)


def test_a_picture_that_cannot_be_kept_is_told(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in the way").write_text("a file")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "in the way"))
    data = QMimeData()
    data.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    with qtbot.waitSignal(window.session.failed) as told:
        paste(qtbot, window, data)
    assert "could not be kept" in told.args[0]


def test_addresses_of_other_computers_are_refused_with_a_sentence(
    qtbot: QtBot, window: MainWindow
) -> None:
    for add in (False, True):
        with qtbot.waitSignal(window.session.noticed) as told:
            paste(qtbot, window, urls("https://example.org/a.png", "smb://nas/b.png"), add=add)
        assert told.args[0].startswith("2 addresses are not on this computer.")
    place = QPointF(10, 10).toPoint()
    data = urls("https://example.org/a.png")
    enter = QDragEnterEvent(
        place, Qt.DropAction.CopyAction, data,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(window, enter)
    assert not enter.isAccepted()
    assert window.overlay.isVisible()
    window.overlay.hide()


def test_of_a_mixture_the_files_are_taken_and_the_rest_is_told(
    qtbot: QtBot, window: MainWindow, pictures: Path
) -> None:
    with qtbot.waitSignal(window.session.noticed) as told:
        drop(window, urls(pictures, "https://example.org/a.png"))
    assert told.args[0].startswith("1 address is not on this computer.")
    qtbot.waitUntil(lambda: len(window.session.sources) == 12, timeout=WAIT_MS)
    wait_idle(qtbot, window.session)


def test_an_empty_clipboard_is_told(qtbot: QtBot, window: MainWindow) -> None:
    for add in (False, True):
        with qtbot.waitSignal(window.session.noticed) as told:
            paste(qtbot, window, QMimeData(), add=add)
        assert "no picture" in told.args[0]


def test_names_that_are_no_valid_text_arrive_as_they_are(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    name = os.fsdecode(b"caf\xe9 #1.png")
    Image.fromarray(draw_line(0.5, 16)).save(tmp_path / name)
    plain = tmp_path / "plain.png"
    Image.fromarray(draw_line(0.9, 16)).save(plain)
    folder = os.fsencode(tmp_path)
    data = raw(b"file://" + folder + b"/caf%E9%20%231.png", b"file://" + os.fsencode(plain))
    assert local_paths(data) == picture_paths(data) == [tmp_path / name, plain]
    drop(window, data)
    qtbot.waitUntil(lambda: len(window.session.sources) == 2, timeout=WAIT_MS)
    wait_idle(qtbot, window.session)
    assert {source.path for source in window.session.sources} == {
        str(tmp_path / name), str(plain)
    }  # fmt: skip
