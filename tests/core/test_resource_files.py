"""Finding the files that come with the program."""

from __future__ import annotations

import pytest

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.resources import resource


def test_a_file_that_is_there_is_found() -> None:
    assert resource("icons").is_dir()


def test_a_missing_file_is_named() -> None:
    with pytest.raises(Image2MapError, match=r"no/such\.svg"):
        resource("no/such.svg")
