"""What a table says of pictures: their labels, and how much each counts."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import SourceError
from image2map_gui.core.home import with_home
from image2map_gui.core.images.listing import read_rows
from image2map_gui.core.images.sources import Source


def label_from_table(sources: Sequence[Source], table: Path) -> tuple[Source, ...]:
    """Give each picture the label that a CSV file with the columns path and label names for it.

    Pictures that are not named lose their label; see :func:`read_column` for paths and errors.
    """
    labels = read_column(sources, table, "label")
    return tuple(
        dataclasses.replace(source, label=label or None)
        for source, label in zip(sources, labels, strict=True)
    )


def weights_from_table(sources: Sequence[Source], table: Path) -> NDArray[np.float64]:
    """Return how much each picture counts, ``(n,)``, by a CSV file with columns path and weight.

    Pictures that are not named count 1; see :func:`read_column` for paths.

    Raises
    ------
    SourceError
        The table cannot be read, lacks a column, or holds a weight that is no number from 0 up.
    """
    weights = np.ones(len(sources))
    for place, text in enumerate(read_column(sources, table, "weight")):
        if text is None:
            continue
        try:
            weights[place] = float(text)
        except ValueError:
            weights[place] = math.nan
        if not 0 <= weights[place] < math.inf:
            raise SourceError(
                f"{table}: the weight '{text}' of {sources[place].address} is no number from 0 up."
            )
    return weights


def read_column(sources: Sequence[Source], table: Path, column: str) -> list[str | None]:
    """Return what a column of a CSV file says of each picture, ``None`` if it is not named.

    The file's first line names its columns, one of them ``path``. Paths may be absolute, begin
    with ``~/`` for the home folder, be relative to the table's folder, or plain file names.

    Raises
    ------
    SourceError
        The table cannot be read or lacks one of the two columns.
    """
    named = {with_home(row["path"]): row[column] for row in read_rows(table, column)}
    here = table.resolve().parent
    full = {_real(here / path): value for path, value in named.items()}

    def find(source: Source) -> str | None:
        whole = _real(Path(source.path)) if source.encoded else source.path
        beyond = source.address.removeprefix(source.path)
        for said, key in (
            (full, whole + beyond),
            (named, source.address),
            (named, Path(source.path).name + beyond),
        ):
            if key in said:
                return said[key] or None
        return None

    return [find(source) for source in sources]


def _real(path: Path) -> str:
    try:
        return str(path.resolve())
    except (OSError, RuntimeError, ValueError):  # a link to itself, a name that cannot be one
        return str(path)
