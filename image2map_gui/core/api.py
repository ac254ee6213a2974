"""The whole way in a few calls, for scripts and notebooks: load, train, label, classify, save."""

from __future__ import annotations

import dataclasses
import os
import time
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from image2map_gui.core.analysis.classify import Match, classify_many
from image2map_gui.core.analysis.examples import Examples, examples_of
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.analysis.tuning import tuning
from image2map_gui.core.errors import ParameterError, SourceError
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.proposal import propose_spec
from image2map_gui.core.images.sources import Found, find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.images.table import read_column
from image2map_gui.core.model import MapModel, labelled_anew, train_map
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import (
    Project,
    added_later,
    brought,
    moved,
    on_map,
    project_of,
)
from image2map_gui.core.project.save import save_project
from image2map_gui.core.som.lvq import TuningSettings
from image2map_gui.core.som.params import SomParams

Place = str | os.PathLike[str]
Step = TypeVar("Step")


def load(*places: Place, **settings: Any) -> Dataset:
    """Read pictures from folders (sub-folders are labels), files and archives.

    ``settings`` are fields of :class:`ImageSpec`; size and colour are chosen by the pictures.

    Raises
    ------
    Image2MapError
        There are no pictures, or a setting is wrong.
    """
    found = find_sources([os.fspath(place) for place in places])
    _check(settings, ImageSpec)
    spec = dataclasses.replace(propose_spec(found.sources), **settings)
    return _read(found, spec)


def train(pictures: Dataset, **settings: Any) -> Project:
    """Train a map; ``settings`` are fields of :class:`SomParams`.

    Raises
    ------
    Image2MapError
        A setting is wrong.
    """
    _check(settings, SomParams)
    params = dataclasses.replace(SomParams(), **settings)
    dataset = pictures.fitted()
    history, snapshot, began = [], None, time.perf_counter()
    for snapshot in train_map(dataset, params):
        if snapshot.milestone and snapshot.figures is not None:
            history.append(snapshot.figures)
    assert snapshot is not None
    seconds = time.perf_counter() - began
    return project_of(dataset, params, snapshot, tuple(history), seconds)


def label(project: Project, labels: Mapping[str, str | None] | Place) -> Project:
    """Label pictures of a project; those that are not named keep what they have.

    ``labels`` go by path or by file name, or are a table (CSV) with the columns path and label.
    The map learns of them at once.

    Raises
    ------
    SourceError
        The table cannot be read, or not one picture is named.
    """
    if isinstance(labels, Mapping):
        named = [labels.get(s.address, labels.get(s.name, "")) for s in project.sources]
    else:
        column = read_column(project.sources, Path(labels), "label")
        named = ["" if one is None else one for one in column]
    if all(one == "" for one in named):
        raise SourceError("No picture of the project is named; name them by path or file name.")
    sources = tuple(
        source if name == "" else dataclasses.replace(source, label=name)
        for source, name in zip(project.sources, named, strict=True)
    )
    if project.model is None:
        return dataclasses.replace(project, sources=sources)
    model = labelled_anew(project.model, project.picture_units, [one.label for one in sources])
    return dataclasses.replace(project, sources=sources, model=model)


def classify(project: Project, *places: Place, **rules: Any) -> tuple[Match, ...]:
    """Say where pictures belong, and their labels; ``rules`` are fields of :class:`Rules`.

    Methods that ask the training pictures read them once more.

    Raises
    ------
    Image2MapError
        Nothing could be read, or a rule is wrong.
    """
    _check(rules, Rules)
    wanted, model = Rules(**rules), _model(project)
    examples: Examples | None = None
    if wanted.needs_pictures:
        examples = examples_of(_on_map(project))
    found = find_sources([os.fspath(place) for place in places], "t10k")
    matches = _last(classify_many(model, found, wanted, examples)).matches
    if not matches:
        raise SourceError("No picture could be read.")
    return matches


def tune(project: Project, held_out: float = 0.1, **settings: Any) -> Project:
    """Tune a map on its labels; ``settings`` are fields of :class:`TuningSettings`.

    ``project.model.tuned`` tells the accuracy before and after. Pictures that are excluded or kept
    for testing have no part in it.

    Raises
    ------
    Image2MapError
        There are too few labels, a setting is wrong, or the pictures are gone.
    """
    _check(settings, TuningSettings)
    model, dataset = _model(project), _on_map(project)
    late = {source.address for source in added_later(project)}
    later = sum(source.address in late for source in dataset.sources)
    out = project.parts.left_out
    done = _last(tuning(model, dataset, TuningSettings(**settings), held_out, later, out)).tuned
    assert done is not None
    return moved(project, dataset.sources, done.model, done.units, done.distances)


def save(project: Project, path: Place) -> None:
    """Write a project file.

    Raises
    ------
    ProjectError
        It cannot be written; what was there is untouched.
    """
    save_project(project, Path(path))


def open_map(path: Place) -> Project:
    """Read a project file.

    Raises
    ------
    ProjectError
        It is no project, or is damaged.
    """
    return load_project(Path(path))


def _read(found: Found, spec: ImageSpec) -> Dataset:
    dataset = _last(read_dataset(found, spec)).dataset
    if not len(dataset):
        raise SourceError("No picture could be read.")
    return dataset


def _on_map(project: Project) -> Dataset:
    model, own = _model(project), brought(project)
    if own is not None:
        return own
    return _read(Found(on_map(project), ()), model.spec).projected(model.projection)


def _model(project: Project) -> MapModel:
    if project.model is None:
        raise ParameterError("There is no map yet; train one first.")
    return project.model


def _check(given: Mapping[str, Any], kind: type) -> None:
    """Refuse settings that there are not."""
    known = {field.name for field in dataclasses.fields(kind)}
    for name in given:
        if name not in known:
            raise ParameterError(f"There is no setting '{name}': {', '.join(sorted(known))}.")


def _last(steps: Iterable[Step]) -> Step:
    return deque(steps, maxlen=1).pop()
