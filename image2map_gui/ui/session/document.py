"""The document: all that is open, shared by those who work on it."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.export.animation import Film
from image2map_gui.core.files import Fingerprint
from image2map_gui.core.frames import MB, Frame, Frames, Keeper, Keeping, Setting, frame_model
from image2map_gui.core.images.collection import Group, LabelStyle, Parts
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Skipped, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import ClusterName, MapModel, model_of
from image2map_gui.core.picture.label_inks import LabelInks, label_inks
from image2map_gui.core.picture.wishes import Facts
from image2map_gui.core.project.embedded import embedded_of
from image2map_gui.core.project.project import Project, brought_all, carried_over
from image2map_gui.core.runs import Run
from image2map_gui.core.runs import within as runs_within
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.size import proposed_size
from image2map_gui.core.som.train import Snapshot
from image2map_gui.ui.jobs.answer_jobs import Ground
from image2map_gui.ui.jobs.jobs import Measuring, suits
from image2map_gui.ui.session.edits import Opened
from image2map_gui.ui.session.training_log import TrainingLog
from image2map_gui.ui.state import (
    Before,
    MapState,
    project_with_map,
    state_of_project,
    with_run_open,
)

Value = TypeVar("Value")
_ASIDE_FRAMES = 16  # MB
NOTHING_LEFT = "All pictures are excluded or kept for testing; include some first."


@dataclasses.dataclass(frozen=True, eq=False)
class Past:
    """An earlier epoch that is shown: its frame, and the map as it was then."""

    frame: Frame
    state: MapState


class Document:
    """The collection, the map that was made of it, and the settings of the next one.

    It says nothing by itself: who changes it tells the others. ``dataset`` holds the pictures as
    they were read, ``trained`` those of a training that runs and ``snapshot`` the newest state of
    it; ``touched`` tells that something was changed that cannot be undone.
    """

    def __init__(self) -> None:
        self.pages = "first"  # that are taken of TIFF files, or "all"; whatever is open
        self.keeping = Keeping()  # whatever is open
        self.clear()

    def clear(self) -> None:
        """Hold nothing any more."""
        self._inked: tuple[object, object, LabelInks] = (None, None, LabelInks())
        self.path: Path | None = None
        self.original: Fingerprint | None = None  # what that file was like when it was read
        self.modified = False
        self.touched = False
        self.folders: tuple[str, ...] = ()  # that a person opened
        self.sources: tuple[Source, ...] = ()
        self.parts = Parts()
        self.chosen: tuple[str, ...] = ()
        self.groups: tuple[Group, ...] = ()
        self.labels: tuple[LabelStyle, ...] = ()  # as a person wants them; others follow
        self.skipped: tuple[Skipped, ...] = ()
        self.brought: Project | None = None  # that was opened, where things came with it
        self.embed = "no"  # what of the pictures is to come with the project, of EMBED
        self.dataset: Dataset | None = None
        self.spec: ImageSpec | None = None
        self.params = SomParams()
        self.clear_map()
        self.trained: Dataset | None = None
        self.measured: Measuring | None = None
        self.runs: tuple[Run, ...] = ()
        self.run_frames: dict[int, Frames] = {}  # of other runs than that of the map

    def clear_map(self) -> None:
        """Hold no map any more, and nothing of how it came about."""
        self.map: MapState | None = None
        self.model: MapModel | None = None
        self.snapshot: Snapshot | None = None
        self.before: Before | None = None  # the map that goes on, until there are winners
        self.log = TrainingLog()
        self.clusters: tuple[ClusterName, ...] = ()  # that have names
        self.run: int | None = None  # that has led to the map, by its number
        self.past: Past | None = None  # what is shown instead of the newest map
        self.keeper: Keeper | None = None  # of the training that runs, or was the last
        self.threads = 0  # that trained the map; 0: not known
        self.given: tuple[str, ...] = ()  # to the training beside its settings
        self._frames = Frames()
        self.unit: int | None = None  # of the selected ones, the one that leads
        self.units: NDArray[np.intp] = np.zeros(0, np.intp)

    # --- what follows from it ---------------------------------------------------------------

    @property
    def trained_on(self) -> tuple[Source, ...]:
        """The pictures of the collection that maps are trained on and measured with."""
        rows = self.parts.rows(self.sources)
        return self.sources if rows is None else tuple(self.sources[row] for row in rows)

    @property
    def wanted_spec(self) -> ImageSpec:
        """How pictures are to be prepared for the next training."""
        if self.spec is not None:
            return self.spec
        return self.dataset.spec if self.dataset is not None else ImageSpec()

    @property
    def inks(self) -> LabelInks:
        """The colours of the labels of the collection, in their order."""
        if self._inked[0] is not self.sources or self._inked[1] is not self.labels:
            before = self._inked[2]
            inks = label_inks((source.label for source in self.sources), self.labels, before)
            self._inked = self.sources, self.labels, inks
        return self._inked[2]

    @property
    def shown(self) -> MapState | None:
        """The map that is to be seen: the newest, unless a person went back to an earlier epoch."""
        return self.map if self.past is None else self.past.state

    @property
    def frames(self) -> Frames:
        """The epochs of the map's training that are kept."""
        return self._frames if self.keeper is None else self.keeper.frames

    @frames.setter
    def frames(self, frames: Frames) -> None:
        self._frames, self.keeper = frames, None

    def present(self) -> Callable[[], MapModel] | None:
        """Return what makes the model of the map as it is now: that of a training takes a while."""
        model, snapshot, trained = self.model, self.snapshot, self.trained
        if model is not None:
            return lambda: model
        if self.before is not None:
            return partial(_model_before, self.before, self.sources)
        if snapshot is None or snapshot.winners is None:
            return None
        if trained is None or self.map is None:
            return None
        return partial(model_of, trained, self.map.params, snapshot)

    @property
    def counting(self) -> MapState | None:
        """The map that :meth:`present` is about."""
        return self.map if self.before is None else self.before.now(self.sources).state

    def answering(self) -> Ground | None:
        """Return what answers stand on, the newest map as it is now; ``None`` without one."""
        present, state = self.present(), self.counting
        if present is None or state is None:
            return None
        return Ground(present, state.pictures, partial(_held, state, self.trained or self.dataset))

    def facts(self) -> Callable[[], Facts] | None:
        """Return what makes the facts of the map that is shown, if its pictures have units."""
        inks = self.inks
        if self.past is not None:
            return partial(_facts_of, self.past, self.dataset, inks)
        present, state = self.present(), self.map
        if present is None or state is None or state.units is None or state.distances is None:
            return None
        units, distances = state.units, state.distances
        vectors = partial(_vectors_of, state, self.trained or self.dataset)
        return lambda: Facts(present(), units, distances, vectors, inks)

    def ground(self) -> tuple[MapState, Dataset | None] | None:
        """Return the map that is shown and, if they are there, the vectors of its pictures."""
        state, dataset, model = self.shown, self.dataset, self.model
        if state is None:
            return None
        if model is None or not suits(dataset, model):
            return state, None
        return state, _of_map(state, dataset)

    def film(self) -> Film | None:
        """Return the epochs of the newest map, with the labels of today."""
        state, frames = self.map, self.frames
        if state is None or not len(frames):
            return None
        setting = Setting(state.spec, state.params, state.projection)
        return Film(setting, frames.of(self.sources), frames.epochs[-1], self.inks)

    def move_kept(self, moved: Callable[[tuple[Source, ...]], tuple[Source, ...]]) -> None:
        """Let runs and epochs that are kept name their pictures by where they are now."""
        if self.brought is not None:
            sources = moved(self.brought.sources)
            self.brought = dataclasses.replace(self.brought, sources=sources)
        self.frames = Frames(self.frames.frames, moved(self.frames.sources))
        self.run_frames = {
            number: Frames(one.frames, moved(one.sources))
            for number, one in self.run_frames.items()
        }
        self.runs = tuple(
            run
            if run.kept is None
            else dataclasses.replace(
                run, kept=dataclasses.replace(run.kept, sources=moved(run.kept.sources))
            )
            for run in self.runs
        )

    # --- as values --------------------------------------------------------------------------

    def opened(self) -> Opened:
        """Return what of it can be edited."""
        return Opened(
            self.sources,
            self.parts,
            self.dataset,
            self.trained,
            self.map,
            self.model,
            self.groups,
            self.labels,
            self.params,
            self.spec,
            self.skipped,
            self.folders,
            self.run,
            self.runs,
            self.embed,
            self.clusters,
            self.inks,
        )

    def put(self, opened: Opened) -> None:
        """Take over what an edit has made of it."""
        self.sources, self.parts = opened.sources, opened.parts
        self.dataset, self.trained = opened.dataset, opened.trained
        self.map, self.model = opened.map, opened.model
        self.groups, self.labels = opened.groups, opened.labels
        self.params, self.spec = opened.params, opened.spec
        self.skipped, self.folders, self.runs = opened.skipped, opened.folders, opened.runs
        self.embed, self.clusters = opened.embed, opened.clusters

    def project(self, model: MapModel | None) -> Project:
        """Return what is to be saved, with the model of the map as it is now."""
        project = Project(
            self.wanted_spec,
            self.params,
            self._read_sources(),
            self.skipped,
            parts=self.parts,
            runs=runs_within(self.runs, self.keeping.runs * MB),
            run=self.run,
            selections=self.groups,
            labels=self.labels,
            threads=self.threads,
            given=self.given,
        )
        state = self.counting
        if state is None or model is None or state.units is None:
            return self._with_pictures(project)
        if self.before is not None:
            project = with_run_open(project, self.before.run)
        history, seconds = tuple(self.log.history), self.log.seconds
        ended = self.frames.until(len(history))  # a training may be one epoch ahead
        frames = ended.within(self.keeping.saved_frames * MB)
        named = tuple(one for one in self.clusters if one.units[-1] < model.params.units)
        project = dataclasses.replace(
            project,
            history=history,
            seconds=seconds,
            frames=frames,
            clusters=named,
            next_spec=None if self.spec == model.spec else self.spec,
            next_params=None if self.params == model.params else self.params,
        )
        return self._with_pictures(project_with_map(project, state, model))

    def _with_pictures(self, project: Project) -> Project:
        """Return a project with what is to come with it: what was read here, or came before."""
        project = carried_over(self.brought, project)
        if self.embed == "no" or project.model is None:  # they come as a map sees them
            return dataclasses.replace(project, embedded=None)
        read, model = self.dataset, project.model
        fits = read is not None and read.sources == project.sources and read.spec == project.spec
        if read is None or not fits or (model and model.projection is not read.projection):
            return project
        return dataclasses.replace(project, embedded=embedded_of(read, self.embed, project.sources))

    def _read_sources(self) -> tuple[Source, ...]:
        """Return the pictures, with what their files were like when they were read if they were."""
        read = self.dataset
        return read.sources if read is not None and read.sources == self.sources else self.sources

    def frozen(self, *, aside: bool = False) -> Callable[[], Project]:
        """Return what makes the project of all that is open now, in any thread, at any time.

        With ``aside`` it holds fewer epochs: such a file is written again and again.
        """
        still, present = copy.copy(self), self.present()
        still.log, still.frames = self.log.copy(), self.frames
        if aside:
            few = min(self.keeping.saved_frames, _ASIDE_FRAMES)
            still.keeping = dataclasses.replace(self.keeping, saved_frames=few)
        return lambda: still.project(None if present is None else present())

    def contents(self) -> tuple[object, ...]:
        """Return all that is saved, to be compared by identity: what is frozen never changes."""
        return (
            self.sources, self.skipped, self.parts, self.groups, self.labels, self.spec,
            self.params, self.map, self.model, self.runs, self.embed, self.clusters,
        )  # fmt: skip

    def stamp(self) -> tuple[object, ...]:
        """Return all that is saved and where, to be compared in the same way."""
        return (*self.contents(), self.path)

    def take_project(self, project: Project, path: Path | None) -> None:
        """Hold a project as it was saved; nothing else may be open."""
        self.path = path
        plain = project.embedded is None and project.absolute_paths
        self.brought = None if plain else project
        self.sources, self.skipped, self.parts = project.sources, project.skipped, project.parts
        self.groups, self.labels = project.selections, project.labels
        self.spec = project.next_spec or project.spec
        self.params = project.next_params or project.params
        self.log = TrainingLog(project.history, project.seconds)
        self.frames, self.runs = project.frames, project.runs
        if project.embedded is not None:
            self.embed = project.embedded.what
            self.dataset = brought_all(project)
        if project.model is not None:
            self.run = project.run
            self.threads, self.given = project.threads, project.given
            self.model = project.model
            self.map = state_of_project(project, project.model)
            self.clusters = project.clusters


def _model_before(before: Before, sources: tuple[Source, ...]) -> MapModel:
    return before.now(sources).model


def _facts_of(past: Past, dataset: Dataset | None, inks: LabelInks) -> Facts:
    """Return the facts of an earlier epoch; at the start no picture has a unit."""
    state = past.state
    units = np.zeros(0, np.int32) if state.units is None else state.units.astype(np.int32)
    distances = np.zeros(0, np.float32) if state.distances is None else state.distances
    pictures = state.pictures if state.units is not None else ()
    frame = dataclasses.replace(past.frame, units=units, distances=distances)
    setting = Setting(state.spec, state.params, state.projection)
    model = frame_model(frame, setting, [source.label for source in pictures])
    return Facts(model, units, distances, partial(_vectors_of, state, dataset), inks)


def sized(params: SomParams, dataset: Dataset, size: str) -> SomParams:
    """Return parameters with rows and columns that suit the pictures."""
    hexagonal = Grid.of(params).hexagonal
    rows, columns = proposed_size(dataset.vectors, size, hexagonal=hexagonal, seed=params.seed)
    return dataclasses.replace(params, rows=rows, columns=columns)


def _of_map(state: MapState, dataset: Dataset | None) -> Dataset | None:
    """Return the pictures of a map, if it has any, in its order, out of a dataset with them all."""
    if dataset is None or not state.pictures:
        return None
    if dataset.sources is state.pictures or dataset.sources == state.pictures:
        return dataset
    rows = {source.address: row for row, source in enumerate(dataset.sources)}
    if any(source.address not in rows for source in state.pictures):
        return None
    return dataset.take(np.array([rows[one.address] for one in state.pictures]))


def _held(state: MapState, dataset: Dataset | None, model: MapModel) -> Dataset | None:
    """Return the pictures of a map as it sees them, if they are there."""
    return _of_map(state, dataset) if suits(dataset, model) else None


def _vectors_of(state: MapState, dataset: Dataset | None) -> NDArray[np.float32] | None:
    """Return the pictures of a map as it sees them, if they are there."""
    if dataset is None or dataset.spec != state.spec or dataset.projection is not state.projection:
        return None
    found = _of_map(state, dataset)
    return None if found is None else found.vectors


class _Holder(Protocol):
    _document: Document


class Shared(Generic[Value]):
    """An attribute of a document's holder that is the document's, of the same name or another."""

    def __init__(self, name: str = "") -> None:
        self._name = name

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = self._name or name

    def __get__(self, holder: _Holder, owner: type) -> Value:
        value: Value = getattr(holder._document, self._name)
        return value

    def __set__(self, holder: _Holder, value: Value) -> None:
        setattr(holder._document, self._name, value)
