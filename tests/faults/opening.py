"""Opens projects one after the other and prints what came of each, with time and memory."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from projects import plain

from image2map_gui.core.errors import ProjectError
from image2map_gui.core.project.load import load_project


def opened(path: Path) -> dict[str, Any]:
    """Open a project; returns the digest of all it holds, or the refusal."""
    began = time.perf_counter()
    try:
        content = repr(plain(load_project(path))).encode("utf-8", "surrogatepass")
        outcome = {"digest": hashlib.sha256(content).hexdigest()}
    except ProjectError as error:
        outcome = {"refusal": str(error)}
    seconds = time.perf_counter() - began
    return {"name": path.name, "seconds": seconds, "peak": peak_of_this_program(), **outcome}


def peak_of_this_program() -> float:
    """Return the most memory it took, in MB; what ``getrusage`` tells counts its parent's too."""
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    return int(peak) / 1024


if __name__ == "__main__":
    for one in sorted(Path(sys.argv[1]).iterdir()):
        sys.stdout.write(json.dumps(opened(one)) + "\n")
