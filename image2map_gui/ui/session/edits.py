"""Edits of what is open, as values: each gives what is open afterwards, and how to undo it."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from image2map_gui.core.images.collection import (
    Group,
    Labels,
    LabelStyle,
    Parts,
    Split,
    relabelled,
    rows_of,
)
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Skipped, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import ClusterName, MapModel
from image2map_gui.core.picture.label_inks import NO_INKS, LabelInks
from image2map_gui.core.runs import Run
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.session.on_maps import relabelled_model
from image2map_gui.ui.state import MapState


@dataclasses.dataclass(frozen=True)
class Opened:
    """All of what is open that an edit can change.

    ``dataset`` holds the pictures that were read, ``trained`` those of a training that runs.
    """

    sources: tuple[Source, ...]
    parts: Parts
    dataset: Dataset | None = None
    trained: Dataset | None = None
    map: MapState | None = None
    model: MapModel | None = None
    groups: tuple[Group, ...] = ()
    labels: tuple[LabelStyle, ...] = ()  # that a person put in order or coloured; others follow
    params: SomParams = dataclasses.field(default_factory=SomParams)
    spec: ImageSpec | None = None
    skipped: tuple[Skipped, ...] = ()
    folders: tuple[str, ...] = ()
    run: int | None = None  # of the map
    runs: tuple[Run, ...] = ()
    embed: str = "no"  # what of the pictures is to come with the project
    clusters: tuple[ClusterName, ...] = ()
    inks: LabelInks = NO_INKS  # of the labels, before the edit


class Kind(enum.IntEnum):
    """What an edit is about, which decides when it is possible: the later, the less often."""

    SETTINGS = 0
    LABELS = 1
    PICTURES = 2
    MAP = 3


class Edit(Protocol):
    """One change of what is open."""

    @property
    def kind(self) -> Kind:
        """What it is about."""
        ...

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Return what is open afterwards, and the edit that takes this one back."""
        ...


@dataclasses.dataclass(frozen=True)
class Deed:
    """Something that was done otherwise than by an edit, and can be taken back and done again."""

    text: str
    kind: Kind
    back: Callable[[], None]
    again: Callable[[], None]


@dataclasses.dataclass(frozen=True)
class Deal:
    """Something that was done, and the edit that takes it back."""

    text: str
    back: Edit


@dataclasses.dataclass(frozen=True)
class Settle:
    """Sets how pictures are prepared and maps are trained from now on."""

    params: SomParams
    spec: ImageSpec | None
    kind = Kind.SETTINGS

    def done(self, opened: Opened) -> tuple[Opened, Settle]:
        """Put these in the place of those before."""
        after = dataclasses.replace(opened, params=self.params, spec=self.spec)
        return after, Settle(opened.params, opened.spec)


@dataclasses.dataclass(frozen=True)
class Embed:
    """Lets the pictures come with the project, or no longer."""

    what: str
    kind = Kind.SETTINGS

    def done(self, opened: Opened) -> tuple[Opened, Embed]:
        """Put this in the place of what was before."""
        return dataclasses.replace(opened, embed=self.what), Embed(opened.embed)


@dataclasses.dataclass(frozen=True)
class Reset:
    """Gives some fields of what is open other values."""

    values: Mapping[str, Any]
    kind = Kind.PICTURES

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Put these in the place of those before."""
        before = {name: getattr(opened, name) for name in self.values}
        return dataclasses.replace(opened, **self.values), Reset(before)


@dataclasses.dataclass(frozen=True)
class Relabel:
    """Gives pictures, named by their addresses, other labels."""

    labels: Labels
    kind = Kind.LABELS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Change the labels wherever they are counted or shown."""
        rows = rows_of(opened.sources, self.labels)
        before = [opened.sources[row] for row in rows]
        renewed: dict[int, tuple[Source, ...]] = {}

        def renew(sources: tuple[Source, ...]) -> tuple[Source, ...]:
            if id(sources) not in renewed:  # who shared a list before goes on sharing it
                renewed[id(sources)] = relabelled(sources, self.labels)
            return renewed[id(sources)]

        def renew_dataset(dataset: Dataset | None) -> Dataset | None:
            return dataset and dataclasses.replace(dataset, sources=renew(dataset.sources))

        state = opened.map
        after = dataclasses.replace(
            opened,
            sources=renew(opened.sources),
            dataset=renew_dataset(opened.dataset),
            trained=renew_dataset(opened.trained),
            map=state and dataclasses.replace(state, pictures=renew(state.pictures)),
            model=relabelled_model(opened.model, opened.map, self.labels),
        )
        return after, Relabel({source.address: source.label for source in before})


@dataclasses.dataclass(frozen=True)
class Exclude:
    """Leaves pictures out of the next trainings."""

    addresses: frozenset[str]
    kind = Kind.LABELS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Add them to those that are excluded."""
        fresh = self.addresses - opened.parts.excluded
        parts = dataclasses.replace(opened.parts, excluded=opened.parts.excluded | fresh)
        return dataclasses.replace(opened, parts=parts), Include(fresh)


@dataclasses.dataclass(frozen=True)
class Include:
    """Takes pictures into the next trainings again."""

    addresses: frozenset[str]
    kind = Kind.LABELS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Take them from those that are excluded."""
        there = self.addresses & opened.parts.excluded
        parts = dataclasses.replace(opened.parts, excluded=opened.parts.excluded - there)
        return dataclasses.replace(opened, parts=parts), Exclude(there)


@dataclasses.dataclass(frozen=True)
class Divide:
    """Divides the collection anew; ``test`` is drawn by the split unless it is given."""

    split: Split | None
    test: frozenset[str] | None = None
    kind = Kind.LABELS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Replace the pictures that are kept for testing."""
        before = opened.parts
        if self.test is None:
            parts = before.divided(opened.sources, self.split)
        else:
            parts = dataclasses.replace(before, split=self.split, test=self.test)
        return dataclasses.replace(opened, parts=parts), Divide(before.split, before.test)


@dataclasses.dataclass(frozen=True)
class Regroup:
    """Replaces the selections that have names."""

    groups: tuple[Group, ...]
    kind = Kind.LABELS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Put these in the place of those before."""
        return dataclasses.replace(opened, groups=self.groups), Regroup(opened.groups)


@dataclasses.dataclass(frozen=True)
class Restyle:
    """Puts the labels into another order, or gives them other colours."""

    labels: tuple[LabelStyle, ...]
    kind = Kind.LABELS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Put this in the place of what was before."""
        return dataclasses.replace(opened, labels=self.labels), Restyle(opened.labels)


@dataclasses.dataclass(frozen=True)
class NameClusters:
    """Gives clusters of the map other names."""

    clusters: tuple[ClusterName, ...]
    kind = Kind.SETTINGS

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Put these in the place of those before."""
        after = dataclasses.replace(opened, clusters=self.clusters)
        return after, NameClusters(opened.clusters)


@dataclasses.dataclass(frozen=True)
class Both:
    """Two edits that are one step."""

    first: Edit
    second: Edit

    @property
    def kind(self) -> Kind:
        """That of the two which is possible less often."""
        return max(self.first.kind, self.second.kind)

    def done(self, opened: Opened) -> tuple[Opened, Edit]:
        """Do the first, then the second; taken back in the other order."""
        between, undo_first = self.first.done(opened)
        after, undo_second = self.second.done(between)
        return after, Both(undo_second, undo_first)
