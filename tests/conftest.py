"""Settings and fixtures for all tests; nothing here knows Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from data import draw_lines, shared
from hypothesis import settings

from image2map_gui.core.images.limits import Limits, limits, use_limits

settings.register_profile("image2map", deadline=None, max_examples=40, derandomize=True)
settings.load_profile("image2map")


def pytest_configure(config: pytest.Config) -> None:
    """Let Pillow's remarks pass, as the decoder does; pytest sets its own filters over that."""
    config.addinivalue_line("filterwarnings", r"ignore:::PIL\.")


@pytest.fixture(scope="session")
def lines_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the 100 drawings of a line that turns through 180 degrees."""
    return draw_lines(tmp_path_factory.mktemp("pictures") / "lines")


@pytest.fixture(scope="session")
def mnist() -> Path:
    """Return the folder of the MNIST digits, or skip the test."""
    folder = shared("data", "mnist")
    if not folder.is_dir():
        pytest.skip("the shared MNIST digits are not here")
    return folder


@pytest.fixture
def limited() -> Iterator[Callable[..., None]]:
    """Return a function that sets limits; those of before hold again after the test."""
    before = limits()
    yield lambda **values: use_limits(Limits(**values))
    use_limits(before)
