"""The pictures of an opened project that are not where they were."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.relocating import Locating, missing_files
from image2map_gui.core.images.sources import Source
from image2map_gui.ui.jobs.runner import Outcome, Runner
from image2map_gui.ui.state import MapState


class Missing(QObject):
    """Counts missing pictures in the background, and says so when the count changes."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.count = 0
        self._sources: tuple[Source, ...] = ()
        self._job = Runner(self)
        self._job.ended.connect(self._ended)

    def check(self, sources: tuple[Source, ...]) -> None:
        """Find out which of the pictures are there."""
        self._job.halt()
        self._sources = sources
        if sources:
            self._job.start(missing_files(file_paths(sources)))
        else:
            self._tell(0)

    def halt(self) -> None:
        """Stop checking, and wait for that."""
        self._job.halt()

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            raise outcome.error
        if isinstance(outcome.last, Locating) and outcome.completed:
            self._tell(count_at(self._sources, outcome.last.missing))

    def _tell(self, count: int) -> None:
        if count != self.count:
            self.count = count
            self.changed.emit()


def file_paths(sources: Iterable[Source]) -> list[str]:
    """Return the files that pictures lie in."""
    return [source.path for source in sources if source.kind != "sample"]


def count_at(sources: Iterable[Source], paths: Iterable[str]) -> int:
    """Return how many pictures lie in some files."""
    wanted = frozenset(paths)
    return sum(source.kind != "sample" and source.path in wanted for source in sources)


def moved_sources(sources: Iterable[Source], moved: Mapping[str, str]) -> tuple[Source, ...]:
    """Return the same pictures with the new paths of those files that were moved."""
    return tuple(
        dataclasses.replace(source, path=moved[source.path])
        if source.kind != "sample" and source.path in moved
        else source
        for source in sources
    )


def moved_addresses(before: Iterable[Source], after: Iterable[Source]) -> dict[str, str]:
    """Return the new address for each old one."""
    return {old.address: new.address for old, new in zip(before, after, strict=True)}


def moved_dataset(dataset: Dataset | None, moved: Mapping[str, str]) -> Dataset | None:
    """Return the same dataset with new paths."""
    if dataset is None:
        return None
    return dataclasses.replace(dataset, sources=moved_sources(dataset.sources, moved))


def moved_state(state: MapState | None, moved: Mapping[str, str]) -> MapState | None:
    """Return the same map with new paths of its pictures."""
    if state is None:
        return None
    return dataclasses.replace(state, pictures=moved_sources(state.pictures, moved))


def located_text(sources: Iterable[Source], last: Locating, folder: Path) -> str:
    """Say how many of the missing pictures were found."""
    moved = last.moved or {}
    known = tuple(sources)
    missing, found = count_at(known, last.missing), count_at(known, moved)
    if not missing:
        return "No picture is missing: all files are where they were."
    if not found:
        return (
            f"None of the {missing:,} missing pictures lies in {folder}. Choose the folder that "
            "holds them, or one above it."
        )
    if found == missing:
        all_of_them = "the missing picture" if missing == 1 else f"all {missing:,} missing pictures"
        return f"Found {all_of_them} in {folder}."
    return (
        f"Found {found:,} of {missing:,} missing pictures in {folder}; "
        f"{missing - found:,} could not be found there."
    )
