"""Clusters of units: which parts of the map belong together."""

from __future__ import annotations

import dataclasses
import heapq
import math
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.model import MapModel
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.quality.edges import edge_lengths, edges
from image2map_gui.core.som.quality.parts import Parts, whole, within

METHODS = ("ward", "k-means")
_MOSTLY = 0.5  # of the pictures of a cluster that make it worth a label's name
_MOST = 20  # clusters that are tried
_ROUNDS = 300  # of k-means
_MERGES = 100  # some 10 ms of work

Floats = NDArray[np.floating]
Numbers = NDArray[np.intp]


@dataclasses.dataclass(frozen=True, eq=False)
class Clusters:
    """The cluster of each unit, ``(k,)``, numbered by first unit; ``index`` is Davies-Bouldin's.

    A lower index means clusters that are tighter and farther apart; NaN of one cluster.
    """

    of_units: Numbers
    index: float

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.of_units.max()) + 1


def cluster_units(
    weights: Floats, grid: Grid, method: str = "ward", count: int | None = None
) -> Clusters:
    """Divide the units of a map, ``(k, d)``, into clusters by their weights.

    Parameters
    ----------
    method
        ``ward`` merges neighbours on the lattice, so that each cluster is one region of the map
        (Ward 1963, with contiguity); ``k-means`` begins with Ward's clusters and lets each unit
        go to the nearest mean, wherever it is on the lattice.
    count
        Number of clusters, 1 to k; ``None`` takes that of 2 to sqrt(k), at most 20, with the
        lowest index of Davies and Bouldin (1979), as Vesanto and Alhoniemi (2000) do.

    Raises
    ------
    ParameterError
        There is no such method, or not as many units.
    """
    return whole(cluster_parts(weights, grid, method, count))


def cluster_parts(
    weights: Floats, grid: Grid, method: str = "ward", count: int | None = None
) -> Parts[Clusters]:
    """Work out :func:`cluster_units` part by part."""
    if method not in METHODS:
        raise ParameterError(f"There is no method '{method}': {', '.join(METHODS)}.")
    units = len(weights)
    if count is not None and not 1 <= count <= units:
        raise ParameterError(f"{count} clusters of {units} units are not possible.")
    if not np.ptp(weights, axis=0).any():
        return Clusters(np.zeros(units, np.intp), math.nan)
    most = min(_MOST, max(2, math.isqrt(units)), units)
    wanted = range(2, most + 1) if count is None else [count]
    merges = yield from within(0.0, 0.5, ward_merges(weights, grid))
    best: Clusters | None = None
    for done, number in enumerate(wanted, 1):
        found = cut(merges, units, number)
        if method == "k-means":
            share = 0.5 + 0.5 * (done - 1) / len(wanted)
            found = yield from within(share, share, _moved_to_means(weights, found))
        tried = _numbered(weights, found)
        if best is None or tried.index < best.index or math.isnan(best.index):
            best = tried
        yield 0.5 + 0.5 * done / len(wanted)
    if best is None or (count is None and math.isnan(best.index)):
        return Clusters(np.zeros(units, np.intp), math.nan)
    return best


def _numbered(weights: Floats, found: Numbers) -> Clusters:
    _, first, places = np.unique(found, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    return Clusters(rank[places], davies_bouldin(weights, rank[places]))


# --- Ward ---------------------------------------------------------------------------------------


def ward_merges(weights: Floats, grid: Grid) -> Parts[NDArray[np.intp]]:
    """Merge neighbouring clusters, the two that add least to the squares first, down to one.

    Merging clusters of ``a`` and ``b`` units adds ``a b / (a + b) |mean_a - mean_b|^2`` to the sum
    of squared distances from the means (Ward 1963). Clusters are neighbours if two of their units
    are. A cluster is called by one of its units.

    Returns
    -------
    ndarray
        ``(k - 1, 2)``: which cluster stays and which goes into it, in the order of merging.
    """
    means = np.array(weights)  # of the clusters, at the place of the unit they are called by
    sizes = np.ones(len(means))
    first, second = edges(grid)
    near: list[set[int]] = [set() for _ in range(len(means))]
    for unit, other in zip(first.tolist(), second.tolist(), strict=True):
        near[unit].add(other)
    once = first < second
    first, second = first[once], second[once]
    costs = np.square(edge_lengths(weights, first, second, "euclidean")) / 2
    waiting = list(zip(costs.tolist(), first.tolist(), second.tolist(), strict=True))
    heapq.heapify(waiting)
    cheapest = {(unit, other): cost for cost, unit, other in waiting}
    merges = np.empty((len(means) - 1, 2), np.intp)
    for done in range(len(merges)):
        while True:
            cost, stays, goes = heapq.heappop(waiting)
            if cheapest.get((stays, goes)) == cost:  # else one of them has changed meanwhile
                break
        merges[done] = stays, goes
        _merge(means, sizes, stays, goes)
        for other in near[goes]:
            cheapest.pop((min(other, goes), max(other, goes)), None)
            near[other].discard(goes)
            near[other].add(stays)
        near[stays] = (near[stays] | near[goes]) - {stays, goes}
        near[goes] = set()
        near[stays].discard(stays)
        others = sorted(near[stays])
        for other, more in zip(others, _costs(means, sizes, stays, others), strict=True):
            pair = min(stays, other), max(stays, other)
            cheapest[pair] = more
            heapq.heappush(waiting, (more, *pair))
        if done % _MERGES == 0:
            yield done / len(merges)
    return merges


def _merge(means: Floats, sizes: NDArray[np.float64], stays: int, goes: int) -> None:
    share = sizes[goes] / (sizes[stays] + sizes[goes])
    means[stays] += (means[goes] - means[stays]) * share
    sizes[stays] += sizes[goes]


def _costs(
    means: Floats, sizes: NDArray[np.float64], cluster: int, others: list[int]
) -> list[float]:
    """Return what merging a cluster with each of the others would add."""
    apart = means[others] - means[cluster]
    squares = np.einsum("ij,ij->i", apart, apart)
    weight = sizes[others] * sizes[cluster] / (sizes[others] + sizes[cluster])
    costs: list[float] = (weight * squares).tolist()
    return costs


def cut(merges: NDArray[np.intp], units: int, count: int) -> Numbers:
    """Return the cluster of each unit, called by a unit, when so many are left."""
    found = np.arange(units)
    for stays, goes in merges[: units - count][::-1].tolist():
        found[goes] = found[stays]
    return found


# --- k-means ------------------------------------------------------------------------------------


def _moved_to_means(weights: Floats, found: Numbers) -> Parts[Numbers]:
    """Move units to the cluster with the nearest mean until none moves (Lloyd 1982)."""
    _, found = np.unique(found, return_inverse=True)
    means = _means(weights, found)
    for done in range(_ROUNDS):
        scores = weights @ means.T - np.einsum("ij,ij->i", means, means) / 2
        moved = np.asarray(scores.argmax(axis=1), np.intp)
        if np.array_equal(moved, found):
            break
        found = moved
        means = np.where(np.bincount(found, minlength=len(means))[:, None] > 0,
                         _means(weights, found, len(means)), means)  # fmt: skip
        yield done / _ROUNDS
    return found


def _means(weights: Floats, found: Numbers, count: int = 0) -> Floats:
    """Return the mean of each cluster, ``(clusters, d)``; zeros of an empty one."""
    count = max(count, int(found.max()) + 1)
    members = np.zeros((count, len(found)), weights.dtype)
    members[found, np.arange(len(found))] = 1
    sizes = np.maximum(members.sum(axis=1), 1)
    return np.asarray((members / sizes[:, None]) @ weights)


def davies_bouldin(weights: Floats, found: Numbers) -> float:
    """Return how badly clusters ``(k,)``, numbered from 0, are told apart.

    The mean over the clusters of the worst ``(s_i + s_j) / d_ij``: ``s`` is the mean distance of
    a cluster's units from their mean, ``d`` the distance of two means (Davies and Bouldin 1979).
    NaN of one cluster, or of as many clusters as units.
    """
    count = int(found.max()) + 1
    if not 1 < count < len(found):
        return math.nan
    means = _means(weights, found)
    apart = weights - means[found]
    lengths = np.sqrt(np.einsum("ij,ij->i", apart, apart))
    spreads = np.bincount(found, lengths) / np.bincount(found)
    between = np.linalg.norm(means[:, None] - means[None], axis=2)
    ratios = np.divide(
        spreads[:, None] + spreads[None], between, out=np.zeros_like(between), where=between > 0
    )
    return float(ratios.max(axis=1).mean())


def cluster_labels(model: MapModel, of_units: NDArray[np.intp]) -> list[str]:
    """Say of each cluster which label most of its pictures carry; empty where no label does."""
    words = []
    for cluster in range(int(of_units.max()) + 1):
        counts = model.label_counts[of_units == cluster].sum(axis=0)
        total, most = int(counts.sum()), int(counts.max(initial=0))
        name = model.label_names[int(counts.argmax())] if total else ""
        worth = total and most >= _MOSTLY * total
        words.append("" if not worth else name if most == total else f"mostly {name}")
    return words


def cluster_names(model: MapModel, of_units: NDArray[np.intp]) -> tuple[str, ...]:
    """Name clusters by the label that most of their pictures carry, else by their number.

    No two have the same name.
    """
    names, seen = [], Counter[str]()
    for number, words in enumerate(cluster_labels(model, of_units), 1):
        name = words or f"Cluster {number}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)
