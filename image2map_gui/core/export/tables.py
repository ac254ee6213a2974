"""Tables of matches, of skipped files and of the unit of every picture, as CSV."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.core.export.writing import write_file
from image2map_gui.core.images.listing import FORMULA, marked
from image2map_gui.core.images.sources import Skipped, Source
from image2map_gui.core.project.project import Project
from image2map_gui.core.som.grid import Grid

MATCH_COLUMNS = (
    "path", "unit", "row", "column", "distance", "percentile", "novel", "label", "confidence",
    "second_unit", "unit_percentile", "guess", "rejected", "unlike",
)  # fmt: skip
_PLACE = ("unit", "row", "column", "pictures")


def match_record(match: Match) -> dict[str, Any]:
    """Return a match as JSON-ready values, in the order of :data:`MATCH_COLUMNS`."""
    return {
        "path": match.source.address,
        "unit": match.unit,
        "row": match.row,
        "column": match.column,
        "distance": match.distance,
        "percentile": match.percentile,
        "novel": int(match.novel),
        "label": match.label,
        "confidence": None if math.isnan(match.confidence) else match.confidence,
        "second_unit": match.second_unit,
        "unit_percentile": None if math.isnan(match.unit_percentile) else match.unit_percentile,
        "guess": match.guess,
        "rejected": match.rejected,
        "unlike": None if math.isnan(match.unlike) else match.unlike,
    }


def write_matches(path: Path, matches: Iterable[Match]) -> None:
    """Write matches as a CSV file in UTF-8, whole or not at all.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    _write_rows(path, [MATCH_COLUMNS, *(match_record(match).values() for match in matches)])


def write_matches_json(path: Path, matches: Sequence[Match], rules: Rules) -> None:
    """Write matches and the rules they were answered by as JSON, as ``classify --json`` does.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    record = {
        **dataclasses.asdict(rules),
        "matches": [match_record(match) for match in matches],
    }
    text = json.dumps(record, indent=1, ensure_ascii=False)
    write_file(path, text.encode("utf-8", "backslashreplace"))


def write_suggestions(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write pictures to label as a table with an empty column ``label``, to be filled in.

    Filled in, it is a table of labels as ``train --labels`` reads it.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    rows: list[Iterable[Any]] = [("path", "label", "unit", "row", "column", "pictures")]
    for one in records:
        rows.append([one["path"], None, *(one[name] for name in rows[0] if name in _PLACE)])
    _write_rows(path, rows)


def write_labels(path: Path, sources: Iterable[Source]) -> None:
    """Write the labels of pictures as a table that can be read again, path and label.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    _write_rows(path, [("path", "label"), *((one.address, one.label) for one in sources)])


def write_skipped(path: Path, skipped: Iterable[Skipped]) -> None:
    """Write files that were skipped, with the reasons, as :func:`write_matches` writes.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    _write_rows(path, [("path", "reason"), *((one.path, one.reason) for one in skipped)])


def write_assignments(path: Path, project: Project) -> None:
    """Write the unit of every picture of a project as a CSV file; rows and columns count from 0.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    cells = Grid.of(project.params).cells
    rows: list[Iterable[Any]] = [("path", "unit", "row", "column", "distance", "label")]
    for source, unit, distance in zip(
        project.sources,
        project.picture_units.tolist(),
        project.picture_distances.tolist(),
        strict=True,
    ):
        if unit >= 0:
            row, column = cells[unit].tolist()
            rows.append((source.address, unit, row, column, distance, source.label))
    _write_rows(path, rows)


def _write_rows(path: Path, rows: Iterable[Iterable[Any]]) -> None:
    text = "".join(_line(row) for row in rows)
    write_file(path, text.encode("utf-8", "backslashreplace"))


def _line(values: Iterable[Any]) -> str:
    row = io.StringIO(newline="")
    csv.writer(row).writerow([_cell(value) for value in values])
    # Written with CR LF at first, so that a CR or LF within a cell is put in quotation marks.
    return row.getvalue().removesuffix("\r\n") + "\n"


def _cell(value: Any) -> Any:
    if isinstance(value, str) and (value.startswith(FORMULA) or marked(value)):
        return "'" + value
    return "" if value is None else value
