"""Pictures copied into folders: where each goes, nothing lost, nothing replaced."""

from __future__ import annotations

import dataclasses
import errno
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from data import draw_lines, model_with, write_idx, write_picture
from PIL import Image

from image2map_gui.core.errors import Image2MapError, ParameterError
from image2map_gui.core.export import folders
from image2map_gui.core.export.folders import Copying, Plan, copy_into_folders, plan_folders
from image2map_gui.core.images.sources import Source, find_sources, sample_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project.project import Project
from image2map_gui.core.som.params import SomParams


def placed(sources: Iterable[Source], units: list[int] | None = None) -> Project:
    """Return a project with a map of 1 x 3 units and pictures on them in turn."""
    found = tuple(sources)
    counts = {"a": [1, 1, 1]}
    model = model_with([[0.0], [0.1], [5.0]], counts)
    on = np.arange(len(found)) % 3 if units is None else np.array(units)
    return Project(
        ImageSpec(size=(1, 1)), SomParams(rows=1, columns=3), found, model=model,
        picture_units=on.astype(np.int64), picture_distances=np.zeros(len(found)),
    )  # fmt: skip


def copied(plan: Plan, out: Path, **options: bool) -> Copying:
    *_, last = copy_into_folders(plan, out, **options)
    return last


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return draw_lines(tmp_path / "pictures", 6)


def test_by_unit_every_picture_is_copied_to_the_folder_of_its_unit(
    pictures: Path, tmp_path: Path
) -> None:
    before = tree(pictures)
    project = placed(find_sources([pictures]).sources, [0, 2, 2, 0, -1, 2])
    plan = plan_folders(project, "unit")
    assert (plan.pictures, plan.left_out) == (5, 1)
    last = copied(plan, tmp_path / "out")
    assert (last.copied, last.failed, last.fraction) == (5, (), 1.0)
    names = [Path(source.path).name for source in project.sources]
    assert tree(tmp_path / "out") == {
        f"row 01 column {'01' if unit == 0 else '03'}/{name}": before[name]
        for name, unit in zip(names, [0, 2, 2, 0, -1, 2], strict=True)
        if unit >= 0
    }
    assert tree(pictures) == before


def test_by_cluster_units_that_are_alike_share_a_folder(pictures: Path, tmp_path: Path) -> None:
    project = placed(find_sources([pictures]).sources)
    copied(plan_folders(project, "cluster", clusters=2), tmp_path / "out")
    counts = {one.name: len(list(one.iterdir())) for one in (tmp_path / "out").iterdir()}
    assert counts == {"cluster 1 a": 4, "cluster 2 a": 2}


def test_labels_that_are_no_names_get_folders_of_their_own(pictures: Path, tmp_path: Path) -> None:
    labels = ["a/b", "a_b", "A_B", "../../up", "con", None]
    found = find_sources([pictures]).sources
    sources = [
        dataclasses.replace(source, label=label)
        for source, label in zip(found, labels, strict=True)
    ]
    plan = plan_folders(placed(sources, [-1] * 6), "label")
    assert copied(plan, tmp_path / "out").copied == 6
    made = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(made) == 6
    assert len({name.casefold() for name in made}) == 6
    assert {"_con", "no label"} <= set(made)
    assert {path.name for path in tmp_path.iterdir()} == {"pictures", "out"}
    assert {folder.title for folder in plan.folders} == {"no label", *labels[:-1]}


def test_a_label_called_as_the_folder_of_those_without_one_is_kept_apart(
    pictures: Path, tmp_path: Path
) -> None:
    first, second, *_ = find_sources([pictures]).sources
    sources = [dataclasses.replace(first, label="No label"), second]
    copied(plan_folders(placed(sources), "label"), tmp_path / "out")
    assert set(tree(tmp_path / "out")) == {
        f"No label/{first.name}", f"no label (2)/{second.name}"
    }  # fmt: skip


def test_equal_names_are_numbered_and_nothing_is_replaced(tmp_path: Path) -> None:
    sources = []
    for number in range(3):
        path = write_picture(tmp_path / f"from {number}" / "a.png", 50 * number)
        sources.append(Source(str(path)))
    out = tmp_path / "out"
    plan = plan_folders(placed(sources, [0, 0, 0]), "unit")
    copied(plan, out)
    folder = out / "row 01 column 01"
    first = tree(out)
    assert [first[f"{folder.name}/a{end}.png"] for end in ("", " (2)", " (3)")] == [
        Path(source.path).read_bytes() for source in sources
    ]
    with pytest.raises(Image2MapError, match="not empty"):
        next(copy_into_folders(plan, out))
    copied(plan, out, into_existing=True)
    second = tree(out)
    assert len(second) == 6
    assert first.items() <= second.items()


def test_members_are_copied_byte_for_byte_and_arrays_become_png(tmp_path: Path) -> None:
    picture = write_picture(tmp_path / "x.png").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("deep/../x:y.png", picture)
        archive.writestr("x.png", picture)
    digits = np.arange(2 * 5 * 4, dtype=np.uint8).reshape(2, 5, 4)
    write_idx(tmp_path / "t-images-idx3-ubyte", digits)
    np.save(tmp_path / "n.npy", digits[:1])
    paths = [tmp_path / name for name in ("a.zip", "t-images-idx3-ubyte", "n.npy")]
    sources = (*find_sources(paths).sources, *sample_sources("lines", 1).sources)
    last = copied(plan_folders(placed(sources, [0] * len(sources)), "unit"), tmp_path / "out")
    assert last.failed == ()
    made = {path.name: path for path in (tmp_path / "out" / "row 01 column 01").iterdir()}
    assert made["x_y.png"].read_bytes() == made["x.png"].read_bytes() == picture
    with Image.open(made["t-images-idx3-ubyte 2.png"]) as image:
        assert np.array_equal(np.asarray(image), digits[1])
    assert set(made) == {
        "x_y.png", "x.png", "t-images-idx3-ubyte 1.png", "t-images-idx3-ubyte 2.png", "n.npy 1.png",
        "lines 1.png",
    }  # fmt: skip


def test_further_pages_of_a_tiff_file_become_png(tmp_path: Path) -> None:
    pages = [Image.new("L", (7, 5), grey) for grey in (10, 200)]
    scan = tmp_path / "scans" / "scan.tif"
    scan.parent.mkdir()
    pages[0].save(scan, save_all=True, append_images=pages[1:])
    sources = find_sources([scan], pages="all").sources
    copied(plan_folders(placed(sources, [0, 0]), "unit"), tmp_path / "out")
    folder = tmp_path / "out" / "row 01 column 01"
    assert (folder / "scan.tif").read_bytes() == scan.read_bytes()
    with Image.open(folder / "scan.tif page 2.png") as image:
        assert image.getpixel((0, 0)) == 200


def test_what_cannot_be_copied_is_told_and_the_rest_is_copied(
    pictures: Path, tmp_path: Path
) -> None:
    project = placed(find_sources([pictures]).sources)
    gone, piped, *_ = project.sources
    Path(gone.path).unlink()
    Path(piped.path).unlink()
    Path(piped.path).mkdir()
    last = copied(plan_folders(project, "unit"), tmp_path / "out")
    assert last.copied == 4
    assert [one.path for one in last.failed] == [gone.path, piped.path]
    assert "no such file" in last.failed[0].reason
    assert len(tree(tmp_path / "out")) == 4


def test_folders_of_the_pictures_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    for label in ("cats", "dogs"):
        write_picture(root / label / "a.png")
    sources = find_sources([root]).sources
    plan = plan_folders(placed(sources), "label")
    link = tmp_path / "link"
    link.symlink_to(root)
    for out in (root / "sorted", root / "cats" / "new", link / "sorted", root):
        with pytest.raises(Image2MapError, match="where the pictures come from"):
            next(copy_into_folders(plan, out, into_existing=True))
    assert not (root / "sorted").exists()
    # A folder of a label that is the very folder its pictures lie in.
    (tmp_path / "lone").mkdir()
    write_picture(tmp_path / "lone" / "cats" / "a.png")
    lone = [Source(str(tmp_path / "lone" / "cats" / "a.png"), label="Cats and all")]
    plan = plan_folders(placed(lone), "label")
    (tmp_path / "lone" / "Cats and all").symlink_to(tmp_path / "lone" / "cats")
    with pytest.raises(Image2MapError, match="where the pictures come from"):
        next(copy_into_folders(plan, tmp_path / "lone", into_existing=True))
    assert copied(plan, tmp_path / "out").copied == 1


def test_files_and_links_in_the_way_of_a_folder_stop_only_its_pictures(
    pictures: Path, tmp_path: Path
) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / "row 01 column 01").write_text("here")
    (out / "row 01 column 02").symlink_to(elsewhere)
    project = placed(find_sources([pictures]).sources)
    last = copied(plan_folders(project, "unit"), out, into_existing=True)
    assert (last.copied, len(last.failed)) == (2, 4)
    assert not list(elsewhere.iterdir())
    assert (out / "row 01 column 01").read_text() == "here"


def test_places_that_cannot_be_are_refused_before_anything_is_made(
    pictures: Path, tmp_path: Path
) -> None:
    plan = plan_folders(placed(find_sources([pictures]).sources), "unit")
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name, words in (("file", "is a file"), ("no/such", "no folder"), ("dangling", "link")):
        with pytest.raises(Image2MapError, match=words):
            next(copy_into_folders(plan, tmp_path / name))
    assert not (tmp_path / "no").exists()


def test_orders_that_are_not_possible_are_told(pictures: Path) -> None:
    project = placed(find_sources([pictures]).sources)
    with pytest.raises(ParameterError, match="No picture has a label"):
        plan_folders(project, "label")
    with pytest.raises(ParameterError, match="unit, cluster, label"):
        plan_folders(project, "colour")
    with pytest.raises(ParameterError, match="no map"):
        plan_folders(dataclasses.replace(project, model=None), "unit")


def test_a_full_disk_ends_it_with_a_word_and_leaves_no_half_picture(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_folders(placed(find_sources([pictures]).sources), "unit")
    unfinished = folders.unfinished
    count = iter(range(100))

    def full(folder: Path) -> object:
        if next(count) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return unfinished(folder)

    monkeypatch.setattr(folders, "unfinished", full)
    with pytest.raises(Image2MapError, match="no space left on device; 2 of 6 pictures"):
        copied(plan, tmp_path / "out")
    assert len(tree(tmp_path / "out")) == 2


def test_stopping_within_a_large_picture_leaves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = tmp_path / "pictures" / "large.png"
    large.parent.mkdir()
    large.write_bytes(bytes(10_000))
    monkeypatch.setattr(folders, "_CHUNK", 1000)
    monkeypatch.setattr(folders.Breath, "due", lambda self: True)
    plan = plan_folders(placed([Source(str(large))]), "unit")
    steps = copy_into_folders(plan, tmp_path / "out")
    for _ in range(4):
        next(steps)
    assert len(tree(tmp_path / "out")) == 1
    steps.close()
    assert tree(tmp_path / "out") == {}
