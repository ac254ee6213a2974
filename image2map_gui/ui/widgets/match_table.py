"""The table of classified pictures: sorted by a click on a head, filtered, however long it is."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from image2map_gui.core.analysis.classify import UNLIKE, Match
from image2map_gui.core.picture.label_inks import LabelInks
from image2map_gui.ui.session.thumbnails import Thumbnails
from image2map_gui.ui.theme import marker
from image2map_gui.ui.widgets.badges import BadgeDelegate, badge_icon
from image2map_gui.ui.widgets.table import (
    NUMBERS,
    TEXT_ROLES,
    TEXTS,
    Index,
    RowView,
    SortedModel,
    natural,
)
from image2map_gui.ui.wording import visible

HEADS = ("", "Label", "Sure", "Percentile", "Unit", "Unlike", "Kept", "File")
PICTURE, LABEL, SURE, PERCENTILE, UNIT, NOVEL, KEPT, FILE = range(len(HEADS))
ALL, UNLIKE_ONES, UNLABELLED, KEPT_ONES = "All", "Unlike", "Without label", "Kept"
SHOWN = (ALL, UNLIKE_ONES, UNLABELLED, KEPT_ONES)
_SIDE = 32
_WIDTHS = {PICTURE: _SIDE + 10, LABEL: 80, SURE: 46, PERCENTILE: 72, UNIT: 50, NOVEL: 50, KEPT: 42}


def label_text(match: Match) -> str:
    """Return the label a picture was given; one that was rejected stands behind a question mark."""
    if match.rejected:
        return "unlike" if match.rejected == UNLIKE else f"{match.guess}?"
    return match.label or ""


class MatchModel(SortedModel):
    """Matches, those of them that a filter lets pass, in an order that a person chose.

    ``kept`` are the addresses of those that outlast a clearing.
    """

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(HEADS, parent)
        self.side = _SIDE
        self.inks = LabelInks()
        self._thumbnails = thumbnails
        self._all: Sequence[Match] = ()
        self.kept: frozenset[str] = frozenset()
        self._text, self._which = "", ALL

    @property
    def matches(self) -> list[Match]:
        """What is listed, row by row; by itself the newest come first."""
        return self.rows

    def show_matches(self, matches: Sequence[Match], kept: frozenset[str], inks: LabelInks) -> None:
        """Replace what there is."""
        self._all, self.kept, self.inks = matches, kept, inks
        self._choose()

    def filter(self, text: str, which: str) -> None:
        """Let only those pass whose label or file has a text, and which are of a kind."""
        self._text, self._which = text.strip().casefold(), which
        self._choose()

    def _choose(self) -> None:
        self.show_rows([match for match in self._all if self._passes(match)])

    def _passes(self, match: Match) -> bool:
        kinds: dict[str, Callable[[], bool]] = {
            UNLIKE_ONES: lambda: match.novel,
            UNLABELLED: lambda: match.label is None,
            KEPT_ONES: lambda: match.source.address in self.kept,
        }
        if self._which in kinds and not kinds[self._which]():
            return False
        texts = (label_text(match), match.source.address)
        return not self._text or any(self._text in text.casefold() for text in texts)

    def _keys(self, column: int) -> list[Any]:
        return [self._key(match, column) for match in self._came]

    def _key(self, match: Match, column: int) -> Any:
        if column == LABEL:
            return natural(label_text(match))
        if column in (PICTURE, FILE):
            return natural(match.source.address)
        keys = {
            SURE: -1.0 if math.isnan(match.confidence) else match.confidence,
            PERCENTILE: match.percentile,
            UNIT: match.unit,
            NOVEL: match.novel,
            KEPT: match.source.address in self.kept,
        }
        return keys[column]

    def _placed(self, column: int) -> Qt.AlignmentFlag:
        return NUMBERS if column in (SURE, PERCENTILE, UNIT) else TEXTS

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, thumbnail and place of a cell."""
        match, column = self.matches[index.row()], index.column()
        if role in TEXT_ROLES:
            return self._said(match, column)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._sign(match, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._placed(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            address = html.escape(visible(match.source.address))
            return f"<p style='white-space:pre'>{address}</p>"
        if role == Qt.ItemDataRole.ForegroundRole and match.novel and column == NOVEL:
            view = self.parent()
            return marker(view.palette()) if isinstance(view, QWidget) else None
        return None

    def _said(self, match: Match, column: int) -> str:
        if column == LABEL:
            return visible(label_text(match))
        if column == FILE:
            return visible(match.source.name)
        if column == SURE:
            return "" if math.isnan(match.confidence) else f"{match.confidence:.0%}"
        texts = {
            PICTURE: "",
            PERCENTILE: f"{match.percentile:.1%}",
            UNIT: f"{match.row + 1}, {match.column + 1}",
            NOVEL: "unlike" if match.novel else "",
            KEPT: "kept" if match.source.address in self.kept else "",
        }
        return texts[column]

    def _sign(self, match: Match, column: int) -> QPixmap | QIcon | None:
        """Return what stands before the text: the picture, or the colour of its label."""
        if column == PICTURE:
            return self._small(match)
        view = self.parent()
        if column != LABEL or match.label not in self.inks.colours or not isinstance(view, QWidget):
            return None
        return badge_icon(self.inks.of(match.label), view.palette())

    def _small(self, match: Match) -> QPixmap | None:
        pixmap = self._thumbnails.at_once(match.source, self.side)
        if pixmap is None or pixmap.isNull():
            return pixmap
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        sized = pixmap.scaled(QSize(self.side, self.side), keep, smooth)
        sized.setDevicePixelRatio(self.side / _SIDE)
        return sized

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the head of a column, or what it means."""
        if role == Qt.ItemDataRole.ToolTipRole and section == PERCENTILE:
            return "Share of the training pictures that were nearer to their unit"
        return super().headerData(section, orientation, role)


class MatchTable(RowView):
    """Shows a :class:`MatchModel`; ``picked`` tells the match that became the current one."""

    picked = Signal(object)

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        self.content = MatchModel(thumbnails)
        super().__init__(self.content, "Classified pictures", _SIDE + 4, parent)
        self.setIconSize(QSize(_SIDE, _SIDE))
        self.setFrameShape(QTableView.Shape.NoFrame)
        head = self.horizontalHeader()
        head.setSortIndicatorClearable(True)
        head.setSectionResizeMode(FILE, QHeaderView.ResizeMode.Stretch)
        self.setItemDelegateForColumn(LABEL, BadgeDelegate(self))
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        thumbnails.ready.connect(self._repaint)
        self.content.modelReset.connect(self._hide_empty)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        self._hide_empty()

    @property
    def chosen(self) -> list[Match]:
        """The matches of the selected rows."""
        return [self.content.matches[row] for row in self.chosen_rows]

    @property
    def current(self) -> Match | None:
        """The match of the current row."""
        row = self.currentIndex().row()
        return self.content.matches[row] if 0 <= row < len(self.content.matches) else None

    @Slot()
    def _hide_empty(self) -> None:
        """Leave the room of columns that say nothing to the names of the files."""
        self.setColumnHidden(NOVEL, not any(match.novel for match in self.content.matches))
        self.setColumnHidden(KEPT, not self.content.kept)

    @Slot()
    def _repaint(self) -> None:
        self.content.side = round(_SIDE * self.devicePixelRatioF())
        self.viewport().update()

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.picked.emit(self.content.matches[current.row()])
