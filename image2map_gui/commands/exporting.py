"""``export``: views of a map as pictures, its data as tables and arrays."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from image2map_gui.commands.shared import last, say, with_progress
from image2map_gui.core.errors import Image2MapError, ParameterError, ProjectError
from image2map_gui.core.export.arrays import write_weights
from image2map_gui.core.export.tables import write_assignments
from image2map_gui.core.export.views import write_scene
from image2map_gui.core.model import MapModel
from image2map_gui.core.picture.members import fill_cells
from image2map_gui.core.picture.scene import Scene
from image2map_gui.core.picture.views import PLAIN_VIEWS, pictures_view, plane_view
from image2map_gui.core.picture.wishes import KINDS, Facts, Wish, made
from image2map_gui.core.project import Project, load_project

Chosen = argparse.Namespace

_DATA = ("weights", "assignments")
_FILLED = ("exemplars", "collage")
VIEWS = (*dict.fromkeys((*PLAIN_VIEWS, *_FILLED, *KINDS, *_DATA)),)


def run_export(chosen: Chosen) -> int:
    """Write one view of a map."""
    project = load_project(chosen.map)
    model = project.model
    if model is None:
        raise ProjectError(f"{chosen.map}: holds pictures but no map yet; train one first.")
    if chosen.output.is_dir():
        raise Image2MapError(f"{chosen.output}: is a folder; name a file.")
    if chosen.view == "assignments":
        write_assignments(chosen.output, project)
    elif chosen.view == "weights":
        write_weights(chosen.output, model)
    else:
        _check_suffix(chosen.output)
        write_scene(chosen.output, _scene(project, model, chosen), chosen.scale)
    say(f"saved as {chosen.output}")
    return 0


def _check_suffix(path: Path) -> None:
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise ParameterError(f"{path}: a view can be written as .png, .svg or .pdf.")


def _scene(project: Project, model: MapModel, chosen: Chosen) -> Scene:
    if chosen.view in KINDS:
        return plane_view(model, made(_wish(chosen), _facts(project, model)))
    if chosen.view in PLAIN_VIEWS:
        return PLAIN_VIEWS[chosen.view](model)
    across = chosen.members if chosen.view == "collage" else 1
    filling = last(with_progress(fill_cells(project, across), "Reading pictures", chosen.quiet))
    assert filling.pictures is not None
    title = "Nearest pictures" if across == 1 else f"The {across * across} nearest pictures"
    return pictures_view(model, filling.pictures, title)


def _wish(chosen: Chosen) -> Wish:
    names = (field.name for field in dataclasses.fields(Wish) if field.name != "name")
    return Wish(chosen.view, **{name: getattr(chosen, name) for name in names})


def _facts(project: Project, model: MapModel) -> Facts:
    placed = project.picture_units >= 0
    return Facts(model, project.picture_units[placed], project.picture_distances[placed])
