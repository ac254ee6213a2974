"""The commands that make maps: train, tune."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from image2map_gui.commands.grammar.arguments import (
    add_json,
    add_labels,
    add_limits,
    add_map,
    add_option,
    add_sources,
    number,
)
from image2map_gui.commands.teaching import run_tune
from image2map_gui.commands.training import run_train
from image2map_gui.core.frames import Keeping
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.options import options_of
from image2map_gui.core.project.embedded import EMBED
from image2map_gui.core.som.lvq import RULES, TuningSettings
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.presets import PRESET_HELP, PRESETS
from image2map_gui.core.som.size import SIZES


def add_train(commands: Any) -> None:
    """Add ``train``."""
    parser = commands.add_parser("train", help="train a map and save it as a project")
    add_sources(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="MAP.i2m")
    parser.add_argument(
        "--preset",
        choices=list(PRESETS),
        default="balanced",
        help="values for all settings that are not given (default balanced). "
        + "; ".join(f"{name}: {told}" for name, told in PRESET_HELP.items()),
    )
    parser.add_argument(
        "--map-size",
        choices=SIZES,
        help="choose rows and columns by the pictures: 5 sqrt(n) units, a quarter, or four times",
    )
    parser.add_argument(
        "--start-from",
        type=Path,
        metavar="MAP.i2m",
        help="go on from the map of a project, also with other pictures or in another size",
    )
    for settings, title in ((SomParams, "the map"), (ImageSpec, "the pictures")):
        group = parser.add_argument_group(title)
        for option in options_of(settings):
            by_pictures = settings is ImageSpec and option.name in ("size", "colour")
            add_option(group, option, default="chosen by the pictures" if by_pictures else None)
    add_labels(parser)
    parser.add_argument(
        "--sample-weights",
        type=Path,
        metavar="FILE.csv",
        help="how much each picture counts: a table with the columns path and weight; pictures "
        "that are not named count 1",
    )
    parser.add_argument(
        "--train-size",
        type=number(float, 0.01, 1),
        default=1.0,
        metavar="SHARE",
        help="train on this share of the pictures, judge the map on the rest (default 1)",
    )
    parser.add_argument(
        "--threads",
        type=number(int, 1, 1024),
        metavar="N",
        help="how many threads train (default: one for each core); as many give the same map again "
        "on the same machine, bit for bit",
    )
    saved = next(one for one in options_of(Keeping) if one.name == "saved_frames")
    parser.add_argument(
        "--saved-frames",
        type=number(int, saved.low or 0, saved.high or 0),
        default=saved.default,
        metavar="MB",
        help="room in the project for the map after each epoch, of which every second, every "
        f"fourth, ... is kept where all do not fit (default {saved.default}; 0: none)",
    )
    parser.add_argument(
        "--embed",
        choices=EMBED,
        default="no",
        help="let the pictures come with the project, as thumbnails to be seen or as the vectors "
        "that the map works with, so that it needs their files no more (default no)",
    )
    parser.add_argument(
        "--relative-paths",
        action="store_true",
        help="tell in the project where the pictures lie only as seen from it, so that no name of "
        "a folder above is in the file; both must then move together",
    )
    add_json(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    parser.set_defaults(run=run_train)


def add_tune(commands: Any) -> None:
    """Add ``tune``."""
    parser = commands.add_parser(
        "tune", help="move the units of a map so that they tell its labels apart (LVQ)"
    )
    add_map(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.i2m")
    standard = TuningSettings()
    parser.add_argument(
        "--rule",
        choices=list(RULES),
        default=standard.method,
        help=f"how units move (default {standard.method})",
    )
    parser.add_argument(
        "--epochs",
        type=number(int, 1, 10_000),
        default=standard.epochs,
        help=f"how many times through all pictures (default {standard.epochs})",
    )
    parser.add_argument(
        "--rate",
        type=number(float, 1e-6, 1),
        default=standard.rate,
        help=f"share of the way that a unit goes, at first (default {standard.rate:g})",
    )
    parser.add_argument("--seed", type=number(int, 0, 2**31), default=0, help="of the order")
    parser.add_argument(
        "--held-out",
        type=number(float, 0, 0.9),
        default=0.1,
        metavar="SHARE",
        help="share of the pictures that only judge the result (default 0.1)",
    )
    add_json(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    add_limits(parser)
    parser.set_defaults(run=run_tune)
