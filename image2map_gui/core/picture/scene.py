"""A drawing made of few kinds of parts, to be shown in a window or written to a file."""

from __future__ import annotations

import dataclasses
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Colour: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[float, float]


@dataclasses.dataclass(frozen=True, eq=False)
class Pixels:
    """A picture ``(height, width, 3 or 4)`` in a rectangle; square pixels, never smoothed."""

    x: float
    y: float
    width: float
    height: float
    pixels: NDArray[np.uint8]


@dataclasses.dataclass(frozen=True)
class Polygon:
    """A closed shape, filled, with or without a line around it; ``opacity`` 0 to 1."""

    points: tuple[Point, ...]
    fill: Colour | None
    line: Colour | None = None
    line_width: float = 0.0
    opacity: float = 1.0


@dataclasses.dataclass(frozen=True)
class Line:
    """A straight line with round ends."""

    start: Point
    end: Point
    colour: Colour
    width: float
    opacity: float = 1.0


@dataclasses.dataclass(frozen=True)
class Text:
    """A line of text as it is; ``anchor`` is ``left``, ``middle`` or ``right`` of it."""

    x: float
    y: float
    text: str
    size: float
    colour: Colour = (30, 30, 30)
    anchor: str = "left"
    bold: bool = False


Part: TypeAlias = Pixels | Polygon | Line | Text


@dataclasses.dataclass(frozen=True)
class Scene:
    """Parts in points (x to the right, y downwards), drawn in their order on a ground."""

    width: float
    height: float
    parts: tuple[Part, ...]
    ground: Colour = (255, 255, 255)

    def moved(self, x: float, y: float) -> tuple[Part, ...]:
        """Return the parts, moved, to be put into a larger drawing."""
        return tuple(_moved(part, x, y) for part in self.parts)

    def scaled(self, factor: float) -> Scene:
        """Return the same drawing larger or smaller, with all that is in it."""
        parts = tuple(_scaled(part, factor) for part in self.parts)
        return Scene(self.width * factor, self.height * factor, parts, self.ground)


def _moved(part: Part, x: float, y: float) -> Part:
    if isinstance(part, Pixels | Text):
        return dataclasses.replace(part, x=part.x + x, y=part.y + y)
    if isinstance(part, Line):
        start, end = (part.start[0] + x, part.start[1] + y), (part.end[0] + x, part.end[1] + y)
        return dataclasses.replace(part, start=start, end=end)
    return dataclasses.replace(part, points=tuple((a + x, b + y) for a, b in part.points))


def _scaled(part: Part, factor: float) -> Part:
    if isinstance(part, Polygon):
        points = tuple((x * factor, y * factor) for x, y in part.points)
        return dataclasses.replace(part, points=points, line_width=part.line_width * factor)
    if isinstance(part, Line):
        start, end = ((x * factor, y * factor) for x, y in (part.start, part.end))
        return dataclasses.replace(part, start=start, end=end, width=part.width * factor)
    x, y = part.x * factor, part.y * factor
    if isinstance(part, Text):
        return dataclasses.replace(part, x=x, y=y, size=part.size * factor)
    width, height = part.width * factor, part.height * factor
    return dataclasses.replace(part, x=x, y=y, width=width, height=height)
