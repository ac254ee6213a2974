"""The README says what is true: its table of settings and its commands."""

from __future__ import annotations

from pathlib import Path

from image2map_gui.core.images.limits import Limits
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.options import Option, options_of
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.presets import PRESETS

README = Path(__file__).parents[1] / "README.md"


def row(option: Option, default: str) -> str:
    auto = "auto, " if option.optional else ""
    name = option.name.replace("_", "-")
    return f"| {option.label} | `--{name}` | {default} | {auto}{option.range_text} |"


def rows() -> list[str]:
    """The table of settings as it has to be; printed by running this file."""
    map_rows = [row(option, option.text(option.default)) for option in options_of(SomParams)]
    by_pictures = ("size", "colour")
    picture_rows = [
        row(
            option,
            "chosen by the pictures" if option.name in by_pictures else option.text(option.default),
        )
        for option in options_of(ImageSpec)
    ]
    limit_rows = [row(option, option.text(option.default)) for option in options_of(Limits)]
    return map_rows + picture_rows + limit_rows


def test_every_setting_stands_in_the_table() -> None:
    lines = README.read_text("utf-8").splitlines()
    start = lines.index("| setting | option | default | allowed |") + 2
    assert lines[start : start + len(rows())] == rows()
    assert lines[start + len(rows())] == ""


def test_every_preset_is_named() -> None:
    text = README.read_text("utf-8")
    for name in PRESETS:
        assert f"`{name}`" in text


def test_commands_and_picture_are_there() -> None:
    text = README.read_text("utf-8")
    for mark in ("run command", "test command", "system packages"):
        assert f"<!-- {mark} -->" in text
    assert (README.parent / "resources" / "screenshots" / "window.png").is_file()


if __name__ == "__main__":
    import sys

    sys.stdout.write("\n".join(rows()) + "\n")
