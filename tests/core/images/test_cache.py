"""What is kept on the disk: found again whole, within bounds, and no trouble when it is not."""

from __future__ import annotations

import os
import random
import stat
import time
from pathlib import Path

import pytest

from image2map_gui.core.images.cache import Cache

NAMES = ["a", "/home/a picture.jpg", "x" * 5000, "n\N{SNOWMAN}\udcff\n", ""]


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "deep" / "cache")


def files(cache: Cache) -> list[Path]:
    return sorted(path for path in cache.folder.rglob("*") if path.is_file())


def trim(cache: Cache) -> int:
    return len(list(cache.trim()))


def fill(cache: Cache, count: int, size: int = 1000) -> None:
    """Keep some things, the first of them the oldest, by an hour each."""
    for index in range(count):
        cache.put(str(index), bytes([index % 256]) * size)
        path = cache._path(str(index))
        date = time.time() - 3600 * (count - index)
        os.utime(path, (date, date))


def left(cache: Cache, count: int) -> list[int]:
    return [index for index in range(count) if cache.get(str(index)) is not None]


def test_what_is_kept_is_found_again(cache: Cache) -> None:
    for index, name in enumerate(NAMES):
        assert cache.get(name) is None
        cache.put(name, bytes([index]) * index)
    for index, name in enumerate(NAMES):
        assert Cache(cache.folder).get(name) == bytes([index]) * index
    assert len(files(cache)) == len(NAMES)


def test_newer_bytes_take_the_place_of_older_ones(cache: Cache) -> None:
    cache.put("a", b"old")
    cache.put("a", b"new")
    assert cache.get("a") == b"new"
    assert len(files(cache)) == 1


def test_file_names_tell_nothing_and_nobody_else_may_look(cache: Cache) -> None:
    cache.put("secret holiday.jpg", b"pixels")
    (path,) = files(cache)
    assert "secret" not in str(path.relative_to(cache.folder))
    if os.name == "posix":
        assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700


def test_any_damage_is_noticed(cache: Cache) -> None:
    content = bytes(range(200))
    cache.put("a", content)
    (path,) = files(cache)
    whole = path.read_bytes()
    dice = random.Random(3)
    for _ in range(300):
        place = dice.randrange(len(whole))
        flipped = bytes([whole[place] ^ 1 << dice.randrange(8)])
        path.write_bytes(whole[:place] + flipped + whole[place + 1 :])
        assert cache.get("a") is None
        path.write_bytes(whole[:place])
        assert cache.get("a") is None
        path.write_bytes(whole + flipped)
        assert cache.get("a") is None
    cache.put("a", content)
    assert cache.get("a") == content


def test_a_file_under_the_name_of_another_is_not_believed(cache: Cache) -> None:
    cache.put("a", b"pixels of a")
    (first,) = files(cache)
    cache.put("b", b"pixels of b")
    (second,) = set(files(cache)) - {first}
    second.write_bytes(first.read_bytes())
    assert cache.get("b") is None


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file")
    cache.put("a", b"pixels")
    assert cache.get("a") is None
    assert trim(cache) == 0
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_write_that_fails_leaves_nothing(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put("a", b"old")

    def fail(_path: Path, target: Path) -> None:
        raise OSError(28, "No space left on device", str(target))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        cache.put("a", b"new")
        cache.put("b", b"new")
    assert cache.get("a") == b"old"
    assert cache.get("b") is None
    assert len(files(cache)) == 1


def test_what_is_too_large_is_not_kept(cache: Cache) -> None:
    cache.put("a", bytes(2 << 20))
    assert not cache.folder.exists()


def test_the_oldest_go_when_there_are_too_many_bytes(cache: Cache) -> None:
    bounded = Cache(cache.folder, most_bytes=20_240)  # a file has twelve bytes more
    fill(cache, 20)
    trim(bounded)
    assert left(cache, 20) == list(range(20))
    cache.put("one more", bytes(1000))
    trim(bounded)
    assert left(cache, 20) == [*range(3, 20)]
    assert cache.get("one more") is not None


def test_the_oldest_go_when_there_are_too_many_files(cache: Cache) -> None:
    fill(cache, 30, size=10)
    trim(Cache(cache.folder, most_files=20))
    assert left(cache, 30) == list(range(12, 30))


def test_what_is_used_is_young_again(cache: Cache) -> None:
    fill(cache, 40, size=10)
    assert cache.get("0") is not None  # forty hours old
    assert cache.get("35") is not None  # five hours old: young enough
    trim(Cache(cache.folder, most_files=20))
    assert left(cache, 40) == [0, *range(23, 40)]


def test_only_files_of_the_cache_are_ever_removed(cache: Cache) -> None:
    fill(cache, 5)
    (cache.folder / "notes.txt").write_text("mine")
    other = files(cache)[0].parent / "notes.txt"
    other.write_text("mine too")
    unfinished = other.with_name("killed-123.tmp")
    unfinished.write_bytes(b"half")
    trim(Cache(cache.folder, most_bytes=0))
    assert files(cache) == sorted([cache.folder / "notes.txt", other])


def test_trimming_comes_in_short_steps(cache: Cache) -> None:
    fill(cache, 350, size=10)
    assert trim(Cache(cache.folder, most_files=10)) >= 6
