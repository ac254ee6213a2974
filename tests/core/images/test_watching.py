"""What is new in folders, what is complete, and which label it gets."""

from __future__ import annotations

import os
from pathlib import Path

from data import write_picture

from image2map_gui.core.images.sources import Source, find_sources
from image2map_gui.core.images.watching import (
    Glance,
    glancing,
    labelled_like,
    settled,
    top_folders,
)


def glance(*tops: Path, known: frozenset[str] = frozenset()) -> Glance:
    *_, last = glancing([str(top) for top in tops], known)
    assert last.ready
    return last


def test_only_unknown_pictures_are_fresh_and_all_folders_are_told(tmp_path: Path) -> None:
    for name in ("cat/1.png", "dog/1.png", ".hidden/1.png"):
        write_picture(tmp_path / name)
    known = frozenset(source.address for source in find_sources([tmp_path]).sources)
    assert glance(tmp_path, known=known).fresh == ()
    write_picture(tmp_path / "dog" / "young" / "2.png")
    (tmp_path / "dog" / "notes.txt").write_text("no picture")
    now = glance(tmp_path, known=known)
    assert [source.label for source in now.fresh] == ["dog/young"]
    names = ["", "cat", "dog", "dog/young"]
    assert list(now.folders) == [str(tmp_path / name) for name in names]


def test_folders_that_are_empty_or_gone_have_nothing(tmp_path: Path) -> None:
    assert glance(tmp_path / "gone").folders == ()
    now = glance(tmp_path)
    assert (now.folders, now.fresh) == ((str(tmp_path),), ())


def test_a_file_that_grows_is_not_settled(tmp_path: Path) -> None:
    done, growing = write_picture(tmp_path / "done.png"), tmp_path / "growing.png"
    growing.write_bytes(b"half")
    first = glance(tmp_path)
    assert settled(first, {}) == ()
    growing.write_bytes(b"half and more")
    second = glance(tmp_path)
    assert [one.path for one in settled(second, first.facts)] == [str(done)]
    os.utime(done, ns=(1, 1))
    assert [one.path for one in settled(glance(tmp_path), second.facts)] == [str(growing)]


def test_new_pictures_are_labelled_like_their_folder() -> None:
    there = [
        Source("/a/x/1.png", label="kind x"),
        Source("/a/2.png"),
        Source("/b/1.png", label="p"),
    ]
    there.append(Source("/b/2.png", label="q"))
    fresh = [Source(f"/{name}.png", label="own") for name in ("a/x/9", "a/9", "b/9", "c/9")]
    labels = [source.label for source in labelled_like(fresh, there)]
    assert labels == ["kind x", None, "own", "own"]


def test_top_folders_are_those_within_no_other() -> None:
    paths = ("/a/b/1.png", "/a/b/c/1.png", "/a/bc/1.png", "/d/1.png", "/d/e/f/1.png")
    sources = [*map(Source, paths), Source("lines", 0, kind="sample")]
    assert top_folders(sources) == ("/a/b", "/a/bc", "/d")
