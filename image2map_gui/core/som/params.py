"""Every hyperparameter of the map, declared once, with the presets."""

from __future__ import annotations

import dataclasses

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.options import check_options, option

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
_STEPPED = ("mode", ("online", "minibatch"))
_SHEETS = ("topology", ("grid", "mesh", "cylinder"))
_SQUARES = ("tiling", ("square",))
MAX_UNITS = 40_000
MAX_SIDE = 500


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
    epochs: int = option(
        20,
        "Epochs",
        "How many times the training goes through all pictures.",
        low=1,
        high=100_000,
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
        "How far learning reaches over the map in the first epoch. Auto: half the longer side, "
        "or a quarter of it for a PCA start; with lap and exp the side of a square map of as many "
        "units, or all of a line.",
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
    shuffle: bool = option(
        True,
        "Shuffle",
        "Show the pictures in a new random order in every epoch.",
        group="Training",
        needs=_STEPPED,
    )
    seed: int = option(
        0,
        "Seed",
        "The number all chance is drawn from: the same seed gives the same map.",
        low=0,
        high=2**31 - 1,
        group="Training",
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
        if self.radius_start is not None and self.radius_end > self.radius_start:
            raise ParameterError(
                f"The radius at the end ({self.radius_end:g}) must not be larger than at the "
                f"start ({self.radius_start:g})."
            )
        if self.rate_end > self.rate_start:
            raise ParameterError(
                f"The rate at the end ({self.rate_end:g}) must not be larger than at the start "
                f"({self.rate_start:g})."
            )

    @property
    def measure(self) -> str:
        """The metric with its exponent, as the search for winners takes it."""
        return f"minkowski:{self.exponent!r}" if self.metric == "minkowski" else self.metric

    @property
    def units(self) -> int:
        """How many units the map has."""
        return self.rows * self.columns


PRESETS: dict[str, dict[str, object]] = {
    "balanced": {},
    "fast": {"epochs": 8},
    "fine": {"epochs": 60, "radius_end": 0.7},
    # The program's forerunner of 2025, step by step; pictures scaled to -1..1.
    "classic": {
        "mode": "online",
        "epochs": 10,
        "metric": "cosine",
        "init": "original",
        "neighbourhood": "lap",
        "radius_end": 0.0,
        "radius_decay": "original-exponential",
        "rate_start": 0.1,
        "rate_end": 0.01,
        "rate_decay": "original-exponential",
        "shuffle": False,
    },
    # MiniSom 2.3: rates fall to a third, x / (1 + 2t); here per epoch.
    "minisom": {
        "mode": "online",
        "init": "uniform",
        "radius_start": 1.0,
        "radius_end": 1 / 3,
        "radius_decay": "inverse",
        "rate_end": 0.5 / 3,
        "rate_decay": "inverse",
        "shuffle": False,
    },
    # NeuPy's SOFM with a true Gaussian of its usual width and step.
    "sofm": {
        "mode": "online",
        "epochs": 100,
        "init": "normal",
        "radius_start": 1.0,
        "radius_end": 1.0,
        "radius_decay": "constant",
        "rate_start": 0.1,
        "rate_end": 0.1,
        "rate_decay": "constant",
    },
    # The article on MNIST: 50 x 50, rate and radius x 0.95 per epoch until the radius is 0.5.
    "mnist-50x50": {
        "rows": 50,
        "columns": 50,
        "mode": "online",
        "epochs": 90,
        "init": "uniform",
        "radius_start": 50.0,
        "radius_end": 50 * 0.95**89,
        "rate_end": 0.5 * 0.95**89,
    },
}


def preset(name: str, **changes: object) -> SomParams:
    """Return the parameters of a named preset, some of them changed.

    Raises
    ------
    ParameterError
        There is no preset of that name, or the changes do not go with it.
    """
    if name not in PRESETS:
        raise ParameterError(f"There is no preset '{name}'; there are {', '.join(PRESETS)}.")
    return SomParams(**{**PRESETS[name], **changes})  # type: ignore[arg-type]
