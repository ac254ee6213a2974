"""Projects that carry the number of their save in every part, and a process that saves them.

Run as a program it makes children that save, kills them or lets their system calls fail, and prints
what was found as one JSON object.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import mmap
import os
import random
import re
import signal
import struct
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from image2map_gui.core.errors import ProjectError
from image2map_gui.core.files import sweep
from image2map_gui.core.frames import Frames
from image2map_gui.core.images.collection import Group, Parts
from image2map_gui.core.images.sources import Skipped, Source
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project
from image2map_gui.core.project.save import backup_of, save_project

# The calls that change something on a disk, and those that could spoil the way there.
CALLS = ("openat", "write", "lseek", "fsync", "rename", "renameat", "renameat2", "link", "linkat",
         "chmod", "fchmodat", "unlink", "unlinkat", "close")  # fmt: skip
FAULTS = {"kill": "signal=KILL", "full": "error=ENOSPC", "broken": "error=EIO"}
NOT_CONFIRMED = "did not confirm"


def stamped(project: Project, number: int) -> Project:
    """Return a project of the same shape with a number in every part of it."""
    model = project.model
    assert model is not None
    sources = tuple(
        Source("lines", number + row, f"label {number}", "sample")
        for row in range(len(project.sources))
    )
    one = np.zeros_like(model.label_counts)
    one[0, 0] = number
    hits = np.zeros_like(model.hits)
    hits[-1] = number
    fresh = dataclasses.replace(
        model,
        weights=filled(model.weights, number),
        hits=hits,
        label_counts=one,
        distances=filled(model.distances, number),
        quantization_error=float(number),
    )
    frames = tuple(
        dataclasses.replace(
            frame,
            weights=filled(frame.weights, number),
            units=None if frame.units is None else filled(frame.units, number % 6),
            distances=None if frame.distances is None else filled(frame.distances, number),
        )
        for frame in project.frames.frames
    )
    runs = tuple(
        dataclasses.replace(
            run,
            thumb=filled(run.thumb, number % 256),
            note=str(number),
            kept=None
            if run.kept is None
            else dataclasses.replace(
                run.kept,
                weights=filled(run.kept.weights, number),
                sources=sources,
                units=filled(run.kept.units, number % 4),
                distances=filled(run.kept.distances, number),
            ),
        )
        for run in project.runs
    )
    excluded = frozenset({sources[number % len(sources)].address})
    return dataclasses.replace(
        project,
        sources=sources,
        skipped=(Skipped(f"/{number}", str(number)),),
        model=fresh,
        picture_units=filled(project.picture_units, number % 6),
        picture_distances=filled(project.picture_distances, number),
        seconds=float(number),
        parts=Parts(excluded=excluded),
        frames=Frames(frames, sources),
        runs=runs,
        selections=(Group(f"group {number}", excluded),),
    )


def filled(array: Any, number: int) -> Any:
    """Return an array of the same kind full of a number."""
    return np.full(array.shape, number, array.dtype)


def number_of(project: Project) -> int:
    """Return the number that a project carries in every part; two numbers are an error."""
    number = int(project.seconds)
    model, frames = project.model, project.frames.frames
    assert model is not None
    full: list[tuple[Any, int]] = [
        (model.weights, number),
        (model.hits[-1:], number),
        (model.label_counts[0, :1], number),
        (model.distances, number),
        (project.picture_units, number % 6),
        (project.picture_distances, number),
        *((frame.weights, number) for frame in frames),
        *((frame.units, number % 6) for frame in frames if frame.units is not None),
        *((frame.distances, number) for frame in frames if frame.distances is not None),
    ]
    for run in project.runs:
        full.append((run.thumb, number % 256))
        assert run.note == str(number)
        if run.kept is not None:
            full += [(run.kept.weights, number), (run.kept.distances, number)]
            full.append((run.kept.units, number % 4))
    assert all((array == value).all() for array, value in full)
    assert [source.index - number for source in project.sources] == list(range(100))
    assert {source.label for source in project.sources} == {f"label {number}"}
    excluded = frozenset({project.sources[number % 100].address})
    assert (project.parts.excluded, project.selections[0].addresses) == (excluded, excluded)
    assert (project.selections[0].name, project.skipped[0].path) == (
        f"group {number}",
        f"/{number}",
    )
    assert model.quantization_error == number
    return number


# --- killed at any instant --------------------------------------------------------------------


def killing(path: Path, times: int, seed: int) -> dict[str, int]:
    """Let a child save again and again and kill it, as often as wanted; return the counts."""
    chance, found = random.Random(seed), Counter[str]()
    base = load_project(path)
    done = mmap.mmap(-1, 8)
    last = 2
    for number in (1, last):
        save_project(stamped(base, number), path)
    for _ in range(times):
        done[:] = struct.pack("<q", last)
        child = os.fork()
        if child == 0:
            for number in range(last + 1, last + 1_000_000):
                save_project(stamped(base, number), path)
                done[:] = struct.pack("<q", number)
        time.sleep(chance.uniform(0.005, 0.08))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        finished = struct.unpack("<q", done[:])[0]
        found["saves finished"] += finished - last
        last = _judge(path, finished, found)
    found["left over"] = len(list(path.parent.glob(".*.part")))
    save_project(stamped(base, last + 1), path)
    found["left over after the next save"] = len(list(path.parent.glob(".*")))
    return {"kills": times, "lost": 0, "mixed": 0, **found}


def _judge(path: Path, finished: int, found: Counter[str]) -> int:
    """Look at what is there after a kill: the save that was finished, or the one after it."""
    number = finished
    try:
        number = number_of(load_project(path))
        found["older than what was finished"] += number < finished
        found["newer than what was finished"] += number > finished
        if number_of(load_project(backup_of(path))) not in (number, number - 1):
            found["old copies missing"] += 1
    except ProjectError as error:
        found["lost"] += 1
        sys.stderr.write(f"{error}\n")
    except AssertionError:
        found["mixed"] += 1
        traceback.print_exc()
    return number


# --- each system call fails once --------------------------------------------------------------


def failing(path: Path, some: Callable[[str, int], bool]) -> dict[str, Any]:
    """Let each system call of one save fail once; ``some`` tells which of them are tried."""
    found: Counter[str] = Counter()
    base = load_project(path)
    save_project(stamped(base, 1), path)
    log = path.parent.parent / "calls.txt"
    save = lambda: save_project(stamped(base, 2), path)  # noqa: E731
    assert _traced(save, ["-o", str(log)])[0] == 0
    calls = _calls(log.read_text(errors="replace"))
    for call, count in sorted(Counter(calls).items()):
        for place in range(1, count + 1):
            for fault, how in FAULTS.items():
                if not some(f"{call} {fault}", place):
                    continue
                sweep(path.parent)
                save_project(stamped(base, 1), path)
                code, said = _traced(save, ["-e", f"inject={call}:{how}:when={place}"])
                found[fault] += 1
                _judge_failure(path, code, said, fault, found)
    return {"calls": dict(Counter(calls)), "order": _order(calls), "faults": dict(found)}


def _traced(save: Callable[[], object], options: list[str]) -> tuple[int, str]:
    """Save in a child that strace looks at; return how it ended and what it said.

    0: it says that it saved, 1: that it did not, -9: killed.
    """
    begin, said = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.read(begin[0], 1)
        code = 0
        try:
            save()
        except ProjectError as error:
            code = 1
            _tell(said[1], str(error))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
            code = 2
            _tell(said[1], repr(error))
        os._exit(code)
    os.close(said[1])
    trace = f"trace={','.join(CALLS)}"
    command = ["strace", "-qq", "-p", str(child), "-e", trace, *options]
    if "-o" not in options:
        command += ["-o", os.devnull]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE)
    while b"TracerPid:\t0\n" in Path(f"/proc/{child}/status").read_bytes():
        time.sleep(0.001)
        assert tracer.poll() is None, tracer.stderr and tracer.stderr.read()
    os.write(begin[1], b"x")
    told = b"".join(iter(lambda: os.read(said[0], 4096), b""))
    _, status = os.waitpid(child, 0)
    tracer.communicate(timeout=20)
    for handle in (*begin, said[0]):
        os.close(handle)
    return os.waitstatus_to_exitcode(status), told.decode()


def _tell(handle: int, text: str) -> None:
    with contextlib.suppress(OSError):
        os.write(handle, text.encode())


def _judge_failure(path: Path, code: int, said: str, fault: str, found: Counter[str]) -> None:
    """Old or new, whole; new if it says so, old if it says that nothing was changed."""
    found["said saved" if code == 0 else "said not saved" if code == 1 else "killed"] += 1
    if code not in (0, 1, -9):
        found["crashed"] += 1
        sys.stderr.write(f"{code}: {said}\n")
    try:
        number = number_of(load_project(path))
    except (ProjectError, AssertionError) as error:
        found["lost or mixed"] += 1
        sys.stderr.write(f"{error}\n")
        return
    confirmed = NOT_CONFIRMED not in said
    found["old" if number == 1 else "new"] += 1
    found["falsely claimed"] += code == 0 and number != 2
    found["falsely denied"] += code == 1 and number != 1 and confirmed
    found["left over"] += code in (0, 1) and len(list(path.parent.glob(".*"))) > 0


def _calls(log: str) -> list[str]:
    return [match[1] for match in re.finditer(r"^(\w+)\(", log, re.MULTILINE)]


def _order(calls: list[str]) -> list[str]:
    """Return the order of the calls that last, repetitions left out."""
    kinds = [call for call in calls if call in ("write", "fsync", "rename", "linkat", "link")]
    return [call for place, call in enumerate(kinds) if kinds[place - 1 : place] != [call]]


def _some(names: str) -> Iterator[tuple[str, int]]:
    for name in filter(None, names.split(",")):
        call, place = name.split(":")
        yield call, int(place)


if __name__ == "__main__":
    kind, place, *rest = sys.argv[1:]
    if kind == "kill":
        report: dict[str, Any] = killing(Path(place), int(rest[0]), int(rest[1]))
    else:
        wanted = set(_some(rest[0]))
        report = failing(Path(place), lambda call, at: not wanted or (call, at) in wanted)
    sys.stdout.write(json.dumps(report) + "\n")
