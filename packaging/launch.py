"""Starts the program inside the bundle."""

import multiprocessing
import os
import sys
from pathlib import Path


def settle_locale() -> None:
    """Read a missing locale as UTF-8, as Python itself does outside a bundle; Qt complains else."""
    chosen = os.environ.get("LC_CTYPE") or os.environ.get("LANG") or "C"
    if not os.environ.get("LC_ALL") and chosen in ("C", "POSIX"):
        os.environ["LC_CTYPE"] = "C.UTF-8"


def command_line(given: list[str]) -> list[str]:
    """Open the window for a double click (no arguments) and for files dropped on the program.

    A desktop hands files over with their whole path, and no command looks like one.
    """
    if not given or Path(given[0]).is_absolute():
        return ["open", *given]
    return given


if __name__ == "__main__":
    multiprocessing.freeze_support()
    settle_locale()

    from image2map_gui.cli import main

    raise SystemExit(main(command_line(sys.argv[1:])))
