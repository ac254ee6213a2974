"""What is measured on a whole collection: means and spreads (z-score), principal components."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LONG = 2048  # numbers; up to here covariances are quicker than pictures taken two by two
_MOST = 20_000  # pictures that axes are found from
_MOST_LONG = 1_500  # of long vectors
_BLOCK = 4096


@dataclasses.dataclass(frozen=True, eq=False)
class Projection:
    """Brings vectors ``(n, d)`` to what the map learns from, ``(n, p)``, and back.

    Attributes
    ----------
    mean, gain
        ``(d,)`` float32: a vector less the mean, times the gain, ...
    axes
        ... is turned onto these orthonormal axes, ``(p, d)``; ``None``: left as it is.
    spread
        ``(p,)``: and each number is divided by this; ones if not whitened.
    """

    mean: NDArray[np.float32]
    gain: NDArray[np.float32]
    axes: NDArray[np.float32] | None = None
    spread: NDArray[np.float32] | None = None

    @property
    def length(self) -> int:
        """Length of a projected vector, ``p``."""
        return len(self.mean if self.axes is None else self.axes)

    def apply(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Project vectors ``(n, d)``; the result ``(n, p)`` is float32 and new."""
        made = np.empty((len(vectors), self.length), np.float32)
        for start in range(0, len(vectors), _BLOCK):
            some = (vectors[start : start + _BLOCK] - self.mean) * self.gain
            turned = some if self.axes is None else some @ self.axes.T
            made[start : start + _BLOCK] = turned if self.spread is None else turned / self.spread
        return made

    def undo(self, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        """Bring projected vectors ``(n, p)`` back to ``(n, d)``; what was left out is the mean."""
        plain = np.asarray(vectors, np.float32)
        if self.spread is not None:
            plain = plain * self.spread
        if self.axes is not None:
            plain = plain @ self.axes
        back = np.divide(plain, self.gain, out=np.zeros_like(plain), where=self.gain > 0)
        return np.asarray(back + self.mean, np.float32)


def fit_projection(
    vectors: NDArray[np.float32],
    *,
    standardize: bool,
    variance: float | None,
    whiten: bool = False,
    mask: NDArray[np.float64] | None = None,
) -> Projection:
    """Measure means, spreads and principal components of vectors ``(n, d)``, n at least 1.

    Parameters
    ----------
    standardize
        Divide each number by its standard deviation; one that never changes is left as it is.
    variance
        Keep as many principal components as hold this share of the variance; ``None``: no axes.
        They are found from up to 20,000 of the vectors, evenly spaced.
    whiten
        Give every component the same spread.
    mask
        How much each number counts, ``(d,)``: axes are found, and distances measured, so.
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    gain = np.ones(len(mean)) if mask is None else np.sqrt(mask)
    if standardize:
        spread = _spreads(vectors, mean)
        gain = gain / np.where(spread > 0, spread, 1)
    plain = Projection(mean.astype(np.float32), gain.astype(np.float32))
    if variance is None:
        return plain
    axes, widths = _axes(plain.apply(_some(vectors)), variance)
    return dataclasses.replace(plain, axes=axes, spread=widths if whiten else None)


def _spreads(vectors: NDArray[np.float32], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    squares = np.zeros(len(mean))
    for start in range(0, len(vectors), _BLOCK):
        squares += np.square(vectors[start : start + _BLOCK] - mean).sum(axis=0)
    spreads = np.sqrt(squares / len(vectors))
    return np.where(spreads > 1e-6 * np.maximum(1, np.abs(mean)), spreads, 0)


def _some(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    most = _MOST if vectors.shape[1] <= _LONG else _MOST_LONG
    return vectors[:: -(-len(vectors) // most)]


def _axes(
    vectors: NDArray[np.float32], variance: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return axes ``(p, d)`` and the spread along each, ``(p,)``; at least one."""
    from sklearn.decomposition import PCA

    count, length = vectors.shape
    if not np.ptp(vectors, axis=0).any():  # all alike: any axis will do
        return np.eye(1, length, dtype=np.float32), np.ones(1, np.float32)
    solver = "covariance_eigh" if length <= _LONG and count > length else "full"
    found: Any = PCA(variance, svd_solver=solver).fit(vectors.astype(np.float64))
    widths = np.sqrt(np.maximum(found.explained_variance_, 1e-12))
    return found.components_.astype(np.float32), widths.astype(np.float32)
