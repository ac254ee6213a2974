"""``classify`` by rules, ``evaluate`` with figures of answers, ``tune`` and ``suggest``."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from data import run_command, write_picture

from image2map_gui.core import api
from image2map_gui.core.analysis.methods import METHODS
from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.project.load import load_project


def draw_lines(folder: Path, turn: float = 0.0) -> Path:
    """Draw 60 lines in two folders, flat and steep; ``turn`` by a part of the step between two."""
    for index in range(60):
        angle = np.pi * (index + turn) / 60
        label = "steep" if abs(np.sin(angle)) > 0.7 else "flat"
        write_picture(folder / label / f"{index}.png", draw_line(angle))
    return folder


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_lines(tmp_path_factory.mktemp("answers") / "turned")


@pytest.fixture(scope="module")
def others(turned: Path) -> Path:
    """Lines between those the map was trained on: none of them votes for itself."""
    return draw_lines(turned.parent / "others", 0.4)


@pytest.fixture(scope="module")
def trained(turned: Path) -> Path:
    path = turned.parent / "map.i2m"
    size = ("--rows", 3, "--columns", 5, "--epochs", 8)
    answer = run_command("train", turned, "-o", path, *size, "--quiet")
    assert answer.code == 0, answer.err
    return path


@pytest.mark.parametrize("method", METHODS)
def test_command_line_and_api_answer_the_same(trained: Path, turned: Path, method: str) -> None:
    told = run_command("classify", trained, turned, "--method", method, "--k", 3, "--json").json
    found = api.classify(api.open_map(trained), turned, method=method, k=3)
    assert told["method"] == method
    assert [one["label"] for one in told["matches"]] == [match.label for match in found]
    assert [one["confidence"] for one in told["matches"]] == [m.confidence for m in found]
    assert [one["unit"] for one in told["matches"]] == load_project(trained).picture_units.tolist()
    assert [one["unlike"] for one in told["matches"]] == [match.unlike for match in found]


def test_unsure_and_unlike_pictures_get_no_label(
    trained: Path, turned: Path, tmp_path: Path
) -> None:
    white = write_picture(tmp_path / "white.png", np.full((16, 16), 255, np.uint8))
    rules = ("--novel", 0.9, "--reject", 0.9, "--reject-novel", "--json")
    (one,) = run_command("classify", trained, white, *rules).json["matches"]
    assert (one["label"], one["rejected"], one["novel"]) == (None, "unlike", 1)
    assert one["guess"] in ("flat", "steep")
    matches = run_command("classify", trained, turned, *rules).json["matches"]
    for match in matches:
        assert match["novel"] == int(match["percentile"] > 0.9)
        expected = "unlike" if match["novel"] else "unsure" if match["confidence"] < 0.9 else ""
        assert match["rejected"] == expected
        assert match["label"] == (None if expected else match["guess"])
    assert len({match["rejected"] for match in matches}) == 3
    text = run_command("classify", trained, white, "--reject-novel").out
    assert "no label" in text
    assert re.search(r"unlike anything trained on \(farther than (all|9\d\.\d % of the) ", text)


def test_pictures_are_copied_by_their_answers_and_nothing_else_happens(
    trained: Path, turned: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in turned.rglob("*.png")}
    out = tmp_path / "sorted"
    dry = run_command("classify", trained, turned, "--copy-into", out, "--dry-run")
    assert dry.code == 0, dry.err
    assert "60  pictures would be copied" in dry.out
    assert not out.exists()
    report = run_command("classify", trained, turned, "--copy-into", out, "--json").json
    assert report["copied"]["pictures"] == 60
    given = {Path(one["path"]).name: one["label"] for one in report["matches"]}
    placed = {path.name: path.parent.name for path in out.rglob("*.png")}
    assert placed == given
    assert {path: path.read_bytes() for path in turned.rglob("*.png")} == before
    again = run_command("classify", trained, turned, "--copy-into", out)
    assert again.code == 1
    assert "is not empty" in again.err
    assert {path.name: path.parent.name for path in out.rglob("*.png")} == given
    more = run_command("classify", trained, turned, "--copy-into", out, "--into-existing")
    assert more.code == 0, more.err
    assert len(list(out.rglob("*.png"))) == 120


def test_rejected_pictures_go_into_a_folder_of_their_own(
    trained: Path, turned: Path, tmp_path: Path
) -> None:
    wanted = ("--copy-into", tmp_path / "x", "--reject", 1, "--json", "--dry-run")
    report = run_command("classify", trained, turned, *wanted).json
    folders = report["copied"]["folders"]
    unsure = sum(one["rejected"] == "unsure" for one in report["matches"])
    assert folders["no label"] == unsure > 0
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("method", ["unit", "pictures"])
def test_evaluate_tells_how_good_the_answers_are(trained: Path, others: Path, method: str) -> None:
    record = run_command("evaluate", trained, others, "--method", method, "--json").json
    matches = run_command("classify", trained, others, "--method", method, "--json").json
    true = [Path(one["path"]).parent.name for one in matches["matches"]]
    right = [one["label"] == label for one, label in zip(matches["matches"], true, strict=True)]
    assert record["accuracy"] == np.mean(right)
    assert record["confusion"]["labels"] == ["flat", "steep"]
    assert np.trace(record["confusion"]["counts"]) == sum(right)
    assert 0 <= record["calibration_error"] <= 1
    assert [one["label"] for one in record["classes"]] == ["flat", "steep"]
    assert sum(one["pictures"] for one in record["reliability"]) == 60
    assert record["coverage"][0]["share"] == 1
    assert len(record["mistakes"]) == min(20, 60 - sum(right))
    for mistake in record["mistakes"]:
        assert Path(mistake["path"]).parent.name == mistake["true"] != mistake["given"]
    text = run_command("evaluate", trained, others, "--method", method).out
    for words in ("calibration error", "surest 90 %", "precision  recall", "steep"):
        assert words in text


def test_folds_train_as_many_maps(trained: Path, turned: Path) -> None:
    folds = run_command("evaluate", trained, turned, "--folds", 3, "--json").json["folds"]
    assert (folds["count"], len(folds["accuracies"])) == (3, 3)
    assert folds["accuracy"] == pytest.approx(np.mean(folds["accuracies"]))
    assert folds["accuracy"] > 0.7
    assert "over 3 maps" in run_command("evaluate", trained, turned, "--folds", 3).out


def test_a_map_is_tuned_into_another_project(trained: Path, turned: Path, tmp_path: Path) -> None:
    before, out = trained.read_bytes(), tmp_path / "tuned.i2m"
    report = run_command("tune", trained, "-o", out, "--held-out", 0, "--json").json
    assert trained.read_bytes() == before
    assert report["after"] >= report["before"]
    assert (report["method"], report["pictures"], report["held_out"]) == ("glvq", 60, 0)
    project = load_project(out)
    assert project.model is not None
    assert project.model.tuned is not None
    matches = run_command("classify", out, turned, "--json").json["matches"]
    assert [one["unit"] for one in matches] == project.picture_units.tolist()
    told = json.loads(run_command("info", out, "--json").out)["tuned"]
    assert told["after"] == report["after"]
    assert "tuned on labels  glvq" in run_command("info", out).out


def test_suggestions_are_a_table_to_be_filled_in(
    trained: Path, turned: Path, tmp_path: Path
) -> None:
    table, out = tmp_path / "todo.csv", tmp_path / "new.i2m"
    some = ("suggest", trained, "--count", 6, "--ignore-labels")
    found = run_command(*some, "--json").json["suggestions"]
    assert len({one["unit"] for one in found}) == 6
    assert run_command(*some, "--csv", table).code == 0
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows] == [one["path"] for one in found]
    assert all(row["label"] == "" for row in rows)
    for row in rows:
        row["label"] = Path(row["path"]).parent.name
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    size = ("--rows", 3, "--columns", 5, "--epochs", 8)
    made = run_command("train", turned, "-o", out, "--labels", table, *size, "--quiet")
    assert made.code == 0, made.err
    told = run_command("evaluate", out, turned, "--json").json
    assert told["accuracy"] > 0.7
    assert told["trained_on"] == told["images"]
    assert told["labels_spread"] == 0
    refusal = run_command("suggest", trained)
    assert refusal.code == 2
    assert "every picture on the map has a label" in refusal.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("classify", "m", "s", "--method", "nope"), "nope"),
        (("classify", "m", "s", "--k", "0"), "'0' is no number from 1 to 1000"),
        (("classify", "m", "s", "--novel", "2"), "'2' is no number from 0 to 1"),
        (("evaluate", "m", "s", "--folds", "1"), "'1' is no number from 2 to 100"),
        (("tune", "m"), "-o"),
        (("tune", "m", "-o", "o", "--rule", "nope"), "nope"),
    ],
)
def test_wrong_arguments_are_told(arguments: tuple[str, ...], words: str) -> None:
    answer = run_command(*arguments)
    assert answer.code == 2
    assert words in answer.err
    assert answer.err.count("\n") == 1


def test_what_cannot_be_done_is_told_with_what_to_do(
    trained: Path, turned: Path, tmp_path: Path
) -> None:
    answer = run_command("classify", trained, turned, "--dry-run")
    assert answer.code == 2
    assert "--copy-into" in answer.err
    bare = tmp_path / "bare.i2m"
    few = ("--rows", 2, "--columns", 2, "--epochs", 2, "--quiet")
    assert run_command("train", turned, "-o", bare, "--labels", "none", *few).code == 0
    for arguments in (
        ("classify", bare, turned, "--method", "pictures"),
        ("tune", bare, "-o", tmp_path / "x.i2m"),
    ):
        answer = run_command(*arguments)
        assert answer.code == 2
        assert "label some first" in answer.err
    assert not (tmp_path / "x.i2m").exists()
