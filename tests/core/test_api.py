"""The whole way in a few calls, and the README's program word for word."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from data import PROJECT, draw_lines

from image2map_gui.core import api
from image2map_gui.core.errors import Image2MapError, ParameterError, SourceError
from image2map_gui.core.project.project import Project


def program() -> str:
    text = (PROJECT / "README.md").read_text("utf-8")
    (found,) = [
        block
        for block in re.findall(r"```python\n(.*?)```", text, re.S)
        if "core import api" in block
    ]
    return found


def test_the_program_in_the_readme_runs_as_it_stands(tmp_path: Path) -> None:
    draw_lines(tmp_path / "drawings")
    (tmp_path / "program.py").write_text(program(), "utf-8")
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=100,
        env=os.environ | {"PYTHONPATH": str(PROJECT)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3
    project = api.open_map(tmp_path / "lines.i2m")
    assert len(project.sources) == 100
    assert project.model is not None
    assert project.model.label_names == ("flat", "steep")
    assert project.model.label_counts.sum() == 2
    answers = api.classify(project, tmp_path / "drawings")
    assert [match.unit for match in answers] == project.picture_units.tolist()
    told = {match.source.name: match.label for match in answers}
    assert told["lines_001.png"] == told["lines_003.png"] == "flat"
    assert told["lines_051.png"] == told["lines_053.png"] == "steep"


@pytest.mark.slow
def test_a_script_without_a_guard_runs_once(tmp_path: Path) -> None:
    draw_lines(tmp_path / "drawings", 200)
    script = (
        "from image2map_gui.core import api\n"
        "print('script starts')\n"
        "print(len(api.load('drawings').sources))\n"
    )
    (tmp_path / "script.py").write_text(script, "utf-8")
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=100,
        env=os.environ | {"PYTHONPATH": str(PROJECT)}, check=False,
    )  # fmt: skip
    assert done.stdout.split("\n") == ["script starts", "200", ""]
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    return draw_lines(tmp_path / "drawings", 40)


def test_settings_go_through_and_wrong_ones_are_named(drawings: Path) -> None:
    pictures = api.load(drawings, size=(8, 8))
    assert pictures.vectors.shape == (40, 64)
    project = api.train(pictures, rows=2, columns=3, epochs=4, seed=5)
    assert (project.params.rows, project.params.columns, len(project.history)) == (2, 3, 4)
    assert project.seconds > 0
    for wrong in (
        lambda: api.load(drawings, sice=(8, 8)),
        lambda: api.train(pictures, row=2),
        lambda: api.classify(project, drawings, methd="unit"),
        lambda: api.tune(project, epoch=3),
    ):
        with pytest.raises(ParameterError, match="There is no setting"):
            wrong()


def test_labels_from_a_table_and_tuning(drawings: Path, tmp_path: Path) -> None:
    project = api.train(api.load(drawings), rows=2, columns=3, epochs=4)
    rows = [f"lines_{number:02}.png,{'ab'[number > 20]}" for number in range(1, 41)]
    (tmp_path / "labels.csv").write_text("path,label\n" + "\n".join(rows) + "\n")
    project = api.label(project, tmp_path / "labels.csv")
    assert project.model is not None
    assert project.model.label_counts.sum() == 40
    tuned = api.tune(project, held_out=0.0, epochs=5)
    assert tuned.model is not None
    assert tuned.model.tuned is not None
    assert tuned.model.tuned.after >= tuned.model.tuned.before
    near = api.classify(tuned, drawings, method="pictures", k=1)
    assert [match.label for match in near] == [source.label for source in tuned.sources]
    taken_back = api.label(project, {source.address: None for source in project.sources})
    assert taken_back.model is not None
    assert taken_back.model.label_names == ()


def test_labels_of_pictures_that_came_later_count_like_all_others(
    drawings: Path, tmp_path: Path
) -> None:
    project = api.train(api.load(drawings), rows=2, columns=2, epochs=2)
    given = {source.address: "ab"[row % 2] for row, source in enumerate(project.sources)}
    project = api.label(project, given)
    late = dataclasses.replace(project.sources[0], path=f"{project.sources[0].path}x", label="a")
    grown = dataclasses.replace(
        project,
        sources=(*project.sources, late),
        picture_units=np.append(project.picture_units, project.picture_units[0]),
        picture_distances=np.append(project.picture_distances, 0.0),
        added=1,
    )

    def counted(one: Project) -> list[int]:
        assert one.model is not None
        return one.model.label_counts.sum(axis=0).tolist()

    assert counted(grown) == [20, 20]  # as older files have it
    assert counted(api.label(grown, {late.address: "b"})) == [20, 21]
    api.save(grown, tmp_path / "map.i2m")
    again = api.open_map(tmp_path / "map.i2m")
    assert counted(again) == [21, 20]
    assert again.model is not None
    assert again.model.hits.sum() == 40


def test_what_cannot_be_done_is_told(drawings: Path, tmp_path: Path) -> None:
    project = api.train(api.load(drawings), rows=2, columns=2, epochs=2)
    with pytest.raises(SourceError, match="No picture of the project is named"):
        api.label(project, {"other.png": "a"})
    with pytest.raises(ParameterError, match="label some first"):
        api.classify(project, drawings, method="pictures")
    with pytest.raises(Image2MapError):
        api.load(tmp_path / "none")
    with pytest.raises(Image2MapError):
        api.open_map(tmp_path / "none.i2m")
