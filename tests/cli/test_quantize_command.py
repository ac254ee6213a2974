"""``quantize`` on the command line: the picture, every form of palette, panels and errors."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from data import FLAT_COLOURS, run_command, write_flat_photo, write_picture
from PIL import Image, ImagePalette
from PIL.GimpPaletteFile import GimpPaletteFile

from image2map_gui.cli import main


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Four flat colours in quarters of 40 x 24 pixels."""
    return write_flat_photo(tmp_path / "a photo.png")


@pytest.mark.slow
def test_picture_palettes_and_panels_of_a_photo(photo: Path, tmp_path: Path) -> None:
    size = ("--rows", 2, "--columns", 2)
    out = tmp_path / "out.png"
    record = run_command(
        "quantize", photo, "-o", out, *size, "--palette", tmp_path / "p.json",
        "--panels", tmp_path / "panels.png", "--json",
    ).json  # fmt: skip
    assert (record["photo"], record["output"]) == (str(photo), str(out))
    assert (record["width"], record["height"], record["mean_error"]) == (40, 24, 0)
    assert (record["rows"], record["columns"], record["epochs"]) == (2, 2, 30)
    assert record["seconds"] >= 0
    assert sorted(tuple(one["rgb"]) for one in record["colours"]) == FLAT_COLOURS
    assert {one["count"] for one in record["colours"]} == {240}
    assert record["colours"] == json.loads((tmp_path / "p.json").read_text())
    with Image.open(out) as image, Image.open(photo) as original:
        assert image.mode == "P"
        assert image.convert("RGB").tobytes() == original.convert("RGB").tobytes()
    with Image.open(tmp_path / "panels.png") as panels:
        seen = {colour for _, colour in panels.convert("RGB").getcolors(1 << 24) or ()}
        assert seen >= set(FLAT_COLOURS)
        assert panels.width > 600


@pytest.mark.parametrize("suffix", ["gpl", "png", "json"])
def test_every_palette_tells_the_colours_in_the_order_of_the_map(
    photo: Path, tmp_path: Path, suffix: str
) -> None:
    path, out = tmp_path / f"palette.{suffix}", tmp_path / "out.png"
    answer = run_command("quantize", photo, "-o", out, "--rows", 3, "--palette", path)
    assert answer.code == 0, answer.err
    assert "3 x 3 units, 4 colours, 30 epochs" in answer.out
    assert f"saved as {path}\n" in answer.out
    with Image.open(out) as image:
        wanted = np.reshape(image.getpalette() or [], (-1, 3))[:9].tolist()
    assert {tuple(one) for one in wanted} == set(FLAT_COLOURS)
    if suffix == "json":
        found = [one["rgb"] for one in json.loads(path.read_text())]
        assert all(one["hex"] == "#{:02x}{:02x}{:02x}".format(*one["rgb"])
                   for one in json.loads(path.read_text()))  # fmt: skip
    elif suffix == "png":
        with Image.open(path) as board:
            assert board.size == (3 * 64, 3 * 64)
            found = np.asarray(board)[32::64, 32::64].reshape(-1, 3).tolist()
    else:
        with path.open("rb") as file:
            found = np.reshape(list(GimpPaletteFile(file).palette), (-1, 3))[:9].tolist()
        assert path.read_text().startswith("GIMP Palette\nName: a photo.png\nColumns: 3\n#\n")
        assert isinstance(ImagePalette.load(str(path))[0], bytes)
    assert found == wanted


@pytest.mark.parametrize("suffix", ["svg", "pdf"])
def test_panels_as_vectors(photo: Path, tmp_path: Path, suffix: str) -> None:
    panels = tmp_path / f"panels.{suffix}"
    main(["quantize", str(photo), "-o", str(tmp_path / "o.png"), "--panels", str(panels)])
    content = panels.read_bytes()
    if suffix == "pdf":
        assert content.startswith(b"%PDF")
        return
    root = ElementTree.fromstring(content)
    texts = [part.text for part in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:4] == ["Original", "Quantized", "Start colours", "Learned colours"]
    assert len(list(root.iter("{http://www.w3.org/2000/svg}image"))) == 4


def test_many_colours_need_no_palette_in_the_picture(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(256, size=(40, 50, 3)).astype(np.uint8)
    photo, out = write_picture(tmp_path / "noise.png", pixels), tmp_path / "out.png"
    size = ["--rows", "20", "--columns", "25", "--epochs", "9", "--space", "lab"]
    assert main(["quantize", str(photo), "-o", str(out), *size]) == 0
    with Image.open(out) as image:
        assert image.mode == "RGB"
        assert 256 < len(image.getcolors(1 << 24) or ()) <= 500


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("{photo} -o {here}/out.jpg", 2, "out.jpg: --output can only be .png"),
        ("{photo} -o {here}/o.png --palette {here}/p.txt", 2, "only be .gpl, .png or .json"),
        ("{photo} -o {here}/o.png --palette {here}/o.png", 2, "is named twice"),
        ("{photo} -o {here}/o.png --rows 0", 2, "Rows: 0 is not allowed; allowed: 1 to 500"),
        ("{photo} -o {here}/o.png --epochs auto", 2, "say how many"),
        ("{photo}", 2, "-o"),
        ("{photo} -o {photo}", 1, "is the photo itself; name another file"),
        ("{photo} -o {here}/none/o.png", 1, "there is no folder"),
        ("{here}/none.png -o {here}/o.png", 1, "there is no such file or folder"),
        ("{here} -o {here}/o.png", 1, "is a folder; name one picture"),
        ("{photo} -o {here}/o.png --max-side 64 --max-megapixels 1", 0, ""),
        ("{here}/fake.png -o {here}/o.png", 1, "fake.png: is not a picture this program can read"),
    ],
)
def test_mistakes_are_told_in_one_line_and_nothing_is_written(
    photo: Path, tmp_path: Path, arguments: str, code: int, said: str,
    capsys: pytest.CaptureFixture[str], limited: object,
) -> None:  # fmt: skip
    (tmp_path / "fake.png").write_text("no picture")
    before = photo.read_bytes()
    given = arguments.replace(" ", "\t").format(photo=photo, here=tmp_path).split("\t")
    assert main(["quantize", *given]) == code
    out, err = capsys.readouterr()
    assert photo.read_bytes() == before
    if code:
        assert not out
        assert err.startswith("image2map: ")
        assert err.count("\n") == 1
        assert said in err
        assert not (tmp_path / "o.png").exists()
