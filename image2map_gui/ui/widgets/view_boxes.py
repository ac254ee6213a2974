"""The two choices of the dataset browser: which pictures to show, and in which order."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QWidget

from image2map_gui.ui.jobs import catalogue as kinds
from image2map_gui.ui.jobs.catalogue import Catalogue

SKIPPED = -1  # beside the kinds of the catalogue: files that are no pictures
_MOST_LABELS = 500  # in the list; the others are found by their names
_SORTS = {
    "As found": (kinds.FOUND, False),
    "By name": (kinds.BY_NAME, False),
    "By label": (kinds.BY_LABEL, False),
    "By unit": (kinds.BY_UNIT, False),
    "Nearest first": (kinds.BY_DISTANCE, False),
    "Farthest first": (kinds.BY_DISTANCE, True),
}

Kind = tuple[int, str]  # one of the catalogue's, and the label it is about
Entry = tuple[str, Kind]


class _Box(QComboBox):
    """A choice that may be narrower than its words."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setMaxVisibleItems(24)


class KindBox(_Box):
    """Offers the kinds of pictures there are in a collection."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Which pictures to show", parent)
        self._entries: list[Entry | None] = []  # None for a line between two groups

    @property
    def kind(self) -> Kind:
        """What is chosen."""
        place = self.currentIndex()
        entry = self._entries[place] if 0 <= place < len(self._entries) else None
        return (kinds.ALL, "") if entry is None else entry[1]

    def choose(self, kind: Kind) -> None:
        """Choose a kind, or all pictures if it is not offered."""
        places = [place for place, entry in enumerate(self._entries) if entry and entry[1] == kind]
        self.setCurrentIndex(places[0] if places else 0)

    def offer(self, catalogue: Catalogue, skipped: int) -> None:
        """Offer what makes sense for a collection; what was chosen stays so, if it is there."""
        entries = _entries(catalogue, skipped)
        if entries == self._entries:
            return
        kind, self._entries = self.kind, entries
        with QSignalBlocker(self):
            self.clear()
            for entry in entries:
                if entry is None:
                    self.insertSeparator(self.count())
                else:
                    self.addItem(entry[0])
            self.choose(kind)


class OrderBox(_Box):
    """Offers orders of pictures; others than the offered ones can be set from elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Order of the pictures", parent)
        self.addItems(list(_SORTS))
        self._order = (kinds.FOUND, False)
        self.activated.connect(self._activated)

    @property
    def order(self) -> tuple[int, bool]:
        """By what the pictures are sorted, and whether the other way round."""
        return self._order

    def set_order(self, sort: int, *, descending: bool) -> None:
        """Sort by something, in either direction."""
        self._order = (sort, descending)
        orders = list(_SORTS.values())
        near = self._order if self._order in orders else (sort, False)
        with QSignalBlocker(self):
            self.setCurrentIndex(orders.index(near))

    def _activated(self, place: int) -> None:
        self._order = list(_SORTS.values())[place]


def _entries(catalogue: Catalogue, skipped: int) -> list[Entry | None]:
    groups = [[("All pictures", (kinds.ALL, ""))], _labels(catalogue), _parts(catalogue)]
    groups.append(_on_map(catalogue))
    if skipped:
        groups.append([(f"Skipped files ({skipped:,})", (SKIPPED, ""))])
    joined: list[Entry | None] = []
    for group in filter(None, groups):
        joined += [None, *group] if joined else group
    return joined


def _labels(catalogue: Catalogue) -> list[Entry]:
    *sizes, bare = catalogue.label_sizes
    pairs = list(zip(catalogue.labels, sizes, strict=True))[:_MOST_LABELS]
    entries = [(f"{name} ({size:,})", (kinds.LABEL, name)) for name, size in pairs]
    if entries and bare:
        entries.append((f"No label ({bare:,})", (kinds.UNLABELLED, "")))
    return entries


def _parts(catalogue: Catalogue) -> list[Entry]:
    excluded, test = int(catalogue.excluded.sum()), int(catalogue.test.sum())
    entries = []
    if excluded or test:
        rest = len(catalogue) - excluded - test
        entries.append((f"Training part ({rest:,})", (kinds.TRAINING, "")))
    if test:
        entries.append((f"Test part ({test:,})", (kinds.TEST, "")))
    if excluded:
        entries.append((f"Excluded ({excluded:,})", (kinds.EXCLUDED, "")))
    return entries


def _on_map(catalogue: Catalogue) -> list[Entry]:
    state = catalogue.state
    if state is None or state.units is None:
        return []
    entries = [
        ("On the selected unit", (kinds.ON_UNIT, "")),
        ("Far from its unit", (kinds.FAR, "")),
    ]
    if state.added:
        entries.append((f"New on the map ({state.added:,})", (kinds.NEW, "")))
    return entries
