"""``classify``, ``evaluate`` and ``info``: what a saved map tells."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from image2map_gui.commands.shared import (
    error_records,
    evaluation_record,
    figure,
    labelled,
    last,
    measured,
    model_at,
    note_skipped,
    nothing_read,
    pictures_of,
    read_all,
    say,
    say_evaluation,
    say_json,
    skipped_records,
    with_progress,
)
from image2map_gui.core.analysis.classify import Match, classify_many
from image2map_gui.core.errors import SourceError
from image2map_gui.core.export.tables import match_record, write_matches
from image2map_gui.core.options import to_plain
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project


def run_classify(chosen: argparse.Namespace) -> int:
    """Say for each picture where it belongs."""
    model = model_at(chosen.map)
    found = pictures_of(chosen, part="t10k")
    answer = last(with_progress(classify_many(model, found), "Classifying", chosen.json))
    if not answer.matches:
        raise SourceError(nothing_read(answer.skipped))
    if chosen.csv:
        write_matches(chosen.csv, answer.matches)
    if chosen.json:
        say_json(
            {
                "map": str(chosen.map),
                "matches": [match_record(match) for match in answer.matches],
                "skipped": skipped_records(answer.skipped),
            }
        )
        return 0
    note_skipped(answer.skipped)
    if chosen.csv:
        say(f"{len(answer.matches):,} pictures classified; saved as {chosen.csv}")
    else:
        for match in answer.matches:
            say(_line(match))
    return 0


def run_evaluate(chosen: argparse.Namespace) -> int:
    """Judge a map on a set of pictures."""
    model = model_at(chosen.map)
    found = labelled(pictures_of(chosen, part="t10k"), chosen.labels)
    dataset = read_all(found, model.spec, chosen.json).projected(model.projection)
    record = evaluation_record(measured(model, dataset, chosen.json))
    if chosen.json:
        say_json({"map": str(chosen.map), **record, "skipped": skipped_records(dataset.skipped)})
    else:
        note_skipped(dataset.skipped)
        say_evaluation(record)
    return 0


def run_info(chosen: argparse.Namespace) -> int:
    """Tell what a project holds."""
    record = _info(load_project(chosen.map), chosen.map)
    if chosen.json:
        say_json(record)
        return 0
    say(f"{record['map']}: {record['images']:,} pictures, {record['skipped']:,} skipped")
    if not record["trained"]:
        say("no map has been trained yet")
        return 0
    say(
        f"{record['rows']} x {record['columns']} units ({record['topology']}), "
        f"{record['epochs']} epochs in {record['seconds']:.1f} s"
    )
    say(f"quantization error  {figure(record['quantization_error'])}")
    for adjacency, error in record["topographic_errors"].items():
        say(f"topographic error   {figure(error)}  ({adjacency} neighbours)")
    say(f"labels  {', '.join(record['labels']) or 'none'}")
    for title in ("params", "spec"):
        say(f"{title}  " + ", ".join(f"{name} {value}" for name, value in record[title].items()))
    return 0


def _info(project: Project, path: Path) -> dict[str, Any]:
    record = {
        "map": str(path),
        "images": len(project.sources),
        "skipped": len(project.skipped),
        "trained": project.model is not None,
        "rows": project.params.rows,
        "columns": project.params.columns,
        "topology": project.params.topology,
        "epochs": len(project.history),
        "seconds": project.seconds,
        "params": to_plain(project.params),
        "spec": to_plain(project.spec),
    }
    if project.model is not None:
        record |= {
            "labels": list(project.model.label_names),
            "empty_units": int((project.model.hits == 0).sum()),
            "quantization_error": project.model.quantization_error,
            **error_records(project.model.topographic_errors),
        }
    return record


def _line(match: Match) -> str:
    label = "" if match.label is None else f"  {match.label}"
    sure = "" if math.isnan(match.confidence) else f" ({100 * match.confidence:.0f} %)"
    novel = "  unlike the training pictures" if match.novel else ""
    return (
        f"{match.source.address}  unit {match.unit} "
        f"(row {match.row + 1}, column {match.column + 1})  "
        f"distance {match.distance:.4f}{label}{sure}{novel}"
    )
