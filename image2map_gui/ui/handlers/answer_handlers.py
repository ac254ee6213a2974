"""What the actions of the classified pictures do: save, copy, and add them to the collection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.export.folders import Plan, check_place, plan_answers
from image2map_gui.core.export.tables import write_matches, write_matches_json
from image2map_gui.core.images.sources import Found
from image2map_gui.ui.handlers.context import Context, start_folder
from image2map_gui.ui.handlers.export_handlers import is_used, list_failed
from image2map_gui.ui.jobs.export_jobs import copy_plan
from image2map_gui.ui.wording import plural, visible

_KINDS = "Tables (*.csv);;JSON (*.json)"


def export_matches(context: Context) -> None:
    """Save the classified pictures as a table, or as JSON."""
    start = str(Path(start_folder(context)) / "classified.csv")
    path = context.dialogs.file_to_save("Save the classified pictures", start, _KINDS, ".csv")
    if path is None:
        return
    answers, full = context.session.answers, context.settings.tables.full_paths
    try:
        if path.suffix.lower() == ".json":
            write_matches_json(path, answers.matches, answers.rules, full_paths=full)
        else:
            write_matches(path, answers.matches, full_paths=full)
    except Image2MapError as error:
        context.session.failed.emit(str(error))
    else:
        context.session.noticed.emit(f"Saved as {path}")


def copy_answers(context: Context) -> None:
    """Copy the classified pictures into folders by their labels, after saying how many."""
    session = context.session
    out = context.dialogs.folder_for_copies(start_folder(context))
    if out is None:
        return
    plan, used = plan_answers(session.matches), is_used(out)
    try:
        check_place(plan, out, into_existing=True)
    except Image2MapError as error:
        session.failed.emit(str(error))
        return
    if context.dialogs.copy_counts(out, counts_of(plan), used):
        session.export(copy_plan(plan, out, used), lambda last: list_failed(context, last))


def counts_of(plan: Plan) -> list[str]:
    """Say how many pictures each folder of a plan gets."""
    return [
        f"{visible(folder.name)}: {plural(len(folder.sources), 'picture')}"
        for folder in plan.folders
    ]


def add_matches(*, training: bool) -> Callable[[Context], None]:
    """Return the handler that adds the classified pictures to the collection."""

    def run(context: Context) -> None:
        session = context.session
        there = {source.address for source in session.sources}
        fresh = [match.source for match in session.matches if match.source.address not in there]
        if fresh:
            if not session.activity:
                said = plural(len(fresh), "classified picture")
                then = "then training goes on." if training else "the map stays as it is."
                session.noticed.emit(f"Adding {said} to the collection; {then}")
            session.add_found(Found(tuple(fresh), ()), session.go_on if training else None)
        elif training and not session.activity:
            session.go_on()
        elif training:
            session.noticed.emit(
                "All of these pictures are in the collection already; go on training (F7) when the "
                "running job has ended."
            )
        else:
            session.noticed.emit("All of these pictures are in the collection already.")

    return run


def tune(context: Context) -> None:
    """Ask how, and tune the map on its labels."""
    settings = context.dialogs.tuning()
    if settings is not None:
        context.session.tuner.tune(settings)
