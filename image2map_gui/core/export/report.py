"""A report of a map: one page of HTML that needs no other file and no network."""

from __future__ import annotations

import dataclasses
import html
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from image2map_gui import __version__
from image2map_gui.core.analysis.evaluate import Evaluation
from image2map_gui.core.analysis.figures import Figure, figures, figures_of_training
from image2map_gui.core.errors import ProjectError
from image2map_gui.core.export.page import (
    cell,
    code,
    drawing,
    folded,
    page,
    paragraph,
    section,
    sheet,
    table,
)
from image2map_gui.core.export.recipe import Recipe, recalling
from image2map_gui.core.export.writing import write_file
from image2map_gui.core.model import MapModel
from image2map_gui.core.options import options_of
from image2map_gui.core.picture.curves import curve_views
from image2map_gui.core.picture.label_inks import inks_of
from image2map_gui.core.picture.views import mosaic_view, plane_view
from image2map_gui.core.picture.wishes import Facts, Wish, made
from image2map_gui.core.project.project import Project

_LISTED = 200  # skipped files and labels


@dataclasses.dataclass(frozen=True)
class Reporting:
    """How far a report has come, and what is being done."""

    fraction: float
    doing: str
    milestone: bool = False


def write_report(
    out: Path,
    project: Project,
    saved_as: Path | None,
    *,
    paths: bool = False,
    evaluation: Evaluation | None = None,
) -> Iterator[Reporting]:
    """Write a report of a map: settings, figures, views, curves, and how to come to it again.

    Parameters
    ----------
    saved_as
        Where the project is saved; its name is the title.
    paths
        Whether to tell where pictures lie; otherwise only their names.
    evaluation
        All figures, if they were measured; otherwise those that the map knows.

    Raises
    ------
    ProjectError
        The project holds no map.
    Image2MapError
        The file cannot be written.
    """
    model = project.model
    if model is None:
        raise ProjectError("There is no map yet to report on; train one first.")
    yield Reporting(0.0, "looking for the pictures")
    recipe = yield from _recipe(project, saved_as, paths=paths)
    drawn: dict[str, str] = {}
    wanted = _views(project, model)
    for place, name in enumerate(wanted):
        yield Reporting(0.2 + 0.7 * place / len(wanted), f"drawing {name}")
        drawn[name] = _view(name, project, model)
    yield Reporting(0.9, "writing")
    found = figures(evaluation) if evaluation is not None else figures_of_training(model)
    title = "Untitled map" if saved_as is None else saved_as.stem
    parts = [
        f"<h1>{html.escape(_shown(title))}</h1>",
        paragraph(_summary(project, model)),
        drawn.pop("mosaic"),
        section("Figures", *_figures(found, evaluated=evaluation is not None)),
        section("Views", sheet(drawn.values())),
        section("Training", _course(project)),
        section("Labels", _labels(project, model)),
        section("Settings of the map", _settings(project.params)),
        section("How the pictures were prepared", _settings(project.spec)),
        section("Skipped files", _skipped(project, paths=paths)),
        section("The same map again", *_again(recipe)),
        paragraph(f"Made by Image2Map {__version__}.", faint=True),
    ]
    write_file(out, page(title, parts).encode("utf-8", "backslashreplace"))
    yield Reporting(1.0, "done", milestone=True)


def _recipe(
    project: Project, saved_as: Path | None, *, paths: bool
) -> Generator[Reporting, None, Recipe]:
    recipe: Recipe | None = None
    for step in recalling(project, saved_as, paths=paths):
        recipe = step.recipe
        yield Reporting(0.1, "looking for the pictures")
    assert recipe is not None
    return recipe


def _shown(text: str) -> str:
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _summary(project: Project, model: MapModel) -> str:
    params, pictures = project.params, int(model.hits.sum())
    text = (
        f"{pictures:,} picture{'s' if pictures != 1 else ''} on {params.rows:,} x "
        f"{params.columns:,} units ({params.topology}, {params.tiling})"
    )
    if project.history:
        text += f", {project.history[-1].epoch:,} epochs in {project.seconds:,.1f} s"
    return f"{text}."


# --- figures ------------------------------------------------------------------------------------


def _figures(found: tuple[Figure, ...], *, evaluated: bool) -> Iterator[str]:
    for group in dict.fromkeys(one.group for one in found):
        yield f"<h3>{html.escape(group)}</h3>"
        rows = [
            (
                cell(one.title, one.explanation),
                cell(one.text, "; ".join(f"{name}: {text}" for name, text in one.beside), "number"),
            )
            for one in found
            if one.group == group
        ]
        yield table(("Figure", "Value"), rows)
    if not evaluated:
        yield paragraph("Of the pictures the map was trained on, as they were then.", faint=True)


# --- views --------------------------------------------------------------------------------------


def _views(project: Project, model: MapModel) -> list[str]:
    labelled = ["pies", "classes"] if model.label_counts.any() else []
    return ["mosaic", "u-matrix", "hits", *labelled, "clusters"]


def _view(name: str, project: Project, model: MapModel) -> str:
    if name == "mosaic":
        told = "What each unit of the map looks like"
        return drawing(mosaic_view(model), told, wide=True)
    placed = project.picture_units >= 0
    facts = Facts(
        model,
        project.picture_units[placed],
        project.picture_distances[placed],
        inks=inks_of(project),
    )
    plane = made(Wish(name), facts)
    return drawing(plane_view(model, plane), plane.title)


def _course(project: Project) -> str:
    return sheet(
        drawing(scene, f"{title} over the epochs") for title, scene in curve_views(project.history)
    )


# --- tables -------------------------------------------------------------------------------------


def _labels(project: Project, model: MapModel) -> str:
    counts = model.label_counts.sum(axis=0).tolist()
    if not any(counts):
        return ""
    units = (model.label_counts > 0).sum(axis=0).tolist()
    inks, place = inks_of(project), {name: at for at, name in enumerate(model.label_names)}
    rows = [
        (
            cell(name, ink=inks.of(name)),
            cell(f"{counts[place[name]]:,}", kind="number"),
            cell(f"{units[place[name]]:,}", kind="number"),
        )
        for name in dict.fromkeys((*inks.names, *place))
        if name in place
    ]
    return _at_most(table(("Label", "Pictures", "Units"), rows[:_LISTED]), len(rows), "labels")


def _settings(settings: Any) -> str:
    """List the settings that have any effect; those that are not as usual stand out."""
    rows = []
    for one in options_of(type(settings)):
        value = getattr(settings, one.name)
        if one.applies(settings):
            text = one.text(value)
            unit = f" {one.unit}" if one.unit and value is not None else ""
            kind = "changed" if value != one.default else ""
            rows.append((cell(one.label, one.help), cell(text + unit, kind=kind)))
    return table(("Setting", "Value"), rows)


def _skipped(project: Project, *, paths: bool) -> str:
    rows = [
        (cell(one.path if paths else os.path.basename(one.path)), cell(one.reason))  # noqa: PTH119 - may be of an archive
        for one in project.skipped[:_LISTED]
    ]
    return _at_most(table(("File", "Reason"), rows), len(project.skipped), "files") if rows else ""


def _at_most(listed: str, count: int, what: str) -> str:
    more = count - _LISTED
    return listed + (paragraph(f"And {more:,} more {what}.", faint=True) if more > 0 else "")


def _again(recipe: Recipe) -> Iterator[str]:
    if recipe.reproducible:
        yield paragraph(
            "This trains the map again: bit for bit the same on the same machine with as many "
            "threads, since sums that are rounded otherwise may lead to another map."
        )
    yield code(recipe.command)
    yield folded("As Python", code(recipe.python))
