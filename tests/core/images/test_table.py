"""What tables say of pictures: labels and weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data import write_idx, write_picture

from image2map_gui.core.errors import SourceError
from image2map_gui.core.images.sources import Source, find_sources
from image2map_gui.core.images.table import label_from_table, read_column, weights_from_table


def table(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "labels.csv"
    path.write_text(text, encoding=encoding, newline="")
    return path


def test_a_table_names_pictures_by_path_by_place_or_by_name(tmp_path: Path) -> None:
    for name in ("p/a.png", "p/b.png", "p/c.png", "q/d.png"):
        write_picture(tmp_path / name)
    rows = f"label,path\ncat,p/a.png\ndog,{tmp_path / 'p/b.png'}\ncow,c.png\n"
    marked = label_from_table(find_sources([tmp_path]).sources, table(tmp_path, rows))
    assert [source.label for source in marked] == ["cat", "dog", "cow", None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables_of_other_programs_can_be_read(tmp_path: Path, encoding: str, end: str) -> None:
    source = Source(str(write_picture(tmp_path / "ü, 1.png")))
    text = end.join(["path,other,label", '"ü, 1.png",7,"größte ""Katze"""', ""])
    (marked,) = label_from_table([source], table(tmp_path, text, encoding))
    assert marked.label == 'größte "Katze"'


def test_a_table_can_name_pictures_of_an_idx_file(tmp_path: Path) -> None:
    path = write_idx(tmp_path / "x-images-idx3-ubyte", np.zeros((3, 4, 5), np.uint8))
    rows = f"path,label\n{path}#0,first\nx-images-idx3-ubyte#2,third\n"
    marked = label_from_table(find_sources([path]).sources, table(tmp_path, rows))
    assert [source.label for source in marked] == ["first", None, "third"]


@pytest.mark.parametrize(
    "rows", ["cat\n", "\n\n", "a\0b.png,cat\n", "loop,cat\n", ",cat\n", f"{'x' * 5000},cat\n"]
)
def test_odd_rows_of_a_table_label_nothing(tmp_path: Path, rows: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    source = Source(str(write_picture(tmp_path / "a.png")), label="before")
    order = "label,path\n" if rows == "cat\n" else "path,label\n"
    (marked,) = label_from_table([source], table(tmp_path, order + rows))
    assert marked.label is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "columns path and label"),
        ("file,label\na.png,cat\n", "columns path and label"),
        (f"path,label\n{'x' * 200_000},cat\n", "cannot be read"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        label_from_table([], table(tmp_path, text))


def test_a_table_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    latin = table(tmp_path, "path,label\ncafé.png,cat\n", "latin-1")
    for path in (latin, tmp_path, tmp_path / "none.csv"):
        with pytest.raises(SourceError, match="cannot be read"):
            label_from_table([], path)


def test_weights_count_one_where_none_is_named(tmp_path: Path) -> None:
    sources = [Source(str(write_picture(tmp_path / name))) for name in ("a.png", "b.png", "c.png")]
    weights = weights_from_table(sources, table(tmp_path, "path,weight\na.png,2.5\nc.png,0\n"))
    np.testing.assert_array_equal(weights, [2.5, 1, 0])


@pytest.mark.parametrize("wrong", ["-1", "nan", "inf", "much"])
def test_wrong_weights_are_refused_with_the_picture(tmp_path: Path, wrong: str) -> None:
    source = Source(str(write_picture(tmp_path / "a.png")))
    with pytest.raises(SourceError, match=rf"weight '{wrong}' of .*a.png is no number"):
        weights_from_table([source], table(tmp_path, f"path,weight\na.png,{wrong}\n"))
    with pytest.raises(SourceError, match="columns path and weight"):
        weights_from_table([source], table(tmp_path, "path,label\na.png,1\n"))


def test_no_label_is_not_that_of_another_picture_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("path,label\n1.png,cat\nsub/1.png,\n", "utf-8")
    sources = [Source(str(tmp_path / "1.png")), Source(str(tmp_path / "sub" / "1.png"))]
    assert read_column(sources, tmp_path / "labels.csv", "label") == ["cat", None]
