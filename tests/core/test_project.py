"""The project file: everything comes back, nothing bad gets in, and no save loses the old one."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import math
import os
import resource
import shutil
import struct
import sys
import tracemalloc
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data import lines_dataset, train_model, write_idx, write_picture
from hypothesis import given
from hypothesis import strategies as st
from projects import (
    Manifest,
    Members,
    array_of,
    packed,
    plain,
    refused,
    small_project,
    swap,
    unpacked,
)

from image2map_gui.core.analysis.classify import classify
from image2map_gui.core.errors import ChangedElsewhereError, ProjectError
from image2map_gui.core.files import fingerprint
from image2map_gui.core.frames import Frames
from image2map_gui.core.images.collection import Group, LabelStyle, Parts, Split
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.sources import Skipped, Source, find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel
from image2map_gui.core.project import archive as archive_module
from image2map_gui.core.project.load import load_project, loading
from image2map_gui.core.project.project import Project, project_of
from image2map_gui.core.project.save import backup_of, save_project, saving
from image2map_gui.core.runs import restored
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import EpochFigures


@pytest.fixture(scope="module")
def project() -> Project:
    return small_project()


@pytest.fixture(scope="module")
def saved(project: Project, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("saved") / "map.i2m"
    save_project(project, path)
    return path.read_bytes()


def round_trip(project: Project, path: Path) -> Project:
    save_project(project, path)
    return load_project(path)


# Everything comes back


def test_a_project_comes_back_as_it_was(project: Project, tmp_path: Path) -> None:
    again = round_trip(project, tmp_path / "map.i2m")
    assert plain(again) == plain(project)
    assert again.model is not None
    arrays = [again.picture_units, again.picture_distances, again.model.weights]
    assert not any(array.flags.writeable for array in arrays)


def test_a_project_without_a_map_comes_back(tmp_path: Path) -> None:
    project = Project(ImageSpec(size=(5, 7)), SomParams(rows=3), (Source("/a.png"),))
    assert plain(round_trip(project, tmp_path / "a.i2m")) == plain(project)


def test_the_parts_of_a_collection_come_back(project: Project, tmp_path: Path) -> None:
    units = project.picture_units.copy()
    units[[3, 7]] = -1
    distances = np.where(units < 0, 0, project.picture_distances)
    excluded = frozenset({project.sources[3].address})
    parts = Parts(excluded).divided(project.sources, Split(0.1, 7, stratified=False))
    divided = dataclasses.replace(
        project, parts=parts, picture_units=units, picture_distances=distances, added=2
    )
    again = round_trip(divided, tmp_path / "map.i2m")
    assert again.parts == parts
    assert len(again.parts.test) == 10
    assert again.added == 2
    assert again.picture_units.tolist() == units.tolist()


def test_selections_with_names_come_back(project: Project, tmp_path: Path) -> None:
    one, two, *_ = (source.address for source in project.sources)
    groups = (Group("odd “ones”", frozenset({one, two})), Group("none", frozenset()))
    again = round_trip(dataclasses.replace(project, selections=groups), tmp_path / "map.i2m")
    assert again.selections == groups
    gone = (Group("gone", frozenset({one, "/gone.png"})),)
    again = round_trip(dataclasses.replace(project, selections=gone), tmp_path / "map.i2m")
    assert again.selections == (Group("gone", frozenset({one})),)


@pytest.mark.parametrize(
    "selections",
    [
        None,
        {},
        [None],
        [{"name": "a"}],
        [{"name": 1, "count": 0}],
        [{"name": None, "count": 0}],
        [{"name": "a", "count": 1}],
        [{"name": "a", "count": -1}],
        [{"name": "a", "count": False}],
        [{"name": "a", "count": "0"}],
        [{"name": "a", "count": 0}, {"name": "a", "count": 0}],
    ],
)
def test_wrong_selections_are_refused(saved: bytes, tmp_path: Path, selections: object) -> None:
    manifest, members = unpacked(saved)
    refused(packed(tmp_path / "map.i2m", manifest | {"selections": selections}, members))


def test_order_and_colours_of_labels_come_back(project: Project, tmp_path: Path) -> None:
    labels = (LabelStyle("steep", "#1e90ff"), LabelStyle("flat “ones”"), LabelStyle("gone"))
    again = round_trip(dataclasses.replace(project, labels=labels), tmp_path / "map.i2m")
    assert again.labels == labels


@pytest.mark.parametrize(
    "labels",
    [
        None,
        {},
        [None],
        [{"name": "a"}],
        [{"name": 1, "colour": None}],
        [{"name": "", "colour": None}],
        [{"name": "a", "colour": 1}],
        [{"name": "a", "colour": "blue"}],
        [{"name": "a", "colour": "#1e90fg"}],
        [{"name": "a", "colour": None}, {"name": "a", "colour": "#1e90ff"}],
    ],
)
def test_wrong_labels_are_refused(saved: bytes, tmp_path: Path, labels: object) -> None:
    manifest, members = unpacked(saved)
    refused(packed(tmp_path / "map.i2m", manifest | {"labels": labels}, members))


def test_parts_move_with_the_pictures(tmp_path: Path) -> None:
    write_picture(tmp_path / "old/in/1.png")
    write_picture(tmp_path / "old/in/2.png")
    found = find_sources([tmp_path / "old/in"])
    parts = Parts(excluded=frozenset({found.sources[1].address, "/gone.png"}))
    project = Project(ImageSpec(size=(6, 6)), SomParams(), found.sources, parts=parts)
    save_project(project, tmp_path / "old/a.i2m")
    (tmp_path / "old").rename(tmp_path / "new")
    moved = load_project(tmp_path / "new/a.i2m")
    assert moved.parts.excluded == {moved.sources[1].address}
    assert "/new/" in moved.sources[1].address


@pytest.mark.parametrize(
    "parts",
    [
        None,
        {"excluded": 0, "test": 0},
        {"excluded": 1, "test": 0, "split": None},
        {"excluded": -1, "test": 0, "split": None},
        {"excluded": 0, "test": "0", "split": None},
        {"excluded": 0, "test": [], "split": None},
        {"excluded": False, "test": 0, "split": None},
        {"excluded": 0, "test": 0, "split": {"share": 2, "seed": 0, "stratified": True}},
        {"excluded": 0, "test": 0, "split": {"share": None, "seed": 0, "stratified": True}},
        {"excluded": 0, "test": 0, "split": {"share": 0.5, "seed": 0, "stratified": 1}},
        {"excluded": 0, "test": 0, "split": {"share": 0.5, "seed": 0.5, "stratified": True}},
    ],
)
def test_wrong_parts_are_refused(saved: bytes, tmp_path: Path, parts: object) -> None:
    manifest, members = unpacked(saved)
    refused(packed(tmp_path / "map.i2m", manifest | {"parts": parts}, members))


@pytest.mark.parametrize("rows", [[100], [-1], [3, 3], [4, 3], [[3]], []])
def test_parts_of_pictures_that_are_not_there_are_refused(
    saved: bytes, tmp_path: Path, rows: list[Any]
) -> None:
    manifest, members = unpacked(saved)
    path = tmp_path / "map.i2m"
    manifest["parts"]["test"] = 2
    swap(manifest, members, "picture_rows", np.array([3, 4], np.int32))
    assert len(load_project(packed(path, manifest, members)).parts.test) == 2
    manifest["parts"]["test"] = len(rows)
    swap(manifest, members, "picture_rows", np.array(rows or [3], np.int32))
    refused(packed(path, manifest, members))


PICTURE_COLUMNS = {
    "picture_files": (100, -1),
    "picture_kinds": (5, 255),
    "picture_indices": (-2, -(2**63)),
    "picture_labels": (2, -2),
    "file_folders": (1, -1),
    "file_names_ends": (0, -1),
    "label_names_ends": (3, -5),
}


@pytest.mark.parametrize("name", PICTURE_COLUMNS)
def test_wrong_columns_of_pictures_are_refused(saved: bytes, tmp_path: Path, name: str) -> None:
    manifest, members = unpacked(saved)
    good = array_of(members[f"{name}.npy"])
    for wrong in PICTURE_COLUMNS[name]:
        array = good.copy()
        array[-1] = wrong
        swap(manifest, members, name, array)
        refused(packed(tmp_path / "map.i2m", manifest, members))
    longer = np.concatenate([good, good[-1:]])
    for array in (good[:-1], good[None], longer):
        if array is longer and name == "label_names_ends":
            continue  # a label that no picture has
        swap(manifest, members, name, array)
        refused(packed(tmp_path / "map.i2m", manifest, members))
    del manifest["arrays"][name], members[f"{name}.npy"]
    refused(packed(tmp_path / "map.i2m", manifest, members))


def test_names_that_are_cut_within_a_letter_are_refused(tmp_path: Path) -> None:
    sources = (Source("/a/ж.png"), Source("/a/b.png"))
    path = tmp_path / "map.i2m"
    save_project(Project(ImageSpec(), SomParams(), sources), path)
    manifest, members = unpacked(path.read_bytes())
    ends = array_of(members["file_names_ends.npy"])
    assert ends.tolist() == [6, 11]
    swap(manifest, members, "file_names_ends", np.array([1, 11]))
    refused(packed(path, manifest, members))


@pytest.mark.parametrize("added", [-1, 101, None, "1", True])
def test_more_added_pictures_than_there_are_are_refused(
    saved: bytes, tmp_path: Path, added: object
) -> None:
    manifest, members = unpacked(saved)
    refused(packed(tmp_path / "map.i2m", manifest | {"added": added}, members))


def test_an_empty_project_comes_back(tmp_path: Path) -> None:
    project = Project(ImageSpec(), SomParams(), ())
    assert plain(round_trip(project, tmp_path / "a.i2m")) == plain(project)


def test_what_is_no_number_comes_back_as_none(tmp_path: Path) -> None:
    dataset = lines_dataset()
    model, snapshot = train_model(dataset, rows=1, columns=1, epochs=2)
    assert math.isnan(model.topographic_errors[0][1])
    figures = EpochFigures(1, 2, 1.0, None, math.nan, math.nan, None, 0.5)
    project = project_of(dataset, model.params, snapshot, (figures,), 0.0)
    project = dataclasses.replace(
        project, model=dataclasses.replace(model, quantization_error=math.nan)
    )
    assert plain(round_trip(project, tmp_path / "a.i2m")) == plain(project)


texts = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=20)


@given(
    st.lists(
        st.tuples(texts, st.none() | st.text(max_size=20), st.integers(-1, 10**6)), max_size=6
    ),
    st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=3),
)
@pytest.mark.slow
def test_any_names_and_labels_come_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str | None, int]],
    skipped: list[tuple[str, str]],
) -> None:
    sources = tuple(
        Source(f"/nowhere/{name}/{name}", index, label, "file" if index < 0 else "idx")
        for name, label, index in rows
    )
    project = Project(
        ImageSpec(), SomParams(), sources, tuple(Skipped(where, why) for where, why in skipped)
    )
    path = tmp_path_factory.mktemp("names") / "a.i2m"
    assert plain(round_trip(project, path)) == plain(project)


def test_pictures_in_an_archive_come_back_and_can_be_read(tmp_path: Path) -> None:
    write_picture(tmp_path / "1.png", 77)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "1.png", "dark/1.png")
        archive.write(tmp_path / "1.png", "light/\u05d0 <b>.png")
    found = find_sources([tmp_path / "a.zip"])
    project = Project(ImageSpec(size=(6, 6)), SomParams(), found.sources)
    again = round_trip(project, tmp_path / "a.i2m")
    assert again.sources == found.sources
    assert [one.member for one in again.sources] == ["dark/1.png", "light/\u05d0 <b>.png"]
    assert (ImageSpec(size=(6, 6)).read(again.sources[1])[0] * 255).round().max() == 77


def test_pictures_in_arrays_come_back(tmp_path: Path) -> None:
    shades = np.arange(3, dtype=np.uint8)[:, None, None] * np.ones((1, 4, 5), np.uint8)
    np.save(tmp_path / "a.npy", shades)
    np.savez(tmp_path / "b.npz", images=shades + 9, labels=np.array(["x", "y", "x"]))
    found = find_sources([tmp_path / "a.npy", tmp_path / "b.npz"])
    again = round_trip(Project(ImageSpec(), SomParams(), found.sources), tmp_path / "a.i2m")
    assert again.sources == found.sources
    assert [int(np.asarray(read_image(one))[0, 0]) for one in again.sources] == [0, 1, 2, 9, 10, 11]


def test_names_that_are_no_text_come_back_and_can_be_read(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9\n"))
    write_picture(folder / os.fsdecode(b"\xff.png"), 77)
    found = find_sources([folder])
    project = Project(ImageSpec(size=(6, 6)), SomParams(), found.sources)
    again = round_trip(project, folder / "a.i2m")
    assert again.sources == found.sources
    assert (ImageSpec(size=(6, 6)).read(again.sources[0])[0] * 255).round().max() == 77


def test_the_same_project_gives_the_same_bytes(
    project: Project, saved: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "map.i2m"
    save_project(project, path)
    first = path.read_bytes()
    save_project(load_project(path), path)
    assert path.read_bytes() == first
    assert len(first) == pytest.approx(len(saved), abs=200)


def test_a_loaded_map_answers_like_the_one_that_was_saved(project: Project, tmp_path: Path) -> None:
    again = round_trip(project, tmp_path / "map.i2m")
    assert again.model is not None
    assert project.model is not None
    for index, source in enumerate(project.sources):
        match = classify(again.model, source)
        assert match.unit == project.picture_units[index]
        assert match.distance == project.picture_distances[index]
        assert match.label == classify(project.model, source).label


def test_pictures_that_moved_with_their_project_are_found(tmp_path: Path) -> None:
    for name in ("in/cat/1.png", "in/dog/2.png"):
        write_picture(tmp_path / "old" / name)
    write_idx(tmp_path / "old/x-images-idx3-ubyte", np.zeros((2, 6, 6), np.uint8))
    found = find_sources([tmp_path / "old/in", tmp_path / "old/x-images-idx3-ubyte"])
    project = Project(ImageSpec(size=(6, 6)), SomParams(), found.sources)
    (tmp_path / "old/maps").mkdir()
    save_project(project, tmp_path / "old/maps/a.i2m")
    shutil.copytree(tmp_path / "old", tmp_path / "copy")
    assert load_project(tmp_path / "copy/maps/a.i2m").sources == found.sources  # still there
    (tmp_path / "old").rename(tmp_path / "new")
    moved = load_project(tmp_path / "new/maps/a.i2m")
    expected = [Path(str(source.path).replace("/old/", "/new/")) for source in found.sources]
    assert [Path(source.path) for source in moved.sources] == expected
    assert [source.label for source in moved.sources] == ["cat", "dog", None, None]
    *_, reading = read_dataset(dataclasses.replace(found, sources=moved.sources), moved.spec)
    assert len(reading.dataset) == 4


def test_pictures_on_another_drive_are_known_by_their_full_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(os.path, "relpath", fails)
    project = Project(ImageSpec(), SomParams(), (Source("/pictures/1.png"),))
    assert plain(round_trip(project, tmp_path / "a.i2m")) == plain(project)


def test_pictures_that_are_gone_keep_their_old_place(tmp_path: Path) -> None:
    source = Source(str(write_picture(tmp_path / "in/1.png")))
    path = tmp_path / "a.i2m"
    save_project(Project(ImageSpec(), SomParams(), (source,)), path)
    shutil.rmtree(tmp_path / "in")
    assert load_project(path).sources == (source,)


def test_frames_of_other_pictures_come_back_for_those_of_the_project(
    project: Project, tmp_path: Path
) -> None:
    frames = Frames(project.frames.frames, project.sources)
    fewer = dataclasses.replace(
        project,
        sources=(*project.sources[50:], Source("/new.png")),
        picture_units=np.append(project.picture_units[50:], 3),
        picture_distances=np.append(project.picture_distances[50:], 1.5),
        frames=frames,
        runs=(),
        run=None,
    )
    again = round_trip(fewer, tmp_path / "map.i2m").frames
    assert again.epochs == (0, 1, 2, 3)
    assert again.frames[0].units is None
    last, before = again.frames[-1], frames.frames[-1]
    assert last.units is not None
    assert before.units is not None
    assert last.units.tolist() == [*before.units[50:].tolist(), -1]


def test_a_run_comes_back_exactly(project: Project, tmp_path: Path) -> None:
    """Also one of features, with what was measured on the collection."""
    again = round_trip(project, tmp_path / "map.i2m")
    for before, after in zip(project.runs, again.runs, strict=True):
        if before.kept is not None and after.kept is not None:
            old = restored(before, before.kept, project.sources)
            assert plain(restored(after, after.kept, again.sources)) == plain(old)
    assert [run.kept is None for run in again.runs] == [True, False, False, True]


@pytest.mark.parametrize("name", ["frame_weights", "frame_units", "frame_distances", "run_weights",
                                  "run_units", "run_distances", "run_projections",
                                  "run_exemplars", "run_thumbs"])  # fmt: skip
@pytest.mark.parametrize("change", ["missing", "shorter", "longer", "deeper", "negative"])
def test_wrong_frames_and_runs_are_refused(
    saved: bytes, tmp_path: Path, name: str, change: str
) -> None:
    manifest, members = unpacked(saved)
    array = array_of(members[f"{name}.npy"])
    changed = {
        "shorter": lambda: array[:-1],
        "longer": lambda: np.concatenate([array, array[-1:]]),
        "deeper": lambda: array[None],
        "negative": lambda: array - array.dtype.type(5) - array.max(),
    }
    free = ("frame_weights", "run_weights", "run_exemplars", "run_thumbs")
    if change == "negative" and name in free:
        pytest.skip("any number is a good one there")
    if change == "missing":
        del members[f"{name}.npy"], manifest["arrays"][name]
    else:
        swap(manifest, members, name, changed[change]())
    refused(packed(tmp_path / "map.i2m", manifest, members))


def test_frames_without_a_map_and_beyond_its_epochs_are_refused(
    saved: bytes, tmp_path: Path
) -> None:
    manifest, members = unpacked(saved)
    path = tmp_path / "map.i2m"
    refused(packed(path, manifest | {"model": None}, members))
    refused(packed(path, manifest | {"history": manifest["history"][:1]}, members))
    refused(packed(path, manifest | {"run": 5}, members))
    for epochs in ([0, 1, 1, 3], [0, 2, 1, 3], [0, 1, 2], [0, 1, 2, 3, 4]):
        facts = manifest["frames"] | {"epochs": epochs}
        refused(packed(path, manifest | {"frames": facts}, members))


# Saving never loses what was there


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_when_saving_fails_the_old_project_is_untouched(
    project: Project,
    saved: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    code: int,
) -> None:
    path = tmp_path / "map.i2m"
    path.write_bytes(saved)

    def fails(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, call, fails)
    why = {errno.ENOSPC: "no space left on the disk: .* needed, .* free", errno.EIO: "Input/output"}
    with pytest.raises(ProjectError, match=rf"map\.i2m: could not be saved \({why[code]}"):
        save_project(project, path)
    assert path.read_bytes() == saved
    assert list(tmp_path.iterdir()) == [path]


def test_when_there_is_no_room_the_old_project_is_untouched(
    project: Project, saved: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "map.i2m"
    path.write_bytes(saved)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))  # a real refusal of the kernel
    try:
        with pytest.raises(ProjectError, match="could not be saved"):
            save_project(project, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == saved
    assert list(tmp_path.iterdir()) == [path]


def test_a_project_that_may_not_be_written_is_not_replaced(
    project: Project, saved: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "map.i2m"
    path.write_bytes(saved)
    path.chmod(0o444)
    if os.access(path, os.W_OK):  # as root everything may be written
        monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ProjectError, match="read-only"):
        save_project(project, path)
    assert path.read_bytes() == saved


@pytest.mark.parametrize("name", ["none/a.i2m", "file/a.i2m", "folder", f"{'x' * 300}.i2m"])
def test_places_where_nothing_can_be_saved_are_refused(
    project: Project, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ProjectError):
        save_project(project, tmp_path / name)
    assert sorted(tmp_path.iterdir()) == before


def test_a_project_that_was_changed_elsewhere_is_not_replaced(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "map.i2m"
    opened = save_project(project, path)
    mine = save_project(project, path, expected=opened)  # nobody else wrote it
    later = dataclasses.replace(project, seconds=9.0)
    theirs = save_project(later, path)
    with pytest.raises(ChangedElsewhereError, match=r"map\.i2m: was changed by somebody else"):
        save_project(project, path, expected=mine)
    assert fingerprint(path) == theirs
    assert load_project(path).seconds == 9.0
    save_project(project, path, expected=theirs)
    path.unlink()
    save_project(project, path, expected=mine)  # it is gone: nothing can be lost
    assert {one.name for one in tmp_path.iterdir()} == {"map.i2m", "map.i2m~"}


def test_what_is_written_while_saving_is_not_replaced_either(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "map.i2m"
    steps = saving(project, path, expected=save_project(project, path))
    next(steps)
    theirs = save_project(dataclasses.replace(project, seconds=9.0), path)
    with pytest.raises(ChangedElsewhereError):
        deque(steps)
    assert fingerprint(path) == theirs


def test_the_save_before_is_kept(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "map.i2m"
    for seconds in (1.0, 2.0, 3.0):
        save_project(dataclasses.replace(project, seconds=seconds), path)
    assert load_project(path).seconds == 3.0
    assert load_project(backup_of(path)).seconds == 2.0
    save_project(dataclasses.replace(project, seconds=4.0), path, backup=False)
    assert load_project(backup_of(path)).seconds == 2.0


def test_saving_and_loading_tell_how_far_they_are(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "map.i2m"
    steps = list(saving(project, path))
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    assert (steps[0].fraction, steps[-1].fraction) == (0, 1)
    assert [step.milestone for step in steps].index(True) == len(steps) - 1
    read = list(loading(path))
    assert [step.milestone for step in read].index(True) == len(read) - 1
    assert read[-1].fingerprint == steps[-1].fingerprint == fingerprint(path)


def test_a_save_that_nobody_waits_for_changes_nothing(
    project: Project, saved: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "map.i2m"
    path.write_bytes(saved)
    steps = saving(project, path)
    for _ in range(5):
        next(steps)
    assert len(list(tmp_path.iterdir())) == 2
    steps.close()
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == saved


# Nothing bad gets in


def test_what_was_unpacked_and_packed_again_is_still_read(
    project: Project, saved: bytes, tmp_path: Path
) -> None:
    """The tests below spoil something; without that the same way must lead to a good project."""
    path = packed(tmp_path / "map.i2m", *unpacked(saved))
    assert plain(load_project(path)) == plain(project)
    manifest, members = unpacked(saved)
    for name in list(manifest["arrays"]):
        swap(manifest, members, name, array_of(members[f"{name}.npy"]))
    packed(path, manifest, members)
    assert plain(load_project(path)) == plain(project)


def test_a_project_that_was_cut_short_is_refused(saved: bytes, tmp_path: Path) -> None:
    path = tmp_path / "map.i2m"
    for length in [0, 1, 4, *range(50, len(saved), len(saved) // 60), len(saved) - 1]:
        path.write_bytes(saved[:length])
        refused(path)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all values within a manifest."""
    yield path
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, item in items:
        yield from leaves(item, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


WRONG = (None, True, 0, -1, 1.5, 10**400, "text", [], [1], {})


@pytest.mark.parametrize(
    "full", [False, pytest.param(True, marks=[pytest.mark.faults, pytest.mark.timeout(900)])]
)
def test_every_wrong_value_in_the_manifest_is_refused(
    saved: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    """A value is refused, or it is a good one: then it is in the project exactly as written.

    All values of the manifest, or two of each kind, each with one of the wrong values.
    """
    monkeypatch.setattr(os, "fsync", lambda _: None)  # a thousand saves; none need last
    path, again = tmp_path / "map.i2m", tmp_path / "again.i2m"
    manifest, members = unpacked(saved)
    places = [place for place in leaves(manifest) if place and place != ("program",)]
    assert len(places) > 60
    if not full:
        places = some_of_each_kind(places)
    count = accepted = 0
    for number, place in enumerate(places):
        for value in WRONG if full else WRONG[number % len(WRONG) :: len(WRONG)]:
            spoiled = json.loads(json.dumps(manifest))
            before = at(spoiled, place)
            if type(before) is type(value) and before == value:
                continue
            at(spoiled, place[:-1])[place[-1]] = value
            packed(path, spoiled, members, text=zipfile.ZIP_STORED)
            count += 1
            try:
                project = load_project(path)
            except ProjectError as error:
                assert str(error)  # noqa: PT017
                continue
            accepted += 1
            save_project(project, again, backup=False)
            taken = at(unpacked(again.read_bytes())[0], place)
            as_float = type(value) is int and type(taken) is float and taken == float(value)
            assert taken == value or as_float, (place, before, value)
            assert isinstance(taken, bool) == isinstance(value, bool), (place, before, value)
    sys.stdout.write(f"{count} wrong values: {accepted} good ones came back, the rest refused\n")
    assert count > (5_000 if full else 60)


def some_of_each_kind(places: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return of the values that stand in the same place of many records only one."""
    found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for place in places:
        found.setdefault(tuple("*" if isinstance(part, int) else part for part in place), place)
    return list(found.values())


@pytest.mark.parametrize(
    "key",
    ["format", "spec", "params", "model", "history", "seconds", "labels", "runs", "arrays"],
)
def test_a_manifest_that_lacks_something_is_refused(saved: bytes, tmp_path: Path, key: str) -> None:
    manifest, members = unpacked(saved)
    del manifest[key]
    refused(packed(tmp_path / "map.i2m", manifest, members))


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (999, "newer version of Image2Map (format 999); this one reads up to 6"),
        (7, "newer version"),
        *((wrong, "damaged") for wrong in (0, -1, True, False, None, "one", "1", 1.0, [1], {})),
    ],
)
def test_versions(saved: bytes, tmp_path: Path, version: object, said: str) -> None:
    manifest, members = unpacked(saved)
    path = packed(tmp_path / "map.i2m", manifest | {"format": version}, members)
    assert said in refused(path)
    bare = packed(tmp_path / "bare.i2m", {"format": version}, {})
    assert said in refused(bare)
    if said != "damaged":  # what is new in it does not matter
        new = manifest | {"format": version, "arrays": {"new": None}}
        more = {"new.npy": b"x", "news/more.json": b"{}", "manifest.sha256": b"?"}
        assert said in refused(packed(path, new, more, sealed=False))


def test_a_manifest_without_its_seal_is_refused(saved: bytes, tmp_path: Path) -> None:
    manifest, members = unpacked(saved)
    path = tmp_path / "map.i2m"
    refused(packed(path, manifest, members, sealed=False))
    digest = {"manifest.sha256": f"{'0' * 64}  manifest.json\n".encode()}
    refused(packed(path, manifest, members | digest, sealed=False))
    older = Path(__file__).parent / "golden/format-5.i2m"
    manifest, members = unpacked(older.read_bytes())
    load_project(packed(path, manifest, members, sealed=False))
    refused(packed(path, manifest, members))
    refused(packed(path, manifest, members | digest, sealed=False))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"format": 1} trailing',
        b'{"format": 1, "format": 1}',
        b'{"format": NaN}',
        b'{"format": Infinity}',
        b'{"format": 1e999}',
        b'{"format": ' + b"9" * 100_000 + b"}",
        b"[" * 100_000,
        b'{"format": "\xff"}',
        '{"format": 1}'.encode("utf-16"),
        b"\xef\xbb\xbf" + b'{"format": 1}',
    ],
    ids=range(14),
)
def test_manifests_that_are_none_are_refused(tmp_path: Path, text: bytes) -> None:
    refused(packed(tmp_path / "map.i2m", text, {}))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(saved: bytes, tmp_path: Path, number: str) -> None:
    manifest, members = unpacked(saved)
    text = json.dumps(manifest).replace('"seconds": 1.25', f'"seconds": {number}')
    assert number in text
    refused(packed(tmp_path / "map.i2m", text.encode(), members))


@pytest.mark.parametrize(
    "name",
    ["weights", "hits", "label_counts", "distances", "picture_units", "picture_distances"],
)
class TestArrays:
    """Each array in turn is missing, of another kind, of another size, or hostile."""

    def spoil(
        self, saved: bytes, path: Path, name: str, change: Callable[[np.ndarray], np.ndarray]
    ) -> Path:
        manifest, members = unpacked(saved)
        swap(manifest, members, name, change(array_of(members[f"{name}.npy"])))
        return packed(path, manifest, members)

    def test_missing(self, saved: bytes, tmp_path: Path, name: str) -> None:
        manifest, members = unpacked(saved)
        without = {key: data for key, data in members.items() if key != f"{name}.npy"}
        refused(packed(tmp_path / "map.i2m", manifest, without))
        del manifest["arrays"][name]
        refused(packed(tmp_path / "map.i2m", manifest, members if name == "hits" else without))

    def test_renamed(self, saved: bytes, tmp_path: Path, name: str) -> None:
        manifest, members = unpacked(saved)
        for other in (f"../{name}.npy", f"/{name}.npy", f"{name}.NPY", f"{name}.npy\\x"):
            renamed = dict(members)
            renamed[other] = renamed.pop(f"{name}.npy")
            refused(packed(tmp_path / "map.i2m", manifest, renamed))

    def test_twice(self, saved: bytes, tmp_path: Path, name: str) -> None:
        path = packed(tmp_path / "map.i2m", *unpacked(saved))
        with (
            pytest.warns(UserWarning, match="Duplicate"),
            zipfile.ZipFile(path, "a") as archive,
        ):
            archive.writestr(f"{name}.npy", unpacked(saved)[1][f"{name}.npy"])
        refused(path)

    @pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8", "<i4", "<i8", "<u8", ">f8", ">i8", "?"])
    def test_of_another_type(self, saved: bytes, tmp_path: Path, name: str, dtype: str) -> None:
        usual = array_of(unpacked(saved)[1][f"{name}.npy"]).dtype
        if np.dtype(dtype) != usual:
            path = tmp_path / "map.i2m"
            refused(self.spoil(saved, path, name, lambda array: array.astype(dtype)))

    @pytest.mark.parametrize(
        "change",
        [
            lambda array: array[:-1],
            lambda array: np.concatenate([array, array[-1:]]),
            lambda array: array[None],
            lambda array: array.reshape(-1)[:0],
            lambda array: array.reshape(*array.shape, 1, 1),
        ],
        ids=["shorter", "longer", "deeper", "empty", "4d"],
    )
    def test_of_another_shape(
        self, saved: bytes, tmp_path: Path, name: str, change: Callable[[np.ndarray], np.ndarray]
    ) -> None:
        if name != "distances":  # of which there may be any number
            refused(self.spoil(saved, tmp_path / "map.i2m", name, change))

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -1])
    def test_holding_what_it_must_not(
        self, saved: bytes, tmp_path: Path, name: str, value: float
    ) -> None:
        def spoil(array: np.ndarray) -> np.ndarray:
            spoiled = array.copy()
            spoiled.reshape(-1)[0] = value
            return spoiled

        whole = name in ("hits", "label_counts", "picture_units")
        free = value == -1 and name in ("weights", "picture_units", "picture_distances")
        if not free and not (whole and value != -1):
            refused(self.spoil(saved, tmp_path / "map.i2m", name, spoil))

    def test_of_objects(self, saved: bytes, tmp_path: Path, name: str) -> None:
        manifest, members = unpacked(saved)
        shape, dtype = manifest["arrays"][name]["shape"], manifest["arrays"][name]["dtype"]
        swap(manifest, members, name, np.array([print, len], object))
        refused(packed(tmp_path / "map.i2m", manifest, members))
        manifest["arrays"][name] |= {"shape": shape, "dtype": dtype}
        refused(packed(tmp_path / "map.i2m", manifest, members))

    def test_changed_without_its_fingerprint(self, saved: bytes, tmp_path: Path, name: str) -> None:
        manifest, members = unpacked(saved)
        data = bytearray(members[f"{name}.npy"])
        data[-5] ^= 1
        refused(packed(tmp_path / "map.i2m", manifest, members | {f"{name}.npy": bytes(data)}))

    @pytest.mark.parametrize(
        "shape", [[10**9, 10**9], [2**63], [-1, -1], [10**30], [6.0], [True], "6", [], [1] * 5]
    )
    def test_said_to_be_of_an_absurd_size(
        self, saved: bytes, tmp_path: Path, name: str, shape: object
    ) -> None:
        manifest, members = unpacked(saved)
        manifest["arrays"][name]["shape"] = shape
        refused(packed(tmp_path / "map.i2m", manifest, members))


def test_units_that_are_not_on_the_map_are_refused(saved: bytes, tmp_path: Path) -> None:
    manifest, members = unpacked(saved)
    swap(manifest, members, "picture_units", np.full(100, 6, np.int64))
    refused(packed(tmp_path / "map.i2m", manifest, members))


def test_distances_out_of_order_are_refused(saved: bytes, tmp_path: Path) -> None:
    manifest, members = unpacked(saved)
    swap(manifest, members, "distances", array_of(members["distances.npy"])[::-1].copy())
    refused(packed(tmp_path / "map.i2m", manifest, members))


@pytest.mark.parametrize("name", ["extra.npy", "script.py", "../escape", "manifest.JSON", "nul\0"])
def test_unknown_members_are_refused(saved: bytes, tmp_path: Path, name: str) -> None:
    manifest, members = unpacked(saved)
    packed(tmp_path / "map.i2m", manifest, members | {name: b"x"})
    if "\0" not in name:  # zipfile itself ends a name there
        refused(tmp_path / "map.i2m")
    assert sorted(tmp_path.iterdir()) == [tmp_path / "map.i2m"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED])
def test_packed_arrays_are_refused(saved: bytes, tmp_path: Path, method: int) -> None:
    refused(packed(tmp_path / "map.i2m", *unpacked(saved), arrays=method))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_manifest_packed_in_another_way_is_refused(
    saved: bytes, tmp_path: Path, method: int
) -> None:
    refused(packed(tmp_path / "map.i2m", *unpacked(saved), text=method))


def test_an_encrypted_project_is_refused(saved: bytes, tmp_path: Path) -> None:
    data = bytearray(saved)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + flags] |= 1
            place = data.find(mark, place + 4)
    path = tmp_path / "map.i2m"
    path.write_bytes(data)
    refused(path)


def bombs(saved: bytes) -> Iterator[tuple[str, Manifest | bytes, Members, int]]:
    manifest, members = unpacked(saved)
    manifest["spec"]["size"] = [512, 512]
    manifest["params"] |= {"rows": 5, "columns": 5}
    zeros = b"\x93NUMPY" + b"\1\0" + struct.pack("<H", 118)
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (25, 262144), }"
    weights = zeros + text.ljust(117).encode() + b"\n" + bytes(4 * 25 * 262_144)
    manifest["arrays"]["weights"] = {
        "dtype": "<f4",
        "shape": [25, 262_144],
        "sha256": hashlib.sha256(weights).hexdigest(),
    }
    yield "array", manifest, members | {"weights.npy": weights}, zipfile.ZIP_DEFLATED
    yield "blanks", b" " * (17 << 20), {}, zipfile.ZIP_STORED
    yield "brackets", b"[[]," + b"[]," * (5 << 20) + b"[]]", {}, zipfile.ZIP_STORED


def test_bombs_are_refused_without_using_memory(saved: bytes, tmp_path: Path) -> None:
    for name, manifest, members, method in bombs(saved):
        path = packed(tmp_path / f"{name}.i2m", manifest, members, arrays=method)
        assert path.stat().st_size < 1 << 20
        tracemalloc.start()
        try:
            refused(path)
            assert tracemalloc.get_traced_memory()[1] < 64 << 20
        finally:
            tracemalloc.stop()


def test_a_part_beyond_its_limit_is_named(
    saved: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "map.i2m"
    path.write_bytes(saved)
    for limit, part in (("MAX_MANIFEST", "manifest.json"), ("MAX_ARRAY", "weights.npy")):
        with monkeypatch.context() as patch:
            patch.setattr(archive_module, limit, 1000)
            assert f"its part {part} is larger than" in refused(path)


def test_thousands_of_members_are_refused_at_once(tmp_path: Path) -> None:
    refused(packed(tmp_path / "map.i2m", b"{}", {f"{index}.npy": b"" for index in range(5000)}))


def test_other_files_folders_and_pipes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no project")
    (tmp_path / "empty").touch()
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("a.txt", "some other archive")
    os.mkfifo(tmp_path / "pipe")
    for name in ("text", "empty", "other.zip"):
        assert "is not an Image2Map project, or is damaged" in refused(tmp_path / name)
    assert "is not a file" in refused(tmp_path / "pipe")
    assert "is not a file" in refused(tmp_path)
    assert "there is no such project file" in refused(tmp_path / "none.i2m")
    assert refused(Path(f"{tmp_path}/{'x' * 300}"))


def test_no_code_in_a_project_is_ever_run(saved: bytes, tmp_path: Path) -> None:
    class Payload:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "I2M_PWNED"),)

    manifest, members = unpacked(saved)
    swap(manifest, members, "hits", np.array([Payload()], object))
    for dtype in ("|O", "<i8"):
        manifest["arrays"]["hits"] |= {"dtype": dtype, "shape": [6]}
        refused(packed(tmp_path / "map.i2m", manifest, members))
    assert not (tmp_path / "I2M_PWNED").exists()


def test_a_model_is_all_that_is_needed_to_classify(saved: bytes, tmp_path: Path) -> None:
    path = tmp_path / "map.i2m"
    path.write_bytes(saved)
    model = load_project(path).model
    assert isinstance(model, MapModel)
    assert model.hits.sum() == 100
    assert model.label_names == ("flat", "steep")
    assert model.label_counts.sum() == 50
    assert len(model.distances) == 100


def test_a_map_interrupted_just_after_an_epoch_opens(project: Project, tmp_path: Path) -> None:
    """Its last frame may be of an epoch whose figures were not noted any more."""
    cut = dataclasses.replace(project, history=project.history[:-1], runs=(), run=None)
    again = round_trip(cut, tmp_path / "map.i2m")
    assert again.frames.epochs == (0, 1, 2, 3)
    assert len(again.history) == 2
    with pytest.raises(ProjectError):
        round_trip(dataclasses.replace(cut, history=project.history[:1]), tmp_path / "map.i2m")
