"""Names that any file system takes."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.export.names import alike, numbered, safe_name

ODD = [
    "", ".", "..", "a/b", "../..", "/etc/passwd", "nul", "COM1.png", "a\nb", "\0", "x" * 400,
    "\u00e9" * 200, ".hidden", "dots...", "end ", "\udcff", "a\u202eb", "C:\\x", "\u2028",
]  # fmt: skip


@given(st.one_of(st.sampled_from(ODD), st.text(st.characters(exclude_categories=()))))
def test_every_text_becomes_a_name_of_one_folder(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    name = safe_name(text)
    assert name not in ("", ".", "..")
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert len(os.fsencode(name)) <= 255
    assert not name.endswith((" ", "."))
    assert safe_name(name) == name
    folder = tmp_path_factory.getbasetemp() / "names"
    folder.mkdir(exist_ok=True)
    (folder / name).mkdir(exist_ok=True)
    assert (folder / name).resolve().parent == folder.resolve()


def test_devices_of_windows_get_another_name() -> None:
    assert safe_name("con") == "_con"
    assert safe_name("Lpt1.png") == "_Lpt1.png"
    assert safe_name("console") == "console"


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("a.png", "a (2).png"),
        ("a", "a (2)"),
        (".png", ".png (2)"),
        ("x" * 251 + ".png", "x" * 247 + " (2).png"),
        ("a." + "b" * 253, ("a." + "b" * 253)[:251] + " (2)"),
    ],
)
def test_numbers_come_before_the_ending_and_keep_the_length(name: str, made: str) -> None:
    assert numbered(name, 1) == name
    assert numbered(name, 2) == made
    assert len(os.fsencode(made)) <= 255


def test_names_that_differ_in_case_or_spelling_of_accents_are_alike() -> None:
    assert alike("Stra\u00dfe") == alike("STRASSE")
    assert alike("cafe\u0301") == alike("CAF\u00c9")
    assert alike("cat") != alike("cats")
