"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from image2map_gui.core import files
from image2map_gui.core.files import NotConfirmedError, fingerprint, replacing, sweep


def write(path: Path, data: bytes) -> None:
    with replacing(path) as file:
        file.write(data)


@pytest.mark.parametrize(
    "name", ["a.txt", "\U0001f600" * 60 + ".i2m", "ж" * 120, "x" * 250, os.fsdecode(b"caf\xe9")]
)
def test_a_file_is_made_or_replaced(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for data in (b"first", b"second, and longer", b""):
        write(path, data)
        assert path.read_bytes() == data
        assert list(tmp_path.iterdir()) == [path]


def test_until_the_end_the_old_file_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write(path, b"old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt(), OSError(28, "full")])
def test_on_an_error_nothing_is_changed_and_nothing_left(
    tmp_path: Path, error: BaseException
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def fail() -> None:
        with replacing(path) as file:
            file.write(b"half of the new")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_when_the_disk_fails_nothing_is_changed_and_nothing_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fails)
        with pytest.raises(OSError, match=r"no space left on the disk: .* needed, .* free"):
            write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_drive_without_rights_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", fails)
    write(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("times", [3, 99])
def test_on_windows_a_file_that_is_held_for_a_moment_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    path, tried, slept = tmp_path / "a.txt", [], []
    path.write_bytes(b"old")
    really_replace = os.replace

    def held(*places: object) -> None:
        tried.append(places)
        if len(tried) <= times:
            raise PermissionError(errno.EACCES, "The process cannot access the file")
        really_replace(*places)

    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr(files, "_WINDOWS", True)
    monkeypatch.setattr(files.time, "sleep", slept.append)
    if times == 3:
        write(path, b"new")
    else:
        with pytest.raises(PermissionError):
            write(path, b"new")
    assert path.read_bytes() == (b"new" if times == 3 else b"old")
    assert len(slept) == min(times, 10)
    assert 1.0 < sum(files._WAITS) < 2.0
    assert list(tmp_path.iterdir()) == [path]


def test_on_windows_what_was_left_unfinished_goes_after_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_WINDOWS", True)
    old, new = (tmp_path / f".a.{files._host()}-4194300-0000000{one}.part" for one in (1, 2))
    for path in (old, new):
        path.write_bytes(b"half")
    long_ago = old.stat().st_mtime - 86_500
    os.utime(old, (long_ago, long_ago))
    assert sweep(tmp_path) == 1
    assert list(tmp_path.iterdir()) == [new]


def test_the_data_reach_the_disk_before_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    really_sync, really_replace = os.fsync, os.replace

    def sync(handle: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file"
        calls.append(f"sync {kind} {os.fstat(handle).st_size if kind == 'file' else ''}".strip())
        really_sync(handle)

    def replace(*places: object) -> None:
        calls.append("replace")
        really_replace(*places)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", replace)
    write(tmp_path / "a.txt", b"12345")
    assert calls == ["sync file 5", "replace", "sync folder"]


def test_the_rights_of_a_file_are_kept_and_those_of_a_new_one_usual(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    before = os.umask(0o027)
    try:
        write(path, b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    write(path, b"newer")
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "none/a.txt", b"new")


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    host = files._host()
    swept = [f".a.txt.{host}-{gone.pid}-0123abcd.part", f".\n.{host}-{gone.pid}-00000000.part"]
    kept = [
        f".a.txt.{host}-{os.getpid()}-0123abcd.part",  # of a process that is alive
        f".a.txt.{host}-1-0123abcd.part",
        f".a.txt.00000000-{gone.pid}-0123abcd.part",  # of another computer
        f"a.txt.{host}-{gone.pid}-0123abcd.part",
        ".a.txt.part",
        f".a.txt.{host}-{gone.pid}-0123abcd.part2",
    ]
    for name in (*swept, *kept):
        (tmp_path / name).write_bytes(b"half")
    write(tmp_path / "b.txt", b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*kept, "b.txt"])
    assert sweep(tmp_path) == 0
    assert sweep(tmp_path / "none") == 0


def test_the_old_file_is_kept_as_a_copy(tmp_path: Path) -> None:
    path, backup = tmp_path / "a.txt", tmp_path / "a.txt~"
    for data in (b"1", b"2", b"3"):
        with replacing(path, backup=backup) as file:
            file.write(data)
        assert path.read_bytes() == data
    assert backup.read_bytes() == b"2"
    backup.unlink()
    backup.hardlink_to(path)  # as a crash between the two names leaves it
    with replacing(path, backup=backup) as file:
        file.write(b"4")
    assert (path.read_bytes(), backup.read_bytes()) == (b"4", b"3")
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("full", [False, True])
def test_where_there_are_no_links_the_copy_is_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    path, backup = tmp_path / "a.txt", tmp_path / "a.txt~"

    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    path.write_bytes(b"old")
    monkeypatch.setattr(os, "link", fails)
    if full:
        monkeypatch.setattr(shutil, "copy2", fails)
    with replacing(path, backup=backup) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert [one.read_bytes() for one in tmp_path.iterdir() if one == backup] == [b"old"] * (
        not full
    )
    assert len(list(tmp_path.iterdir())) == 2 - full


def test_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.txt"
    link.symlink_to("there/a.txt")
    for data in (b"1", b"2"):
        write(link, data)
        assert link.is_symlink()
        assert (tmp_path / "there/a.txt").read_bytes() == data
    assert len(list(tmp_path.iterdir())) == 2


def test_a_read_only_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(PermissionError, match="it is read-only"):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_does_not_confirm_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_sync = os.fsync

    def sync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        really_sync(handle)

    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(NotConfirmedError, match="in place"):
        write(tmp_path / "a.txt", b"new")
    assert (tmp_path / "a.txt").read_bytes() == b"new"


def test_a_fingerprint_tells_of_any_change(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    assert fingerprint(path) is None
    assert fingerprint(tmp_path) is None
    path.write_bytes(b"old" * 50_000)
    facts, first = path.stat(), fingerprint(path)
    assert fingerprint(path) == first
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1))
    assert fingerprint(path) != first  # touched
    path.write_bytes(b"old" * 49_999 + b"new")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert fingerprint(path) != first  # as long and as old as before
