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
from image2map_gui.core.home import without_home
from image2map_gui.core.images.listing import FORMULA, marked
from image2map_gui.core.images.sources import Skipped, Source
from image2map_gui.core.project.project import Project
from image2map_gui.core.som.grid import Grid

MATCH_COLUMNS = (
    "path", "unit", "row", "column", "distance", "percentile", "novel", "label", "confidence",
    "second_unit", "unit_percentile", "guess", "rejected", "unlike",
)  # fmt: skip
_PLACE = ("unit", "row", "column", "pictures")


def match_record(match: Match, *, full_paths: bool = True) -> dict[str, Any]:
    """Return a match as JSON-ready values, in the order of :data:`MATCH_COLUMNS`."""
    return {
        "path": _told(match.source.address, full_paths),
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


def write_matches(path: Path, matches: Iterable[Match], *, full_paths: bool = False) -> None:
    """Write matches as a CSV file in UTF-8, whole or not at all.

    Pictures below the home folder are named as ``~/...`` unless ``full_paths`` are wanted, so that
    a table that is given to others does not tell whose it was; so are those of all other tables.
    Text that a spreadsheet would take for a formula gets an apostrophe before it.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    records = (match_record(match, full_paths=full_paths) for match in matches)
    _write_rows(path, [MATCH_COLUMNS, *(record.values() for record in records)])


def write_matches_json(
    path: Path, matches: Sequence[Match], rules: Rules, *, full_paths: bool = False
) -> None:
    """Write matches and the rules they were answered by as JSON, as ``classify --json`` does.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    record = {
        **dataclasses.asdict(rules),
        "matches": [match_record(match, full_paths=full_paths) for match in matches],
    }
    text = json.dumps(record, indent=1, ensure_ascii=False)
    write_file(path, text.encode("utf-8", "backslashreplace"))


def write_suggestions(
    path: Path, records: Iterable[dict[str, Any]], *, full_paths: bool = False
) -> None:
    """Write pictures to label as a table with an empty column ``label``, to be filled in.

    Filled in, it is a table of labels as ``train --labels`` reads it.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    rows: list[Iterable[Any]] = [("path", "label", "unit", "row", "column", "pictures")]
    for one in records:
        told = _told(one["path"], full_paths)
        rows.append([told, None, *(one[name] for name in rows[0] if name in _PLACE)])
    _write_rows(path, rows)


def write_labels(path: Path, sources: Iterable[Source], *, full_paths: bool = False) -> None:
    """Write the labels of pictures as a table that can be read again, path and label.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    rows = ((_told(one.address, full_paths), one.label) for one in sources)
    _write_rows(path, [("path", "label"), *rows])


def write_skipped(path: Path, skipped: Iterable[Skipped], *, full_paths: bool = False) -> None:
    """Write files that were skipped, with the reasons, as :func:`write_matches` writes.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    rows = ((_told(one.path, full_paths), one.reason) for one in skipped)
    _write_rows(path, [("path", "reason"), *rows])


def write_assignments(path: Path, project: Project, *, full_paths: bool = False) -> None:
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
            told = _told(source.address, full_paths)
            rows.append((told, unit, row, column, distance, source.label))
    _write_rows(path, rows)


def _told(path: str, full: bool) -> str:
    return path if full else without_home(path)


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
