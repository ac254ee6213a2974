"""Files that were moved are found again, and never mistaken for others."""

from __future__ import annotations

import os
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.images.relocating import locating, missing_files, relocated


def test_a_folder_that_was_moved_takes_its_files_along() -> None:
    missing = ["/old/photos/cat/1.png", "/old/photos/cat/2.png", "/old/photos/dog/1.png"]
    there = ["/new/pets/photos/dog/1.png", "/new/pets/photos/cat/1.png", "/new/x/readme.txt"]
    assert relocated(missing, there) == {
        "/old/photos/cat/1.png": "/new/pets/photos/cat/1.png",
        "/old/photos/dog/1.png": "/new/pets/photos/dog/1.png",
    }


def test_the_longest_common_end_decides() -> None:
    missing = ["/a/b/c/1.png"]
    there = ["/x/c/1.png", "/y/b/c/1.png", "/z/1.png"]
    assert relocated(missing, there) == {"/a/b/c/1.png": "/y/b/c/1.png"}


def test_of_two_that_fit_equally_well_none_is_taken() -> None:
    assert relocated(["/a/c/1.png"], ["/x/c/1.png", "/y/c/1.png"]) == {}


def test_of_two_the_one_with_more_of_the_files_is_taken() -> None:
    missing = ["/a/c/1.png", "/a/c/2.png"]
    there = ["/x/c/1.png", "/y/c/1.png", "/y/c/2.png"]
    assert relocated(missing, there) == {
        "/a/c/1.png": "/y/c/1.png",
        "/a/c/2.png": "/y/c/2.png",
    }


def test_a_renamed_folder_is_known_by_its_files() -> None:
    missing = [f"/old/holiday/{index}.png" for index in range(10)]
    there = [f"/new/trip/{index}.png" for index in range(8)]
    assert len(relocated(missing, there)) == 8


def test_a_few_names_in_common_do_not_make_a_folder_the_same() -> None:
    missing = [f"/old/holiday/{index}.png" for index in range(10)]
    there = [f"/new/trip/{index}.png" for index in range(4)]
    assert relocated(missing, there) == {}


def test_no_file_stands_for_two() -> None:
    missing = ["/old/flat/1.png", "/old/steep/1.png"]
    assert relocated(missing, ["/new/steep/1.png"]) == {"/old/steep/1.png": "/new/steep/1.png"}


def test_files_of_two_folders_may_now_lie_in_one() -> None:
    missing = ["/old/a/1.png", "/old/b/2.png"]
    assert relocated(missing, ["/new/1.png", "/new/2.png"]) == {
        "/old/a/1.png": "/new/1.png",
        "/old/b/2.png": "/new/2.png",
    }


names = st.text(string.ascii_lowercase[:4], min_size=1, max_size=2)
paths = st.lists(names, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


@given(st.lists(paths, unique=True, max_size=12), st.lists(paths, unique=True, max_size=12))
def test_names_stay_and_no_file_is_used_twice(missing: list[str], there: list[str]) -> None:
    moved = relocated(missing, there)
    assert set(moved) <= set(missing)
    assert set(moved.values()) <= set(there)
    assert len(set(moved.values())) == len(moved)
    assert all(Path(old).name == Path(new).name for old, new in moved.items())


@given(st.lists(paths, unique=True, max_size=12))
def test_a_whole_tree_that_was_moved_is_found_whole(tree: list[str]) -> None:
    old = [f"/was/here{path}" for path in tree]
    moved = relocated(old, [f"/is/there/now/here{path}" for path in tree])
    assert moved == {path: path.replace("/was/", "/is/there/now/") for path in old}


def test_what_is_missing_is_found_on_the_disk(tmp_path: Path) -> None:
    for name in ("old/cat/1.png", "old/dog/1.png", "old/dog/2.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    files = sorted(str(path) for path in tmp_path.rglob("*.png"))
    *_, last = missing_files([*files, str(tmp_path / "gone.png")])
    assert last.missing == {str(tmp_path / "gone.png")}
    (tmp_path / "old").rename(tmp_path / "new")
    (tmp_path / "loop").symlink_to(tmp_path)
    *_, last = locating(files, tmp_path)
    assert last.moved == {path: path.replace("/old/", "/new/") for path in files}
    assert last.missing == set(files)


def test_a_file_that_is_in_the_collection_stands_for_no_other(tmp_path: Path) -> None:
    (tmp_path / "1.png").touch()
    *_, last = locating([str(tmp_path / "1.png"), "/gone/1.png"], tmp_path)
    assert last.moved == {}


def test_looking_takes_short_steps(tmp_path: Path) -> None:
    for index in range(5000):
        os.close(os.open(tmp_path / f"{index}.png", os.O_CREAT))
    steps = list(locating([f"/gone/{index}.png" for index in range(5000)], tmp_path))
    assert len(steps) >= 2
    assert len(steps[-1].moved or ()) == 5000


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_names_that_are_no_text_are_found(tmp_path: Path) -> None:
    odd = os.fsdecode(b"pict\xff.png")
    (tmp_path / odd).touch()
    *_, last = locating([f"/gone/{odd}"], tmp_path)
    assert last.moved == {f"/gone/{odd}": str(tmp_path / odd)}
