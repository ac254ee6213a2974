"""``export`` on the command line: every view, and clear words where one is not possible."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from data import draw_lines, run_command, write_picture
from PIL import Image

from image2map_gui.cli import main
from image2map_gui.commands.exporting import VIEWS
from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.project.load import load_project

_DATA = ("history", "weights", "assignments", "folders", "report")
PICTURES = [view for view in VIEWS if view not in _DATA]


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labelled")
    for index in range(40):
        label = "steep & <b>" if 10 <= index < 30 else "flat"
        write_picture(folder / label / f"{index}.png", draw_line(np.pi * index / 40))
    path = folder.parent / "labelled.i2m"
    size = ("--rows", 3, "--columns", 4, "--epochs", 5, "--tiling", "hexagonal")
    assert run_command("train", folder, "-o", path, *size, "--quiet").code == 0
    return path


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = draw_lines(tmp_path_factory.mktemp("bare"), 30)
    path = folder.parent / "bare.i2m"
    size = ("--rows", 1, "--columns", 8, "--topology", "ring", "--epochs", 4)
    assert run_command("train", folder, "-o", path, *size, "--quiet").code == 0
    return path


@pytest.mark.parametrize("view", PICTURES)
@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_every_view_becomes_a_file(
    labelled: Path, tmp_path: Path, view: str, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"view{suffix}"
    extra = ["--label", "flat"] if view == "activation" else []
    assert main(["export", str(labelled), view, str(out), "--scale", "1.5", *extra]) == 0
    assert str(out) in capsys.readouterr().out
    if suffix == ".svg":
        root = ElementTree.fromstring(out.read_bytes())
        assert len(root) >= 3  # ground, title and what is drawn
        assert not list(root.iter("{http://www.w3.org/2000/svg}b"))
    elif suffix == ".png":
        with Image.open(out) as image:
            assert image.width > 300
            assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 3
    else:
        assert out.read_bytes().startswith(b"%PDF")


def test_assignments_and_weights_are_those_of_the_project(labelled: Path, tmp_path: Path) -> None:
    assert run_command("export", labelled, "assignments", tmp_path / "a.csv").code == 0
    project = load_project(labelled)
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["path", "unit", "row", "column", "distance", "label"]
    assert [row["path"] for row in rows] == [source.path for source in project.sources]
    assert [int(row["unit"]) for row in rows] == project.picture_units.tolist()
    assert [float(row["distance"]) for row in rows] == project.picture_distances.tolist()
    assert run_command("export", labelled, "weights", tmp_path / "w.npz").code == 0
    with np.load(tmp_path / "w.npz") as arrays:
        assert project.model is not None
        assert np.array_equal(arrays["weights"], project.model.weights)
        assert arrays["positions"].shape == (12, 2)
        assert (int(arrays["rows"]), int(arrays["columns"])) == (3, 4)
        assert (str(arrays["topology"]), str(arrays["tiling"])) == ("grid", "hexagonal")
        assert arrays["range"].tolist() == [0, 1]


@pytest.mark.parametrize(
    "view",
    ["mosaic", "walls", "u-matrix-expanded", "clusters", "exemplars", "topographic", "differences"],
)
def test_a_ring_has_views(bare: Path, tmp_path: Path, view: str) -> None:
    assert main(["export", str(bare), view, str(tmp_path / "ring.png")]) == 0


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("classes", "a.png"), "no labels", 2),
        (("activation", "a.png"), "no labels", 2),
        (("mosaic", "a.jpeg"), "can be written as .png, .svg or .pdf", 2),
        (("clusters", "a.png", "--clusters", "99"), "99 clusters of 8 units", 2),
        (("component", "a.png", "--component", "5000"), "no component 5000", 2),
        (("hits", "nowhere/a.png"), "cannot be written", 1),
        (("hits", "a.png", "--scale", "4.5"), "", 0),
        (("magic", "a.png"), "invalid choice", 2),
    ],
)
def test_refusals_are_one_sentence(
    bare: Path, tmp_path: Path, arguments: tuple[str, ...], words: str, code: int
) -> None:
    view, out, *rest = arguments
    answer = run_command("export", bare, view, tmp_path / out, *rest)
    assert answer.code == code
    assert words in answer.err
    assert (len(answer.err.strip().splitlines()) == 1) == bool(words)
    assert not list(tmp_path.glob(".*"))


def test_an_activation_needs_a_label_of_the_map(labelled: Path, tmp_path: Path) -> None:
    for extra in ((), ("--label", "round")):
        answer = run_command("export", labelled, "activation", tmp_path / "a.png", *extra)
        assert answer.code == 2
        assert "flat, steep & <b>" in answer.err


# --- other pictures, other epochs ---------------------------------------------------------------


def text_of(path: Path) -> str:
    return " ".join(ElementTree.parse(path).getroot().itertext())


def test_views_of_other_pictures_say_so_and_count_them(labelled: Path, tmp_path: Path) -> None:
    others = tmp_path / "others"
    for index in range(9):
        write_picture(others / "slanted" / f"{index}.png", draw_line(np.pi * index / 9))
    out = tmp_path / "hits.svg"
    found = run_command("export", labelled, "hits", out, "--on", others, "--quiet")
    assert found.code == 0, found.err
    words = text_of(out)
    assert "9 other pictures, 12 units" in words
    assert "topographic error" in words
    activation = tmp_path / "a.svg"
    assert run_command(
        "export", labelled, "activation", activation, "--on", others, "--label", "slanted",
        "--quiet",
    ).code == 0  # fmt: skip
    assert "Pictures of 'slanted'" in text_of(activation)
    refused = run_command(
        "export", labelled, "activation", activation, "--on", others, "--label", "flat", "--quiet"
    )
    assert refused.code != 0
    assert "has no label 'flat'" in refused.err


def test_a_map_on_its_own_pictures_is_drawn_alike(labelled: Path, tmp_path: Path) -> None:
    own, given = tmp_path / "own.png", tmp_path / "given.png"
    assert main(["export", str(labelled), "distinct", str(own)]) == 0
    pictures = str(Path(load_project(labelled).sources[0].path).parent.parent)
    assert main(["export", str(labelled), "distinct", str(given), "--on", pictures, "--quiet"]) == 0
    with Image.open(own) as first, Image.open(given) as second:
        width, line = first.width, second.height - first.height
        assert 0 < line < 60  # the note under the title
        upper, lower = np.asarray(first.convert("RGB")), np.asarray(second.convert("RGB"))
        assert np.array_equal(lower[90 + line :, :width], upper[90:])


def test_views_of_an_earlier_epoch(labelled: Path, tmp_path: Path) -> None:
    project = load_project(labelled)
    assert project.frames.epochs == (0, 1, 2, 3, 4, 5)
    shots = []
    for epoch in (1, 5):
        out = tmp_path / f"{epoch}.png"
        assert main(["export", str(labelled), "mosaic", str(out), "--epoch", str(epoch)]) == 0
        with Image.open(out) as image:
            shots.append(np.asarray(image.convert("RGB")))
    assert not np.array_equal(*shots)
    out = tmp_path / "hits.svg"
    assert main(["export", str(labelled), "hits", str(out), "--epoch", "1"]) == 0
    assert "epoch 1 of 5" in text_of(out)
    refused = run_command("export", labelled, "mosaic", tmp_path / "no.png", "--epoch", 9)
    assert refused.code == 2
    assert "does not hold epoch 9, but 0, 1, 2, 3, 4, 5." in refused.err


def test_all_labels_side_by_side(labelled: Path, tmp_path: Path) -> None:
    out = tmp_path / "all.svg"
    assert main(["export", str(labelled), "activations", str(out)]) == 0
    words = text_of(out)
    assert "flat" in words
    assert "steep & <b>" in words
