"""The project: pictures by reference, the map, and how it came about."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.frames import Frames
from image2map_gui.core.images.collection import Group, LabelStyle, Parts
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Skipped, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import ClusterName, MapModel, model_of
from image2map_gui.core.project.embedded import Embedded
from image2map_gui.core.runs import Run
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import EpochFigures, Snapshot

FORMAT = 6  # of the file, told in it
SUFFIX = ".i2m"
START, WEIGHTS = "start", "weights"
BEYOND = (START, WEIGHTS)  # a map that a training started from, weights of single pictures


@dataclasses.dataclass(frozen=True)
class Project:
    """Pictures by reference, the map, and how it came about.

    ``picture_units`` and ``picture_distances`` hold for each picture its unit and its distance to
    it, ``(n,)``; empty without a map. A picture that is not on the map, such as one that is kept
    for testing, has the unit -1 and the distance 0. ``added`` says how many of those on the map,
    the last ones, came after it was trained. ``frames`` are of the map's training; ``runs`` are
    all trainings there were, among them that of the map, by its number ``run``.
    ``selections`` are those that were given a name; ``labels`` those that a person put in order or
    gave a colour, other ones follow; ``clusters`` those of the map that were given a name.
    ``threads`` is how many threads trained the map, 0 if that is not known; ``given`` what else it
    was trained with than its settings tell, of :data:`BEYOND`. ``embedded`` are the pictures
    themselves, in small, if they come with the file; ``absolute_paths`` says whether the file may
    tell where they lie as seen from the root.
    ``next_spec`` and ``next_params`` are the settings of the next training, where they are others
    than those of the map, ``spec`` and ``params``.
    """

    spec: ImageSpec
    params: SomParams
    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...] = ()
    model: MapModel | None = None
    picture_units: NDArray[np.int64] = dataclasses.field(
        default_factory=lambda: np.zeros(0, np.int64)
    )
    picture_distances: NDArray[np.float64] = dataclasses.field(
        default_factory=lambda: np.zeros(0, np.float64)
    )
    history: tuple[EpochFigures, ...] = ()
    seconds: float = 0.0
    parts: Parts = dataclasses.field(default_factory=Parts)
    added: int = 0
    frames: Frames = dataclasses.field(default_factory=Frames)
    runs: tuple[Run, ...] = ()
    run: int | None = None
    selections: tuple[Group, ...] = ()
    labels: tuple[LabelStyle, ...] = ()
    clusters: tuple[ClusterName, ...] = ()
    threads: int = 0
    given: tuple[str, ...] = ()
    embedded: Embedded | None = None
    absolute_paths: bool = True
    next_spec: ImageSpec | None = None
    next_params: SomParams | None = None


def project_of(
    dataset: Dataset,
    params: SomParams,
    snapshot: Snapshot,
    history: tuple[EpochFigures, ...],
    seconds: float,
    frames: Frames | None = None,
    *,
    threads: int = 0,
    given: tuple[str, ...] = (),
) -> Project:
    """Put together the project of a map and the pictures it was trained on."""
    model = model_of(dataset, params, snapshot)
    return Project(
        spec=dataset.spec,
        params=params,
        sources=dataset.sources,
        skipped=dataset.skipped,
        model=model,
        picture_units=np.asarray(snapshot.winners, np.int64),
        picture_distances=np.asarray(snapshot.distances, np.float64),
        history=history,
        seconds=seconds,
        frames=Frames() if frames is None else frames,
        threads=threads,
        given=given,
    )


def brought(project: Project) -> Dataset | None:
    """Return the pictures on the map as it sees them, if they come with the project."""
    every = brought_all(project)
    return None if every is None else every.take(np.flatnonzero(project.picture_units >= 0))


def brought_all(project: Project) -> Dataset | None:
    """Return all pictures as the map sees them, if there is one and they come with the project."""
    model, embedded = project.model, project.embedded
    if model is None or embedded is None or embedded.vectors is None:
        return None
    spec, skipped = project.spec, project.skipped
    thumbs = None if spec.plain else embedded.thumbs
    return Dataset(spec, embedded.vectors, project.sources, skipped, model.projection, thumbs)


def carried_over(before: Project | None, now: Project) -> Project:
    """Return a project with what came with an earlier one, as far as it suits the pictures now."""
    if before is None:
        return now
    embedded = before.embedded
    if embedded is not None and now.sources != before.sources:
        rows = {source.address: row for row, source in enumerate(before.sources)}
        places = [rows.get(source.address, -1) for source in now.sources]
        embedded = None if -1 in places else embedded.take(np.array(places, np.intp))
    if embedded is not None and not _suits(before, now):
        embedded = None
    return dataclasses.replace(now, embedded=embedded, absolute_paths=before.absolute_paths)


def with_epochs_of(before: Project, now: Project) -> Project:
    """Return a project with all epochs that an earlier state of it has kept, if it is one."""
    known = now.history[: len(before.history)]
    if not known or repr(known) != repr(before.history):  # NaN is in them
        return now
    if before.model is None or now.model is None or before.spec != now.spec:
        return now
    if before.model.weights.shape != now.model.weights.shape:
        return now
    frames = now.frames if len(now.frames) else Frames((), now.sources)  # not even two had room
    return dataclasses.replace(now, frames=frames.joined(before.frames))


def _suits(before: Project, now: Project) -> bool:
    """Whether the maps of two projects see pictures in the same way."""
    if before.model is None or now.model is None:
        return False
    return before.spec == now.spec and before.model.projection is now.model.projection


def on_map(project: Project) -> tuple[Source, ...]:
    """Return the pictures that lie on the map, those that were trained on first."""
    rows = np.flatnonzero(project.picture_units >= 0).tolist()
    return tuple(project.sources[row] for row in rows)


def added_later(project: Project) -> tuple[Source, ...]:
    """Return the pictures on the map that came after it was trained."""
    sources = on_map(project)
    return sources[len(sources) - project.added :]


def moved(
    project: Project,
    sources: tuple[Source, ...],
    model: MapModel,
    units: NDArray[np.int64],
    distances: NDArray[np.float64],
) -> Project:
    """Return the project with another map, on which its pictures lie elsewhere.

    Parameters
    ----------
    sources, units, distances
        The pictures on the map, in the project's order, their units and distances, ``(n,)`` each.
        Pictures of the project that are not among them are on the map no more.
    """
    place = {source.address: index for index, source in enumerate(sources)}
    rows = [place.get(source.address, -1) for source in project.sources]
    found, old = np.array(rows, np.intp), project.picture_units
    lies = (old >= 0) & (found >= 0)
    later = np.flatnonzero(old >= 0)
    later = later[len(later) - project.added :]
    return dataclasses.replace(
        project,
        model=model,
        picture_units=np.where(lies, units[found], -1).astype(np.int64),
        picture_distances=np.where(lies, distances[found], 0.0),
        added=int(np.count_nonzero(lies[later])),
    )
