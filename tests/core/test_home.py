"""Paths below the home folder: told without its name, and found again."""

from __future__ import annotations

import dataclasses
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from data import write_idx, write_picture
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.export.tables import write_labels
from image2map_gui.core.home import with_home, without_home
from image2map_gui.core.images.sources import Skipped, find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.images.table import read_column
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project
from image2map_gui.core.project.save import save_project
from image2map_gui.core.som.params import SomParams


def live_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))


def live_behind(link: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    link.symlink_to(home)
    live_in(link, monkeypatch)
    return link


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "homes" / "anna"
    folder.mkdir(parents=True)
    live_in(folder, monkeypatch)
    return folder


def test_only_what_is_below_is_told_in_short(home: Path) -> None:
    pairs = {
        f"{home}": "~",
        f"{home}{os.sep}a.png": f"~{os.sep}a.png",
        f"{home}-2{os.sep}a.png": f"{home}-2{os.sep}a.png",
        f"{home.parent}": f"{home.parent}",
        "lines": "lines",
        "": "",
    }
    assert {path: without_home(path) for path in pairs} == pairs
    assert {told: with_home(told) for told in pairs.values()} == {b: a for a, b in pairs.items()}


@pytest.mark.parametrize("path", ["~other/a.png", "a/~/b.png", "~~", "./~/a.png"])
def test_other_signs_mean_nothing(home: Path, path: str) -> None:
    assert with_home(path) == without_home(path) == path


def test_a_home_behind_a_link_is_known_by_both_names(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = live_behind(tmp_path / "link", home, monkeypatch)
    assert without_home(f"{home}/a") == without_home(f"{link}/a") == "~/a"
    assert with_home("~/a") == f"{link}/a"


@pytest.mark.parametrize("root", ["/", ""])
def test_a_home_that_is_everything_is_none(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", root)
    assert without_home("/data/a.png") == "/data/a.png"


@given(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=20))
def test_any_path_comes_back(name: str) -> None:
    path = str(Path.home() / "x") + os.sep + name
    assert with_home(without_home(path)) == path


@pytest.mark.parametrize("where", ["homes/anna/maps", "stick"])
@pytest.mark.parametrize("absolute", [True, False])
def test_a_project_does_not_name_the_home_and_finds_its_pictures(
    home: Path, tmp_path: Path, where: str, absolute: bool
) -> None:
    pictures = home / "pictures"
    write_picture(pictures / "a.png")
    write_picture(pictures / "b" / "c.png")
    found = find_sources([pictures])
    lost = (Skipped(str(pictures / "d.png"), "is empty"),)
    path = tmp_path / where / "map.i2m"
    path.parent.mkdir(parents=True)
    made = Project(ImageSpec(), SomParams(), found.sources, lost, absolute_paths=absolute)
    save_project(made, path)
    with zipfile.ZipFile(path) as packed:
        assert not any(b"anna" in packed.read(name) for name in packed.namelist())
    again = load_project(path)
    assert again.sources == found.sources
    if absolute:
        assert again.skipped == lost


def test_a_project_finds_its_pictures_in_another_home(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_picture(home / "pictures" / "a.png")
    path = tmp_path / "map.i2m"
    found = find_sources([home / "pictures"])
    save_project(Project(ImageSpec(), SomParams(), found.sources, ()), path)
    home.rename(home.with_name("berta"))
    live_in(home.with_name("berta"), monkeypatch)
    (source,) = load_project(path).sources
    assert Path(source.path).is_file()


def test_pictures_beside_the_project_come_before_those_of_another_home(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_picture(home / "Pictures" / "a.png", np.zeros((5, 5), np.uint8))
    found = find_sources([home / "Pictures"])
    save_project(Project(ImageSpec(), SomParams(), found.sources, ()), home / "Pictures/map.i2m")
    stick = tmp_path / "stick"
    shutil.copytree(home / "Pictures", stick)
    other = tmp_path / "homes" / "bob"
    write_picture(other / "Pictures" / "a.png", np.arange(400, dtype=np.uint8).reshape(20, 20))
    write_picture(other / "Pictures" / "b.png")
    live_in(other, monkeypatch)
    (source,) = load_project(stick / "map.i2m").sources
    assert Path(source.path) == stick / "a.png"
    (stick / "a.png").unlink()
    (source,) = load_project(stick / "map.i2m").sources
    assert Path(source.path) == other / "Pictures/a.png"  # of that name at least
    (other / "Pictures" / "a.png").unlink()
    (source,) = load_project(stick / "map.i2m").sources
    assert not Path(source.path).exists()


def test_a_home_behind_a_link_is_not_named_either(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = live_behind(tmp_path / "anna-too", home, monkeypatch)
    write_picture(link / "pictures" / "a.png")
    found = find_sources([link / "pictures"])
    path = link / "maps" / "map.i2m"
    path.parent.mkdir()
    save_project(Project(ImageSpec(), SomParams(), found.sources, (), absolute_paths=False), path)
    with zipfile.ZipFile(path) as packed:
        assert not any(b"anna" in packed.read(name) for name in packed.namelist())
    (source,) = load_project(path).sources
    assert Path(source.path).is_file()


def test_a_table_of_the_program_is_a_list_of_pictures(home: Path, tmp_path: Path) -> None:
    write_picture(home / "a.png")
    write_picture(home / "b.png")
    given = tuple(
        dataclasses.replace(source, label=label)
        for source, label in zip(find_sources([home]).sources, ("bird", "cat"), strict=True)
    )
    write_labels(tmp_path / "labels.csv", given)
    assert "anna" not in (tmp_path / "labels.csv").read_text()
    assert find_sources([tmp_path / "labels.csv"]).sources == given


def test_labels_of_files_that_hold_many_pictures_are_read_back_by_a_linked_home(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = live_behind(tmp_path / "link", home, monkeypatch)
    write_idx(link / "x-images-idx3-ubyte", np.zeros((2, 6, 6), np.uint8))
    sources = find_sources([link / "x-images-idx3-ubyte"]).sources
    given = [dataclasses.replace(one, label=name) for one, name in zip(sources, "ab", strict=True)]
    write_labels(tmp_path / "labels.csv", given)
    assert read_column(sources, tmp_path / "labels.csv", "label") == ["a", "b"]


def test_tables_are_read_back(home: Path, tmp_path: Path) -> None:
    write_picture(home / "a.png")
    (source,) = find_sources([home]).sources
    table = tmp_path / "labels.csv"
    table.write_text("path,label\n~/a.png,bird\n")
    assert read_column([source], table, "label") == ["bird"]
