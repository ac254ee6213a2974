"""Opens the window with a project that is read from a disk of no end; run by test_crashes.

``python opening_slowly.py PROJECT`` prints "reading" while it is read.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from image2map_gui.core.project.load import Loading
from image2map_gui.ui import app
from image2map_gui.ui.session import opener


def endless(_path: Path) -> Iterator[Loading]:
    sys.stdout.write("reading\n")
    sys.stdout.flush()
    while True:
        time.sleep(0.02)
        yield Loading(0.5)


if __name__ == "__main__":
    opener.loading = endless
    sys.exit(app.run(sys.argv[1:]))
