"""Named sets of hyperparameters."""

from __future__ import annotations

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.som.params import SomParams

PRESETS: dict[str, dict[str, object]] = {
    "balanced": {},
    "fast": {"epochs": 8},
    "fine": {"epochs": 60, "radius_end": 0.6},
    # Nearly k-means at the end: a unit goes to the mean of its own pictures.
    "sharp": {"epochs": 60, "radius_end": 0.3},
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
        "order": "as-given",
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
        "order": "as-given",
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

PRESET_HELP = {
    "balanced": "order and detail, in a short time",
    "fast": "a first look",
    "fine": "more detail, still in order",
    "sharp": "units tell pictures apart as well as they can, for answers; less in order",
    "classic": "the rule of the program's forerunner, step by step",
    "minisom": "the usual settings of MiniSom",
    "sofm": "the usual settings of NeuPy's SOFM",
    "mnist-50x50": "those of a much-read article on MNIST",
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
