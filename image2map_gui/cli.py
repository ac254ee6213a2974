"""The street door: runs a command, turns errors into one line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from image2map_gui import __version__
from image2map_gui.commands.signals import code_of, heeding_termination

DONE, DATA_AT_FAULT, ARGUMENTS_AT_FAULT = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code (0, 1, 2, 130 or 143, see the README)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    _prepare_streams()
    try:
        if given == ["--version"]:  # answered before anything heavy is loaded
            sys.stdout.write(f"image2map {__version__}\n")
            code = DONE
        else:
            code = _run(given)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output went away, as in "| head -1"
        _drop_output()
        return DONE
    except OSError as error:  # for example a full disk that the output was sent to
        _drop_output()
        place = f"{error.filename}: " if error.filename else ""
        return _complain(f"{place}{error.strerror or error}.", DATA_AT_FAULT)
    except KeyboardInterrupt as end:
        return _complain("interrupted.", code_of(end))
    return code


def main_window() -> int:
    """Open the window with the paths of the command line: the script ``image2map-gui``."""
    return main(["open", *sys.argv[1:]])


def _run(arguments: list[str]) -> int:
    from image2map_gui.commands.grammar.parser import parse_arguments
    from image2map_gui.core.errors import Image2MapError, ParameterError

    try:
        chosen = parse_arguments(arguments, __version__)
        with heeding_termination():
            return int(chosen.run(chosen))
    except ParameterError as error:
        return _complain(str(error), ARGUMENTS_AT_FAULT)
    except Image2MapError as error:
        return _complain(str(error), DATA_AT_FAULT)
    except MemoryError:
        return _complain("there is not enough memory for this; try fewer units.", DATA_AT_FAULT)


def _prepare_streams() -> None:
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed, or a program of Windows without a console
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        elif hasattr(stream, "reconfigure"):  # names of files need not be valid text
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Let what is still to be written vanish, or Python would fail on it once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str, code: int) -> int:
    line = " ".join(message.split())  # no name of a file may break the line or steer the terminal
    shown = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line)
    sys.stderr.write(f"image2map: {shown}\n")
    return code
