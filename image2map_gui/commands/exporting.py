"""``export``: views of a map as pictures, its data as tables and arrays, pictures in folders."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np

from image2map_gui.commands.shared import last, note, say, with_progress
from image2map_gui.core.errors import Image2MapError, ParameterError, ProjectError
from image2map_gui.core.export.animation import SUFFIXES, Look, film_of, write_animation
from image2map_gui.core.export.arrays import write_weights
from image2map_gui.core.export.drawings import write_scene
from image2map_gui.core.export.folders import (
    LABEL,
    Plan,
    check_place,
    copy_into_folders,
    plan_folders,
)
from image2map_gui.core.export.report import write_report
from image2map_gui.core.export.tables import write_assignments
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.sources import Found
from image2map_gui.core.model import MapModel
from image2map_gui.core.picture.members import fill_cells, nearest_members, show_differences
from image2map_gui.core.picture.scene import Scene
from image2map_gui.core.picture.views import mosaic_view, pictures_view, plane_view
from image2map_gui.core.picture.wishes import KINDS, Facts, Wish, made
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project

Chosen = argparse.Namespace

_DATA = ("history", "weights", "assignments", "folders", "report")
_PICTURES = ("mosaic", "exemplars", "collage", "differences")
VIEWS = (*_PICTURES, *KINDS, *_DATA)
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
        write_assignments(chosen.output, project)
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
        write_scene(chosen.output, _scene(project, model, chosen), chosen.scale or _SCALE)
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
    check_place(plan, chosen.output, into_existing=chosen.into_existing)
    if chosen.dry_run:
        _say_plan(plan, chosen.output)
        return 0
    steps = copy_into_folders(plan, chosen.output, into_existing=chosen.into_existing)
    done = last(with_progress(steps, "Copying pictures", chosen.quiet))
    say(
        f"{done.copied:,} of {plan.pictures:,} pictures copied into {len(plan.folders):,} folders "
        f"in {chosen.output}"
    )
    _note_left_out(plan)
    for one in done.failed:
        note(f"  {one.path}: {one.reason}")
    return 1 if done.failed and not done.copied else 0


def _say_plan(plan: Plan, out: Path) -> None:
    for folder in plan.folders:
        meant = f"  ({folder.title})" if folder.title != folder.name else ""
        say(f"{len(folder.sources):8,}  {folder.name}{meant}")
    say(f"{plan.pictures:8,}  pictures would be copied into {out}; nothing was written")
    _note_left_out(plan)


def _note_left_out(plan: Plan) -> None:
    if plan.left_out:
        note(f"{plan.left_out:,} pictures are not on the map and were left out.")


def _check_suffix(path: Path, *suffixes: str) -> None:
    if path.suffix.lower() not in suffixes:
        names = f"{', '.join(suffixes[:-1])} or {suffixes[-1]}"
        what = {".html": "the report", ".gif": "the history"}.get(suffixes[0], "a view")
        raise ParameterError(f"{path}: {what} can be written as {names}.")


def _scene(project: Project, model: MapModel, chosen: Chosen) -> Scene:
    if chosen.view in KINDS:
        return plane_view(model, made(_wish(chosen, chosen.view), _facts(project, model, chosen)))
    if chosen.view == "mosaic":
        return mosaic_view(model)
    across = chosen.members if chosen.view == "collage" else 1
    where = project.picture_units, project.picture_distances
    members = nearest_members(*where, model.grid.units, across * across)
    if chosen.view == "differences":
        nearest = members[:, 0]
        steps = show_differences(project.sources, nearest, model.spec, model.prototypes)
        title = "Nearest picture less prototype: grey is equal, lighter where it is lighter"
    else:
        steps = fill_cells(project.sources, members, model.spec)
        title = "Nearest pictures" if across == 1 else f"The {across * across} nearest pictures"
    filling = last(with_progress(steps, "Reading pictures", chosen.quiet))
    assert filling.pictures is not None
    return pictures_view(model, filling.pictures, title)


def _wish(chosen: Chosen, view: str) -> Wish:
    names = (field.name for field in dataclasses.fields(Wish) if field.name != "name")
    return Wish(view, **{name: getattr(chosen, name) for name in names})


def _facts(project: Project, model: MapModel, chosen: Chosen) -> Facts:
    placed = project.picture_units >= 0
    units, distances = project.picture_units[placed], project.picture_distances[placed]
    if not KINDS[chosen.view].of_vectors:
        return Facts(model, units, distances)
    sources = tuple(project.sources[row] for row in np.flatnonzero(placed))
    steps = read_dataset(Found(sources, ()), model.spec)
    read = last(with_progress(steps, "Reading pictures", chosen.quiet)).dataset
    if not len(read):
        raise Image2MapError("None of the pictures can be read any more.")
    if len(read) < len(sources):
        note(f"{len(sources) - len(read):,} pictures cannot be read any more and were left out.")
    vectors = read.projected(model.projection).vectors
    return Facts(model, units, distances, lambda: vectors)
