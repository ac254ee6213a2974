"""``open`` and ``sample``."""

from __future__ import annotations

import argparse
import os
import sys

from image2map_gui.commands.shared import say
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.samples import write_sample


def run_open(chosen: argparse.Namespace) -> int:
    """Open the window; without a display only the demo runs, off screen."""
    on_screen = _has_display()
    if not on_screen:
        if not chosen.demo:
            raise ParameterError(
                "there is no display for a window; 'image2map open --demo' works without one."
            )
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from image2map_gui.ui.app import run, run_demo  # the other commands must not load Qt

    return run_demo(on_screen=on_screen) if chosen.demo else run(chosen.paths)


def run_sample(chosen: argparse.Namespace) -> int:
    """Write a drawn collection."""
    written = write_sample(chosen.name, chosen.folder, chosen.count, chosen.size)
    say(f"{written} pictures written to {chosen.folder}")
    return 0


def _has_display() -> bool:
    if os.environ.get("QT_QPA_PLATFORM", "").startswith(("offscreen", "minimal")):
        return False
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
