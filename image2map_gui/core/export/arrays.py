"""The weights of a map as arrays, as NPZ."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from image2map_gui.core.export.writing import write_file
from image2map_gui.core.model import MapModel


def write_weights(path: Path, model: MapModel) -> None:
    """Write the weights with what they need to be understood, as an NPZ file.

    ``weights`` (units, features) in the scale of the training, ``positions`` (units, 2), ``rows``,
    ``columns``, ``topology``, ``tiling`` and ``range``: the numbers of black and white, NaN where
    the features are no pixels.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    pixels = model.spec.plain and not model.spec.fitted
    file = io.BytesIO()
    np.savez(
        file,
        weights=model.weights,
        positions=model.grid.centres,
        rows=np.int64(model.params.rows),
        columns=np.int64(model.params.columns),
        topology=np.str_(model.params.topology),
        tiling=np.str_(model.params.tiling),
        range=np.array(model.spec.limits if pixels else (np.nan, np.nan)),
    )
    write_file(path, file.getvalue())
