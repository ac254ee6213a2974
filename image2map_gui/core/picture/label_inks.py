"""The colour and the place of each label: chosen by a person, or those of the palette."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from natsort import natsorted
from numpy.typing import NDArray

from image2map_gui.core.images.collection import LabelStyle
from image2map_gui.core.picture.plane import PIES, Plane
from image2map_gui.core.picture.ramps import NOTHING, Colour, kind_colours
from image2map_gui.core.project.project import Project


@dataclasses.dataclass(frozen=True)
class LabelInks:
    """The colours of labels, in the order in which labels are listed.

    ``slots`` are their places in the palette, also of labels that were there before.
    """

    colours: Mapping[str, Colour] = dataclasses.field(default_factory=dict)
    slots: Mapping[str, int] = dataclasses.field(default_factory=dict, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The labels in their order."""
        return tuple(self.colours)

    def of(self, name: str | None) -> Colour:
        """Return the colour of a label; that of nothing for none, or one that is not known."""
        return NOTHING if name is None else self.colours.get(name, NOTHING)

    def arranged(self, plane: Plane) -> Plane:
        """Return a plane whose kinds are labels, with these in their order and colours.

        Labels that are not known follow, in the colours they had.
        """
        if not plane.kinds or not self.colours:
            return plane
        place = {name: index for index, name in enumerate(self.colours)}
        order = sorted(
            range(len(plane.kinds)), key=lambda kind: place.get(plane.kinds[kind], len(place))
        )
        before = _tuples(plane.inks)
        fresh = dataclasses.replace(
            plane,
            kinds=tuple(plane.kinds[kind] for kind in order),
            chosen=tuple(self.colours.get(plane.kinds[kind], before[kind]) for kind in order),
        )
        if plane.form == PIES:
            details = None if plane.details is None else plane.details[:, order]
            return dataclasses.replace(fresh, details=details)
        rank = np.full(len(order) + 1, np.nan)
        rank[order] = np.arange(len(order))
        known = np.isfinite(plane.values)
        places = np.where(known, plane.values, -1).astype(np.intp)
        return dataclasses.replace(fresh, values=rank[places])


NO_INKS = LabelInks()


def label_inks(
    names: Iterable[str | None], styles: Sequence[LabelStyle] = (), before: LabelInks = NO_INKS
) -> LabelInks:
    """Give each of some labels a colour: that of its style, else one of the palette.

    The labels come in the order of the styles; others follow, 2 before 10. The palette goes by
    name, so that another order changes no colour; labels that had a place in it ``before`` keep it,
    so that a new label changes the colour of no other. Styles of labels that are not there are
    ignored.
    """
    there = sorted({name for name in names if name is not None})
    slots = dict(before.slots)
    free = (slot for slot in itertools.count() if slot not in before.slots.values())
    slots |= {name: next(free) for name in there if name not in slots}
    palette = _tuples(kind_colours(len(slots)))
    usual = {name: palette[slots[name]] for name in there}
    own = {style.name: _rgb(style.colour) for style in styles if style.colour is not None}
    order = dict.fromkeys((*(style.name for style in styles), *natsorted(there)))
    colours = {name: own.get(name, usual[name]) for name in order if name in usual}
    return LabelInks(colours, slots)


def inks_of(project: Project) -> LabelInks:
    """Return the colours of the labels of a project."""
    return label_inks((source.label for source in project.sources), project.labels)


def _tuples(colours: NDArray[np.uint8]) -> list[Colour]:
    return [(red, green, blue) for red, green, blue in colours.tolist()]


def _rgb(colour: str) -> Colour:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue
