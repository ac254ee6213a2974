"""Projects of older versions open: each golden file was saved by the version of its format."""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from image2map_gui.core.analysis.classify import classify_many
from image2map_gui.core.images.collection import LabelStyle, Parts
from image2map_gui.core.images.sources import sample_sources
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.save import save_project
from image2map_gui.core.runs import restored
from image2map_gui.core.som.course import Change

GOLDEN = Path(__file__).parent / "golden"


def test_format_1_opens_and_classifies() -> None:
    project = load_project(GOLDEN / "format-1.i2m")
    assert (project.params.rows, project.params.columns) == (2, 3)
    assert project.params.order == "as-given"
    assert [figures.epoch for figures in project.history] == [1, 2, 3]
    assert all(math.isnan(figures.movement) for figures in project.history)
    assert {figures.change for figures in project.history} == {None}
    assert project.model is not None
    *_, last = classify_many(project.model, sample_sources("lines"))
    np.testing.assert_array_equal([match.unit for match in last.matches], project.picture_units)


def test_format_2_opens_and_classifies() -> None:
    project = load_project(GOLDEN / "format-2.i2m")
    assert [figures.epoch for figures in project.history] == [1, 2, 3]
    assert [figures.change for figures in project.history] == [None, Change(radius=0.5), None]
    assert project.seconds == 1.5
    assert project.model is not None
    *_, last = classify_many(project.model, sample_sources("lines"))
    np.testing.assert_array_equal([match.unit for match in last.matches], project.picture_units)


def test_format_3_opens_and_classifies() -> None:
    project = load_project(GOLDEN / "format-3.i2m")
    assert [source.label for source in project.sources[:4]] == ["flat", "steep", None, None]
    assert [one.reason for one in project.skipped] == ["is not a picture"]
    assert project.parts == Parts()
    assert project.added == 0
    assert project.model is not None
    assert project.model.label_names == ("flat", "steep")
    *_, last = classify_many(project.model, sample_sources("lines"))
    np.testing.assert_array_equal([match.unit for match in last.matches], project.picture_units)


def test_format_4_opens_and_classifies() -> None:
    project = load_project(GOLDEN / "format-4.i2m")
    assert len(project.parts.test) == 10
    assert project.parts.excluded == {project.sources[3].address}
    assert project.added == 2
    assert np.flatnonzero(project.picture_units < 0).tolist() == [3, 7]
    assert project.model is not None
    *_, last = classify_many(project.model, sample_sources("lines"))
    on_map = project.picture_units >= 0
    units = np.array([match.unit for match in last.matches])
    np.testing.assert_array_equal(units[on_map], project.picture_units[on_map])


def test_format_5_opens_with_its_epochs_and_runs() -> None:
    project = load_project(GOLDEN / "format-5.i2m")
    assert project.frames.epochs == (0, 1, 2, 3)
    assert project.model is not None
    np.testing.assert_array_equal(project.frames.frames[-1].weights, project.model.weights)
    np.testing.assert_array_equal(project.frames.frames[-1].units, project.picture_units)
    assert [run.number for run in project.runs] == [1, 2, 3, 4]
    assert project.run == 4
    assert [(group.name, len(group.addresses)) for group in project.selections] == [("odd", 50)]
    assert (project.threads, project.given) == (2, ("weights",))
    assert [run.kept is None for run in project.runs] == [True, False, False, True]
    run = project.runs[2]
    assert run.kept is not None
    again = restored(run, run.kept, project.sources)
    *_, last = classify_many(again.model, sample_sources("lines"))
    np.testing.assert_array_equal([match.unit for match in last.matches], again.units)


def test_format_6_opens_with_labels_in_order_and_pictures_that_came_with_it() -> None:
    project = load_project(GOLDEN / "format-6.i2m")
    assert project.labels == (LabelStyle("steep", "#1e90ff"), LabelStyle("flat"))
    assert (len(project.parts.excluded), len(project.parts.test)) == (3, 10)
    assert [(group.name, len(group.addresses)) for group in project.selections] == [("odd", 50)]
    assert project.embedded is not None
    assert project.embedded.vectors is not None
    assert project.embedded.vectors.shape == (100, 256)
    assert project.absolute_paths
    assert project.next_params == dataclasses.replace(project.params, rows=5)
    assert project.next_spec == dataclasses.replace(project.spec, size=(8, 8))
    assert [(one.name, one.units) for one in project.clusters] == [("slanted", (0, 1))]
    assert project.frames.epochs == (0, 1, 2, 3)
    assert [run.kept is None for run in project.runs] == [True, False, False, True]
    assert project.model is not None
    *_, last = classify_many(project.model, sample_sources("lines"))
    np.testing.assert_array_equal([match.unit for match in last.matches], project.picture_units)


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6])
def test_opening_touches_no_file(tmp_path: Path, version: int) -> None:
    path = Path(shutil.copy2(GOLDEN / f"format-{version}.i2m", tmp_path / "map.i2m"))
    before = path.read_bytes(), path.stat().st_mtime_ns
    project = load_project(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [path]
    save_project(project, path)
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read("manifest.json"))["format"] == 6
    assert (tmp_path / "map.i2m~").read_bytes() == before[0]


def test_format_1_is_saved_in_the_present_one(tmp_path: Path) -> None:
    old = load_project(GOLDEN / "format-1.i2m")
    save_project(old, tmp_path / "new.i2m")
    new = load_project(tmp_path / "new.i2m")
    assert new.params == old.params
    assert new.spec == old.spec
    assert new.sources == old.sources
    assert old.model is not None
    assert new.model is not None
    np.testing.assert_array_equal(new.model.weights, old.model.weights)
