"""The collection as columns, to be filtered and sorted; all at once, since it may be long."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from natsort import natsorted, ns
from numpy.typing import NDArray

from image2map_gui.core.images.collection import Parts, Rows, rows_of
from image2map_gui.core.images.sources import Source
from image2map_gui.ui.state import MapState, places_of

ALL, LABEL, UNLABELLED, TRAINING, TEST, EXCLUDED, NEW, FAR, ON_UNIT = range(9)
FOUND, BY_NAME, BY_LABEL, BY_UNIT, BY_DISTANCE = range(5)

_FAR = 0.95  # the share of distances beyond which a picture is far from its unit
_DIGITS = 15  # numbers in names are compared as if they had so many
_NUMBER = re.compile(r"\d+")
_APART = "\0"  # in no name

Mask = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class View:
    """Which pictures to show, and in which order.

    ``text`` is looked for in names and labels, ``label`` and ``units`` belong to the kinds
    of that name.
    """

    text: str = ""
    kind: int = ALL
    label: str = ""
    units: frozenset[int] = frozenset()
    sort: int = FOUND
    descending: bool = False


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """The pictures of a collection; every column is made when it is first asked for."""

    sources: Sequence[Source] = ()
    parts: Parts = Parts()  # noqa: RUF009 - it is frozen
    state: MapState | None = None

    def __len__(self) -> int:
        return len(self.sources)

    def followed_by(
        self, sources: Sequence[Source], parts: Parts, state: MapState | None
    ) -> Catalogue:
        """Return another one, which takes over the columns that are the same."""
        after = Catalogue(sources, parts, state)
        kept: list[str] = []
        if len(after) == len(self) and after.goes_on(self):
            kept += ["names", "_by_name"]
            kept += ["words", "labels", "label_codes"] if sources is self.sources else []
            kept += ["excluded", "test"] if parts is self.parts else []
            kept += ["_places"] if _on_same_map(state, self.state) else []
        for name in kept:
            if name in self.__dict__:
                after.__dict__[name] = self.__dict__[name]
        return after

    def rows(self, view: View) -> Rows:
        """Return the rows of the pictures to show, in their order."""
        shown = self._of_kind(view)
        if view.text:
            text = view.text.lower()
            shown = shown & np.fromiter((text in one for one in self.words), bool, len(self))
        order = self._order(view)
        return np.flatnonzero(shown) if order is None else order[shown[order]]

    # --- columns ----------------------------------------------------------------------------

    @cached_property
    def names(self) -> list[str]:
        """The short names, as :attr:`Source.name` but quicker for the files among them."""
        return [
            os.path.basename(source.path)  # noqa: PTH119 - a Path each takes too long
            if source.kind == "file" and source.index < 0
            else source.name
            for source in self.sources
        ]

    @cached_property
    def words(self) -> list[str]:
        """What a text is looked for in: names and labels, in small letters."""
        pairs = zip(self.names, self.sources, strict=True)
        joined = [f"{name}{_APART}{source.label or ''}" for name, source in pairs]
        return [one.lower() for one in joined]

    @cached_property
    def labels(self) -> list[str]:
        """The labels there are, in natural order."""
        found = {source.label for source in self.sources}
        return natsorted((label for label in found if label is not None), alg=ns.IGNORECASE)

    @cached_property
    def label_codes(self) -> NDArray[np.intp]:
        """The place of each picture's label among the labels, after the last for none."""
        codes: dict[str | None, int] = {label: code for code, label in enumerate(self.labels)}
        codes[None] = len(self.labels)
        return np.array([codes[source.label] for source in self.sources], np.intp)

    @property
    def label_sizes(self) -> list[int]:
        """How many pictures have each label, and at last how many have none."""
        return list(np.bincount(self.label_codes, minlength=len(self.labels) + 1).tolist())

    @cached_property
    def excluded(self) -> Mask:
        """Which pictures are excluded."""
        return self._among(self.parts.excluded)

    @cached_property
    def test(self) -> Mask:
        """Which pictures are kept for testing; one that is excluded is not tested either."""
        return self._among(self.parts.test) & ~self.excluded

    @cached_property
    def units(self) -> NDArray[np.integer[Any]]:
        """The unit of each picture, -1 for one that is not on the map."""
        return self._of_map(None if self.state is None else self.state.units, -1)

    @cached_property
    def distances(self) -> NDArray[np.floating[Any]]:
        """The distance of each picture to its unit, NaN for one that is not on the map."""
        return self._of_map(None if self.state is None else self.state.distances, np.nan)

    @property
    def new(self) -> Mask:
        """Which pictures came after the map was trained."""
        if self.state is None:
            return np.zeros(len(self), bool)
        return self._places >= len(self.state.pictures) - self.state.added

    @property
    def far(self) -> Mask:
        """Which pictures are farther from their units than 95 % of all those on the map."""
        known = self.distances[self.units >= 0]
        if not len(known):
            return np.zeros(len(self), bool)
        with np.errstate(invalid="ignore"):
            return np.asarray(self.distances > np.quantile(known, _FAR))

    @cached_property
    def _places(self) -> Rows:
        return places_of(self.sources, () if self.state is None else self.state.pictures)

    @cached_property
    def _by_name(self) -> Rows:
        """The rows in the natural order of the names."""
        joined = _APART.join(self.names).lower()
        filled = _NUMBER.sub(lambda number: number.group().zfill(_DIGITS), joined)
        keys = filled.split(_APART)
        return np.array(sorted(range(len(self)), key=keys.__getitem__), np.intp)

    # --- helpers ----------------------------------------------------------------------------

    def _among(self, addresses: frozenset[str]) -> Mask:
        mask = np.zeros(len(self), bool)
        if addresses:
            mask[rows_of(self.sources, addresses)] = True
        return mask

    def _of_map(self, values: NDArray[Any] | None, otherwise: float) -> NDArray[Any]:
        if values is None or not len(values):
            return np.full(len(self), otherwise, np.intp if otherwise == -1 else np.float64)
        return np.where(self._places >= 0, values[self._places], otherwise)

    def _of_kind(self, view: View) -> Mask:
        kinds: dict[int, Callable[[], Mask]] = {
            ALL: lambda: np.ones(len(self), bool),
            LABEL: lambda: self._labelled(view.label),
            UNLABELLED: lambda: self.label_codes == len(self.labels),
            TRAINING: lambda: ~self.excluded & ~self.test,
            TEST: lambda: self.test,
            EXCLUDED: lambda: self.excluded,
            NEW: lambda: self.new,
            FAR: lambda: self.far,
            ON_UNIT: lambda: np.isin(self.units, list(view.units)),
        }
        return kinds[view.kind]()

    def goes_on(self, other: Catalogue) -> bool:
        """Whether this begins with the pictures of another one, whatever their labels are."""
        if self.sources is other.sources:
            return True
        return len(self) >= len(other) and all(
            one is it or (one.path == it.path and one.index == it.index and one.member == it.member)
            for one, it in zip(self.sources, other.sources, strict=False)
        )

    def _labelled(self, label: str) -> Mask:
        if label not in self.labels:
            return np.zeros(len(self), bool)
        return np.asarray(self.label_codes == self.labels.index(label))

    def _order(self, view: View) -> Rows | None:
        """Return all rows in order, ``None`` if they are; who has no value comes last."""
        if view.sort == FOUND:
            return np.arange(len(self))[::-1] if view.descending else None
        if view.sort == BY_NAME:
            return self._by_name[::-1] if view.descending else self._by_name
        values, known = self._sorted_by(view.sort)
        order = np.argsort(-values if view.descending else values, kind="stable")
        return np.concatenate([order[known[order]], order[~known[order]]])

    def _sorted_by(self, sort: int) -> tuple[NDArray[Any], Mask]:
        if sort == BY_LABEL:
            return self.label_codes, self.label_codes < len(self.labels)
        return (self.units if sort == BY_UNIT else self.distances), self.units >= 0


def _on_same_map(first: MapState | None, second: MapState | None) -> bool:
    if first is None or second is None:
        return first is second
    return first.pictures is second.pictures
