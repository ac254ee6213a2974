"""The commands open, sample, info and quantize."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from image2map_gui.commands.answers import run_info
from image2map_gui.commands.grammar.arguments import (
    add_json,
    add_limits,
    add_map,
    add_option,
    number,
)
from image2map_gui.commands.opening import run_open, run_sample
from image2map_gui.commands.quantizing import run_quantize
from image2map_gui.core.images.samples import SAMPLE_COUNT, SAMPLE_SIZE, SAMPLES
from image2map_gui.core.options import options_of
from image2map_gui.core.quantize import SPACES, STANDARD
from image2map_gui.core.som.params import SomParams

_QUANTIZING = (
    "rows", "columns", "epochs", "mode", "init", "neighbourhood", "radius_start", "radius_end",
    "radius_decay", "rate_start", "rate_end", "rate_decay", "seed",
)  # fmt: skip


def add_open(commands: Any) -> None:
    """Add ``open``."""
    parser = commands.add_parser("open", help="open the window")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a project, folders or pictures")
    parser.add_argument(
        "--demo", action="store_true", help="train the LINES sample and classify a new drawing"
    )
    parser.set_defaults(run=run_open)


def add_sample(commands: Any) -> None:
    """Add ``sample``."""
    parser = commands.add_parser("sample", help="write a collection drawn by the program")
    parser.add_argument("name", choices=sorted(SAMPLES), help="which collection")
    parser.add_argument("folder", type=Path, help="where to write the pictures")
    parser.add_argument(
        "--count",
        type=number(int, 1, 100_000),
        default=SAMPLE_COUNT,
        help=f"how many pictures (default {SAMPLE_COUNT})",
    )
    parser.add_argument(
        "--size",
        type=number(int, 4, 512),
        default=SAMPLE_SIZE,
        metavar="PIXELS",
        help=f"side of each picture (default {SAMPLE_SIZE})",
    )
    parser.set_defaults(run=run_sample)


def add_info(commands: Any) -> None:
    """Add ``info``."""
    parser = commands.add_parser("info", help="tell what a project holds")
    add_map(parser)
    add_json(parser)
    parser.set_defaults(run=run_info)


def add_quantize(commands: Any) -> None:
    """Add ``quantize``."""
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
            add_option(group, option, default=default)
    add_json(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    add_limits(parser)
    parser.set_defaults(run=run_quantize)
