"""The jobs that write what others are to read: pictures in folders, a report, a recipe, a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

from image2map_gui.core.analysis.evaluate import Evaluation
from image2map_gui.core.export.animation import Film, Look, write_animation
from image2map_gui.core.export.folders import Plan, copy_into_folders, plan_folders
from image2map_gui.core.export.recipe import Recipe, recalling
from image2map_gui.core.export.report import write_report
from image2map_gui.core.images.sources import Skipped
from image2map_gui.core.project.project import Project
from image2map_gui.ui.jobs.jobs import sparing
from image2map_gui.ui.wording import count_text, plural


@dataclasses.dataclass(frozen=True)
class Exporting:
    """How far an export has come; ``said`` is what to tell if it ends here."""

    fraction: float
    doing: str
    said: str = ""
    milestone: bool = False
    failed: tuple[Skipped, ...] = ()
    recipe: Recipe | None = None


@dataclasses.dataclass(frozen=True)
class Sharing:
    """How pictures are shared out to folders, and to which."""

    by: str
    out: Path
    into_existing: bool = False
    method: str = "ward"
    clusters: int | None = None


def copy_pictures(project: Project, wish: Sharing) -> Iterator[Exporting]:
    """Copy the pictures of a project into folders."""
    yield Exporting(0.0, "Copying pictures", "Stopped before a picture was copied.")
    plan = plan_folders(project, wish.by, wish.method, wish.clusters)
    yield from copy_plan(plan, wish.out, wish.into_existing)


def copy_plan(plan: Plan, out: Path, into_existing: bool) -> Iterator[Exporting]:
    """Copy pictures into the folders of a plan."""
    yield Exporting(0.0, "Copying pictures", "Stopped before a picture was copied.")
    for step in copy_into_folders(plan, out, into_existing=into_existing):
        doing = count_text("Copying pictures", step.done, step.total, 0)
        said = f"Stopped: {plural(step.copied, 'picture')} of {step.total:,} copied to {out}"
        if step.milestone:
            said = (
                f"{plural(step.copied, 'picture')} copied into "
                f"{plural(len(plan.folders), 'folder')} in {out}"
            )
            if plan.left_out:
                said += f"; {plan.left_out:,} that are not on the map were left out"
        yield Exporting(step.fraction, doing, said, step.milestone, step.failed)


def report(
    project: Project, saved_as: Path | None, out: Path, evaluation: Evaluation | None
) -> Iterator[Exporting]:
    """Write a report of a map."""
    stopped = "Stopped; no report was written."
    for step in write_report(out, project, saved_as, evaluation=evaluation):
        said = f"Saved as {out}" if step.milestone else stopped
        yield Exporting(step.fraction, f"Writing the report: {step.doing}", said, step.milestone)


def recall(project: Project, saved_as: Path | None) -> Iterator[Exporting]:
    """Work out how to come to a map once more."""
    for step in recalling(project, saved_as):
        doing = f"Looking for the pictures: {step.looked_at:,} found"
        yield Exporting(step.fraction, doing, milestone=step.milestone, recipe=step.recipe)


def animate(out: Path, film: Film, look: Look) -> Iterator[Exporting]:
    """Write the learning as a moving picture."""
    stopped = "Stopped; no animation was written."
    for step in sparing(write_animation(out, film, look)):
        doing = f"Drawing the epochs: {round(100 * step.fraction)} %"
        said = f"Saved as {out}" if step.milestone else stopped
        yield Exporting(step.fraction, doing, said, step.milestone)


def write(out: Path, writing: Callable[[Path], None]) -> Iterator[Exporting]:
    """Write one file."""
    yield Exporting(0.0, f"Writing {out.name}", "Stopped; nothing was written.")
    writing(out)
    yield Exporting(1.0, "", f"Saved as {out}", milestone=True)
