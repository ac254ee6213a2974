"""The report: one page that opens offline, tells what is true, and runs nothing of any name."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from data import draw_lines, write_picture

from image2map_gui.core.analysis.evaluate import evaluate
from image2map_gui.core.analysis.figures import figures
from image2map_gui.core.errors import Image2MapError, ProjectError
from image2map_gui.core.export.page import cell, escaped, page, paragraph
from image2map_gui.core.export.report import write_report
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.images.sources import Skipped, find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import train_map
from image2map_gui.core.options import options_of
from image2map_gui.core.project.project import Project, project_of
from image2map_gui.core.som.params import SomParams

VOID = {"meta", "br", "img", "rect", "line", "image", "polygon"}
HOSTILE = "<script>alert(1)</script>"


class Page(HTMLParser):
    """Collects tags, attributes and text, and checks that all tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


def assert_harmless(text: str) -> Page:
    """Nothing is loaded, nothing runs, nothing stands where a name has put it."""
    found = Page(text)
    names = {tag for tag, _ in found.tags}
    assert not names & {"script", "iframe", "object", "embed", "link", "form", "base", "b", "a"}
    for tag, attributes in found.tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "xlink:href", "action", "data"):
                assert (value or "").startswith("data:image/png;base64,")
            if name == "style":
                assert "url" not in (value or "")
    policy = [at["content"] for tag, at in found.tags if "http-equiv" in at]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert "prefers-color-scheme:dark" in style[1]
    return found


def trained(dataset: Dataset, **values: object) -> Project:
    params = SomParams(**{"rows": 3, "columns": 4, "epochs": 4, **values})  # type: ignore[arg-type]
    history = []
    for snapshot in train_map(dataset, params):
        if snapshot.milestone and snapshot.figures is not None:
            history.append(snapshot.figures)
    return project_of(dataset, params, snapshot, tuple(history), 0.1)


def read(folder: Path) -> Dataset:
    *_, reading = read_dataset(find_sources([folder]), ImageSpec(size=(8, 8)))
    return reading.dataset


def written(out: Path, project: Project, saved_as: Path | None = None, **options: object) -> str:
    steps = list(write_report(out, project, saved_as, **options))  # type: ignore[arg-type]
    assert steps[-1].milestone
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    return out.read_text(encoding="utf-8")


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for index in range(12):
        write_picture(folder / f"label {index % 2}" / f"{index}.png", draw_line(index / 4, 12))
    return folder


def test_it_holds_all_settings_figures_views_and_curves(labelled: Path, tmp_path: Path) -> None:
    project = trained(read(labelled), epochs=6, seed=5, mode="online")
    text = written(tmp_path / "r.html", project, tmp_path / "my map.i2m")
    found = assert_harmless(text)
    for settings in (project.params, project.spec):
        for one in options_of(type(settings)):
            assert (one.label in found.words) or not one.applies(settings), one.label
    assert "12 pictures on 3 x 4 units (grid, square), 6 epochs" in found.words
    model = project.model
    assert model is not None
    for figure in (f"{model.quantization_error:.4f}", "Purity", "Hit entropy", "8 neighbours"):
        assert figure in found.words
    drawings = [at["aria-label"] for tag, at in found.tags if tag == "svg"]
    assert drawings == [
        "What each unit of the map looks like", "U-matrix", "Hits",
        "Labels of the pictures", "Labels", "Clusters (Ward)",
        "Quantization error over the epochs", "Topographic error over the epochs",
        "Radius over the epochs", "Rate over the epochs",
    ]  # fmt: skip
    assert "image2map train photos -o" in found.words
    assert "--seed 5" in found.words
    assert "bit for bit the same" in found.words


def test_measured_figures_are_all_told(labelled: Path, tmp_path: Path) -> None:
    dataset = read(labelled)
    project = trained(dataset)
    assert project.model is not None
    evaluation = evaluate(project.model, dataset)
    text = written(tmp_path / "r.html", project, evaluation=evaluation)
    words = assert_harmless(text).words
    for figure in figures(evaluation):
        assert figure.title in words
        assert figure.text in words


def test_names_stay_names_wherever_they_come(labelled: Path, tmp_path: Path) -> None:
    dataset = read(labelled)
    names = [HOSTILE, '"><img src=x onerror=alert(1)>', "'><svg onload=alert(1)>", "a&lt;b>",
             "\u202egnp.exe", "\udcff\x1b[31m", "</title></style><b>", "</pre><b>"]  # fmt: skip
    sources = tuple(
        dataclasses.replace(source, label=names[index % len(names)])
        for index, source in enumerate(dataset.sources)
    )
    skipped = tuple(Skipped(f"/home/someone/{name}", f"is odd {HOSTILE}") for name in names)
    project = trained(dataclasses.replace(dataset, sources=sources))
    project = dataclasses.replace(project, skipped=skipped)
    text = written(tmp_path / "r.html", project, tmp_path / "<b>'\"\n\u202e.i2m")
    found = assert_harmless(text)
    assert "<script" not in text
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert HOSTILE in found.words
    assert "\\u202egnp.exe" in found.words
    assert "/home/someone" not in text


def test_places_are_told_only_if_wanted(labelled: Path, tmp_path: Path) -> None:
    project = trained(read(labelled))
    project = dataclasses.replace(project, skipped=(Skipped(f"{tmp_path}/x.png", "is empty"),))
    assert str(tmp_path) not in written(tmp_path / "a.html", project, tmp_path / "m.i2m")
    assert str(labelled) in written(tmp_path / "b.html", project, tmp_path / "m.i2m", paths=True)


@pytest.mark.slow
def test_large_maps_are_drawn_as_dots_and_bare_ones_have_no_labels(tmp_path: Path) -> None:
    project = trained(read(draw_lines(tmp_path / "p", 20)), rows=60, columns=60, epochs=1)
    text = written(tmp_path / "r.html", project)
    found = assert_harmless(text)
    assert sum(tag == "img" for tag, _ in found.tags) == 3
    assert "Purity" not in found.words
    assert "Labels" not in [words.strip() for words in found.text]
    assert len(text) < 3_000_000


def test_the_same_project_gives_the_same_page(labelled: Path, tmp_path: Path) -> None:
    project = trained(read(labelled))
    assert written(tmp_path / "a.html", project) == written(tmp_path / "b.html", project)


def test_without_a_map_or_a_place_to_write_there_is_none(labelled: Path, tmp_path: Path) -> None:
    project = trained(read(labelled))
    with pytest.raises(ProjectError, match="no map"):
        next(write_report(tmp_path / "r.html", dataclasses.replace(project, model=None), None))
    with pytest.raises(Image2MapError, match="cannot be written"):
        list(write_report(tmp_path / "no" / "r.html", project, None))


def test_every_building_block_escapes() -> None:
    for made in (cell(HOSTILE, HOSTILE), paragraph(HOSTILE), page(HOSTILE, [])):
        assert "<script" not in made
    assert escaped("a\nb\x00\"'") == "a\nb\\x00&quot;&#x27;"
