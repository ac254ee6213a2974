"""Kills exports at random instants and prints as one JSON object what was there afterwards."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import image2map_gui.commands.grammar.parser  # noqa: F401 - before the children are made
from image2map_gui.cli import main
from image2map_gui.core.project.load import load_project


def exported(arguments: list[str]) -> float:
    """Run a command to its end; returns how long it took."""
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        os._exit(main(arguments))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return time.perf_counter() - began


def killed(arguments: list[str], seconds: float) -> bool:
    """Run a command and kill it after so many seconds; returns whether it had not ended."""
    child = os.fork()
    if child == 0:
        os._exit(main(arguments))
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def killing(out: Path, arguments: list[str], times: int, chance: random.Random) -> Counter[str]:
    """Write a file again and again: an old one stays as it is until the new one is whole."""
    seconds = exported(arguments)
    new = out.read_bytes()
    found: Counter[str] = Counter()
    for _ in range(times):
        old = chance.randbytes(5_000)
        out.write_bytes(old)
        found["killed"] += killed(arguments, chance.uniform(0.2, 1) * seconds)
        there = out.read_bytes()
        if there == old:
            found["old"] += 1
        elif out.suffix == ".i2m":  # which tells how long it took
            found["new" if load_project(out).model is not None else "NEITHER"] += 1
        else:
            found["new" if there == new else "NEITHER"] += 1
    exported(arguments)
    found["left over"] += len(list(out.parent.glob(".*.part")))
    return found


def copying(out: Path, arguments: list[str], times: int, chance: random.Random) -> Counter[str]:
    """Copy pictures into folders: those that are there are whole."""
    exported([*arguments, str(out / "all")])
    seconds = exported([*arguments, str(out / "again")])  # the first one loads from the disk
    whole = {path.name: path.read_bytes() for path in (out / "all").rglob("*.png")}
    found: Counter[str] = Counter()
    for number in range(times):
        target = out / str(number)
        found["killed"] += killed([*arguments, str(target)], chance.uniform(0.4, 1.2) * seconds)
        for path in target.rglob("*"):
            if path.is_file() and path.suffix != ".part":
                found["whole" if path.read_bytes() == whole[path.name] else "HALF"] += 1
    return found


if __name__ == "__main__":
    kind, place, times, *rest = sys.argv[1:]
    sys.stdout = sys.stderr
    run = copying if kind == "copy" else killing
    report = run(Path(place), rest, int(times), random.Random(3))
    sys.__stdout__.write(json.dumps(report) + "\n")
