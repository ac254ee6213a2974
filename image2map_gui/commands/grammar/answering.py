"""The commands that answer: classify, evaluate, suggest."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from image2map_gui.commands.answers import run_classify, run_evaluate
from image2map_gui.commands.grammar.arguments import (
    add_copying,
    add_full_paths,
    add_json,
    add_labels,
    add_map,
    add_sources,
    number,
)
from image2map_gui.commands.teaching import run_suggest
from image2map_gui.core.analysis.methods import LABELLINGS, Rules
from image2map_gui.core.analysis.methods import METHODS as ANSWERS


def add_classify(commands: Any) -> None:
    """Add ``classify``."""
    parser = commands.add_parser("classify", help="say where pictures belong on a map")
    add_map(parser)
    add_sources(parser)
    add_rules(parser)
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the answers to a table")
    add_full_paths(parser, "--csv: ")
    parser.add_argument(
        "--copy-into",
        type=Path,
        metavar="FOLDER",
        help="copy the pictures into folders by their labels; nothing is moved or replaced",
    )
    add_copying(parser)
    add_json(parser)
    parser.set_defaults(run=run_classify)


def add_evaluate(commands: Any) -> None:
    """Add ``evaluate``."""
    parser = commands.add_parser("evaluate", help="judge a map on a set of pictures")
    add_map(parser)
    add_sources(parser)
    add_labels(parser)
    add_rules(parser)
    parser.add_argument(
        "--folds",
        type=number(int, 2, 100),
        default=0,
        metavar="K",
        help="also train K maps with the settings of this one, each without one part of the "
        "pictures, and judge it on that part; takes as long as K trainings",
    )
    add_json(parser)
    parser.set_defaults(run=run_evaluate)


def add_suggest(commands: Any) -> None:
    """Add ``suggest``."""
    parser = commands.add_parser(
        "suggest", help="name the pictures that would help most if you labelled them"
    )
    add_map(parser)
    parser.add_argument(
        "--count",
        type=number(int, 1, 1_000_000),
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
    add_full_paths(parser, "--csv: ")
    add_json(parser)
    parser.set_defaults(run=run_suggest)


def add_rules(parser: argparse.ArgumentParser) -> None:
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
        type=number(int, 1, 1000),
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
        type=number(float, 0, 1),
        default=usual.novel,
        metavar="SHARE",
        help="a picture is unlike the training pictures if more than this share of them was "
        f"nearer to their unit (default {usual.novel:g})",
    )
    group.add_argument(
        "--reject",
        type=number(float, 0, 1),
        default=usual.reject,
        metavar="CONFIDENCE",
        help="give no label below this confidence (default 0: always give one)",
    )
    group.add_argument(
        "--reject-novel",
        action="store_true",
        help="give no label to what is unlike the training pictures",
    )
