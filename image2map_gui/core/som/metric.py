"""How far apart two vectors are: a metric with, if wanted, a weight for each component."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError

Floats = NDArray[np.floating]
_ANGLES = frozenset({"cosine", "correlation"})


@dataclasses.dataclass(frozen=True, eq=False)
class Metric:
    """A metric by its name, with the weights of the components.

    Attributes
    ----------
    name
        ``euclidean``, ``cosine``, ``correlation``, ``manhattan``, ``chebyshev``, or
        ``minkowski:p`` with a number ``p``.
    mask
        How much each component counts, ``(d,)``, none below 0; ``None``: all the same. With
        ``m`` the mask, Euclidean is ``sqrt(sum m (x - w)^2)``, Minkowski
        ``(sum m |x - w|^p)^(1/p)``, Manhattan ``sum m |x - w|``, Chebyshev
        ``max m |x - w|``; cosine and correlation are those of the weighted inner product
        ``sum m x w``, correlation with the weighted mean taken away.

    Raises
    ------
    ParameterError
        The mask holds something else than finite numbers from 0 upwards, or nothing above 0.
    """

    name: str
    mask: Floats | None = None

    def __post_init__(self) -> None:
        mask = self.mask
        if mask is None:
            return
        if mask.ndim != 1 or not (np.isfinite(mask) & (mask >= 0)).all() or not mask.any():
            raise ParameterError(
                "A mask needs one weight per component: none below 0, at least one above."
            )

    @property
    def plain(self) -> bool:
        """Whether all components count the same."""
        return self.mask is None

    @property
    def by_angle(self) -> bool:
        """Whether only the direction of a vector counts, not its length."""
        return self.name in _ANGLES

    @property
    def by_products(self) -> bool:
        """Whether comparing is a product of vectors, fast for many at once."""
        return self.by_angle or self.name == "euclidean"

    @property
    def order(self) -> float:
        """The order of the norm that this metric is; 2 for those of inner products."""
        if self.by_products:
            return 2.0
        known = {"manhattan": 1.0, "chebyshev": np.inf}
        name = self.name
        return known[name] if name in known else float(name.removeprefix("minkowski:"))

    def placed(self, vectors: Floats, centre: Floats | None = None) -> Floats:
        """Bring vectors or weights ``(m, d)`` to where this metric is the one of equal weights.

        Without their mean for the correlation (whose metric there is the cosine), without
        ``centre`` if there is one, and stretched by the mask.
        """
        moved = vectors
        if self.name == "correlation":
            moved = moved - self._means(moved)
        elif centre is not None:
            moved = moved - centre
        if self.mask is None:
            return moved
        scale = self.mask ** (1 / self.order) if np.isfinite(self.order) else self.mask
        return np.asarray(moved * scale.astype(moved.dtype))

    def _means(self, vectors: Floats) -> Floats:
        if self.mask is None:
            return np.asarray(vectors.mean(axis=1, keepdims=True))
        shares = (self.mask / self.mask.sum()).astype(vectors.dtype)
        return np.asarray((vectors @ shares)[:, None])


def metric_of(metric: str | Metric) -> Metric:
    """Return a metric that may be given by its name alone."""
    return metric if isinstance(metric, Metric) else Metric(metric)
