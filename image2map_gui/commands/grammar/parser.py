"""The grammar of the whole command line; options come from the declared settings."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from image2map_gui.commands.grammar.answering import add_classify, add_evaluate, add_suggest
from image2map_gui.commands.grammar.exporting import add_export
from image2map_gui.commands.grammar.others import add_info, add_open, add_quantize, add_sample
from image2map_gui.commands.grammar.training import add_train, add_tune
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.options import options_of
from image2map_gui.core.som.params import SomParams

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
        add_open, add_sample, add_train, add_tune, add_classify, add_evaluate, add_suggest,
        add_export, add_info, add_quantize,
    ):  # fmt: skip
        add(commands)
    return parser
