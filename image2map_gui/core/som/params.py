"""Every hyperparameter of the map, declared once."""

from __future__ import annotations

import dataclasses

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.options import check_options, option, options_of

_DECAYS = (
    "exponential",
    "linear",
    "inverse",
    "power",
    "stepwise",
    "constant",
    "original-exponential",
    "original-linear",
)
_PACED = ("exponential", "linear", "inverse", "original-exponential", "original-linear")
_NEVER = ("exponential", "inverse", "original-exponential")  # these come close to 0, not to it
_STEPPED = ("mode", ("online", "minibatch"))
_TWO = ("phases", ("two",))
_SETTLED = ("stop", ("settled",))
_FALLING = (("radius_start", "radius_end"), ("rate_start", "rate_end"))
_SHEETS = ("topology", ("grid", "mesh", "cylinder"))
_SQUARES = ("tiling", ("square",))
MAX_UNITS = 40_000
MAX_SIDE = 500
MAX_EPOCHS = 100_000


@dataclasses.dataclass(frozen=True)
class SomParams:
    """The hyperparameters of a self-organizing map.

    Raises
    ------
    ParameterError
        A value is out of its range, or two values do not go together.
    """

    rows: int = option(
        10,
        "Rows",
        "How many rows of units the map has.",
        low=1,
        high=MAX_SIDE,
        unit="rows",
        group="Map",
    )
    columns: int = option(
        10,
        "Columns",
        "How many columns of units the map has.",
        low=1,
        high=MAX_SIDE,
        unit="columns",
        group="Map",
    )
    topology: str = option(
        "grid",
        "Topology",
        "How the units hang together. Grid: a sheet with borders. Mesh: a sheet whose opposite "
        "borders meet, so that no unit is at the edge (a torus). Cylinder: only left and right "
        "meet. Line and ring: all units one "
        "after the other, a ring closing at its ends; they are drawn folded into rows and columns.",
        choices=("grid", "mesh", "cylinder", "line", "ring"),
        group="Map",
    )
    tiling: str = option(
        "square",
        "Tiling",
        "Squares have neighbours at their sides and corners, hexagons six equal ones; they are "
        "drawn as rows shifted by half a cell.",
        choices=("square", "hexagonal"),
        group="Map",
        needs=_SHEETS,
    )
    unit_distance: str = option(
        "l2",
        "Unit distance",
        "How far apart two units lie. L2: as the crow flies. L1: along rows and columns. "
        "Chebyshev: the longer of the two. Steps: from neighbour to neighbour.",
        choices=("l2", "l1", "chebyshev", "steps"),
        group="Map",
        needs=_SHEETS,
        choice_needs={"l1": _SQUARES, "chebyshev": _SQUARES},
    )
    mode: str = option(
        "batch",
        "Mode",
        "When the units learn. Batch: once per epoch from all pictures, fast and independent of "
        "their order. Online: after every picture, Kohonen's first rule. Minibatch: after every "
        "few pictures.",
        choices=("batch", "online", "minibatch"),
        group="Training",
    )
    epochs: int | None = option(
        30,
        "Epochs",
        "How many times the training goes through all pictures. Auto: until radius and rate have "
        "come to their ends, each shrinking by its own decay rate.",
        low=1,
        high=MAX_EPOCHS,
        unit="epochs",
        group="Training",
    )
    metric: str = option(
        "euclidean",
        "Metric",
        "How a picture finds its best unit. Euclidean: the smallest difference. Cosine: the same "
        "pattern, whatever its contrast. Correlation: the same pattern, whatever its contrast and "
        "brightness. Manhattan: the sum of the differences. Chebyshev: the largest difference. "
        "Minkowski: in between, by the exponent.",
        choices=("euclidean", "cosine", "correlation", "manhattan", "chebyshev", "minkowski"),
        group="Training",
    )
    exponent: float = option(
        3.0,
        "Exponent",
        "The p of the Minkowski metric: 1 is Manhattan, 2 Euclidean.",
        low=1,
        high=20,
        group="Training",
        needs=("metric", ("minkowski",)),
    )
    init: str = option(
        "auto",
        "Start",
        "Where the units start. PCA: spread along the two main directions of the pictures. Sample: "
        "at pictures drawn by lot. K-means++: at pictures far from each other. Uniform and normal: "
        "at random values like those of the pictures. Original: between -1 and 1. Auto: PCA, or "
        "sample for maps that wrap around.",
        choices=("auto", "pca", "sample", "kmeans++", "uniform", "normal", "original"),
        group="Training",
    )
    neighbourhood: str = option(
        "gaussian",
        "Neighbourhood",
        "How strongly the units around the winner learn with it, by their distance on the map. "
        "All but the Gaussian end at the radius; beyond it the Mexican hat pushes units away. Lap "
        "and exp are those of the program's forerunner.",
        choices=(
            "gaussian",
            "cut-gaussian",
            "bubble",
            "epanechnikov",
            "triangle",
            "mexican-hat",
            "lap",
            "exp",
        ),
        group="Neighbourhood",
        choice_needs={"mexican-hat": ("mode", ("online",))},
    )
    radius_start: float | None = option(
        None,
        "Radius at the start",
        "How far learning reaches over the map in the first epoch. Auto: half the longer side; "
        "with lap and exp the side of a square map of as many units, or all of a line.",
        low=0,
        high=100_000,
        unit="units",
        group="Neighbourhood",
    )
    radius_end: float = option(
        0.85,
        "Radius at the end",
        "How far learning reaches in the last epoch. Smaller: more detail. Larger: better order.",
        low=0,
        high=1000,
        unit="units",
        group="Neighbourhood",
    )
    radius_decay: str = option(
        "exponential",
        "Radius decay",
        "How the radius shrinks from the first epoch to the last.",
        choices=_DECAYS,
        group="Neighbourhood",
    )
    radius_decay_rate: float | None = option(
        None,
        "Radius decay rate",
        "By which share the radius shrinks per epoch, however many epochs there are. Auto: so that "
        "it is at its end in the last epoch.",
        low=0.0001,
        high=1,
        unit="per epoch",
        group="Neighbourhood",
        needs=("radius_decay", _PACED),
    )
    rate_start: float = option(
        0.5,
        "Rate at the start",
        "How far a unit moves towards a picture in the first epoch.",
        low=0.0001,
        high=1,
        group="Learning rate",
        needs=_STEPPED,
    )
    rate_end: float = option(
        0.01,
        "Rate at the end",
        "How far a unit moves towards a picture in the last epoch.",
        low=0.0001,
        high=1,
        group="Learning rate",
        needs=_STEPPED,
    )
    rate_decay: str = option(
        "exponential",
        "Rate decay",
        "How the rate shrinks from the first epoch to the last.",
        choices=_DECAYS,
        group="Learning rate",
        needs=_STEPPED,
    )
    rate_decay_rate: float | None = option(
        None,
        "Rate decay rate",
        "By which share the rate shrinks per epoch, however many epochs there are. Auto: so that "
        "it is at its end in the last epoch.",
        low=0.0001,
        high=1,
        unit="per epoch",
        group="Learning rate",
        needs=("rate_decay", _PACED),
    )
    batch_size: int = option(
        1024,
        "Batch size",
        "How many pictures the units learn from at once.",
        low=1,
        high=1_000_000,
        unit="pictures",
        group="Training",
        needs=("mode", ("minibatch",)),
    )
    order: str = option(
        "shuffled",
        "Order",
        "Which pictures an epoch shows, and in which order. Shuffled: all, in a new random order "
        "in every epoch. As given: all, as they come. Bootstrap: as many, drawn anew by lot, some "
        "twice and some not at all. A batch knows no order, so there only bootstrap differs.",
        choices=("shuffled", "as-given", "bootstrap"),
        group="Training",
    )
    balance: str = option(
        "none",
        "Balance",
        "How much each picture counts. None: all the same. Labels: pictures of rare labels more, "
        "so that every label has the same weight.",
        choices=("none", "labels"),
        group="Training",
    )
    seed: int = option(
        0,
        "Seed",
        "The number all chance is drawn from: the same seed gives the same map.",
        low=0,
        high=2**31 - 1,
        group="Training",
    )

    phases: str = option(
        "one",
        "Phases",
        "One: radius and rate shrink from start to end. Two: a rough phase, whose ends are those "
        "above, then a fine one with its own.",
        choices=("one", "two"),
        group="Fine phase",
    )
    fine_epochs: int = option(
        20,
        "Fine epochs",
        "How many epochs the fine phase has.",
        low=1,
        high=MAX_EPOCHS,
        unit="epochs",
        group="Fine phase",
        needs=_TWO,
    )
    fine_radius_end: float = option(
        0.85,
        "Fine radius",
        "The radius at the end of the fine phase, which starts with that of the rough one.",
        low=0,
        high=1000,
        unit="units",
        group="Fine phase",
        needs=_TWO,
    )
    fine_rate_start: float = option(
        0.05,
        "Fine rate, start",
        "How far a unit moves towards a picture in the first epoch of the fine phase.",
        low=0.0001,
        high=1,
        group="Fine phase",
        needs=_TWO,
    )
    fine_rate_end: float = option(
        0.005,
        "Fine rate, end",
        "How far a unit moves towards a picture in the last epoch of the fine phase.",
        low=0.0001,
        high=1,
        group="Fine phase",
        needs=_TWO,
    )
    stop: str = option(
        "epochs",
        "Stop",
        "When the training ends. Epochs: after those. Settled: when the units hardly move any "
        "more, looked for only once the radius no longer shrinks; further epochs are added for it.",
        choices=("epochs", "settled"),
        group="Stop",
    )
    tolerance: float = option(
        0.001,
        "Tolerance",
        "The map has settled when an epoch moves the units by no more than this share of the "
        "pictures' spread (both as root mean squares).",
        low=0,
        high=1,
        group="Stop",
        needs=_SETTLED,
    )
    patience: int = option(
        3,
        "Patience",
        "For how many epochs in a row the units must hardly move.",
        low=1,
        high=1000,
        unit="epochs",
        group="Stop",
        needs=_SETTLED,
    )
    extra_epochs: int = option(
        100,
        "Extra epochs",
        "How many epochs may be added while waiting for the map to settle.",
        low=0,
        high=MAX_EPOCHS,
        unit="epochs",
        group="Stop",
        needs=_SETTLED,
    )
    time_limit: float | None = option(
        None,
        "Time limit",
        "After how long the training ends in any case; the map is kept as it is then. Auto: "
        "without a limit.",
        low=0.01,
        high=100_000,
        unit="minutes",
        group="Stop",
    )

    def __post_init__(self) -> None:
        check_options(self)
        if self.rows * self.columns > MAX_UNITS:
            raise ParameterError(
                f"{self.rows} rows x {self.columns} columns are {self.units:,} units; "
                f"a map has at most {MAX_UNITS:,}."
            )
        if self.tiling == "hexagonal" and self.topology == "mesh" and self.rows % 2:
            raise ParameterError(
                f"A mesh of hexagons needs an even number of rows: {self.rows - 1 or 2} or "
                f"{self.rows + 1}, not {self.rows}."
            )
        for start, end in _FALLING:
            self._check_falling(start, end)
        if self.phases == "two":
            self._check_falling("radius_end", "fine_radius_end")
            self._check_falling("fine_rate_start", "fine_rate_end")
        if self.epochs is None:
            self._check_open_end()

    def _check_falling(self, start: str, end: str) -> None:
        first, last = getattr(self, start), getattr(self, end)
        if first is not None and last > first:
            labels = {one.name: one.label for one in options_of(type(self))}
            raise ParameterError(
                f"The {labels[end].lower()} ({last:g}) must not be larger than the "
                f"{labels[start].lower()} ({first:g})."
            )

    def _check_open_end(self) -> None:
        """Refuse a training that would never end, or end at once."""
        what = ("radius",) if self.mode == "batch" else ("radius", "rate")
        kinds = {name: getattr(self, f"{name}_decay") for name in what}
        if set(kinds.values()) == {"constant"}:
            raise ParameterError("Epochs 'auto': nothing shrinks; say how many epochs.")
        for name, kind in kinds.items():
            if kind != "constant" and self.pace(name) is None:
                raise ParameterError(
                    f"Epochs 'auto' needs a {name} decay rate with one of the decays "
                    f"{', '.join(_PACED)}."
                )
            if kind in _NEVER and not getattr(self, f"{name}_end"):
                raise ParameterError(
                    f"Epochs 'auto': a {name} that ends at 0 never gets there with the decay "
                    f"'{kind}'; choose a larger end."
                )

    def pace(self, name: str) -> float | None:
        """Return the decay rate per epoch of ``radius`` or ``rate``, ``None`` if it has none."""
        if getattr(self, f"{name}_decay") not in _PACED:
            return None
        value: float | None = getattr(self, f"{name}_decay_rate")
        return value

    @property
    def measure(self) -> str:
        """The metric with its exponent, as the search for winners takes it."""
        return f"minkowski:{self.exponent!r}" if self.metric == "minkowski" else self.metric

    @property
    def units(self) -> int:
        """How many units the map has."""
        return self.rows * self.columns
