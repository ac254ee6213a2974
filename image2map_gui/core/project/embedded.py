"""Pictures that come with a project, in small, so that it is whole without their files."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.projection import Projection
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project.arrays import Arrays
from image2map_gui.core.project.checks import require

THUMBNAILS, VECTORS = "thumbnails", "vectors"
EMBED = ("no", THUMBNAILS, VECTORS)


@dataclasses.dataclass(frozen=True, eq=False)
class Embedded:
    """The pictures of a project, one for each of its sources, in their order.

    Attributes
    ----------
    vectors
        As its map sees them, ``(n, d)`` float32; ``None``: they do not come with it.
    thumbs
        As they were prepared, ``(n, height, width, channels)``; ``None``: the vectors tell.
    """

    vectors: NDArray[np.float32] | None = None
    thumbs: NDArray[np.uint8] | None = None

    @property
    def what(self) -> str:
        """Which of :data:`EMBED` it is."""
        return THUMBNAILS if self.vectors is None else VECTORS

    def take(self, rows: NDArray[np.intp]) -> Embedded:
        """Return some of the pictures, in the order of ``rows``."""
        vectors, thumbs = self.vectors, self.thumbs
        return Embedded(
            None if vectors is None else vectors[rows], None if thumbs is None else thumbs[rows]
        )


def embedded_of(dataset: Dataset, what: str, sources: tuple[Source, ...]) -> Embedded | None:
    """Return pictures to come with a project; ``what`` is one of :data:`EMBED`.

    Raises
    ------
    ParameterError
        Not all of the ``sources`` are in the dataset.
    """
    if what == "no":
        return None
    if dataset.sources != sources:
        rows = {source.address: row for row, source in enumerate(dataset.sources)}
        places = [rows.get(source.address, -1) for source in sources]
        if -1 in places:
            raise ParameterError("Pictures that were not read cannot come with a project.")
        dataset = dataset.take(np.array(places, np.intp))
    wanted = what == THUMBNAILS or not dataset.spec.plain
    thumbs = dataset.pictures(np.arange(len(dataset))) if wanted else None
    return Embedded(None if what == THUMBNAILS else dataset.vectors, thumbs)


def embedded_arrays(embedded: Embedded) -> Arrays:
    """Return the arrays of pictures that come with a project."""
    found = {"embedded_vectors": embedded.vectors, "embedded_thumbs": embedded.thumbs}
    return {name: array for name, array in found.items() if array is not None}


def stored_embedded(
    arrays: Arrays, spec: ImageSpec, projection: Projection | None, count: int
) -> Embedded | None:
    """Rebuild the pictures that come with a project of so many."""
    vectors, thumbs = arrays.get("embedded_vectors"), arrays.get("embedded_thumbs")
    if vectors is None and thumbs is None:
        return None
    length = spec.length if projection is None else projection.length
    require(vectors is None or vectors.shape == (count, length))
    require(thumbs is None or thumbs.shape == (count, *spec.shape))
    require(vectors is None or (thumbs is None) == spec.plain)
    return Embedded(vectors, thumbs)
