"""``classify``, ``evaluate`` and ``info``: what a saved map tells."""

from __future__ import annotations

import argparse
import dataclasses
import math
from pathlib import Path
from typing import Any

from image2map_gui.commands.copying import Copying, copied_record, copy_plan
from image2map_gui.commands.scoring import (
    answer_record,
    examples_for,
    folds_record,
    rules_of,
    say_answers,
)
from image2map_gui.commands.shared import (
    error_records,
    evaluation_record,
    figure,
    labelled,
    last,
    measured,
    note_skipped,
    nothing_read,
    pictures_of,
    project_at,
    read_all,
    say,
    say_evaluation,
    say_json,
    skipped_records,
    with_progress,
)
from image2map_gui.core.analysis.classify import (
    UNSURE,
    Classifying,
    Match,
    classify_many,
    farther_than,
)
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.errors import ParameterError, SourceError
from image2map_gui.core.export.folders import plan_answers
from image2map_gui.core.export.tables import match_record, write_matches
from image2map_gui.core.images.collection import spread_ones
from image2map_gui.core.model import Tuned
from image2map_gui.core.options import to_plain
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project, on_map


def run_classify(chosen: argparse.Namespace) -> int:
    """Say for each picture where it belongs."""
    project, model = project_at(chosen.map)
    rules = rules_of(chosen)
    _check_copying(chosen)
    found = pictures_of(chosen, part="t10k")
    steps = classify_many(model, found, rules, examples_for(project, rules, chosen.json))
    answer = last(with_progress(steps, "Classifying", chosen.json))
    if not answer.matches:
        raise SourceError(nothing_read(answer.skipped))
    if chosen.csv:
        write_matches(chosen.csv, answer.matches, full_paths=chosen.full_paths)
    if chosen.json:
        return _say_matches(chosen, rules, answer)
    note_skipped(answer.skipped)
    if chosen.csv:
        say(f"{len(answer.matches):,} pictures classified; saved as {chosen.csv}")
    elif chosen.copy_into is None:
        for match in answer.matches:
            say(_line(match))
    if chosen.copy_into is None:
        return 0
    return copy_plan(plan_answers(answer.matches), _copying(chosen))


def _say_matches(chosen: argparse.Namespace, rules: Rules, answer: Classifying) -> int:
    """Print one JSON object, after copying if that is wanted."""
    report = {
        "map": str(chosen.map),
        **dataclasses.asdict(rules),
        "matches": [match_record(match) for match in answer.matches],
        "skipped": skipped_records(answer.skipped),
    }
    code = 0
    if chosen.copy_into is not None:
        report["copied"], code = copied_record(plan_answers(answer.matches), _copying(chosen))
    say_json(report)
    return code


def _check_copying(chosen: argparse.Namespace) -> None:
    if chosen.copy_into is None and (chosen.dry_run or chosen.into_existing):
        raise ParameterError("--dry-run and --into-existing go with --copy-into.")


def _copying(chosen: argparse.Namespace) -> Copying:
    return Copying(chosen.copy_into, chosen.into_existing, chosen.dry_run, chosen.json)


def run_evaluate(chosen: argparse.Namespace) -> int:
    """Judge a map on a set of pictures, and its answers where they have labels."""
    project, model = project_at(chosen.map)
    rules = rules_of(chosen)
    found = labelled(pictures_of(chosen, part="t10k"), chosen.labels)
    read = read_all(found, model.spec, chosen.json)
    dataset = read.projected(model.projection)
    record = evaluation_record(measured(model, dataset, chosen.json))
    there = {source.address for source in on_map(project)}
    record["trained_on"] = sum(source.address in there for source in dataset.sources)
    record["labels_spread"] = spread_ones(project.selections, dataset.sources)
    if "confusion" in record:
        examples = examples_for(project, rules, chosen.json)
        record |= answer_record(model, dataset, rules, examples, quiet=chosen.json)
    if chosen.folds:
        record["folds"] = folds_record(read, model.params, rules, chosen.folds, quiet=chosen.json)
    if chosen.json:
        say_json({"map": str(chosen.map), **record, "skipped": skipped_records(dataset.skipped)})
    else:
        note_skipped(dataset.skipped)
        say_evaluation(record)
        if record["trained_on"]:
            say(f"{record['trained_on']:,} of these pictures are on the map already: that flatters")
        if record["labels_spread"]:
            say(f"{record['labels_spread']:,} of these labels were spread by the map, not given")
        say_answers(record)
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
    if record["tuned"] is not None:
        tuned = record["tuned"]
        say(
            f"tuned on labels  {tuned['method']}, {tuned['epochs']} epochs, "
            f"accuracy {figure(tuned['before'])} -> {figure(tuned['after'])}"
        )
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
        "embedded": "no" if project.embedded is None else project.embedded.what,
        "absolute_paths": project.absolute_paths,
    }
    if project.model is not None:
        record |= {
            "labels": list(project.model.label_names),
            "tuned": _tuned(project.model.tuned),
            "empty_units": int((project.model.hits == 0).sum()),
            "quantization_error": project.model.quantization_error,
            **error_records(project.model.topographic_errors),
        }
    return record


def _tuned(tuned: Tuned | None) -> dict[str, Any] | None:
    if tuned is None:
        return None
    record = dataclasses.asdict(tuned)
    del record["labels"]  # of each unit: they are in the file
    return record


def _line(match: Match) -> str:
    label = "" if match.guess is None else f"  {match.guess}"
    sure = "" if math.isnan(match.confidence) else f" ({100 * match.confidence:.0f} %)"
    if match.rejected == UNSURE:
        label = f"  no label; perhaps{label}"
    elif match.rejected:
        label, sure = "  no label", ""
    novel = f"  unlike anything trained on ({farther_than(match)})" if match.novel else ""
    return (
        f"{match.source.address}  unit {match.unit} "
        f"(row {match.row + 1}, column {match.column + 1})  "
        f"distance {match.distance:.4f}{label}{sure}{novel}"
    )
