"""The course of a training: which radius and rate each epoch has, and how many epochs there are."""

from __future__ import annotations

import dataclasses
import math

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.som.grid import Grid
from image2map_gui.core.som.params import MAX_EPOCHS, SomParams
from image2map_gui.core.som.schedule import Fade


@dataclasses.dataclass(frozen=True)
class Change:
    """What is to be different from the next epoch on, in a training that runs.

    Attributes
    ----------
    radius, rate
        The values to go on from, instead of those reached; from there they fade to the ends that
        were planned.
    epochs
        How many epochs are still to come; ``None``: as many as were planned.
    pause
        Seconds the window waits after each epoch, so that one can watch. The mathematics takes no
        notice.

    Raises
    ------
    ParameterError
        A value is out of its range.
    """

    radius: float | None = None
    rate: float | None = None
    epochs: int | None = None
    pause: float | None = None

    def __post_init__(self) -> None:
        wrong = (
            (self.radius is not None and not 0 <= self.radius < math.inf)
            or (self.rate is not None and not 0 < self.rate <= 1)
            or (self.epochs is not None and not 1 <= self.epochs <= MAX_EPOCHS)
            or (self.pause is not None and not 0 <= self.pause < math.inf)
        )
        if wrong:
            raise ParameterError(
                "A change of a running training: the radius must not be below 0, the rate must be "
                f"above 0 and at most 1, and the epochs 1 to {MAX_EPOCHS:,}."
            )

    def then(self, later: Change) -> Change:
        """Return both changes as one; where they differ, the later one holds."""
        fresh = {name: value for name, value in vars(later).items() if value is not None}
        return dataclasses.replace(self, **fresh)

    @property
    def turns(self) -> bool:
        """Whether the course of the training is another one from here."""
        return (self.radius, self.rate, self.epochs) != (None, None, None)


@dataclasses.dataclass(frozen=True)
class Phase:
    """Some epochs in a row, over which radius and rate fade."""

    epochs: int
    radius: Fade
    rate: Fade


@dataclasses.dataclass(frozen=True)
class Course:
    """Phases one after the other, then at most ``extra`` epochs at the last radius and rate.

    ``done`` epochs lie before the first phase.
    """

    phases: tuple[Phase, ...]
    extra: int = 0
    done: int = 0

    @property
    def planned(self) -> int:
        """Epochs to the end of the last phase."""
        return self.done + sum(phase.epochs for phase in self.phases)

    @property
    def epochs(self) -> int:
        """Epochs at most."""
        return self.planned + self.extra

    def at(self, epoch: int) -> tuple[float, float]:
        """Return radius (steps of the lattice) and rate of an epoch (0, 1, ...)."""
        place = max(0, min(epoch, self.planned - 1) - self.done)
        for phase in self.phases:
            if place < phase.epochs:
                break
            place -= phase.epochs
        return phase.radius.at(place, phase.epochs), phase.rate.at(place, phase.epochs)

    def shrinks_after(self, epoch: int) -> bool:
        """Whether the radius is still to become smaller than in this epoch."""
        return self.at(self.planned - 1)[0] < self.at(epoch)[0]

    def changed(self, epoch: int, change: Change) -> Course:
        """Return the course whose coming epoch, ``epoch``, starts as the change says."""
        radius, rate = self.at(epoch)
        last = self.phases[-1]
        left = max(1, self.planned - epoch) if change.epochs is None else change.epochs
        phase = Phase(
            left,
            last.radius.onwards(radius if change.radius is None else change.radius),
            last.rate.onwards(rate if change.rate is None else change.rate),
        )
        return Course((phase,), self.extra, done=epoch)


def course_of(params: SomParams) -> Course:
    """Return the course that parameters ask for."""
    first = Phase(
        1,
        Fade(params.radius_decay, start_radius(params), params.radius_end, params.pace("radius")),
        Fade(params.rate_decay, params.rate_start, params.rate_end, params.pace("rate")),
    )
    first = dataclasses.replace(first, epochs=params.epochs or _open_end(params, first))
    phases: tuple[Phase, ...] = (first,)
    if params.phases == "two":
        fine = Phase(
            params.fine_epochs,
            Fade(params.radius_decay, params.radius_end, params.fine_radius_end),
            Fade(params.rate_decay, params.fine_rate_start, params.fine_rate_end),
        )
        phases = (*phases, fine)
    return Course(phases, params.extra_epochs if params.stop == "settled" else 0)


def start_radius(params: SomParams) -> float:
    """Return the first radius; ``auto`` is half the longest side.

    On a closed axis no unit is farther than half its length, so half of that is taken. After a
    PCA start a quarter would do for the order, but half gives the better figures on MNIST. With
    the neighbourhoods of the program's forerunner it is the forerunner's: ``int(sqrt(k))``, or
    ``k`` on a line.
    """
    if params.radius_start is not None:
        return params.radius_start
    if params.neighbourhood in ("lap", "exp"):
        sheet = len(Grid.of(params).axes) == 2
        return float(math.isqrt(params.units) if sheet else params.units)
    sides = [
        axis.length / 2 if axis.closed else float(axis.length) for axis in Grid.of(params).axes
    ]
    return max(params.radius_end, 1.0, max(sides) / 2)


def end_radius(params: SomParams) -> float:
    """Return the radius of the last epoch, in steps of the lattice."""
    course = course_of(params)
    return course.at(course.planned - 1)[0]


def going_on(params: SomParams) -> SomParams:
    """Return parameters that refine a map which is there: ``auto`` no longer spreads it anew."""
    if params.radius_start is not None:
        return params
    return dataclasses.replace(params, radius_start=max(params.radius_end, 1.0))


def _open_end(params: SomParams, phase: Phase) -> int:
    """Return after how many epochs radius and rate have come to their ends at their own pace."""
    fades = (phase.radius,) if params.mode == "batch" else (phase.radius, phase.rate)
    return min(MAX_EPOCHS, max(1, *(fade.length for fade in fades)))
