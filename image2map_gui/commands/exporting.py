"""``export``: views of a map as pictures, its data as tables and arrays."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from image2map_gui.commands.shared import last, say, with_progress
from image2map_gui.core.errors import Image2MapError, ParameterError, ProjectError
from image2map_gui.core.export import write_assignments, write_scene, write_weights
from image2map_gui.core.model import MapModel
from image2map_gui.core.picture import planes
from image2map_gui.core.picture.members import fill_cells
from image2map_gui.core.picture.scene import Scene
from image2map_gui.core.picture.views import PLAIN_VIEWS, pictures_view, plane_view
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project

Chosen = argparse.Namespace
_Plane = Callable[[Project, MapModel, Chosen], planes.Plane]

_PLANES: dict[str, _Plane] = {
    "u-matrix": lambda _project, model, chosen: planes.u_matrix_plane(model, chosen.statistic),
    "hits": lambda _project, model, _chosen: planes.hits_plane(model.hits),
    "empty": lambda _project, model, _chosen: planes.empty_plane(model.hits),
    "errors": lambda project, model, _chosen: _errors(project, model),
    "classes": lambda _project, model, _chosen: planes.classes_plane(model),
    "confidence": lambda _project, model, _chosen: planes.confidence_plane(model),
    "entropy": lambda _project, model, _chosen: planes.entropy_plane(model),
    "distinct": lambda _project, model, _chosen: planes.distinct_plane(model),
    "activation": lambda _project, model, chosen: planes.activation_plane(
        model, _needed(chosen.label, "activation", "--label")
    ),
    "component": lambda _project, model, chosen: planes.component_plane(model, chosen.component),
    "principal": lambda _project, model, chosen: planes.principal_plane(model, chosen.component),
    "clusters": lambda _project, model, chosen: planes.clusters_plane(
        model, chosen.method, chosen.clusters
    ),
}
_DATA = ("weights", "assignments")
_FILLED = ("exemplars", "collage")
VIEWS = (*dict.fromkeys((*PLAIN_VIEWS, *_FILLED, *_PLANES, *_DATA)),)


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
    if chosen.view in _PLANES:
        return plane_view(model, _PLANES[chosen.view](project, model, chosen))
    if chosen.view in PLAIN_VIEWS:
        return PLAIN_VIEWS[chosen.view](model)
    across = chosen.members if chosen.view == "collage" else 1
    filling = last(with_progress(fill_cells(project, across), "Reading pictures", chosen.quiet))
    assert filling.pictures is not None
    title = "Nearest pictures" if across == 1 else f"The {across * across} nearest pictures"
    return pictures_view(model, filling.pictures, title)


def _errors(project: Project, model: MapModel) -> planes.Plane:
    placed = project.picture_units >= 0
    return planes.error_plane(
        project.picture_units[placed], project.picture_distances[placed], model.grid.units
    )


def _needed(value: str | None, view: str, option: str) -> str:
    if value is None:
        raise ParameterError(f"The view '{view}' needs {option}.")
    return value
