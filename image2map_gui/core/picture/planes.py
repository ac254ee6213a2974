"""What can be said of each unit by its weights and by the pictures that lie on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel
from image2map_gui.core.picture.cells import cells_of
from image2map_gui.core.picture.plane import BETWEEN, WALLS, Plane, Values, between_its_ends
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.quality.edges import edge_lengths, edges
from image2map_gui.core.som.quality.expanded import expanded_u_matrix
from image2map_gui.core.som.quality.parts import Parts
from image2map_gui.core.som.quality.u_matrix import u_matrix
from image2map_gui.core.som.winners import distances_between, nearest_blocks

_DENSE = 64  # components up to which all axes are found, not only the first
_NOTHING = 1e-30  # squared differences that are none
_CHANNELS = {"rgb": ("red", "green", "blue"), "lab": ("L", "a", "b")}
_LIGHTNESS = np.array([0.299, 0.587, 0.114])  # of red, green and blue (ITU-R BT.601)


def u_matrix_plane(model: MapModel, statistic: str = "mean") -> Plane:
    """Distance of each unit to its neighbours, see :func:`u_matrix`."""
    heights = u_matrix(model.weights, model.grid, model.metric, statistic)
    return between_its_ends("U-matrix", heights, f"{statistic} distance to the neighbours")


def expanded_plane(model: MapModel) -> Plane:
    """Distances between neighbours in cells between theirs, see :func:`expanded_u_matrix`."""
    grid = model.grid
    table = expanded_u_matrix(model.weights, grid, model.metric)
    rows, columns = grid.cells.T
    values = table[2 * rows, 2 * columns + (rows % 2 if grid.hexagonal else 0)]
    return between_its_ends(
        "U-matrix, expanded", values, "distance of neighbours", form=BETWEEN, details=table
    )


def walls_plane(model: MapModel) -> Plane:
    """Distances of neighbours whose cells touch, drawn as walls between the cells."""
    grid = model.grid
    first, second = edges(grid, 4 if 4 in grid.adjacencies else None)
    lengths = edge_lengths(model.weights, first, second, model.metric)
    counts = np.bincount(first, minlength=grid.units)
    heights = np.bincount(first, lengths, minlength=grid.units) / np.maximum(counts, 1)
    pairs, _ = cells_of(grid).walls
    places = np.searchsorted(first * grid.units + second, pairs[:, 0] * grid.units + pairs[:, 1])
    unit = "mean distance to the neighbours"
    walls = lengths[places]
    return between_its_ends("Walls", heights, unit, "viridis", form=WALLS, details=walls)


def hits_plane(hits: NDArray[np.integer[Any]]) -> Plane:
    """Pictures per unit, ``(k,)``."""
    counts = hits.astype(np.float64)
    return Plane("Hits", counts, "pictures", high=max(1.0, float(counts.max(initial=0))))


def empty_plane(hits: NDArray[np.integer[Any]]) -> Plane:
    """Which units no picture belongs to."""
    return Plane("Empty units", (hits == 0).astype(np.float64), kinds=("with pictures", "empty"))


def error_plane(
    units: NDArray[np.integer[Any]], distances: NDArray[np.floating[Any]], count: int
) -> Plane:
    """Mean distance of each unit's pictures, of pictures ``(n,)`` with unit and distance."""
    sums = np.bincount(units, distances, minlength=count)
    hits = np.bincount(units, minlength=count)
    means = np.divide(sums, hits, out=np.full(count, np.nan), where=hits > 0)
    return between_its_ends("Quantization error", means, "mean distance of the pictures")


def topographic_parts(model: MapModel, vectors: NDArray[np.float32] | None) -> Parts[Plane]:
    """Find the two nearest units of the map's pictures ``(n, d)``, and where they lie apart.

    Raises
    ------
    ParameterError
        The pictures are not there.
    """
    if vectors is None:
        raise ParameterError(
            "Topographic errors need the pictures in memory: train the map or go on training (F7)."
        )
    if model.grid.units == 1:  # it has no second unit
        return Plane("Topographic error", np.full(1, np.nan), "of the pictures")
    best = np.zeros((len(vectors), 2), np.intp)
    for rows, units, _ in nearest_blocks(vectors, model.weights, model.metric, 2):
        best[rows] = units
        yield rows.stop / len(vectors)
    return topographic_error_plane(best[:, 0], best[:, 1], model)


def topographic_error_plane(
    units: NDArray[np.integer[Any]], seconds: NDArray[np.integer[Any]], model: MapModel
) -> Plane:
    """Share of each unit's pictures whose second-best unit is no neighbour of it."""
    torn = ~model.grid.adjacent(units.astype(np.intp), seconds.astype(np.intp))
    sums = np.bincount(units, torn.astype(np.float64), minlength=model.grid.units)
    hits = np.bincount(units, minlength=model.grid.units)
    shares = np.divide(sums, hits, out=np.full(len(hits), np.nan), where=hits > 0)
    return Plane("Topographic error", shares, "of the pictures")


# --- components ---------------------------------------------------------------------------------


def has_pixels(spec: ImageSpec) -> bool:
    """Whether the components of the weights are pixels, or channels of them."""
    return spec.plain and spec.reduction == "none"


def channels_of(spec: ImageSpec) -> tuple[str, ...]:
    """Return the names of the channels of a pixel; none of grey ones."""
    count = spec.shape[2]
    return _CHANNELS.get(spec.colour) or tuple(
        f"channel {place + 1}" for place in range(count if count > 1 else 0)
    )


def component_plane(
    weights: NDArray[np.float32], spec: ImageSpec, index: int, *, lightness: bool = False
) -> Plane:
    """One number of all weights: a pixel or a channel of it, a feature, a principal component.

    With ``lightness`` that of the whole pixel, if it has red, green and blue.

    Raises
    ------
    ParameterError
        The weights are not that long.
    """
    length = weights.shape[1]
    if not 0 <= index < length:
        raise ParameterError(f"There is no component {index}: there are {length:,}, 0 the first.")
    if not (lightness and has_pixels(spec) and spec.colour == "rgb"):
        values = weights[:, index].astype(np.float64)
        return between_its_ends(component_name(spec, index), values, "", "viridis")
    start = index - index % 3
    values = weights[:, start : start + 3].astype(np.float64) @ _LIGHTNESS
    return between_its_ends(f"{_pixel_name(spec, index)}, lightness", values, "", "viridis")


def component_name(spec: ImageSpec, index: int) -> str:
    """Say which pixel, or else which number, a component is."""
    if not has_pixels(spec):
        return f"Component {index}"
    channels = channels_of(spec)
    channel = f", {channels[index % len(channels)]}" if channels else ""
    return _pixel_name(spec, index) + channel


def _pixel_name(spec: ImageSpec, index: int) -> str:
    _, width, channels = spec.shape
    row, column = divmod(index // channels, width)
    return f"Pixel in row {row + 1}, column {column + 1}"


def principal_plane(model: MapModel, index: int = 0) -> Plane:
    """Where the weights lie along one of the axes on which they differ most, 0 the first.

    Which end is the high one is not given: it is the one that lies farther out.

    Raises
    ------
    ParameterError
        There are not as many axes.
    """
    axes = min(model.weights.shape)
    if not 0 <= index < axes:
        raise ParameterError(f"There is no axis {index}: there are {axes:,}, 0 the first.")
    values, share = _along_axis(model.weights, index)
    top = max(float(np.abs(values).max()), 1e-12)
    if values.max() < top:
        values = -values
    words = f"along axis {index + 1} ({share:.0%} of the differences)"
    return Plane("Principal component", values, words, "two-sided", -top, top)


def _along_axis(weights: NDArray[np.float32], index: int) -> tuple[Values, float]:
    """Return places along a principal axis, and its share of all squared differences."""
    from scipy.linalg import eigh
    from scipy.sparse.linalg import eigsh

    length = min(weights.shape)
    dense = length <= _DENSE or index >= length // 8
    precise: Any = np.float64 if dense else np.float32
    centred = (weights - weights.mean(axis=0, dtype=np.float64)).astype(precise)
    wide = weights.shape[1] > weights.shape[0]
    products = centred @ centred.T if wide else centred.T @ centred
    total = float(np.trace(products, dtype=np.float64))
    if total < _NOTHING:
        return np.zeros(len(weights)), 0.0
    if dense:
        place = length - 1 - index
        squares, axes = eigh(products, subset_by_index=[place, place])
    else:
        # Not all ones: what is centred has nothing in that direction.
        start = np.random.default_rng(0).standard_normal(length).astype(products.dtype)
        squares, axes = eigsh(products, index + 1, v0=start)
        order = np.argsort(squares)[:1]  # the smallest of the largest
        squares, axes = squares[order], axes[:, order]
    square = max(float(squares[0]), 0.0)
    along = axes[:, 0] * np.sqrt(square) if wide else centred @ axes[:, 0]
    return along.astype(np.float64), square / total


def distance_plane(
    weights: NDArray[np.floating],
    metric: Metric,
    vector: NDArray[np.floating],
    title: str = "Distance",
) -> Plane:
    """Distance of a picture ``(d,)``, as the map sees it, to every unit ``(k, d)``."""
    if metric.by_products and not metric.by_angle:  # live: in the precision of the weights
        apart = metric.placed(weights) - metric.placed(vector[None].astype(weights.dtype))
        values = np.sqrt(np.einsum("ij,ij->i", apart, apart)).astype(np.float64)
    else:
        values = distances_between(np.broadcast_to(vector, weights.shape), weights, metric)
    return between_its_ends(title, values, "", "viridis")
