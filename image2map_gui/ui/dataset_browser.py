"""The dataset browser: all pictures of the collection, with counts, labels and a filter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from image2map_gui.core.images.sources import Source
from image2map_gui.ui.gallery import Gallery
from image2map_gui.ui.session import Session
from image2map_gui.ui.theme import SPACE

_SIDE = 72
_ALL = "All labels"
_NONE = "No label"


class DatasetBrowser(QWidget):
    """Lists the pictures of the session; picking one shows its unit on the map."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._count = QLabel()
        self._filter = QLineEdit()
        self._filter.setPlaceholderText("Filter by name")
        self._filter.setAccessibleName("Filter pictures by name")
        self._filter.setClearButtonEnabled(True)
        self._filter.setAcceptDrops(False)
        self._label = QComboBox()
        self._label.setAccessibleName("Show one label")
        self._label.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._label.setMinimumContentsLength(8)
        self._arriving = 0  # pictures shown that are still being read
        self.gallery = Gallery(session.thumbnails, "Pictures of the collection", _SIDE)
        self._lay_out()
        self._filter.textChanged.connect(self._show)
        self._label.currentIndexChanged.connect(self._show)
        self.gallery.picked.connect(self._picked)
        session.collection_changed.connect(self._collection_changed)
        session.arrivals.changed.connect(self._arrived)
        session.pictures_selected.connect(self._select)
        self._collection_changed()

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.addWidget(self._filter, 1)
        tools.addWidget(self._label)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, 0)
        layout.addWidget(self._count)
        layout.addLayout(tools)
        layout.addWidget(self.gallery, 1)
        self.setMinimumWidth(230)

    @Slot()
    def _collection_changed(self) -> None:
        counts = Counter(source.label for source in self._session.sources)
        names = sorted(name for name in counts if name is not None)
        self._label.blockSignals(True)
        self._label.clear()
        self._label.addItem(f"{_ALL} ({len(names)})", None)
        for name in names:
            self._label.addItem(f"{name} ({counts[name]:,})", name)
        if names and counts[None]:
            self._label.addItem(f"{_NONE} ({counts[None]:,})", _NONE)
        self._label.blockSignals(False)
        self._label.setVisible(bool(names))
        self._filter.setEnabled(bool(self._session.sources))
        self._label.setEnabled(True)
        self._show()

    @Slot(object)
    def _select(self, sources: Sequence[Source]) -> None:
        """Select pictures; what would hide them is taken away."""
        self._filter.clear()
        self._label.setCurrentIndex(0)
        self.gallery.select({source.address for source in sources})

    @Slot()
    def _arrived(self) -> None:
        """Show the pictures of a collection that is still being read, as they come."""
        arrivals = self._session.arrivals
        if not self._arriving and not arrivals.adding:
            self.gallery.show_pictures((), ())
        fresh = arrivals.sources[self._arriving :]
        self._arriving = len(arrivals.sources)
        for widget in (self._filter, self._label):
            widget.setEnabled(False)  # until it is known what there is
        self.gallery.pictures.add_pictures(fresh, [source.label or source.name for source in fresh])
        self._count.setText(f"{self.gallery.pictures.rowCount():,} pictures so far")

    @Slot()
    def _show(self) -> None:
        self._arriving = 0
        wanted = cast("str | None", self._label.currentData())
        text = self._filter.text().strip().lower()
        shown = [source for source in self._session.sources if _passes(source, wanted, text)]
        self.gallery.show_pictures(shown, [source.label or source.name for source in shown])
        self._count.setText(self._count_text(len(shown)))

    def _count_text(self, shown: int) -> str:
        total, skipped = len(self._session.sources), len(self._session.skipped)
        if not total:
            return "No pictures yet"
        text = f"{total:,} pictures" if shown == total else f"{shown:,} of {total:,} pictures"
        return f"{text}, {skipped:,} skipped" if skipped else text

    @Slot(object)
    def _picked(self, source: Source) -> None:
        state = self._session.map
        if state is not None and (unit := state.unit_of.get(source.address)) is not None:
            self._session.select_unit(unit)


def _passes(source: Source, label: str | None, text: str) -> bool:
    if label is not None and source.label != (None if label == _NONE else label):
        return False
    return not text or text in source.name.lower() or text in (source.label or "").lower()
