"""Puts one question to every picture: to files in helper processes, to all else right here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from image2map_gui.core.images.helper import Answer, Function, answer
from image2map_gui.core.images.pool import apart
from image2map_gui.core.images.sources import Source
from image2map_gui.core.progress import Breath

_WORTH_A_HELPER = 32  # pictures


def each(function: Function, sources: Sequence[Source]) -> Iterator[tuple[int, Answer] | None]:
    """Call a function on all pictures and yield places and answers, in any order.

    ``None`` comes when there is nothing to tell for some 30 ms. See
    :func:`~image2map_gui.core.images.pool.apart` for the function and its answers.
    """
    breath = Breath()
    files = []
    for place, source in enumerate(sources):
        if source.encoded:
            files.append(place)
        else:
            yield place, answer(function, source)
        if breath.due():
            yield None
    most = 1 + len(files) // _WORTH_A_HELPER
    for one in apart(function, [sources[place] for place in files], most=most):
        yield None if one is None else (files[one.index], one.answer)
