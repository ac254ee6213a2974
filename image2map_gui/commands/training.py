"""``train``: from pictures to a saved map."""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Iterator
from itertools import compress
from pathlib import Path
from typing import Any, TypeVar

from threadpoolctl import threadpool_info, threadpool_limits

from image2map_gui.commands.shared import (
    check_output,
    error_records,
    evaluation_record,
    figure,
    labelled,
    last,
    measured,
    model_at,
    note,
    note_skipped,
    pictures_of,
    read_all,
    say,
    say_json,
    skipped_records,
    with_progress,
)
from image2map_gui.commands.signals import code_of
from image2map_gui.core.errors import TrainingError
from image2map_gui.core.frames import MB, Keeper
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.proposal import propose_spec
from image2map_gui.core.images.spec import ImageSpec, spec_for
from image2map_gui.core.images.table import weights_from_table
from image2map_gui.core.model import settle_map, train_map
from image2map_gui.core.options import options_of
from image2map_gui.core.project.embedded import embedded_of
from image2map_gui.core.project.project import BEYOND, Project, project_of
from image2map_gui.core.project.save import save_project
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.presets import preset
from image2map_gui.core.som.size import proposed_size
from image2map_gui.core.som.train import EpochFigures, Snapshot
from image2map_gui.core.som.weights import resized

Settings = TypeVar("Settings", SomParams, ImageSpec)


@dataclasses.dataclass(frozen=True)
class _Outcome:
    snapshot: Snapshot
    history: tuple[EpochFigures, ...]
    seconds: float
    interrupted: KeyboardInterrupt | None
    failure: str = ""  # why it ended before its time


def run_train(chosen: argparse.Namespace) -> int:
    """Read, train, save, report; Ctrl-C or a failure in the training still save the map reached."""
    check_output(chosen.output)
    params = _merged(preset(chosen.preset), vars(chosen))
    found = labelled(pictures_of(chosen), chosen.labels)
    first = None if chosen.start_from is None else model_at(chosen.start_from)
    wanted = propose_spec(found.sources) if first is None else first.spec
    spec = _merged(spec_for(chosen.preset, wanted), vars(chosen))
    silent = chosen.quiet or chosen.json
    dataset, held_out = read_all(found, spec, silent).split(chosen.train_size, params.seed)
    if first is not None and first.spec == spec:
        dataset = dataset.projected(first.projection)
    dataset = dataset.fitted()
    held_out = held_out.projected(dataset.projection)
    if chosen.map_size is not None:
        params = _sized(params, dataset, chosen.map_size)
    start = None if first is None else resized(first.weights, first.grid, Grid.of(params))
    table = chosen.sample_weights
    weights = None if table is None else weights_from_table(dataset.sources, table)
    keeper = Keeper(dataset, params, chosen.saved_frames * MB)
    steps = train_map(dataset, params, start, weights)
    threads = chosen.threads or max((pool["num_threads"] for pool in threadpool_info()), default=1)
    with threadpool_limits(limits=threads):
        outcome = _run_training(steps, dataset, params, keeper, silent)
    project = project_of(
        dataset,
        params,
        outcome.snapshot,
        outcome.history,
        outcome.seconds,
        keeper.frames,
        threads=threads,
        given=tuple(compress(BEYOND, (start is not None, weights is not None))),
    )
    project = dataclasses.replace(
        project,
        embedded=embedded_of(dataset, chosen.embed, project.sources),
        absolute_paths=not chosen.relative_paths,
    )
    save_project(project, chosen.output)
    report = _report(chosen.output, project, outcome)
    if len(held_out) and project.model is not None:
        report["held_out"] = evaluation_record(measured(project.model, held_out, silent))
    if chosen.json:
        say_json(report)
    elif not chosen.quiet:
        _say_report(report, project)
    return _end(outcome, chosen.output)


def _end(outcome: _Outcome, output: Path) -> int:
    """Say why a training ended before its time, and return the exit code."""
    reached = f"{outcome.snapshot.epoch} of {outcome.snapshot.epochs} epochs"
    if outcome.failure:
        note(f"image2map: {outcome.failure} The map after {reached} is saved in {output}.")
        return 1
    if outcome.interrupted is None:
        return 0
    note(f"image2map: interrupted after {reached}; the map reached so far is saved in {output}.")
    return code_of(outcome.interrupted)


def _sized(params: SomParams, dataset: Dataset, size: str) -> SomParams:
    hexagonal = Grid.of(params).hexagonal
    rows, columns = proposed_size(dataset.vectors, size, hexagonal=hexagonal, seed=params.seed)
    return dataclasses.replace(params, rows=rows, columns=columns)


def _merged(start: Settings, given: dict[str, Any]) -> Settings:
    names = {option.name for option in options_of(type(start))}
    return dataclasses.replace(start, **{name: given[name] for name in names & set(given)})


def _run_training(
    steps: Iterator[Snapshot], dataset: Dataset, params: SomParams, keeper: Keeper, quiet: bool
) -> _Outcome:
    history: list[EpochFigures] = []
    snapshot: Snapshot | None = None
    failure = ""
    interrupted: KeyboardInterrupt | None = None
    began = time.perf_counter()
    try:
        for snapshot in with_progress(steps, "Training", quiet):
            if snapshot.milestone and snapshot.figures is not None:
                history.append(snapshot.figures)
            keeper.take(snapshot)
    except (KeyboardInterrupt, TrainingError, MemoryError) as end:
        if snapshot is None or (not isinstance(end, KeyboardInterrupt) and not snapshot.epoch):
            raise
        interrupted = end if isinstance(end, KeyboardInterrupt) else None
        failure = "" if interrupted else _reason(end)
        known = history[-1].epoch if history else 0
        if snapshot.milestone and snapshot.figures is not None and snapshot.epoch > known:
            history.append(snapshot.figures)  # interrupted just before it was noted
        snapshot = last(settle_map(dataset, params, snapshot))
        keeper.take(snapshot)
    seconds = time.perf_counter() - began
    assert snapshot is not None
    return _Outcome(snapshot, tuple(history), seconds, interrupted, failure)


def _reason(error: BaseException) -> str:
    return "There is not enough memory." if isinstance(error, MemoryError) else str(error)


def _ending(outcome: _Outcome) -> str:
    if outcome.failure:
        return "failed"
    return "interrupted" if outcome.interrupted else outcome.snapshot.ended or "epochs"


def _report(path: Path, project: Project, outcome: _Outcome) -> dict[str, Any]:
    snapshot = outcome.snapshot
    return {
        "map": str(path),
        "images": len(project.sources),
        "skipped": skipped_records(project.skipped),
        "rows": project.params.rows,
        "columns": project.params.columns,
        "epochs": snapshot.epoch,
        "ended": _ending(outcome),
        "seconds": round(project.seconds, 3),
        "quantization_error": snapshot.quantization_error,
        **error_records(snapshot.topographic_errors),
    }


def _say_report(report: dict[str, Any], project: Project) -> None:
    note_skipped(project.skipped)
    say(
        f"{report['images']:,} pictures, {report['rows']} x {report['columns']} units, "
        f"{report['epochs']} epochs in {report['seconds']:.1f} s"
        + (f" ({report['ended']})" if report["ended"] != "epochs" else "")
    )
    say(f"quantization error  {figure(report['quantization_error'])}")
    for adjacency, error in report["topographic_errors"].items():
        say(f"topographic error   {figure(error)}  ({adjacency} neighbours)")
    held_out = report.get("held_out")
    if held_out is not None:
        say(f"held-out pictures   {held_out['images']:,}")
        if held_out.get("accuracy") is not None:
            say(f"held-out accuracy   {figure(held_out['accuracy'])}")
    say(f"saved as {report['map']}")
