"""Colours of labels: chosen ones and those of the palette, in the order a person wants."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from data import lines_dataset, train_model
from PIL import Image

from image2map_gui.cli import main
from image2map_gui.core.export.report import write_report
from image2map_gui.core.images.collection import LabelStyle
from image2map_gui.core.picture.label_inks import LabelInks, inks_of, label_inks
from image2map_gui.core.picture.plane import PIES, Plane
from image2map_gui.core.picture.ramps import NOTHING, kind_colours
from image2map_gui.core.picture.wishes import Facts, Wish, made
from image2map_gui.core.project.project import Project, project_of
from image2map_gui.core.project.save import save_project

PALETTE = [tuple(colour) for colour in kind_colours(3).tolist()]
BLUE = (30, 144, 255)


def test_the_palette_goes_by_name_and_the_order_changes_no_colour() -> None:
    usual = label_inks(["b", None, "a", "c", "a"])
    assert usual == LabelInks(dict(zip("abc", PALETTE, strict=True)))
    styles = (LabelStyle("c"), LabelStyle("a", "#1e90ff"), LabelStyle("gone", "#000000"))
    inks = label_inks("abc", styles)
    assert inks.names == ("c", "a", "b"), "those in order first, then the others"
    assert [inks.of(name) for name in "cab"] == [PALETTE[2], BLUE, PALETTE[1]]
    assert inks.of(None) == inks.of("gone") == NOTHING
    assert label_inks(["10", "9"]).names == ("9", "10")
    assert label_inks([]).names == ()


def test_a_new_label_changes_the_colour_of_no_other() -> None:
    first = label_inks(["flat", "steep"])
    more = label_inks(["flat", "steep", "arc"], (), first)
    assert more.names == ("arc", "flat", "steep")
    assert [more.of(name) for name in ("flat", "steep", "arc")] == PALETTE
    renamed = label_inks(["zflat", "steep"], (), first)
    assert renamed.of("steep") == first.of("steep")
    assert renamed.of("zflat") == PALETTE[2]
    again = label_inks(["flat", "steep"], (), renamed)
    assert again == first


def test_planes_of_cells_take_order_and_colours() -> None:
    plane = Plane("Labels", np.array([0.0, 1.0, np.nan, 2.0]), kinds=("a", "b", "x"))
    inks = label_inks("ab", (LabelStyle("b", "#1e90ff"),))
    after = inks.arranged(plane)
    assert after.kinds == ("b", "a", "x")
    assert [after.told(unit) for unit in range(4)] == ["a", "b", "nothing", "x"]
    expected = [PALETTE[0], BLUE, NOTHING, PALETTE[2]]
    assert after.colours.tolist() == [list(colour) for colour in expected]
    np.testing.assert_array_equal(after.inks, [BLUE, PALETTE[0], PALETTE[2]])
    assert LabelInks().arranged(plane) is plane
    numbers = Plane("Hits", np.zeros(4))
    assert inks.arranged(numbers) is numbers


def test_pies_take_order_and_colours() -> None:
    counts = np.array([[3, 1], [0, 0]])
    plane = Plane("Pies", np.array([4.0, 0.0]), kinds=("a", "b"), form=PIES, details=counts)
    after = label_inks("ab", (LabelStyle("b", "#1e90ff"), LabelStyle("a"))).arranged(plane)
    assert after.kinds == ("b", "a")
    np.testing.assert_array_equal(after.details, [[1, 3], [0, 0]])
    np.testing.assert_array_equal(after.values, plane.values)
    assert after.told(0) == plane.told(0) == "a (3), b (1)"


@pytest.fixture(scope="module")
def project() -> Project:
    """A map of half steep and half flat lines; steep ones come first, in a colour of their own."""
    dataset = lines_dataset()
    named = tuple(
        dataclasses.replace(source, label="steep" if row < 50 else "flat")
        for row, source in enumerate(dataset.sources)
    )
    dataset = dataclasses.replace(dataset, sources=named)
    model, snapshot = train_model(dataset, rows=3, columns=4, epochs=5)
    project = project_of(dataset, model.params, snapshot, (), 0.0)
    return dataclasses.replace(project, labels=(LabelStyle("steep", "#1e90ff"),))


def test_layers_of_labels_are_drawn_in_them(project: Project) -> None:
    model = project.model
    facts = Facts(model, project.picture_units, project.picture_distances, inks=inks_of(project))
    for name in ("classes", "pies"):
        plane = made(Wish(name), facts)
        assert plane.kinds == ("steep", "flat")
        assert plane.inks.tolist() == [list(BLUE), list(PALETTE[0])]
    hits = made(Wish("hits"), facts)
    assert not hits.kinds


@pytest.mark.parametrize("view", ["classes", "pies"])
def test_views_of_a_saved_project_are_drawn_in_them(
    project: Project, tmp_path: Path, view: str, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, out = tmp_path / "map.i2m", tmp_path / "view.png"
    save_project(project, saved)
    assert main(["export", str(saved), view, str(out)]) == 0
    with Image.open(out) as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 20)}
    assert BLUE in colours
    assert PALETTE[1] not in colours, "what the palette would give it"
    svg = tmp_path / "view.svg"
    assert main(["export", str(saved), view, str(svg)]) == 0
    text = svg.read_text("utf-8")
    assert "#1e90ff" in text
    assert text.index(">steep<") < text.index(">flat<"), "the legend keeps the order"
    capsys.readouterr()


def test_the_report_lists_them_with_their_colours(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "map.html"
    for _ in write_report(out, project, None):
        pass
    text = out.read_text("utf-8")
    rows = text[text.index("<h2>Labels") :]
    assert rows.index("#1e90ff") < rows.index(">steep") < rows.index(">flat")
