"""What several commands share: progress, printing, reading."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from image2map_gui.core.analysis.evaluate import Evaluation, evaluating
from image2map_gui.core.errors import Image2MapError, ProjectError, SourceError
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.limits import Limits, use_limits
from image2map_gui.core.images.sources import Found, Skipped, find_sources, without_labels
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.images.table import label_from_table
from image2map_gui.core.model import MapModel
from image2map_gui.core.options import options_of
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project, brought, on_map

_LISTED = 20
_WIDTH = 23
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}


class _Step(Protocol):
    @property
    def fraction(self) -> float: ...


Value = TypeVar("Value", bound=_Step)


def say(text: str) -> None:
    """Print a line of results; what a file's name could do to the terminal is made harmless."""
    sys.stdout.write(f"{text.translate(_CONTROL)}\n")


def note(text: str) -> None:
    """Print a line that is no result."""
    sys.stderr.write(f"{text.translate(_CONTROL)}\n")


def say_json(report: dict[str, Any]) -> None:
    """Print one JSON object; what is no number becomes null."""
    say(json.dumps(_plain(report), allow_nan=False))


def with_progress(steps: Iterable[Value], title: str, quiet: bool) -> Iterator[Value]:
    """Pass values on while a bar on the terminal shows how far they have come."""
    from tqdm import tqdm

    hidden = quiet or not sys.stderr.isatty()
    bar_format = "{desc} {percentage:3.0f} %|{bar}| {elapsed}, {remaining} left"
    with tqdm(total=1.0, desc=title, disable=hidden, bar_format=bar_format, leave=False) as bar:
        for step in steps:
            bar.update(step.fraction - bar.n)
            yield step


def last(steps: Iterable[Value]) -> Value:
    """Run a generator to its end and return the last value it yields; there is at least one."""
    return deque(steps, maxlen=1).pop()


def pictures_of(chosen: argparse.Namespace, part: str = "train") -> Found:
    """Find the pictures that a command names; its limits hold from here on.

    Raises
    ------
    SourceError
        There are none.
    """
    keep_limits(chosen)
    return find_sources(chosen.sources, part, chosen.pages)


def keep_limits(chosen: argparse.Namespace) -> None:
    """Let the limits that a command names hold from here on."""
    given = vars(chosen)
    names = {option.name for option in options_of(Limits)}
    use_limits(Limits(**{name: given[name] for name in names & set(given)}))


def check_output(path: Path) -> None:
    """Find out before the work, not after it, that its result cannot be saved.

    Raises
    ------
    Image2MapError
        The path is a folder, in no folder, or may not be written.
    """
    if path.is_dir():
        raise Image2MapError(f"{path}: is a folder; name a file to write.")
    if not path.parent.is_dir():
        raise Image2MapError(f"{path}: there is no folder {path.parent}; make it first.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise Image2MapError(f"{path}: may not be written; name another file.")


def read_all(found: Found, spec: ImageSpec, quiet: bool) -> Dataset:
    """Read pictures; some are there. What is measured on a whole collection is not done yet.

    Raises
    ------
    SourceError
        Not one of the files could be read.
    """
    dataset = last(with_progress(read_dataset(found, spec), "Reading pictures", quiet)).dataset
    if not len(dataset):
        raise SourceError(nothing_read(dataset.skipped))
    return dataset


def measured(model: MapModel, dataset: Dataset, quiet: bool) -> Evaluation:
    """Judge a map on pictures while a bar shows how far that has come."""
    steps = with_progress(evaluating(model, dataset), "Measuring quality", quiet)
    evaluation = last(steps).evaluation
    assert evaluation is not None
    return evaluation


def nothing_read(skipped: Sequence[Skipped]) -> str:
    """Say that no file could be read, and why."""
    first = f"{skipped[0].path} {skipped[0].reason}" if skipped else "there are none"
    more = f" (and {len(skipped) - 1} more files)" if len(skipped) > 1 else ""
    return f"no picture could be read: {first}{more}."


def model_at(path: Path) -> MapModel:
    """Return the map of a project.

    Raises
    ------
    ProjectError
        It cannot be read, or holds no map.
    """
    return project_at(path)[1]


def project_at(path: Path) -> tuple[Project, MapModel]:
    """Return a project and its map.

    Raises
    ------
    ProjectError
        It cannot be read, or holds no map.
    """
    project = load_project(path)
    if project.model is None:
        raise ProjectError(f"{path}: holds pictures but no map yet; train one first.")
    return project, project.model


def pictures_on_map(project: Project, quiet: bool) -> Dataset:
    """Read the pictures that lie on a project's map once more, as the map sees them.

    Those that come with the project are taken as they are.

    Raises
    ------
    SourceError
        Not one of them could be read.
    """
    assert project.model is not None
    own = brought(project)
    if own is not None:
        return own
    found = Found(on_map(project), ())
    dataset = read_all(found, project.model.spec, quiet)
    return dataset.projected(project.model.projection)


def labelled(found: Found, labels: str) -> Found:
    """Apply ``--labels``: ``auto``, ``none`` or a table."""
    if labels == "auto":
        return found
    if labels == "none":
        return Found(without_labels(found.sources), found.skipped)
    return Found(label_from_table(found.sources, Path(labels)), found.skipped)


def note_skipped(skipped: Sequence[Skipped]) -> None:
    """List skipped files on standard error."""
    if not skipped:
        return
    note(f"{len(skipped)} file{'s' if len(skipped) > 1 else ''} skipped:")
    for one in skipped[:_LISTED]:
        note(f"  {one.path}: {one.reason}")
    if len(skipped) > _LISTED:
        note(f"  and {len(skipped) - _LISTED} more; --json lists them all")


def skipped_records(skipped: Sequence[Skipped]) -> list[dict[str, str]]:
    """Return skipped files as JSON-ready values."""
    return [{"path": one.path, "reason": one.reason} for one in skipped]


def error_records(errors: Sequence[tuple[int, float]]) -> dict[str, Any]:
    """Return topographic errors as JSON-ready values: the first, its adjacency, and all."""
    return {
        "topographic_error": errors[0][1],
        "topographic_error_adjacency": errors[0][0],
        "topographic_errors": {str(adjacency): error for adjacency, error in errors},
    }


def evaluation_record(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as JSON-ready values; ``sampled`` names what was estimated from what."""
    order = evaluation.order
    record = {
        "images": evaluation.images,
        "units": evaluation.units,
        "empty_units": evaluation.empty_units,
        "quantization_error": evaluation.quantization_error,
        "quantization_error_euclidean": evaluation.quantization_error_euclidean,
        **error_records(evaluation.topographic_errors),
        "combined_error": evaluation.combined_error,
        "distortion": evaluation.distortion,
        "distortion_radius": evaluation.distortion_radius,
        "explained_variance": evaluation.explained_variance,
        "trustworthiness": order.preservation.trustworthiness,
        "continuity": order.preservation.continuity,
        "neighbours": order.preservation.neighbours,
        "topographic_product": order.topographic_product,
        "distance_preservation_quality": order.distance_preservation_quality,
        "hit_entropy": evaluation.hit_entropy,
        "magnification": evaluation.magnification,
        "sampled_images": order.preservation.sampled,
        "sampled_units": order.sampled_units,
        "sampled": {
            "trustworthiness": order.preservation.sampled,
            "continuity": order.preservation.sampled,
            "combined_error": evaluation.combined_images,
            "topographic_product": order.sampled_units,
            "distance_preservation_quality": order.sampled_units,
        },
    }
    labels = evaluation.labels
    if labels is not None:
        record |= {
            "labelled_images": labels.pictures,
            "accuracy": labels.accuracy,
            "purity": labels.purity,
            "nmi": labels.nmi,
            "ari": labels.ari,
            "class_entropy": labels.class_entropy,
            "single_label_units": labels.single_label_units,
            "confusion": {"labels": list(labels.names), "counts": labels.confusion.tolist()},
        }
    return record


def say_evaluation(record: dict[str, Any]) -> None:
    """Print an evaluation as lines of text, each figure with its convention."""
    sampled = record["sampled"]
    pictures, units = record["images"], record["units"]
    say(f"{pictures:,} pictures on {units:,} units, {record['empty_units']:,} empty")
    _say_figure("quantization error", record["quantization_error"])
    if record["quantization_error_euclidean"] != record["quantization_error"]:
        _say_figure("", record["quantization_error_euclidean"], "Euclidean")
    for adjacency, error in record["topographic_errors"].items():
        _say_figure("topographic error", error, f"{adjacency} neighbours")
    few = _drawn(sampled["combined_error"], pictures, "pictures")
    _say_figure("combined error", record["combined_error"], *few)
    _say_figure("distortion", record["distortion"], f"radius {record['distortion_radius']:g}")
    _say_figure("explained variance", record["explained_variance"])
    few = _drawn(sampled["trustworthiness"], pictures, "pictures")
    near = f"{record['neighbours']} nearest"
    _say_figure("trustworthiness", record["trustworthiness"], near, *few)
    _say_figure("continuity", record["continuity"], near, *few)
    few = _drawn(sampled["topographic_product"], units, "units")
    _say_figure("topographic product", record["topographic_product"], "0 is best", *few)
    _say_figure("distance preservation", record["distance_preservation_quality"], *few)
    _say_figure("hit entropy", record["hit_entropy"])
    _say_figure("magnification", record["magnification"], "0: as dense as the pictures")
    if "purity" in record:
        _say_labels(record)


def _say_labels(record: dict[str, Any]) -> None:
    if record["accuracy"] is not None:
        _say_figure("accuracy", record["accuracy"])
    _say_figure("purity", record["purity"])
    _say_figure("nmi", record["nmi"])
    _say_figure("ari", record["ari"])
    _say_figure("class entropy", record["class_entropy"], "nats")
    say(
        f"{'single-label units':{_WIDTH}}{record['single_label_units']:,}  "
        f"(of {record['units']:,} units, {record['empty_units']:,} empty; "
        f"{record['labelled_images']:,} labelled pictures; "
        f"topographic error {figure(record['topographic_error'])})"
    )


def _say_figure(name: str, value: float | None, *remarks: str) -> None:
    remark = f"  ({', '.join(remarks)})" if remarks else ""
    say(f"{name:{_WIDTH}}{figure(value)}{remark}")


def _drawn(some: int, all_of_them: int, what: str) -> tuple[str, ...]:
    """Say how many were drawn by lot, if not all."""
    return () if some == all_of_them else (f"from {some:,} {what} drawn by lot",)


def figure(value: float | None) -> str:
    """Write a figure with four decimals."""
    return "unknown" if value is None or math.isnan(value) else f"{value:.4f}"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
