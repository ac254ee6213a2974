"""Arguments that several commands have."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.limits import Limits
from image2map_gui.core.images.sources import PAGES
from image2map_gui.core.options import Option, options_of


def add_map(parser: argparse.ArgumentParser) -> None:
    """Add the project that is asked."""
    parser.add_argument("map", type=Path, metavar="MAP.i2m", help="a project with a trained map")


def add_sources(parser: argparse.ArgumentParser) -> None:
    """Add where the pictures are."""
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
    add_limits(parser)


def add_limits(parser: argparse.ArgumentParser) -> None:
    """Add the limits beyond which files are skipped."""
    group = parser.add_argument_group("limits, beyond which files are skipped")
    for option in options_of(Limits):
        add_option(group, option)


def add_labels(parser: argparse.ArgumentParser) -> None:
    """Add where labels come from."""
    parser.add_argument(
        "--labels",
        default="auto",
        metavar="auto|none|FILE.csv",
        help="labels from sub-folders and IDX files, no labels, or a table with the columns path "
        "and label (default auto)",
    )


def add_copying(parser: argparse.ArgumentParser, prefix: str = "") -> None:
    """Add how pictures are copied into folders; ``prefix`` names the view that does so."""
    parser.add_argument(
        "--into-existing",
        action="store_true",
        help=f"{prefix}copy into a folder that is not empty; nothing in it is replaced",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help=f"{prefix}only say how many would be copied where",
    )


def add_full_paths(parser: argparse.ArgumentParser, prefix: str = "") -> None:
    """Add how a table names pictures; ``prefix`` names the view that is one."""
    parser.add_argument(
        "--full-paths",
        action="store_true",
        help=f"{prefix}name pictures below your home folder in full, not as ~/...",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add whether the answer is one JSON object."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def add_option(group: Any, option: Option, *, default: str | None = None) -> None:
    """Add an option of declared settings."""

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


def number(kind: Callable[[str], float], low: float, high: float) -> Callable[[str], float]:
    """Return what reads a number of a range."""

    def parse(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"'{text}' is no number from {low:g} to {high:g}")
        return value

    return parse
