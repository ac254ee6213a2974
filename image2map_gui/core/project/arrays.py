"""Which arrays a project file may hold, and columns of texts as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.project.checks import require

Arrays = dict[str, NDArray[Any]]

_TEXTS = (
    "folder_paths",
    "folder_ways",
    "file_names",
    "label_names",
    "picture_members",
    "skipped_paths",
    "skipped_reasons",
)
ARRAYS = {
    "weights": "<f4",
    "hits": "<i8",
    "label_counts": "<i8",
    "distances": "<f8",
    "picture_units": "<i8",
    "picture_distances": "<f8",
    "projection_mean": "<f4",
    "projection_gain": "<f4",
    "projection_axes": "<f4",
    "projection_spread": "<f4",
    "exemplars": "|u1",
    "frame_weights": "<f4",
    "frame_units": "<i4",
    "frame_distances": "<f4",
    "frame_exemplars": "|u1",
    "run_weights": "<f4",
    "run_units": "<i8",
    "run_distances": "<f8",
    "run_projections": "<f4",
    "run_exemplars": "|u1",
    "run_thumbs": "|u1",
    "file_folders": "<i4",
    "file_sizes": "<i8",
    "file_times": "<i8",
    "file_hashes": "|u1",
    "picture_files": "<i4",
    "picture_kinds": "|u1",
    "picture_indices": "<i8",
    "picture_labels": "<i4",
    "picture_rows": "<i4",
    "embedded_vectors": "<f4",
    "embedded_thumbs": "|u1",
    **dict.fromkeys(_TEXTS, "|u1"),
    **{f"{name}_ends": "<i8" for name in _TEXTS},
}  # by name, of which type; there are no others


def packed_texts(name: str, texts: Sequence[str]) -> Arrays:
    """Return texts as one row of UTF-8 and the places where each of them ends.

    A file's name need not be text: what is none of it passes as it came.
    """
    coded = [text.encode("utf-8", "surrogatepass") for text in texts]
    ends = np.cumsum([len(code) for code in coded], dtype=np.int64)
    return {name: np.frombuffer(b"".join(coded), np.uint8), f"{name}_ends": ends}


def stored_texts(name: str, arrays: Arrays) -> list[str]:
    """Rebuild a column of texts; none if there is no such column."""
    require((name in arrays) == (f"{name}_ends" in arrays))
    if name not in arrays:
        return []
    letters, ends = arrays[name], arrays[f"{name}_ends"]
    require(letters.ndim == ends.ndim == 1)
    stops = np.concatenate([[0], ends])
    require(bool((np.diff(stops) >= 0).all()) and int(stops[-1]) == len(letters))
    data, places = letters.tobytes(), stops.tolist()
    return [data[start:stop].decode("utf-8", "surrogatepass") for start, stop in pairwise(places)]
