"""Tables (CSV) that name pictures by their paths and say something of them."""

from __future__ import annotations

import csv
from pathlib import Path

from image2map_gui.core.errors import SourceError

SUFFIX = ".csv"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for one begins so


def read_rows(table: Path, *columns: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file that name a path, each with all that its columns say.

    Parameters
    ----------
    columns
        That the first line must name, besides ``path``.

    Raises
    ------
    SourceError
        The table cannot be read or lacks one of the columns.
    """
    wanted = ("path", *columns)
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, restval="")
            if not set(wanted) <= set(rows.fieldnames or ()):
                said = f"column{'s' if columns else ''} {' and '.join(wanted)}"
                raise SourceError(f"{table}: the first line must name the {said}.")
            return [_plain(row) for row in rows if row["path"]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        what = f"{columns[0]}s" if columns else "paths"
        raise SourceError(f"{table}: the {what} cannot be read ({error}).") from None


def marked(text: str) -> bool:
    """Whether text begins with the apostrophe that is written before what looks like a formula."""
    return text.startswith("'") and text[1:].startswith((*FORMULA, "'"))


def _plain(row: dict[str, str]) -> dict[str, str]:
    """Take that apostrophe away again."""
    return {
        name: text[1:] if isinstance(text, str) and marked(text) else text
        for name, text in row.items()
    }
