"""What several commands share: progress, printing, reading."""

from __future__ import annotations

import json
import math
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from tqdm import tqdm

from image2map_gui.core.analysis.evaluate import Evaluation
from image2map_gui.core.errors import SourceError
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.sources import Found, Skipped, label_from_table, without_labels
from image2map_gui.core.images.spec import ImageSpec

_LISTED = 20
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
    hidden = quiet or not sys.stderr.isatty()
    bar_format = "{desc} {percentage:3.0f} %|{bar}| {elapsed}, {remaining} left"
    with tqdm(total=1.0, desc=title, disable=hidden, bar_format=bar_format, leave=False) as bar:
        for step in steps:
            bar.update(step.fraction - bar.n)
            yield step


def last(steps: Iterable[Value]) -> Value:
    """Run a generator to its end and return the last value it yields; there is at least one."""
    return deque(steps, maxlen=1).pop()


def read_all(found: Found, spec: ImageSpec, quiet: bool) -> Dataset:
    """Read pictures; some are there.

    Raises
    ------
    SourceError
        Not one of the files could be read.
    """
    dataset = last(with_progress(read_dataset(found, spec), "Reading pictures", quiet)).dataset
    if not len(dataset):
        raise SourceError(nothing_read(dataset.skipped))
    return dataset


def nothing_read(skipped: Sequence[Skipped]) -> str:
    """Say that no file could be read, and why."""
    first = f"{skipped[0].path} {skipped[0].reason}" if skipped else "there are none"
    more = f" (and {len(skipped) - 1} more files)" if len(skipped) > 1 else ""
    return f"no picture could be read: {first}{more}."


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
    """Return an evaluation as JSON-ready values."""
    record = {
        "images": evaluation.images,
        "units": evaluation.units,
        "empty_units": evaluation.empty_units,
        "quantization_error": evaluation.quantization_error,
        **error_records(evaluation.topographic_errors),
        "explained_variance": evaluation.explained_variance,
    }
    labels = evaluation.labels
    if labels is not None:
        record |= {
            "labelled_images": labels.pictures,
            "accuracy": labels.accuracy,
            "purity": labels.purity,
            "nmi": labels.nmi,
            "single_label_units": labels.single_label_units,
            "confusion": {"labels": list(labels.names), "counts": labels.confusion.tolist()},
        }
    return record


def say_evaluation(record: dict[str, Any]) -> None:
    """Print an evaluation as lines of text."""
    say(
        f"{record['images']:,} pictures on {record['units']:,} units, {record['empty_units']} empty"
    )
    say(f"quantization error  {figure(record['quantization_error'])}")
    for adjacency, error in record["topographic_errors"].items():
        say(f"topographic error   {figure(error)}  ({adjacency} neighbours)")
    say(f"explained variance  {figure(record['explained_variance'])}")
    if "purity" in record:
        if record["accuracy"] is not None:
            say(f"accuracy            {figure(record['accuracy'])}")
        say(f"purity              {figure(record['purity'])}")
        say(f"nmi                 {figure(record['nmi'])}")
        say(f"single-label units  {record['single_label_units']}")


def figure(value: float | None) -> str:
    """Write a figure with four decimals."""
    return "unknown" if value is None or math.isnan(value) else f"{value:.4f}"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
