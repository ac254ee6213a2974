"""Which pictures a text or a list means."""

from __future__ import annotations

import pytest

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.matching import by_names, by_text
from image2map_gui.core.images.sources import Source

SOURCES = (
    Source("/a/IMG_1.jpg"),
    Source("/a/img_20.jpg"),
    Source("/b/IMG_1.jpg"),
    Source("/b/c++ (1).png"),
    Source("/z.zip", kind="zip", member="in/IMG_1.jpg"),
)


@pytest.mark.parametrize(
    ("text", "expression", "rows"),
    [
        ("img_1", False, [0, 2, 4]),
        ("IMG_", False, [0, 1, 2, 4]),
        ("c++ (", False, [3]),
        ("nothing", False, []),
        (r"_\d{2}", True, [1]),
        ("^c|20", True, [1, 3]),
    ],
)
def test_a_text_in_the_names(text: str, expression: bool, rows: list[int]) -> None:
    assert by_text(SOURCES, text, expression=expression).tolist() == rows


@pytest.mark.parametrize("text", ["(", "*", "[a", "a{99999999999999}", "(?P<"])
def test_what_is_no_expression_says_why(text: str) -> None:
    with pytest.raises(ParameterError, match=r"no regular expression: .+\."):
        by_text(SOURCES, text, expression=True)


def test_names_paths_and_unknown_lines() -> None:
    lines = ["/a/IMG_1.jpg", "  c++ (1)  ", "", "'img_20.jpg'", "gone.png", "gone.png", "\t"]
    rows, unknown = by_names(SOURCES, lines)
    assert rows.tolist() == [0, 1, 3]
    assert unknown == ("gone.png",)
    assert by_names(SOURCES, ["IMG_1"])[0].tolist() == [0, 2, 4]
    assert by_names(SOURCES, ["/z.zip/in/IMG_1.jpg"])[0].tolist() == [4]
    assert by_names((), ["a"])[1] == ("a",)
