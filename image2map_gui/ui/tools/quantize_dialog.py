"""Colour quantization of one photo, in a window beside the main one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.export.quantized import write_palette, write_quantized
from image2map_gui.core.picture.panels import LEARNED, ORIGINAL, QUANTIZED, START, summary
from image2map_gui.core.progress import Progress
from image2map_gui.core.quantize import (
    SPACES,
    STANDARD,
    Photo,
    Quantized,
    Quantizing,
    Reading,
    quantizing,
    reading_photo,
)
from image2map_gui.core.som.params import MAX_SIDE, MAX_UNITS, SomParams
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.handlers.context import Context
from image2map_gui.ui.jobs.runner import Outcome
from image2map_gui.ui.widgets.job_line import JobDialog
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.widgets.mime import has_pictures, left_out, picture_paths
from image2map_gui.ui.widgets.swatches import Panel
from image2map_gui.ui.wording import duration_text, shown_choice, visible

_INTRODUCTION = "Choose a photo, or drop one here. A map of its pixels learns its colours."
_TIPS = {"rgb": "Compare colours as they are stored", "lab": "Compare colours as the eye does"}


class QuantizeDialog(JobDialog):
    """Reads a photo when it is chosen, quantizes it when that is asked for, live."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._photo: Photo | None = None
        self._size = STANDARD.rows, STANDARD.columns
        self._quantized: Quantized | None = None
        self._saving: Path | None = None
        self.setWindowTitle("Colour quantization")
        self.setAcceptDrops(True)
        self._make_tools()
        self._make_panels()
        self.said = plain_label(_INTRODUCTION)
        self._lay_out(self._make_buttons())
        self.choose.clicked.connect(self._choose)
        self.run.clicked.connect(self._run)
        self.job.stepped.connect(self._show_step)
        self.job.ended.connect(self._ended)
        self._enable()

    def _stopped(self) -> None:
        self._show_result()
        self._say("Stopped." if self._photo is not None else _INTRODUCTION)
        self._enable()

    # --- parts ------------------------------------------------------------------------------

    def _make_tools(self) -> None:
        self.choose = QPushButton("&Choose photo…")
        self.choose.setAutoDefault(False)
        self.rows = self._spin_box("Rows", STANDARD.rows)
        self.columns = self._spin_box("Columns", STANDARD.columns)
        self.space = QComboBox()
        self.space.setAccessibleName("Compare colours in")
        for place, space in enumerate(SPACES):
            self.space.addItem(shown_choice(space) if space == "rgb" else "Lab", space)
            self.space.setItemData(place, _TIPS[space], Qt.ItemDataRole.ToolTipRole)
        self.space.setToolTip("RGB compares colours as they are stored, Lab as the eye does")
        self.run = QPushButton("&Run")
        self.run.setToolTip("Train a map on the pixels and paint the photo in its colours")
        self.run.setDefault(True)

    def _spin_box(self, name: str, value: int) -> QSpinBox:
        box = QSpinBox()
        box.setRange(1, MAX_SIDE)
        box.setValue(value)
        box.setAccessibleName(name)
        box.setToolTip(f"{name} of the map; each of its units learns one colour")
        return box

    def _make_panels(self) -> None:
        self.original = Panel(ORIGINAL, "Drop a photo here.")
        self.quantized = Panel(QUANTIZED, "The photo in the learned colours.")
        self.start = Panel(START, "What the units begin with.", board=True)
        self.learned = Panel(LEARNED, "What the units have learned.", board=True)

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.save_picture = QPushButton("Save &picture…")
        self.save_picture.setToolTip("Save the photo in the learned colours, as PNG")
        self.save_palette = QPushButton("Save p&alette…")
        self.save_palette.setToolTip("Save the colours for GIMP, as a picture of swatches or JSON")
        for button in (self.save_picture, self.save_palette):
            button.setAutoDefault(False)
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        self.save_picture.clicked.connect(self._save_picture)
        self.save_palette.clicked.connect(self._save_palette)
        buttons.rejected.connect(self.close)
        return buttons

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        tools = QHBoxLayout()
        tools.addWidget(self.choose)
        tools.addStretch(1)
        for text, widget in (
            ("R&ows", self.rows),
            ("Co&lumns", self.columns),
            ("Colours &in", self.space),
        ):
            label = QLabel(text)
            label.setBuddy(widget)
            tools.addWidget(label)
            tools.addWidget(widget)
        tools.addWidget(self.run)
        board = QGridLayout()
        board.setSpacing(16)
        board.addWidget(self.original, 0, 0)
        board.addWidget(self.quantized, 0, 1)
        board.addWidget(self.start, 1, 0)
        board.addWidget(self.learned, 1, 1)
        board.setRowStretch(0, 1)
        board.setRowStretch(1, 1)
        foot = QHBoxLayout()  # in one line, so that no panel moves when a job begins
        foot.addWidget(self.job, 1)
        foot.addStretch(0)
        foot.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.addLayout(tools)
        layout.addWidget(self.said)
        layout.addLayout(board, 1)
        layout.addLayout(foot)
        self.resize(800, 720)

    # --- a photo ----------------------------------------------------------------------------

    @guarded
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and pictures."""
        if has_pictures(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    @guarded
    def dropEvent(self, event: QDropEvent) -> None:
        """Read the first file; the program it comes from waits until this returns."""
        said, paths = left_out(event.mimeData()), picture_paths(event.mimeData())
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if paths:
            QTimer.singleShot(0, self, lambda: self.open_photo(paths[0]))
        elif said:
            self._say(said)

    @Slot()
    def _choose(self) -> None:
        path = self._context.dialogs.photo(self._folder())
        if path is not None:
            self._context.settings.set_text("folder", str(path.parent))
            self.open_photo(path)

    def open_photo(self, path: Path) -> None:
        """Read a photo and show it; what was shown before stays if it cannot be read."""
        self._say(f"Reading {path.name}…")
        self.job.start(reading_photo(path), _reading_words)
        self._enable()

    # --- quantizing -------------------------------------------------------------------------

    @Slot()
    def _run(self) -> None:
        if self._photo is None or self.job.busy:
            return
        rows, columns = self.rows.value(), self.columns.value()
        if rows * columns > MAX_UNITS:
            self._say(
                f"{rows} x {columns} are {rows * columns:,} colours; {MAX_UNITS:,} are possible. "
                "Choose fewer rows or columns."
            )
            return
        params = _params(rows, columns)
        self._quantized = None
        self._size = rows, columns
        self.quantized.show_pixels(None)
        self._say(f"Learning {rows * columns:,} colours of {self._name()}…")
        self.job.start(quantizing(self._photo, params, self.space.currentData()), _words)
        self._enable()

    @Slot(object)
    def _show_step(self, step: object) -> None:
        """Show what the units have learned by now."""
        if isinstance(step, Quantizing):
            shape = (*self._size, 3)
            self.start.show_pixels(step.start.reshape(shape))
            self.learned.show_pixels(step.colours.reshape(shape))
            if step.preview is not None:
                self.quantized.show_pixels(step.preview)

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        last = outcome.last
        if isinstance(outcome.error, Image2MapError):
            self._say(str(outcome.error))
        elif isinstance(last, Reading) and last.photo is not None:
            self._photo, self._quantized = last.photo, None
            self._show_result()
            self._say(f"{self._name()}: {_size_text(last.photo)}. Run learns its colours.")
        elif isinstance(last, Quantizing) and last.result is not None:
            self._quantized = last.result
            self._show_result()
            seconds = duration_text(last.result.seconds)
            self._say(f"{self._name()}: {summary(last.result)} (of 255). Trained for {seconds}.")
        elif self._saving is not None and isinstance(last, Progress) and last.milestone:
            self._say(f"Saved as {visible(str(self._saving))}")
        elif not outcome.completed:
            self._show_result()
            self._say("Stopped.")
        self._saving = None
        self._enable()

    def _show_result(self) -> None:
        """Show the photo and, if there is one, the result."""
        photo, done = self._photo, self._quantized
        self.original.show_pixels(None if photo is None else photo.shown)
        if done is None:
            for panel in (self.quantized, self.start, self.learned):
                panel.show_pixels(None)
            return
        shape = done.params.rows, done.params.columns, 3
        self.quantized.show_pixels(done.shown)
        self.start.show_pixels(done.start.reshape(shape))
        shares = done.counts / max(1, int(np.sum(done.counts)))
        self.learned.show_pixels(done.colours.reshape(shape), shares)

    # --- saving -----------------------------------------------------------------------------

    @Slot()
    def _save_picture(self) -> None:
        done = self._quantized
        if done is None:
            return
        path = self._context.dialogs.quantized_to_save(self._proposed("quantized.png"))
        if path is not None:
            self._save(path, lambda: write_quantized(path, done))

    @Slot()
    def _save_palette(self) -> None:
        done = self._quantized
        if done is None:
            return
        path = self._context.dialogs.palette_to_save(self._proposed("palette.gpl"))
        if path is not None:
            self._save(path, lambda: write_palette(path, done))

    def _save(self, path: Path, write: Callable[[], None]) -> None:
        self._saving = path
        self._say(f"Saving {visible(path.name)}…")
        self.job.start(_doing(write), lambda step: "Saving")
        self._enable()

    def _proposed(self, ending: str) -> str:
        assert self._photo is not None
        return str(Path(self._folder()) / f"{Path(self._photo.source.name).stem}-{ending}")

    # --- words and buttons ------------------------------------------------------------------

    def _folder(self) -> str:
        return self._context.settings.text("folder") or str(Path.home())

    def _name(self) -> str:
        return "" if self._photo is None else visible(self._photo.source.name)

    def _say(self, text: str) -> None:
        self.said.setText(visible(text))

    def _enable(self) -> None:
        busy = self.job.busy
        self.run.setEnabled(self._photo is not None and not busy)
        self.choose.setEnabled(not busy)
        for button in (self.save_picture, self.save_palette):
            button.setEnabled(self._quantized is not None and not busy)


def _doing(write: Callable[[], None]) -> Iterator[Progress]:
    """Write a file apart from the window, which a large picture would hold up."""
    yield Progress(0, 1)
    write()
    yield Progress(1, 1)


def _params(rows: int, columns: int) -> SomParams:
    return dataclasses.replace(STANDARD, rows=rows, columns=columns)


def _reading_words(_step: Reading) -> str:
    return "Reading the photo"


def _words(step: Quantizing) -> str:
    if step.epoch < step.epochs:
        return f"Epoch {step.epoch + 1:,} of {step.epochs:,}"
    return "Painting the photo"


def _size_text(photo: Photo) -> str:
    height, width, _ = photo.pixels.shape
    return f"{width:,} x {height:,} pixels"
