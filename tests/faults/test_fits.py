"""Dialogs fit on small screens, and where everything is drawn large."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from windows import assert_calm, start


@pytest.mark.faults
@pytest.mark.parametrize("scale", ["1", "1.25", "2", "3"])
def test_dialogs_fit_or_scroll(tmp_path: Path, scale: str) -> None:
    given = {"HOME": str(tmp_path), "QT_SCALE_FACTOR": scale}
    done = start("fits.py", cwd=tmp_path, environment=given)
    assert_calm(done)
    told = json.loads(done.stdout)
    assert len(told["found"]) >= 20
    too_large = {name: size for name, (fits, *size) in told["found"].items() if not fits}
    assert too_large == {}, told["room"]
