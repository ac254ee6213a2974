"""The command export, with what its views need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from image2map_gui.commands.exporting import ANIMATED, VIEWS, run_export
from image2map_gui.commands.grammar.arguments import (
    add_copying,
    add_full_paths,
    add_labels,
    add_limits,
    add_map,
    number,
)
from image2map_gui.core.analysis.clusters import METHODS
from image2map_gui.core.export.animation import FPS, SECONDS_HELD
from image2map_gui.core.export.folders import ORDERS
from image2map_gui.core.images.sources import PAGES
from image2map_gui.core.som.quality.u_matrix import STATISTICS


def add_export(commands: Any) -> None:
    """Add ``export``."""
    parser = commands.add_parser(
        "export", help="write a view of a map as a picture, or its data as a file"
    )
    add_map(parser)
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
        type=number(float, 0.1, 20),
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
        type=number(float, 0.1, 50),
        default=FPS,
        metavar="N",
        help=f"history: epochs in a second (default {FPS:g}); the last is held "
        f"{SECONDS_HELD:g} seconds",
    )
    parser.add_argument(
        "--epoch",
        type=number(int, 0, 10**9),
        metavar="N",
        help="views: of the map as it was after so many epochs, of those that are kept",
    )
    parser.add_argument(
        "--on",
        nargs="+",
        metavar="SOURCE",
        help="views: of these pictures on the map, instead of those it was trained on",
    )
    add_labels(parser)
    parser.add_argument(
        "--pages", choices=PAGES, default="first", help="--on: pages of TIFF files (default first)"
    )
    add_limits(parser)
    parser.add_argument(
        "--no-epoch", action="store_true", help="history: do not write the epoch into the frames"
    )
    parser.add_argument("--label", help="activation: of which label")
    parser.add_argument(
        "--component",
        type=number(int, 0, 10**9),
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
        type=number(int, 1, 10**6),
        metavar="N",
        help="clusters: how many (default: where the Davies-Bouldin index is lowest)",
    )
    parser.add_argument("--method", choices=METHODS, default="ward", help="clusters: default ward")
    parser.add_argument(
        "--by", choices=ORDERS, default="unit", help="folders: what tells them apart (default unit)"
    )
    add_copying(parser, "folders: ")
    parser.add_argument(
        "--paths", action="store_true", help="report: tell where the pictures lie, not only names"
    )
    parser.add_argument(
        "--members",
        type=number(int, 1, 6),
        default=3,
        metavar="N",
        help="collage: N x N pictures in a cell (default 3)",
    )
    add_full_paths(parser, "assignments: ")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    parser.set_defaults(run=run_export)
