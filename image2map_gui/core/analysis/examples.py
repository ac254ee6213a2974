"""Labelled training pictures in memory, for answers that come from them and not from units."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.dataset import Dataset


@dataclasses.dataclass(frozen=True, eq=False)
class Examples:
    """Labelled pictures as the map sees them.

    Attributes
    ----------
    vectors
        ``(n, d)``.
    labels
        The place of each picture's label in ``names``, ``(n,)``.
    rows
        The place of each in the dataset they were taken from, ``(n,)``.
    addresses
        Of each, ``(n,)``, where it is known.
    """

    vectors: NDArray[np.float32]
    labels: NDArray[np.intp]
    names: tuple[str, ...]
    rows: NDArray[np.intp]
    addresses: tuple[str, ...] = ()

    def places_of(self, addresses: Sequence[str]) -> NDArray[np.intp]:
        """Return the place of each picture among these, -1 for those that are not there."""
        place = {address: index for index, address in enumerate(self.addresses)}
        return np.array([place.get(address, -1) for address in addresses], np.intp)


def examples_of(dataset: Dataset) -> Examples:
    """Take the labelled pictures of a dataset that was read, and projected, already.

    Raises
    ------
    ParameterError
        No picture has a label.
    """
    told = dataset.labels
    rows = np.array([row for row, label in enumerate(told) if label is not None], np.intp)
    if not len(rows):
        raise ParameterError("No training picture has a label; label some first.")
    names, labels = np.unique([str(told[row]) for row in rows.tolist()], return_inverse=True)
    addresses = tuple(dataset.sources[row].address for row in rows.tolist())
    vectors = dataset.vectors if len(rows) == len(dataset) else dataset.vectors[rows]
    return Examples(vectors, np.asarray(labels, np.intp), tuple(names.tolist()), rows, addresses)
