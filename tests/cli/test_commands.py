"""The command line as a person and as a script meet it: answers, exit codes, one-line errors."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from data import PROJECT, Answer, draw_lines, image2map, run_command, write_idx, write_picture

from image2map_gui import __version__
from image2map_gui.cli import main
from image2map_gui.core.export.tables import MATCH_COLUMNS
from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.options import options_of
from image2map_gui.core.project.load import load_project
from image2map_gui.core.som.params import SomParams

TRAIN_KEYS = {
    "map", "images", "skipped", "rows", "columns", "epochs", "seconds", "quantization_error",
    "topographic_error", "topographic_error_adjacency",
}  # fmt: skip
EVALUATE_KEYS = {
    "images", "units", "empty_units", "quantization_error", "topographic_error",
    "topographic_error_adjacency", "explained_variance",
}  # fmt: skip
LABEL_KEYS = {"accuracy", "purity", "nmi", "single_label_units", "confusion"}


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 60 drawn lines in two folders, flat and steep, and two files that are none."""
    folder = tmp_path_factory.mktemp("turned")
    for index in range(60):
        angle = np.pi * index / 60
        label = "steep" if abs(np.sin(angle)) > 0.7 else "flat"
        write_picture(folder / label / f"{index}.png", draw_line(angle))
    (folder / "flat/text.png").write_text("no picture")
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture(scope="module")
def trained(turned: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """A map of these pictures, and what the training answered."""
    path = tmp_path_factory.mktemp("trained") / "map.i2m"
    size = ("--rows", 3, "--columns", 5, "--epochs", 8)
    return path, image2map("train", turned, "-o", path, *size, "--json")


def refused(answer: Answer, code: int, *said: str) -> None:
    """Check that a command failed with one line that says why, and no word more."""
    assert answer.code == code, answer.err
    assert not answer.out
    assert answer.err.startswith("image2map: ")
    assert answer.err.count("\n") == 1
    for text in said:
        assert text in answer.err


def test_an_archive_is_as_good_as_its_folder(
    turned: Path, trained: tuple[Path, Answer], tmp_path: Path
) -> None:
    packed = shutil.make_archive(str(tmp_path / "turned"), "zip", turned)
    size = ("--rows", 3, "--columns", 5, "--epochs", 8)
    answer = run_command("train", packed, "-o", tmp_path / "map.i2m", *size, "--json")
    assert answer.code == 0, answer.err
    theirs, ours = json.loads(trained[1].out), json.loads(answer.out)
    for key in ("images", "quantization_error", "topographic_error"):
        assert ours[key] == theirs[key]
    assert [one["path"] for one in ours["skipped"]] == [
        one["path"].replace(str(turned), packed) for one in theirs["skipped"]
    ]
    classified = run_command("classify", tmp_path / "map.i2m", packed, "--json")
    again = run_command("classify", tmp_path / "map.i2m", turned, "--json")
    units = [
        [one["unit"] for one in json.loads(said.out)["matches"]] for said in (classified, again)
    ]
    assert units[0] == units[1]
    assert len(units[0]) == 60


# Before anything is trained


def test_the_version_is_told() -> None:
    assert image2map("--version") == Answer(0, f"image2map {__version__}\n", "")


def test_the_scripts_and_the_package_are_one_program() -> None:
    script = Path(sys.executable).with_name("image2map")
    if not script.exists():
        pytest.skip("the scripts are not installed")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"image2map {__version__}\n"


def test_help_names_every_setting_with_its_range() -> None:
    answer = run_command("train", "--help", COLUMNS="400")
    assert answer.code == 0
    for option in (*options_of(SomParams), *options_of(ImageSpec)):
        assert f"--{option.name.replace('_', '-')} " in answer.out
        assert option.range_text in answer.out
    for name in ("--preset", "--labels", "--train-size", "--json", "--quiet", "--output"):
        assert name in answer.out


def test_a_sample_is_written(tmp_path: Path) -> None:
    answer = run_command("sample", "lines", tmp_path / "new")
    assert answer == Answer(0, f"100 pictures written to {tmp_path / 'new'}\n", "")
    assert len(list((tmp_path / "new").iterdir())) == 100
    refused(run_command("sample", "lines", tmp_path / "new"), 1, "is there already")


def test_without_a_display_there_is_no_window_but_a_sentence() -> None:
    refused(image2map("open", DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM=""), 2, "no display")


# Arguments at fault, told in this process: they are many


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "COMMAND"),
        (["nonsense"], "nonsense"),
        (["train"], "SOURCE"),
        (["train", "x"], "-o"),
        (["sample", "nope", "x"], "nope"),
        (["sample", "lines", "x", "--count", "0"], "'0' is no number from 1 to 100000"),
        (["sample", "lines", "x", "--size", "many"], "'many' is no number"),
        (["train", "x", "-o", "y", "--rows", "0"], "Rows: 0 is not allowed; allowed: 1 to 500"),
        (["train", "x", "-o", "y", "--rows", "ten"], "Rows: 'ten' is not a whole number"),
        (["train", "x", "-o", "y", "--topology", "cube"], "Topology: cube"),
        (["train", "x", "-o", "y", "--size", "0x5"], "Size: (0, 5) is not allowed"),
        (["train", "x", "-o", "y", "--preset", "nope"], "nope"),
        (["train", "x", "-o", "y", "--train-size", "1.5"], "'1.5' is no number from 0.01 to 1"),
        (["train", "x", "-o", "y", "--rate-start", "nan"], "Rate at the start: nan"),
        (["train", "x", "-o", "y", "--unknown", "1"], "--unknown"),
        (["train", "x", "-o", "y", "--rows", "500", "--columns", "500"], "250,000 units"),
        (
            ["train", "x", "-o", "y", "--radius-start", "1", "--radius-end", "2"],
            "radius at the end (2) must not be larger",
        ),
        (["classify", "map.i2m"], "SOURCE"),
        (["info"], "MAP.i2m"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(arguments)
    out, err = capsys.readouterr()
    refused(Answer(code, out, err), 2, said)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A folder of what people give by mistake."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").mkdir()
    (tmp_path / "text/notes.txt").write_text("no picture")
    (tmp_path / "fake.png").write_text("no picture")
    (tmp_path / "bad.i2m").write_bytes(b"PK\x03\x04 no project")
    (tmp_path / "bad.csv").write_text("file,kind\na.png,cat\n")
    write_picture(tmp_path / "good.png")
    write_idx(tmp_path / "x-images-idx3-ubyte", np.zeros((2, 6, 6), np.uint8))
    write_idx(tmp_path / "x-labels-idx1-ubyte", np.zeros(3, np.uint8))
    os.mkfifo(tmp_path / "pipe.png")
    return tmp_path


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("train {bad}/none -o {bad}/m.i2m", "none: there is no such file or folder"),
        ("train {bad}/empty -o {bad}/m.i2m", "empty: there are no pictures in it"),
        ("train {bad}/text -o {bad}/m.i2m", "notes.txt: is not a picture"),
        ("train {bad}/fake.png -o {bad}/m.i2m", "fake.png is not a picture this program can read"),
        ("train {bad}/pipe.png -o {bad}/m.i2m", "pipe.png: is not a regular file"),
        ("train {bad}/x-images-idx3-ubyte -o {bad}/m.i2m", "2 pictures, but its file of labels"),
        ("train {bad}/good.png -o {bad}/none/m.i2m", "there is no folder"),
        ("train {bad}/good.png -o {bad}/empty", "is a folder"),
        ("train {bad}/good.png -o {bad}/m.i2m --labels {bad}/none.csv", "cannot be read"),
        ("train {bad}/good.png -o {bad}/m.i2m --labels {bad}/bad.csv", "columns path and label"),
        ("info {bad}/none.i2m", "there is no such project file"),
        ("info {bad}/bad.i2m", "is not an Image2Map project, or is damaged"),
        ("info {bad}/good.png", "is not an Image2Map project, or is damaged"),
        ("info {bad}/empty", "is not a file"),
        ("classify {bad}/bad.i2m {bad}/good.png", "bad.i2m: is not an Image2Map project"),
        ("evaluate {bad}/none.i2m {bad}/good.png", "there is no such project file"),
    ],
)
def test_data_at_fault_are_told_in_one_line(
    bad: Path, command: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([part.format(bad=bad) for part in command.split()])
    out, err = capsys.readouterr()
    refused(Answer(code, out, err), 1, said)
    assert not (bad / "m.i2m").exists()


def test_an_error_is_one_line_also_in_a_process_of_its_own(bad: Path) -> None:
    refused(image2map("classify", bad / "bad.i2m", bad / "good.png"), 1, "bad.i2m")


def test_a_name_cannot_break_the_line_or_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("two\nlines", "red\x1b[31m", "bell\x07", "\u202etxt", os.fsdecode(b"\xff")):
        assert main(["info", str(tmp_path / name)]) == 1
        out, err = capsys.readouterr()
        assert not out
        assert err.count("\n") == 1
        assert err.rstrip("\n").isprintable()


# Training


def test_train_answers_with_the_figures_of_its_map(
    trained: tuple[Path, Answer], turned: Path
) -> None:
    path, answer = trained
    report = answer.json
    assert set(report) >= TRAIN_KEYS
    assert answer.err == ""
    assert answer.out.count("\n") == 1
    assert report["map"] == str(path)
    assert (report["images"], report["rows"], report["columns"], report["epochs"]) == (60, 3, 5, 8)
    assert report["seconds"] > 0
    assert report["quantization_error"] > 0
    assert 0 <= report["topographic_error"] <= 1
    assert report["topographic_error_adjacency"] == 8
    assert sorted(one["path"] for one in report["skipped"]) == [
        str(turned / "flat/text.png"), str(turned / "notes.txt"),
    ]  # fmt: skip
    assert all(one["reason"] for one in report["skipped"])
    assert load_project(path).spec == ImageSpec(size=(16, 16))


def test_skipped_files_are_listed_for_people_too(
    turned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "m.i2m")
    assert main(["train", str(turned), "-o", path, "--preset", "fast", "--rows", "2"]) == 0
    out, err = capsys.readouterr()
    assert "2 files skipped" in err
    assert "text.png: is not a picture this program can read" in err
    assert "notes.txt: is not a picture" in err
    assert "60 pictures, 2 x 10 units, 8 epochs" in out
    assert f"saved as {path}" in out


def test_a_quiet_training_says_nothing(turned: Path, tmp_path: Path) -> None:
    answer = run_command("train", turned, "-o", tmp_path / "m.i2m", "--quiet", "--epochs", 2)
    assert answer == Answer(0, "", "")
    assert load_project(tmp_path / "m.i2m").model is not None


def test_every_setting_can_be_given(turned: Path, tmp_path: Path) -> None:
    params = SomParams(
        rows=2, columns=4, topology="mesh", mode="minibatch", epochs=3, metric="cosine",
        init="uniform", neighbourhood="triangle", radius_start=2.5, radius_end=0.25,
        radius_decay="linear", rate_start=0.75, rate_end=0.125, rate_decay="linear", batch_size=7,
        order="bootstrap", seed=123,
    )  # fmt: skip
    spec = ImageSpec(size=(9, 7), fit="pad", colour="rgb", value_range="-1..1", ground="black")
    given = [
        text
        for values in (params, spec)
        for option in options_of(type(values))
        for text in (
            f"--{option.name.replace('_', '-')}", option.text(getattr(values, option.name))
        )
    ]  # fmt: skip
    assert main(["train", str(turned), "-o", str(tmp_path / "m.i2m"), "--quiet", *given]) == 0
    project = load_project(tmp_path / "m.i2m")
    assert project.params == params
    assert project.spec == spec


@pytest.mark.parametrize(
    ("labels", "expected"), [("auto", ["flat", "steep"]), ("none", []), ("table", ["line"])]
)
def test_labels_come_from_folders_from_a_table_or_not_at_all(
    turned: Path, tmp_path: Path, labels: str, expected: list[str]
) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("path,label\n7.png,line\n8.png,line\n")
    given = str(table) if labels == "table" else labels
    path = tmp_path / "m.i2m"
    few = ["--rows", "2", "--columns", "2", "--epochs", "2", "--quiet"]
    assert main(["train", str(turned), "-o", str(path), "--labels", given, *few]) == 0
    model = load_project(path).model
    assert model is not None
    assert list(model.label_names) == expected
    assert model.label_counts.sum() == {"auto": 60, "none": 0, "table": 2}[labels]


def test_a_share_of_the_pictures_can_be_held_out(
    turned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "m.i2m")
    assert main(["train", str(turned), "-o", path, "--train-size", "0.75", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["images"] == 45
    assert report["held_out"]["images"] == 15
    assert report["held_out"]["accuracy"] > 0.5
    assert len(load_project(Path(path)).sources) == 45


def test_a_folder_of_idx_files_is_trained_on_its_train_pair(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part, count in (("train", 40), ("t10k", 10)):
        drawn = np.array([draw_line(np.pi * index / count, 9) for index in range(count)])
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", drawn)
        marks = (np.arange(count) * 4 // count).astype(np.uint8)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", marks)
    path = str(tmp_path / "m.i2m")
    size = ["--rows", "4", "--columns", "5"]
    assert main(["train", str(tmp_path), "-o", path, *size, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["images"] == 40
    assert main(["evaluate", path, str(tmp_path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["images"] == 10
    assert report["confusion"]["labels"] == ["0", "1", "2", "3"]
    assert report["accuracy"] >= 0.7
    assert main(["classify", path, f"{tmp_path}/t10k-images-idx3-ubyte", "--json"]) == 0
    matches = json.loads(capsys.readouterr().out)["matches"]
    assert [match["path"].rpartition("#")[2] for match in matches] == [str(n) for n in range(10)]


def read_until(handle: int, pattern: bytes) -> bytes:
    seen = b""
    while not re.search(pattern, seen):
        seen += os.read(handle, 4096)
    return seen


def heed_ctrl_c() -> None:
    """Heed it as a program does that was started at a terminal, however the tests were."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_training_saves_the_map_it_has_reached(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    pictures, path = draw_lines(tmp_path / "lines", 50), tmp_path / "m.i2m"
    command = [sys.executable, "-m", "image2map_gui", "train", pictures, "-o", path]
    bar, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    with subprocess.Popen(
        [*command, "--epochs", "20000"],
        stdout=subprocess.PIPE,
        stderr=terminal,
        cwd=PROJECT,
        preexec_fn=heed_ctrl_c,
    ) as training:
        os.close(terminal)
        try:
            seen = read_until(bar, rb"Training +[1-9]")
            training.send_signal(number)
            seen += read_until(bar, rb"is saved in [^\n]*\n")
            assert training.wait(60) == code
        finally:
            training.kill()
            os.close(bar)
    assert b"interrupted after" in seen
    assert b"Traceback" not in seen
    project = load_project(path)
    assert project.model is not None
    assert project.model.hits.sum() == 50
    assert 0 < len(project.history) < 20_000
    assert run_command("classify", path, pictures, "--json").code == 0


# Answers of a map


def test_classify_answers_for_every_picture(trained: tuple[Path, Answer], turned: Path) -> None:
    path, _ = trained
    answer = image2map("classify", path, turned, "--json")
    report = answer.json
    assert len(report["matches"]) == 60
    assert len(report["skipped"]) == 2
    units = load_project(path).picture_units.tolist()
    assert [match["unit"] for match in report["matches"]] == units
    for match in report["matches"]:
        assert list(match) == list(MATCH_COLUMNS)
        assert match["unit"] == 5 * match["row"] + match["column"]
        assert match["label"] in ("flat", "steep")
        assert 0 < match["confidence"] <= 1
        assert match["novel"] in (0, 1)
        assert 0 <= match["percentile"] <= 1
        assert match["second_unit"] != match["unit"]
    right = [match["label"] == Path(match["path"]).parent.name for match in report["matches"]]
    assert np.mean(right) > 0.8


def test_classify_writes_a_table(
    trained: tuple[Path, Answer], turned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "answers.csv"
    assert main(["classify", str(trained[0]), str(turned / "steep"), "--csv", str(table)]) == 0
    assert f"saved as {table}" in capsys.readouterr().out
    with table.open(newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    assert header == list(MATCH_COLUMNS)
    assert [Path(row[0]).parent.name for row in rows] == ["steep"] * len(rows)
    assert len(rows) == len(list((turned / "steep").iterdir()))
    refused(
        run_command("classify", trained[0], turned, "--csv", tmp_path / "none/a.csv"), 1, "a.csv"
    )


def test_classify_prints_one_line_for_each_picture(
    trained: tuple[Path, Answer], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("plain.png", "two\nlines.png", "\x1b[31m.png", os.fsdecode(b"\xe9.png")):
        write_picture(tmp_path / name, draw_line(0.1))
    assert main(["classify", str(trained[0]), str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert all("unit" in line and "distance" in line for line in lines)
    assert all("\x1b" not in line for line in lines)


@pytest.mark.parametrize("command", ["classify", "evaluate"])
def test_pictures_that_cannot_be_read_are_an_error_only_if_they_are_all(
    trained: tuple[Path, Answer], turned: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([command, str(trained[0]), str(turned / "flat/text.png")])
    out, err = capsys.readouterr()
    refused(Answer(code, out, err), 1, "text.png is not a picture this program can read")
    assert main([command, str(trained[0]), str(turned)]) == 0
    assert "2 files skipped" in capsys.readouterr().err


def test_evaluate_answers_with_its_figures(
    trained: tuple[Path, Answer], turned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, training = trained
    report = run_command("evaluate", path, turned, "--json").json
    assert set(report) >= EVALUATE_KEYS | LABEL_KEYS
    for key in ("quantization_error", "topographic_error", "topographic_error_adjacency"):
        assert report[key] == pytest.approx(training.json[key])
    assert (report["images"], report["units"]) == (60, 15)
    assert report["confusion"]["labels"] == ["flat", "steep"]
    counts = np.array(report["confusion"]["counts"])
    assert counts.sum() == 60
    assert report["accuracy"] == pytest.approx(np.trace(counts) / 60)
    assert len(report["skipped"]) == 2
    assert main(["evaluate", str(path), str(turned), "--labels", "none", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert set(plain) >= EVALUATE_KEYS
    assert not set(plain) & LABEL_KEYS
    assert main(["evaluate", str(path), str(turned)]) == 0
    said = capsys.readouterr().out
    for words in ("(8 neighbours)", "(4 neighbours)", "explained variance", "accuracy", "purity"):
        assert words in said


def test_info_tells_what_a_project_holds(
    trained: tuple[Path, Answer], capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = trained
    record = run_command("info", path, "--json").json
    assert (record["images"], record["skipped"], record["trained"]) == (60, 2, True)
    assert record["labels"] == ["flat", "steep"]
    assert record["params"]["columns"] == 5
    assert record["spec"]["size"] == [16, 16]
    assert main(["info", str(path)]) == 0
    assert "3 x 5 units (grid), 8 epochs" in capsys.readouterr().out


# The world outside


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error(trained: tuple[Path, Answer], turned: Path) -> None:
    line = '"$0" -m image2map_gui classify "$1" "$2" | head -1'
    shell = ["bash", "-o", "pipefail", "-c", line, sys.executable, str(trained[0]), str(turned)]
    done = subprocess.run(shell, capture_output=True, text=True, cwd=PROJECT, check=True)
    assert done.stdout.count("\n") == 1
    assert "Error" not in done.stderr
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "image2map_gui", "info", trained[0]],
        stdout=writer, stderr=subprocess.PIPE, text=True, cwd=PROJECT, check=False,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", [["--version"], ["info"]])
def test_an_output_that_is_full_is_told(trained: tuple[Path, Answer], command: list[str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    given = [*command, str(trained[0])] if command == ["info"] else command
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "image2map_gui", *given],
            stdout=full, stderr=subprocess.PIPE, text=True, cwd=PROJECT, check=False,
        )  # fmt: skip
    refused(Answer(done.returncode, "", done.stderr), 1, "No space left on device")


def test_closed_outputs_do_not_matter(trained: tuple[Path, Answer]) -> None:
    line = '"$0" -m image2map_gui info "$1" >&- 2>&-'
    shell = ["bash", "-c", line, sys.executable, str(trained[0])]
    assert subprocess.run(shell, cwd=PROJECT, check=False).returncode == 0


@pytest.mark.slow
def test_the_answer_is_the_same_in_every_language(
    trained: tuple[Path, Answer], turned: Path
) -> None:
    plain, turkish = (
        image2map("classify", trained[0], turned, "--json", **environment)
        for environment in (
            {"LC_ALL": "C", "PYTHONUTF8": "0"},
            {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"},
        )
    )
    assert plain.json["matches"]
    assert plain == turkish


# Real data


@pytest.fixture(scope="module")
def digits(mnist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A map of the 60,000 MNIST digits."""
    path = tmp_path_factory.mktemp("mnist") / "digits.i2m"
    size = ("--rows", 10, "--columns", 10, "--epochs", 10, "--seed", 1)
    report = image2map("train", mnist, "-o", path, *size, "--json").json
    assert report["images"] == 60_000
    assert report["topographic_error"] < 0.08
    return path


@pytest.mark.slow
def test_digits_are_told_apart(digits: Path, mnist: Path) -> None:
    report = image2map("evaluate", digits, mnist, "--json").json
    assert report["images"] == 10_000
    assert report["accuracy"] >= 0.74
    assert report["quantization_error"] < 5.8
    assert report["empty_units"] == 0
    assert report["confusion"]["labels"] == [str(digit) for digit in range(10)]


def test_weights_of_pictures_shape_the_map(turned: Path, tmp_path: Path) -> None:
    names = sorted(path.name for path in turned.rglob("*.png"))
    table = tmp_path / "weights.csv"
    table.write_text("path,weight\n" + "".join(f"{name},0\n" for name in names[1:]), "utf-8")
    common = ["train", str(turned), "--json", "--rows", "2", "--columns", "2", "--epochs", "2"]
    assert main([*common, "-o", str(tmp_path / "a.i2m"), "--sample-weights", str(table)]) == 0
    model = load_project(tmp_path / "a.i2m").model
    assert model is not None
    assert np.ptp(model.weights, axis=0).max() < 1e-5  # one picture is all there is to learn
    table.write_text("path,weight\nx.png,-3\n", "utf-8")
    wrong = run_command(*common, "-o", tmp_path / "b.i2m", "--sample-weights", table)
    assert wrong.code == 0  # nobody is named x.png
    table.write_text(f"path,weight\n{names[0]},-3\n", "utf-8")
    wrong = run_command(*common, "-o", tmp_path / "b.i2m", "--sample-weights", table)
    assert (wrong.code, wrong.out) == (1, "")
    assert "weight '-3'" in wrong.err


def test_why_a_training_ended_is_told(turned: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.i2m"
    options = ["--rows", 2, "--columns", 2, "--epochs", 3]
    report = run_command("train", turned, "-o", out, "--json", *options).json
    assert (report["epochs"], report["ended"]) == (3, "epochs")
    settled = ["--stop", "settled", "--tolerance", 1, "--patience", 2]
    report = run_command("train", turned, "-o", out, "--json", *options, *settled).json
    assert (report["epochs"], report["ended"]) == (4, "settled")
    open_end = ["--epochs", "auto", "--radius-start", 4, "--radius-end", 1]
    refused = run_command("train", turned, "-o", out, *open_end)
    assert refused.code == 2
    assert "needs a radius decay rate" in refused.err
    report = run_command(
        "train", turned, "-o", out, "--json", *options, *open_end, "--radius-decay-rate", 0.5
    ).json
    assert report["epochs"] == 3  # 4 e^(-0.5 x 3) is 0.9


def test_rare_labels_can_count_as_much_as_frequent_ones(tmp_path: Path) -> None:
    for index in range(30):
        write_picture(tmp_path / f"p/common/{index}.png", 0)
    write_picture(tmp_path / "p/rare/1.png", 255)
    means = []
    for balance in ("none", "labels"):
        out = tmp_path / f"{balance}.i2m"
        shape = ["--rows", "1", "--columns", "1", "--quiet"]
        assert (
            main(["train", str(tmp_path / "p"), "-o", str(out), *shape, "--balance", balance]) == 0
        )
        model = load_project(out).model
        assert model is not None
        means.append(float(model.weights.mean()))
    assert means == pytest.approx([1 / 31, 0.5], abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ("--features", "hog", "--size", "24x24"),
        ("--reduction", "pca", "--variance", "0.8", "--value-range", "z-score"),
        ("--colour", "lab", "--contrast", "clahe", "--fit", "smart", "--invert", "yes"),
    ],
    ids=lambda options: options[0] + options[1],
)
def test_preparations_are_part_of_the_map(
    turned: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    path = tmp_path / "map.i2m"
    size = ("--rows", 3, "--columns", 4, "--epochs", 5, "--train-size", "0.8")
    report = run_command("train", turned, "-o", path, *size, *options, "--json").json
    assert report["images"] == 48
    assert report["held_out"]["images"] == 12
    matches = run_command("classify", path, turned, "--json").json["matches"]
    project = load_project(path)
    where = {match["path"]: match["unit"] for match in matches}
    assert [where[source.address] for source in project.sources] == project.picture_units.tolist()
    assert run_command("evaluate", path, turned, "--json").json["purity"] > 0.6
