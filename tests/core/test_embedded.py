"""Pictures that come with a project, and what is known of the files of those that do not."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from data import draw_lines, lines_dataset, run_command, train_model, write_picture
from projects import array_of, packed, plain, refused, swap, unpacked

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.sources import FileFacts, Found, Skipped, Source, find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project.embedded import Embedded, embedded_of
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project, brought, carried_over, project_of
from image2map_gui.core.project.save import save_project
from image2map_gui.core.som.params import SomParams


def embedding(what: str, **spec: object) -> tuple[Project, Dataset]:
    dataset = lines_dataset()
    if spec:
        found = dataclasses.replace(dataset.spec, **spec)
        *_, reading = read_dataset(Found(dataset.sources, ()), found)
        dataset = reading.dataset.fitted()
    model, last = train_model(dataset, rows=2, columns=2, epochs=1)
    project = project_of(dataset, model.params, last, (), 1.0)
    return dataclasses.replace(
        project, embedded=embedded_of(dataset, what, project.sources)
    ), dataset


@pytest.mark.parametrize("spec", [{}, {"features": "fourier", "reduction": "pca"}])
def test_vectors_come_back_and_are_the_pictures(tmp_path: Path, spec: dict[str, object]) -> None:
    project, dataset = embedding("vectors", **spec)
    save_project(project, tmp_path / "a.i2m")
    again = load_project(tmp_path / "a.i2m")
    assert plain(again) == plain(project)
    own = brought(again)
    assert own is not None
    assert np.array_equal(own.vectors, dataset.vectors)
    rows = np.arange(5)
    assert np.array_equal(own.pictures(rows), dataset.pictures(rows))


def test_thumbnails_come_back(tmp_path: Path) -> None:
    project, dataset = embedding("thumbnails")
    save_project(project, tmp_path / "a.i2m")
    again = load_project(tmp_path / "a.i2m")
    assert again.embedded is not None
    assert again.embedded.what == "thumbnails"
    assert again.embedded.thumbs is not None
    assert again.embedded.thumbs.shape == (100, 16, 16, 1)
    assert np.array_equal(again.embedded.thumbs, dataset.pictures(np.arange(100)))
    assert brought(again) is None


def test_pictures_that_were_not_read_cannot_come_with_it() -> None:
    dataset = lines_dataset()
    assert embedded_of(dataset, "no", dataset.sources) is None
    some = embedded_of(dataset, "vectors", dataset.sources[90:80:-1])
    assert some is not None
    assert some.vectors is not None
    assert np.array_equal(some.vectors, dataset.vectors[90:80:-1])
    with pytest.raises(ParameterError, match="not read"):
        embedded_of(dataset, "vectors", (Source("/other.png"),))


@pytest.mark.parametrize("what", ["vectors", "thumbnails"])
def test_wrong_ones_are_refused(tmp_path: Path, what: str) -> None:
    project, _ = embedding(what)
    path = tmp_path / "a.i2m"
    save_project(project, path)
    saved = path.read_bytes()
    name = {"vectors": "embedded_vectors", "thumbnails": "embedded_thumbs"}[what]
    for change in (lambda a: a[:-1], lambda a: a[:, :-1], lambda a: a[None], lambda a: a.ravel()):
        manifest, members = unpacked(saved)
        swap(
            manifest, members, name, np.ascontiguousarray(change(array_of(members[f"{name}.npy"])))
        )
        refused(packed(path, manifest, members))


def test_what_came_with_a_project_follows_its_pictures() -> None:
    project, dataset = embedding("vectors")
    fewer = dataclasses.replace(project, sources=project.sources[10:], embedded=None)
    found = carried_over(project, fewer).embedded
    assert found is not None
    assert found.vectors is not None
    assert np.array_equal(found.vectors, dataset.vectors[10:])
    more = dataclasses.replace(project, sources=(*project.sources, Source("/a.png")))
    assert carried_over(project, more).embedded is None
    other = dataclasses.replace(project, spec=ImageSpec(size=(8, 8)))
    assert carried_over(project, other).embedded is None
    hidden = dataclasses.replace(project, absolute_paths=False)
    assert carried_over(hidden, project).absolute_paths is False
    assert carried_over(None, project) is project


@pytest.mark.slow
@pytest.mark.parametrize("what", ["vectors", "no"])
def test_a_map_works_without_the_files_of_its_pictures(tmp_path: Path, what: str) -> None:
    lines = tmp_path / "lines"
    one = draw_lines(lines / "flat", 20) / "lines_08.png"
    draw_lines(lines / "steep", 20)
    path = tmp_path / "map.i2m"
    wanted = ("--rows", 3, "--columns", 3, "--epochs", 2, "--size", "8x8", "--embed", what)
    assert run_command("train", lines, "-o", path, *wanted, "--quiet").code == 0
    one = Path(shutil.copy(one, tmp_path / "one.png"))
    shutil.rmtree(lines)
    assert run_command("info", path, "--json").json["embedded"] == what
    method = "pictures" if what == "vectors" else "unit"
    near = run_command("classify", path, one, "--method", method, "--json").json
    assert near["matches"][0]["label"] in ("flat", "steep")
    assert near["matches"][0]["unit"] == load_project(path).picture_units[7]
    assert run_command("export", path, "mosaic", tmp_path / "map.png").code == 0


# What is known of the files


def test_it_is_known_what_files_were_like_when_they_were_read(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        write_picture(tmp_path / "in" / name, 70)
    found = find_sources([tmp_path / "in"])
    facts = [Path(source.path).stat() for source in found.sources]
    expected = [FileFacts(one.st_size, one.st_mtime_ns) for one in facts]
    assert [source.facts for source in found.sources] == expected
    *_, reading = read_dataset(found, ImageSpec(size=(6, 6)))
    sha = hashlib.sha256((tmp_path / "in/a.png").read_bytes()).digest()
    expected = [dataclasses.replace(one, sha256=sha) for one in expected]
    assert [source.facts for source in reading.dataset.sources] == expected
    project = Project(ImageSpec(), SomParams(), reading.dataset.sources)
    save_project(project, tmp_path / "map.i2m")
    assert [one.facts for one in load_project(tmp_path / "map.i2m").sources] == expected


def test_no_path_from_the_root_is_told_if_it_must_not(tmp_path: Path) -> None:
    secret = tmp_path / "home-of-somebody"
    write_picture(secret / "work/in/cat/1.png")
    write_picture(secret / "work/in/dog/2.png")
    found = find_sources([secret / "work/in"])
    skipped = (Skipped(f"{secret}/work/in/notes.txt", "is not a picture"),)
    project = Project(ImageSpec(), SomParams(), found.sources, skipped, absolute_paths=False)
    save_project(project, secret / "work/map.i2m")
    assert b"home-of-somebody" not in (secret / "work/map.i2m").read_bytes()
    _, members = unpacked((secret / "work/map.i2m").read_bytes())
    assert members["folder_paths.npy"][128:] == b""
    assert members["folder_ways.npy"][128:] == b"in/catin/dog"
    again = load_project(secret / "work/map.i2m")
    assert again.sources == found.sources
    assert again.skipped[0].path == "in/notes.txt"
    (secret / "work").rename(tmp_path / "elsewhere")
    moved = load_project(tmp_path / "elsewhere/map.i2m")
    assert [one.path for one in moved.sources] == [
        f"{tmp_path}/elsewhere/in/cat/1.png", f"{tmp_path}/elsewhere/in/dog/2.png"
    ]  # fmt: skip
    assert moved.absolute_paths is False


def test_embedded_arrays_are_told_apart() -> None:
    assert Embedded(np.zeros((1, 2), np.float32)).what == "vectors"
    assert Embedded(thumbs=np.zeros((1, 2, 2, 3), np.uint8)).what == "thumbnails"
