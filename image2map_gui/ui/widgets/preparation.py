"""Shows some pictures before and after their preparation, while the settings are changed."""

from __future__ import annotations

import html

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QWidget

from image2map_gui.core.images.example import Example
from image2map_gui.core.images.sources import Source
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.icons import icon
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.widgets.tile import Tile

_COUNT = 4
_SIDE = 52
_GOLDEN = 0.6180339887  # its multiples spread evenly, however many there are


class Preparation(QWidget):
    """Four pictures of the session, above as they are and below as the map will see them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._turn = 0
        self._sources: tuple[Source, ...] = ()
        self.before = [Tile("", _SIDE) for _ in range(_COUNT)]
        self.after = [Tile("", _SIDE) for _ in range(_COUNT)]
        self.others = QToolButton()
        self._lay_out()
        self.others.clicked.connect(self._next)
        session.settings_changed.connect(self._ask)
        session.collection_changed.connect(self._ask)
        session.examples.changed.connect(self._show)
        self._ask()

    @guarded
    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.others.setIcon(icon("chevron-right", self.palette()))

    def _lay_out(self) -> None:
        self.others.setIcon(icon("chevron-right", self.palette()))
        self.others.setAutoRaise(True)
        self.others.setToolTip("Show other pictures of the collection")
        self.others.setAccessibleName("Show other pictures before and after preparation")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for row, (text, tiles) in enumerate((("Before", self.before), ("After", self.after))):
            grid.addWidget(QLabel(text), row, 0)
            for column, tile in enumerate(tiles, 1):
                tile.setAccessibleName(f"{text} preparation, picture {column}")
                grid.addWidget(tile, row, column)
        grid.addWidget(self.others, 0, _COUNT + 1, 2, 1)

    @Slot()
    def _ask(self) -> None:
        self._sources = self._chosen()
        self.setVisible(bool(self._sources))
        self._session.examples.ask(self._sources, self._session.spec)

    def _chosen(self) -> tuple[Source, ...]:
        """Return four pictures from all over the collection, others at each turn."""
        sources = self._session.sources
        if not sources:
            return ()
        places = (np.arange(_COUNT) + 0.5) / _COUNT + self._turn * _GOLDEN
        rows = np.unique((places % 1 * len(sources)).astype(np.intp))
        return tuple(sources[row] for row in rows)

    @Slot()
    def _next(self) -> None:
        self._turn += 1
        self._ask()

    @Slot()
    def _show(self) -> None:
        made = self._session.examples.made
        for place, (before, after) in enumerate(zip(self.before, self.after, strict=True)):
            source = self._sources[place] if place < len(self._sources) else None
            for tile in (before, after):
                tile.setVisible(source is not None)
            example = None if source is None else made.get(source.address)
            if source is None or example is None:
                before.show_pixels(None)
                after.show_pixels(None)
            else:
                before.show_pixels(example.before)
                after.show_pixels(self._seen(example))
                name = f"<p style='white-space:pre'>{html.escape(source.name)}</p>"
                before.setToolTip(name)
                after.setToolTip(name)

    def _seen(self, example: Example) -> NDArray[np.uint8]:
        """Return a picture as the map sees it: also what principal components leave of it."""
        dataset = self._session.dataset
        if (
            dataset is None
            or dataset.projection is None
            or dataset.spec != self._session.spec
            or not dataset.spec.plain
            or example.source not in dataset.sources
        ):
            return example.after
        row = np.array([dataset.sources.index(example.source)])
        return np.asarray(dataset.pictures(row)[0])
