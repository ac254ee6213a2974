"""Windows in processes of their own, of which tests read what they say until they kill them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import Any

from windows import HERE, PACKAGE

PATIENCE = 90.0  # seconds for anything that is said
OFTEN = 0.005  # minutes between two side files


class Life:
    """One run of ``living.py`` with a home folder of its own."""

    def __init__(self, home: Path, act: str, *paths: Path, minutes: float = OFTEN) -> None:
        settings = home / ".config" / "image2map" / "settings.json"
        if not settings.exists():
            settings.parent.mkdir(parents=True, exist_ok=True)
            settings.write_text(json.dumps({"safety": {"autosave": minutes}}))
        environment = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PACKAGE),
            "QT_QPA_PLATFORM": "offscreen",
        }
        self.errors_path = home / "stderr.txt"
        self._errors = self.errors_path.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "living.py"), act, *map(str, paths)],
            cwd=home,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self.said: dict[str, Any] = {}  # the last of each kind
        self._lines: Queue[str | None] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _news(self, seconds: float) -> Iterator[dict[str, Any]]:
        """Yield what is said until the process ends or is silent for so long."""
        while True:
            try:
                line = self._lines.get(timeout=seconds)
            except Empty:
                return
            if line is None:
                return
            facts = json.loads(line)
            self.said |= facts
            yield facts

    def until(self, name: str, least: object = True) -> dict[str, Any]:
        """Wait until something is said; returns the last of all that was."""
        for facts in self._news(PATIENCE):
            if name in facts and facts[name] >= least:
                return self.said
        raise AssertionError(f"never said: {name}; {self.said}; {self.errors}")

    def kill(self, number: int = signal.SIGKILL) -> int:
        """Send a signal, wait for the end, and return the exit code; all that was said is read."""
        self.process.send_signal(number)
        return self.end()

    def end(self) -> int:
        """Wait for the end and return the exit code."""
        for _ in self._news(PATIENCE):
            pass
        return self.process.wait(PATIENCE)

    @property
    def errors(self) -> str:
        """What was written to standard error by all runs in this home."""
        return self.errors_path.read_text("utf-8", "backslashreplace")[-4000:]

    def __enter__(self) -> Life:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._errors.close()


def state(home: Path) -> Path:
    """Return the folder in which a home keeps the log."""
    return home / ".local" / "state" / "image2map"


def kept(home: Path) -> list[str]:
    """Return what unsaved work there is in a home."""
    folder = state(home) / "recovery"
    return sorted(path.name for path in folder.glob("*.i2m")) if folder.exists() else []


def log(home: Path) -> str:
    """Return the log of a home."""
    return (state(home) / "image2map.log").read_text("utf-8")
