"""Winners of large maps for a fraction of the dense search, by bounds that leave few candidates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Indices = NDArray[np.intp]

_AXES = (8, 16, 32, 48, 64, 96, 128, 192, 256)  # how many axes a search may use
_FEW = 64  # axes that are tried before it is known how many are needed
_NEAR = 1.5  # how many times more or less axes an epoch may need than the one before
_PERSISTENCE = 5  # of so many epochs in a row without a gain, one tries all numbers of axes
SAMPLE = 128  # vectors that decide how many axes an epoch uses
_ROWS = 512  # vectors per step: their bounds stay in the processor's cache
_ROUNDS = 16  # rivals of one vector that are scored one by one before all units are
_UNITS = 800  # units that the axes are found from
_HOPE = 0.5  # share of the dense cost a search with a single candidate must stay below
_GAIN = 0.65  # share to stay below with all candidates: two threads speed up the product most
_RIDGE = 1e-12  # keeps the factor of nearly dependent columns real
_SHORTFALL = 16.0  # rounding of a squared length, in units of the type's precision

# Costs in multiply-adds of a large matrix product, measured on a 50x50 map of 784 features.
_BOUND_COST = 1.2  # a multiply-add of the product of width p, which is far from square
_TURN_COST = 1.5  # one of the product that turns the vectors
_LOOK_COST = 25  # looking at one number, as argmax does
_COPY_COST = 75  # copying one number and looking at it
_PAIR_COST = 100  # a multiply-add of a gathered pair
_PREPARATION = 1000  # finding axes and trying them, in dense searches for one vector


class Pruning:
    """What the searches of one training share: a sample of its vectors, and the axes found last.

    Parameters
    ----------
    vectors
        ``(n, d)``, all vectors of the training or some spread over them, as they enter a score.
    count
        How many vectors an epoch searches for; those given if left out.
    """

    def __init__(self, vectors: Floats, count: int | None = None) -> None:
        self._sample = vectors[:: -(-len(vectors) // SAMPLE) or 1]
        self._count = len(vectors) if count is None else count
        self._axes: Floats | None = None
        self._width = 0
        self._vain = 0  # epochs in a row without a gain

    def sieve(self, units: Floats, offsets: Floats) -> Sieve | None:
        """Return a search among ``units``, or ``None`` where the dense one is as fast.

        Parameters
        ----------
        units
            ``(k, d)``, rows in one piece.
        offsets
            ``(k,)``; the score of a vector is ``x.w - offset``.
        """
        widths = self._widths(*units.shape)
        if not widths:
            return None
        self._axes = _principal_axes(units, widths[-1], self._axes)
        turned = turned_to(units, offsets, self._axes)
        gained = self._width > 0
        self._width = _cheapest(turned, self._sample, widths)
        self._vain = 0 if gained or self._width else self._vain + 1
        return Sieve(turned.narrowed(self._width)) if self._width else None

    def _widths(self, units: int, features: int) -> list[int]:
        """Return the numbers of axes worth a try, ascending."""
        if not self._count:
            return []
        enough = (_HOPE - _PREPARATION / self._count) * _dense_cost(units, features)
        least, most = 0.0, min(float(_AXES[-1]), features, units)
        if self._width:
            least, most = self._width / _NEAR, min(most, max(_FEW, self._width * _NEAR))
        elif self._vain % _PERSISTENCE:
            most = min(most, _FEW)
        return [
            width
            for width in _AXES
            if least <= width <= most and _least_cost(units, features, width) < enough
        ]


class Sieve:
    """A search for the units of highest score among fixed units.

    Vectors and units are turned to orthonormal axes, the first ``p`` of which hold nearly all that
    the units are. By Cauchy and Schwarz the rest adds ``|x'||w'|`` to a score at most, where
    ``x'`` and ``w'`` are what the axes leave over; one product of width ``p + 2`` bounds the scores
    of all units. The unit of the highest bound is scored exactly, then only those units whose
    bound is not below the best score. The winner is that of the dense search, or one whose score
    differs from it by the rounding of such a score.
    """

    def __init__(self, turned: Turned) -> None:
        self._turned = turned
        self._across = turned.across()
        self._room = np.empty((_ROWS, len(turned.units)), turned.units.dtype)

    @property
    def axes(self) -> int:
        """How many axes the bounds use."""
        return len(self._turned.axes)

    def best(
        self, vectors: Floats, squares: Floats, without: Indices | None = None
    ) -> tuple[Indices, Floats]:
        """Find the unit of the highest score and that score, for vectors ``(m, d)``.

        ``squares`` ``(m,)`` are the squared lengths of the vectors; ``without`` ``(m,)`` names a
        unit for each that is left out. Returns two arrays ``(m,)``.
        """
        winners = np.empty(len(vectors), np.intp)
        best = np.empty(len(vectors), vectors.dtype)
        for start in range(0, len(vectors), _ROWS):
            rows = slice(start, start + _ROWS)
            left_out = None if without is None else without[rows]
            winners[rows], best[rows] = self._step(vectors[rows], squares[rows], left_out)
        return winners, best

    def _step(
        self, vectors: Floats, squares: Floats, without: Indices | None
    ) -> tuple[Indices, Floats]:
        bounds = self._bounds(vectors, squares)
        rows = np.arange(len(vectors))
        if without is not None:
            bounds[rows, without] = -np.inf
        winners: Indices = bounds.argmax(axis=1)
        best = self._turned.scores(vectors, winners)
        rivals = winners
        for _ in range(_ROUNDS):
            every = np.arange(len(rows))
            bounds[every, rivals] = -np.inf
            rivals = bounds.argmax(axis=1)
            still = np.flatnonzero(bounds[every, rivals] >= best[rows])
            if not len(still):
                return winners, best
            rows, rivals, bounds = rows[still], rivals[still], bounds[still]
            scores = self._turned.scores(vectors[rows], rivals)
            _take_better(winners, best, rows, rivals, scores)
        every_score = self._turned.all_scores(vectors[rows])
        if without is not None:
            every_score[np.arange(len(rows)), without[rows]] = -np.inf
        winners[rows] = every_score.argmax(axis=1)
        best[rows] = every_score.max(axis=1)
        return winners, best

    def _bounds(self, vectors: Floats, squares: Floats) -> Floats:
        """Return upper bounds ``(m, k)`` of all scores of vectors ``(m, d)``."""
        along = np.empty((len(vectors), self.axes + 2), vectors.dtype)
        places = np.matmul(vectors, self._turned.axes.T, out=along[:, :-2])
        along[:, -2] = _rest(squares, np.vecdot(places, places))
        along[:, -1] = 1
        return np.asarray(np.matmul(along, self._across, out=self._room[: len(vectors)]))


class Turned(NamedTuple):
    """Units on orthonormal axes.

    Attributes
    ----------
    units, offsets
        ``(k, d)`` and ``(k,)``, as given.
    axes
        ``(p, d)``, the most telling first.
    places
        ``(k, p)``, the units along the axes.
    rests
        ``(k,)``, the lengths of what the axes leave over.
    """

    units: Floats
    offsets: Floats
    axes: Floats
    places: Floats
    rests: Floats

    def narrowed(self, width: int) -> Turned:
        """Return the same units on the first ``width`` axes."""
        left = self.places[:, width:]
        return self._replace(
            axes=np.ascontiguousarray(self.axes[:width]),
            places=self.places[:, :width],
            rests=np.sqrt(np.vecdot(left, left) + self.rests**2),
        )

    def across(self) -> Floats:
        """Return the right side ``(p + 2, k)`` of the product that bounds the scores."""
        parts = [self.places.T, self.rests[None], -self.offsets[None]]
        return np.ascontiguousarray(np.concatenate(parts))

    def scores(self, vectors: Floats, chosen: Indices) -> Floats:
        """Return the score of each vector for one chosen unit, ``(m,)``."""
        return np.asarray(np.vecdot(vectors, self.units[chosen]) - self.offsets[chosen])

    def all_scores(self, vectors: Floats) -> Floats:
        """Return the scores of the vectors for all units, ``(m, k)``."""
        found = vectors @ self.units.T
        found -= self.offsets
        return np.asarray(found)


def turned_to(units: Floats, offsets: Floats, axes: Floats) -> Turned:
    """Turn units ``(k, d)`` to orthonormal axes ``(p, d)``; any will do, good ones prune well."""
    places = units @ axes.T
    rest = units - places @ axes  # not from the lengths: a smooth map leaves next to nothing over
    return Turned(units, offsets, axes, places, np.sqrt(np.vecdot(rest, rest)))


def _rest(squares: Floats, found: Floats) -> Floats:
    """Return the length left over of a vector, never too small for what rounding took from it."""
    shortfall = _SHORTFALL * float(np.finfo(squares.dtype).eps)
    return np.asarray(np.sqrt(np.maximum(squares - found, 0) + shortfall * squares))


def _take_better(
    winners: Indices, best: Floats, rows: Indices, rivals: Indices, scores: Floats
) -> None:
    """Let rivals win where they score higher; of equal ones the lower unit wins."""
    before = best[rows]
    better = (scores > before) | ((scores == before) & (rivals < winners[rows]))
    winners[rows[better]] = rivals[better]
    best[rows[better]] = scores[better]


def _dense_cost(units: int, features: int) -> float:
    """Estimate what the dense search costs for one vector: a product, a subtraction, a look."""
    return float(units * features + 2 * _LOOK_COST * units)


def _least_cost(units: int, features: int, width: int) -> float:
    """Estimate what one vector costs that has but one candidate."""
    product = width * (_BOUND_COST * units + _TURN_COST * features)
    return product + 2 * _LOOK_COST * units + _PAIR_COST * features


def _rivals_cost(units: int, features: int, rivals: Indices) -> float:
    """Estimate what vectors with so many further candidates cost, the mean of them."""
    each = _COPY_COST * units + _PAIR_COST * features
    dense = (rivals > _ROUNDS).mean() * _dense_cost(units, features)
    return float(np.minimum(rivals, _ROUNDS).mean() * each + dense)


def _cheapest(turned: Turned, sample: Floats, widths: list[int]) -> int:
    """Return how many axes make the search of these vectors cheapest, 0 if none pays."""
    units, features = turned.units.shape
    squares = np.asarray(np.vecdot(sample, sample))
    best = turned.all_scores(sample).max(axis=1)[:, None]
    along = sample @ turned.axes.T
    cheapest, chosen = _GAIN * _dense_cost(units, features), 0
    for width in widths:
        cost = _least_cost(units, features, width)
        if cost >= cheapest:
            break
        part = turned.narrowed(width)
        places = along[:, :width]
        ours = np.column_stack([places, _rest(squares, np.vecdot(places, places))])
        bounds = ours @ np.column_stack([part.places, part.rests]).T - turned.offsets
        rivals = np.maximum(np.count_nonzero(bounds >= best, axis=1) - 1, 0)
        cost += _rivals_cost(units, features, rivals)
        if cost < cheapest:
            cheapest, chosen = cost, width
    return chosen


def _principal_axes(units: Floats, count: int, before: Floats | None) -> Floats:
    """Return orthogonal axes ``(count, d)`` along which the units nearly lie, the longest first.

    One step of subspace iteration from the axes ``(p, d)`` of the epoch before, or from units, on
    some of the units only. The axes need not be exact, nor quite as long as 1: the bounds hold for
    all that are not longer.
    """
    some = units[:: max(1, len(units) // max(_UNITS, 2 * count))]
    some = some / max(float(np.abs(some).max()), float(np.finfo(units.dtype).tiny))
    start = some[:: max(1, len(some) // count)]
    if before is not None:
        start = np.concatenate([before, start])
    basis = _upright(start[:count].T)
    basis = _upright(some.T @ (some @ basis.astype(units.dtype)))
    places = (some @ basis.astype(units.dtype)).astype(np.float64)
    _, turn = np.linalg.eigh(places.T @ places)
    return np.ascontiguousarray((basis @ turn[:, ::-1]).T, units.dtype)


def _upright(columns: Floats) -> NDArray[np.float64]:
    """Return orthonormal columns that span those given, ``(d, p)``, but for the faintest of them.

    By the Cholesky factor of their products, in float64; the columns are taken by their lengths.
    """
    wide = columns / np.maximum(np.linalg.norm(columns, axis=0), np.finfo(columns.dtype).tiny)
    wide = wide.astype(np.float64)
    inner = wide.T @ wide
    inner[np.diag_indices(len(inner))] += _RIDGE
    return np.asarray(wide @ np.linalg.inv(np.linalg.cholesky(inner)).T)
