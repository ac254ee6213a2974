"""Finding pictures: folders, labels, order, and everything that lies about in folders."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import numpy as np
import pytest
from data import write_idx, write_picture
from PIL import Image

from image2map_gui.core.errors import SourceError
from image2map_gui.core.images.sources import (
    Found,
    Source,
    find_sources,
    finding,
    sample_sources,
    without_labels,
)


def names(found: Found) -> list[str]:
    return [Path(source.path).name for source in found.sources]


def labels(found: Found) -> dict[str, str | None]:
    return {Path(source.path).name: source.label for source in found.sources}


def reasons(found: Found) -> dict[str, str]:
    return {Path(one.path).name: one.reason for one in found.skipped}


def test_a_folder_is_searched_to_the_bottom_and_its_folders_are_labels(tmp_path: Path) -> None:
    for name in ("cat/a.png", "cat/b.JPG", "dog/c.gif", "dog/small/d.bmp", "e.webp"):
        write_picture(tmp_path / name)
    found = find_sources([tmp_path])
    assert labels(found) == {
        "a.png": "cat",
        "b.JPG": "cat",
        "c.gif": "dog",
        "d.bmp": "dog/small",
        "e.webp": None,
    }
    assert not found.skipped
    assert all(Path(source.path).is_absolute() for source in found.sources)


def test_what_all_labels_have_in_common_is_left_out(tmp_path: Path) -> None:
    for name in ("data/train/cat/a.png", "data/train/dog/b.png", "data/train/dog/old/c.png"):
        write_picture(tmp_path / name)
    assert labels(find_sources([tmp_path])) == {"a.png": "cat", "b.png": "dog", "c.png": "dog/old"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("x/a.png",), [None]),  # a label that tells none from another
        (("x/y/a.png", "x/y/b.png"), [None, None]),
        (("x/a.png", "x/y/b.png"), ["x", "x/y"]),
        (("x/y/a.png", "x/z/b.png", "c.png"), ["y", "z", None]),
        (("xa/a.png", "xb/b.png"), ["xa", "xb"]),
    ],
)
def test_labels_stay_labels_when_shortened(
    tmp_path: Path, files: tuple[str, ...], expected: list[str | None]
) -> None:
    for name in files:
        write_picture(tmp_path / name)
    assert sorted(labels(find_sources([tmp_path])).items()) == [
        (Path(name).name, label) for name, label in zip(files, expected, strict=True)
    ]


def test_pictures_come_in_natural_order(tmp_path: Path) -> None:
    for name in ("img10.png", "img9.png", "IMG1.png", "b/2.png", "b/10.png", "a.png", "Z.png"):
        write_picture(tmp_path / name)
    found = names(find_sources([tmp_path]))
    assert found == ["a.png", "2.png", "10.png", "IMG1.png", "img9.png", "img10.png", "Z.png"]


def test_several_places_are_taken_in_the_order_they_are_named(tmp_path: Path) -> None:
    one, two = write_picture(tmp_path / "z/1.png"), write_picture(tmp_path / "a/2.png")
    assert names(find_sources([one, two])) == ["1.png", "2.png"]
    assert names(find_sources([tmp_path / "z", str(two)])) == ["1.png", "2.png"]


def test_hidden_and_side_files_are_passed_over(tmp_path: Path) -> None:
    side = (".hidden.png", ".git/a.png", "Thumbs.db", "desktop.ini", "__MACOSX/._b.png")
    for name in side:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"side")
    write_picture(tmp_path / "good.png")
    found = find_sources([tmp_path])
    assert names(found) == ["good.png"]
    assert not found.skipped
    assert names(find_sources([write_picture(tmp_path / ".named.png")])) == [".named.png"]


def test_other_files_are_skipped_and_listed(tmp_path: Path) -> None:
    write_picture(tmp_path / "good.png")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "empty").touch()
    found = find_sources([tmp_path])
    assert names(found) == ["good.png"]
    assert reasons(found) == {"notes.txt": "is not a picture", "empty": "is not a picture"}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "PPM"])
def test_pictures_are_known_by_their_content_where_their_name_does_not_tell(
    tmp_path: Path, kind: str
) -> None:
    Image.new("RGB", (5, 5)).save(tmp_path / "picture", kind)
    assert names(find_sources([tmp_path])) == ["picture"]


def test_a_file_that_is_named_is_taken_for_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("it is for the decoder to say that this is none")
    assert find_sources([path]).sources == (Source(str(path)),)


def test_one_file_is_taken_once(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a/x.png")
    (tmp_path / "a/y.png").hardlink_to(path)
    (tmp_path / "a/z.png").symlink_to(path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert names(find_sources([tmp_path])) == ["x.png"]
    assert names(find_sources([path, path, tmp_path / "a", tmp_path / "b"])) == ["x.png"]


def test_links_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    write_picture(tmp_path / "in/x.png")
    (tmp_path / "in/up").symlink_to(tmp_path)
    (tmp_path / "in/self").symlink_to(tmp_path / "in/self")
    (tmp_path / "in/gone.png").symlink_to(tmp_path / "nowhere")
    found = find_sources([tmp_path])
    assert names(found) == ["x.png"]
    assert sorted(reasons(found)) == ["gone.png", "self"]
    assert all(reasons(found).values())


def test_pipes_sockets_and_devices_are_skipped_without_waiting(tmp_path: Path) -> None:
    write_picture(tmp_path / "good.png")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "device.png").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket.png"))
        found = find_sources([tmp_path])
    assert names(found) == ["good.png"]
    assert set(reasons(found).values()) == {"is not a regular file"}
    with pytest.raises(SourceError, match="not a regular file"):
        find_sources([tmp_path / "pipe.png"])


def test_folders_may_be_nested_deeper_than_python_calls(tmp_path: Path) -> None:
    path, depth = str(tmp_path), 0
    while depth < 1.1 * sys.getrecursionlimit():
        path += "/d"
        os.mkdir(path)  # noqa: PTH102 - quicker by far than as many Path objects
        depth += 1
    try:
        Image.new("L", (3, 3)).save(f"{path}/x.png")
        (source,) = find_sources([tmp_path], part="t10k").sources
        assert source.label == "/".join("d" * depth)
    finally:  # what pytest removes folders with is recursive
        Path(f"{path}/x.png").unlink(missing_ok=True)
        for _ in range(depth):
            os.rmdir(path)  # noqa: PTH106
            path = path.removesuffix("/d")


@pytest.mark.parametrize(
    "name",
    [
        b"two\nlines.png",
        b"latin1_caf\xe9.png",
        b"bell\x07.png",
        "مرحبا.png".encode(),
        "\u202egnp.exe.png".encode(),
        b"<b>&amp;.png",
        b"=1+1.png",
        b"x" * 251 + b".png",
    ],
)
def test_odd_names_are_found_as_they_are(tmp_path: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    write_picture(tmp_path / "plain.png").rename(path)
    (source,) = find_sources([tmp_path]).sources
    assert os.fsencode(source.path) == os.fsencode(path)
    assert source.name == path.name


def test_a_folder_one_may_not_enter_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_picture(tmp_path / "open/a.png")
    write_picture(tmp_path / "shut/b.png")
    really = os.scandir

    def guarded(path: Path) -> object:
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied")
        return really(path)

    monkeypatch.setattr(os, "scandir", guarded)  # as root no folder is closed
    found = find_sources([tmp_path])
    assert names(found) == ["a.png"]
    assert reasons(found) == {"shut": "permission denied"}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "none", "there is no such file or folder"),
        (lambda folder: folder / "file.png/none", "there is no such file or folder"),
        (lambda folder: Path(f"{folder}/nul\0"), "there is no such file or folder"),
        (lambda folder: Path(f"{folder}/{'x' * 300}"), "name too long"),
        (lambda folder: folder / "empty", "there are no pictures in it"),
        (lambda folder: folder / "notes", "notes.txt: is not a picture"),
        (lambda folder: folder / "many", "none of the 3 files is a picture"),
    ],
    ids=["missing", "below a file", "nul", "too long", "empty", "one other", "many others"],
)
def test_where_there_are_no_pictures_the_reason_is_said(
    tmp_path: Path, make: object, said: str
) -> None:
    (tmp_path / "empty/.git").mkdir(parents=True)
    write_picture(tmp_path / "file.png")
    for name in ("notes/notes.txt", "many/1.txt", "many/2.txt", "many/3.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("no picture")
    with pytest.raises(SourceError, match=said):
        find_sources([make(tmp_path)])


def test_one_missing_place_among_others_is_an_error(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    with pytest.raises(SourceError, match="gone"):
        find_sources([tmp_path, tmp_path / "gone"])


# IDX files


def write_pair(folder: Path, part: str, count: int = 3, marks: int | None = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pictures = np.zeros((count, 4, 5), np.uint8)
    write_idx(folder / f"{part}-images-idx3-ubyte", pictures)
    write_idx(folder / f"{part}-labels-idx1-ubyte", np.arange(marks or count, dtype=np.uint8) + 3)


@pytest.mark.parametrize(("part", "count"), [("train", 3), ("t10k", 2)])
def test_of_a_folder_with_idx_files_the_wanted_pair_is_taken(
    tmp_path: Path, part: str, count: int
) -> None:
    write_pair(tmp_path, "train", 3)
    write_pair(tmp_path, "t10k", 2)
    found = find_sources([tmp_path], part)
    images = str(tmp_path / f"{part}-images-idx3-ubyte")
    assert [source.path for source in found.sources] == [images] * count
    assert [source.index for source in found.sources] == list(range(count))
    assert [source.label for source in found.sources] == ["3", "4", "5"][:count]
    assert {source.kind for source in found.sources} == {"idx"}
    assert found.sources[1].address == f"{images}#1"
    assert found.sources[1].name == f"{part}-images-idx3-ubyte 2"
    assert not found.skipped


def test_of_a_folder_without_the_wanted_pair_the_other_one_is_taken(tmp_path: Path) -> None:
    write_pair(tmp_path, "t10k", 2)
    assert len(find_sources([tmp_path], "train").sources) == 2


def test_an_idx_file_may_have_no_labels(tmp_path: Path) -> None:
    path = write_idx(tmp_path / "my-images-idx3-ubyte", np.zeros((3, 4, 5), np.uint8))
    assert [source.label for source in find_sources([path]).sources] == [None] * 3


def test_pictures_and_labels_that_do_not_match_are_refused(tmp_path: Path) -> None:
    write_pair(tmp_path, "train", 10, marks=9)
    with pytest.raises(SourceError, match=r"10 pictures.*labels holds 9"):
        find_sources([tmp_path])


def test_a_bad_idx_file_among_pictures_is_skipped(tmp_path: Path) -> None:
    write_picture(tmp_path / "good.png")
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"rubbish")
    found = find_sources([tmp_path])
    assert names(found) == ["good.png"]
    assert reasons(found) == {"train-images-idx3-ubyte": "is no IDX file"}


def test_a_file_of_labels_is_no_pictures(tmp_path: Path) -> None:
    path = write_idx(tmp_path / "x-images-idx3-ubyte", np.zeros(10, np.uint8))
    with pytest.raises(SourceError, match="holds labels, not pictures"):
        find_sources([path])


# Samples and labels


def test_a_drawn_sample_is_a_collection_too() -> None:
    found = sample_sources("lines", 12)
    assert len(found.sources) == 12
    assert found.sources[4] == Source("lines", 4, None, "sample")
    assert found.sources[4].address == "lines#4"
    assert found.sources[4].name == "lines 5"
    with pytest.raises(SourceError, match=r"no sample 'nope'.*lines"):
        sample_sources("nope")


def test_labels_can_be_taken_away(tmp_path: Path) -> None:
    write_picture(tmp_path / "cat/a.png")
    write_picture(tmp_path / "dog/b.png")
    found = find_sources([tmp_path])
    plain = without_labels(found.sources)
    assert [source.label for source in plain] == [None, None]
    assert [source.path for source in plain] == [source.path for source in found.sources]


@pytest.mark.slow
def test_finding_tells_how_many_there_are_so_far(tmp_path: Path) -> None:
    for index in range(3000):
        (tmp_path / str(index % 7)).mkdir(exist_ok=True)
        (tmp_path / str(index % 7) / f"{index}.png").touch()
    *steps, last = finding([tmp_path])
    assert steps
    assert all(step.found is None for step in steps)
    assert [step.count for step in steps] == sorted(step.count for step in steps)
    assert last.count == 3000
    assert last.found == find_sources([tmp_path])
