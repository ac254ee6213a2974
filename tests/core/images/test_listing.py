"""Tables that list pictures: taken as they are named, in their order, with their labels."""

from __future__ import annotations

from pathlib import Path

import pytest
from data import write_picture

from image2map_gui.core.errors import SourceError
from image2map_gui.core.images.sources import find_sources


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for shade, name in enumerate(("b/1.png", "a/2.png", "a/3.png")):
        write_picture(tmp_path / name, 10 * shade)
    return tmp_path


def listed(folder: Path, text: str) -> Path:
    table = folder / "list.csv"
    table.write_text(text, encoding="utf-8")
    return table


def test_pictures_come_in_the_order_and_with_the_labels_of_the_table(pictures: Path) -> None:
    absolute = pictures / "a" / "3.png"
    table = listed(pictures, f"label,path\nx/y,b/1.png\nx/z,{absolute}\n,a/2.png\n")
    found = find_sources([table])
    assert [one.path for one in found.sources] == [
        str(pictures / name) for name in ("b/1.png", "a/3.png", "a/2.png")
    ]
    assert [one.label for one in found.sources] == ["x/y", "x/z", None]


def test_a_table_without_labels_lists_pictures(pictures: Path) -> None:
    found = find_sources([listed(pictures, "path\na/2.png\n\nb/1.png\n")])
    assert [one.name for one in found.sources] == ["2.png", "1.png"]


def test_what_cannot_be_taken_is_listed_and_nothing_twice(pictures: Path) -> None:
    (pictures / "notes.txt").write_text("no picture")
    table = listed(pictures, "path\na/2.png\nnone.png\na/../a/2.png\na\nnotes.txt\nlist.csv\n")
    found = find_sources([table])
    assert [one.name for one in found.sources] == ["2.png"]
    assert {Path(one.path).name: one.reason for one in found.skipped} == {
        "none.png": "no such file or directory",
        "a": "is not a regular file",
        "notes.txt": "is not a picture",
    }


def test_a_table_in_a_folder_is_no_list(pictures: Path) -> None:
    listed(pictures, "path\na/2.png\n")
    found = find_sources([pictures])
    assert len(found.sources) == 3
    assert [one.reason for one in found.skipped] == ["is not a picture"]


def test_folders_beside_a_table_keep_their_labels(pictures: Path) -> None:
    other = pictures / "other"
    table = listed(pictures, "path,label\na/2.png,red\n")
    for name in ("p/q/4.png", "p/r/5.png"):
        write_picture(other / name, 99)
    found = find_sources([other, table])
    assert [one.label for one in found.sources] == ["q", "r", "red"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the first line must name the column path"),
        ("name,label\n1.png,a\n", "the first line must name the column path"),
        ("path\n", "there are no pictures in it"),
        ("path\n\0none\n", "there are no pictures to use"),
    ],
)
def test_a_table_that_lists_nothing_is_refused(pictures: Path, text: str, said: str) -> None:
    with pytest.raises(SourceError, match=said) as refusal:
        find_sources([listed(pictures, text)])
    assert "list.csv" in str(refusal.value) or "none" in str(refusal.value)


def test_a_table_that_is_no_text_is_refused(pictures: Path) -> None:
    (pictures / "list.csv").write_bytes(b"path\n\xff\xfe\n")
    with pytest.raises(SourceError, match="the paths cannot be read"):
        find_sources([pictures / "list.csv"])
