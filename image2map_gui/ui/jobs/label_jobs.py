"""The jobs that find labels for many pictures: by their units, or in a table."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.analysis.examples import examples_of
from image2map_gui.core.analysis.labels import (
    UnitLabels,
    frequency_labels,
    proximity_labels,
    unit_labels,
)
from image2map_gui.core.analysis.methods import FREQUENCY, PROXIMITY
from image2map_gui.core.errors import ParameterError, SourceError
from image2map_gui.core.images.collection import Labels
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.table import read_column
from image2map_gui.core.model import MapModel
from image2map_gui.ui.state import MapState


@dataclasses.dataclass(frozen=True)
class Naming:
    """How far it has come; the last step holds the labels of pictures by their addresses."""

    fraction: float
    labels: Labels | None = None

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return self.labels is not None


def spreading(
    model: MapModel,
    state: MapState,
    dataset: Dataset | None,
    by: str,
    units: NDArray[np.intp] | None = None,
) -> Iterator[Naming]:
    """Find labels for the pictures that have none: those that their units go by.

    Parameters
    ----------
    dataset
        The pictures on the map, as it sees them; only the labelling by proximity asks for them.
    by
        How units come to their labels.
    units
        Only pictures on these; ``None``: on all.

    Raises
    ------
    ParameterError
        Nothing is labelled yet, or the pictures are not in memory.
    """
    yield Naming(0.0)
    if not model.label_counts.any():
        raise ParameterError("No picture on the map has a label yet; label some first.")
    names, told = _told(model, dataset, by)
    yield Naming(0.7)
    where = np.zeros(0, np.intp) if state.units is None else state.units
    wanted = np.ones(len(where), bool) if units is None else np.isin(where, units)
    labels = {
        state.pictures[row].address: names[int(told.label[where[row]])]
        for row in np.flatnonzero(wanted).tolist()
        if state.pictures[row].label is None and told.label[where[row]] >= 0
    }
    yield Naming(1.0, labels)


def _told(model: MapModel, dataset: Dataset | None, by: str) -> tuple[tuple[str, ...], UnitLabels]:
    if by == PROXIMITY:
        if dataset is None:
            raise ParameterError(
                "The pictures are not in memory: go on training (F7), which reads them, or choose "
                "another way."
            )
        examples = examples_of(dataset)
        return examples.names, proximity_labels(model, examples)
    return model.label_names, frequency_labels(model) if by == FREQUENCY else unit_labels(model)


def reading_labels(sources: tuple[Source, ...], table: Path) -> Iterator[Naming]:
    """Read the labels of pictures from a table; those that it does not name keep what they have.

    Raises
    ------
    SourceError
        The table cannot be read, or names none of the pictures.
    """
    yield Naming(0.0)
    column = read_column(sources, table, "label")
    labels = {
        source.address: label
        for source, label in zip(sources, column, strict=True)
        if label is not None
    }
    if not labels:
        raise SourceError(f"{table}: names no picture of the collection with a label.")
    yield Naming(1.0, labels)
