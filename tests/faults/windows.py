"""Programs with a window, started by tests in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
ALARMS = ("Traceback", "Fatal Python error", "QThread: Destroyed", "already deleted", "Qt says:")
HERE = Path(__file__).parent
WITHOUT_RIGHTS = (  # the superuser obeys the rights of files then
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
)


def start(
    script: str,
    *arguments: object,
    cwd: Path,
    limit: float = 100,
    before: Sequence[str] = (),
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run one of the scripts beside this file; only the ``environment`` given is there."""
    given = {"HOME": str(cwd)} if environment is None else environment
    usual = {"PYTHONPATH": str(PACKAGE), "QT_QPA_PLATFORM": "offscreen", "PATH": os.environ["PATH"]}
    return subprocess.run(
        [*before, sys.executable, str(HERE / script), *map(str, arguments)],
        cwd=cwd,
        env=usual | given,
        capture_output=True,
        text=True,
        errors="backslashreplace",
        timeout=limit,
        check=False,
    )


def assert_calm(done: subprocess.CompletedProcess[str]) -> None:
    """Assert that a program came to its own end and nothing went wrong on the way."""
    assert done.returncode == 0, done.stderr[-4000:]
    assert not [alarm for alarm in ALARMS if alarm in done.stderr], done.stderr[-4000:]
