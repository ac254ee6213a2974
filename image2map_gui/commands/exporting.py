"""``export``: views of a map as pictures, its data as tables and arrays, pictures in folders."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.commands.copying import Copying, copy_plan
from image2map_gui.commands.shared import (
    keep_limits,
    labelled,
    last,
    note,
    note_skipped,
    read_all,
    say,
    with_progress,
)
from image2map_gui.core.analysis.placing import placed
from image2map_gui.core.errors import Image2MapError, ParameterError, ProjectError
from image2map_gui.core.export.animation import SUFFIXES, Look, film_of, write_animation
from image2map_gui.core.export.arrays import write_weights
from image2map_gui.core.export.drawings import write_scene
from image2map_gui.core.export.folders import (
    LABEL,
    plan_folders,
)
from image2map_gui.core.export.report import write_report
from image2map_gui.core.export.tables import write_assignments
from image2map_gui.core.frames import Setting, frame_model
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.sources import Found, Source, find_sources
from image2map_gui.core.model import MapModel
from image2map_gui.core.picture.label_inks import NO_INKS, LabelInks, inks_of
from image2map_gui.core.picture.label_planes import activation_planes
from image2map_gui.core.picture.members import fill_cells, nearest_members, show_differences
from image2map_gui.core.picture.scene import Scene
from image2map_gui.core.picture.views import mosaic_view, pictures_view, plane_view, planes_view
from image2map_gui.core.picture.wishes import KINDS, Facts, Wish, made
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project

Chosen = argparse.Namespace

_DATA = ("history", "weights", "assignments", "folders", "report")
_PICTURES = ("mosaic", "exemplars", "collage", "differences")
_ACTIVATIONS = "activations"
VIEWS = (*_PICTURES, *KINDS, _ACTIVATIONS, *_DATA)
ANIMATED = ("mosaic", *(name for name, kind in KINDS.items() if not kind.of_vectors))
_SCALE, _SCALE_OF_HISTORY = 2.0, 1.0


def run_export(chosen: Chosen) -> int:
    """Write one view of a map."""
    project = load_project(chosen.map)
    model = project.model
    if chosen.view == "folders" and (model is not None or chosen.by == LABEL):
        return _export_folders(project, chosen)
    if model is None:
        raise ProjectError(f"{chosen.map}: holds pictures but no map yet; train one first.")
    if chosen.output.is_dir():
        raise Image2MapError(f"{chosen.output}: is a folder; name a file.")
    if chosen.view == "assignments":
        write_assignments(chosen.output, project, full_paths=chosen.full_paths)
    elif chosen.view == "weights":
        write_weights(chosen.output, model)
    elif chosen.view == "report":
        _check_suffix(chosen.output, ".html", ".htm")
        steps = write_report(chosen.output, project, chosen.map, paths=chosen.paths)
        last(with_progress(steps, "Writing the report", chosen.quiet))
    elif chosen.view == "history":
        _export_history(project, chosen)
    else:
        _check_suffix(chosen.output, ".png", ".svg", ".pdf")
        write_scene(chosen.output, _scene(_ground(project, model, chosen), chosen), _scale(chosen))
    say(f"saved as {chosen.output}")
    return 0


def _export_history(project: Project, chosen: Chosen) -> None:
    """Write the learning as a moving picture."""
    _check_suffix(chosen.output, *SUFFIXES)
    look = Look(
        wish=_wish(chosen, chosen.of),
        fps=chosen.fps,
        scale=chosen.scale or _SCALE_OF_HISTORY,
        numbered=not chosen.no_epoch,
    )
    steps = write_animation(chosen.output, film_of(project), look)
    last(with_progress(steps, "Drawing the epochs", chosen.quiet))


def _export_folders(project: Project, chosen: Chosen) -> int:
    """Copy the pictures into folders; returns 1 if not one of them could be copied."""
    plan = plan_folders(project, chosen.by, chosen.method, chosen.clusters)
    copied = Copying(chosen.output, chosen.into_existing, chosen.dry_run, chosen.quiet)
    return copy_plan(plan, copied)


def _check_suffix(path: Path, *suffixes: str) -> None:
    if path.suffix.lower() not in suffixes:
        names = f"{', '.join(suffixes[:-1])} or {suffixes[-1]}"
        what = {".html": "the report", ".gif": "the history"}.get(suffixes[0], "a view")
        raise ParameterError(f"{path}: {what} can be written as {names}.")


@dataclasses.dataclass(frozen=True, eq=False)
class _Ground:
    """What a view is drawn of: a map, pictures on it with unit and distance, and a note on them."""

    model: MapModel
    sources: tuple[Source, ...]
    units: NDArray[np.integer[Any]]
    distances: NDArray[np.floating[Any]]
    note: str = ""
    inks: LabelInks = NO_INKS


def _ground(project: Project, model: MapModel, chosen: Chosen) -> _Ground:
    """Return the map, or that of an earlier epoch, with its own pictures or others on it."""
    there = project.picture_units >= 0
    sources = tuple(project.sources[row] for row in np.flatnonzero(there))
    units, distances = project.picture_units[there], project.picture_distances[there]
    ground = _Ground(model, sources, units, distances, inks=inks_of(project))
    if chosen.epoch is not None:
        ground = _at_epoch(ground, project, model, chosen)
    return ground if chosen.on is None else _with_others(ground, chosen)


def _at_epoch(ground: _Ground, project: Project, model: MapModel, chosen: Chosen) -> _Ground:
    """Go back to an epoch; without units of its own, as at the start, it has no pictures."""
    epochs, frames = project.frames.epochs, project.frames.of(ground.sources)
    if chosen.epoch not in epochs:
        known = ", ".join(map(str, epochs)) or "none"
        raise ParameterError(f"{chosen.map}: does not hold epoch {chosen.epoch}, but {known}.")
    frame = frames.near(chosen.epoch)
    setting = Setting(model.spec, model.params, model.projection)
    before = frame_model(frame, setting, [source.label for source in ground.sources])
    note = f"epoch {chosen.epoch} of {epochs[-1]}"
    if frame.units is None or frame.distances is None:
        return _Ground(before, (), np.zeros(0, np.int32), np.zeros(0), note, ground.inks)
    there = np.flatnonzero(frame.units >= 0)  # others were added later
    sources = tuple(ground.sources[row] for row in there.tolist())
    return _Ground(before, sources, frame.units[there], frame.distances[there], note, ground.inks)


def _with_others(ground: _Ground, chosen: Chosen) -> _Ground:
    """Put other pictures on the map in place of its own."""
    keep_limits(chosen)
    found = labelled(find_sources(chosen.on, "t10k", chosen.pages), chosen.labels)
    read = read_all(found, ground.model.spec, chosen.quiet).projected(ground.model.projection)
    note_skipped(read.skipped)
    on = placed(ground.model, read)
    empty = int(np.count_nonzero(on.model.hits == 0))
    adjacency, error = on.model.topographic_errors[0]
    told = (
        f"{len(read):,} other pictures, {len(on.model.hits):,} units, {empty:,} of them empty, "
        f"topographic error {error:.3f} ({adjacency} neighbours)"
    )
    note = f"{ground.note}: {told}" if ground.note else told
    return _Ground(on.model, read.sources, on.units, on.distances, note, ground.inks)


def _scale(chosen: Chosen) -> float:
    return float(chosen.scale or _SCALE)


def _scene(ground: _Ground, chosen: Chosen) -> Scene:
    model, note = ground.model, ground.note
    if chosen.view in KINDS:
        return plane_view(model, made(_wish(chosen, chosen.view), _facts(ground, chosen)), note)
    if chosen.view == "mosaic":
        return mosaic_view(model, note=note)
    if chosen.view == _ACTIVATIONS:
        return planes_view(
            model, "Pictures of each label", activation_planes(model, ground.inks.names), note
        )
    across = chosen.members if chosen.view == "collage" else 1
    members = nearest_members(ground.units, ground.distances, model.grid.units, across * across)
    if chosen.view == "differences":
        nearest = members[:, 0]
        steps = show_differences(ground.sources, nearest, model.spec, model.prototypes)
        title = "Nearest picture less prototype: grey is equal, lighter where it is lighter"
    else:
        steps = fill_cells(ground.sources, members, model.spec)
        title = "Nearest pictures" if across == 1 else f"The {across * across} nearest pictures"
    filling = last(with_progress(steps, "Reading pictures", chosen.quiet))
    assert filling.pictures is not None
    return pictures_view(model, filling.pictures, title, note)


def _wish(chosen: Chosen, view: str) -> Wish:
    names = (field.name for field in dataclasses.fields(Wish) if field.name != "name")
    return Wish(view, **{name: getattr(chosen, name) for name in names})


def _facts(ground: _Ground, chosen: Chosen) -> Facts:
    if not KINDS[chosen.view].of_vectors:
        return Facts(ground.model, ground.units, ground.distances, inks=ground.inks)
    if not ground.sources:
        raise ParameterError("At the start of a training no picture has a unit yet.")
    steps = read_dataset(Found(ground.sources, ()), ground.model.spec)
    read = last(with_progress(steps, "Reading pictures", chosen.quiet)).dataset
    if not len(read):
        raise Image2MapError("None of the pictures can be read any more.")
    gone = len(ground.sources) - len(read)
    if gone:
        note(f"{gone:,} pictures cannot be read any more and were left out.")
    vectors = read.projected(ground.model.projection).vectors
    return Facts(ground.model, ground.units, ground.distances, lambda: vectors, ground.inks)
