"""``tune`` and ``suggest``: a map made better by labels, and which pictures to label."""

from __future__ import annotations

import argparse
import dataclasses
import math
import time
from typing import Any

from image2map_gui.commands.shared import (
    check_output,
    figure,
    keep_limits,
    last,
    note_skipped,
    pictures_on_map,
    project_at,
    say,
    say_json,
    skipped_records,
    with_progress,
)
from image2map_gui.core.analysis.suggest import suggest
from image2map_gui.core.analysis.tuning import tuning
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.export.tables import write_suggestions
from image2map_gui.core.project.project import Project, added_later, moved
from image2map_gui.core.project.save import save_project
from image2map_gui.core.som.lvq import TuningSettings


def run_tune(chosen: argparse.Namespace) -> int:
    """Tune a map on the labels of its pictures and save it as another project."""
    check_output(chosen.output)
    keep_limits(chosen)
    project, model = project_at(chosen.map)
    settings = TuningSettings(chosen.rule, chosen.epochs, chosen.rate, chosen.seed)
    silent = chosen.quiet or chosen.json
    dataset = pictures_on_map(project, silent)
    began = time.perf_counter()
    late = {source.address for source in added_later(project)}
    later = sum(source.address in late for source in dataset.sources)
    steps = tuning(model, dataset, settings, chosen.held_out, later, project.parts.left_out)
    done = last(with_progress(steps, "Tuning", silent)).tuned
    assert done is not None
    assert done.model.tuned is not None
    seconds = time.perf_counter() - began
    fresh = moved(project, dataset.sources, done.model, done.units, done.distances)
    save_project(fresh, chosen.output)
    report = {"map": str(chosen.output), **dataclasses.asdict(done.model.tuned)}
    del report["labels"]
    report |= {"seconds": round(seconds, 3), "skipped": skipped_records(dataset.skipped)}
    report |= {
        "quantization_error_before": model.quantization_error,
        "quantization_error": done.model.quantization_error,
        "topographic_error_before": model.topographic_errors[0][1],
        "topographic_error": done.model.topographic_errors[0][1],
    }
    if chosen.json:
        say_json(report)
    elif not chosen.quiet:
        note_skipped(dataset.skipped)
        _say_tuned(report)
    return 0


def _say_tuned(report: dict[str, Any]) -> None:
    judged = report["held_out"]
    where = f"{judged:,} held-out pictures" if judged else "none held out: flatters"
    say(f"{report['pictures']:,} labelled pictures, {report['method']}, "
        f"{report['epochs']} epochs in {report['seconds']:.1f} s")  # fmt: skip
    say(f"accuracy            {figure(report['before'])} -> {figure(report['after'])}  ({where})")
    for name in ("quantization_error", "topographic_error"):
        before, after = report[f"{name}_before"], report[name]
        say(f"{name.replace('_', ' '):20}{figure(before)} -> {figure(after)}")
    say(f"saved as {report['map']}")


def _on_the_map(project: Project, labels: list[str | None]) -> list[str | None]:
    there = (project.picture_units >= 0).tolist()
    return [label for label, on_map in zip(labels, there, strict=True) if on_map]


def run_suggest(chosen: argparse.Namespace) -> int:
    """Name the pictures that would help most if they were labelled by hand."""
    if chosen.csv:
        check_output(chosen.csv)
    project, model = project_at(chosen.map)
    labels = [None if chosen.ignore_labels else source.label for source in project.sources]
    found = suggest(model, project.picture_units, project.picture_distances, labels, chosen.count)
    if not found:
        bare = any(label is None for label in _on_the_map(project, labels))
        why = "no label would help" if bare else "every picture on the map has a label"
        raise ParameterError(f"{chosen.map}: {why}; --ignore-labels asks as if none had one.")
    cells = model.grid.cells
    records: list[dict[str, Any]] = [
        {
            "path": project.sources[one.row].address,
            "unit": one.unit,
            "row": int(cells[one.unit, 0]),
            "column": int(cells[one.unit, 1]),
            "pictures": one.pictures,
            "confidence": None if math.isnan(one.sure) else one.sure,
        }
        for one in found
    ]
    if chosen.csv:
        write_suggestions(chosen.csv, records, full_paths=chosen.full_paths)
    if chosen.json:
        say_json({"map": str(chosen.map), "suggestions": records})
    elif chosen.csv:
        say(f"{len(records)} pictures to label saved as {chosen.csv}; fill in the column label")
    else:
        for one in records:
            say(f"{one['path']}  row {one['row'] + 1}, column {one['column'] + 1}  "
                f"speaks for {one['pictures']:,} pictures")  # fmt: skip
    return 0
