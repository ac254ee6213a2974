"""The bundle's entry turns what a desktop does into a command line."""

import importlib.util
import os
from pathlib import Path

import pytest

LAUNCH = Path(__file__).resolve().parent.parent.parent / "packaging" / "launch.py"


@pytest.fixture(scope="module")
def launch():
    spec = importlib.util.spec_from_file_location("launch", LAUNCH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_double_click_opens_the_window(launch):
    assert launch.command_line([]) == ["open"]


def test_dropped_files_are_opened(launch, tmp_path):
    files = [str(tmp_path / "a map.i2m"), str(tmp_path / "b.png")]
    assert launch.command_line(files) == ["open", *files]


@pytest.mark.parametrize("given", [["--version"], ["open", "--demo"], ["info", "/maps/a.i2m"]])
def test_commands_stay_as_they_are(launch, given):
    assert launch.command_line(given) == given


@pytest.mark.parametrize(
    ("given", "settled"),
    [
        ({}, "C.UTF-8"),
        ({"LANG": "C"}, "C.UTF-8"),
        ({"LANG": "de_DE.UTF-8"}, None),
        ({"LANG": "C", "LC_CTYPE": "de_DE.UTF-8"}, "de_DE.UTF-8"),
        ({"LC_ALL": "C"}, None),
    ],
)
def test_missing_locale_is_read_as_utf8(launch, monkeypatch, given, settled):
    for name in ("LANG", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LC_CTYPE", given.get("LC_CTYPE", ""))  # put back after the test
    launch.settle_locale()
    assert os.environ["LC_CTYPE"] == (settled or "")
