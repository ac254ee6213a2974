"""Which pictures are meant: by a text in their names, or by a list of names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath

import numpy as np

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.collection import Rows
from image2map_gui.core.images.sources import Source

_QUOTES = "\"'"


def by_text(sources: Sequence[Source], text: str, *, expression: bool = False) -> Rows:
    """Return the rows of the pictures whose names contain a text, large or small letters alike.

    Parameters
    ----------
    expression
        Whether the text is a regular expression, to be found anywhere in a name.

    Raises
    ------
    ParameterError
        It is no regular expression.
    """
    try:
        pattern = re.compile(text if expression else re.escape(text), re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ParameterError(f"This is no regular expression: {error}.") from None
    found = [row for row, source in enumerate(sources) if pattern.search(source.name)]
    return np.array(found, np.intp)


def by_names(sources: Sequence[Source], lines: Iterable[str]) -> tuple[Rows, tuple[str, ...]]:
    """Return the rows of the pictures that a list names, and the lines that name none.

    A line names a picture by where it is, by its name, or by its name without ending; a name that
    several pictures have names all of them. Empty lines do not count, nor do quotes around a line.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for row, source in enumerate(sources):
        for name in {source.address, source.name, PurePath(source.name).stem}:
            places[name].append(row)
    rows: set[int] = set()
    unknown: dict[str, None] = {}
    for line in lines:
        name = line.strip()
        if len(name) > 1 and name[0] == name[-1] and name[0] in _QUOTES:
            name = name[1:-1]
        if name in places:
            rows.update(places[name])
        elif name:
            unknown[name] = None
    return np.array(sorted(rows), np.intp), tuple(unknown)
