"""The way to the same map: commands and programs are run, and the weights compared bit by bit."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import runpy
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data import PROJECT, draw_lines, run_command, write_idx, write_picture

from image2map_gui.cli import main
from image2map_gui.core.export.recipe import Recipe, recalling
from image2map_gui.core.images.collection import Parts
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.samples import draw_line
from image2map_gui.core.images.sources import find_sources, sample_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import train_map
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project, project_of
from image2map_gui.core.project.save import save_project
from image2map_gui.core.som.course import Change
from image2map_gui.core.som.params import SomParams

TINY = SomParams(rows=2, columns=3, epochs=3)


def recipe_of(project: Project, path: Path | None = None, **options: bool) -> Recipe:
    *_, last = recalling(project, path, **options)
    assert last.recipe is not None
    return last.recipe


def trained(dataset: Dataset, params: SomParams = TINY) -> Project:
    dataset = dataset.fitted()
    history = []
    for snapshot in train_map(dataset, params):
        if snapshot.milestone and snapshot.figures is not None:
            history.append(snapshot.figures)
    return project_of(dataset, params, snapshot, tuple(history), 0.1)


def read(*paths: Path, spec: ImageSpec | None = None) -> Dataset:
    *_, reading = read_dataset(find_sources(paths), spec or ImageSpec(size=(8, 8)))
    return reading.dataset


def run(recipe: Recipe, folder: Path, way: str) -> Project:
    """Run what a person would paste, in a folder of its own; return the map it made."""
    folder.mkdir()
    with contextlib.chdir(folder):
        if way == "python":
            (folder / "again.py").write_text(recipe.python, encoding="utf-8")
            runpy.run_path("again.py", run_name="__main__")
        else:
            for line in recipe.command.splitlines():
                _, *words = shlex.split(line)
                assert main(words) == 0
    return only_project(folder)


def run_apart(recipe: Recipe, folder: Path, way: str) -> Project:
    """Run it in processes of their own, the command by a shell."""
    folder.mkdir()
    scripts = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{scripts}:{os.environ['PATH']}"}
    environment["PYTHONPATH"] = str(PROJECT)
    if way == "python":
        (folder / "again.py").write_text(recipe.python, encoding="utf-8")
        words = [sys.executable, "again.py"]
    else:
        text = recipe.command.replace("image2map ", f"{sys.executable} -m image2map_gui ")
        words = ["bash", "-euc", text]
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    return only_project(folder)


def only_project(folder: Path) -> Project:
    (made,) = folder.glob("*.i2m")
    return load_project(made)


def assert_same(
    recipe: Recipe,
    project: Project,
    folder: Path,
    run: Callable[[Recipe, Path, str], Project] = run,
) -> None:
    assert recipe.remarks == ()
    assert recipe.reproducible
    for way in ("command", "python"):
        again = run(recipe, folder / way, way)
        assert again.model is not None
        assert project.model is not None
        assert again.model.weights.tobytes() == project.model.weights.tobytes(), way
        assert again.params == project.params
        assert again.spec == project.spec
        assert np.array_equal(again.picture_units, project.picture_units)


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Make folders with names that shells and programs trip over."""
    top = tmp_path / 'it\'s $HOME; `x` "q" \\'
    for index in range(16):
        label = "-rf\n\x1b&" if index % 2 else os.fsdecode(b"b\xe9/deep")
        write_picture(top / label / f"a {index}.png", draw_line(index / 5, 12))
    return top


@pytest.mark.slow
def test_folders_with_odd_names(labelled: Path, tmp_path: Path) -> None:
    params = SomParams(
        rows=3, columns=3, mode="online", epochs=4, metric="cosine", tiling="hexagonal", seed=7,
        radius_end=0.1 + 0.2, balance="labels",
    )  # fmt: skip
    spec = ImageSpec(size=(9, 7), value_range="-1..1", invert=True, reduction="pca", variance=0.9)
    project = trained(read(labelled, spec=spec), params)
    (tmp_path / "runs").mkdir()
    assert_same(recipe_of(project), project, tmp_path / "runs", run_apart)


def test_a_share_drawn_by_the_seed(tmp_path: Path) -> None:
    folder = draw_lines(tmp_path / "pictures", 23)
    path = tmp_path / "m.i2m"
    size = ("--rows", 2, "--columns", 2, "--epochs", 2, "--seed", 3, "--train-size", 0.7)
    assert run_command("train", folder, "-o", path, *size, "--quiet").code == 0
    project = load_project(path)
    assert len(project.sources) == 16
    (tmp_path / "runs").mkdir()
    recipe = recipe_of(project, path)
    assert "--train-size" in recipe.command
    assert_same(recipe, project, tmp_path / "runs")


def test_idx_files_and_arrays_without_their_labels(tmp_path: Path) -> None:
    digits = np.random.default_rng(0).integers(0, 256, (12, 6, 6), np.uint8)
    write_idx(tmp_path / "train-images-idx3-ubyte", digits)
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.arange(12, dtype=np.uint8))
    np.save(tmp_path / "more.npy", digits[::-1])
    dataset = read(tmp_path / "train-images-idx3-ubyte", tmp_path / "more.npy")
    bare = tuple(dataclasses.replace(one, label=None) for one in dataset.sources)
    project = trained(dataclasses.replace(dataset, sources=bare))
    (tmp_path / "runs").mkdir()
    recipe = recipe_of(project)
    assert "--labels none" in recipe.command
    assert_same(recipe, project, tmp_path / "runs")


def test_a_drawn_sample(tmp_path: Path) -> None:
    *_, reading = read_dataset(sample_sources("lines"), ImageSpec(size=(16, 16)))
    project = trained(reading.dataset)
    (tmp_path / "runs").mkdir()
    assert_same(recipe_of(project), project, tmp_path / "runs")


def test_pictures_that_were_left_out_by_hand(tmp_path: Path) -> None:
    folder = draw_lines(tmp_path / "pictures", 12)
    whole = read(folder)
    rows = np.array([0, 1, 3, 4, 5, 8, 10])
    project = trained(whole.take(rows))
    assert project.model is not None
    units, distances = np.full(12, -1), np.zeros(12)
    units[rows], distances[rows] = project.picture_units, project.picture_distances
    excluded = frozenset(whole.sources[row].address for row in (2, 6, 7, 9, 11))
    project = dataclasses.replace(
        project, sources=whole.sources, picture_units=units, picture_distances=distances,
        parts=Parts(excluded=excluded),
    )  # fmt: skip
    path = tmp_path / "it is.i2m"
    save_project(project, path)
    recipe = recipe_of(project, path)
    assert "assignments pictures.csv" in recipe.command
    (tmp_path / "runs").mkdir()
    assert recipe.reproducible
    for way in ("command", "python"):
        again = run(recipe, tmp_path / "runs" / way, way)
        assert again.model is not None
        assert again.model.weights.tobytes() == project.model.weights.tobytes()
    unsaved = recipe_of(project)
    assert not unsaved.reproducible
    assert unsaved.command.startswith("# Not the same map again: the pictures")


def steered(project: Project, **values: Any) -> Project:
    first, *rest = project.history
    return dataclasses.replace(
        project, history=(dataclasses.replace(first, change=Change(**values)), *rest)
    )


def test_what_depends_on_a_person_or_a_clock_is_told(tmp_path: Path) -> None:
    dataset = read(draw_lines(tmp_path / "pictures", 9))
    project = trained(dataset)
    assert recipe_of(project).reproducible
    assert recipe_of(steered(project, pause=0.1)).reproducible
    for other, words in (
        (steered(project, radius=2.0), "were changed while it was trained"),
        (dataclasses.replace(project, history=project.history[:2]), "after epoch 2 of 3"),
        (dataclasses.replace(project, history=project.history * 2, params=dataclasses.replace(
            TINY, epochs=2)), "trained on after"),
        (trained(dataset, dataclasses.replace(TINY, time_limit=5.0)), "time limit"),
        (dataclasses.replace(project, given=("start",)), "started from another map"),
        (dataclasses.replace(project, given=("weights",)), "weights of their own"),
    ):  # fmt: skip
        recipe = recipe_of(other)
        assert not recipe.reproducible
        assert any(words in one for one in recipe.remarks)
        for text in (recipe.command, recipe.python):
            assert words in text.splitlines()[0]
            assert text.startswith("# Not the same map again: ")


def test_the_number_of_threads_is_told(tmp_path: Path) -> None:
    dataset = read(draw_lines(tmp_path / "pictures", 9))
    project = dataclasses.replace(trained(dataset), threads=3)
    recipe = recipe_of(project)
    assert " --threads 3 " in recipe.command
    assert "    with threadpool_limits(limits=3):\n        for snapshot in" in recipe.python
    (tmp_path / "runs").mkdir()
    assert_same(recipe, project, tmp_path / "runs")
    again = run(recipe, tmp_path / "runs" / "threads", "command")
    assert again.threads == 3
    unknown = recipe_of(dataclasses.replace(project, threads=0))
    assert "--threads" not in unknown.command
    assert "threadpool" not in unknown.python


def test_a_map_that_settled_comes_again(tmp_path: Path) -> None:
    params = dataclasses.replace(TINY, epochs=8, stop="settled", patience=2, tolerance=0.05)
    project = trained(read(draw_lines(tmp_path / "pictures", 9)), params)
    assert project.history[-1].epoch < project.history[-1].epochs
    (tmp_path / "runs").mkdir()
    assert_same(recipe_of(project), project, tmp_path / "runs")


def test_pictures_that_are_gone_or_new_are_told(tmp_path: Path) -> None:
    folder = draw_lines(tmp_path / "pictures", 9)
    project = trained(read(folder))
    write_picture(folder / "new.png")
    assert "not just those" in recipe_of(project).remarks[0]
    (folder / "new.png").unlink()
    assert recipe_of(project).reproducible
    for path in folder.iterdir():
        path.unlink()
    assert "not just those" in recipe_of(project).remarks[0]


def test_where_things_lie_can_be_kept_secret(tmp_path: Path) -> None:
    project = trained(read(draw_lines(tmp_path / "secret" / "pictures", 9)))
    recipe = recipe_of(project, tmp_path / "secret" / "m.i2m", paths=False)
    assert "secret" not in recipe.command + recipe.python
    assert "train pictures -o" in recipe.command
