"""The grammar of the command line; options come from the declared settings."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from image2map_gui.commands.answers import run_classify, run_evaluate, run_info
from image2map_gui.commands.exporting import ANIMATED, VIEWS, run_export
from image2map_gui.commands.opening import run_open, run_sample
from image2map_gui.commands.quantizing import run_quantize
from image2map_gui.commands.teaching import run_suggest, run_tune
from image2map_gui.commands.training import run_train
from image2map_gui.core.analysis.clusters import METHODS
from image2map_gui.core.analysis.methods import LABELLINGS, Rules
from image2map_gui.core.analysis.methods import METHODS as ANSWERS
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.export.animation import FPS, SECONDS_HELD
from image2map_gui.core.export.folders import ORDERS
from image2map_gui.core.frames import Keeping
from image2map_gui.core.images.limits import Limits
from image2map_gui.core.images.samples import SAMPLE_COUNT, SAMPLE_SIZE, SAMPLES
from image2map_gui.core.images.sources import PAGES
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.options import Option, options_of
from image2map_gui.core.quantize import SPACES, STANDARD
from image2map_gui.core.som.lvq import RULES, TuningSettings
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.presets import PRESETS
from image2map_gui.core.som.quality.u_matrix import STATISTICS
from image2map_gui.core.som.size import SIZES

_QUANTIZING = (
    "rows", "columns", "epochs", "mode", "init", "neighbourhood", "radius_start", "radius_end",
    "radius_decay", "rate_start", "rate_end", "rate_decay", "seed",
)  # fmt: skip
_LIKE_OPTIONS = frozenset(
    choice
    for settings in (SomParams, ImageSpec)
    for option in options_of(settings)
    for choice in option.choices
    if choice.startswith("-")
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ParameterError(f"{message.rstrip('.')}; '{self.prog} --help' explains.")


def parse_arguments(arguments: Sequence[str], version: str) -> argparse.Namespace:
    """Read a command line.

    A choice such as ``-1..1`` is put behind its option with a "=", since argparse would take it
    for another option.
    """
    given: list[str] = []
    for argument in arguments:
        if argument in _LIKE_OPTIONS and given and given[-1].startswith("--"):
            given[-1] += f"={argument}"
        else:
            given.append(argument)
    return build_parser(version).parse_args(given)


def build_parser(version: str) -> argparse.ArgumentParser:
    """Return the parser of the whole command line; each command has its function in ``run``."""
    parser = _Parser(prog="image2map", description="Self-organizing maps of picture collections.")
    parser.add_argument("--version", action="version", version=f"image2map {version}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (
        _add_open, _add_sample, _add_train, _add_tune, _add_classify, _add_evaluate, _add_suggest,
        _add_export, _add_info, _add_quantize,
    ):  # fmt: skip
        add(commands)
    return parser


def _add_open(commands: Any) -> None:
    parser = commands.add_parser("open", help="open the window")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a project, folders or pictures")
    parser.add_argument(
        "--demo", action="store_true", help="train the LINES sample and classify a new drawing"
    )
    parser.set_defaults(run=run_open)


def _add_sample(commands: Any) -> None:
    parser = commands.add_parser("sample", help="write a collection drawn by the program")
    parser.add_argument("name", choices=sorted(SAMPLES), help="which collection")
    parser.add_argument("folder", type=Path, help="where to write the pictures")
    parser.add_argument(
        "--count",
        type=_number(int, 1, 100_000),
        default=SAMPLE_COUNT,
        help=f"how many pictures (default {SAMPLE_COUNT})",
    )
    parser.add_argument(
        "--size",
        type=_number(int, 4, 512),
        default=SAMPLE_SIZE,
        metavar="PIXELS",
        help=f"side of each picture (default {SAMPLE_SIZE})",
    )
    parser.set_defaults(run=run_sample)


def _add_train(commands: Any) -> None:
    parser = commands.add_parser("train", help="train a map and save it as a project")
    _add_sources(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="MAP.i2m")
    parser.add_argument(
        "--preset",
        choices=list(PRESETS),
        default="balanced",
        help="values for all settings that are not given (default balanced)",
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
            _add_option(group, option, default="chosen by the pictures" if by_pictures else None)
    _add_labels(parser)
    parser.add_argument(
        "--sample-weights",
        type=Path,
        metavar="FILE.csv",
        help="how much each picture counts: a table with the columns path and weight; pictures "
        "that are not named count 1",
    )
    parser.add_argument(
        "--train-size",
        type=_number(float, 0.01, 1),
        default=1.0,
        metavar="SHARE",
        help="train on this share of the pictures, judge the map on the rest (default 1)",
    )
    saved = next(one for one in options_of(Keeping) if one.name == "saved_frames")
    parser.add_argument(
        "--saved-frames",
        type=_number(int, saved.low or 0, saved.high or 0),
        default=saved.default,
        metavar="MB",
        help="room in the project for the map after each epoch, of which every second, every "
        f"fourth, ... is kept where all do not fit (default {saved.default}; 0: none)",
    )
    _add_json(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    parser.set_defaults(run=run_train)


def _add_classify(commands: Any) -> None:
    parser = commands.add_parser("classify", help="say where pictures belong on a map")
    _add_map(parser)
    _add_sources(parser)
    _add_rules(parser)
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the answers to a table")
    parser.add_argument(
        "--copy-into",
        type=Path,
        metavar="FOLDER",
        help="copy the pictures into folders by their labels; nothing is moved or replaced",
    )
    parser.add_argument(
        "--into-existing",
        action="store_true",
        help="copy into a folder that is not empty; nothing in it is replaced",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="only say how many would be copied where"
    )
    _add_json(parser)
    parser.set_defaults(run=run_classify)


def _add_evaluate(commands: Any) -> None:
    parser = commands.add_parser("evaluate", help="judge a map on a set of pictures")
    _add_map(parser)
    _add_sources(parser)
    _add_labels(parser)
    _add_rules(parser)
    parser.add_argument(
        "--folds",
        type=_number(int, 2, 100),
        default=0,
        metavar="K",
        help="also train K maps with the settings of this one, each without one part of the "
        "pictures, and judge it on that part; takes as long as K trainings",
    )
    _add_json(parser)
    parser.set_defaults(run=run_evaluate)


def _add_tune(commands: Any) -> None:
    parser = commands.add_parser(
        "tune", help="move the units of a map so that they tell its labels apart (LVQ)"
    )
    _add_map(parser)
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
        type=_number(int, 1, 10_000),
        default=standard.epochs,
        help=f"how many times through all pictures (default {standard.epochs})",
    )
    parser.add_argument(
        "--rate",
        type=_number(float, 1e-6, 1),
        default=standard.rate,
        help=f"share of the way that a unit goes, at first (default {standard.rate:g})",
    )
    parser.add_argument("--seed", type=_number(int, 0, 2**31), default=0, help="of the order")
    parser.add_argument(
        "--held-out",
        type=_number(float, 0, 0.9),
        default=0.1,
        metavar="SHARE",
        help="share of the pictures that only judge the result (default 0.1)",
    )
    _add_json(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    _add_limits(parser)
    parser.set_defaults(run=run_tune)


def _add_suggest(commands: Any) -> None:
    parser = commands.add_parser(
        "suggest", help="name the pictures that would help most if you labelled them"
    )
    _add_map(parser)
    parser.add_argument(
        "--count",
        type=_number(int, 1, 1_000_000),
        default=20,
        metavar="N",
        help="how many (default 20)",
    )
    parser.add_argument(
        "--ignore-labels", action="store_true", help="as if no picture had a label yet"
    )
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help="write a table with an empty column label; filled in, it goes to train --labels",
    )
    _add_json(parser)
    parser.set_defaults(run=run_suggest)


def _add_rules(parser: argparse.ArgumentParser) -> None:
    """Add how pictures are answered."""
    group = parser.add_argument_group("answers")
    usual = Rules()
    told = "; ".join(f"{one.name}: {one.help}" for one in ANSWERS.values())
    group.add_argument(
        "--method",
        choices=list(ANSWERS),
        default=usual.method,
        help=f"how the label is found. {told} (default {usual.method})",
    )
    group.add_argument(
        "--k",
        type=_number(int, 1, 1000),
        default=usual.k,
        help=f"units, pictures: how many are asked (default {usual.k})",
    )
    told = "; ".join(f"{name}: {what}" for name, what in LABELLINGS.items())
    group.add_argument(
        "--unit-labels",
        choices=list(LABELLINGS),
        default=usual.labelling,
        help=f"unit: how units come to their labels. {told} (default {usual.labelling})",
    )
    group.add_argument(
        "--novel",
        type=_number(float, 0, 1),
        default=usual.novel,
        metavar="SHARE",
        help="a picture is unlike the training pictures if more than this share of them was "
        f"nearer to their unit (default {usual.novel:g})",
    )
    group.add_argument(
        "--reject",
        type=_number(float, 0, 1),
        default=usual.reject,
        metavar="CONFIDENCE",
        help="give no label below this confidence (default 0: always give one)",
    )
    group.add_argument(
        "--reject-novel",
        action="store_true",
        help="give no label to what is unlike the training pictures",
    )


def _add_export(commands: Any) -> None:
    parser = commands.add_parser(
        "export", help="write a view of a map as a picture, or its data as a file"
    )
    _add_map(parser)
    parser.add_argument("view", choices=VIEWS, metavar="VIEW", help=", ".join(VIEWS))
    parser.add_argument(
        "output",
        type=Path,
        metavar="OUT",
        help="PNG, SVG or PDF; history: GIF, PNG (animated) or WebP; assignments: CSV; weights: "
        "NPZ; report: HTML; folders: a new folder",
    )
    parser.add_argument(
        "--scale",
        type=_number(float, 0.1, 20),
        help="dots per point of pictures, size of SVG (default 2; history: 1)",
    )
    parser.add_argument(
        "--of",
        choices=ANIMATED,
        default="mosaic",
        metavar="VIEW",
        help="history: of which view (default mosaic)",
    )
    parser.add_argument(
        "--fps",
        type=_number(float, 0.1, 50),
        default=FPS,
        metavar="N",
        help=f"history: epochs in a second (default {FPS:g}); the last is held "
        f"{SECONDS_HELD:g} seconds",
    )
    parser.add_argument(
        "--epoch",
        type=_number(int, 0, 10**9),
        metavar="N",
        help="views: of the map as it was after so many epochs, of those that are kept",
    )
    parser.add_argument(
        "--on",
        nargs="+",
        metavar="SOURCE",
        help="views: of these pictures on the map, instead of those it was trained on",
    )
    _add_labels(parser)
    parser.add_argument(
        "--pages", choices=PAGES, default="first", help="--on: pages of TIFF files (default first)"
    )
    _add_limits(parser)
    parser.add_argument(
        "--no-epoch", action="store_true", help="history: do not write the epoch into the frames"
    )
    parser.add_argument("--label", help="activation: of which label")
    parser.add_argument(
        "--component",
        type=_number(int, 0, 10**9),
        default=0,
        metavar="N",
        help="component, principal: which one, 0 the first (default 0)",
    )
    parser.add_argument(
        "--lightness", action="store_true", help="component: of the whole pixel, not of one colour"
    )
    parser.add_argument(
        "--statistic",
        choices=STATISTICS,
        default="mean",
        help="u-matrix: of the distances to the neighbours (default mean)",
    )
    parser.add_argument(
        "--clusters",
        type=_number(int, 1, 10**6),
        metavar="N",
        help="clusters: how many (default: where the Davies-Bouldin index is lowest)",
    )
    parser.add_argument("--method", choices=METHODS, default="ward", help="clusters: default ward")
    parser.add_argument(
        "--by", choices=ORDERS, default="unit", help="folders: what tells them apart (default unit)"
    )
    parser.add_argument(
        "--into-existing",
        action="store_true",
        help="folders: copy into a folder that is not empty; nothing in it is replaced",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="folders: only say how many would be copied where"
    )
    parser.add_argument(
        "--paths", action="store_true", help="report: tell where the pictures lie, not only names"
    )
    parser.add_argument(
        "--members",
        type=_number(int, 1, 6),
        default=3,
        metavar="N",
        help="collage: N x N pictures in a cell (default 3)",
    )
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    parser.set_defaults(run=run_export)


def _add_info(commands: Any) -> None:
    parser = commands.add_parser("info", help="tell what a project holds")
    _add_map(parser)
    _add_json(parser)
    parser.set_defaults(run=run_info)


def _add_quantize(commands: Any) -> None:
    parser = commands.add_parser(
        "quantize", help="paint a photo in the few colours that a map of its pixels learns"
    )
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="a picture file")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.png")
    parser.add_argument(
        "--palette", type=Path, metavar="FILE", help="write the colours: .gpl (GIMP), .png, .json"
    )
    parser.add_argument(
        "--panels",
        type=Path,
        metavar="FILE",
        help="write photo, result, start colours and learned colours side by side: .png, .svg, "
        ".pdf",
    )
    parser.add_argument(
        "--space",
        choices=SPACES,
        default="rgb",
        help="compare colours in RGB, or as the eye does, in Lab (default rgb)",
    )
    group = parser.add_argument_group("the map")
    for option in options_of(SomParams):
        if option.name in _QUANTIZING:
            default = option.text(getattr(STANDARD, option.name))
            _add_option(group, option, default=default)
    _add_json(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    _add_limits(parser)
    parser.set_defaults(run=run_quantize)


def _add_map(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("map", type=Path, metavar="MAP.i2m", help="a project with a trained map")


def _add_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="folders, pictures, zip archives, IDX and NumPy files, lists (CSV)",
    )
    parser.add_argument(
        "--pages",
        choices=PAGES,
        default="first",
        help="which pages of TIFF files are pictures (default first)",
    )
    _add_limits(parser)


def _add_limits(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("limits, beyond which files are skipped")
    for option in options_of(Limits):
        _add_option(group, option)


def _add_labels(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--labels",
        default="auto",
        metavar="auto|none|FILE.csv",
        help="labels from sub-folders and IDX files, no labels, or a table with the columns path "
        "and label (default auto)",
    )


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _add_option(group: Any, option: Option, *, default: str | None = None) -> None:
    def parse(text: str) -> Any:
        try:
            return option.parse(text)
        except ParameterError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    default = option.text(option.default) if default is None else default
    name = option.name.replace("_", "-")
    group.add_argument(
        f"--{name}",
        type=parse,
        dest=option.name,
        default=argparse.SUPPRESS,
        metavar="|".join(option.choices) or (option.unit or option.label).upper().split()[0],
        help=f"{option.help} ({option.range_text}; default {default})".replace("%", "%%"),
    )


def _number(kind: Callable[[str], float], low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"'{text}' is no number from {low:g} to {high:g}")
        return value

    return parse
