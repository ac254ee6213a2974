"""``export``: views of a map as pictures, its data as tables and arrays, pictures in folders."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from image2map_gui.commands.copying import Copying, copy_plan
from image2map_gui.commands.shared import last, say, with_progress
from image2map_gui.core.errors import Image2MapError, ParameterError, ProjectError
from image2map_gui.core.export.arrays import write_weights
from image2map_gui.core.export.drawings import write_scene
from image2map_gui.core.export.folders import (
    LABEL,
    plan_folders,
)
from image2map_gui.core.export.report import write_report
from image2map_gui.core.export.tables import write_assignments
from image2map_gui.core.model import MapModel
from image2map_gui.core.picture.members import fill_cells, nearest_members
from image2map_gui.core.picture.scene import Scene
from image2map_gui.core.picture.views import PLAIN_VIEWS, pictures_view, plane_view
from image2map_gui.core.picture.wishes import KINDS, Facts, Wish, made
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project

Chosen = argparse.Namespace

_DATA = ("weights", "assignments", "folders", "report")
_FILLED = ("exemplars", "collage")
VIEWS = (*dict.fromkeys((*PLAIN_VIEWS, *_FILLED, *KINDS, *_DATA)),)


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
    else:
        _check_suffix(chosen.output, ".png", ".svg", ".pdf")
        write_scene(chosen.output, _scene(project, model, chosen), chosen.scale)
    say(f"saved as {chosen.output}")
    return 0


def _export_folders(project: Project, chosen: Chosen) -> int:
    """Copy the pictures into folders; returns 1 if not one of them could be copied."""
    plan = plan_folders(project, chosen.by, chosen.method, chosen.clusters)
    copied = Copying(chosen.output, chosen.into_existing, chosen.dry_run, chosen.quiet)
    return copy_plan(plan, copied)


def _check_suffix(path: Path, *suffixes: str) -> None:
    if path.suffix.lower() not in suffixes:
        names = f"{', '.join(suffixes[:-1])} or {suffixes[-1]}"
        what = "the report" if ".html" in suffixes else "a view"
        raise ParameterError(f"{path}: {what} can be written as {names}.")


def _scene(project: Project, model: MapModel, chosen: Chosen) -> Scene:
    if chosen.view in KINDS:
        return plane_view(model, made(_wish(chosen), _facts(project, model)))
    if chosen.view in PLAIN_VIEWS:
        return PLAIN_VIEWS[chosen.view](model)
    across = chosen.members if chosen.view == "collage" else 1
    where = project.picture_units, project.picture_distances
    members = nearest_members(*where, model.grid.units, across * across)
    steps = fill_cells(project.sources, members, model.spec)
    filling = last(with_progress(steps, "Reading pictures", chosen.quiet))
    assert filling.pictures is not None
    title = "Nearest pictures" if across == 1 else f"The {across * across} nearest pictures"
    return pictures_view(model, filling.pictures, title)


def _wish(chosen: Chosen) -> Wish:
    names = (field.name for field in dataclasses.fields(Wish) if field.name != "name")
    return Wish(chosen.view, **{name: getattr(chosen, name) for name in names})


def _facts(project: Project, model: MapModel) -> Facts:
    placed = project.picture_units >= 0
    return Facts(model, project.picture_units[placed], project.picture_distances[placed])
