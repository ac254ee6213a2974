"""The ways a picture can be given its label, as one table, and the rules for one answer."""

from __future__ import annotations

import dataclasses

from image2map_gui.core.errors import ParameterError

MAJORITY, FREQUENCY, PROXIMITY = "majority", "frequency", "proximity"
LABELLINGS = {
    MAJORITY: "the label that most pictures of the unit carry",
    FREQUENCY: "the label of whose pictures the unit has the largest share, so that rare labels "
    "are not outnumbered",
    PROXIMITY: "the label of the labelled picture nearest to the prototype",
}
UNIT, NEIGHBOURHOOD, UNITS, PICTURES = "unit", "neighbourhood", "units", "pictures"
NOVEL = 0.99
_MOST = 1000  # nearest units or pictures


@dataclasses.dataclass(frozen=True)
class Method:
    """One way to find the label of a picture.

    Attributes
    ----------
    name
        On the command line and in files.
    title
        In menus.
    help
        What it does, in a sentence or two.
    counted
        Whether it asks for the ``k`` nearest.
    needs_pictures
        Whether the labelled training pictures have to be in memory, see :class:`Examples`.
    """

    name: str
    title: str
    help: str
    counted: bool = False
    needs_pictures: bool = False


METHODS = {
    method.name: method
    for method in (
        Method(
            UNIT,
            "Label of the unit",
            "The label that most training pictures of the nearest unit carry.",
        ),
        Method(
            NEIGHBOURHOOD,
            "Unit and its neighbours",
            "The likeliest label when the labels of the adjoining units count as well, more so the "
            "fewer pictures the unit has.",
        ),
        Method(
            UNITS,
            "Nearest units",
            "The likeliest label over the k nearest units, wherever they lie on the map.",
            counted=True,
        ),
        Method(
            PICTURES,
            "Nearest pictures",
            "The label that most of the k nearest training pictures carry, found exactly. The "
            "training pictures are needed for it, read once more.",
            counted=True,
            needs_pictures=True,
        ),
    )
}


@dataclasses.dataclass(frozen=True)
class Rules:
    """How pictures are answered.

    Attributes
    ----------
    method
        One of :data:`METHODS`.
    k
        How many nearest units or pictures are asked, 1 to 1000.
    novel
        A picture is unlike the training pictures if more than this share of them were nearer to
        their unit, 0 to 1.
    reject
        Confidence below which no label is given, 0 to 1.
    reject_novel
        Whether no label is given to what is unlike the training pictures.
    labelling
        How units come to their labels, one of :data:`LABELLINGS`; for the method ``unit``.

    Raises
    ------
    ParameterError
        There is no such method, or a number is out of its range.
    """

    method: str = UNIT
    k: int = 3
    novel: float = NOVEL
    reject: float = 0.0
    reject_novel: bool = False
    labelling: str = MAJORITY

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ParameterError(f"There is no method '{self.method}': {', '.join(METHODS)}.")
        if self.labelling not in LABELLINGS:
            names = ", ".join(LABELLINGS)
            raise ParameterError(f"Units are not labelled by '{self.labelling}': {names}.")
        if not 1 <= self.k <= _MOST:
            raise ParameterError(f"Nearest units or pictures: {self.k} is not 1 to {_MOST}.")
        for name, value in (("Unlike beyond", self.novel), ("Reject below", self.reject)):
            if not 0 <= value <= 1:
                raise ParameterError(f"{name}: {value:g} is not from 0 to 1.")

    @property
    def needs_pictures(self) -> bool:
        """Whether the labelled training pictures have to be in memory."""
        near = self.method == UNIT and self.labelling == PROXIMITY
        return near or METHODS[self.method].needs_pictures
