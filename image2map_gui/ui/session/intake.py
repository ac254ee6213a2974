"""The intake: reads pictures into the collection, and finds those again that were moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from image2map_gui.core.analysis.labels import recounted
from image2map_gui.core.images.collection import rows_of
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.relocating import Locating, locating
from image2map_gui.core.images.sources import Found, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel
from image2map_gui.ui.jobs.jobs import (
    Collecting,
    collect,
    collect_again,
    collect_found,
    collect_sample,
    place,
    suits,
)
from image2map_gui.ui.jobs.runner import Outcome
from image2map_gui.ui.session.arrivals import Arrivals
from image2map_gui.ui.session.document import Document
from image2map_gui.ui.session.edits import Both, Deal, Deed, Kind, Opened, Reset
from image2map_gui.ui.session.missing import (
    count_at,
    file_paths,
    located_text,
    moved_addresses,
    moved_dataset,
    moved_sources,
    moved_state,
)
from image2map_gui.ui.session.removing import Remove
from image2map_gui.ui.session.work import Work
from image2map_gui.ui.wording import first_reason, plural


class Intake(QObject):
    """Fills a document with pictures; what is open stays until some were read."""

    opening = Signal()  # new pictures were read: what is open has to go
    opened = Signal()
    moved = Signal()
    collection_changed = Signal()
    settings_changed = Signal()
    map_changed = Signal()
    touched = Signal()
    stepped = Signal(object)
    noticed = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        document: Document,
        work: Work,
        arrivals: Arrivals,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._work = work
        self._arrivals = arrivals
        self._asked: tuple[str, ...] = ()
        self._searched = Path()

    # --- beginning --------------------------------------------------------------------------

    def open_pictures(self, paths: Sequence[str | Path]) -> None:
        """Read pictures as a new collection."""
        self._asked = _folders_in(paths)
        self._read(collect(paths, pages=self._document.pages))

    def open_sample(self, name: str) -> None:
        """Draw a collection."""
        self._asked = ()
        self._read(collect_sample(name))

    def add_pictures(self, paths: Sequence[str | Path]) -> None:
        """Add pictures to the collection, when no job runs any more.

        The collection is read first if it was not yet.
        """
        said = "These pictures are added as soon as the running job has ended."
        self._work.when_free(partial(self._add_pictures, paths), said)

    def _add_pictures(self, paths: Sequence[str | Path]) -> None:
        document = self._document
        dataset = self.suited
        if dataset is None:
            self.read_for_map(then=partial(self._add_pictures, paths))
        else:
            self._asked = _folders_in(paths)
            self._read(collect(paths, dataset, document.model, document.pages))

    def add_found(self, found: Found, then: Callable[[], None] | None = None) -> None:
        """Add pictures that were found already, when no job runs any more.

        ``then`` is done once all of them were read.
        """
        said = "These pictures are added as soon as the running job has ended."
        self._work.when_free(partial(self._add_found, found, then), said)

    def _add_found(self, found: Found, then: Callable[[], None] | None) -> None:
        dataset = self.suited
        if dataset is None:
            self.read_for_map(then=partial(self._add_found, found, then))
        else:
            self._asked = ()
            self._read(collect_found(found, dataset, self._document.model), then)

    @property
    def suited(self) -> Dataset | None:
        """The pictures, if they were read, and as the map sees them if there is one."""
        dataset, model = self._document.dataset, self._document.model
        return dataset if model is None or suits(dataset, model) else None

    def read_for_map(self, then: Callable[[], None]) -> None:
        """Read the pictures as the map sees them, or as the next training wants them."""
        model = self._document.model
        spec = self._document.wanted_spec if model is None else model.spec
        self.read_again(spec, model, then=then)

    def read_again(
        self, spec: ImageSpec, model: MapModel | None = None, *, then: Callable[[], None]
    ) -> None:
        """Read the pictures once more; those of a map as it sees them, if it wants them so.

        What is to be done ``then`` is done if some could be read.
        """
        before = self._document.dataset

        def go_on() -> None:
            if self._document.dataset is not before:
                then()

        projection = model.projection if model is not None and model.spec == spec else None
        document = self._document
        sources, skipped, parts = document.sources, document.skipped, document.parts
        self._read(collect_again(sources, skipped, spec, projection, parts), go_on)

    def locate(self, folder: Path) -> None:
        """Look for pictures that are not where they were, in a folder and all below it."""
        if self._work.free("Pictures can be looked for when the running job has ended."):
            self._searched = folder
            steps = locating(file_paths(self._document.sources), folder)
            self._work.run("locating", steps, self._keep_located)

    def _read(self, steps: Iterable[Collecting], then: Callable[[], None] | None = None) -> None:
        self._work.run("reading", steps, self._keep_read, then)

    # --- what comes of it -------------------------------------------------------------------

    def _keep_read(self, outcome: Outcome) -> None:
        held = self._document.dataset
        if isinstance(outcome.last, Collecting):
            self._keep(outcome.last, outcome.completed)
        if self._arrivals.shown and self._document.dataset is held:
            self.collection_changed.emit()  # what is open is to be seen again

    def _keep(self, last: Collecting, completed: bool) -> None:
        """Keep the pictures that were read, all of them or those before a stop."""
        reading, dataset = last.reading, last.dataset
        if last.again and not completed:
            return  # a part of what is open was read once more
        if not completed and (reading is None or not reading.read):
            self.noticed.emit("Stopped before a picture was read; nothing has changed.")
            return
        if dataset is None or reading is None:
            return
        if not len(dataset):
            self.failed.emit(f"No picture could be read: {first_reason(dataset.skipped)}")
            return
        self._take(last, reading.dataset, dataset)
        if not completed:
            self.noticed.emit(
                f"Stopped: {reading.read:,} of {last.total:,} pictures were read and kept."
            )

    def _take(self, last: Collecting, fresh: Dataset, dataset: Dataset) -> None:
        document = self._document
        opened, chosen = last.before is None and not last.again, frozenset(document.chosen)
        if opened:
            self.opening.emit()
        before = document.opened()
        if not last.again:
            document.folders = tuple(dict.fromkeys((*document.folders, *self._asked)))
        same = dataset.sources == document.sources
        if last.before is not None:
            document.parts = document.parts.grown(dataset.sources, document.sources)
        document.dataset = dataset
        document.sources, document.skipped = dataset.sources, dataset.skipped
        self._place(last, fresh)
        if opened:
            there = rows_of(document.sources, chosen) if chosen else ()  # while they were read
            document.chosen = tuple(document.sources[row].address for row in there)
            self.opened.emit()
            self.touched.emit()
            return
        self.collection_changed.emit()
        self.settings_changed.emit()
        if last.before is not None:
            self.stepped.emit(_added(before, fresh.sources))
        elif not same:
            self.stepped.emit(_left_out(before, dataset.sources))

    def _place(self, last: Collecting, fresh: Dataset) -> None:
        """Put added pictures on the map that is there; what is opened decides its own spec."""
        document = self._document
        if last.before is None:
            document.spec = fresh.spec
        elif document.map is not None and document.model is not None:
            units, distances = last.placed or place(fresh, document.model)
            rows = document.parts.rows(fresh.sources)
            on_map = np.arange(len(fresh)) if rows is None else rows
            pictures = tuple(fresh.sources[row] for row in on_map)
            document.map = document.map.with_pictures(pictures, units[on_map], distances[on_map])
            labels, nothing = [source.label for source in pictures], [None] * len(pictures)
            document.model = recounted(document.model, units[on_map], nothing, labels)
            self.map_changed.emit()

    def _keep_located(self, outcome: Outcome) -> None:
        if isinstance(outcome.last, Locating) and outcome.completed:
            self._move(outcome.last)

    def _move(self, last: Locating) -> None:
        """Go on with the new places of pictures that were found."""
        document = self._document
        self.noticed.emit(located_text(document.sources, last, self._searched))
        if not last.moved:
            return
        count = count_at(document.sources, last.moved)
        before = document.folders
        # Those folders are gone; the pictures themselves tell where they are now.
        again = partial(self._carry, last.moved, ())
        back = partial(self._carry, {new: old for old, new in last.moved.items()}, before)
        again()
        self.stepped.emit(Deed(f"locate {plural(count, 'picture')}", Kind.PICTURES, back, again))

    def _carry(self, moved: Mapping[str, str], folders: tuple[str, ...]) -> None:
        """Let everything name the pictures by other files."""
        document = self._document
        document.folders = folders
        before, document.sources = document.sources, moved_sources(document.sources, moved)
        document.dataset = moved_dataset(document.dataset, moved)
        document.map = moved_state(document.map, moved)
        addresses = moved_addresses(before, document.sources)
        document.move_kept(lambda sources: moved_sources(sources, moved))
        document.parts = document.parts.renamed(addresses)
        document.groups = tuple(group.renamed(addresses) for group in document.groups)
        self.moved.emit()


def _added(before: Opened, fresh: Sequence[Source]) -> Deal:
    """Return the step of pictures that were added."""
    there = {source.address for source in before.sources}
    new = frozenset(source.address for source in fresh) - there
    rest = {"parts": before.parts, "skipped": before.skipped, "folders": before.folders}
    return Deal(f"add {plural(len(new), 'picture')}", Both(Remove(new), Reset(rest)))


def _left_out(before: Opened, left: Sequence[Source]) -> Deal:
    """Return the step of pictures that could not be read once more."""
    count = len(before.sources) - len(left)
    rest = {"sources": before.sources, "skipped": before.skipped, "dataset": None}
    return Deal(f"leave out {plural(count, 'picture')} that could not be read", Reset(rest))


def _folders_in(paths: Sequence[str | Path]) -> tuple[str, ...]:
    return tuple(str(Path(path).absolute()) for path in paths if Path(path).is_dir())
