"""The panel of the runs: every training with its map in small, its figures, and what differs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QPoint, QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QAction, QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.runs import Run, differences
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.theme import SPACE
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.wording import duration_text, plural, shown_choice, visible

_NUMBER = Qt.ItemDataRole.UserRole
_THUMB = 72
_MOST = 6  # differences
_NOTHING = "Every training that ends is listed here, so that no map is lost."


class RunsPanel(QWidget):
    """Lists the session's runs, the newest first; a double click opens the map of one again."""

    def __init__(
        self, session: Session, actions: Sequence[QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._actions = actions
        self.list = QListWidget()
        self.list.setAccessibleName("Runs, the newest first")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setIconSize(QSize(_THUMB, _THUMB))
        self.list.setSpacing(2)
        self.list.setWordWrap(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._empty = plain_label(_NOTHING)
        self._details = plain_label()
        self._details.setAccessibleName("What is different in the chosen run")
        buttons = QHBoxLayout()
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.addWidget(self._empty)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._details)
        layout.addLayout(buttons)
        layout.addStretch(0)
        self.list.currentItemChanged.connect(self._choose)
        self.list.itemDoubleClicked.connect(self._restore)
        self.list.customContextMenuRequested.connect(self._show_menu)
        session.runs.changed.connect(self._refresh)
        session.settings_changed.connect(self._tell_differences)
        self._refresh()

    @property
    def details(self) -> str:
        """What is said about the chosen run."""
        return self._details.text()

    @Slot()
    def _refresh(self) -> None:
        runs = self._session.runs
        with QSignalBlocker(self.list):
            self.list.clear()
            for run in reversed(runs.all):
                item = self._item(run)
                self.list.addItem(item)
                if run.number == runs.chosen:
                    self.list.setCurrentItem(item)
        self.list.setVisible(bool(runs.all))
        self._empty.setVisible(not runs.all)
        self._tell_differences()

    def _item(self, run: Run) -> QListWidgetItem:
        shown = run.number == self._session.runs.shown
        item = QListWidgetItem(_icon(run), "\n".join(_lines(run, shown=shown)))
        item.setData(_NUMBER, run.number)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(_lines(run, shown=shown)))
        font = item.font()
        font.setBold(shown)
        item.setFont(font)
        return item

    @Slot(QListWidgetItem)
    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._session.runs.choose(item.data(_NUMBER))

    @Slot(QListWidgetItem)
    def _restore(self, item: QListWidgetItem) -> None:
        self._session.runs.restore(item.data(_NUMBER))

    @Slot(QPoint)
    def _show_menu(self, place: QPoint) -> None:
        if self.list.itemAt(place) is not None:
            menu = QMenu(self)
            menu.addActions(list(self._actions))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.list.viewport().mapToGlobal(place))

    @Slot()
    def _tell_differences(self) -> None:
        session, run = self._session, self._session.runs.chosen_run
        self._details.setVisible(run is not None)
        if run is None:
            return
        found = differences(run, session.spec or run.spec, session.params)
        shown = [
            f"{label}: {shown_choice(mine)} (settings: {shown_choice(other)})"
            for label, mine, other in found[:_MOST]
        ]
        if len(found) > _MOST:
            shown.append(f"and {len(found) - _MOST} more")
        head = "Other than the settings:" if found else "Made with the present settings."
        self._details.setText("\n".join([head, *shown]))


def _lines(run: Run, *, shown: bool) -> list[str]:
    """Say what a run was, in short lines."""
    params = run.params
    title = visible(run.title) + (" · open" if shown else "")
    if run.kept is None and not shown:
        title += " · figures only"
    ended = _ended(run.when)
    time = f"{duration_text(run.seconds)}" if math.isfinite(run.seconds) else ""
    return [
        title,
        f"{params.rows} x {params.columns} {params.topology}, {params.mode}, "
        f"{plural(run.epochs, 'epoch')}, seed {params.seed:,}",
        f"QE {_figure(run.quantization_error)} · TE {_figure(run.topographic_error)} · "
        f"{plural(run.pictures, 'picture')}",
        " · ".join(part for part in (ended, time) if part),
    ]


def _figure(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "unknown"


def _ended(when: str) -> str:
    """Say when a run ended, by the clock of this computer."""
    try:
        return datetime.fromisoformat(when).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return "opened with the project"


def _icon(run: Run) -> QIcon:
    """Return the small picture of a run, in the middle of a square."""
    height, width, _ = run.thumb.shape
    pixels = run.thumb.tobytes()
    image = QImage(pixels, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    return QIcon(QPixmap.fromImage(image))
