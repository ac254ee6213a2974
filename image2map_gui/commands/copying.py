"""Copying pictures into folders, for the commands that offer it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from image2map_gui.commands.shared import last, note, say, skipped_records, with_progress
from image2map_gui.core.export.folders import Plan, check_place, copy_into_folders


@dataclasses.dataclass(frozen=True)
class Copying:
    """Where to copy to, and what was said about it."""

    out: Path
    into_existing: bool
    dry_run: bool
    quiet: bool


def copy_plan(plan: Plan, wanted: Copying) -> int:
    """Copy, or only say what would be; returns 1 if not one picture could be copied."""
    check_place(plan, wanted.out, into_existing=wanted.into_existing)
    if wanted.dry_run:
        _say_plan(plan, wanted.out)
        return 0
    steps = copy_into_folders(plan, wanted.out, into_existing=wanted.into_existing)
    done = last(with_progress(steps, "Copying pictures", wanted.quiet))
    say(
        f"{done.copied:,} of {plan.pictures:,} pictures copied into {len(plan.folders):,} folders "
        f"in {wanted.out}"
    )
    _note_left_out(plan)
    for one in done.failed:
        note(f"  {one.path}: {one.reason}")
    return 1 if done.failed and not done.copied else 0


def copied_record(plan: Plan, wanted: Copying) -> tuple[dict[str, Any], int]:
    """Copy as :func:`copy_plan` does without a word; returns JSON-ready values and the code."""
    check_place(plan, wanted.out, into_existing=wanted.into_existing)
    record: dict[str, Any] = {
        "folder": str(wanted.out),
        "folders": {folder.name: len(folder.sources) for folder in plan.folders},
        "pictures": 0,
        "failed": [],
    }
    if wanted.dry_run:
        return record, 0
    done = last(copy_into_folders(plan, wanted.out, into_existing=wanted.into_existing))
    record |= {"pictures": done.copied, "failed": skipped_records(done.failed)}
    return record, 1 if done.failed and not done.copied else 0


def _say_plan(plan: Plan, out: Path) -> None:
    for folder in plan.folders:
        meant = f"  ({folder.title})" if folder.title != folder.name else ""
        say(f"{len(folder.sources):8,}  {folder.name}{meant}")
    say(f"{plan.pictures:8,}  pictures would be copied into {out}; nothing was written")
    _note_left_out(plan)


def _note_left_out(plan: Plan) -> None:
    if plan.left_out:
        note(f"{plan.left_out:,} pictures are not on the map and were left out.")
