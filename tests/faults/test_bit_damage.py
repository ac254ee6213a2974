"""A project that was damaged, by chance or by design, is refused or opens as it was."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import random
import struct
import subprocess
import sys
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data import PROJECT
from projects import Manifest, Members, array_of, packed, plain, small_project, swap, unpacked

from image2map_gui.core.errors import ProjectError
from image2map_gui.core.images.collection import Group, LabelStyle, Parts, Split
from image2map_gui.core.project.embedded import Embedded
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project
from image2map_gui.core.project.save import save_project

Region = tuple[str, int, int]  # what lies there, where it begins and ends
full_only = [pytest.mark.faults, pytest.mark.timeout(1800)]


def whole_project() -> Project:
    """A project with something in every part that a file can have."""
    project = small_project()
    addresses = [source.address for source in project.sources]
    assert project.model is not None
    shades = np.random.default_rng(0).random((100, 256), np.float32)
    return dataclasses.replace(
        project,
        parts=Parts(excluded=frozenset(addresses[:3])).divided(project.sources, Split(0.1, 7)),
        selections=(Group("odd", frozenset(addresses[1::2])),),
        labels=(LabelStyle("steep", "#1e90ff"), LabelStyle("flat")),
        threads=2,
        given=("weights",),
        embedded=Embedded(shades),
    )


@pytest.fixture(scope="module")
def project() -> Project:
    return whole_project()


@pytest.fixture(scope="module")
def saved(project: Project, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("saved") / "map.i2m"
    save_project(project, path)
    return path.read_bytes()


def regions(data: bytes) -> list[Region]:
    """The head and the content of each member, its entry in the directory, and the end."""
    found: list[Region] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        place = archive.start_dir
        for member in archive.infolist():
            start = member.header_offset
            name, extra = struct.unpack("<HH", data[start + 26 : start + 30])
            begin = start + 30 + name + extra
            found.append((f"head of {member.filename}", start, begin))
            found.append((member.filename, begin, begin + member.compress_size))
            entry = 46 + len(member.filename) + len(member.extra)
            found.append((f"entry of {member.filename}", place, place + entry))
            place += entry
    return [*found, ("end", place, len(data))]


@pytest.mark.parametrize("count", [80, pytest.param(5000, marks=full_only)])
def test_a_flipped_bit_is_noticed_or_does_no_harm(
    project: Project, saved: bytes, tmp_path: Path, count: int
) -> None:
    path, expected = tmp_path / "map.i2m", plain(project)
    chance, parts = random.Random(1), regions(saved)
    found: Counter[str] = Counter()
    for number in range(count):
        what, start, stop = parts[number % len(parts)]
        damaged = bytearray(saved)
        damaged[chance.randrange(start, stop)] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        kind = what.partition(" ")[0] if " " in what or what == "end" else "content"
        try:
            same = plain(load_project(path)) == expected
        except ProjectError:
            found[f"{kind}: refused"] += 1
        else:
            found[f"{kind}: {'same' if same else 'CHANGED'}"] += 1
    sys.stdout.write(
        f"{count} flipped bits in {len(parts)} regions: {dict(sorted(found.items()))}\n"
    )
    assert sum(found.values()) == count
    assert not [kind for kind in found if kind.endswith("CHANGED")]
    assert not found["content: same"]


@pytest.mark.parametrize("step", [8192, pytest.param(512, marks=full_only)])
def test_zeroed_blocks_are_noticed(
    project: Project, saved: bytes, tmp_path: Path, step: int
) -> None:
    path = tmp_path / "map.i2m"
    expected = plain(project)
    for start in range(0, len(saved) - 512, step):
        path.write_bytes(saved[:start] + bytes(512) + saved[start + 512 :])
        try:  # a block may have been zeros
            assert plain(load_project(path)) == expected
        except ProjectError:
            continue
        assert not any(saved[start : start + 512])


# --- by design --------------------------------------------------------------------------------

GOOD = ("distances empty", "seconds = None", "seconds = -1", "seconds = 1.5", "run = None")
WRONG: tuple[Any, ...] = (None, True, -1, 1.5, 10**400, "text", [[]], {"a": 1})


def mutations(saved: bytes) -> Iterator[tuple[str, Callable[[Path], object]]]:
    """Names of damaged projects, and what writes each of them."""
    yield from _broken_files(saved)
    yield from _broken_archives(saved)
    yield from _wrong_arrays(saved)
    yield from _wrong_facts(saved)


def _broken_files(saved: bytes) -> Iterator[tuple[str, Callable[[Path], object]]]:
    size = len(saved)
    for share in range(12):
        yield (
            f"cut {share}",
            lambda path, share=share: path.write_bytes(saved[: size * share // 12]),
        )
    yield "cut by one", lambda path: path.write_bytes(saved[:-1])
    yield "one more", lambda path: path.write_bytes(saved + b"\0")
    yield "behind another", lambda path: path.write_bytes(b"MZ" * 50 + saved)
    yield "two in one", lambda path: path.write_bytes(saved + saved)
    yield "with a page behind", lambda path: path.write_bytes(saved + b"<html>")
    yield "zeros", lambda path: path.write_bytes(bytes(size))
    for start in range(0, size, size // 12):
        block = saved[:start] + bytes(600) + saved[start + 600 :]
        yield f"zeros from {start}", lambda path, block=block: path.write_bytes(block)
    chance = random.Random(2)
    for number in range(12):
        noise = bytearray(saved)
        place = chance.randrange(size - 64)
        noise[place : place + 64] = chance.randbytes(64)
        yield f"noise {number}", lambda path, noise=noise: path.write_bytes(noise)


def _broken_archives(saved: bytes) -> Iterator[tuple[str, Callable[[Path], object]]]:
    manifest, members = unpacked(saved)
    for name in members:
        less = {key: data for key, data in members.items() if key != name}
        yield f"without {name}", lambda path, less=less: packed(path, manifest, less)
        renamed = {(f"x{key}" if key == name else key): data for key, data in members.items()}
        yield f"renamed {name}", lambda path, renamed=renamed: packed(path, manifest, renamed)
    for name in list(members)[::4]:
        yield f"twice {name}", lambda path, name=name: _twice(path, saved, name, members[name])
    yield "twice manifest", lambda path: _twice(path, saved, "manifest.json", b"{}")
    yield "twice digest", lambda path: _twice(path, saved, "manifest.sha256", b"")
    yield "without seal", lambda path: packed(path, manifest, members, sealed=False)
    many = {f"{number}.npy": b"" for number in range(20_000)}
    yield "very many members", lambda path: packed(path, manifest, many)
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield (
            f"arrays packed {method}",
            lambda path, method=method: packed(path, manifest, members, arrays=method),
        )
        if method != zipfile.ZIP_DEFLATED:
            yield (
                f"manifest packed {method}",
                lambda path, method=method: packed(path, manifest, members, text=method),
            )
    for name, text in {
        "brackets": b"[" * 1_000_000,
        "lists": b"[" + b"[]," * 5_000_000 + b"[]]",
        "records": b"[" + b'{"a":[]},' * 1_700_000 + b"[]]",
        "digits": b'{"format": ' + b"9" * 1_000_000 + b"}",
        "long": b'"' + b"a" * (17 << 20) + b'"',
        "twice": b'{"format": 6, "format": 6}',
        "nan": b'{"format": 6, "seconds": NaN}',
        "infinity": b'{"format": 6, "seconds": 1e999}',
        "latin": '{"format": 6, "program": "\xe9"}'.encode("latin-1"),
        "utf-16": '{"format": 6}'.encode("utf-16"),
    }.items():
        yield (
            f"text of {name}",
            lambda path, text=text: packed(path, text, members, text=zipfile.ZIP_STORED),
        )


def _twice(path: Path, saved: bytes, name: str, data: bytes) -> None:
    path.write_bytes(saved)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(name, data)


def _wrong_arrays(saved: bytes) -> Iterator[tuple[str, Callable[[Path], object]]]:
    """Arrays whose hashes are right, so that the checks behind that are reached."""

    def write(path: Path, name: str, array: np.ndarray, **facts: object) -> None:
        manifest, members = unpacked(saved)
        swap(manifest, members, name, array)
        manifest["arrays"][name] |= facts
        packed(path, manifest, members)

    _, members = unpacked(saved)
    for name in members:
        name = name.removesuffix(".npy")
        good = array_of(members[f"{name}.npy"])
        bad: dict[str, np.ndarray] = {"complex": good.astype(complex), "empty": good[:0]}
        if good.dtype.kind == "f":
            for value in (np.nan, np.inf, -np.inf):
                bad[str(value)] = good.copy()
                bad[str(value)].flat[-1] = value
        if name in ("weights", "hits", "embedded_vectors", "file_names", "picture_units"):
            bad["objects"] = np.array([print, {}], object)
            bad["huge"] = np.zeros((*good.shape[:1], 5_000), good.dtype)
            bad["deep"] = good.reshape(good.shape + (1,) * 8)
            bad["texts"] = np.array(["a", "b"])
            bad["other order"] = good.astype(good.dtype.newbyteorder(">"))
        for kind, array in bad.items():
            if not (kind == "empty" and array.shape == good.shape):
                yield (
                    f"{name} {kind}",
                    lambda path, name=name, array=array: write(path, name, array),
                )
    shape = [2**40, 2]
    yield "weights of 8 TB", lambda path: write(path, "weights", good, dtype="<f4", shape=shape)


def _wrong_facts(saved: bytes) -> Iterator[tuple[str, Callable[[Path], object]]]:
    """Every field of the manifest with wrong values of all kinds."""

    def write(path: Path, spoil: Callable[[Manifest, Members], object]) -> None:
        manifest, members = unpacked(saved)
        spoil(manifest, members)
        packed(path, manifest, members)

    for version in (7, 999, 0, -1, True, "six", 6.0, None):
        yield (
            f"version {version}",
            lambda path, version=version: write(
                path, lambda manifest, _: manifest.update(format=version)
            ),
        )
    for name in (*unpacked(saved)[0], "unknown"):
        for value in WRONG:
            yield (
                f"{name} = {str(value)[:20]}",
                lambda path, name=name, value=value: write(
                    path, lambda manifest, _: manifest.update({name: value})
                ),
            )


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="memory as Linux tells it")
@pytest.mark.parametrize("step", [16, pytest.param(1, marks=full_only)])
@pytest.mark.slow
def test_damage_by_design_is_refused_quickly_and_in_little_memory(
    saved: bytes, tmp_path: Path, step: int
) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    names = []
    for number, (name, write) in enumerate(mutations(saved)):
        if number % step == 0:
            names.append(name)
            write(folder / f"{number:04}.i2m")
    (folder / "good.i2m").write_bytes(saved)
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("opening.py"), folder],
        env=os.environ | {"PYTHONPATH": f"{PROJECT}:{PROJECT / 'tests'}"},
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *outcomes, good = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(outcomes) == len(names)
    same = [name for name, one in zip(names, outcomes, strict=True) if "digest" in one]
    peak, slowest = max(one["peak"] for one in outcomes), max(one["seconds"] for one in outcomes)
    sys.stdout.write(
        f"{len(names)} damaged projects: {len(names) - len(same)} refused, opened as they were: "
        f"{same}; slowest {slowest:.2f} s, peak {peak:.0f} MB\n"
    )
    for name, one in zip(names, outcomes, strict=True):
        if name not in GOOD:
            assert one.get("digest", good["digest"]) == good["digest"], name
        if "refusal" in one:
            said = one["refusal"].removeprefix(f"{folder / one['name']}: ")
            assert said != one["refusal"], name
            assert said.endswith("."), name
            assert len(said.splitlines()) == 1
    assert slowest < 5
    assert peak < 500
    assert not list(tmp_path.rglob("*PWNED*"))
