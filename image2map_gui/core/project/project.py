"""The project: pictures by reference, the map, and how it came about."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.frames import Frames
from image2map_gui.core.images.collection import Group, Parts
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Skipped, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel, model_of
from image2map_gui.core.runs import Run
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import EpochFigures, Snapshot

FORMAT = 5  # of the file, told in it
SUFFIX = ".i2m"


@dataclasses.dataclass(frozen=True)
class Project:
    """Pictures by reference, the map, and how it came about.

    ``picture_units`` and ``picture_distances`` hold for each picture its unit and its distance to
    it, ``(n,)``; empty without a map. A picture that is not on the map, such as one that is kept
    for testing, has the unit -1 and the distance 0. ``added`` says how many of those on the map,
    the last ones, came after it was trained. ``frames`` are of the map's training; ``runs`` are
    all trainings there were, among them that of the map, by its number ``run``.
    ``selections`` are those that were given a name.
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


def project_of(
    dataset: Dataset,
    params: SomParams,
    snapshot: Snapshot,
    history: tuple[EpochFigures, ...],
    seconds: float,
    frames: Frames | None = None,
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
    )
