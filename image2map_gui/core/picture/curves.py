"""How the figures of a training went from epoch to epoch, as drawings."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from image2map_gui.core.picture.scene import Colour, Line, Part, Polygon, Scene, Text
from image2map_gui.core.som.train import EpochFigures

_WIDTH, _HEIGHT = 420.0, 210.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 14.0, 36.0, 34.0
_INK: Colour = (33, 92, 152)
_GRID: Colour = (222, 222, 222)
_MARK: Colour = (196, 88, 20)
_FAINT: Colour = (95, 95, 95)
_MOST_POINTS = 600

Of = Callable[[EpochFigures], float | None]

CURVES: tuple[tuple[str, Of], ...] = (
    ("Quantization error", lambda one: one.quantization_error),
    ("Topographic error", lambda one: one.topographic_error),
    ("Radius", lambda one: one.radius),
    ("Rate", lambda one: one.rate),
)


def curve_views(history: Sequence[EpochFigures]) -> list[tuple[str, Scene]]:
    """Draw each figure that was noted over the epochs; with fewer than two there is no curve."""
    made = []
    for title, of in CURVES:
        known = [(one.epoch, value) for one in history if _finite(value := of(one))]
        points = [(float(epoch), float(value)) for epoch, value in known if value is not None]
        if len(points) > 1:
            marks = [float(one.epoch) for one in history if one.change and one.change.turns]
            made.append((title, _curve(title, points, marks)))
    return made


def _curve(title: str, points: list[tuple[float, float]], marks: list[float]) -> Scene:
    first, last = points[0][0], points[-1][0]
    high = max(value for _, value in points)
    top = _ceiling(high)

    def at(epoch: float, value: float) -> tuple[float, float]:
        across = (epoch - first) / max(last - first, 1e-9)
        return (
            _LEFT + across * (_WIDTH - _LEFT - _RIGHT),
            _HEIGHT - _BOTTOM - value / top * (_HEIGHT - _TOP - _BOTTOM),
        )

    parts: list[Part] = [Text(12, 22, title, 13, bold=True)]
    for share in (0, 0.5, 1):
        x, y = at(first, share * top)
        parts.append(Line((x, y), (_WIDTH - _RIGHT, y), _GRID, 0.8))
        parts.append(Text(x - 6, y + 4, f"{share * top:.3g}", 10.5, _FAINT, "right"))
    base = _HEIGHT - _BOTTOM + 15
    parts.append(Text(_LEFT, base, f"{first:,.0f}", 10.5, _FAINT))
    parts.append(Text((_LEFT + _WIDTH - _RIGHT) / 2, base, "epoch", 10.5, _FAINT, "middle"))
    parts.append(Text(_WIDTH - _RIGHT, base, f"{last:,.0f}", 10.5, _FAINT, "right"))
    step = math.ceil(len(points) / _MOST_POINTS)
    drawn = [*points[:-1:step], points[-1]]
    ends = [at(*point) for point in drawn]
    parts += [Line(a, b, _INK, 1.8) for a, b in itertools.pairwise(ends)]
    for epoch in marks:
        x, y = at(epoch, 0)
        parts.append(Polygon(((x, y - 8), (x - 4, y), (x + 4, y)), _MARK))
    return Scene(_WIDTH, _HEIGHT, tuple(parts))


def _ceiling(high: float) -> float:
    """Return the next round number that is not below."""
    if high <= 0:
        return 1.0
    scale = 10.0 ** math.floor(math.log10(high))
    return next(step * scale for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * scale >= high)


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
