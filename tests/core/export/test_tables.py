"""Tables for other programs."""

from __future__ import annotations

import csv
import dataclasses
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.export.tables import (
    MATCH_COLUMNS,
    match_record,
    write_labels,
    write_matches,
)
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.table import read_column

MATCH = Match(
    source=Source("/pictures/a.png"),
    vector=np.zeros(4, np.float32),
    units=(7, 3, 4),
    unit_distances=(0.5, 0.75, 1.0),
    row=1,
    column=2,
    percentile=0.25,
    novel=False,
    label="cat",
    confidence=0.8,
    guess="cat",
    unit_percentile=0.5,
    unlike=0.125,
)


def written(path: Path, *matches: Match) -> list[list[str]]:
    write_matches(path, matches)
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, strict=True))


def named(path: str, label: str | None = None) -> Match:
    return dataclasses.replace(MATCH, source=Source(path), label=label)


def test_the_columns_are_those_of_the_contract_in_its_order(tmp_path: Path) -> None:
    header, row = written(tmp_path / "a.csv", MATCH)
    assert header == list(MATCH_COLUMNS)
    assert ",".join(header) == (
        "path,unit,row,column,distance,percentile,novel,label,confidence,second_unit,"
        "unit_percentile,guess,rejected,unlike"
    )
    assert row == (
        [
            "/pictures/a.png",
            "7",
            "1",
            "2",
            "0.5",
            "0.25",
            "0",
            "cat",
            "0.8",
            "3",
            "0.5",
            "cat",
            "",
            "0.125",
        ]
    )
    assert list(match_record(MATCH)) == header


def test_what_is_unknown_is_an_empty_cell(tmp_path: Path) -> None:
    alone = dataclasses.replace(
        MATCH, units=(0,), unit_distances=(2.0,), label=None, confidence=math.nan, novel=True,
        guess=None, unit_percentile=math.nan, unlike=math.nan,
    )  # fmt: skip
    _, row = written(tmp_path / "a.csv", alone)
    assert row[4:] == ["2.0", "0.25", "1", "", "", "", "", "", "", ""]
    assert match_record(alone)["label"] is None
    assert match_record(alone)["confidence"] is None
    assert match_record(alone)["second_unit"] is None


def test_pictures_within_a_file_are_named_by_their_place(tmp_path: Path) -> None:
    inside = dataclasses.replace(MATCH, source=Source("/x-images-idx3-ubyte", 5, "3", "idx"))
    assert written(tmp_path / "a.csv", inside)[1][0] == "/x-images-idx3-ubyte#5"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_is_made_text(tmp_path: Path, start: str) -> None:
    _, row = written(tmp_path / "a.csv", named(f"{start}cmd|' /C calc'!A0", f"{start}1+1"))
    assert row[0] == f"'{start}cmd|' /C calc'!A0"
    assert row[7] == f"'{start}1+1"


@given(st.lists(st.tuples(st.text(), st.none() | st.text()), max_size=5))
def test_any_name_is_one_cell(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str | None]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    rows = written(path, *(named(*pair) for pair in texts))
    assert len(rows) == len(texts) + 1
    for row, (place, label) in zip(rows[1:], texts, strict=True):
        assert len(row) == len(MATCH_COLUMNS)
        assert row[0].removeprefix("'") == place.removeprefix("'")
        assert row[7].removeprefix("'") == (label or "").removeprefix("'")
        assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("name", ["two\nlines", "carriage\rreturn", 'quo"te', "com,ma", "a;b"])
def test_lines_end_only_where_rows_do(tmp_path: Path, name: str) -> None:
    rows = written(tmp_path / "a.csv", named(f"/{name}.png", name), MATCH)
    assert [row[0] for row in rows[1:]] == [f"/{name}.png", "/pictures/a.png"]
    assert (tmp_path / "a.csv").read_bytes().endswith(b",0.8,3,0.5,cat,,0.125\n")


def test_names_that_are_no_text_are_written_readably(tmp_path: Path) -> None:
    rows = written(tmp_path / "a.csv", named(os.fsdecode(b"/caf\xe9.png")))
    assert rows[1][0] == r"/caf\udce9.png"


def test_no_matches_give_a_table_of_its_header_alone(tmp_path: Path) -> None:
    assert written(tmp_path / "a.csv") == [list(MATCH_COLUMNS)]


def test_a_table_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Image2MapError, match=r"none.a\.csv: cannot be written"):
        write_matches(tmp_path / "none/a.csv", [MATCH])
    with pytest.raises(Image2MapError, match="cannot be written"):
        write_matches(tmp_path, [MATCH])


def test_labels_come_back_as_they_were_written(tmp_path: Path) -> None:
    labels = ["-1", "+1", "=a", "@b", "'c", "'-1", "''", "'", "cat", None]
    names = [f"{row}.png" for row in range(len(labels) - 1)] + ["-9.png"]
    sources = [
        Source(str(tmp_path / name), label=label) for name, label in zip(names, labels, strict=True)
    ]
    write_labels(tmp_path / "labels.csv", sources)
    assert "'-1" in (tmp_path / "labels.csv").read_text("utf-8")
    assert read_column(sources, tmp_path / "labels.csv", "label") == labels
    (tmp_path / "names.csv").write_text("path,label\n'-9.png,'-8\n", "utf-8")
    assert read_column(sources[-1:], tmp_path / "names.csv", "label") == ["-8"]
